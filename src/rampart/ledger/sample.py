"""The packaged list of attacks, for trying the ledger and as the measure of its figures."""

from importlib import resources
from pathlib import Path


def sample_path() -> Path:
    """Return the file of the 97 attacks in Iraq, October 2019 to December 2020."""
    return Path(str(resources.files("rampart"))) / "ledger" / "samples" / "iraq_2019_2020_attacks.csv"

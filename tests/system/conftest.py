"""One demo for all the system tests, run as a user would run it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def rampart(*arguments, folder: Path, check: bool = True, **environment) -> subprocess.CompletedProcess:
    """Run the command in a process of its own."""
    command = [sys.executable, "-m", "rampart.cli", *map(str, arguments)]
    done = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | environment,
        check=False,
    )
    if check and done.returncode != 0:
        raise AssertionError(f"{arguments}: status {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done


@pytest.fixture(scope="session")
def demo(tmp_path_factory) -> Path:
    """Return the folder that `rampart demo` wrote."""
    folder = tmp_path_factory.mktemp("demo")
    done = rampart("demo", folder=folder)
    assert "7 projectiles sensed (simulated)" in done.stdout
    return folder / "rampart-demo"

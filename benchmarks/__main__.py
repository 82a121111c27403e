"""`make bench`: speed and accuracy, each beside its peer in one run; writes results and docs/benchmarks.md."""

import json
import os
import platform
from pathlib import Path

from benchmarks import chain, decoding, exactness, flights, flood, registration
from benchmarks.table import markdown

MODULES = (flights, exactness, decoding, chain, registration, flood)
ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Run every benchmark, print its rows, and write them down."""
    groups = {}
    for module in MODULES:
        print(f"== {module.TITLE}", flush=True)
        groups[module.__name__.split(".")[-1]] = rows = module.measure()
        for row in rows:
            print("  ", row, flush=True)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    results = ROOT / "benchmarks" / "results"
    results.mkdir(exist_ok=True)
    for name, rows in groups.items():
        (results / f"{name}.json").write_text(json.dumps({"machine": machine, "rows": rows}, indent=1) + "\n")
    titles = {name: module.TITLE for name, module in zip(groups, MODULES, strict=True)}
    (ROOT / "docs" / "benchmarks.md").write_text(markdown(machine, groups, titles))


if __name__ == "__main__":
    main()

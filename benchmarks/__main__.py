"""`make bench`: speed and accuracy, each beside its peer in one run; writes results and docs/benchmarks.md.

`python -m benchmarks flights flood` measures these alone; the page keeps what was measured before of the others.
`--seeds` and `--workers` go to those that take them.
"""

import argparse
import inspect
import json
import os
import platform
import sys
from pathlib import Path

from benchmarks import (
    apogee,
    articles,
    chain,
    decision,
    decoding,
    exactness,
    fates,
    flights,
    flood,
    forecast,
    forecast_speed,
    hardset,
    ledger,
    nuisance,
    registration,
    salvo,
    sites,
    stress,
    warning,
)
from benchmarks.table import markdown

MODULES = {
    module.__name__.split(".")[-1]: module
    for module in (
        flights,
        exactness,
        decoding,
        chain,
        salvo,
        stress,
        hardset,
        registration,
        flood,
        forecast,
        forecast_speed,
        sites,
        fates,
        apogee,
        ledger,
        articles,
        nuisance,
        warning,
        decision,
    )
}
ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"


def main() -> None:
    """Run the benchmarks named, or every one, print their rows, and write each down as soon as it is measured."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--seeds", type=int)
    parser.add_argument("--workers", type=int)
    options = parser.parse_args()
    wanted = options.names or list(MODULES)
    if unknown := [name for name in wanted if name not in MODULES]:
        sys.exit(f"{unknown[0]}: wanted {', '.join(MODULES)}")
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    RESULTS.mkdir(exist_ok=True)
    for name in wanted:
        print(f"== {MODULES[name].TITLE}", flush=True)
        measure = MODULES[name].measure
        taken = inspect.signature(measure).parameters
        rows = measure(
            **{key: n for key in ("seeds", "workers") if key in taken and (n := vars(options)[key])}
        )
        for row in rows:
            print("  ", row, flush=True)
        kept = {"machine": machine, "rows": rows}
        (RESULTS / f"{name}.json").write_text(json.dumps(kept, indent=1) + "\n")
        _write_page(machine)


def _write_page(machine: str) -> None:
    """Write the page of all that has been measured."""
    files = {name: RESULTS / f"{name}.json" for name in MODULES}
    groups = {name: json.loads(file.read_text())["rows"] for name, file in files.items() if file.exists()}
    titles = {name: MODULES[name].TITLE for name in groups}
    (ROOT / "docs" / "benchmarks.md").write_text(markdown(machine, groups, titles))


if __name__ == "__main__":
    main()

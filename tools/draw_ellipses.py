"""Draws how the forecast's ellipse of one projectile of a simulated run shrinks toward the Cramér–Rao bound's.

Example:  python tools/draw_ellipses.py my-run --projectile p1 --out ellipses.svg
"""

import argparse
import sys
from pathlib import Path

from rampart.domain.wire import event_of, incident_of
from rampart.errors import InputError, RampartError
from rampart.evaluate.ellipse_svg import draw_shrinking, shrinking
from rampart.evaluate.metrics import ellipse_axes
from rampart.evaluate.record import RunRecord, seen_of
from rampart.record.journal import read_journal
from rampart.runner import flown_again, looks_of
from rampart.simulate.sensor import bystanders

TIMES_S = (3.0, 5.0, 8.0, 10.0, 15.0, 20.0)


def main() -> None:
    """Draw, and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path, help="a folder that rampart run or demo wrote")
    parser.add_argument("--projectile", default="p1", help="its id in truth.json")
    parser.add_argument("--out", type=Path, default=Path("ellipses.svg"))
    arguments = parser.parse_args()
    try:
        print(draw(arguments.run, arguments.projectile, arguments.out))
    except RampartError as error:
        sys.stderr.write(f"draw_ellipses: {error}\n")
        sys.exit(error.exit_status)


def draw(folder: Path, name: str, out: Path) -> str:
    """Write the drawing; return a table of the half axes. Raises InputError for a run or projectile not there."""
    record = record_of(folder)
    names = [flown.id for flown in record.truth.projectiles]
    if name not in names:
        raise InputError("--projectile", f"one of {', '.join(names)}", name)
    rows = shrinking(record, names.index(name), TIMES_S)
    if not rows:
        raise InputError("--projectile", "a projectile of which there was a forecast", name)
    out.write_text(
        draw_shrinking(rows, f"Where {name} will come down, as the seconds pass") + "\n", encoding="utf-8"
    )
    lines = ["tracked s   90 % ellipse, half axes m   the bound's   from the true impact m"]
    for row in rows:
        axes = ellipse_axes(row.cov_m2, 0.9)
        limit = ellipse_axes(row.bound_m2, 0.9) if row.bound_m2 is not None else (float("nan"),) * 2
        off_m = float((row.offset_m @ row.offset_m) ** 0.5)
        own = f"{axes[0]:>10.0f} x {axes[1]:<14.0f}"
        lines.append(f"{row.tracked_s:>9g}   {own} {limit[0]:>5.0f} x {limit[1]:<6.0f} {off_m:>8.0f}")
    return "\n".join(lines)


def record_of(folder: Path) -> RunRecord:
    """Return a run as it is held against its truth, its flights flown and seen once more."""
    reader = read_journal(folder / "journal")
    flown = flown_again(reader.header)
    if flown is None:
        raise InputError(str(folder), "a simulated run: a recording has no truth")
    events = [event_of(line) for line in reader.lines()]
    incident = incident_of((folder / "incident.json").read_bytes())
    seen = seen_of(looks_of(flown), len(flown.truth.projectiles))
    return RunRecord(
        events, incident, flown.site, flown.truth, seen, tuple(bystanders(flown.scenario, flown.site))
    )


if __name__ == "__main__":
    main()

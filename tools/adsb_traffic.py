r"""Writes a `[[traffic]]` file from recorded ADS-B: JSON of the traffic library, records or columns, plain or gzip.

    python tools/adsb_traffic.py RECORDED.json.gz aircraft.csv
    python tools/adsb_traffic.py RECORDED.json.gz aircraft.csv --busiest 10 --place 33.315 44.42 \
        --start 2020-11-17T17:05Z

It needs Python alone. Altitudes are in feet, the geometric one where there is one; the barometric one stands in for
a height above the ellipsoid, so add what the two differ by with --add-height-m. A place that stands still while the
time goes on is no new fix, one that cannot be reached from the last (spoofed, or two aircraft under one
address) begins another flight, and what stands on the ground is left out: a radar sees no reports.
"""

import argparse
import gzip
import json
import math
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

FOOT_M = 0.3048
KM_PER_DEG = 111.2
FASTEST_MPS, STEEPEST_MPS = 400.0, 150.0
HIGHEST_M = 20e3
HEADER = "time,id,latitude_deg,longitude_deg,height_m"


@dataclass(frozen=True)
class Fix:
    """One report that can be used: POSIX time, who, and where."""

    time_s: float
    who: str
    latitude_deg: float
    longitude_deg: float
    height_m: float


def main(arguments: list[str] | None = None) -> int:
    """Convert one file; say on the terminal what was used, what was not, and where and when it was."""
    options = _options(arguments)
    refused: Counter[str] = Counter()
    try:
        rows = read_rows(options.recorded)
    except (OSError, ValueError, EOFError) as error:
        sys.stderr.write(f"{options.recorded}: {error}: wanted ADS-B as JSON\n")
        return 2
    fixes = [fix for row in rows if (fix := fix_of(row, options.add_height_m, refused)) is not None]
    fixes.sort(key=lambda fix: fix.time_s)
    if options.first_s is not None:
        last_s = options.first_s + 60.0 * options.minutes
        fixes = [fix for fix in fixes if options.first_s <= fix.time_s <= last_s]
    fixes = within(window(fixes, options.busiest), options.within_km, refused)
    flights = flights_of(fixes, options.every_s, refused)
    if not flights:
        sys.stderr.write(f"{options.recorded}: no flight of two fixes or more\n")
        return 2
    used = [fix for flight in flights.values() for fix in flight]
    middle = middle_of(used)
    moved = _moved(flights, middle, options.place, options.start)
    options.traffic.write_text("\n".join([HEADER, *moved]) + "\n")
    first, last = (iso(pick(fix.time_s for fix in used)) for pick in (min, max))
    unused = ", ".join(f"{count} {why}" for why, count in sorted(refused.items()) if count)
    sys.stdout.write(
        f"{len(rows)} reports, {len(used)} fixes of {len(flights)} flights, {first} to {last}, "
        f"about {middle[0]:.4f} {middle[1]:.4f}; not used: {unused or 'none'}\n"
    )
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("recorded", type=Path, help="JSON of the traffic library, or the same gzipped")
    parser.add_argument("traffic", type=Path, help="the CSV to write")
    parser.add_argument("--every-s", type=float, default=4.0, help="one fix at most in so many seconds")
    parser.add_argument("--busiest", type=float, metavar="MINUTES", help="only the minutes with most reports")
    parser.add_argument("--from", type=posix, dest="first_s", metavar="TIME", help="only what is later")
    parser.add_argument("--minutes", type=float, default=math.inf, help="only so long after --from")
    parser.add_argument("--within-km", type=float, help="only what is so near to where most of it is")
    parser.add_argument("--place", type=float, nargs=2, metavar=("LAT", "LON"), help="move the middle there")
    parser.add_argument("--start", type=posix, help="move the first fix to this time")
    parser.add_argument("--add-height-m", type=float, default=0.0, help="added to every height")
    return parser.parse_args(arguments)


def read_rows(path: Path) -> list[dict]:
    """Return the reports of a file: a list of records, or columns of {row: value} or of values."""
    content = path.read_bytes()
    table = json.loads(gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content)
    if isinstance(table, dict):
        columns = {
            name: list(values.values() if isinstance(values, dict) else values)
            for name, values in table.items()
        }
        table = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    if not all(isinstance(row, dict) for row in table):
        raise ValueError("neither records nor columns")
    return table


def fix_of(row: dict, add_height_m: float, refused: Counter[str]) -> Fix | None:
    """Return the fix of a report, or count why there is none."""
    feet = row.get("geoaltitude") if number(row.get("geoaltitude")) else row.get("altitude")
    needed = (row.get("timestamp"), row.get("latitude"), row.get("longitude"), feet)
    if not all(number(value) for value in needed):
        refused["without place, height or time"] += 1
    elif row.get("onground"):
        refused["on the ground"] += 1
    elif float(feet or 0.0) * FOOT_M > HIGHEST_M:
        refused["higher than aircraft fly"] += 1
    else:
        milliseconds, latitude_deg, longitude_deg, feet = (
            float(value) for value in needed if value is not None
        )
        who = str(row.get("flight_id") or row.get("icao24") or "unknown").replace(",", " ").strip()
        return Fix(milliseconds / 1e3, who, latitude_deg, longitude_deg, feet * FOOT_M + add_height_m)
    return None


def number(value: object) -> bool:
    """Return whether a value is a finite number."""
    return isinstance(value, int | float) and math.isfinite(value)


def window(fixes: list[Fix], minutes: float | None) -> list[Fix]:
    """Return the fixes of the busiest so many minutes; all where None."""
    if minutes is None or not fixes:
        return fixes
    best, first = (0, 0), 0
    for last, fix in enumerate(fixes):
        while fix.time_s - fixes[first].time_s > 60.0 * minutes:
            first += 1
        best = max(best, (last - first + 1, -first))
    return fixes[-best[1] : -best[1] + best[0]]


def within(fixes: list[Fix], radius_km: float | None, refused: Counter[str]) -> list[Fix]:
    """Return the fixes near the one that has most others about it; all where no radius is given."""
    if radius_km is None or not fixes:
        return fixes
    some, few = fixes[:: 1 + len(fixes) // 2000], fixes[:: 1 + len(fixes) // 200]

    def about(centre: Fix, others: list[Fix]) -> list[Fix]:
        return [fix for fix in others if distance_m(fix, centre) <= 1e3 * radius_km]

    near = about(max(few, key=lambda fix: len(about(fix, some))), fixes)
    refused["too far away"] += len(fixes) - len(near)
    return near


def middle_of(fixes: list[Fix]) -> tuple[float, float]:
    """Return the median latitude and longitude, degrees."""
    half = len(fixes) // 2
    return sorted(fix.latitude_deg for fix in fixes)[half], sorted(fix.longitude_deg for fix in fixes)[half]


def distance_m(one: Fix, other: Fix) -> float:
    """Return the distance over a plane that fits between the two."""
    east_deg = math.remainder(one.longitude_deg - other.longitude_deg, 360.0)
    east_deg *= math.cos(math.radians(0.5 * (one.latitude_deg + other.latitude_deg)))
    return 1e3 * KM_PER_DEG * math.hypot(east_deg, one.latitude_deg - other.latitude_deg)


def flights_of(fixes: list[Fix], every_s: float, refused: Counter[str]) -> dict[str, list[Fix]]:
    """Return the flights by id, each of fixes that can be flown one after the other, two or more."""
    by_who: dict[str, list[list[Fix]]] = {}
    for fix in fixes:
        flights = by_who.setdefault(fix.who, [])
        flights.sort(key=lambda flight: -flight[-1].time_s)
        own = next((flight for flight in flights if _reaches(flight[-1], fix, every_s)), None)
        if own is None:
            flights.append([fix])
        elif fix.time_s - own[-1].time_s < every_s:
            refused["sooner than asked for"] += 1
        elif _same_place(own[-1], fix):
            refused["at the last one's place"] += 1
        else:
            own.append(fix)
    named = {}
    for who, flights in sorted(by_who.items()):
        whole = sorted((flight for flight in flights if len(flight) > 1), key=lambda flight: flight[0].time_s)
        refused["alone where no aircraft could be"] += sum(len(flight) == 1 for flight in flights)
        named |= {f"{who}-{i + 1}" if i else who: flight for i, flight in enumerate(whole)}
    return named


def _reaches(last: Fix, fix: Fix, every_s: float) -> bool:
    """Return whether an aircraft could be there; reports are late by a second or so, so haste is forgiven."""
    seconds = max(fix.time_s - last.time_s, every_s, 1.0)
    level, rise = distance_m(last, fix), abs(fix.height_m - last.height_m)
    return level <= FASTEST_MPS * seconds and rise <= STEEPEST_MPS * seconds


def _same_place(last: Fix, fix: Fix) -> bool:
    return (last.latitude_deg, last.longitude_deg) == (fix.latitude_deg, fix.longitude_deg)


def _moved(
    flights: dict[str, list[Fix]], middle: tuple[float, float], place, start: float | None
) -> list[str]:
    """Return the lines of the CSV, in order of time; the way east keeps its length in metres."""
    to = middle if place is None else place
    narrower = math.cos(math.radians(middle[0])) / math.cos(math.radians(to[0]))
    first_s = min(flight[0].time_s for flight in flights.values())
    late_s = 0.0 if start is None else start - first_s
    rows = sorted((fix.time_s, who, fix) for who, flight in flights.items() for fix in flight)
    return [
        f"{iso(time_s + late_s)},{who},{fix.latitude_deg - middle[0] + to[0]:.7f},"
        f"{(fix.longitude_deg - middle[1]) * narrower + to[1]:.7f},{fix.height_m:.1f}"
        for time_s, who, fix in rows
    ]


def iso(time_s: float) -> str:
    """Return a POSIX time as ISO-8601 in UTC, to the millisecond."""
    return datetime.fromtimestamp(time_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def posix(text: str) -> float:
    """Return an ISO-8601 time as POSIX seconds; one without an offset is UTC."""
    time = datetime.fromisoformat(text)
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()


if __name__ == "__main__":
    sys.exit(main())

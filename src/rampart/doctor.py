"""What is installed, what is missing, how the clock is, and what each missing part costs."""

import ctypes
import importlib.metadata
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from rampart import __version__
from rampart.errors import RampartError
from rampart.numerics.jit import cache_folder
from rampart.serve.feeds import RECEIVE_BUFFER, Feed, granted_buffer, open_feed

NEEDED = {
    "numpy": "nothing works",
    "numba": "nothing works",
    "scipy": "no scores, and no terrain with gaps",
    "msgspec": "no configuration, no events",
    "shapely": "no zones",
    "lxml": "no alerts",
    "signxml": "alerts cannot be signed",
    "cryptography": "alerts cannot be signed",
    "jinja2": "no report",
    "rich": "no progress bars",
}
OPTIONAL = {
    "rasterio": "terrain from a GeoTIFF (install rampart-cram[terrain]); flat ground works",
    "paho-mqtt": "channels to an MQTT broker; the others work",
}
PROGRAMS = {
    "xmlsec1": "a second opinion on signed alerts in the tests",
    "xmllint": "a second opinion on alert files in the tests",
    "tshark": "a second opinion on ASTERIX in the tests",
    "chromium": "the report's browser tests",
    "mosquitto": "the tests of MQTT channels against a real broker",
    "taky": "the tests of Cursor-on-Target against a real server",
}
PLACES = os.pathsep.join([os.environ.get("PATH", ""), str(Path(sys.executable).parent), "/usr/sbin"])
"""Where programs lie: servers are beyond an ordinary user's PATH."""
PLAYERS = ("aplay", "paplay", "afplay")
CLOCK_GOOD_S = 0.1
MIB = 1 << 20


def examine() -> tuple[list[str], bool]:
    """Return the findings, a line each, and whether Rampart can do its main job here."""
    lines = [f"rampart {__version__}, Python {platform.python_version()}, {platform.platform(terse=True)}"]
    healthy = True
    for good, needed, text in _findings():
        healthy &= good or not needed
        mark = "ok     " if good else ("MISSING" if needed else "absent ")
        lines.append(f"  {mark}  {text}")
    verdict = "everything that Rampart needs is here" if healthy else "Rampart cannot do its main job here"
    return [*lines, verdict], healthy


def _findings() -> Iterator[tuple[bool, bool, str]]:
    """Yield whether a part is good, whether it is needed, and what to say."""
    yield sys.version_info >= (3, 11), True, "Python 3.11 or later"
    for name, cost in NEEDED.items():
        yield from _library(name, cost, True)
    for name, cost in OPTIONAL.items():
        yield from _library(name, cost, False)
    for name, cost in PROGRAMS.items():
        place = shutil.which(name, path=PLACES)
        yield place is not None, False, f"{name}: {place}" if place else f"{name}: costs {cost}"
    player = next((place for place in map(shutil.which, PLAYERS) if place), None)
    wanted = "no player (aplay, paplay); costs the sound of `rampart siren` on this machine; --command works"
    yield player is not None, False, f"siren sound: {player}" if player else f"siren sound: {wanted}"
    yield _kernels()
    yield _clock()
    yield _receive_buffer()
    yield _multicast()
    yield _disk()


def _library(name: str, cost: str, needed: bool) -> Iterator[tuple[bool, bool, str]]:
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        yield False, needed, f"{name}: costs {cost}"
    else:
        yield True, needed, f"{name} {version}"


def _kernels() -> tuple[bool, bool, str]:
    folder = cache_folder()
    count = sum(1 for _ in folder.rglob("*.nbc")) if folder.is_dir() else 0
    if count:
        return True, False, f"kernels: {count} compiled, in {folder}"
    return (
        False,
        False,
        "kernels: not compiled yet; costs a minute at the first run (make demo compiles them)",
    )


def _clock() -> tuple[bool, bool, str]:
    """Ask the kernel whether the clock is disciplined: alarms and records carry its time."""
    cost = "costs trust in times: a live site must run NTP or PTP"
    if not sys.platform.startswith("linux"):
        return False, False, f"clock: state unknown on {sys.platform}; {cost}"
    buffer = ctypes.create_string_buffer(512)
    state = ctypes.CDLL(None, use_errno=True).adjtimex(buffer)
    longs = ctypes.cast(buffer, ctypes.POINTER(ctypes.c_long))
    # struct timex: modes, offset, freq, maxerror, esterror, ... ; maxerror in microseconds
    worst_s = longs[3] * 1e-6
    if state < 0:
        return False, False, f"clock: state not readable ({os.strerror(ctypes.get_errno())}); {cost}"
    if state == 5 or worst_s > CLOCK_GOOD_S:
        return False, False, f"clock: not synchronised (it may be {worst_s:.1f} s off); {cost}"
    return True, False, f"clock: synchronised, at most {worst_s * 1e3:.0f} ms off"


def _receive_buffer() -> tuple[bool, bool, str]:
    """Say how much the kernel may hold of a feed while the engine is busy."""
    granted = granted_buffer()
    cost = f"of {RECEIVE_BUFFER >> 10} KiB wanted; costs datagrams in a flood (sysctl net.core.rmem_max)"
    if granted < RECEIVE_BUFFER:
        return False, False, f"receive buffer: {granted >> 10} KiB {cost}"
    return True, False, f"receive buffer: {granted >> 10} KiB a feed"


def _multicast() -> tuple[bool, bool, str]:
    """Say whether a multicast group can be joined on loopback, as tests and rehearsals do."""
    try:
        open_feed(Feed("239.255.0.1", 0, ("127.0.0.1",))).close()
    except RampartError as error:
        return False, False, f"multicast: costs rehearsals on one machine ({error})"
    return True, False, "multicast: groups can be joined on loopback"


def _disk() -> tuple[bool, bool, str]:
    free = shutil.disk_usage(Path.cwd()).free // MIB
    return free > 200, False, f"disk: {free} MiB free here (a minute of a busy site takes about 1)"

"""From a datagram to signed CAP files and siren frames: twenty rockets over 1,449 real zones."""

import json
import os
import socket
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path
from time import thread_time as clock

import numpy as np

from rampart.domain.event import AlertEvent
from rampart.domain.site import Site
from rampart.engine import Engine
from rampart.feed import entries_of, input_of
from rampart.files import InputFiles
from rampart.runner import arrivals_of, fly, packaged_scenario
from rampart.serve.cap import AlertFiles
from rampart.serve.channels.siren_frame import FrameMaker, siren_key
from rampart.serve.keys import own_key
from rampart.serve.siren_receiver import WARNING
from rampart.warn.zones import zones_of

TITLE = "Decision time (simulated): datagram to signed CAP and siren frame, 20 rockets, 1,449 real zones, one core"
REAL_ZONES = Path(__file__).resolve().parents[2] / "shared/data/alerts/oref_alert_area_to_polygon.json.zip"
MIDDLE_DEG = 32.08, 34.80
"""Where the real zones are small and many; laid on the site's origin."""
ROUNDS = 3
WARM_UP = 1


def measure() -> list[dict]:
    """Return rows of percentiles; one that says so where the zones are not here."""
    if not REAL_ZONES.exists():
        print(f"   skipped: {REAL_ZONES} is not here")
        return [{"what": f"not measured: {REAL_ZONES.name} is not here"}]
    flown = fly(packaged_scenario("baghdad-grid"), InputFiles(), None)
    site = replace(flown.site, zones=real_zones(flown.site))
    entries = list(entries_of(arrivals_of(replace(flown, site=flown.site))))
    kept = os.environ.get("RAMPART_KEYS")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["RAMPART_KEYS"] = folder
        try:
            rounds = [decide(entries, site, Path(folder) / str(n)) for n in range(WARM_UP + ROUNDS)][WARM_UP:]
        finally:
            os.environ.pop("RAMPART_KEYS")
            if kept is not None:
                os.environ["RAMPART_KEYS"] = kept
    tracks = max(most for *_, most in rounds)
    rows = [
        {"what": "zones", "figure": f"{len(site.zones)}"},
        {"what": "tracks at once, at most", "figure": tracks},
    ]
    groups = [np.concatenate([own[i] for own in rounds]) for i in range(5)]
    names = (
        "events, every datagram (time of the processor)",
        "events, datagrams with an alarm",
        "siren frame handed over, each alarm",
        "signed CAP on the disk, each alarm",
        "alarms in one datagram",
    )
    for name, own in zip(names, groups, strict=True):
        unit = "" if name.startswith("alarms") else " ms"
        p50, p99, most = (f"{np.percentile(own, share):.2f}{unit}" for share in (50, 99, 100))
        rows.append({"what": name, "n": len(own), "p50": p50, "p99": p99, "most": most})
    return rows


def decide(entries, site: Site, folder: Path) -> tuple:
    """Return ms (n,) to events, to events with alarms, to frames, to CAP files; alarms a datagram; most tracks.

    Counted is the time of the processor, so that what else the machine does is not in it; nor is the wait for the disk.
    Files are signed by a thread of their own, as in operation: one after the other, while the next track is reckoned.
    """
    engine, files = Engine(site, simulated=True), AlertFiles(folder, site, own_key(site.mode))
    maker = FrameMaker(siren_key(site.mode), 1)
    heard, told, framed, signed, many, most = [], [], [], [], [], 0
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.bind(("127.0.0.1", 0))
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for entry in entries:
        begin_s, alarms, signer_s = clock(), 0, 0.0
        for events in engine.stream(input_of(entry, site)):
            alerts = [event for event in events if isinstance(event, AlertEvent)]
            alarms += len(alerts)
            for event in alerts if entry.kind == "asterix" else ():
                octets = maker.frame(event.zone, WARNING, event.mode, 90.0, event.seconds_to_impact)
                sender.sendto(octets, listener.getsockname())
                framed.append(clock() - begin_s)
            signer_s = max(signer_s, clock() - begin_s)
            for event in alerts:
                signing_s = clock()
                files.write(event)
                spent_s = clock() - signing_s
                begin_s, signer_s = begin_s + spent_s, signer_s + spent_s
                if entry.kind == "asterix":
                    signed.append(signer_s)
        if entry.kind != "asterix":
            continue
        heard.append(clock() - begin_s)
        most = max(most, int(np.count_nonzero(engine.tracks.is_live())))
        if alarms:
            told.append(clock() - begin_s)
            many.append(alarms)
    listener.close()
    sender.close()
    ms = [1e3 * np.array(seconds) for seconds in (heard, told, framed, signed)]
    return (*ms, np.array(many), most)


def real_zones(site: Site):
    """Return the real zones, moved so that their middle lies on the site's origin."""
    areas = json.loads(zipfile.ZipFile(REAL_ZONES).read("area_to_polygon.json"))
    latitude_deg, longitude_deg = np.degrees([site.frame.latitude_rad, site.frame.longitude_rad])
    north_deg, east_deg = latitude_deg - MIDDLE_DEG[0], longitude_deg - MIDDLE_DEG[1]
    features = [
        {
            "type": "Feature",
            "properties": {"id": name, "name": {"en": name}},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[lon + east_deg, lat + north_deg] for lat, lon in ring]],
            },
        }
        for name, ring in areas.items()
    ]
    return zones_of(json.dumps({"type": "FeatureCollection", "features": features}), REAL_ZONES.name)

"""Every field that is read, record by record, as libasterix and tshark read it; and no bytes do harm."""

import random
import shutil
import subprocess

import numpy as np
import pytest

from rampart.numerics.jit import COMPILED
from rampart.sense.asterix import FIELDS, decode
from rampart.sense.capture import udp_payloads
from rampart.sense.tables import fields_of, layout_of
from rampart.sense.walk import HEADER_OCTETS, block_end, empty_plans
from tests.sense.specs import EDITIONS, field_of, random_block, read_block, records_of, spec_of

NOON_S = 1605614400.0
EACH_EDITION = [(category, edition) for category, editions in EDITIONS.items() for edition in editions]

FAR_APART = [(15, "1.2"), (34, "1.29"), (48, "1.30"), (48, "1.32"), (62, "1.16"), (62, "1.21")]


def values_of(block: bytes, category: int, edition: str) -> np.ndarray | None:
    """Return the fields `(records, fields)` as we read them; None where we refuse the block."""
    layout = layout_of(category, edition)
    return read_block(block, layout, fields_of(layout, FIELDS[category]))


def expected(records: list, category: int) -> np.ndarray:
    """Return the fields `(records, fields)` as libasterix reads them."""
    rows = [[field_of(record, path) for path in FIELDS[category]] for record in records]
    return np.array(rows, float).reshape(-1, len(FIELDS[category]))


@pytest.mark.parametrize(("category", "edition"), EACH_EDITION)
def test_random_records_read_as_libasterix_reads_them(category, edition):
    rng = random.Random(category * 1000 + len(edition))
    spec = spec_of(category, edition)
    for _ in range(40):
        block = random_block(spec, rng, rng.randint(1, 4))
        records = records_of(spec, block)
        assert records is not None, "the random block is valid"
        np.testing.assert_array_equal(values_of(block, category, edition), expected(records, category))


@pytest.mark.parametrize("category", EDITIONS)
def test_shapes_met_before_change_nothing(category):
    layout = layout_of(category)
    fields = fields_of(layout, FIELDS[category])
    spec, rng = spec_of(category, layout.editions[-1]), random.Random(3)
    shapes = [random_block(spec, rng, 1)[HEADER_OCTETS:] for _ in range(30)]
    met = empty_plans(len(fields))
    for _ in range(300):
        # most records follow one of their own shape, as a radar's do, now and then with an octet changed
        content = b"".join(
            mutated(rng.choice(shapes), rng) if rng.random() < 0.2 else rng.choice(shapes[:3])
            for _ in range(5)
        )
        block = bytes([category]) + (len(content) + HEADER_OCTETS).to_bytes(2, "big") + content
        np.testing.assert_array_equal(
            read_block(block, layout, fields, met), read_block(block, layout, fields)
        )


@pytest.mark.uncompiled
@pytest.mark.parametrize("category", EDITIONS)
def test_some_random_records_uncompiled(category):
    edition = EDITIONS[category][-1]
    spec, rng = spec_of(category, edition), random.Random(5)
    for _ in range(5):
        block = random_block(spec, rng, 2)
        np.testing.assert_array_equal(
            values_of(block, category, edition), expected(records_of(spec, block), category)
        )


@pytest.mark.parametrize(
    ("category", "edition"),
    FAR_APART,
)
def test_what_libasterix_refuses_is_refused(category, edition):
    rng = random.Random(7)
    spec = spec_of(category, edition)
    refused = 0
    for _ in range(400):
        block = mutated(random_block(spec, rng, rng.randint(1, 3)), rng, keep=HEADER_OCTETS)
        block = block[:1] + len(block).to_bytes(2, "big") + block[3:]
        records = records_of(spec, block)
        ours = values_of(block, category, edition)
        refused += records is None
        assert (ours is None) == (records is None), block.hex()
        if records is not None:
            np.testing.assert_array_equal(ours, expected(records, category))
    assert 40 < refused < 400


def mutated(octets: bytes, rng: random.Random, keep: int = 0) -> bytes:
    """Return octets with a few of them changed, cut out or added."""
    changed = bytearray(octets)
    for _ in range(rng.randint(0, 3)):
        at = rng.randrange(keep, len(changed) + 1)
        match rng.randrange(4):
            case 0:
                changed[at : at + 1] = rng.randbytes(1)
            case 1:
                del changed[at : at + rng.randint(1, 4)]
            case 2:
                changed[at:at] = rng.randbytes(rng.randint(1, 4))
            case 3:
                del changed[max(keep, at) :]
    return bytes(changed)


@pytest.mark.uncompiled
def test_no_bytes_make_decoding_fail(make_site, encode_015, encode_048):
    site, rng = make_site(), random.Random(11)
    where = {"145": (43200.0, "s"), "625": {"R": (9000.0, "m")}, "627": {"AZ": (9.0, "°")}}
    place = {"140": (43200.0, "s"), "040": (("RHO", 1000), ("THETA", 1000)), "110": (0, 200)}
    seeds = [encode_015(where, where) + encode_048(place), encode_048(place, place), rng.randbytes(90)]
    # uncompiled, a read out of bounds is an error; compiled it would go unseen
    for _ in range(4000 if COMPILED else 400):
        datagram = mutated(rng.choice(seeds), rng) if rng.random() < 0.9 else rng.randbytes(rng.randrange(60))
        scan = decode(datagram, NOON_S, site)
        assert np.isfinite(scan.plots.time_s).all()
        assert np.isfinite(scan.plots.measurement[:, :2]).all()
        assert np.isfinite(scan.plots.sigma).all()
        assert len(scan.plots) <= plots_at_most(datagram)


def plots_at_most(datagram: bytes) -> int:
    """Return how many records libasterix finds in the blocks that we read, in those it does not refuse."""
    octets, start, records = np.frombuffer(datagram, np.uint8), 0, 0
    while (end := block_end(octets, start, len(octets))) >= 0:
        category = datagram[start]
        if category in (15, 48):
            records += len(records_of(spec_of(category, EDITIONS[category][-1]), datagram[start:end]) or [])
        start = end
    return records


def test_every_record_of_the_real_capture_reads_as_libasterix_reads_it(real_recordings):
    payloads, unread = udp_payloads((real_recordings / "croatia_cat_034_048.pcap").read_bytes())
    assert len(payloads) == 100
    assert not unread
    records, heights = 0, 0
    for _, payload in payloads:
        octets, start = np.frombuffer(payload, np.uint8), 0
        while start < len(payload):
            end = block_end(octets, start, len(octets))
            block, category = payload[start:end], payload[start]
            edition = EDITIONS[category][-1]
            ours = values_of(block, category, edition)
            np.testing.assert_array_equal(
                ours, expected(records_of(spec_of(category, edition), block), category)
            )
            records += len(ours)
            heights += np.isfinite(ours[:, FIELDS[48].index("110/3DH")]).sum() if category == 48 else 0
            start = end
    assert (records, heights) == (162, 48)


def test_tshark_reads_the_same_from_the_real_capture(real_recordings, make_site, make_radar):
    tshark = shutil.which("tshark")
    if tshark is None:
        pytest.skip("no tshark on this machine")
    capture = real_recordings / "croatia_cat_034_048.pcap"
    names = ("asterix.048_040_RHO", "asterix.048_040_THETA", "asterix.048_110_3DH")
    command = [tshark, "-r", str(capture), "-d", "udp.port==1-65535,asterix", "-T", "fields"]
    for name in names:
        command += ["-e", name]
    listing = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    rows = [line.split("\t") for line in listing.splitlines()]
    theirs = [np.array([float(x) for row in rows for x in row[k].split(",") if x]) for k in range(3)]
    site = make_site(*(make_radar(str(sic), sic=sic) for sic in (11, 12, 13, 14, 201, 204, 205)))
    payloads, _ = udp_payloads(capture.read_bytes())
    measurement = np.concatenate([decode(p, t, site).plots.measurement for t, p in payloads])
    np.testing.assert_allclose(measurement[:, 0], theirs[0] * 1852.0, rtol=1e-9)
    np.testing.assert_allclose(np.degrees(measurement[:, 1]), theirs[1], rtol=1e-9)
    assert np.isfinite(measurement[:, 2]).sum() == len(theirs[2])

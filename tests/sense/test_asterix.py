"""Datagrams to scans, held against libasterix."""

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from asterix import generated

from rampart.sense.asterix import decode, decoder_of
from rampart.sense.blocks import unframed
from tests.sense.conftest import block_of

NOON_S = 1605614400.0
TOD = (43200.0, "s")
WHERE = {"145": TOD, "625": {"R": (12345.6, "m")}, "627": {"AZ": (90.0, "°")}, "628": {"EL": (45.0, "°")}}


@pytest.fixture
def site(make_site):
    return make_site()


def reasons(scan) -> dict[str, int]:
    return {reject.reason: reject.count for reject in scan.rejects}


@pytest.mark.uncompiled
def test_a_plot_of_015_becomes_metres_and_radians(site, encode_015):
    record = WHERE | {"626": {"DV": (-312.25, "m/s")}, "630": {"DPS": (17.0, "dB")}}
    scan = decode(encode_015(record), NOON_S, site)
    assert scan.time_s == NOON_S
    assert scan.heard == (0,)
    assert scan.rejects == ()
    assert scan.plots.measurement[0] == pytest.approx([12345.6, math.pi / 2, math.pi / 4, -312.25])
    assert scan.plots.sigma[0] == pytest.approx([15.0, 2e-3, 2e-3, 1.0])
    assert scan.plots.snr_db[0] == 17.0


@pytest.mark.uncompiled
def test_a_record_s_own_sigmas_overrule_the_site_s(site, encode_015):
    record = WHERE | {
        "625": {"R": (5000.0, "m"), "SDR": (3.5, "m")},
        "626": {"DV": (10.0, "m/s"), "SDDV": (0.25, "m/s")},
        "627": {"AZ": (1.0, "°"), "SDASZ": (45 / 65536 * 100, "°")},
        "628": {"EL": (1.0, "°"), "SDEL": (45 / 65536 * 200, "°")},
    }
    sigma = decode(encode_015(record), NOON_S, site).plots.sigma[0]
    assert sigma == pytest.approx([3.5, math.radians(4500 / 65536), math.radians(9000 / 65536), 0.25])


@pytest.mark.uncompiled
def test_the_doppler_is_read_where_present_else_the_range_rate_never_both(site, encode_015):
    ranged = {"R": (5000.0, "m"), "RR": (-99.5, "m/s"), "SDRR": ((7.5, "m/s"), 0)}
    both = WHERE | {"625": ranged, "626": {"DV": (-100.25, "m/s")}}
    differenced = WHERE | {"625": ranged}
    plots = decode(encode_015(both, differenced, WHERE), NOON_S, site).plots
    assert plots.measurement[:2, 3] == pytest.approx([-100.25, -99.5])
    assert np.isnan(plots.measurement[2, 3])
    assert plots.sigma[:, 3] == pytest.approx([1.0, 7.5, 1.0])


@pytest.mark.uncompiled
def test_a_radar_without_range_rate_gives_none_and_no_sigma_is_nan(make_site, make_radar, encode_015):
    site = make_site(make_radar(sigma=np.array([15.0, 2e-3, 2e-3, np.nan])))
    plots = decode(encode_015(WHERE | {"626": {"DV": (5.0, "m/s")}}), NOON_S, site).plots
    assert np.isnan(plots.measurement[0, 3])
    assert np.isfinite(plots.sigma).all()


@pytest.mark.uncompiled
def test_what_is_no_plot_is_heard_or_refused_with_a_reason(make_site, make_radar, encode_015):
    site = make_site(make_radar())
    records = {
        "heard": {"145": TOD, "000": (("MT", 5), ("RG", 0))},
        "extrapolated, not detected": WHERE
        | {"000": (("MT", 2), ("RG", 0)), "170": ((0, 0, 0, 0, 1, 0, 0, None),)},
        "reference target": WHERE | {"020": ((0, 1, 0, 0, None),)},
        "multistatic range": WHERE | {"020": ((1, 0, 0, 0, None),)},
        "no range or azimuth": {"145": TOD, "627": {"AZ": (1.0, "°")}},
        "no time": WHERE | {"145": None},
        "false time": WHERE | {"145": (90000.0, "s")},
        "time far from its arrival": WHERE | {"145": (43300.0, "s")},
        "unknown source": WHERE | {"010": (("SAC", 9), ("SIC", 8))},
    }
    for reason, record in records.items():
        scan = decode(encode_015(record), NOON_S, site)
        assert len(scan.plots) == 0
        assert reasons(scan) == ({} if reason == "heard" else {reason: 1}), reason
        assert scan.heard == (() if reason == "unknown source" else (0,))
        assert scan.time_s == NOON_S
    whole = decode(encode_015(*records.values(), WHERE), NOON_S, site)
    assert len(whole.plots) == 1
    assert sum(reasons(whole).values()) == len(records) - 1


def test_an_unknown_source_is_named(site, encode_015):
    scan = decode(encode_015(WHERE | {"010": (("SAC", 9), ("SIC", 8))}), NOON_S, site)
    assert [reject.source for reject in scan.rejects] == ["9/8"]


@pytest.mark.uncompiled
@pytest.mark.parametrize(("mode", "plots"), [("test", 2), ("live", 0)])
def test_simulated_targets_are_refused_live(make_site, encode_015, encode_048, mode, plots):
    site = make_site(mode=mode)
    simulated_015 = WHERE | {"020": ((0, 3, 0, 0, None),)}
    simulated_048 = {"140": TOD, "020": ((3, 1, 0, 0, 0, None),), "040": (("RHO", 1000), ("THETA", 1000))}
    datagram = encode_015(simulated_015) + encode_048(simulated_048)
    assert len(decode(datagram, NOON_S, site).plots) == plots


@pytest.mark.uncompiled
def test_a_time_of_day_means_the_nearest_such_time(site, encode_015):
    midnight_s = NOON_S + 43200.0
    before, after = WHERE | {"145": (86399.5, "s")}, WHERE | {"145": (0.5, "s")}
    plots = decode(encode_015(before, after), midnight_s, site).plots
    assert plots.time_s - midnight_s == pytest.approx([-0.5, 0.5])


@pytest.mark.uncompiled
def test_a_plot_of_048_has_an_elevation_only_where_height_was_measured(site, encode_048):
    place = {"140": TOD, "040": (("RHO", (8.0, "NM")), ("THETA", (45.0, "°")))}
    high = place | {"110": (0, (10000.0, "ft")), "120": {"CAL": (0, 0, 120)}}
    doubtful = place | {"120": {"CAL": (1, 0, 120)}}
    plots = decode(encode_048(high, doubtful), NOON_S, site).plots
    assert plots.measurement[:, 0] == pytest.approx(8 * 1852.0)
    assert plots.measurement[0, 1:] == pytest.approx([math.pi / 4, 0.20296, 120.0], abs=1e-4)
    assert np.isnan(plots.measurement[1, 2:]).all()
    assert np.isnan(plots.snr_db).all()


@pytest.mark.uncompiled
def test_what_is_no_detection_in_048_is_refused(site, encode_048):
    place = {"140": TOD, "040": (("RHO", 1000), ("THETA", 1000))}
    records = {
        "extrapolated, not detected": place | {"020": ((0, 0, 0, 0, 0, None),)},
        "reference target": place | {"020": ((3, 0, 0, 0, 1, None),)},
        "range beyond the item": place | {"020": ((3, 0, 0, 0, 0, None), (0, 1, 0, 0, 0, 0, None))},
        "ghost": place | {"170": ((0, 0, 0, 0, 0, None), (0, 1, 0, 0, 0, None))},
        "no range or azimuth": {"140": TOD},
    }
    for reason, record in records.items():
        scan = decode(encode_048(record), NOON_S, site)
        assert reasons(scan) == {reason: 1}, reason
        assert scan.heard == (0,)


@pytest.mark.uncompiled
def test_an_unknown_category_is_passed_over_by_its_length(site, encode_015):
    other = bytes([65, 0, 6, 1, 2, 3])
    scan = decode(other + encode_015(WHERE) + other, NOON_S, site)
    assert len(scan.plots) == 1
    assert [(r.reason, r.count, r.source) for r in scan.rejects] == [("category not read", 2, "065")]


@pytest.mark.uncompiled
@pytest.mark.parametrize(
    "trailer", [bytes(8), b"\xff" * 8, b"\x30\x00\x00\x01\x02\x03\x04\x05", b"\x01", b"\x30\x01"]
)
def test_a_trailer_after_the_last_block_ends_the_datagram_cleanly(site, encode_015, trailer):
    scan = decode(encode_015(WHERE) + trailer, NOON_S, site)
    assert len(scan.plots) == 1
    assert scan.rejects == ()


@pytest.mark.uncompiled
def test_a_torn_block_is_counted(site, encode_015):
    block = encode_015(WHERE, WHERE)
    assert reasons(decode(block[:-1], NOON_S, site)) == {"no whole block": 1}
    assert reasons(decode(b"", NOON_S, site)) == {"no whole block": 1}
    whole_and_torn = decode(block + block[:-1], NOON_S, site)
    assert len(whole_and_torn.plots) == 2
    assert reasons(whole_and_torn) == {"no whole block": 1}


@pytest.mark.uncompiled
def test_a_block_with_one_bad_record_is_refused_whole(site, encode_015):
    block = bytearray(encode_015(WHERE, WHERE))
    block[2] += 2
    scan = decode(bytes(block) + b"\xff\xff", NOON_S, site)
    assert len(scan.plots) == 0
    assert [(r.reason, r.count, r.source) for r in scan.rejects] == [("malformed block", 1, "25/1")]


def test_a_record_is_read_by_the_edition_that_the_site_says(make_site, make_radar, encode_048):
    long_descriptor = ((3, 0, 0, 0, 0, None), (0, 0, 0, 0, 0, 0, None), ((0, 0), (0, 0), (0, 0), 0, None))
    block = encode_048({"140": TOD, "020": long_descriptor, "040": (("RHO", 1000), ("THETA", 1000))})
    for edition, plots in (
        ({}, 1),
        ({"048": "1.32"}, 1),
        ({"048": "1.30"}, 0),
        ({"048": "1.2"}, 0),
        ({"048": "2.0"}, 0),
    ):
        scan = decode(block, NOON_S, make_site(make_radar(edition=edition)))
        assert len(scan.plots) == plots
        refused = "edition not read" if edition == {"048": "2.0"} else "malformed block"
        assert reasons(scan) == ({} if plots else {refused: 1})


def test_thousands_of_empty_blocks_are_no_plots(site):
    scan = decode(b"\x0f\x00\x03" * 20000, NOON_S, site)
    assert len(scan.plots) == 0
    assert scan.rejects == ()


@pytest.mark.uncompiled
def test_a_known_clock_offset_belongs_to_the_radar(make_site, make_radar, encode_015):
    site = make_site(make_radar(clock_offset_s=100.0))
    scan = decode(encode_015(WHERE | {"145": (43300.0, "s")}), NOON_S, site)
    assert scan.plots.time_s == pytest.approx([NOON_S + 100.0]), "the offset is subtracted later"


def service_message(nogo: int = 0, time_source: int = 0) -> bytes:
    record = {
        "010": (("SAC", 25), ("SIC", 1)),
        "000": 1,
        "030": TOD,
        "050": {"COM": (nogo, 0, 0, 0, 0, 0, time_source, 0)},
    }
    return block_of(generated.Cat_034_1_29, [record])


@pytest.mark.uncompiled
@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({}, {}),
        ({"nogo": 1}, {"not released for use, by its own word": 1}),
        ({"time_source": 1}, {"time source not valid, by its own word": 1}),
    ],
)
def test_a_radar_s_own_word_on_itself_is_passed_on(site, message, said):
    scan = decode(service_message(**message), NOON_S, site)
    assert scan.heard == (0,)
    assert reasons(scan) == said
    assert decoder_of(site).refused(service_message(**message), NOON_S) == []


def test_a_buffer_longer_than_any_datagram_is_read_like_its_parts(site, encode_015):
    block = encode_015(*[WHERE | {"626": {"DV": (float(k), "m/s")}} for k in range(40)])
    count = 2 * 65536 // len(block)
    whole, part = decode(block * count, NOON_S, site), decode(block, NOON_S, site)
    again = decode(block, NOON_S, site)
    for name in ("time_s", "radar", "measurement", "sigma", "snr_db"):
        column = getattr(part.plots, name)
        np.testing.assert_array_equal(getattr(whole.plots, name), np.concatenate([column] * count))
        np.testing.assert_array_equal(getattr(again.plots, name), column)
    assert not np.shares_memory(part.plots.time_s, again.plots.time_s)


def test_threads_read_side_by_side(site, encode_015):
    blocks = [
        encode_015(*[WHERE | {"625": {"R": (100.0 * (i + k), "m")}} for k in range(5)]) for i in range(20)
    ]
    expected = [decode(block, NOON_S, site).plots.measurement for block in blocks]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda i: decode(blocks[i % 20], NOON_S, site).plots.measurement, range(2000)))
    for i, measurement in enumerate(found):
        np.testing.assert_array_equal(measurement, expected[i % 20])


def test_a_line_converter_s_heads_are_taken_off(site, encode_015):
    blocks = [encode_015(WHERE), encode_015(WHERE, WHERE) + encode_015(WHERE)]
    framed = b"".join((len(part) + 6).to_bytes(2, "big") + b"\x02\xbb\x40\x35" + part for part in blocks)
    assert unframed(framed) == b"".join(blocks)
    assert len(decode(framed, NOON_S, site).plots) == 4
    assert decoder_of(site).time_of_day_s(framed) == 43200.0
    for damaged in (framed[:-1], framed[1:], b"\x00\x06\x00\x00\x00\x00", bytes(40)):
        assert unframed(damaged) == damaged
        assert len(decode(damaged, NOON_S, site).plots) == 0

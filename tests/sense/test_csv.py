"""Plots as CSV: numbers and times as Python reads them, rows to scans, files to arrivals."""

import math
import struct
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rampart.domain.wire import iso_time, posix_time
from rampart.errors import RecordingError
from rampart.numerics.jit import COMPILED
from rampart.sense.csv_rows import column_order, scan_of_rows
from rampart.sense.csv_text import EMPTY, NO_NUMBER, NO_TIME, READ, number_of, time_of
from rampart.sense.recordings import read_recording, scan_of

HEADER = "time,radar,range_m,azimuth_deg,elevation_deg,range_rate_mps,snr_db\n"
TIME = "2020-11-17T17:05:03.250Z"
TIME_S = posix_time(TIME)
ROW = f"{TIME},karkh,12345.5,90,45,-300.25,17\n"


def octets(text: str) -> np.ndarray:
    return np.frombuffer(text.encode(), np.uint8)


def number(text: str) -> tuple[float, int]:
    return number_of(octets(text), 0, len(text.encode()))


def time(text: str) -> tuple[float, int]:
    return time_of(octets(text), 0, len(text.encode()))


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["r", ".3f", ".6e", ".12g"]))
def test_a_number_reads_as_python_reads_it(value, form):
    text = repr(value) if form == "r" else format(value, form)
    read, status = number(text)
    assert status == READ
    assert read == pytest.approx(float(text), rel=1e-15, abs=1e-300)


@settings(deadline=None)
@given(st.decimals(-99999, 99999, places=6))
def test_a_number_of_few_digits_reads_exactly(value):
    assert number(str(value))[0] == float(value)


@pytest.mark.uncompiled
@pytest.mark.parametrize(
    "text", ["0", "-0.5", "+7", ".5", "5.", "1e3", "-1.25E-2", "1" * 30, "0.000" + "3" * 30, "1e400"]
)
def test_numbers_in_their_many_forms(text):
    read, status = number(text)
    assert status == READ
    assert read == pytest.approx(float(text), rel=1e-15)


@pytest.mark.uncompiled
@pytest.mark.parametrize(
    "text", ["x", "-", ".", "1.2.3", "1e", "1e+", "12 5", "0x10", "1_000", "nanny", "infinit", "٣"]
)
def test_words_are_no_numbers(text):
    assert number(text)[1] == NO_NUMBER


@pytest.mark.uncompiled
def test_not_a_number_is_a_number_of_a_kind():
    assert math.isnan(number("NaN")[0])
    assert [number(text)[0] for text in ("inf", "-Infinity")] == [math.inf, -math.inf]
    assert number("")[1] == EMPTY


GOOD_TIMES = [
    TIME,
    "2020-11-17 17:05:03Z",
    "2020-11-17T17:05Z",
    "2020-11-17T20:05:03.250123+03:00",
    "2020-02-29T00:00:00",
    "1969-12-31T23:59:59.999999-0330",
    "2000-03-01T00:00:00+05",
    "2020-11-17t17:05:03.1234567Z",
]
NO_TIMES = [
    "",
    "noon",
    "2020-11-17",
    "2020-13-01T00:00Z",
    "2021-02-29T00:00Z",
    "2020-11-17T24:00Z",
    "2020-11-17T12:60Z",
    "2020-11-17T12:00:61Z",
    "2020-11-17T12:00:",
    "2020-11-17T12:00:00.Z",
    "2020-11-17T12:00:00+3",
    "2020-11-17T12:00:00+03-00",
    "2020-11-17T12:00:00+24:00",
    "2020/11/17T12:00:00",
    "2020-11-17X12:00:00",
    "0000-11-17T12:00:00",
    "1605632703.2500000",
]


@pytest.mark.uncompiled
@pytest.mark.parametrize("text", GOOD_TIMES)
def test_a_time_reads_as_python_reads_it(text):
    assert time(text) == (posix_time(text), READ)


@settings(deadline=None)
@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)), st.integers(-1439, 1439))
def test_any_time_with_any_offset_reads_as_python_reads_it(when, minutes):
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    text = f"{when.isoformat()}{sign}{hours:02d}:{rest:02d}"
    assert time(text) == (posix_time(text), READ)


@pytest.mark.uncompiled
@pytest.mark.parametrize("text", NO_TIMES)
def test_what_is_no_time_is_said_so(text):
    assert time(text)[1] == NO_TIME


@pytest.fixture
def site(make_site, make_radar):
    return make_site(make_radar(), make_radar("rusafa", sic=2))


@pytest.mark.uncompiled
def test_rows_become_plots(site):
    scan = scan_of_rows((HEADER + ROW + f' {TIME} , "rusafa" ,5000,-10,,,\r\n\n').encode(), TIME_S, site)
    assert scan.rejects == ()
    assert scan.heard == (0, 1)
    assert scan.time_s == TIME_S
    assert scan.plots.radar.tolist() == [0, 1]
    assert scan.plots.measurement[0] == pytest.approx([12345.5, math.pi / 2, math.pi / 4, -300.25])
    assert scan.plots.measurement[1, :2] == pytest.approx([5000.0, math.radians(-10)])
    assert np.isnan(scan.plots.measurement[1, 2:]).all()
    assert scan.plots.snr_db[0] == 17.0
    assert np.isfinite(scan.plots.sigma).all()


@pytest.mark.uncompiled
def test_columns_may_stand_in_any_order_and_carry_sigmas(site):
    header = (
        "radar,time,azimuth_deg,range_m,elevation_deg,snr_db,range_rate_mps,range_sigma_m,azimuth_sigma_deg"
    )
    scan = scan_of_rows(f"{header}\nkarkh,{TIME},90,500,1,,,2.5,\n".encode(), TIME_S, site)
    assert scan.plots.measurement[0, 0] == 500.0
    assert scan.plots.sigma[0, :2] == pytest.approx([2.5, 2e-3])


@pytest.mark.uncompiled
def test_rows_that_cannot_be_used_are_counted_with_a_reason(site):
    rows = [
        f"{TIME},kadhimiya,1,2,3,,",
        f"{TIME},karkh,nan,2,3,,",
        "2020-11-18T17:05:03.250Z,karkh,1,2,3,,",
        f"{TIME},karkh,1,2",
        f"{TIME},karkh,1,2,3,,,9",
        f"{TIME},karkh,far,2,3,,",
    ]
    scan = scan_of_rows((HEADER + "\n".join(rows)).encode(), TIME_S, site)
    assert len(scan.plots) == 0
    assert sorted((r.reason, r.count, r.source) for r in scan.rejects) == [
        ("not a number", 1, "karkh"),
        ("time far from its arrival", 1, "karkh"),
        ("unknown source", 1, "kadhimiya"),
        ("unreadable row", 3, ""),
    ]


@pytest.mark.uncompiled
def test_any_text_is_read_without_an_exception(site):
    rng = np.random.default_rng(3)
    good = (HEADER + ROW * 3).encode()
    # uncompiled, a read out of bounds is an error; compiled it would go unseen
    for _ in range(2000 if COMPILED else 500):
        text = bytearray(good)
        for at in rng.integers(len(HEADER), len(good), rng.integers(0, 6)):
            text[at] = rng.choice([44, 10, 34, 45, 46, 48, 101, 32, rng.integers(256)])
        scan = scan_of_rows(bytes(text[: rng.integers(len(text) + 1)]), TIME_S, site)
        assert np.isfinite(scan.plots.measurement[:, :2]).all()
        assert np.isfinite(scan.plots.sigma).all()


@pytest.mark.parametrize(
    "header",
    [HEADER.strip(), HEADER.strip() + ",range_sigma_m", ",".join(reversed(HEADER.strip().split(",")))],
)
def test_a_header_of_ours_is_known(header):
    assert column_order(header.encode()) is not None


@pytest.mark.parametrize(
    "header",
    ["", "time,radar", HEADER.strip() + ",colour", HEADER.strip() + ",time", HEADER.replace("_m,", ",")],
)
def test_any_other_header_is_an_error(header, tmp_path, site):
    file = tmp_path / "plots.csv"
    file.write_text(header + "\n" + ROW)
    assert column_order(header.encode()) is None
    with pytest.raises(RecordingError, match=r"plots\.csv: row 1.*wanted .*column"):
        read_recording(file, site)


@pytest.mark.uncompiled
@pytest.mark.parametrize(
    ("row", "message"),
    [
        (ROW.replace("12345.5", "far"), r"row 3, column range_m: 'far': wanted a number"),
        (ROW.replace("12345.5", ""), r"row 3, column range_m: '': wanted a number"),
        (ROW.replace(",17\n", ",loud\n"), r"row 3, column snr_db: 'loud': wanted a number"),
        (ROW.replace(TIME, "noon"), r"row 3, column time: 'noon': wanted a time"),
        (f"{TIME},karkh,1,2\n", r"row 3: '.*karkh,1,2': wanted as many columns"),
        (ROW.replace("\n", ",9\n"), r"row 3: '.*': wanted as many columns"),
    ],
)
def test_a_word_in_place_of_a_number_names_row_column_and_value(row, message, tmp_path, site):
    file = tmp_path / "plots.csv"
    file.write_text(HEADER + ROW + row + ROW)
    with pytest.raises(RecordingError, match=message) as caught:
        read_recording(file, site)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_status == 2


def write(tmp_path, rows: list[str]):
    file = tmp_path / "plots.csv"
    file.write_text(HEADER + "".join(rows))
    return file


def row_at(seconds: float, radar: str = "karkh", range_m: float = 5000.0) -> str:
    return f"{iso_time(TIME_S + seconds)},{radar},{range_m},1,2,,\n"


@pytest.mark.uncompiled
def test_the_rows_of_one_radar_and_time_arrive_together(tmp_path, site):
    rows = [
        row_at(0),
        row_at(0, "rusafa"),
        row_at(0, range_m=6000),
        row_at(0.5),
        row_at(-0.5, "rusafa"),
        row_at(0.5),
    ]
    arrivals = list(read_recording(write(tmp_path, rows), site))
    assert [a.time_s - TIME_S for a in arrivals] == [0.0, 0.0, 0.5, -0.5]
    assert [a.payload.decode() for a in arrivals] == [
        HEADER + rows[0] + rows[2], HEADER + rows[1], HEADER + rows[3] + rows[5], HEADER + rows[4],
    ]  # fmt: skip
    scans = [scan_of(a.kind, a.payload, a.time_s, site) for a in arrivals]
    assert [len(scan.plots) for scan in scans] == [2, 1, 2, 1]


@pytest.mark.parametrize("place", [0, 1, 5, 10, 19, 20])
@pytest.mark.parametrize("off_s", [86400.0, -86400.0])
def test_a_plot_from_tomorrow_is_a_counted_reject(tmp_path, site, place, off_s):
    rows = [row_at(0.5 * k) for k in range(20)]
    rows.insert(place, row_at(off_s))
    arrivals = list(read_recording(write(tmp_path, rows), site))
    scans = [scan_of(a.kind, a.payload, a.time_s, site) for a in arrivals]
    assert sum(len(scan.plots) for scan in scans) == 20
    assert [r.reason for scan in scans for r in scan.rejects] == ["time far from its arrival"]
    assert max(abs(scan.time_s - TIME_S) for scan in scans) < 20.0


def test_a_pause_is_no_fault(tmp_path, site):
    rows = [row_at(300.0 * (k // 3) + 0.5 * k) for k in range(12)]
    arrivals = list(read_recording(write(tmp_path, rows), site))
    scans = [scan_of(a.kind, a.payload, a.time_s, site) for a in arrivals]
    assert sum(len(scan.plots) for scan in scans) == 12


def test_a_torn_last_row_is_counted(tmp_path, site):
    rows = [row_at(0.5 * k) for k in range(5)]
    rows[-1] = rows[-1][:30]
    scans = [scan_of(a.kind, a.payload, a.time_s, site) for a in read_recording(write(tmp_path, rows), site)]
    assert sum(len(scan.plots) for scan in scans) == 4
    assert [r.reason for scan in scans for r in scan.rejects] == ["unreadable row"]


def test_a_byte_order_mark_and_no_last_line_break_are_borne(tmp_path, site):
    file = tmp_path / "plots.CSV"
    file.write_bytes(b"\xef\xbb\xbf" + (HEADER + ROW + ROW.strip()).replace("\n", "\r\n").encode())
    arrivals = list(read_recording(file, site))
    assert sum(len(scan_of(a.kind, a.payload, a.time_s, site).plots) for a in arrivals) == 2


def test_a_file_without_rows_is_an_error(tmp_path, site):
    with pytest.raises(RecordingError, match="at least one row"):
        read_recording(write(tmp_path, []), site)


def test_a_known_clock_offset_moves_the_arrival(tmp_path, make_site, make_radar):
    site = make_site(make_radar(clock_offset_s=100.0))
    (arrival,) = read_recording(write(tmp_path, [row_at(100.0)]), site)
    assert arrival.time_s == TIME_S
    assert len(scan_of(arrival.kind, arrival.payload, arrival.time_s, site).plots) == 1


def test_a_binary_file_named_csv_is_an_error(tmp_path, site):
    file = tmp_path / "plots.csv"
    file.write_bytes(struct.pack("<200d", *range(200)))
    with pytest.raises(RecordingError, match="row 1, column 1"):
        read_recording(file, site)

"""Lines reach whoever reads; a reader that does not read loses ordinary ones, never alarms, and holds nobody up."""

import io
import os
import time

from rampart.serve.teller import MOST_LINES, Teller


def test_lines_come_in_order_alarms_first():
    stream = io.StringIO()
    teller = Teller(stream)
    teller.tell("one")
    teller.tell("two")
    teller.tell("ALARM", urgent=True)
    teller.start()
    teller.stop(5.0)
    assert stream.getvalue().splitlines() == ["ALARM", "one", "two"]


def test_a_stuck_reader_holds_nobody_up():
    read, write = os.pipe()
    teller = Teller(os.fdopen(write, "w"))
    teller.start()
    begin_s = time.monotonic()
    for i in range(3 * MOST_LINES):
        teller.tell(f"line {i} " + 100 * "x")
    teller.tell("ALARM", urgent=True)
    assert time.monotonic() - begin_s < 2.0
    teller.stop(0.1)
    assert teller.is_alive()
    said = b""
    while b"were not told" not in said or b"ALARM" not in said:
        said += os.read(read, 1 << 16)
    os.close(read)


def test_a_reader_that_has_gone_is_no_fault():
    read, write = os.pipe()
    os.close(read)
    teller = Teller(os.fdopen(write, "w"))
    teller.start()
    teller.tell("line")
    time.sleep(0.05)
    teller.tell("line")
    teller.stop(5.0)
    assert not teller.is_alive()


def test_a_terminal_without_the_letters_of_a_place_shows_the_alarm_all_the_same():
    octets = io.BytesIO()
    teller = Teller(io.TextIOWrapper(octets, encoding="ascii"))
    teller.tell("RAISE  كرادة", urgent=True)
    teller.tell("one")
    teller.start()
    teller.stop(5.0)
    assert octets.getvalue() == "RAISE  كرادة\none\n".encode("ascii", "backslashreplace")
    assert teller.untold == 0

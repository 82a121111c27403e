"""What is refused is kept to be looked into, bounded, and what is not kept is counted."""

import json

from rampart.record import quarantine
from rampart.record.quarantine import FILE_NAME, Quarantine

TIME_S = 1605632703.25


def lines_of(folder) -> list[dict]:
    return [json.loads(line) for line in (folder / FILE_NAME).read_text().splitlines()]


def test_a_refused_block_can_be_read_again(tmp_path):
    kept = Quarantine(tmp_path)
    kept.add(TIME_S, "malformed block", "25/1", "asterix", b"\x30\x00\x04\xff")
    kept.add(TIME_S, "unknown source", "elsewhere", "csv", "time,radar\n2020,é\n".encode())
    kept.add(TIME_S, "torn capture", "", "unread", b"")
    kept.close()
    assert lines_of(tmp_path) == [
        {
            "time": "2020-11-17T17:05:03.250Z",
            "reason": "malformed block",
            "source": "25/1",
            "octets": 4,
            "hex": "300004ff",
        },
        {
            "time": "2020-11-17T17:05:03.250Z",
            "reason": "unknown source",
            "source": "elsewhere",
            "text": "time,radar\n2020,é\n",
        },
        {"time": "2020-11-17T17:05:03.250Z", "reason": "torn capture", "source": ""},
        {
            "kept": [
                {"reason": "malformed block", "source": "25/1", "count": 1},
                {"reason": "unknown source", "source": "elsewhere", "count": 1},
                {"reason": "torn capture", "source": "", "count": 1},
            ],
            "dropped": [],
        },
    ]


def test_where_nothing_is_refused_there_is_no_file(tmp_path):
    Quarantine(tmp_path).close()
    assert not list(tmp_path.iterdir())


def test_one_noisy_source_does_not_crowd_out_the_others(tmp_path, monkeypatch):
    monkeypatch.setattr(quarantine, "MOST_OF_A_KIND", 10)
    kept = Quarantine(tmp_path)
    for _ in range(50):
        kept.add(TIME_S, "malformed block", "25/1", "asterix", b"\x30")
    kept.add(TIME_S, "malformed block", "25/2", "asterix", b"\x31")
    kept.drop("malformed block", "25/1", 7)
    kept.close()
    *lines, total = lines_of(tmp_path)
    assert [line["source"] for line in lines] == ["25/1"] * 10 + ["25/2"]
    assert total["dropped"] == [{"reason": "malformed block", "source": "25/1", "count": 47}]


def test_the_file_stays_within_its_bound(tmp_path, monkeypatch):
    monkeypatch.setattr(quarantine, "MOST_OCTETS", 5000)
    kept = Quarantine(tmp_path)
    for source in range(100):
        kept.add(TIME_S, "malformed block", f"25/{source}", "asterix", bytes(200))
    written = (tmp_path / FILE_NAME).stat().st_size if kept.close() is None else 0
    assert written < 5000 + 20000, "the last line comes on top"
    total = lines_of(tmp_path)[-1]
    assert len(total["kept"]) + len(total["dropped"]) == 100
    assert len(total["dropped"]) > 80

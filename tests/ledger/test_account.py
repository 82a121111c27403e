"""A run's folder in the ledger: what was sensed, claims beside it, accounts, exports, and the after-action report."""

import json
import os

import msgspec
import pytest

from rampart import account
from rampart.after_action import write
from rampart.domain.incident import Claim
from rampart.errors import InputError
from rampart.ledger import conflicts, statistics
from rampart.ledger.export import exported
from rampart.ledger.importing import import_table
from rampart.ledger.incidents import cap_references, incident_in
from rampart.ledger.sample import sample_path
from rampart.ledger.store import Ledger
from tests.ledger.run_folder import write_run

pytestmark = pytest.mark.skipif(os.environ.get("RAMPART_KERNELS") == "python", reason="flies a night")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_run(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def night(tmp_path_factory, folder):
    """Return a ledger with the run and the sample, and the id of the run's attack."""
    book = Ledger.open(tmp_path_factory.mktemp("night") / "ledger.sqlite")
    ((attack_id, added),) = account.take(book, folder).incidents
    assert (added.taken, added.known) == (1, 0)
    import_table(book, sample_path())
    return book, attack_id


def test_a_run_is_taken_once_and_counts_as_simulated(night, folder):
    book, attack_id = night
    ((again, added),) = account.take(book, folder).incidents
    assert (again, added.act, added.known) == (attack_id, None, 1)
    assert statistics.all_of(book).entries == 97
    assert statistics.all_of(book, simulated=True).entries == 1
    attack = book.attack(book.number(attack_id))
    assert (attack.projectiles, attack.inside, attack.killed, attack.injured) == (7, 4, None, None)
    assert attack.date == "2020-11-17"


def test_what_was_sensed_comes_out_as_it_went_in(night, folder):
    book, attack_id = night
    plain = json.loads((folder / "incident.json").read_text())
    assert msgspec.to_builtins(incident_in(book, attack_id)) == plain
    for table, key in (("projectiles", "projectiles"), ("zones", "zones"), ("alerts", "alerts")):
        assert book.book.rows(f"SELECT count(*) FROM {table}") == [(len(plain[key]),)]
    assert {row[0] for row in book.book.rows("SELECT fate FROM projectiles")} == {"ground", "airburst"}
    assert min(row[0] for row in book.book.rows("SELECT radius_90_m FROM launch_areas")) >= 300.0


def test_another_version_of_the_record_corrects_and_keeps_the_old(ledger, tmp_path):
    folder = write_run(tmp_path)
    ((attack_id, _),) = account.take(ledger, folder).incidents
    record = json.loads((folder / "incident.json").read_text())
    record["projectiles"] = record["projectiles"][:6]
    (folder / "incident.json").write_text(json.dumps(record))
    ((_, added),) = account.take(ledger, folder).incidents
    assert ledger.attack(ledger.number(attack_id)).projectiles == 6
    assert len(incident_in(ledger, attack_id).projectiles) == 6
    ledger.withdraw(added.act)
    assert ledger.attack(ledger.number(attack_id)).projectiles == 7
    assert len(incident_in(ledger, attack_id).projectiles) == 7


def test_claims_stand_beside_the_sensors_and_each_other(night):
    found = account.reconciled(*night)
    by_value = {(row.claim.what, str(row.claim.value)): row.verdict for row in found.verdicts}
    assert by_value["projectiles_total", "7"] == "agree"
    assert by_value["projectiles_total", "6"] == by_value["projectiles_total", "4"] == "contradict"
    assert by_value["killed", "1"] == by_value["injured", "5"] == "not observable"
    totals = next(matter for matter in found.matters if matter.what == "projectiles_total")
    assert totals.relation == conflicts.IMPOSSIBLE
    assert {(pair.one.value, pair.other.value) for pair in totals.differing} == {(4, 7), (4, 6), (7, 6)}
    sensors, cell = found.accounts
    assert (sensors.entered, sensors.parts) == (7, {"ignored": 2, "intercepted": 0, "missed": 4})
    assert (sensors.gap, sensors.unjudged) == (1, {"burst in the air, cause unknown": 1})
    assert cell.parts == {"Green Zone": 4, "outside the Green Zone": 3}
    assert cell.closes


def test_exports_say_it_is_simulated_and_import_again(night, tmp_path):
    book, attack_id = night
    features = json.loads("".join(exported(book, "geojson")))["features"]
    kinds = [each["properties"]["feature"] for each in features]
    assert (kinds.count("attack"), kinds.count("impact"), kinds.count("launch_area")) == (98, 7, 1)
    own = [each["properties"] for each in features if each["properties"]["id"] == attack_id]
    assert all(each["simulated"] for each in own)
    blank = next(each for each in features if each["geometry"] is None)
    assert blank["properties"]["latitude_deg"] is None
    (record,) = json.loads("".join(exported(book, "json", [attack_id])))
    assert (record["killed"], record["sensed"]["simulated"], len(record["claims"])) == (None, True, 32)
    assert record["provenance"]["sha256"]
    references = "".join(exported(book, "cap", [attack_id])).splitlines()
    assert references == cap_references(book, attack_id)
    assert all(line.startswith(f"rampart:baghdad,{attack_id}-") for line in references)

    path = tmp_path / "again.csv"
    sample = [each.id for each in book.attacks("c.simulated = 0")]
    path.write_text("".join(exported(book, "csv", sample)))
    other = Ledger.open(tmp_path / "other.sqlite")
    assert import_table(other, path).taken == 97
    assert statistics.all_of(other, "2020-11-17").as_json() == statistics.all_of(book, "2020-11-17").as_json()
    assert import_table(book, path).act is None


@pytest.mark.parametrize("which", ["night", "entry"])
def test_the_report_is_one_page_that_asks_for_nothing(night, tmp_path, which):
    book, attack_id = night
    own = attack_id if which == "night" else book.resolve("2020-12-20")
    page = write(book, own, tmp_path / "report.html").read_text()
    assert page.count("<h2") >= (8 if which == "night" else 5)
    assert ("SIMULATED" in page) == (which == "night")
    assert "<script" not in page
    assert "What is unknown" in page
    assert not [mark for mark in ('src="http', "url(http", "@import", "undefined", "None") if mark in page]
    if which == "entry":
        assert "Left blank by the source, which is not zero: inside the target area, killed" in page


CONFLICTS = [
    # 20 December 2020: 3, 5, 8, 10, 21 rockets; 16 August: 1, at least 2, 4; "about" is no sharp figure.
    (Claim("projectiles_total", 3), Claim("projectiles_total", 21), conflicts.IMPOSSIBLE),
    (Claim("projectiles_total", 1), Claim("projectiles_total", 2, "at_least"), conflicts.IMPOSSIBLE),
    (Claim("projectiles_total", 2, "at_least"), Claim("projectiles_total", 4), conflicts.AGREE),
    (Claim("running_total", 90, "nearly"), Claim("running_total", 120), conflicts.CONTRADICT),
    (Claim("running_total", 90, "nearly"), Claim("running_total", 88), conflicts.AGREE),
    (Claim("killed", [3, 5], "between"), Claim("killed", 4), conflicts.AGREE),
    (Claim("attack_date", "2020-11"), Claim("attack_date", "2020-11-17"), conflicts.AGREE),
    (
        Claim("projectiles_total", 4, according_to="Cell, first statement"),
        Claim("projectiles_total", 7, according_to="Cell, second statement"),
        conflicts.REVISED,
    ),
    (
        Claim("responsibility_claimed_by", "A Group"),
        Claim("responsibility_denied_by", "A Group"),
        conflicts.CONTRADICT,
    ),
]


@pytest.mark.parametrize(("one", "other", "relation"), CONFLICTS)
def test_two_claims_of_one_matter(one, other, relation):
    assert conflicts.relation(one, other) == conflicts.relation(other, one) == relation
    (matter,) = conflicts.matters([one, other])
    assert matter.relation == relation


def test_other_people_and_other_places_are_other_matters():
    soldiers, civilians = Claim("injured", 2, of="soldiers"), Claim("injured", 5, of="civilians")
    assert conflicts.relation(soldiers, civilians) == conflicts.ALONE
    assert conflicts.relation(soldiers, Claim("injured", 5)) == conflicts.AGREE, "two of the five"
    assert conflicts.relation(Claim("injured", 1), soldiers) == conflicts.IMPOSSIBLE
    assert len(conflicts.matters([Claim("projectiles_in_place", 1, place=name) for name in ("A", "B")])) == 2


def test_an_account_that_does_not_add_up_shows_its_gap():
    said = [
        Claim("projectiles_total", 3573, source="x"),
        Claim("intercepted", 1450, source="x"),
        Claim("projectiles_in_place", 1963, place="open ground", source="x"),
    ]
    (found,) = conflicts.claimed_accounts(said)
    assert (found.gap, found.closes) == (160, False)
    (found,) = conflicts.claimed_accounts(
        [*said, Claim("projectiles_in_place", 160, place="towns", source="x")]
    )
    assert found.closes


def test_a_folder_or_file_that_is_no_record_is_refused(ledger, tmp_path):
    with pytest.raises(InputError, match="a run's folder"):
        account.take(ledger, tmp_path)
    (tmp_path / "incident.json").write_text('{"id": 3}')
    with pytest.raises(InputError, match=r"an incident\.json"):
        account.take(ledger, tmp_path / "incident.json")

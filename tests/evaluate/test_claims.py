"""Claims beside what was sensed: the verdict on each kind, and on each way of giving a number."""

import msgspec
import pytest

from rampart.domain.incident import Claim
from rampart.evaluate.claims import AGREE, CONTRADICT, UNSEEN, claim_words, compare_claims
from rampart.evaluate.story import tell
from tests.evaluate.salvo import make_night

NIGHT = make_night()
RUN = NIGHT.run
STORY = tell(RUN.incident, RUN.events, RUN.site, NIGHT.truth, NIGHT.score)


def judge(claim: Claim, incident=RUN.incident, places=NIGHT.places):
    (row,) = compare_claims([claim], STORY, incident, RUN.site, places)
    return row.verdict, row.sensed


@pytest.mark.parametrize(
    ("value", "qualifier", "verdict"),
    [
        (7, "exact", AGREE), (7, None, AGREE), (6, "exact", CONTRADICT), (2, "at_least", AGREE),
        (8, "at_least", CONTRADICT), (7, "at_most", AGREE), (6, "at_most", CONTRADICT), (8, "nearly", AGREE),
        (6, "nearly", CONTRADICT), (6, "about", AGREE), (12, "about", CONTRADICT), ([5, 8], "between", AGREE),
        ([8, 9], "between", CONTRADICT), ("many", "exact", UNSEEN), (True, "exact", UNSEEN),
    ],
)  # fmt: skip
def test_a_number_is_taken_as_it_was_qualified(value, qualifier, verdict):
    assert judge(Claim("projectiles_total", value, qualifier))[0] == verdict


@pytest.mark.parametrize(
    ("place", "value", "verdict"),
    [
        ("Green Zone", 4, AGREE), ("the Green Zone", 3, CONTRADICT), ("المنطقة الخضراء", 4, AGREE),
        ("outside the Green Zone", 3, AGREE), ("outside", 3, AGREE), ("Zawra park", 1, AGREE),
        ("Medical City", 1, AGREE), ("US embassy", 1, AGREE), ("Basra", 1, UNSEEN), (None, 1, UNSEEN),
    ],
)  # fmt: skip
def test_places_are_zones_or_points_or_all_that_lies_outside(place, value, verdict):
    assert judge(Claim("projectiles_in_place", value, "exact", place=place))[0] == verdict


def test_what_ended_in_the_air_outside_is_said():
    claim = Claim("projectiles_in_place", 3, place="outside the Green Zone")
    assert judge(claim)[1] == "3 not there, 1 of them not to the ground"


@pytest.mark.parametrize(
    ("value", "verdict"),
    [("al-Amin al-Thaniyah", AGREE), ("Kadhimiya", CONTRADICT), ("one place in the east", UNSEEN)],
)
def test_launch_places_overlap_or_not(value, verdict):
    assert judge(Claim("launch_place", value))[0] == verdict


def test_no_launch_area_no_verdict():
    incident = msgspec.structs.replace(RUN.incident, launch_sites=[])
    assert judge(Claim("launch_place", "New Baghdad"), incident) == (UNSEEN, "no launch area recorded")
    assert judge(Claim("launch_place", "New Baghdad"), places=None)[0] == UNSEEN


@pytest.mark.parametrize(("value", "verdict"), [("2020-11-17", AGREE), ("2020-11-18", CONTRADICT)])
def test_the_date_is_local(value, verdict):
    assert judge(Claim("attack_date", value))[0] == verdict


@pytest.mark.parametrize(
    ("value", "verdict"), [("Katyusha rockets", AGREE), ("mortar bombs", CONTRADICT), ("something", UNSEEN)]
)
def test_the_weapon_is_the_class_sensed_most(value, verdict):
    assert judge(Claim("weapon", value))[0] == verdict


@pytest.mark.parametrize(
    "what", ["killed", "injured", "defence_used", "responsibility_claimed_by", "running_total"]
)
def test_a_radar_does_not_see_everything(what):
    assert judge(Claim(what, 1)) == (UNSEEN, "–")


def test_an_interception_and_a_burst_look_alike():
    verdict, sensed = judge(Claim("intercepted", 1))
    assert verdict == UNSEEN
    assert sensed == "1 ended in the air; radar cannot tell a burst from an interception"


def test_claims_are_ordered_and_worded():
    rows = compare_claims(NIGHT.claims, STORY, RUN.incident, RUN.site, NIGHT.places)
    assert len(rows) == len(NIGHT.claims)
    judged = [row.verdict != UNSEEN for row in rows]
    assert judged == sorted(judged, reverse=True)
    assert claim_words(Claim("projectiles_total", 2, "at_least")) == "at least 2 fired"
    assert (
        claim_words(Claim("killed", [1, 3], "between", place="Karrada")) == "between 1 and 3 killed, Karrada"
    )
    assert (
        claim_words(Claim("running_total", 90, "nearly", since="2019-10"))
        == "attacks so far: nearly 90, since 2019-10"
    )
    assert claim_words(Claim("intercepted", "some")) == "some intercepted"
    assert claim_words(Claim("rumour_of", "x")) == "rumour of: x"

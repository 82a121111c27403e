"""The form check agrees with OASIS's schema, and is stricter only where it says so."""

import copy
import random

import pytest
from lxml import etree

from rampart.serve.cap_form import CAP, fault_of
from rampart.serve.cap_message import message_of
from tests.serve.alerts import SAMPLES, ZONES, make_event, needs_samples, site_in

TEXTS = [
    "",
    "x",
    "Actual",
    "en",
    "2020-11-17T17:05:03-00:00",
    "2020-13-17T17:05:03-00:00",
    "1.5",
    "Alert",
    "None",
]


def a_message(action="raise"):
    return etree.fromstring(message_of(make_event(action=action), ZONES[0], site_in(), []))


def changed(root, draw):
    """Return a copy with one change: an element dropped, doubled, moved, renamed or told something else."""
    root = copy.deepcopy(root)
    elements = [element for element in root.iter() if element is not root]
    element = draw.choice(elements)
    parent = element.getparent()
    match draw.randrange(7):
        case 0:
            parent.remove(element)
        case 1:
            parent.insert(parent.index(element), copy.deepcopy(element))
        case 2:
            parent.insert(draw.randrange(len(parent) + 1), element)
        case 3:
            element.tag = draw.choice(elements).tag
        case 4:
            element.text = draw.choice(TEXTS)
        case 5:
            element.set("lang", "en")
        case 6:
            etree.SubElement(element, draw.choice(elements).tag).text = draw.choice(TEXTS)
    return root


@needs_samples
def test_a_thousand_changed_messages_are_judged_as_by_the_schema():
    schema = etree.XMLSchema(file=str(SAMPLES / "CAP-v1.2-schema.xsd"))
    whole, draw = a_message(), random.Random(11)
    assert fault_of(whole) is None
    verdicts = []
    for _ in range(1000):
        root = changed(whole, draw)
        fault, valid = fault_of(root), schema.validate(root)
        verdicts.append(valid)
        if fault is None:
            assert valid, schema.error_log.last_error
        elif valid:
            stricter = ("polygon", "circle", "identifier", "sender", "info/area: missing")
            assert any(word in fault for word in stricter), fault
    assert 100 < sum(verdicts) < 900


@needs_samples
@pytest.mark.parametrize("name", ["wmo_bf_valid", "wmo_sc_valid", "wmo_tg_valid"])
def test_real_alerts_have_the_form(name):
    root = etree.parse(SAMPLES / f"{name}.xml").getroot()
    assert fault_of(root) is None


@needs_samples
@pytest.mark.parametrize("name", ["wmo_sc_invalid_schema", "wmo_tg_invalid_schema"])
def test_real_alerts_without_the_form_are_told_so(name):
    assert fault_of(etree.parse(SAMPLES / f"{name}.xml").getroot()) is not None


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("sent", "2020-11-17T17:05:03Z", "alert/sent: '2020-11-17T17:05:03Z': wanted a time"),
        ("status", "Real", "alert/status: 'Real': wanted one of Actual"),
        ("identifier", "a b", "alert/identifier: 'a b': wanted a text without spaces"),
        ("info/language", "english!", "alert/info/language"),
        ("info/area/polygon", "1,2 3,4 5,6", "alert/info/area/polygon: '1,2 3,4 5,6': wanted a closed ring"),
        ("info/area/polygon", "1,2 3,4 5,6 1,3", "closed ring"),
        ("info/area/polygon", "1,2 3,4 95,6 1,2", "closed ring"),
        ("info/area/polygon", "1,2 3,x 5,6 1,2", "closed ring"),
    ],
)
def test_a_fault_is_told_with_its_place(path, text, said):
    root = a_message()
    root.find("/".join(f"{{{CAP}}}{step}" for step in path.split("/"))).text = text
    assert said in fault_of(root)


def test_circles_and_areas_are_looked_at():
    root = a_message()
    area = root.find(f"{{{CAP}}}info/{{{CAP}}}area")
    polygon = area.find(f"{{{CAP}}}polygon")
    polygon.tag, polygon.text = f"{{{CAP}}}circle", "33.3,44.4 1.5"
    assert fault_of(root) is None
    polygon.text = "33.3,44.4"
    assert "circle" in fault_of(root)
    area.remove(polygon)
    assert "no polygon and no circle" in fault_of(root)
    assert "wanted an alert of CAP 1.2" in fault_of(etree.fromstring("<alert/>"))


def test_text_between_elements_and_comments_are_faults():
    root = a_message()
    root[0].tail = "stray"
    assert "'stray' between its elements" in fault_of(root)
    root = a_message()
    root.insert(1, etree.Comment("x"))
    assert "alert/comment" in fault_of(root) or "alert/sender" in fault_of(root)

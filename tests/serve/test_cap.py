"""Signed alerts hold against OASIS's schema, signxml and xmlsec1; a spoiled byte is caught."""

import random
import re
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest
import shapely
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml import XMLVerifier

from rampart.errors import AlertError, InputError, OutputError
from rampart.serve.cap import AlertFiles, signed, verify_alert
from rampart.serve.cap_form import CAP, DSIG, fault_of
from rampart.serve.cap_message import cap_polygons, cap_time, message_of
from rampart.serve.keys import own_key
from tests.serve.alerts import SAMPLES, ZONES, canonical, make_event, needs_samples, site_in


@pytest.fixture(autouse=True)
def keys(tmp_path, monkeypatch):
    monkeypatch.setenv("RAMPART_KEYS", str(tmp_path / "keys"))
    return tmp_path / "keys"


@pytest.fixture
def files(tmp_path):
    return AlertFiles(tmp_path / "alerts", site_in(), own_key("test"))


def says(root, path):
    return root.findtext("/".join(f"{{{CAP}}}{name}" for name in path.split("/")))


def root_of(path):
    return etree.fromstring(path.read_bytes())


def life(files):
    """Write a warning's whole life and return the documents."""
    waning = {"impact_time": None, "seconds_to_impact": None, "tracks": [], "probability": 0.004}
    events = [
        make_event(7), make_event(9, "revise", probability=0.2), make_event(11, "revise", **waning),
        make_event(30, "clear"), make_event(41), make_event(43, "cancel"),
    ]  # fmt: skip
    return [root_of(files.write(event)) for event in events]


def test_a_raise_says_what_where_when_and_what_to_do(files):
    path = files.write(make_event())
    assert path.name == "0001-here-20201117T170503Z-green_zone-raise.xml"
    root = root_of(path)
    assert says(root, "identifier") == "here-20201117T170503Z-green%20zone.7"
    assert says(root, "sender") == "rampart:here"
    assert says(root, "sent") == "2020-11-17T17:05:07-00:00"
    kind = says(root, "status"), says(root, "msgType"), says(root, "scope")
    assert kind == ("Test", "Alert", "Restricted")
    assert says(root, "incidents") == "here-20201117T170503Z"
    assert says(root, "references") is None
    english, arabic = root.findall(f"{{{CAP}}}info")
    assert (says(english, "language"), says(arabic, "language")) == ("en", "ar")
    assert says(english, "headline") == "TEST. NO DANGER. Take cover now: Green Zone"
    assert "المنطقة" in says(arabic, "headline")
    assert "20:05:35" in says(english, "description"), "the site's own clock"
    assert "15 seconds" in says(english, "instruction")
    assert (says(english, "urgency"), says(english, "severity"), says(english, "certainty")) == (
        "Immediate", "Extreme", "Likely",
    )  # fmt: skip
    assert says(english, "responseType") == "Shelter"
    assert says(english, "onset") == "2020-11-17T17:05:35-00:00"
    assert says(english, "expires") == "2020-11-17T17:11:35-00:00", "the awaited clear, and five minutes"
    assert says(english, "area/areaDesc") == "Green Zone"
    assert says(english, "area/geocode/value") == "green zone"


def test_a_warnings_life_as_cap_has_it(files):
    roots = life(files)
    kinds = [(says(r, "msgType"), says(r, "info/responseType"), says(r, "info/urgency")) for r in roots]
    assert kinds == [
        ("Alert", "Shelter", "Immediate"), ("Update", "Shelter", "Immediate"),
        ("Update", "Shelter", "Immediate"), ("Update", "AllClear", "Past"),
        ("Alert", "Shelter", "Immediate"), ("Cancel", "AllClear", "Past"),
    ]  # fmt: skip
    names = [f"{says(r, 'sender')},{says(r, 'identifier')},{says(r, 'sent')}" for r in roots]
    references = [(says(r, "references") or "").split() for r in roots]
    assert references == [[], names[:1], names[:2], names[:3], [], names[4:5]]
    assert len(set(names)) == 6
    assert [says(r, "info/certainty") for r in roots[:3]] == ["Likely", "Possible", "Possible"]
    assert says(roots[2], "info/onset") is None
    assert "holds until the all clear" in says(roots[2], "info/description")
    assert "apologise" in says(roots[5], "info/description")
    assert all("{" not in text for root in roots for text in root.itertext())
    numbers = [path.name[:4] for path in sorted(files.folder.iterdir())]
    assert numbers == ["0001", "0002", "0003", "0004", "0005", "0006"]


@needs_samples
@pytest.mark.parametrize("mode", ["live", "exercise", "test"])
def test_every_message_is_valid_by_the_oasis_schema(tmp_path, mode):
    schema = etree.XMLSchema(file=str(SAMPLES / "CAP-v1.2-schema.xsd"))
    files = AlertFiles(tmp_path / mode, site_in(mode), own_key(mode))
    for i, action in enumerate(["raise", "revise", "clear", "cancel"]):
        root = root_of(files.write(make_event(i, action, mode=mode)))
        schema.assertValid(root)
        assert fault_of(root) is None
        assert says(root, "status") == {"live": "Actual", "exercise": "Exercise", "test": "Test"}[mode]
        marked = {"live": "", "exercise": "EXERCISE", "test": "TEST"}[mode]
        assert says(root, "info/headline").startswith(marked or ("Take", "Stay", "All", "Warning")[i])


def test_the_area_is_the_zones_own(files):
    root = root_of(files.write(make_event()))
    rings = [
        [tuple(map(float, p.split(","))) for p in e.text.split()] for e in root.iter(f"{{{CAP}}}polygon")
    ]
    assert len(rings) == 2, "one for each language"
    for ring in rings:
        assert ring[0] == ring[-1]
        drawn = np.degrees(ZONES[0].polygons[0][0])[:, ::-1]
        assert np.array(ring) == pytest.approx(drawn, abs=1e-6)


def test_a_hole_is_left_out_by_cutting():
    pieces = [
        shapely.Polygon([tuple(map(float, p.split(",")))[::-1] for p in text.split()])
        for text in cap_polygons(ZONES[1])
    ]
    rings = [np.degrees(ring) for ring in ZONES[1].polygons[0]]
    whole = shapely.Polygon(rings[0], rings[1:])
    assert len(pieces) == 2
    assert shapely.union_all(pieces).symmetric_difference(whole).area < 1e-8
    assert not shapely.union_all(pieces).contains(shapely.Point(44.42, 33.315))


def test_without_an_area_nothing_is_sent(files, tmp_path):
    with pytest.raises(AlertError, match="zone 'nowhere' is not known"):
        files.write(make_event(zone="nowhere"))
    for polygons in [(), ((np.zeros((5, 2)),),)]:
        files.add_zones((replace(ZONES[0], polygons=polygons),))
        with pytest.raises(AlertError, match="wanted an area; without one nothing is sent"):
            files.write(make_event())
    assert list(files.folder.iterdir()) == []


def test_what_is_written_is_read_back(files, monkeypatch):
    def wrong(event, zone, site, earlier):
        return message_of(event, replace(zone, polygons=ZONES[1].polygons), site, earlier)

    monkeypatch.setattr("rampart.serve.cap.message_of", wrong)
    with pytest.raises(AlertError, match="its area is not the zone's; nothing is sent"):
        files.write(make_event())
    assert list(files.folder.iterdir()) == []


def test_modes_do_not_mix(files, tmp_path):
    with pytest.raises(AlertError, match="of mode live: wanted test"):
        files.write(make_event(mode="live"))
    with pytest.raises(AlertError, match="a key for test alerts: wanted one for status Actual"):
        AlertFiles(tmp_path / "live", site_in("live"), own_key("test")).write(make_event(mode="live"))
    # And where the sender is not to be trusted with that, the receiver sees it.
    key = own_key("test")

    class Loose:
        mode, private_key, certificate = None, key.private_key, key.certificate

    message = message_of(make_event(mode="live"), ZONES[0], site_in("live"), [])
    (tmp_path / "stolen.xml").write_bytes(signed(message, Loose()))
    with pytest.raises(AlertError, match="status Actual, signed with a key for test alerts"):
        verify_alert(tmp_path / "stolen.xml")


def test_after_a_restart_numbers_and_references_go_on(files):
    events = [make_event(7), make_event(9, "revise")]
    for event in events:
        files.write(event)
    again = AlertFiles(files.folder, site_in(), own_key("test"))
    for event in events:
        again.remember(event)
    path = again.write(make_event(30, "clear"))
    assert path.name.startswith("0003-")
    assert len(says(root_of(path), "references").split()) == 2


def test_a_rightly_signed_alert_of_the_wrong_form_is_refused(tmp_path):
    message = re.sub("<polygon>.*?</polygon>", "", message_of(make_event(), ZONES[0], site_in(), []))
    (tmp_path / "pointless.xml").write_bytes(signed(message, own_key("test")))
    with pytest.raises(AlertError, match="the form is wrong: alert/info/area: no polygon and no circle"):
        verify_alert(tmp_path / "pointless.xml")


def test_a_disk_that_refuses_is_told_in_one_line(files, tmp_path):
    (files.folder).rmdir()
    with pytest.raises(OutputError, match="No such file"):
        files.write(make_event())
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="can be written"):
        AlertFiles(tmp_path / "file" / "alerts", site_in(), own_key("test"))


def test_times_are_written_as_cap_wants_them():
    assert cap_time(1605632703.999) == "2020-11-17T17:05:03-00:00"


def test_a_good_alert_verifies_in_words(files):
    path = files.write(make_event())
    report = verify_alert(path)
    assert "valid: signed by CN=Rampart alerts (test)" in report
    assert "Test, Alert, 2020-11-17T17:05:07-00:00" in report


def test_signxml_agrees(files):
    path = files.write(make_event())
    XMLVerifier().verify(path.read_bytes(), x509_cert=own_key("test").certificate)


def test_a_text_that_changes_on_its_way_into_the_signature_sends_nothing(files, monkeypatch):
    def altered(message, key):
        return signed(message, key).replace(b"Take cover", b"Stay calm!")

    monkeypatch.setattr("rampart.serve.cap.signed", altered)
    with pytest.raises(AlertError, match="its signature is not of what it says; nothing is sent"):
        files.write(make_event())
    assert list(files.folder.iterdir()) == []


@pytest.mark.skipif(not shutil.which("xmlsec1"), reason="xmlsec1 is not installed")
def test_xmlsec1_agrees_on_the_good_and_on_the_spoiled(files, tmp_path):
    certificate = tmp_path / "certificate.pem"
    certificate.write_bytes(own_key("test").certificate.public_bytes(Encoding.PEM))
    path = files.write(make_event())

    def judge(file):
        command = ["xmlsec1", "--verify", "--trusted-pem", str(certificate), str(file)]
        return subprocess.run(command, check=False, capture_output=True, timeout=20).returncode

    assert judge(path) == 0
    (tmp_path / "spoiled.xml").write_bytes(path.read_bytes().replace(b"Take cover", b"Stay calm!"))
    assert judge(tmp_path / "spoiled.xml") != 0


@pytest.mark.skipif(not shutil.which("xmllint"), reason="xmllint is not installed")
@needs_samples
def test_xmllint_agrees_on_the_form(files):
    path = files.write(make_event())
    command = ["xmllint", "--noout", "--nonet", "--schema", str(SAMPLES / "CAP-v1.2-schema.xsd"), str(path)]
    assert subprocess.run(command, check=False, capture_output=True, timeout=20).returncode == 0


def test_a_spoiled_byte_is_caught_anywhere(files, tmp_path):
    content = files.write(make_event()).read_bytes()
    path = tmp_path / "spoiled.xml"
    draw = random.Random(3)
    places = draw.sample(range(len(content)), 250) + [
        content.index(b"<ds:SignatureValue>") + 19 + i for i in (0, 87)
    ]
    places += list(range(40)) + list(range(len(content) - 60, len(content)))
    for place in places:
        spoiled = content[:place] + bytes([content[place] ^ (1 << draw.randrange(7))]) + content[place + 1 :]
        path.write_bytes(spoiled)
        with pytest.raises(AlertError, match="not to be trusted") as refusal:
            verify_alert(path)
        assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<note>", b"<!-- x --><note>"),
        (b"<note>", b"<?x y?><note>"),
        (b"</alert>", b"</alert><!-- x -->"),
        (b"</ds:SignatureValue>", b"\n</ds:SignatureValue>"),
        (b"</ds:X509Certificate>", b"\n</ds:X509Certificate>"),
        (b"</ds:X509Data>", b"</ds:X509Data><ds:KeyName>x</ds:KeyName>"),
        (b"</ds:SignedInfo>", b"</ds:SignedInfo>\n"),
        (b"</ds:Signature>", b"<ds:Object>x</ds:Object></ds:Signature>"),
        (b"<ds:KeyInfo>", b'<ds:KeyInfo Id="x">'),
        (b"=</ds:SignatureValue>", b"</ds:SignatureValue>"),
        (b"\n", b"\r\n"),
        (b"UTF-8", b"utf-8"),
        (b"<info>", b"<info><info/>"),
        (b"</alert>", b"<extra/></alert>"),
    ],
)
def test_what_a_signature_does_not_cover_is_still_seen(files, tmp_path, old, new):
    content = files.write(make_event()).read_bytes()
    assert old in content
    path = tmp_path / "changed.xml"
    path.write_bytes(content.replace(old, new, 1))
    with pytest.raises(AlertError):
        verify_alert(path)


def test_a_signature_moved_onto_other_content_is_refused(files, tmp_path):
    """Signature wrapping: the signed alert hidden inside a forged one."""
    root = root_of(files.write(make_event()))
    forged = root_of(files.write(make_event(9, "revise")))
    signature = root.find(f"{{{DSIG}}}Signature")
    forged.replace(forged.find(f"{{{DSIG}}}Signature"), signature)
    inside = etree.SubElement(signature, f"{{{DSIG}}}Object")
    inside.append(root)
    (tmp_path / "wrapped.xml").write_bytes(
        etree.tostring(forged, xml_declaration=True, encoding="UTF-8") + b"\n"
    )
    with pytest.raises(AlertError, match="not to be trusted"):
        verify_alert(tmp_path / "wrapped.xml")


def test_a_signer_that_nobody_knows_is_refused_with_the_fingerprint(files, tmp_path, monkeypatch):
    path = files.write(make_event())
    certificate = tmp_path / "sender.pem"
    certificate.write_bytes(own_key("test").certificate.public_bytes(Encoding.PEM))
    monkeypatch.setenv("RAMPART_KEYS", str(tmp_path / "elsewhere"))
    with pytest.raises(AlertError, match=r"its certificate is not known here: ([0-9A-F]{2}:){31}"):
        verify_alert(path)
    assert "valid" in verify_alert(path, certificate)
    own_key("test")
    with pytest.raises(AlertError, match="not known here"):
        verify_alert(path)
    shutil.copy(certificate, tmp_path / "elsewhere" / "sender.pem")
    assert "valid" in verify_alert(path)


def test_what_is_no_alert_is_told_in_one_line(tmp_path, files):
    with pytest.raises(InputError, match="No such file"):
        verify_alert(tmp_path / "nowhere.xml")
    unsigned = message_of(make_event(), ZONES[0], site_in(), []).encode()
    for content, said in [
        (b"", "no XML"),
        (b"\xff\xfe\x00garbage", "no XML"),
        (b"<a/>", "0 signatures: wanted one"),
        (unsigned, "0 signatures"),
        (b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", "document type"),
        (b"<!DOCTYPE a SYSTEM 'http://example.invalid/x.dtd'><a/>", "document type"),
        ("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>".encode("utf-16"), "document type"),
        (b"<a>" * 100_000, "no XML"),
    ]:
        path = tmp_path / "wrong.xml"
        path.write_bytes(content)
        with pytest.raises(AlertError, match=said) as refusal:
            verify_alert(path)
        assert "\n" not in str(refusal.value)
    (tmp_path / "big.xml").write_bytes(b" " * 4_000_001)
    with pytest.raises(InputError, match="at most"):
        verify_alert(tmp_path / "big.xml")


@needs_samples
@pytest.mark.parametrize(
    "path", sorted(SAMPLES.rglob("*.xml")) + sorted(SAMPLES.rglob("*.cap")), ids=lambda p: p.name
)
def test_no_alert_of_somebody_else_passes_for_ours(path):
    with pytest.raises(AlertError, match="not to be trusted"):
        verify_alert(path)


def test_plain_text_only(files):
    """What people read holds no markup and no line breaks."""
    for root in life(files):
        for info in root.findall(f"{{{CAP}}}info"):
            for name in ("headline", "description", "instruction"):
                assert not re.search(r"[<>{}\n]", says(info, name))
            assert len(says(info, "headline")) <= 160


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("identifier", "another"),
        ("status", "Actual"),
        ("msgType", "Cancel"),
        ("references", "rampart:here,x,2020-11-17T17:05:03-00:00"),
        ("expires", "2031-01-01T00:00:00-00:00"),
        ("onset", "2031-01-01T00:00:00-00:00"),
    ],
)
def test_a_field_that_is_not_what_was_decided_sends_nothing(files, monkeypatch, name, other):
    def altered(*given):
        message = etree.fromstring(message_of(*given))
        found = message.find(f".//{{{CAP}}}{name}")
        if found is None:
            found = etree.Element(f"{{{CAP}}}{name}")
            message.find(f"{{{CAP}}}incidents").addprevious(found)
        found.text = other
        return canonical(message)

    monkeypatch.setattr("rampart.serve.cap.message_of", altered)
    with pytest.raises(AlertError):
        files.write(make_event())
    assert not list(files.folder.iterdir())

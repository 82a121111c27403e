"""Signatures are those that signxml would write and accept, whatever the texts hold."""

import base64
import re
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree
from signxml import XMLSigner, XMLVerifier

from rampart.serve.cap import signed
from rampart.serve.cap_form import DSIG, fault_of
from rampart.serve.cap_message import MESSAGE_TYPE, message_of
from rampart.serve.keys import own_key
from rampart.serve.signature import C14N, digest_holds
from tests.serve.alerts import ZONES, canonical, make_event, site_in


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    return own_key("test", tmp_path_factory.mktemp("keys"))


ODD_TEXTS = st.text(min_size=1).filter(str.strip)


@settings(max_examples=60)
@given(name=ODD_TEXTS, zone=ODD_TEXTS, place=ODD_TEXTS, action=st.sampled_from(sorted(MESSAGE_TYPE)))
@example(name="]]> & <b> \" '", zone="a\rb\x00", place="\ud800 \ufffe \U0001f680\u2028", action="raise")
def test_signxml_would_write_the_very_same_but_for_the_number_drawn(name, zone, place, action, key):
    """Whatever names hold: the text is canonical, and all beside the signature's own value as signxml has it."""
    place_named = replace(ZONES[0], id=zone, names={"en": name, "ar": place})
    event = make_event(action=action, zone=zone)
    message = message_of(event, place_named, site_in(), [])
    root = etree.fromstring(message.encode())
    assert canonical(root) == message
    assert fault_of(root) is None
    whole = XMLSigner(signature_algorithm="ecdsa-sha256", c14n_algorithm=C14N).sign(
        root, key=key.private_key, cert=[key.certificate]
    )
    certificate = whole.find(f".//{{{DSIG}}}X509Certificate")
    certificate.text = "".join(certificate.text.split())
    theirs = etree.tostring(whole, xml_declaration=True, encoding="UTF-8") + b"\n"
    ours = signed(message, key)

    def unsigned(content):
        return re.sub(rb"<ds:SignatureValue>[^<]{88}<", b"<", content)

    assert unsigned(ours) == unsigned(theirs)
    assert digest_holds(etree.fromstring(ours))
    XMLVerifier().verify(ours, x509_cert=key.certificate)


def test_every_signature_is_two_numbers_of_32_octets(key):
    """Small numbers too, of which one in 128 signatures has one."""
    message = message_of(make_event(), ZONES[0], site_in(), [])
    for _ in range(300):
        root = etree.fromstring(signed(message, key))
        value = base64.b64decode(root.findtext(f".//{{{DSIG}}}SignatureValue"))
        assert len(value) == 64
        if 0 in (value[0], value[32]):
            XMLVerifier().verify(root, x509_cert=key.certificate)

"""The enveloped XML signature of an alert, in the one form that Rampart writes: ECDSA P-256 over SHA-256."""

import base64
import binascii
import copy
import hashlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml import DigestAlgorithm, InvalidInput, SignatureConfiguration, SignatureMethod, XMLVerifier
from signxml.exceptions import InvalidDigest, SignXMLException

from rampart.errors import AlertError
from rampart.serve.cap_form import DSIG
from rampart.serve.keys import AlertKey, fingerprint_of

C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
SIGNED_INFO = (
    f'<ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{C14N}"/>'
    '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"/>'
    f'<ds:Reference URI=""><ds:Transforms><ds:Transform Algorithm="{DSIG}enveloped-signature"/>'
    f'<ds:Transform Algorithm="{C14N}"/></ds:Transforms>'
    '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
    "<ds:DigestValue>{}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
)
BESIDE_SIGNED_INFO = (
    "<ds:SignatureValue>{}</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}"
    "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>"
)
BEGIN = f'<ds:Signature xmlns:ds="{DSIG}">'
EXPECTED = SignatureConfiguration(
    location="./",
    signature_methods=frozenset({SignatureMethod.ECDSA_SHA256}),
    digest_algorithms=frozenset({DigestAlgorithm.SHA256}),
)
SIGNATURE = f"{{{DSIG}}}Signature"
HALF_OCTETS = 32
"""The two numbers of an ECDSA signature stand one behind the other ([xmldsig11], 6.4.3)."""


def _canonical(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True, with_tail=False)


CANONICAL_INFO = _canonical(etree.fromstring(f"{BEGIN}{SIGNED_INFO}</ds:Signature>")[0]).decode()


def enveloped(message: str, key: AlertKey) -> str:
    """Return a message, an element in its canonical form, with its signature as the last child."""
    digest = _base64(hashlib.sha256(message.encode()).digest())
    signed = key.private_key.sign(CANONICAL_INFO.format(digest).encode(), ec.ECDSA(hashes.SHA256()))
    value = _base64(b"".join(half.to_bytes(HALF_OCTETS) for half in decode_dss_signature(signed)))
    certificate = _base64(key.certificate.public_bytes(Encoding.DER))
    content, close, name = message.rpartition("</")
    signature = BEGIN + SIGNED_INFO.format(digest) + BESIDE_SIGNED_INFO.format(value, certificate)
    return f"{content}{signature}{close}{name}"


def digest_holds(root: etree._Element) -> bool:
    """Return whether the digest in a document is that of its content, as a receiver reckons it."""
    signature = root[-1]
    root.remove(signature)
    digest = _base64(hashlib.sha256(_canonical(root)).digest())
    root.append(signature)
    return signature.findtext(f".//{{{DSIG}}}DigestValue") == digest


def check_signature(root: etree._Element, trusted: dict[str, x509.Certificate]) -> x509.Certificate:
    """Return the certificate that signed the whole of `root`, by signxml; raises AlertError."""
    signatures = root.findall(f".//{SIGNATURE}")
    if len(signatures) != 1 or signatures[0].getparent() is not root:
        raise AlertError(f"{len(signatures)} signatures: wanted one, at the end of the alert")
    certificate = _certificate_in(signatures[0])
    known = fingerprint_of(certificate)
    if known not in trusted:
        raise AlertError(
            f"its certificate is not known here: {known}; compare this with the sender's, then put the "
            "certificate (.pem) into the keys folder"
        )
    try:
        result = XMLVerifier().verify(root, x509_cert=certificate, expect_config=EXPECTED)
    except InvalidDigest as error:
        raise AlertError("the content is not what was signed") from error
    except (SignXMLException, InvalidInput, etree.LxmlError, ValueError, TypeError, KeyError) as error:
        raise AlertError(f"the signature does not hold ({' '.join(str(error).split())[:80]})") from error
    whole = getattr(result, "signed_xml", None)
    if whole is None or whole.tag != root.tag or len(whole) != len(root) - 1:
        raise AlertError("the signature does not cover the whole alert")
    return certificate


def _certificate_in(signature: etree._Element) -> x509.Certificate:
    """Return the certificate that a signature brings, once the signature has the one form that we write."""
    try:
        value = "".join(signature.xpath("string(d:SignatureValue)", namespaces={"d": DSIG}))
        text = "".join(
            signature.xpath("string(d:KeyInfo/d:X509Data/d:X509Certificate)", namespaces={"d": DSIG})
        )
        certificate = x509.load_der_x509_certificate(base64.b64decode(text, validate=True))
        plain = _base64(base64.b64decode(value, validate=True)) == value
    except (binascii.Error, ValueError) as error:
        raise AlertError("the signature or its certificate is spoiled") from error
    if not plain or _beside_signed_info(signature) != BESIDE_SIGNED_INFO.format(value, text):
        raise AlertError("the signature is not in the form that Rampart writes")
    return certificate


def _beside_signed_info(signature: etree._Element) -> str:
    """Return all of a signature that it does not sign itself, but for how it begins."""
    rest = copy.deepcopy(signature)
    signed_info = rest.find(f"{{{DSIG}}}SignedInfo")
    if signed_info is not None:
        signed_info.clear(keep_tail=True)
    return _canonical(rest).decode().removeprefix(f"{BEGIN}<ds:SignedInfo></ds:SignedInfo>")


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()

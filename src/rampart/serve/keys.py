"""The keys that sign alerts: one for each mode, made once on this machine; no exercise can pass for live."""

import contextlib
import os
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import platformdirs
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from rampart.errors import ConfigError, OutputError

MODES = ("live", "exercise", "test")
VALID_DAYS = 3650
CERTIFICATE_BEGINS = b"-----BEGIN CERTIFICATE-----"


@dataclass(frozen=True, slots=True)
class AlertKey:
    """A private key (ECDSA P-256) with its certificate, which names the mode that it may sign."""

    private_key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def mode(self) -> str | None:
        """The mode that the certificate is bound to; None where somebody else made it."""
        return mode_of(self.certificate)


def keys_folder() -> Path:
    """Return the folder of keys and trusted certificates: `$RAMPART_KEYS`, else in the user's data folder."""
    own = os.environ.get("RAMPART_KEYS")
    return Path(own) if own else Path(platformdirs.user_data_dir("rampart")) / "keys"


def own_key(mode: str, folder: Path | None = None) -> AlertKey:
    """Return this machine's key for a mode, made at the first call.

    Raises OutputError where it cannot be written, ConfigError where what lies there is no such key.
    """
    folder = folder or keys_folder()
    path = folder / f"alerts-{mode}.pem"
    if not path.exists():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_once(path, _pem_of(_make_key(mode)))
        except OSError as error:
            wanted = f"a place for the key that signs alerts, or another in $RAMPART_KEYS ({error.strerror})"
            raise OutputError(str(path), wanted) from error
    return read_key(path)


def read_key(path: Path) -> AlertKey:
    """Return the key and certificate of one PEM file; raises ConfigError."""
    content = _read(path)
    try:
        key = serialization.load_pem_private_key(content, None)
        certificate = x509.load_pem_x509_certificate(content[content.find(CERTIFICATE_BEGINS) :])
        matching = key.public_key() == certificate.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        wanted = "a private key without a password and its certificate, in PEM"
        raise ConfigError(str(path), wanted) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ConfigError(str(path), "an ECDSA key on the curve P-256", type(key).__name__)
    if not matching:
        raise ConfigError(str(path), "the certificate of this very key")
    return AlertKey(key, certificate)


def read_certificate(path: Path) -> x509.Certificate:
    """Return the certificate of a PEM file; raises ConfigError."""
    content = _read(path)
    try:
        return x509.load_pem_x509_certificate(content[max(content.find(CERTIFICATE_BEGINS), 0) :])
    except ValueError as error:
        raise ConfigError(str(path), "a certificate in PEM") from error


def trusted_certificates(folder: Path | None = None) -> dict[str, x509.Certificate]:
    """Return by fingerprint the certificates that this machine trusts: its own and those put beside them."""
    trusted = {}
    for path in sorted((folder or keys_folder()).glob("*.pem")):
        with contextlib.suppress(ConfigError):
            certificate = read_certificate(path)
            trusted[fingerprint_of(certificate)] = certificate
    return trusted


def fingerprint_of(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of a certificate as people compare it, `AB:CD:…`."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def mode_of(certificate: x509.Certificate) -> str | None:
    """Return the mode to which a certificate of Rampart's is bound; None where it names none."""
    units = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    return next((str(unit.value) for unit in units if unit.value in MODES), None)


def _make_key(mode: str) -> AlertKey:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Rampart"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, mode),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Rampart alerts ({mode})"),
        ]
    )
    # A day's grace for receivers whose clocks are behind.
    begin = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=VALID_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_signing_only(), critical=True)
    )
    return AlertKey(key, builder.sign(key, hashes.SHA256()))


def _signing_only() -> x509.KeyUsage:
    refused = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign",
         "crl_sign", "encipher_only", "decipher_only"),
        False,
    )  # fmt: skip
    return x509.KeyUsage(digital_signature=True, **refused)


def _pem_of(key: AlertKey) -> bytes:
    private = key.private_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + key.certificate.public_bytes(serialization.Encoding.PEM)


def write_once(path: Path, content: bytes) -> None:
    """Write a file that its owner alone can read; where another process was faster, its file stays."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".key-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        os.unlink(draft)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(str(path), f"a readable file ({error.strerror})") from error

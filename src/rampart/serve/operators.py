"""Operators: keys of their own (Ed25519, the private part under a passphrase), and what they ask for, signed."""

import base64
import binascii
import hashlib
import os
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from rampart.errors import ConfigError, InputError, OutputError, RequestError
from rampart.serve.keys import keys_folder

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
REQUEST = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}")
LEAST_PASSPHRASE = 8
SIGNED_AS = b"rampart operator 1\0"
"""Stands before all that an operator signs, so that no other signature can pass for one."""
MOST_OCTETS = 200_000


class Paper(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What an operator signs. `verb`: raise, cancel or release; a release names the request's SHA-256.

    `zones` is empty for all zones of a raise; `time_s` is POSIX, when it was signed.
    """

    id: str
    verb: str
    by: str
    time_s: float
    site: str
    mode: str
    zones: tuple[str, ...] = ()
    every_zone: bool = False
    target: str = ""
    duration_s: float = 0.0
    request_sha256: str = ""


class Signed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A paper as it lies in a folder: its very text, and the signature over that."""

    paper: str
    signature: str


@dataclass(frozen=True, slots=True)
class Verified:
    """A paper whose signature holds, the SHA-256 of its text and the key that signed."""

    paper: Paper
    sha256: str
    key: bytes


def operators_folder() -> Path:
    """Return the folder of operators' keys: a `.pub` file there makes an operator known to this machine's server."""
    return keys_folder() / "operators"


def add_operator(name: str, passphrase: str) -> Path:
    """Make an operator's key pair; return the public part's path. Raises InputError, OutputError."""
    if not NAME.fullmatch(name):
        raise InputError("operator", "a name of letters, digits, '.', '_' and '-'", name)
    if len(passphrase) < LEAST_PASSPHRASE:
        raise InputError("passphrase", f"at least {LEAST_PASSPHRASE} characters")
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase.encode()),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    folder = operators_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / f"{name}.key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(private)
        (folder / f"{name}.pub").write_bytes(public)
    except FileExistsError as error:
        raise OutputError(str(folder / f"{name}.key"), "a name that no operator has yet") from error
    except OSError as error:
        raise OutputError(str(folder), f"a place for keys ({error.strerror})") from error
    return folder / f"{name}.pub"


def unlock(name: str, passphrase: str) -> Ed25519PrivateKey:
    """Return an operator's private key; raises ConfigError."""
    path = operators_folder() / f"{name}.key"
    if not NAME.fullmatch(name) or not path.is_file():
        raise ConfigError(str(path), "the key of an operator (rampart operator add NAME makes one)")
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), passphrase.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm, OSError) as error:
        raise ConfigError(str(path), "its passphrase; this is not it") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError(str(path), "an Ed25519 key")
    return key


def signed_paper(paper: Paper, key: Ed25519PrivateKey) -> bytes:
    """Return a paper with its signature, as a file holds it."""
    text = msgspec.json.encode(paper)
    signature = base64.b64encode(key.sign(SIGNED_AS + text)).decode()
    return msgspec.json.encode(Signed(text.decode(), signature))


def verified(content: bytes) -> Verified:
    """Return a paper whose signature is that of the operator it names; raises RequestError."""
    try:
        signed = msgspec.json.decode(content, type=Signed)
        paper = msgspec.json.decode(signed.paper, type=Paper)
        signature = base64.b64decode(signed.signature, validate=True)
    except (msgspec.MsgspecError, binascii.Error, ValueError) as error:
        raise RequestError("not a signed request") from error
    key = _public_key(paper.by)
    try:
        key.verify(signature, SIGNED_AS + signed.paper.encode())
    except InvalidSignature as error:
        raise RequestError(f"the signature is not {paper.by}'s") from error
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return Verified(paper, hashlib.sha256(signed.paper.encode()).hexdigest(), raw)


def new_id(now_s: float) -> str:
    """Return a request's id: its second and a random part."""
    return f"{datetime.fromtimestamp(now_s, UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


def _public_key(name: str) -> Ed25519PublicKey:
    path = operators_folder() / f"{name}.pub"
    if not NAME.fullmatch(name) or not path.is_file():
        raise RequestError(f"operator {name[:40]!r} is not known here")
    try:
        key = serialization.load_pem_public_key(path.read_bytes())
    except (ValueError, UnsupportedAlgorithm, OSError) as error:
        raise RequestError(f"{path}: not a public key") from error
    if not isinstance(key, Ed25519PublicKey):
        raise RequestError(f"{path}: not an Ed25519 key")
    return key

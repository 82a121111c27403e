"""Siren frames made and signed, and heartbeats read: Ed25519, a key for each mode, an epoch that no restart takes back.

The layout is the receiver's, in `rampart.serve.siren_receiver`; docs/siren.md has it octet by octet.
"""

import contextlib
import os
import struct
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from rampart.errors import ChannelError, ConfigError, OutputError
from rampart.serve import siren_receiver as wire
from rampart.serve.keys import keys_folder, write_once

LONGEST_ZONE = 255


@dataclass(frozen=True, slots=True)
class SirenKey:
    """The private key of one mode; frames of another mode cannot be made with it."""

    mode: str
    private_key: Ed25519PrivateKey

    @property
    def public_hex(self) -> str:
        """The public key as receivers read it."""
        return self.private_key.public_key().public_bytes_raw().hex()


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What a siren tells: the greatest frame that it took, what it sounds, its faults (bits), how many it refused."""

    name: str
    state: int
    faults: int
    epoch: int
    counter: int
    refused: int


def siren_key(mode: str, folder: Path | None = None) -> SirenKey:
    """Return this machine's siren key for a mode, made at the first call, its public half beside it as `.pub`.

    Raises OutputError where it cannot be written, ConfigError where what lies there is no such key.
    """
    folder = folder or keys_folder()
    path = folder / f"siren-{mode}.pem"
    try:
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            made = Ed25519PrivateKey.generate()
            form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            write_once(path, made.private_bytes(serialization.Encoding.PEM, *form))
        key = serialization.load_pem_private_key(path.read_bytes(), None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ConfigError(str(path), "an Ed25519 key", type(key).__name__)
        siren = SirenKey(mode, key)
        public = path.with_suffix(".pub")
        if not public.exists() or public.read_text() != siren.public_hex:
            public.write_text(siren.public_hex)
    except OSError as error:
        wanted = (
            f"a place for the key that signs siren frames, or another in $RAMPART_KEYS ({error.strerror})"
        )
        raise OutputError(str(path), wanted) from error
    except (ValueError, TypeError) as error:
        raise ConfigError(str(path), "a private key without a password, in PEM") from error
    return siren


def next_epoch(mode: str, folder: Path | None = None, now_ms: int | None = None) -> int:
    """Return an epoch greater than every one before: the time in ms, but at least one more than the last.

    It is on the disk before it is used; raises OutputError where that cannot be.
    """
    path = (folder or keys_folder()) / f"siren-{mode}.epoch"
    try:
        last = int(path.read_text()) if path.exists() else 0
    except (OSError, ValueError):
        # what cannot be read is made up for by the clock
        last = 0
    epoch = max(time.time_ns() // 1_000_000 if now_ms is None else now_ms, last + 1)
    draft = path.with_suffix(".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(str(epoch))
        os.replace(draft, path)
    except OSError as error:
        raise OutputError(str(path), f"a place for the sirens' epoch ({error.strerror})") from error
    return epoch


class FrameMaker:
    """Makes frames, each greater than the one before; may be called from several threads.

    The time in them never goes back, whatever the machine's clock does; validity counts from it.
    """

    def __init__(self, key: SirenKey, epoch: int):
        self.key, self.epoch, self.counter = key, epoch, 0
        self._sent_ms = 0
        self._lock = threading.Lock()

    def frame(
        self, zone: str, state: int, mode: str, holds_s: float, impact_in_s: float | None = None
    ) -> bytes:
        """Return a signed frame for a zone ("" says only that the sender lives).

        `holds_s` seconds from now it ends by itself. Raises ChannelError for another mode than the key's.
        """
        name = zone.encode()
        if mode != self.key.mode:
            raise ChannelError(
                f"a siren key for {self.key.mode}: no frame of mode {mode} is made", for_good=True
            )
        if len(name) > LONGEST_ZONE:
            raise ChannelError(f"zone {zone!r}: wanted an id of at most {LONGEST_ZONE} octets", for_good=True)
        with self._lock:
            self.counter += 1
            counter = self.counter
            self._sent_ms = sent_ms = max(time.time_ns() // 1_000_000, self._sent_ms)
        impact_ms = 0 if impact_in_s is None else max(1, sent_ms + round(impact_in_s * 1e3))
        octets = wire.FRAME.pack(
            wire.MAGIC, wire.VERSION, wire.STATE_KIND, wire.MODES[mode], state, self.epoch, counter,
            sent_ms, sent_ms + max(0, round(holds_s * 1e3)), impact_ms, len(name),
        ) + name  # fmt: skip
        return octets + self.key.private_key.sign(octets)


def heartbeat_of(octets: bytes, mode: str, keys: dict[str, Ed25519PublicKey]) -> Heartbeat | None:
    """Return a heartbeat that a known siren of this mode has signed; None for anything else."""
    with contextlib.suppress(struct.error, UnicodeDecodeError, InvalidSignature):
        *kind, its_mode, state, faults, epoch, counter, refused, length = wire.BEAT.unpack_from(octets)
        name = octets[wire.BEAT.size : -wire.SIGNATURE].decode()
        known = kind == [wire.MAGIC, wire.VERSION, wire.BEAT_KIND] and its_mode == wire.MODES[mode]
        if known and len(octets) == wire.BEAT.size + length + wire.SIGNATURE and name in keys:
            keys[name].verify(octets[-wire.SIGNATURE :], octets[: -wire.SIGNATURE])
            return Heartbeat(name, state, faults, epoch, counter, refused)
    return None

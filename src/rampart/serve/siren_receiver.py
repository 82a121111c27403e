"""The reference receiver of siren frames, for a small machine by a siren; the frame is in docs/siren.md.

It believes frames signed with the one key that it was given, for its one mode, and of each zone keeps the greatest
(epoch, counter). Time is the sender's, from the frames: its own clock may be wrong.
"""

import argparse
import array
import contextlib
import math
import shutil
import signal
import socket
import struct
import subprocess
import time
import wave
from collections import Counter
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

FRAME = struct.Struct(">4sBBBBQQQQQB")  # magic version kind mode state epoch counter sent until impact length
BEAT = struct.Struct(">4sBBBBBQQQB")  # magic version kind mode state faults epoch counter refused length
MAGIC, VERSION, STATE_KIND, BEAT_KIND, SIGNATURE = b"RSIR", 1, 1, 2, 64
MODES = {"live": 1, "exercise": 2, "test": 3}
CALM, WARNING, CLEARED, CANCELLED = 0, 1, 2, 3
WORDS = ("calm", "warning", "all-clear", "cancelled")
PITCHES_HZ = {WARNING: (420, 860), CLEARED: (520, 520), CANCELLED: (300, 300)}
SENDER_SILENT, PLAYER_FAILED, RATE_HZ = 1, 2, 16000
LATE_MS, SILENT_S, BEAT_S, SAVE_S = (
    10_000,
    5.0,
    1.0,
    60.0,
)  # a frame later than LATE_MS is old, whatever it counts


class Siren:
    """What one siren knows. `now_s` is any clock that only goes on; `counts` says what became of the frames."""

    def __init__(self, zones: set[str], mode: str, public_key: bytes, now_s: float = 0.0, memory=(0, 0, 0)):
        self.zones, self.mode, self._at_s = zones | {""}, MODES[mode], now_s
        self._key = Ed25519PublicKey.from_public_bytes(public_key)
        self.greatest, self.newest_ms = memory[:2], memory[2]
        self._floor = self.greatest
        self.held: dict[str, tuple[int, int, int, int]] = {}
        self.counts: Counter[str] = Counter()

    def hear(self, octets: bytes, now_s: float) -> str:
        """Take one datagram; return what became of it: taken, old, forged, foreign or malformed. Never raises."""
        self.counts[verdict := self._judge(octets, now_s)] += 1
        return verdict

    def _judge(self, octets: bytes, now_s: float) -> str:
        if len(octets) < FRAME.size + SIGNATURE:
            return "malformed"
        *kind, mode, state, epoch, counter, sent_ms, until_ms, _, length = FRAME.unpack_from(octets)
        whole = len(octets) == FRAME.size + length + SIGNATURE
        if kind != [MAGIC, VERSION, STATE_KIND] or state >= len(WORDS) or not whole:
            return "malformed"
        zone = octets[FRAME.size : -SIGNATURE].decode("utf-8", "replace")
        if mode != self.mode or zone not in self.zones:
            return "foreign"
        late = epoch < self.greatest[0] or (epoch == self.greatest[0] and sent_ms < self.newest_ms - LATE_MS)
        if (epoch, counter) <= self.held.get(zone, self._floor)[:2] or late:
            return "old"
        try:
            self._key.verify(octets[-SIGNATURE:], octets[:-SIGNATURE])
        except InvalidSignature:
            return "forged"
        self.held[zone] = (epoch, counter, state, until_ms)
        if sent_ms > self.newest_ms or epoch > self.greatest[0]:
            self.newest_ms, self._at_s = sent_ms, now_s
        self.greatest = max(self.greatest, (epoch, counter))
        return "taken"

    def state(self, now_s: float) -> int:
        """Return what to sound: a warning, else what came last; what nobody renewed has ended by itself."""
        sender_ms = self.newest_ms + (now_s - self._at_s) * 1000.0
        standing = [held for held in self.held.values() if held[3] > sender_ms and held[2] != CALM]
        return max(standing, key=lambda held: (held[2] == WARNING, held), default=(0, 0, CALM))[2]

    def is_silent(self, now_s: float) -> bool:
        """Return whether the sender has fallen silent, which is a fault and never calm."""
        return now_s - self._at_s > SILENT_S

    def heartbeat(self, name: str, key: Ed25519PrivateKey, now_s: float, faults: int) -> bytes:
        """Return a signed heartbeat that tells the sender the greatest frame taken and what sounds."""
        faults |= SENDER_SILENT * self.is_silent(now_s)
        refused = self.counts["forged"] + self.counts["malformed"]
        numbers = (self.mode, self.state(now_s), faults, *self.greatest, refused, len(name.encode()))
        octets = BEAT.pack(MAGIC, VERSION, BEAT_KIND, *numbers) + name.encode()
        return octets + key.sign(octets)


class Player:
    """Runs `command` with a state's WAV, a warning's again and again; outside mode live it is broken into beeps."""

    def __init__(self, command: str, mode: str, folder: Path):
        installed = next((p for p in ("aplay", "paplay", "afplay") if shutil.which(p)), "")
        self._argv, self._folder = (command or installed).split(), folder
        self._state, self.failed = CALM, not self._argv
        self._process: subprocess.Popen | None = None
        for state, (low_hz, high_hz) in PITCHES_HZ.items():
            _write_wav(folder / f"{WORDS[state]}.wav", low_hz, high_hz, broken=mode != "live")

    def show(self, state: int) -> None:
        """Sound a state from now on."""
        code = self._process.poll() if self._process else 0
        self.failed |= (code or 0) > 0 or (self._process is None and self._state != CALM)
        if state == self._state and (state != WARNING or code is None):
            return
        if self._process:
            self._process.terminate()
        self._state, self._process = state, None
        with contextlib.suppress(OSError):  # without a process for its sound it counts as failed
            if state != CALM:
                self._process = subprocess.Popen([*self._argv, str(self._folder / f"{WORDS[state]}.wav")])


def _write_wav(path: Path, low_hz: float, high_hz: float, broken: bool) -> None:
    samples, phase = array.array("h"), 0.0
    for t_s in (i / RATE_HZ for i in range(4 * RATE_HZ)):
        phase += math.tau * (low_hz + (high_hz - low_hz) * math.sin(math.pi * t_s / 4.0)) / RATE_HZ
        samples.append(0 if broken and t_s % 0.5 > 0.25 else int(28000 * math.sin(phase)))
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        file.writeframes(samples.tobytes())


def main(argv: list[str] | None = None) -> None:
    """Run a siren until SIGINT or SIGTERM."""
    example = "Example:  rampart siren --zone green-zone --mode live --key live.pub --listen 239.192.0.9:8490"
    parser = argparse.ArgumentParser("rampart siren", description="Sound siren frames.", epilog=example)
    add = parser.add_argument
    add("--zone", action="append", required=True, help="id of a zone to sound for; may come again")
    add("--key", type=Path, required=True, help="public key of the sender for this mode (hex)")
    add("--mode", choices=MODES, required=True, help="the one mode in which it sounds")
    add("--listen", default="0.0.0.0:8490", help="ADDRESS:PORT; a multicast group is joined")
    add("--interface", default="0.0.0.0", help="where the group is joined: an address of this machine")
    add("--name", default=socket.gethostname(), help="what the sender knows this siren by")
    add("--folder", type=Path, default=Path("siren"), help="where its own key, memory and sounds lie")
    add("--command", default="", help="run this with the sound's file, instead of aplay, paplay or afplay")
    options = parser.parse_args(argv)
    memory, path = options.folder / "memory", options.folder / "key"
    try:
        options.folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.touch(0o600)
            path.write_bytes(Ed25519PrivateKey.generate().private_bytes_raw())
        own = Ed25519PrivateKey.from_private_bytes(path.read_bytes())
        memory.touch()
        remembered = struct.unpack(">QQQ", memory.read_bytes().ljust(24, b"\0")[:24])
        public = bytes.fromhex(options.key.read_text())
        siren = Siren(set(options.zone), options.mode, public, time.monotonic(), remembered)
        host, port = options.listen.split(":")
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        opened.settimeout(0.2)
        opened.bind((host, int(port)))
        if 224 <= int(host.partition(".")[0]) < 240:
            request = socket.inet_aton(host) + socket.inet_aton(options.interface)
            opened.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request)
        player = Player(options.command, options.mode, options.folder)
    except (OSError, ValueError) as error:
        raise SystemExit(f"rampart siren: {error}") from error
    print(f"siren {options.name}, key {own.public_key().public_bytes_raw().hex()}", flush=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        _run(siren, opened, player, lambda *now: siren.heartbeat(options.name, own, *now), memory)
    except KeyboardInterrupt:
        player.show(CALM)


def _run(siren: Siren, opened: socket.socket, player: Player, heartbeat, memory: Path) -> None:
    said, peer, due_s, save_s = (CALM, False), None, 0.0, 0.0
    while True:
        with contextlib.suppress(OSError):  # nothing came in, or a heartbeat met nobody
            octets, sender = opened.recvfrom(2048)
            peer = sender if siren.hear(octets, time.monotonic()) == "taken" else peer
        now_s = time.monotonic()
        news = siren.state(now_s), siren.is_silent(now_s)
        player.show(news[0])
        with contextlib.suppress(OSError):  # a disk or a network that refuses silences no siren
            if news != said:
                print(WORDS[news[0]] + (": FAULT: the sender is silent" if news[1] else ""), flush=True)
            if peer is not None and (news != said or now_s >= due_s):
                due_s = now_s + BEAT_S
                opened.sendto(heartbeat(now_s, PLAYER_FAILED * player.failed), peer)
            if news != said or now_s >= save_s:
                save_s = now_s + SAVE_S
                memory.write_bytes(struct.pack(">QQQ", *siren.greatest, siren.newest_ms))
        said = news


if __name__ == "__main__":
    main()

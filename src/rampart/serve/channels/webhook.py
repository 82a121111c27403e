"""Webhooks: each decision, and now and then that all is alive, as signed JSON to one URL."""

import hashlib
import hmac
import json
import time

from rampart.channelkeys import WebhookKeys
from rampart.domain.wire import iso_time
from rampart.errors import ChannelError, ConfigError
from rampart.serve.channels.making import Place
from rampart.serve.channels.notice import Beat, Notice
from rampart.serve.channels.post import Poster
from rampart.serve.channels.secrets import secret_of
from rampart.serve.channels.words import FORM, notice_json

LEAST_SECRET = 16


class WebhookChannel:
    """One URL. The receiver checks `X-Rampart-Signature` and knows by `Idempotency-Key` what it has already."""

    needs_cap = False

    def __init__(self, keys: WebhookKeys, name: str, place: Place):
        """Read the secret; raises ConfigError. Nothing is sent yet."""
        self.name = name
        self.mode: str = keys.mode
        where = f"channel {name}"
        secret = secret_of(keys.secret_file, keys.secret_env, place.base, f"{where}: secret")
        if secret is None or len(secret) < LEAST_SECRET:
            wanted = f"secret_file or secret_env, with at least {LEAST_SECRET} characters in it"
            raise ConfigError(f"{where}: secret_file", wanted)
        self._secret = secret.encode()
        ca_file = place.base / keys.ca_file if keys.ca_file else None
        self._poster = Poster(keys.url, keys.timeout_s, ca_file, where)

    def deliver(self, notice: Notice) -> str:
        """Post one decision; another attempt has the same idempotency key."""
        if notice.event.mode != self.mode:
            raise ChannelError(
                f"an alert of mode {notice.event.mode}: this URL is for {self.mode}", for_good=True
            )
        key = f"{notice.event.alert}.{notice.event.seq}.{notice.event.action}"
        return self._post({"kind": "alert", **notice_json(notice)}, key)

    def beat(self, beat: Beat) -> None:
        """Post that all is alive."""
        said = {
            "kind": "alive",
            "form": FORM,
            "mode": self.mode,
            "time": iso_time(beat.time_s),
            "alive": beat.alive,
            "warned": [state.zone.id for state in beat.standing],
            "health": {source: {"state": s, "reason": reason} for source, (s, reason) in beat.health.items()},
        }
        self._post(said, f"alive.{beat.time_s:.3f}")

    def close(self) -> None:
        """Nothing is open between posts."""

    def _post(self, said: dict, key: str) -> str:
        body = json.dumps(said, ensure_ascii=False).encode()
        timestamp = str(int(time.time()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "rampart",
            "Idempotency-Key": _plain(key),
            "X-Rampart-Mode": self.mode,
            "X-Rampart-Timestamp": timestamp,
            "X-Rampart-Signature": f"v1={signature_of(self._secret, timestamp, body)}",
        }
        return self._poster.post(body, headers)


def signature_of(secret: bytes, timestamp: str, body: bytes) -> str:
    """Return HMAC-SHA256, in hexadecimal, over the timestamp, a full stop and the body."""
    return hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _plain(text: str) -> str:
    """Return a text as a header's value: what is not printable ASCII is escaped."""
    return text.encode("ascii", "backslashreplace").decode().replace("\r", "").replace("\n", "")

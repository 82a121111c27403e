"""MQTT: the state of each zone as a retained message, a last will as dead-man, Home Assistant finds it by itself.

Paho's own thread keeps the connection. Every message has quality of service 1 and counts as sent when the broker has
confirmed it; the channel subscribes to its own topics and compares what the broker really holds.
"""

import json
import ssl
import threading
import time
import zlib
from urllib.parse import quote, unquote

from paho.mqtt.client import Client, MQTTMessageInfo
from paho.mqtt.enums import CallbackAPIVersion

from rampart.channelkeys import MqttKeys
from rampart.errors import ChannelError, ConfigError
from rampart.serve.channels.making import Place
from rampart.serve.channels.notice import Beat, Notice, ZoneState
from rampart.serve.channels.secrets import secret_of
from rampart.serve.channels.words import FORM, state_json

ONLINE, OFFLINE = "online", "offline"
GONE = "gone"
"""The state of a zone that the site does not know any more: nobody warns it, and its subscribers hear that."""
MARK = {"live": "", "exercise": "EXERCISE ", "test": "TEST "}


class MqttChannel:
    """One broker. `overwritten` counts states that somebody else had changed on the broker."""

    needs_cap = False

    def __init__(self, keys: MqttKeys, name: str, place: Place):
        """Prepare the client, which connects at the first beat; raises ConfigError for a missing secret."""
        self.name, self._keys, self._site = name, keys, place.site
        self.mode: str = keys.mode
        self.root = f"{keys.topic.strip('/')}/{_level(place.site.id)}/{keys.mode}"
        self._epoch = time.time_ns() // 1_000_000
        self._connected = threading.Event()
        self._refused = ""
        self._begun = False
        self._sent: dict[str, str] = {}
        self._changes: dict[str, int] = {}
        self._held: dict[str, str] = {}
        self._discovered: set[str] = set()
        self.overwritten = 0
        where = f"channel {name}: password"
        self._password = secret_of(keys.password_file, keys.password_env, place.base, where)
        self._context = self._tls(place) if keys.tls else None
        self._client = self._made()

    def deliver(self, notice: Notice) -> str:
        """Publish where the zone stands now; returns when the broker has confirmed it."""
        if notice.event.mode != self.mode:
            raise ChannelError(
                f"an alert of mode {notice.event.mode}: this broker's topics are for {self.mode}", True
            )
        self._connect()
        state = notice.zone_state or ZoneState(notice.zone)
        if state.change < self._changes.get(notice.zone.id, 0):
            return "the zone has gone on since"
        self._confirm(self._publish_state(state))
        return f"{self._state_topic(notice.zone.id)} = {state.state}"

    def beat(self, beat: Beat) -> str:
        """Publish what has changed, or everything after a (re)connection; compare what the broker holds."""
        self._connect()
        infos = [self._publish_state(state) for state in beat.states.values() if self._is_news(state)]
        infos += self._drop_zones(set(beat.states))
        infos += [
            self._discover(state) for state in beat.states.values() if state.zone.id not in self._discovered
        ]
        health = {
            source: {"state": state, "reason": reason} for source, (state, reason) in beat.health.items()
        }
        infos.append(
            self._publish(f"{self.root}/system", json.dumps({"alive": beat.alive, "health": health}))
        )
        infos.append(self._publish(f"{self.root}/availability", ONLINE if beat.alive else OFFLINE))
        for info in infos:
            self._confirm(info)
        return self._compare()

    def close(self) -> None:
        """Say that nobody is there any more, and leave."""
        if self._connected.is_set():
            self._sent.pop(f"{self.root}/availability", None)
            self._confirm(self._publish(f"{self.root}/availability", OFFLINE))
        self._client.disconnect()
        self._client.loop_stop()

    def _tls(self, place: Place) -> ssl.SSLContext:
        ca_file = self._keys.ca_file
        try:
            return ssl.create_default_context(cafile=str(place.base / ca_file) if ca_file else None)
        except (OSError, ssl.SSLError) as error:
            wanted = "a readable file of certificates, in PEM"
            raise ConfigError(f"channel {self.name}: ca_file", wanted, ca_file) from error

    def _made(self) -> Client:
        keys = self._keys
        # an id of its own, so that a second server does not throw this one out
        client = Client(CallbackAPIVersion.VERSION2, client_id=f"rampart-{self.mode}-{self._epoch:x}")
        if keys.user is not None:
            client.username_pw_set(keys.user, self._password)
        if self._context is not None:
            client.tls_set_context(self._context)
        client.will_set(f"{self.root}/availability", OFFLINE, qos=1, retain=True)
        client.connect_timeout = keys.timeout_s
        client.reconnect_delay_set(1, max(1, round(keys.longest_retry_s)))
        client.on_connect, client.on_disconnect = self._on_connect, self._on_disconnect
        client.on_message = self._on_message
        return client

    def _renew(self) -> None:
        """Begin anew with another client: what the old one still holds back must not go out later as if it were new."""
        old = self._client
        old.on_connect = old.on_disconnect = old.on_message = None
        self._connected.clear()
        self._begun = False
        old.disconnect()
        old.loop_stop()
        self._client = self._made()

    def _connect(self) -> None:
        """Wait until the broker has let us in; raises ChannelError."""
        if not self._begun:
            self._begun = True
            self._client.connect_async(self._keys.host, self._keys.port, self._keys.keepalive_s)
            self._client.loop_start()
        if not self._connected.wait(self._keys.timeout_s):
            reason = self._refused or "no answer"
            raise ChannelError(f"broker {self._keys.host}:{self._keys.port}: {reason}")

    def _on_connect(self, client, userdata, flags, reason, properties) -> None:
        if reason.is_failure:
            self._refused = f"refused: {reason}"
            return
        # whatever the broker holds: all of it is said anew
        self._refused = ""
        self._sent, self._changes, self._held, self._discovered = {}, {}, {}, set()
        client.subscribe(f"{self.root}/zone/+/state", qos=1)
        self._connected.set()

    def _on_disconnect(self, client, userdata, flags, reason, properties) -> None:
        self._connected.clear()

    def _on_message(self, client, userdata, message) -> None:
        self._held[message.topic] = message.payload.decode("utf-8", "replace")

    def _publish(self, topic: str, payload: str) -> MQTTMessageInfo | None:
        """Publish a retained message, unless the broker has this very one."""
        if self._sent.get(topic) == payload:
            return None
        info = self._client.publish(topic, payload, qos=1, retain=True)
        self._sent[topic] = payload
        return info

    def _confirm(self, info: MQTTMessageInfo | None) -> None:
        """Wait until the broker has confirmed a message; raises ChannelError."""
        if info is None:
            return
        try:
            info.wait_for_publish(self._keys.timeout_s)
            confirmed = info.is_published()
        except (RuntimeError, ValueError):
            confirmed = False
        if not confirmed:
            self._renew()
            raise ChannelError(f"broker {self._keys.host}:{self._keys.port} does not confirm")

    def _is_news(self, state: ZoneState) -> bool:
        topic = self._state_topic(state.zone.id)
        return topic not in self._sent or state.change > self._changes.get(state.zone.id, -1)

    def _publish_state(self, state: ZoneState) -> MQTTMessageInfo | None:
        self._changes[state.zone.id] = state.change
        said = state_json(state, self.mode, self._epoch)
        return self._publish(self._state_topic(state.zone.id), json.dumps(said, ensure_ascii=False))

    def _drop_zones(self, known: set[str]) -> list[MQTTMessageInfo | None]:
        """Say of zones that are no more that they are gone, an earlier run's too; the run after takes that back."""
        topics = {self._state_topic(zone) for zone in known}
        infos: list[MQTTMessageInfo | None] = []
        for topic, payload in list(self._held.items()):
            if not payload or topic in topics:
                continue
            level = topic.removeprefix(f"{self.root}/zone/").removesuffix("/state")
            state, epoch = _state_and_epoch(payload)
            if state != GONE:
                for config in self._config_topics(level) if self._keys.discovery_prefix else ():
                    infos.append(self._publish(config, ""))
                infos.append(self._publish(topic, self._gone_json(unquote(level))))
            elif epoch != self._epoch:
                infos.append(self._publish(topic, ""))
        return infos

    def _gone_json(self, zone: str) -> str:
        """Return the state of a zone that is no more, from where a later set of zones may bring it back."""
        self._changes.pop(zone, None)
        self._discovered.discard(zone)
        said = {
            "form": FORM,
            "mode": self.mode,
            "zone": zone,
            "state": GONE,
            "epoch": self._epoch,
            "change": 0,
        }
        return json.dumps(said, ensure_ascii=False)

    def _discover(self, state: ZoneState) -> MQTTMessageInfo | None:
        """Let Home Assistant find a zone: whether it is safe, and the time of the impact."""
        self._discovered.add(state.zone.id)
        if not self._keys.discovery_prefix:
            return None
        level = _level(state.zone.id)
        common = {
            "state_topic": self._state_topic(state.zone.id),
            "availability_topic": f"{self.root}/availability",
            "device": {
                "identifiers": [self._unique("site")],
                "name": f"{MARK[self.mode]}Rampart {self._site.name}",
                "manufacturer": "Rampart",
            },
        }
        safety = {
            "name": f"{MARK[self.mode]}{state.zone.name}",
            "unique_id": self._unique(level),
            "device_class": "safety",
            "value_template": "{{ 'ON' if value_json.state == 'warning' else 'OFF' }}",
            "json_attributes_topic": common["state_topic"],
        }
        impact = {
            "name": f"{MARK[self.mode]}{state.zone.name} impact",
            "unique_id": f"{self._unique(level)}_impact",
            "device_class": "timestamp",
            "value_template": "{{ value_json.impact_time }}",
        }
        topics = self._config_topics(level)
        self._publish(topics[0], json.dumps(common | safety, ensure_ascii=False))
        return self._publish(topics[1], json.dumps(common | impact, ensure_ascii=False))

    def _compare(self) -> str:
        """Return what the broker holds otherwise than it was sent; it is sent again at the next beat."""
        states = {
            topic: payload for topic, payload in self._sent.items() if topic.endswith("/state") and payload
        }
        wrong = [topic for topic, payload in states.items() if self._held.get(topic, payload) != payload]
        for topic in wrong:
            del self._sent[topic]
        self.overwritten += len(wrong)
        return (
            f"somebody else wrote {wrong[0]}" + (f" and {len(wrong) - 1} more" if wrong[1:] else "")
            if wrong
            else ""
        )

    def _state_topic(self, zone: str) -> str:
        return f"{self.root}/zone/{_level(zone)}/state"

    def _unique(self, level: str) -> str:
        return f"rampart_{_object(self._site.id)}_{self.mode}_{_object(level)}"

    def _config_topics(self, level: str) -> tuple[str, str]:
        prefix, unique = self._keys.discovery_prefix, self._unique(level)
        return f"{prefix}/binary_sensor/{unique}/config", f"{prefix}/sensor/{unique}_impact/config"


def _state_and_epoch(payload: str) -> tuple[object, object]:
    """Return what a retained message says, whoever wrote it; None where it does not."""
    try:
        said = json.loads(payload)
        return said.get("state"), said.get("epoch")
    except (ValueError, AttributeError, RecursionError):
        return None, None


def _level(text: str) -> str:
    """Return a text as one level of a topic, without the signs that mean something there."""
    return quote(text, safe="-._~")


def _object(level: str) -> str:
    """Return a level as an object id of Home Assistant: letters, digits, `_`, `-`; different ones stay different."""
    plain = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "_-") else "-" for sign in level)
    return plain if plain == level else f"{plain}-{zlib.crc32(level.encode()):08x}"

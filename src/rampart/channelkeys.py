"""`[[channel]]` of site.toml: the keys of each kind. No key holds a secret, only the place where it lies."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from rampart.errors import ConfigError
from rampart.tomlkeys import Keys, Name

Mode = Literal["live", "exercise", "test"]
Port = Annotated[int, Meta(ge=1, le=65535)]
Seconds = Annotated[float, Meta(gt=0.0, le=3600.0)]
Topic = Annotated[str, Meta(pattern="^[A-Za-z0-9_./-]{1,100}$")]


class ChannelKeys(Keys, kw_only=True, frozen=True):
    """What every kind has. `mode`: the one mode that the channel serves; a run in another never opens it."""

    name: Name | None = None
    mode: Mode | None
    timeout_s: Seconds = 4.0
    beat_s: Seconds = 1.0
    first_retry_s: Seconds = 0.25
    longest_retry_s: Seconds = 8.0
    most_attempts: Annotated[int, Meta(ge=1, le=1000)] = 30

    def reaches(self) -> tuple[str, ...]:
        """Return the peers' addresses: no two modes may have one in common."""
        return ()


class CapKeys(ChannelKeys, kw_only=True, frozen=True, tag_field="kind", tag="cap"):
    """`kind = "cap"`: the signed files, which are always written; with `url`, each is posted there too."""

    mode: Mode | None = None
    url: str | None = None
    ca_file: str | None = None

    def reaches(self) -> tuple[str, ...]:
        """Return the address to which the files go."""
        return (self.url,) if self.url else ()


class SirenKeys(ChannelKeys, kw_only=True, frozen=True, tag_field="kind", tag="siren"):
    """`kind = "siren"`: signed frames to `to`, for `zones` or all; `sirens` are those whose heartbeat is awaited.

    `sirens` maps a siren's name to its own public key, which it prints at its start.
    """

    mode: Mode
    longest_retry_s: Seconds = 1.0
    to: Annotated[list[str], Meta(min_length=1)]
    interface: str = ""
    multicast_hops: Annotated[int, Meta(ge=0, le=255)] = 1
    zones: tuple[str, ...] = ()
    sirens: dict[str, str] = msgspec.field(default_factory=dict)
    silent_after_s: Seconds = 5.0
    repeat_over_s: Seconds = 30.0

    def reaches(self) -> tuple[str, ...]:
        """Return the addresses to which frames go."""
        return tuple(self.to)


class MqttKeys(ChannelKeys, kw_only=True, frozen=True, tag_field="kind", tag="mqtt"):
    """`kind = "mqtt"`: a broker; everything lies under `topic`/SITE/MODE, so that modes never share a topic.

    `discovery_prefix` is Home Assistant's; empty: no discovery.
    """

    mode: Mode
    host: Name
    port: Port = 1883
    topic: Topic = "rampart"
    discovery_prefix: Annotated[str, Meta(pattern="^[A-Za-z0-9_-]*$")] = "homeassistant"
    keepalive_s: Annotated[int, Meta(ge=1, le=600)] = 5
    user: str | None = None
    password_file: str | None = None
    password_env: str | None = None
    tls: bool = False
    ca_file: str | None = None


class WebhookKeys(ChannelKeys, kw_only=True, frozen=True, tag_field="kind", tag="webhook"):
    """`kind = "webhook"`: signed JSON to `url`; the secret in a file or in the environment."""

    mode: Mode
    url: str
    beat_s: Seconds = 30.0
    secret_file: str | None = None
    secret_env: str | None = None
    ca_file: str | None = None

    def reaches(self) -> tuple[str, ...]:
        """Return the address."""
        return (self.url,)


class CotKeys(ChannelKeys, kw_only=True, frozen=True, tag_field="kind", tag="cot"):
    """`kind = "cot"`: Cursor-on-Target to `to`: tcp://HOST:PORT, tls://HOST:PORT or udp://GROUP:PORT.

    `cert_file` and `key_file` are this client's own, where a server wants them. `expect_pong`: a server that does
    not answer pings counts as failed.
    """

    mode: Mode
    to: str
    beat_s: Seconds = 3.0
    repeat_s: Seconds = 10.0
    expect_pong: bool = True
    interface: str = ""
    multicast_hops: Annotated[int, Meta(ge=0, le=255)] = 1
    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None

    def reaches(self) -> tuple[str, ...]:
        """Return the address."""
        return (self.to,)


class PageKeys(ChannelKeys, kw_only=True, frozen=True, tag_field="kind", tag="page"):
    """`kind = "page"`: the public page, one for each zone, at `listen`:`port`, for those who can reach that address."""

    mode: Mode | None = None
    listen: str = "127.0.0.1"
    port: Port = 8490
    beat_s: Annotated[float, Meta(gt=0.0, le=1.5)] = 1.0
    most_clients: Annotated[int, Meta(ge=1, le=20000)] = 1000

    def reaches(self) -> tuple[str, ...]:
        """Return the address at which the page is served."""
        host = f"[{self.listen}]" if ":" in self.listen else self.listen
        return (f"http://{host}:{self.port}/",)


KINDS: dict[str, type[ChannelKeys]] = {
    str(kind.__struct_config__.tag): kind
    for kind in (CapKeys, CotKeys, MqttKeys, PageKeys, SirenKeys, WebhookKeys)
}


def kind_wanted(table: dict[str, Any], where: str) -> type[ChannelKeys]:
    """Return the keys that a table of this kind may have; raises ConfigError."""
    kind = table.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise ConfigError(f"{where}.kind", f"one of {', '.join(sorted(KINDS))}", kind)
    return KINDS[kind]


def kind_of(keys: ChannelKeys) -> str:
    """Return the kind of a channel's table."""
    return str(keys.__struct_config__.tag)


def names_of(channels: Sequence[ChannelKeys]) -> list[str]:
    """Return what each channel is called: its own name, else its kind and mode."""
    return [keys.name or "-".join(filter(None, (kind_of(keys), keys.mode))) for keys in channels]


def check_channels(channels: Sequence[ChannelKeys], path: str) -> None:
    """Raise ConfigError where two channels have one name, or an exercise would reach the peer of a live channel."""
    names = names_of(channels)
    for i, keys in enumerate(channels):
        if isinstance(keys, CapKeys) and keys.url is not None and keys.mode is None:
            raise ConfigError(
                f"{path}: channel[{i}].mode", "live, exercise or test: the mode that the url serves"
            )
        if names[i] in names[:i]:
            raise ConfigError(f"{path}: channel[{i}].name", "a name that no other channel has", names[i])
        for other in channels[:i]:
            shared = set(keys.reaches()) & set(other.reaches())
            if shared and other.mode != keys.mode:
                wanted = f"peers of its own: a channel of mode {other.mode} has this one"
                raise ConfigError(f"{path}: channel[{i}]", wanted, min(shared))

"""A site's channels made from their tables; `station.py` alone calls this, so that nothing else can open one."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rampart.channelkeys import (
    CapKeys,
    ChannelKeys,
    CotKeys,
    MqttKeys,
    PageKeys,
    SirenKeys,
    WebhookKeys,
    names_of,
)
from rampart.domain.site import Site
from rampart.serve.channels.notice import Channel


class Place(NamedTuple):
    """Where channels are made: for which site (and its mode), beside which site.toml, in which folder of a live run."""

    site: Site
    base: Path
    out: Path


def _cap(keys: CapKeys, name: str, place: Place) -> Channel | None:
    from rampart.serve.channels.cap_post import CapChannel

    return CapChannel(keys, name, place) if keys.url is not None else None


def _cot(keys: CotKeys, name: str, place: Place) -> Channel:
    from rampart.serve.channels.cot import CotChannel

    return CotChannel(keys, name, place)


def _mqtt(keys: MqttKeys, name: str, place: Place) -> Channel:
    from rampart.serve.channels.mqtt import MqttChannel

    return MqttChannel(keys, name, place)


def _page(keys: PageKeys, name: str, place: Place) -> Channel:
    from rampart.serve.channels.page import PageChannel

    return PageChannel(keys, name, place)


def _siren(keys: SirenKeys, name: str, place: Place) -> Channel:
    from rampart.serve.channels.siren import SirenChannel

    return SirenChannel(keys, name, place)


def _webhook(keys: WebhookKeys, name: str, place: Place) -> Channel:
    from rampart.serve.channels.webhook import WebhookChannel

    return WebhookChannel(keys, name, place)


MAKERS: dict[type[ChannelKeys], Callable[[Any, str, Place], Channel | None]] = {
    CapKeys: _cap,
    CotKeys: _cot,
    MqttKeys: _mqtt,
    PageKeys: _page,
    SirenKeys: _siren,
    WebhookKeys: _webhook,
}
"""How each kind is made: its keys, the channel's name and the place; None where the herald does it already."""


def channels_of(tables: Sequence[ChannelKeys], place: Place) -> list[tuple[Channel, ChannelKeys]]:
    """Return the channels that serve the run's mode, with their keys; those of other modes are not even made.

    Raises InputError where a secret, a key or an address is missing. Nothing is sent yet.
    """
    made = []
    for keys, name in zip(tables, names_of(tables), strict=True):
        if keys.mode in (None, place.site.mode):
            channel = MAKERS[type(keys)](keys, name, place)
            if channel is not None:
                made.append((channel, keys))
    return made

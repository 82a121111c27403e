"""The public page as a channel: what each zone's screen shows, from decisions and beats; never a launch place."""

import time
from typing import Any

import msgspec

from rampart.channelkeys import PageKeys
from rampart.domain.site import Site
from rampart.errors import ChannelError
from rampart.serve.cap_message import spoken
from rampart.serve.channels.exchange import ALERTS, ZONES
from rampart.serve.channels.making import Place
from rampart.serve.channels.notice import CALM, WARNING, Beat, Notice, ZoneState
from rampart.serve.channels.page_server import PageServer
from rampart.serve.phrases import Texts, known_languages, name_in, name_within, texts_in

OVER_SHOWN_S = 600.0
"""An all clear or an apology is shown for so long, then the page is calm."""
SYSTEM_BLIND, SYSTEM_PARTLY, SYSTEM_OK = "blind", "partly", "ok"


class PageChannel:
    """Serves the pages; each decision and each beat becomes the newest state of its zones."""

    needs_cap = False

    def __init__(self, keys: PageKeys, name: str, place: Place):
        """Take the address; raises ConfigError where it is not to be had. Nobody is answered before the first beat."""
        self.name, self._site = name, place.site
        self.mode: str = place.site.mode
        self._system = SYSTEM_OK
        self._told: dict[str, int] = {}
        self._server = PageServer(keys, f"channel {name}", place.site)

    @property
    def port(self) -> int:
        """The port at which the pages are served."""
        return self._server.port

    def deliver(self, notice: Notice) -> str:
        """Show one decision."""
        if notice.event.mode != self.mode:
            raise ChannelError(
                f"an alert of mode {notice.event.mode}: this page shows {self.mode}", for_good=True
            )
        if notice.zone_state and notice.zone_state.change < self._told.get(notice.zone.id, 0):
            return "the zone has gone on since"
        state = notice.zone_state or ZoneState(notice.zone, notice.state, notice.received_s, notice.impact_s,
                                               notice.until_s, 0, (notice,))  # fmt: skip
        self._server.show({notice.zone.id: self._shown(state, time.time())})
        return f"{self._server.clients} screens"

    def beat(self, beat: Beat) -> str | None:
        """Show where each zone stands; without an engine or a radar, that nothing can be warned of."""
        self._server.start()
        self._system = self._system_of(beat)
        self._told = {zone: state.change for zone, state in beat.states.items()}
        self._server.show(
            {zone: self._shown(state, beat.time_s) for zone, state in beat.states.items()}, whole=True
        )
        return self._server.fault

    def _system_of(self, beat: Beat) -> str:
        """Return whether the system can warn: `ok`, `partly` or `blind`."""
        states = [beat.health.get(radar.id, ("ok", ""))[0] for radar in self._site.radars]
        if not beat.alive or (states and all(state == "lost" for state in states)):
            return SYSTEM_BLIND
        states += [beat.health.get(source, ("ok", ""))[0] for source in (ALERTS, ZONES)]
        return SYSTEM_OK if all(state == "ok" for state in states) else SYSTEM_PARTLY

    def close(self) -> None:
        """Leave the address; screens see within seconds that nobody answers."""
        self._server.stop()

    def _shown(self, state: ZoneState, now_s: float) -> bytes:
        return msgspec.json.encode(shown(state, self._site, self._system, now_s))


def shown(state: ZoneState, site: Site, system: str, now_s: float) -> dict[str, Any]:
    """Return what a zone's screen shows: its state, times in POSIX seconds, and its texts by language."""
    over = state.state not in (WARNING, CALM) and now_s - state.since_s > OVER_SHOWN_S
    stage = CALM if over else state.state
    event = state.notices[-1].event if state.notices and stage != CALM else None
    texts = {}
    for language, words in texts_of_page().items():
        if event is not None:
            said = spoken(event, state.zone, site, language, words)
            # the frame and the headline say that it is an exercise or a test; the rest needs its room
            prefix = words.prefix[event.mode]
            texts[language] = {
                "headline": said.headline,
                "description": said.description.removeprefix(prefix),
                "instruction": said.instruction.removeprefix(prefix),
            }
        else:
            calm = words.page["calm_text"].format(zone=name_within(language, state.zone))
            texts[language] = {"headline": words.page["calm"], "description": calm, "instruction": ""}
    return {
        "now_s": now_s,
        "mode": site.mode,
        "zone": state.zone.id,
        "stage": stage,
        "since_s": state.since_s,
        "impact_s": state.impact_s if stage == WARNING else None,
        "until_s": state.until_s if stage == WARNING else None,
        "alert": event.alert if event else None,
        "change": state.change,
        "system": system,
        "names": {language: name_in(language, state.zone) for language in texts},
        "named": sorted(set(state.zone.names) & set(texts)),
        "texts": texts,
    }


def texts_of_page() -> dict[str, Texts]:
    """Return the texts of every language that is known, by language."""
    known = {language: texts_in(language) for language in known_languages()}
    return {language: texts for language, texts in known.items() if texts is not None}

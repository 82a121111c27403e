"""What people are told at every stage, written out for somebody who checks it."""

from rampart.config import read_site
from rampart.domain.event import AlertEvent, ByHand
from rampart.errors import InputError
from rampart.runner import packaged_scenario
from rampart.serve.cap_message import spoken
from rampart.serve.phrases import Texts, known_languages, texts_in

TIME, IMPACT, UNTIL = "2020-11-17T17:05:03.250Z", "2020-11-17T17:05:27.000Z", "2020-11-17T17:15:03.250Z"
HAND = ByHand("20201117T170503Z-1a2b3c4d", "amal", UNTIL)
STAGES = {
    "warning": ("raise", IMPACT, None),
    "warning, revised": ("revise", IMPACT, None),
    "warning, its danger gone elsewhere": ("revise", None, None),
    "all clear": ("clear", None, None),
    "withdrawn": ("cancel", None, None),
    "warning by hand": ("raise", None, HAND),
    "end of a warning by hand": ("clear", None, HAND),
}


def preview(languages: list[str]) -> str:
    """Return all texts of some languages, or of all; raises InputError where there are none."""
    lines = []
    for language in languages or known_languages():
        texts = texts_in(language)
        if texts is None:
            raise InputError("language", f"one of {', '.join(known_languages())}", language)
        lines += [f"== {language}: {texts.name}, {texts.direction}", *_stages(language, texts), ""]
        lines += [f"page.{key}: {text}" for key, text in texts.page.items()] + [""]
    return "\n".join(lines)


def _stages(language: str, texts: Texts) -> list[str]:
    """Return every stage live, and a warning of an exercise and of a test."""
    site = read_site(packaged_scenario("baghdad-2020-11-17").parent / "site.toml")
    zone, lines = site.zones[0], []
    shown = [(name, "live", *stage) for name, stage in STAGES.items()]
    shown += [(f"warning, {mode}", mode, "raise", IMPACT, None) for mode in ("exercise", "test")]
    for name, mode, action, impact, hand in shown:
        seconds = None if impact is None else 23.75
        alert = f"{site.id}-20201117T170503Z-{zone.id}"
        event = AlertEvent(1, TIME, alert, zone.id, action, mode, 0.42, impact, seconds, [1, 2], hand)
        lines += ["", f"-- {name}", *spoken(event, zone, site, language, texts)]
    return lines

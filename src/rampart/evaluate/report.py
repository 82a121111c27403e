"""The report of a run: one page that needs no network, for a watch officer first and an analyst after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2
from markupsafe import Markup

from rampart.domain.claim import UNSEEN, VERDICT_WORDS
from rampart.domain.event import Event, HealthEvent
from rampart.domain.incident import Claim, Incident
from rampart.domain.scan import Reject
from rampart.domain.site import Site
from rampart.domain.wire import posix_time
from rampart.evaluate import words
from rampart.evaluate.claims import compare_claims
from rampart.evaluate.headline import figures, sentence, warning_sentence
from rampart.evaluate.interception import account_words, rows_of
from rampart.evaluate.map_places import TOLD, zone_state
from rampart.evaluate.map_svg import NARROW, WIDE, draw_detail, draw_overview
from rampart.evaluate.projectile import short_name
from rampart.evaluate.story import Story, tell
from rampart.evaluate.svg import RIGHT_TO_LEFT
from rampart.evaluate.timeline_svg import draw_timeline
from rampart.evaluate.warning import NEEDLESS_BEYOND_M

REPORT_NAME = "report.html"
EARLY_S = 10.0
"""The table gives each forecast's error this long after the first plot, and the last one's."""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """Where a run came from: the version that made it, the recording's or scenario's name, the mode, and
    what gave a recording its date.
    """

    version: str
    recording: str
    mode: str = "test"
    dating: str = ""


@dataclass(frozen=True, slots=True)
class ReportContext:
    """Everything that a report tells of; what is None or empty is left out of it.

    `truth` and `score` are truth.json and score.json; `places` a GeoJSON of rivers, districts and places;
    `title`, `assumed` and `reported` come from the scenario.
    """

    incident: Incident
    events: Sequence[Event]
    site: Site
    facts: RunFacts
    truth: Mapping | None = None
    score: Mapping | None = None
    claims: Sequence[Claim] = ()
    places: Mapping | None = None
    title: str = ""
    assumed: Sequence[str] = ()
    rejects: Sequence[Reject] = ()
    reported: Sequence[str] = ()


def write_report(folder: Path, context: ReportContext) -> Path:
    """Write report.html into `folder` and return its path."""
    path = folder / REPORT_NAME
    path.write_text(render(context), encoding="utf-8")
    return path


def render(context: ReportContext) -> str:
    """Return the page as HTML."""
    story = tell(context.incident, context.events, context.site, context.truth, context.score)
    clock = words.LocalClock(context.site.timezone)
    claims = context.claims or context.incident.claims
    environment = templates(clock)
    return environment.get_template("report.html.j2").render(
        context=context,
        incident=context.incident,
        site=context.site,
        facts=context.facts,
        score=context.score,
        story=story,
        simulated=context.incident.simulated or context.truth is not None,
        title=context.title or f"{context.site.name}, {clock.date(_start_s(context, story))}",
        start_s=_start_s(context, story),
        clock=clock,
        sentence=sentence(story),
        warning_sentence=warning_sentence(story, context.site.warning.danger_radius_m + NEEDLESS_BEYOND_M),
        figures=figures(story, context.incident),
        maps=drawn_maps(story, context),
        timelines=[Markup(drawn) for size in (WIDE, NARROW) if (drawn := draw_timeline(story, clock, size))],
        claims=compare_claims(claims, story, context.incident, context.site, context.places),
        verdict_words=VERDICT_WORDS,
        unseen=UNSEEN,
        health=[event for event in context.events if isinstance(event, HealthEvent)],
        commands=_commands(context),
        early_s=EARLY_S,
        interception=_interception(context, story),
    )


def _interception(context: ReportContext, story: Story) -> Mapping | None:
    """Return what the page tells of simulated interceptors and of people exposed; None of neither."""
    score, truth = context.score or {}, context.truth
    account, exposure = score.get("interception"), score.get("exposure")
    if truth is None or (account is None and exposure is None):
        return None
    rows = rows_of(truth, story) if account else []
    words = account_words(account) if account else ""
    return {"account": account, "exposure": exposure, "rows": rows, "words": words}


def _commands(context: ReportContext) -> list[tuple[str, str]]:
    """Return what one may want to do next with the run's folder, and the command for it."""
    commands = [("Every event again, byte for byte", "rampart replay journal --out again")]
    if context.score:
        commands.append(("The score, made anew from the journal", "rampart score ."))
    if context.incident.alerts:
        commands.append(("The signature and form of an alert", "rampart verify alerts/NAME.xml"))
    return commands


def _start_s(context: ReportContext, story: Story) -> float | None:
    """Return when the attack began, or the first event where there was none."""
    return posix_time(context.incident.start) if context.incident.start else story.start_s


def drawn_maps(story: Story, context: ReportContext) -> dict[str, list[Markup]]:
    """Return the drawings of each map, the wide and the narrow."""
    launch_sites = context.incident.launch_sites
    overview = [
        draw_overview(story, launch_sites, context.site, context.places, size) for size in (WIDE, NARROW)
    ]
    detail = [draw_detail(story, context.site, context.places, size) for size in (WIDE, NARROW)]
    return {
        "overview": [Markup(drawn) for drawn in overview],
        "detail": [Markup(drawn) for drawn in detail if drawn is not None],
    }


def templates(clock: words.LocalClock) -> jinja2.Environment:
    """Return the templates, with the words for times and figures as filters."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("rampart.evaluate", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        metres=words.metres,
        seconds=words.seconds,
        signed_seconds=words.signed_seconds,
        people=words.people,
        expected=words.expected,
        share=words.share,
        sure=words.sure,
        short_name=short_name,
        plural=lambda count, one, many="": words.plural(count, one, many),
        local=clock.time,
        local_tenths=clock.tenths,
        local_iso=clock.iso,
        utc=words.utc,
        fate=words.fate_words,
        zone_state=zone_state,
        state_words=TOLD.get,
        direction=lambda language: "rtl" if language in RIGHT_TO_LEFT else "ltr",
    )
    return environment

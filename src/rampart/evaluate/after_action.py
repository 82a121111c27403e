"""The after-action report: one page on one attack, to be sent up, printed and kept."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from rampart.domain.claim import UNSEEN, VERDICT_WORDS, WHAT_WORDS, claim_words
from rampart.domain.incident import Claim
from rampart.domain.wire import posix_time
from rampart.evaluate import words
from rampart.evaluate.chronicle import chronicle
from rampart.evaluate.claims import ClaimRow
from rampart.evaluate.headline import Figure, figures, sentence, warning_sentence
from rampart.evaluate.map_svg import NARROW, WIDE
from rampart.evaluate.report import ReportContext, drawn_maps, templates
from rampart.evaluate.story import Story, tell
from rampart.evaluate.timeline_svg import draw_timeline
from rampart.evaluate.warning import NEEDLESS_BEYOND_M
from rampart.ledger.attack import Attack
from rampart.ledger.conflicts import ALONE, Account, Matter, who_said
from rampart.ledger.statistics import RunningTotal

CASUALTIES = ("killed", "injured")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a part of the record comes from: which act of the ledger, when, from what, and that file's SHA-256."""

    act: int
    time: str
    kind: str
    source: str
    digest: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class AfterAction:
    """All that the report tells of.

    `entries` are the attack's own entry and those merged into it; `run` is what a radar recorded, None where none
    watched; `near` are earlier attacks in the same place.
    """

    entries: Sequence[Attack]
    run: ReportContext | None
    verdicts: Sequence[ClaimRow]
    matters: Sequence[Matter]
    accounts: Sequence[Account]
    series: RunningTotal | None
    near: Sequence[Attack]
    origins: Sequence[Origin]
    corrections: Sequence[str]
    cap_references: Sequence[str]
    version: str
    written: str


def render_after_action(report: AfterAction) -> str:
    """Return the page as HTML."""
    run, entry = report.run, report.entries[0]
    story = tell(run.incident, run.events, run.site, run.truth, run.score) if run else None
    clock = words.LocalClock(run.site.timezone if run else "UTC")
    start_s = posix_time(run.incident.start) if run and run.incident.start else None
    environment = templates(clock)
    environment.filters.update(who=who_said, claim=claim_words)
    return environment.get_template("after_action.html.j2").render(
        report=report,
        entry=entry,
        run=run,
        story=story,
        clock=clock,
        start_s=start_s,
        simulated=entry.simulated,
        title=(run.title if run else "") or entry.place or entry.id,
        sentence=sentence(story) if story else _said_sentence(entry, report.matters),
        lead=_lead(story, run, report),
        figures=(figures(story, run.incident) if story and run else _entry_figures(entry)),
        casualties=[_casualty(what, report.matters) for what in CASUALTIES],
        moments=chronicle(story, run.incident.alerts) if story and run else [],
        maps=drawn_maps(story, run) if story and run else {},
        timelines=[
            Markup(drawn) for size in (WIDE, NARROW) if story and (drawn := draw_timeline(story, clock, size))
        ],
        needless=[row for row in story.zones if row.needless] if story else [],
        close=[row for row in story.not_hit if not row.needless] if story else [],
        disputed=[matter for matter in report.matters if matter.differing],
        agreed=[matter for matter in report.matters if not matter.differing and matter.relation != ALONE],
        counts=Counter(row.verdict for row in report.verdicts),
        unknowns=_unknowns(story, report),
        verdict_words=VERDICT_WORDS,
        what_words=WHAT_WORDS,
        unseen=UNSEEN,
    )


def _lead(story: Story | None, run: ReportContext | None, report: AfterAction) -> str:
    """Return how the warning went, or that no radar watched."""
    if story is not None and run is not None:
        return warning_sentence(story, run.site.warning.danger_radius_m + NEEDLESS_BEYOND_M)
    sources = len({row.claim.source for row in report.verdicts if row.claim.source})
    return (
        f"No sensor of Rampart's recorded this attack: the page rests on {words.plural(sources, 'source')}."
    )


def _said_sentence(entry: Attack, matters: Sequence[Matter]) -> str:
    """Return what was claimed of an attack that nobody sensed."""
    totals = [claim for matter in matters if matter.what == "projectiles_total" for claim in matter.claims]
    figures = sorted({str(claim.value) for claim in totals}, key=lambda text: (len(text), text))
    weapon = entry.weapon or "weapon unknown"
    count = " or ".join(figures) + " fired, as reported" if figures else "number fired not known"
    return f"{weapon[:1].upper()}{weapon[1:]}: {count}."


def _entry_figures(entry: Attack) -> list[Figure]:
    """Return the entry's own figures; what it leaves blank is unknown."""
    shown = [
        ("fired", entry.projectiles),
        ("inside the target area", entry.inside),
        ("killed", entry.killed),
        ("injured", entry.injured),
    ]
    return [Figure("unknown" if value is None else str(value), name) for name, value in shown]


def _casualty(what: str, matters: Sequence[Matter]) -> tuple[str, list[tuple[str, str]]]:
    """Return the figures that were published of killed or injured, each with who gave it."""
    claims: list[Claim] = [claim for matter in matters if matter.what == what for claim in matter.claims]
    return what, [(claim_words(claim), who_said(claim)) for claim in claims]


def _unknowns(story: Story | None, report: AfterAction) -> list[str]:
    """Return in words what nobody knows of this attack, the most needed first."""
    found = []
    entry = report.entries[0]
    if story is not None:
        burst = [str(row.number) for row in story.projectiles if row.fate == "airburst"]
        lost = [str(row.number) for row in story.projectiles if row.fate == "unknown"]
        if burst:
            found.append(
                f"Why {_number(burst)} burst in the air: radar cannot tell a burst from an interception."
            )
        if lost:
            found.append(f"What became of {_number(lost)}: lost from view.")
        found.append("Killed and injured: radar sees none of it. The figures above are claims.")
        found.append("Calibre and make of the weapon: radar gives its class alone.")
    else:
        found.append(
            "Everything that a radar would have seen: times, paths, places of impact, seconds of warning."
        )
        names = {
            "projectiles": "fired",
            "inside": "inside the target area",
            "killed": "killed",
            "injured": "injured",
        }
        blanks = [told for name, told in names.items() if getattr(entry, name) is None]
        if blanks:
            found.append(f"Left blank by the source, which is not zero: {', '.join(blanks)}.")
        if entry.day_first != entry.day_last:
            found.append(f"The day: only {entry.date} is known.")
        if entry.latitude_deg is None:
            found.append("The place on the map.")
    for account in report.accounts:
        if account.gap > 0 and not (story is not None and account is report.accounts[0]):
            found.append(
                f"{words.plural(account.gap, 'projectile')} of {account.entered} by the account of {account.who}: "
                + (", ".join(account.unjudged) or "not said")
                + "."
            )
    if not any(row.claim.what == "responsibility_claimed_by" for row in report.verdicts):
        found.append("Who did it: nobody is on record as claiming it.")
    return found


def _number(names: Sequence[str]) -> str:
    return ("number " if len(names) == 1 else "numbers ") + ", ".join(names)

"""The ledger in words for a terminal: what was taken, lists, one attack, statistics, verdicts."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from rampart.domain.claim import VERDICT_WORDS, claim_words
from rampart.domain.incident import Incident
from rampart.ledger.attack import FIRE, Attack
from rampart.ledger.conflicts import ALONE, Account, who_said
from rampart.ledger.duplicates import Proposal
from rampart.ledger.export import record_of
from rampart.ledger.importing import Report, Taken, Watch
from rampart.ledger.incidents import fate_of
from rampart.ledger.statistics import Figures, RunningTotal, Tally
from rampart.ledger.store import Act, Ledger

if TYPE_CHECKING:
    # The room above it brings the engine along, which most of these words do without.
    from rampart.account import Reconciled

UNKNOWN = "–"
MOST_NAMES = 12


@contextmanager
def watching(path: Path) -> Iterator[Watch | None]:
    """Show on a terminal how far a large file has been read."""
    if not sys.stderr.isatty() or not path.is_file() or path.stat().st_size < 4 << 20:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(path.name, total=path.stat().st_size)
        yield lambda count: progress.update(task, completed=count)


def taken_words(taken: Taken) -> str:
    """Return what became of one path."""
    if taken.table is not None:
        return _report_words(taken.table)
    lines = [f"{taken.path}: {taken.note}"] if taken.note else []
    for attack_id, added in taken.incidents:
        what = f"taken (act {added.act})" if added.act else "known already, nothing changed"
        lines.append(f"{taken.path}: {attack_id} {what}")
    return "\n".join(lines)


def _report_words(report: Report) -> str:
    act = f" (act {report.act})" if report.act else ""
    lines = [f"{report.path}: {report.rows} rows of {report.format}: {report.taken} taken{act}"]
    if report.known:
        lines.append(f"  known already: {report.known}")
    if report.corrected:
        lines.append(f"  known with other figures, corrected (the old are kept): {report.corrected}")
    good = sum(report.families.values())
    if good:
        fire = sum(report.families[family] for family in FIRE)
        kinds = ", ".join(f"{count} {family}" for family, count in report.families.most_common())
        lines.append(
            f"  {fire} by rocket, mortar, missile or shell, {report.families['bomb']} bombs ({kinds})"
        )
        names = {"latitude_deg": "place on the map"}
        blanks = ", ".join(f"{names.get(name, name)} {count}" for name, count in report.unknown.most_common())
        if blanks:
            lines.append(f"  left unknown, as the file leaves them: {blanks}")
    lines += [f"  skipped: {count}, {why}" for why, count in report.skipped.most_common(20)]
    lines += [f"  bad: {told}" for told in report.told]
    if report.bad > len(report.told):
        lines.append(f"  bad: {report.bad - len(report.told)} more rows")
    if report.likely_doubles:
        lines.append(f"  {report.likely_doubles} likely doubles of other imports: rampart ledger duplicates")
    return "\n".join(lines)


def taken_json(taken: Taken) -> dict[str, Any]:
    """Return what became of one path, for programs."""
    if taken.table is None:
        return {
            "path": str(taken.path),
            "incidents": {name: asdict(added) for name, added in taken.incidents},
        }
    report = asdict(taken.table)
    return report | {"path": str(taken.path), "rows": taken.table.rows}


def _cell(value: Any) -> str:
    return UNKNOWN if value is None else str(value)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows under their head in columns, figures to the right."""
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    right = [
        all(row[i].replace("–", "0").replace(" ", "").isdigit() for row in rows) for i in range(len(head))
    ]
    return [
        "  ".join(
            c.rjust(w) if r else c.ljust(w) for c, w, r in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in [head, *rows]
    ]


def list_words(attacks: Sequence[Attack], count: int) -> str:
    """Return attacks as a table."""
    if not attacks:
        return "no attack on record fits"
    head = ["date", "place", "weapon", "fired", "inside", "killed", "injured", "id"]
    rows = [
        [
            each.date,
            _short(each.place, 44) + (" (simulated)" if each.simulated else ""),
            _short(each.weapon, 20),
            *(_cell(value) for value in (each.projectiles, each.inside, each.killed, each.injured)),
            each.id,
        ]
        for each in attacks
    ]
    more = f"\n{count - len(attacks)} more (--limit)" if count > len(attacks) else ""
    return "\n".join(_table(head, rows)) + f"\n{count} attacks; {UNKNOWN} is unknown, not zero" + more


def _short(text: str | None, most: int) -> str:
    return UNKNOWN if text is None else text if len(text) <= most else text[: most - 1] + "…"


def show_words(ledger: Ledger, attack_id: str, incident: Incident | None) -> str:
    """Return all that is on record of one attack."""
    attack = ledger.attack(ledger.number(attack_id))
    record = record_of(ledger, attack)
    from_ = record["provenance"]
    row = f", row {from_['row']}" if from_["row"] else ""
    lines = [
        f"{attack.id}" + ("  SIMULATED" if attack.simulated else ""),
        f"  {attack.date}  {attack.place or UNKNOWN}",
        f"  taken by act {from_['act']} on {from_['taken'][:10]} from {from_['file']}{row}",
    ]
    shown = [
        "weapon",
        "projectiles",
        "inside",
        "killed",
        "killed_low",
        "killed_high",
        "injured",
        "claimed_by",
        "stands_for",
        "confidence",
        "source",
    ]
    lines += [
        f"  {name.replace('_', ' ')}: {_cell(getattr(attack, name))}"
        for name in shown
        if _shown(attack, name)
    ]
    if attack.note:
        lines.append(f"  note: {_short(attack.note, 300)}")
    for each in record["corrections"]:
        state = "" if each["in_force"] else " (withdrawn)"
        told = f"{_cell(each['old'])} to {_cell(each['value'])}, says {each['source']}"
        lines.append(f"  corrected by act {each['act']}{state}: {each['field']} from {told}")
    lines += [
        f"  merged with it: {each.id}, {each.source or UNKNOWN}" for each in ledger.entries(attack_id)[1:]
    ]
    if incident is not None:
        lines += _sensed_words(incident)
    if claims := ledger.claims(attack_id):
        lines.append(f"  {len(claims)} claims:")
        lines += [f"    {claim_words(each)} ({_said(each)})" for each in claims]
    return "\n".join(lines)


def _shown(attack: Attack, name: str) -> bool:
    value = getattr(attack, name)
    return not (
        (name in ("killed_low", "killed_high") and value is None) or (name == "stands_for" and value == 1)
    )


def _said(claim) -> str:
    return who_said(claim) + (f", published {claim.published}" if claim.published else "")


def _sensed_words(incident: Incident) -> list[str]:
    fates = Counter(fate_of(each.fate) for each in incident.projectiles)
    lines = [
        f"  sensed from {incident.start} to {incident.end}: "
        + ", ".join(f"{n} {fate}" for fate, n in fates.items())
    ]
    for zone in incident.zones:
        if zone.impacts:
            warned = (
                "not warned" if zone.warning_s is None else f"warned {zone.warning_s:.0f} s before the first"
            )
            lines.append(f"    {zone.zone}: {zone.impacts} came down, {warned}")
    return lines


def history_words(acts: Sequence[Act]) -> str:
    """Return the acts as a table."""
    rows = [
        [
            str(a.act),
            a.time[:19] + "Z",
            a.kind,
            "" if a.in_force else "withdrawn",
            a.source,
            a.note if a.target is None else f"of act {a.target} {a.note}",
        ]
        for a in acts
    ]
    return "\n".join(_table(["act", "time", "kind", "", "source", "note"], rows)) if rows else "nothing yet"


def duplicates_words(ledger: Ledger, pairs: Sequence[Proposal], limit: int) -> str:
    """Return likely doubles with their figures side by side."""
    if not pairs:
        return "no likely doubles that nobody has judged"
    lines = []
    for pair in pairs[:limit]:
        apart = "same words for the place" if pair.metres is None else f"{pair.metres / 1000:.1f} km apart"
        for name in (pair.one, pair.other):
            each = ledger.attack(ledger.number(name))
            figures = (
                f"fired {_cell(each.projectiles)}, killed {_cell(each.killed)}, injured {_cell(each.injured)}"
            )
            lines.append(
                f"{each.date}  {_short(each.place, 40)}  {_short(each.weapon, 24)}  {figures}  {each.id}"
            )
        lines.append(f"    {apart}: rampart ledger merge {pair.one} {pair.other}   (or: apart)")
    return "\n".join([*lines, f"{len(pairs)} pairs; nothing is merged unless you do it"])


def stats_words(figures: Figures) -> str:
    """Return the statistics as tables."""
    kind = "simulated attacks" if figures.simulated else "attacks"
    lines = [f"{figures.entries} {kind} on record"]
    for tally in figures.tallies:
        lines += ["", *_tally_words(tally)]
    lines += ["", "sums, each over the entries that give it:"]
    for each in figures.sums:
        lines.append(f"  {each.what}: {each.total} in {each.known} entries; unknown in {each.unknown}")
    if figures.running is not None:
        lines += ["", *running_words(figures.running)]
    return "\n".join(lines)


def _tally_words(tally: Tally) -> list[str]:
    shown = list(tally.counts.items())
    shown = shown if tally.by == "month" else shown[:MOST_NAMES]
    rows = [[f"  {name}", str(count)] for name, count in shown]
    if rest := len(tally.counts) - len(shown):
        rows.append([f"  {rest} others", str(sum(tally.counts.values()) - sum(count for _, count in shown))])
    rows.append(["  unknown", str(tally.unknown)])
    return [f"by {tally.by}:", *_table(["", ""], rows)[1:]]


def running_words(running: RunningTotal) -> list[str]:
    """Return a running total and what is unsure of it."""
    high = "an unknown number" if running.high is None else running.high
    head = f"up to {running.date}: {running.entries} entries; {running.low} to {high} attacks"
    return [head, *(f"  {why}: {count}" for why, count in running.reasons.items())]


def reconciled_words(found: "Reconciled") -> str:
    """Return verdicts, conflicts and accounts."""
    attack = found.attack
    lines = [f"{attack.id}  {attack.date}  {attack.place or UNKNOWN}"]
    if found.simulated:
        lines.append(
            "SIMULATED: the sensors' side was simulated; agreement shows what the scenario follows, not what is true"
        )
    lines += ["", "claims beside the sensors:"]
    rows = [[f"  {VERDICT_WORDS.get(v.verdict, v.verdict)}", v.said, v.who, v.sensed] for v in found.verdicts]
    lines += _table(["  verdict", "claim", "who", "sensed"], rows) if rows else ["  no claims"]
    lines += ["", "claims beside each other:"]
    for matter in found.matters:
        if matter.relation == ALONE:
            continue
        place = f", {matter.place}" if matter.place else ""
        lines.append(f"  {matter.what.replace('_', ' ')}{place}: {matter.relation}")
        for pair in matter.differing:
            one, other = (f"{claim_words(each)} ({who_said(each)})" for each in (pair.one, pair.other))
            lines.append(f"    {one} | {other}: {pair.relation}")
    lines += ["", "accounts:", *(f"  {account_words(each)}" for each in found.accounts)]
    return "\n".join(lines)


def account_words(account: Account) -> str:
    """Return an account as a sum, and its gap."""
    parts = " + ".join(f"{count} {name}" for name, count in account.parts.items())
    if account.closes:
        return f"{account.who}: {account.entered} = {parts}: closes"
    rest = ", ".join(f"{count} {name}" for name, count in account.unjudged.items())
    gap = f"gap of {account.gap}" if account.gap > 0 else f"{-account.gap} more than entered"
    return f"{account.who}: {account.entered} against {parts}: {gap}" + (f" ({rest})" if rest else "")


def reconciled_json(found: "Reconciled") -> dict[str, Any]:
    """Return verdicts, conflicts and accounts for programs."""
    plain = msgspec.to_builtins
    return {
        "id": found.attack.id,
        "simulated": found.simulated,
        "claims": [
            {"claim": plain(v.claim), "sensed": v.sensed, "verdict": v.verdict} for v in found.verdicts
        ],
        "matters": [
            {
                "what": m.what,
                "place": m.place,
                "relation": m.relation,
                "claims": [plain(claim) for claim in m.claims],
                "differing": [
                    {"one": plain(p.one), "other": plain(p.other), "relation": p.relation}
                    for p in m.differing
                ],
            }
            for m in found.matters
        ],
        "accounts": [asdict(each) | {"closes": each.closes} for each in found.accounts],
    }

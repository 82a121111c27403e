"""`rampart ledger read`: an article's claims proposed to a person, and those accepted put into the ledger."""

import codecs
import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from rampart.domain.incident import Claim
from rampart.errors import InputError
from rampart.ledger.reading.gather import Proposal
from rampart.ledger.reading.reader import propose

if TYPE_CHECKING:
    from rampart.ledger.store import Ledger

LARGEST_BYTES = 1_000_000
"""No press article is longer; a file that is was given by mistake."""

_DAY_IN_NAME = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_]?(0[1-9]|1[0-2])[-_]?([0-2]\d|3[01])(?!\d)")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_HEDGES = {"at_least": "at least ", "at_most": "at most ", "nearly": "nearly ", "about": "about "}


def read_article(
    article: Path,
    incident: str | None,
    accept: str | None,
    source: str | None,
    published: str | None,
    as_json: bool,
    open_ledger: Callable[[], "Ledger"],
    explain: bool = False,
) -> str:
    """Return what to print: the claims proposed, or what was accepted of them.

    The ledger is opened only when something is accepted. Raises InputError for a file that is no text,
    a date that is none, or a number that no claim has.
    """
    raw = _bytes(article)
    text = decoded(raw, str(article))
    given = _day(published)
    reference, whence = _reference(given, article, incident)
    proposals = propose(text, reference)
    proposals = [_marked(proposal, given, source) for proposal in proposals]
    if accept is None and not as_json and proposals and sys.stdin.isatty() and sys.stdout.isatty():
        chosen = _ask(proposals, explain)
    elif accept is None:
        return _json(proposals, explain) if as_json else _page(article, proposals, reference, whence, explain)
    else:
        chosen = [proposals[index] for index in _chosen(accept, len(proposals))]
    told = _keep(article, raw, [proposal.claim for proposal in chosen], incident, source, open_ledger)
    return _json(chosen, explain) if as_json else told


def _bytes(article: Path) -> bytes:
    try:
        size = article.stat().st_size
        if size > LARGEST_BYTES:
            raise InputError(
                str(article),
                f"a press article of at most {LARGEST_BYTES // 10**6} MB",
                f"{size / 1e6:.0f} MB",
            )
        return article.read_bytes()
    except OSError as error:
        raise InputError(str(article), "a text file that can be read", error.strerror) from None


def decoded(raw: bytes, name: str) -> str:
    """Return the text of a file: UTF-8, or UTF-16 by its mark; bytes that are neither are read as Windows-1252."""
    for mark, encoding in _BOMS:
        if raw.startswith(mark):
            return raw.decode(encoding, errors="replace").removeprefix("\ufeff")
    strange = sum(raw[:65536].count(byte) for byte in (*range(9), *range(14, 27), *range(28, 32)))
    if strange > len(raw[:65536]) // 200:
        raise InputError(name, "plain text; this is a binary file")
    return raw.decode("utf-8", errors="windows_1252_bytes")


def _western(error: UnicodeError) -> tuple[str, int]:
    """Read the bytes that are no UTF-8 one by one, as Windows-1252."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", errors="replace"), error.end


codecs.register_error("windows_1252_bytes", _western)


def _day(words: str | None) -> date | None:
    if words is None:
        return None
    try:
        return date.fromisoformat(words[:10])
    except ValueError:
        raise InputError("--published", "a date such as 2020-11-18", words) from None


def _reference(given: date | None, article: Path, incident: str | None) -> tuple[date | None, str]:
    """Return the day from which "Tuesday" is counted, and where it was found."""
    if given is not None:
        return given, "--published"
    for words, whence in ((article.name, "the file's name"), (incident or "", "--incident")):
        match = _DAY_IN_NAME.search(words)
        try:
            if match:
                return date(*(int(part) for part in match.groups())), whence
        except ValueError:
            continue
    return None, ""


def _marked(proposal: Proposal, published: date | None, source: str | None) -> Proposal:
    day = published.isoformat() if published else None
    return Proposal(msgspec.structs.replace(proposal.claim, published=day, source=source), proposal.rule)


def _chosen(accept: str, count: int) -> list[int]:
    """Return which claims `all` or "1,3-5" means, from zero."""
    if accept.strip().lower() == "all":
        return list(range(count))
    chosen: list[int] = []
    for part in filter(None, accept.replace(" ", "").split(",")):
        match = re.fullmatch(r"(\d{1,6})(?:-(\d{1,6}))?", part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last <= count:
            raise InputError("--accept", f"all, or numbers from 1 to {count} such as 1,3-5", part)
        chosen += range(first - 1, last)
    return list(dict.fromkeys(chosen))


def _ask(proposals: list[Proposal], explain: bool) -> list[Proposal]:
    """Return the proposals that the person at the terminal accepts."""
    kept = []
    for number, proposal in enumerate(proposals, 1):
        print(_entry(number, proposal, explain))
        answer = input("   accept? [y/N/q] ").strip().lower()
        if answer.startswith("q"):
            break
        if answer.startswith("y"):
            kept.append(proposal)
    return kept


def _keep(
    article: Path,
    raw: bytes,
    claims: list[Claim],
    incident: str | None,
    source: str | None,
    open_ledger: Callable[[], "Ledger"],
) -> str:
    """Put the accepted claims into the ledger; those of another attack than the article's first stay without one."""
    if not claims:
        return f"{article}: nothing accepted"
    ledger = open_ledger()
    attack = ledger.resolve(incident) if incident else None
    about = [
        claim
        for claim in claims
        if attack and claim.what != "running_total" and claim.incident in (None, "1")
    ]
    digest = hashlib.sha256(raw).hexdigest()
    lines = []
    for group, of in ((about, attack), ([claim for claim in claims if claim not in about], None)):
        if group:
            added = ledger.add_claims(group, of, source=source or article.name, digest=digest, note="read")
            where = f"of {of}" if of else "of no attack in the ledger"
            act = "" if added.act is None else f" (act {added.act})"
            lines.append(f"{added.taken} claims {where} taken, {added.known} known before{act}")
    return "\n".join(lines)


def _json(proposals: Iterable[Proposal], explain: bool) -> str:
    """Return the claims as INTERFACES writes them; with `explain`, each with its rule."""
    listed: list[dict[str, Any]] = []
    for proposal in proposals:
        claim = msgspec.to_builtins(proposal.claim)
        listed.append(claim | {"rule": proposal.rule} if explain else claim)
    return json.dumps(listed, indent=1, ensure_ascii=False)


def _page(
    article: Path, proposals: list[Proposal], reference: date | None, whence: str, explain: bool
) -> str:
    if not proposals:
        return f"{article}: no claim found"
    counted = (
        f"days counted from {reference} ({whence})"
        if reference
        else "no date of publication: give --published"
    )
    head = f"{article}: {len(proposals)} claims proposed; {counted}"
    return "\n".join(
        [head, *(_entry(number, proposal, explain) for number, proposal in enumerate(proposals, 1))]
    )


def _entry(number: int, proposal: Proposal, explain: bool) -> str:
    """Return one proposal for a person: the claim, who says so, and its sentence."""
    claim = proposal.claim
    value = " to ".join(map(str, claim.value)) if isinstance(claim.value, list) else str(claim.value)
    words = f"{claim.what.replace('_', ' ')}: {_HEDGES.get(claim.qualifier or '', '')}{value}"
    if claim.place and claim.what != "launch_place":
        words += f", {claim.place}"
    words += f" ({claim.of})" if claim.of else ""
    words += f", since {claim.since}" if claim.since else ""
    words += f"; attack {claim.incident} of the article" if claim.incident else ""
    words += f"; according to {claim.according_to}" if claim.according_to else ""
    rule = f"\n      rule: {proposal.rule}" if explain else ""
    sentence = " ".join((claim.sentence or "").split())
    return f"{number:3}. {words}\n      at {claim.offset}: {sentence}{rule}"

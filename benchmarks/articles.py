"""Claims read from labelled articles: precision and recall by type, beside a plain pattern for numbers before nouns."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from benchmarks.table import best_of
from rampart.domain.incident import Claim

TITLE = "Claims read from press articles"
ARTICLES = Path(__file__).resolve().parents[1] / "tests" / "ledger" / "articles"
SETS = ("development", "held_out", "fresh", "fresh_2", "fresh_3", "fresh_4")
COUNTS = ("projectiles_total", "projectiles_in_place", "intercepted", "running_total")
CASUALTIES = ("killed", "injured")
KEY = (*COUNTS[:2], *CASUALTIES, "attack_date")
"""What the goal is stated for: counts, casualties and date."""
_SMALL = frozenset(
    ["the", "a", "an", "of", "in", "at", "on", "to", "its", "their", "so-called", "area", "inside", "s"]
)


@dataclass(frozen=True, slots=True)
class Article:
    """A labelled article: its text, the claims a person found in it, and the set it belongs to."""

    name: str
    text: str
    published: date | None
    set: str
    claims: list[dict]


@dataclass(slots=True)
class Tally:
    """Claims of one type: rightly proposed, proposed beside the truth, and missed; and of the right ones, more."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    speakers: int = 0
    attacks: int = 0
    notes: list[str] = field(default_factory=list)

    def precision(self) -> float:
        """Return the share of what was proposed that is right."""
        return self.right / max(1, self.right + self.wrong)

    def recall(self) -> float:
        """Return the share of what the articles claim that was proposed."""
        return self.right / max(1, self.right + self.missed)


def labelled(*sets: str) -> Iterator[Article]:
    """Yield the labelled articles of these sets."""
    for path in sorted(ARTICLES.glob("*.json")):
        label = json.loads(path.read_text())
        if label["set"] in sets:
            published = date.fromisoformat(label["published"]) if label["published"] else None
            text = path.with_suffix(".txt").read_text()
            yield Article(path.stem, text, published, label["set"], label["claims"])


def our_claims(article: Article) -> list[dict]:
    """Return what Rampart proposes for an article."""
    from rampart.ledger.reading.reader import propose

    return [_as_dict(proposal.claim) for proposal in propose(article.text, article.published)]


def _as_dict(claim: Claim) -> dict:
    keys = ("what", "value", "qualifier", "place", "since", "incident", "according_to")
    return {key: getattr(claim, key) for key in keys if getattr(claim, key) is not None}


def plain_claims(article: Article) -> list[dict]:
    """Return what a plain pattern finds: a number before "rockets", "killed" or "wounded", and any full date."""
    words = [
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
    ]
    number = rf"(?P<n>\d+|{'|'.join(words)})"
    found = []
    for what, after in (
        ("projectiles_total", r"(?:\w+ )?(?:rockets|missiles|mortars|shells)"),
        ("killed", r"(?:\w+ )?(?:were |was )?(?:killed|dead)"),
        ("injured", r"(?:\w+ )?(?:were |was )?(?:wounded|injured|hurt)"),
    ):
        for match in re.finditer(rf"\b{number} {after}", article.text, re.IGNORECASE):
            said = match["n"].lower()
            value = int(said) if said.isdigit() else words.index(said) + 1
            found.append({"what": what, "value": value, "qualifier": "exact"})
    return [claim for index, claim in enumerate(found) if claim not in found[:index]]


def tallies(articles: list[Article], read: Callable[[Article], list[dict]]) -> dict[str, Tally]:
    """Return the tally of each type of claim over the articles."""
    result: dict[str, Tally] = {}
    for article in articles:
        proposed, wanted = _once(read(article)), _once(article.claims)
        for label in wanted:
            tally = result.setdefault(label["what"], Tally())
            fits = [claim for claim in proposed if same_claim(claim, label)]
            best = max(fits, key=lambda claim: _further(claim, label), default=None)
            if best is None:
                tally.missed += 1
                tally.notes.append(f"{article.name}: missed {label}")
                continue
            proposed.remove(best)
            tally.right += 1
            tally.speakers += alike(best.get("according_to", ""), label.get("according_to", ""))
            tally.attacks += best.get("incident") == label.get("incident")
        for claim in proposed:
            tally = result.setdefault(claim["what"], Tally())
            tally.wrong += 1
            tally.notes.append(f"{article.name}: beside the truth {claim}")
    return result


def _once(claims: list[dict]) -> list[dict]:
    """Return the claims without those that differ only in who said so: speakers are measured apart."""
    kept: list[dict] = []
    for claim in claims:
        if not any(
            same_claim(claim, other) and claim.get("incident") == other.get("incident") for other in kept
        ):
            kept.append(claim)
    return kept


def _further(claim: dict, label: dict) -> int:
    speaker = alike(claim.get("according_to", ""), label.get("according_to", ""))
    return 2 * (claim.get("incident") == label.get("incident")) + speaker


def same_claim(claim: dict, label: dict) -> bool:
    """Return whether a proposal says what a label says: number and hedge exactly, places and names by their words."""
    if claim["what"] != label["what"] or claim.get("qualifier") != label.get("qualifier"):
        return False
    if isinstance(label["value"], str) and claim["what"] != "attack_date":
        return alike(str(claim["value"]), label["value"])
    if claim["value"] != label["value"]:
        return False
    return all(
        alike(claim.get(key) or "", label.get(key) or "")
        for key in ("place", "since")
        if claim["what"] in ("projectiles_in_place", "running_total")
    )


def alike(one: str, other: str) -> bool:
    """Return whether the words of the shorter are all among the other's."""
    first, second = (
        {w.rstrip("s") for w in re.findall(r"[\w-]+", text.lower())} - _SMALL for text in (one, other)
    )
    return first == second or bool(first and second and (first <= second or second <= first))


def merged(result: dict[str, Tally], types: tuple[str, ...]) -> Tally:
    """Return several types' tallies as one."""
    parts = [result[what] for what in types if what in result]
    return Tally(
        *(
            sum(getattr(part, key) for part in parts)
            for key in ("right", "wrong", "missed", "speakers", "attacks")
        )
    )


def measure() -> list[dict]:
    """Return a row for each set with the peer's beside it, one for each type of claim over all sets, and the speed."""
    from rampart.ledger.reading.reader import propose

    rows = []
    for name in SETS:
        for who, read in (("rampart", our_claims), ("plain pattern", plain_claims)):
            result = tallies(list(labelled(name)), read)
            rows.append(_row(name, who, "counts, casualties, date", merged(result, KEY)))
            if who == "rampart":
                rows.append(_row(name, who, "all types", merged(result, tuple(result))))
    result = tallies(list(labelled(*SETS)), our_claims)
    rows += [_row("all", "rampart", what, result[what]) for what in sorted(result)]
    text = "\n\n".join(article.text for article in labelled(*SETS))
    seconds = best_of(3, lambda: propose(text))
    speed = f"speed: {len(text) / 1000 / seconds:.0f} kB/s"
    return [*rows, dict.fromkeys(rows[0], "") | {"set": "all", "reader": "rampart", "claims": speed}]


def _row(name: str, who: str, label: str, tally: Tally) -> dict:
    return {
        "set": name,
        "reader": who,
        "claims": label,
        "labelled": tally.right + tally.missed,
        "precision": f"{tally.precision():.3f}",
        "recall": f"{tally.recall():.3f}",
        "speaker right": f"{tally.speakers}/{tally.right}",
        "attack right": f"{tally.attacks}/{tally.right}",
    }


def misses(name: str) -> Counter:
    """Return what is wrong or missing in a set, for a person to look at."""
    return Counter(
        note for tally in tallies(list(labelled(name)), our_claims).values() for note in tally.notes
    )

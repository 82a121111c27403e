"""An article as sentences, each mended for reading and tied to where it stands in the text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rampart.ledger.reading.repair import Repaired, repair

LONGEST_PASSAGE = 20_000
"""Letters that are looked at together; a line without end is cut at a space."""
LONGEST_SENTENCE = 1_000
"""Letters of a sentence that the rules look at together, so that time stays linear whatever the text."""

_STOP = re.compile(r"[.!?]+[\"')\]]*(?= |$)")
_ABBREVIATED = re.compile(
    r"(?:\b[A-Za-z]|\b(?:[A-Za-z]\.)+[A-Za-z]|\b(?:Mr|Mrs|Ms|Dr|Gen|Lt|Col|Maj|Capt|Sgt|Brig|Adm|Sen|Rep|"
    r"St|No|Nos|ext|hrs|nr|"
    r"approx|vs|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec))$"
)
_LIST_NUMBER = re.compile(r"^\s*\d{1,2}$")
_FULL_STOP_WITHIN = re.compile(r"[a-z0-9)][.!?][\"']?\s+[\"']?[A-Z]")
_OPENS = re.compile(r"[\"'(\[]*[A-Z0-9]")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: as it reads when mended, as it stands, where it begins, and in which paragraph."""

    text: str
    raw: str
    offset: int
    paragraph: int
    headline: bool


def sentences(text: str) -> Iterator[Sentence]:
    """Yield the sentences of an article in order."""
    for number, (start, end) in enumerate(_paragraphs(text)):
        mended = repair(text[start:end], start)
        closed = mended.text.rstrip()[-1:] in ".!?\"')"
        for first, last in _spans(mended.text):
            yield _sentence(text, mended, first, last, number, headline=not closed)


def _sentence(text: str, mended: Repaired, first: int, last: int, paragraph: int, headline: bool) -> Sentence:
    begin, end = mended.origins[first], mended.origins[last]
    raw = text[begin:end].rstrip()
    return Sentence(mended.text[first:last], raw, begin, paragraph, headline)


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each sentence of a mended passage begins and ends, without the spaces around it."""
    begin = 0
    for stop in _STOP.finditer(text):
        after = stop.end() + 1
        before = text[max(begin, stop.start() - 12) : stop.start()]
        if after < len(text) and not _OPENS.match(text, after):
            continue
        opening = text[begin : stop.start()][:4]
        short = _ABBREVIATED.search(before) or _LIST_NUMBER.match(opening)
        if short and stop.group(0)[0] == "." and after < len(text):
            continue
        yield from _trimmed(text, begin, stop.end())
        begin = after
    yield from _trimmed(text, begin, len(text))


def _trimmed(text: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield a sentence without the spaces around it; one without end in pieces, cut at a space."""
    end = min(end, len(text))
    while end - begin > LONGEST_SENTENCE:
        cut = text.rfind(" ", begin + LONGEST_SENTENCE // 2, begin + LONGEST_SENTENCE)
        cut = cut if cut > 0 else begin + LONGEST_SENTENCE
        yield from _trimmed(text, begin, cut)
        begin = cut
    while begin < end and text[begin] == " ":
        begin += 1
    while end > begin and text[end - 1] == " ":
        end -= 1
    if end - begin > 2:
        yield begin, end


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Yield the passages of a text: blocks between blank lines, and the lines of a block that was not wrapped."""
    blocks: list[list[tuple[int, int]]] = [[]]
    at = 0
    for line in text.splitlines(keepends=True):
        if line.strip():
            blocks[-1].append((at, at + len(line)))
        elif blocks[-1]:
            blocks.append([])
        at += len(line)
    wrapped = _is_wrapped(text, blocks)
    for block in blocks:
        if block:
            yield from _cut(text, _joined(text, block, wrapped))


def _is_wrapped(text: str, blocks: list[list[tuple[int, int]]]) -> bool:
    """Return whether lines break in the middle of sentences: many a line then opens with a small letter."""
    following = [begin for block in blocks for begin, _ in block[1:]]
    small = sum(text[begin : begin + 20].lstrip()[:1].islower() for begin in following)
    return small > len(following) // 3


def _joined(text: str, lines: list[tuple[int, int]], wrapped: bool) -> list[tuple[int, int]]:
    """Return the lines of a block as passages: a line goes on where the next one opens in the middle of it."""
    passages = [lines[0]]
    for begin, end in lines[1:]:
        before = text[max(passages[-1][0], passages[-1][1] - 300) : passages[-1][1]].rstrip()
        prose = _FULL_STOP_WITHIN.search(before) and not before.endswith((".", "!", "?", '"'))
        if wrapped or prose or text[begin:end].lstrip()[:1].islower() or before.endswith((",", "-")):
            passages[-1] = (passages[-1][0], end)
        else:
            passages.append((begin, end))
    return passages


def _cut(text: str, passages: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the passages, none longer than what is looked at together."""
    for begin, end in passages:
        while end - begin > LONGEST_PASSAGE:
            cut = text.rfind(" ", begin + LONGEST_PASSAGE // 2, begin + LONGEST_PASSAGE)
            cut = cut if cut > 0 else begin + LONGEST_PASSAGE
            yield begin, cut
            begin = cut
        yield begin, end

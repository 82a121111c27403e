"""The commands by which a person judges what is in the ledger: doubles, corrections, withdrawals, and their history."""

from typing import Annotated

import typer

from rampart.ledger_options import AsJson, Id, Place, opened, say, say_json

app = typer.Typer()


@app.command(epilog="Example:  rampart ledger duplicates")
def duplicates(
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many pairs.")] = 100,
    ledger: Place = None,
    as_json: AsJson = False,
) -> None:
    """List entries of the same day and place from different imports, for a person to judge with merge or apart."""
    from rampart import ledger_words
    from rampart.ledger.duplicates import open_proposals

    book = opened(ledger)
    pairs = open_proposals(book)
    if as_json:
        say_json([{"one": each.one, "other": each.other, "metres": each.metres} for each in pairs[:limit]])
    else:
        say(ledger_words.duplicates_words(book, pairs, limit))


Note = Annotated[str, typer.Option("--note", help="Why.")]


@app.command(epilog="Example:  rampart ledger merge 2020-11-17-1a2b acled-IRQ12345")
def merge(attack: Id, other: Id, note: Note = "", ledger: Place = None) -> None:
    """Take two entries for one attack: the second counts no more, its figures and claims stand beside the first's."""
    book = opened(ledger)
    kept, gone = book.resolve(attack), book.resolve(other)
    say(f"act {book.merge(kept, gone, note)}: {gone} is one attack with {kept}")


@app.command(epilog="Example:  rampart ledger apart 2020-11-17-1a2b acled-IRQ12345")
def apart(attack: Id, other: Id, note: Note = "", ledger: Place = None) -> None:
    """Hold two entries for two attacks: they are proposed no more."""
    book = opened(ledger)
    one, two = book.resolve(attack), book.resolve(other)
    say(f"act {book.keep_apart(one, two, note)}: {one} and {two} are two attacks")


@app.command(epilog="Example:  rampart ledger correct 2020-11-17 injured 5 --source 'Security Media Cell'")
def correct(
    attack: Id,
    field: Annotated[str, typer.Argument(help="Which figure.", show_default=False)],
    value: Annotated[str, typer.Argument(help="What it should be; '' for unknown.", show_default=False)],
    source: Annotated[str, typer.Option("--source", help="Who says so.", show_default=False)],
    note: Note = "",
    ledger: Place = None,
) -> None:
    """Set a figure right; the old one is kept and shown."""
    from rampart.ledger.selection import value_of

    book = opened(ledger)
    attack_id = book.resolve(attack)
    added = book.correct(attack_id, field, value_of(field, value), source, note)
    say(
        f"act {added.act}: {field} of {attack_id} corrected"
        if added.act
        else "nothing changed: it says so already"
    )


@app.command(epilog="Example:  rampart ledger withdraw 17 --note 'wrong file'")
def withdraw(
    act: Annotated[
        int, typer.Argument(help="The act's number (rampart ledger history).", show_default=False)
    ],
    note: Note = "",
    ledger: Place = None,
) -> None:
    """Take back an import, a correction, a merge, claims, or a withdrawal; both stay in the history."""
    say(f"act {opened(ledger).withdraw(act, note)}: act {act} is withdrawn")


@app.command(epilog="Example:  rampart ledger history")
def history(ledger: Place = None, as_json: AsJson = False) -> None:
    """List what was done to the ledger, when, and from which file."""
    from rampart import ledger_words

    acts = opened(ledger).history()
    if as_json:
        say_json([{name: getattr(each, name) for name in each.__slots__} for each in acts])
    else:
        say(ledger_words.history_words(acts))

"""The commands `rampart ledger …`: every attack on record, every claim beside what was sensed."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from rampart.cli_ledger_acts import app as acts_app
from rampart.errors import InputError
from rampart.ledger_options import AsJson, Id, Place, opened, say, say_json

app = typer.Typer(
    help="The incident ledger: attacks, claims and who made them, imports, statistics, reports. Nothing in it is ever "
    "overwritten; what was taken in can be withdrawn.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(acts_app)


@app.command(
    "import",
    epilog="Examples:  rampart ledger import rampart-demo     rampart ledger import attacks.csv --keep-good     "
    "rampart ledger import --sample",
)
def import_files(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help="CSV tables, run folders, journals or incident.json.", metavar="FILE…", show_default=False
        ),
    ] = None,
    keep_good: Annotated[
        bool, typer.Option("--keep-good", help="Take the good rows of a file with bad ones.")
    ] = False,
    format: Annotated[str, typer.Option("--format", help="auto, rampart, acled or ucdp.")] = "auto",
    sample: Annotated[
        bool,
        typer.Option(
            "--sample", help="The packaged list: 97 attacks in Iraq, October 2019 to December 2020."
        ),
    ] = False,
    ledger: Place = None,
    as_json: AsJson = False,
) -> None:
    """Take attacks in: each file wholly or not at all; the same file again changes nothing."""
    from rampart import ledger_words
    from rampart.ledger.importing import RefusedError
    from rampart.ledger.sample import sample_path

    if format not in ("auto", "rampart", "acled", "ucdp"):
        raise InputError("--format", "one of auto, rampart, acled, ucdp", format)
    paths = [*(files or []), *([sample_path()] if sample else [])]
    if not paths:
        raise typer.BadParameter("wanted FILE… or --sample")
    for path in paths:
        if not path.exists():
            raise InputError(str(path), "a file or folder to import; there is nothing here")
    book = opened(ledger, must_exist=False)
    taken = []
    for path in paths:
        try:
            with ledger_words.watching(path) as watch:
                taken.append(_taken(book, path, format, keep_good, watch))
        except RefusedError as refused:
            for line in refused.report.told[1:]:
                typer.echo(f"  {path.name}: {line}", err=True)
            raise
        if not as_json:
            say(ledger_words.taken_words(taken[-1]))
    if as_json:
        say_json([ledger_words.taken_json(each) for each in taken])


def _taken(book, path: Path, format: str, keep_good: bool, watch):
    """Take one path: a table by itself, the rest with the rooms that know runs and journals."""
    from rampart.ledger.importing import Taken, import_table

    if path.is_file() and path.suffix.casefold() != ".json":
        return Taken(path, import_table(book, path, format, keep_good, watch))
    from rampart import account

    return account.take(book, path)


@app.command("list", epilog="Example:  rampart ledger list --since 2020-08 --place 'Green Zone'")
def list_attacks(
    since: Annotated[str | None, typer.Option("--since", help="From this day, month or year.")] = None,
    until: Annotated[
        str | None, typer.Option("--until", help="To the end of this day, month or year.")
    ] = None,
    place: Annotated[str | None, typer.Option("--place", help="Where the place has these words.")] = None,
    weapon: Annotated[
        str | None, typer.Option("--weapon", help="rocket, mortar, missile, bomb, drone, …")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 200,
    ledger: Place = None,
    as_json: AsJson = False,
) -> None:
    """List attacks, oldest first; a blank is unknown, not zero."""
    from rampart import ledger_words
    from rampart.ledger.export import figures_of
    from rampart.ledger.selection import chosen

    book = opened(ledger)
    attacks, count = chosen(book, since, until, place, weapon, limit)
    if as_json:
        say_json([figures_of(each) for each in attacks])
    else:
        say(ledger_words.list_words(attacks, count))


@app.command(
    epilog="Examples:  rampart ledger show 2020-11-17     rampart ledger show ID --report --out report.html"
)
def show(
    attack: Id,
    report: Annotated[
        bool, typer.Option("--report", help="Write the after-action report, one HTML page.")
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", help="The report's file (default: ID.html).")] = None,
    ledger: Place = None,
    as_json: AsJson = False,
) -> None:
    """Show all that is on record of one attack, each figure with where it comes from."""
    from rampart import ledger_words
    from rampart.ledger.export import record_of
    from rampart.ledger.incidents import incident_in

    book = opened(ledger)
    attack_id = book.resolve(attack)
    if report:
        from rampart import after_action

        say(f"wrote {after_action.write(book, attack_id, out)}")
    elif as_json:
        say_json(record_of(book, book.attack(book.number(attack_id))))
    else:
        say(ledger_words.show_words(book, attack_id, incident_in(book, attack_id)))


@app.command(
    epilog="Examples:  rampart ledger stats --until 2020-11-17     rampart ledger stats --charts charts"
)
def stats(
    until: Annotated[
        str | None, typer.Option("--until", help="Running total to the end of this day.")
    ] = None,
    charts: Annotated[
        Path | None, typer.Option("--charts", help="Folder for map and charts, PNG and SVG.")
    ] = None,
    simulated: Annotated[
        bool, typer.Option("--simulated", help="Of simulated attacks, which else count nowhere.")
    ] = False,
    ledger: Place = None,
    as_json: AsJson = False,
) -> None:
    """Count attacks by month, place, weapon, claimant and salvo, and up to a date with what is unsure of it."""
    from rampart import ledger_words
    from rampart.ledger import statistics

    figures = statistics.all_of(opened(ledger), until, simulated)
    if as_json:
        say_json(figures.as_json())
    else:
        say(ledger_words.stats_words(figures))
    if charts is not None:
        from rampart.ledger.charts import draw_charts

        tallies = [tally for tally in figures.tallies if tally.by != "month"]
        written = draw_charts(charts, figures.months, tallies, figures.points, simulated)
        typer.echo(f"wrote {len(written)} files to {charts}", err=as_json)


@app.command(epilog="Example:  rampart ledger reconcile 2020-11-17")
def reconcile(attack: Id, ledger: Place = None, as_json: AsJson = False) -> None:
    """Hold the claims of one attack against the sensors and against each other, and see whether accounts close."""
    from rampart import account, ledger_words

    book = opened(ledger)
    attack_id = book.resolve(attack)
    found = account.reconciled(book, attack_id)
    if as_json:
        say_json(ledger_words.reconciled_json(found))
    else:
        say(ledger_words.reconciled_words(found))


@app.command(epilog="Example:  rampart ledger export --format geojson --out attacks.geojson")
def export(
    attacks: Annotated[
        list[str] | None, typer.Argument(metavar="[ID…]", help="These alone.", show_default=False)
    ] = None,
    format: Annotated[
        str, typer.Option("--format", help="geojson, csv, json or cap (references of alerts).")
    ] = "geojson",
    out: Annotated[Path | None, typer.Option("--out", help="A file (default: the terminal).")] = None,
    ledger: Place = None,
) -> None:
    """Write attacks for other programs."""
    from rampart.ledger.export import FORMATS, exported

    if format not in FORMATS:
        raise InputError("--format", f"one of {', '.join(FORMATS)}", format)
    book = opened(ledger)
    pieces = exported(book, format, [book.resolve(each) for each in attacks] if attacks else None)
    if out is None:
        for piece in pieces:
            sys.stdout.write(piece)
        return
    try:
        with out.open("w", encoding="utf-8", newline="") as file:
            file.writelines(pieces)
    except OSError as error:
        raise InputError(str(out), f"a file that can be written ({error.strerror})") from error
    typer.echo(f"wrote {out}")


@app.command(epilog="Example:  rampart ledger read ARTICLE.txt --incident 2020-11-17 --accept 1,3-5")
def read(
    article: Annotated[
        Path, typer.Argument(metavar="ARTICLE.txt", help="A press article, plain text.", show_default=False)
    ],
    incident: Annotated[str | None, typer.Option("--incident", help="The attack that it tells of.")] = None,
    accept: Annotated[
        str | None, typer.Option("--accept", help="Claims to keep: all, or numbers such as 1,3-5.")
    ] = None,
    source: Annotated[str | None, typer.Option("--source", help="Who published it.")] = None,
    published: Annotated[
        str | None,
        typer.Option(
            "--published", help="The day that 'Tuesday' is counted from (default: a date in the file's name)."
        ),
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Say which rule proposed each claim.")] = False,
    as_json: AsJson = False,
    ledger: Place = None,
) -> None:
    """Propose the claims that an article makes, each with its sentence, for a person to accept or reject."""
    from rampart.ledger.reading.command import read_article

    say(
        read_article(
            article, incident, accept, source, published, as_json, lambda: opened(ledger, False), explain
        )
    )

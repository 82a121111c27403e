"""The commands. Each imports what it needs when it is called, so that `--help` answers at once."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import Abort, TyperException

from rampart import __version__
from rampart.cli_alert import app as alert_app
from rampart.cli_alert import operators as operators_app
from rampart.cli_alert import texts as show_texts
from rampart.cli_ledger import app as ledger_app
from rampart.cli_live import app as live_app
from rampart.errors import FaultError, InputError, RampartError

app = typer.Typer(
    name="rampart",
    help="Open software for C-RAM: senses rockets, shells and mortar bombs in radar plots, predicts where they "
    "come down, warns the people at risk and accounts for every attack.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)

app.add_typer(ledger_app, name="ledger")
app.command("texts", epilog="Example:  rampart texts ar")(show_texts)
app.add_typer(alert_app, name="alert")
app.add_typer(operators_app, name="operator")
app.add_typer(live_app)

Out = Annotated[
    Path, typer.Option("--out", help="Folder to write; it must not exist yet.", show_default=False)
]


def main() -> None:
    """Run the command line: an error that a person can mend is one line, never a traceback."""
    if len(sys.argv) == 1:
        sys.argv.append("--help")
    try:
        sys.exit(app(standalone_mode=False))
    except TyperException as error:
        _leave(f"{error.format_message() or 'wanted a command'} (see rampart --help)", 2)
    except Abort:
        _leave("interrupted", 130)
    except RampartError as error:
        _leave(str(error), error.exit_status)
    except KeyboardInterrupt:
        _leave("interrupted", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        if os.environ.get("RAMPART_DEBUG"):
            raise
        hint = "" if isinstance(error, OSError) else " (a fault of Rampart's; RAMPART_DEBUG=1 shows where)"
        _leave(f"{type(error).__name__}: {error}{hint}", 1)


def _leave(line: str, status: int) -> None:
    sys.stderr.write("rampart: " + " ".join(line.split()) + "\n")
    sys.exit(status)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"rampart {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and leave.")
    ] = False,
) -> None:
    """Rampart's commands."""


@app.command(epilog="Example:  rampart demo   then open rampart-demo/report.html in a browser")
def demo(
    out: Annotated[
        Path, typer.Option("--out", help="Folder to write; an older demo there is replaced.")
    ] = Path("rampart-demo"),
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Another draw of the same night.")] = None,
) -> None:
    """Run the packaged scenario "Baghdad, 17 November 2020" and write its record and report."""
    from rampart import runner

    summary = runner.run_scenario(runner.packaged_scenario("baghdad-2020-11-17"), out, seed, replace=True)
    typer.echo(summary)


@app.command(
    epilog="Examples:  rampart run my-scenario.toml --out my-run --seed 7     rampart run forty-rockets --out forty"
)
def run(
    scenario: Annotated[
        Path | None,
        typer.Argument(
            help="The scenario: a TOML file, or the name of one that comes along.", show_default=False
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder to write; it must not exist yet.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Overrules the scenario's seed.")] = None,
    list_weapons: Annotated[
        bool, typer.Option("--list-weapons", help="Show the catalogue and leave.")
    ] = False,
    list_scenarios: Annotated[
        bool, typer.Option("--list-scenarios", help="Show the scenarios that come along and leave.")
    ] = False,
) -> None:
    """Simulate: truth, radar plots, the engine that runs live, record, alerts, score, report."""
    from rampart import runner

    if list_weapons:
        typer.echo(runner.weapons_table())
        return
    if list_scenarios:
        typer.echo(runner.scenarios_table())
        return
    if scenario is None or out is None:
        raise typer.BadParameter("wanted SCENARIO.toml and --out DIR")
    typer.echo(runner.run_scenario(runner.scenario_named(scenario), out, seed))


@app.command(
    epilog="Examples:  rampart replay plots.csv --site site.toml --out again     "
    "rampart replay rampart-demo/journal --out again"
)
def replay(
    recording: Annotated[
        Path, typer.Argument(help="ASTERIX (.ast, .raw), .pcap, .pcapng, .csv, or a journal folder.")
    ],
    out: Out,
    site: Annotated[
        Path | None, typer.Option("--site", help="The site's TOML file; a journal brings its own.")
    ] = None,
    date: Annotated[
        str | None,
        typer.Option("--date", metavar="YYYY-MM-DD", help="Date of a recording that carries none."),
    ] = None,
) -> None:
    """Feed recorded plots, or a journal, to the same engine that runs live."""
    from rampart import runner

    typer.echo(runner.replay(recording, site, out, date))


@app.command(
    epilog="Examples:  rampart serve site.toml --out tonight     "
    "rampart serve site.toml --feed udp://239.192.0.1:8600 --interface eth1 --mode live"
)
def serve(
    site: Annotated[Path, typer.Argument(help="The site's TOML file.", show_default=False)],
    out: Annotated[
        Path, typer.Option("--out", help="Folder of the live run; one that was interrupted is gone on with.")
    ] = Path("rampart-live"),
    feed: Annotated[
        list[str] | None,
        typer.Option("--feed", metavar="udp://HOST:PORT", help="Listen here instead of the site's [[feed]]."),
    ] = None,
    interface: Annotated[
        list[str] | None,
        typer.Option("--interface", help="Where to join multicast groups: a name (eth1) or an address."),
    ] = None,
    mode: Annotated[
        str, typer.Option("--mode", help="test, exercise or live: how alerts are marked and signed.")
    ] = "test",
    clock: Annotated[
        str | None,
        typer.Option(
            "--clock",
            help="wall: this machine's; feeds: the plots' own, for recordings played at any pace "
            "(default: feeds in mode test, else wall).",
        ),
    ] = None,
    date: Annotated[
        str | None,
        typer.Option("--date", metavar="YYYY-MM-DD", help="With --clock feeds: the date of the first plots."),
    ] = None,
) -> None:
    """Listen to radars, warn, and keep the journal, until SIGINT or SIGTERM (Ctrl-C)."""
    from rampart import station
    from rampart.serve.feeds import feed_of

    one_of("--mode", mode, ("test", "exercise", "live"))
    one_of("--clock", clock, (None, "wall", "feeds"))
    feeds = tuple(feed_of(url, tuple(interface or ())) for url in feed or ())
    if interface and not feeds:
        raise typer.BadParameter("--interface goes with --feed; the site's [[feed]] names its own")
    words, fault = station.serve(site, out, feeds, mode, clock, date)
    typer.echo(words)
    if fault:
        raise FaultError(fault)


def one_of(option: str, value: str | None, known: tuple[str | None, ...]) -> None:
    """Raise InputError unless an option's value is one of the known."""
    if value not in known:
        raise InputError(option, f"one of {', '.join(filter(None, known))}", value)


@app.command(epilog="Example:  rampart score rampart-demo")
def score(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that `run` or `demo` wrote.")],
) -> None:
    """Hold a simulated run against its truth and the Cramér–Rao bound; write score.json."""
    from rampart import runner

    typer.echo(runner.score_folder(folder))


@app.command(
    epilog="Examples:  rampart study my-scenario.toml --runs 200 --out my-study     "
    "rampart study reference-salvo --runs 100 --out my-study   (again: goes on where it stood)     "
    "rampart study baghdad-2020-11-17-cram --runs 100 --doctrines none,selective,all --magazines 2,5,20 --out mine"
)
def study(
    scenario: Annotated[
        Path,
        typer.Argument(
            help="The scenario: a TOML file, or the name of one that comes along.", show_default=False
        ),
    ],
    runs: Annotated[int, typer.Option("--runs", min=1, help="How many seeds.", show_default=False)],
    out: Annotated[
        Path,
        typer.Option(
            "--out", help="Folder of the study; one begun before is gone on with.", show_default=False
        ),
    ],
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="Processes; all cores where not given.")
    ] = None,
    dask: Annotated[
        str | None, typer.Option("--dask", metavar="ADDRESS", help="Run on this Dask scheduler instead.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="The first seed; the scenario's own else.")
    ] = None,
    doctrines: Annotated[
        str | None,
        typer.Option(
            "--doctrines",
            metavar="LIST",
            help="Compare simulated interceptors: of none, selective, all, own, with commas between. Each run ends "
            "when all is down; launch areas, the bound and GOSPA are left out, which takes half the time.",
        ),
    ] = None,
    magazines: Annotated[
        str | None,
        typer.Option("--magazines", metavar="LIST", help="With each of these magazines, as 5,10,20."),
    ] = None,
) -> None:
    """Run a scenario under many seeds; figures with confidence intervals, a page and plots."""
    from rampart import doctrines as compared
    from rampart import study as many

    if workers is not None and dask is not None:
        raise typer.BadParameter("--workers or --dask, not both")
    if doctrines is not None or magazines is not None:
        cases = compared.read_cases(doctrines, magazines)
        typer.echo(compared.compare(scenario, runs, out, cases, workers, dask, seed))
        return
    typer.echo(many.study(scenario, runs, out, workers, dask, seed))


@app.command(
    epilog="Examples:  rampart why rampart-demo --zone green-zone     "
    "rampart why rampart-demo --zone karrada --at 2020-11-17T17:05:20Z --json"
)
def why(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder of a run or a live run.")],
    zone: Annotated[str, typer.Option("--zone", help="The zone's id.", show_default=False)],
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="TIME", help="ISO time; that of its alarm or greatest risk else."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Say which track, probability, threshold and rule decided that a zone was warned, or was not."""
    from rampart import why as reasons

    typer.echo(reasons.why(folder, zone, at, json))


@app.command(epilog="Example:  rampart verify rampart-demo/alerts/0001-….xml")
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An alert that Rampart issued.")],
) -> None:
    """Check the signature and the form of an alert that Rampart issued."""
    from rampart.serve.cap import verify_alert

    typer.echo(verify_alert(file))


@app.command(epilog="Example:  rampart doctor")
def doctor() -> None:
    """Say what is installed, what is missing, the clock's state, and what each missing part costs."""
    from rampart import doctor as check_up

    lines, healthy = check_up.examine()
    typer.echo("\n".join(lines))
    raise typer.Exit(0 if healthy else 1)


if __name__ == "__main__":
    main()

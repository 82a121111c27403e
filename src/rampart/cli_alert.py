"""The commands `rampart alert …` and `rampart operator …`: warnings by hand, by people with keys of their own."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Warn by hand, or withdraw a warning, in a running `rampart serve`.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
operators = typer.Typer(
    help="The people who may do so, each with a key.", no_args_is_help=True, rich_markup_mode=None
)

Folder = Annotated[Path, typer.Option("--dir", help="The folder of the running server.", show_default=False)]
By = Annotated[str, typer.Option("--as", help="Your name as an operator.", show_default=False)]
Passphrase = Annotated[
    Path | None,
    typer.Option("--passphrase-file", help="The first line is your passphrase; asked for where left out."),
]
Minutes = Annotated[float, typer.Option("--minutes", help="How long it stands unless it is cancelled.")]


@operators.command("add", epilog="Example:  rampart operator add amal")
def add(
    name: Annotated[str, typer.Argument(help="A name of letters and digits.", show_default=False)],
    passphrase_file: Passphrase = None,
) -> None:
    """Make an operator's key pair; the public part makes the operator known to this machine's server."""
    from rampart.serve.operators import add_operator

    path = add_operator(name, _passphrase(passphrase_file, confirm=True))
    typer.echo(f"{path}: put this file into $RAMPART_KEYS/operators of the machine that serves")


@app.command("raise", epilog="Example:  rampart alert raise --zone karrada --dir tonight --as amal")
def raise_(
    zone: Annotated[list[str], typer.Option("--zone", help="A zone; again for more.", show_default=False)],
    folder: Folder,
    by: By,
    minutes: Minutes = 10.0,
    passphrase_file: Passphrase = None,
) -> None:
    """Warn one zone at once, or several when a second operator has released it."""
    from rampart.counter import ask

    secret = _passphrase(passphrase_file)
    typer.echo(ask(folder, by, secret, "raise", zones=tuple(zone), duration_s=60.0 * minutes))


@app.command("all", epilog="Example:  rampart alert all --dir tonight --as amal")
def everyone(folder: Folder, by: By, minutes: Minutes = 10.0, passphrase_file: Passphrase = None) -> None:
    """Warn every zone, when a second operator has released it."""
    from rampart.counter import ask

    secret = _passphrase(passphrase_file)
    typer.echo(ask(folder, by, secret, "raise", every_zone=True, duration_s=60.0 * minutes))


@app.command(
    "cancel", epilog="Example:  rampart alert cancel baghdad-20201117T170508Z-karrada --dir tonight --as amal"
)
def cancel(
    alert: Annotated[str, typer.Argument(help="An alert's id, or that of a request that raised some.")],
    folder: Folder,
    by: By,
    passphrase_file: Passphrase = None,
) -> None:
    """Withdraw a warning with an apology; while its projectile is tracked a second operator must release it."""
    from rampart.counter import ask

    typer.echo(ask(folder, by, _passphrase(passphrase_file), "cancel", target=alert))


@app.command(
    "release", epilog="Example:  rampart alert release 20261123T021000Z-1a2b3c4d --dir tonight --as omar"
)
def release(
    request: Annotated[str, typer.Argument(help="The id of the request that waits.")],
    folder: Folder,
    by: By,
    passphrase_file: Passphrase = None,
) -> None:
    """Release another operator's request."""
    from rampart import counter

    typer.echo(counter.release(folder, by, _passphrase(passphrase_file), request))


def texts(
    language: Annotated[
        list[str] | None, typer.Argument(help="Languages; all where left out.", show_default=False)
    ] = None,
) -> None:
    """Show what people are told at every stage, in every language, for somebody who reads it to check."""
    from rampart.preview import preview

    typer.echo(preview(language or []))


def _passphrase(file: Path | None, confirm: bool = False) -> str:
    if file is None:
        return str(typer.prompt("passphrase", hide_input=True, confirmation_prompt=confirm))
    from rampart.errors import InputError

    try:
        return file.read_text(encoding="utf-8").split("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("--passphrase-file", "a readable file", str(file)) from error

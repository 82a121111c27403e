"""What the ledger's commands share: where it lies, how an attack is named, and how answers are printed."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from rampart.errors import InputError

Place = Annotated[
    Path | None,
    typer.Option(
        "--ledger", help="The ledger's file (default: $RAMPART_LEDGER, else the user's data folder)."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Id = Annotated[
    str, typer.Argument(metavar="ID", help="An attack's id, or how only it begins.", show_default=False)
]


def opened(place: Path | None, must_exist: bool = True):
    """Return the ledger; raises InputError where a reading command finds none."""
    from rampart.ledger.store import Ledger, ledger_place

    path = ledger_place(place)
    if must_exist and not path.exists():
        raise InputError(str(path), "a ledger; begin one with rampart ledger import FILE")
    return Ledger.open(path)


def say(text: str) -> None:
    """Print text that may be long."""
    typer.echo(text)


def say_json(value: Any) -> None:
    """Print a value for programs."""
    typer.echo(json.dumps(value, indent=1, ensure_ascii=False))

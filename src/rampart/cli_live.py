"""The commands at both ends of a live run: recordings onto the wire, and a siren at the other end."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


@app.command(
    epilog="Examples:  rampart send night.pcap --to udp://239.192.0.1:8600 --interface eth1     "
    "rampart send rampart-demo/journal --to udp://127.0.0.1:8600 --speed 10"
)
def send(
    recording: Annotated[
        Path, typer.Argument(help="ASTERIX (.ast, .raw), .pcap, .pcapng, .csv, or a journal folder.")
    ],
    to: Annotated[
        str, typer.Option("--to", metavar="udp://HOST:PORT", help="Where to; a multicast group too.")
    ],
    speed: Annotated[float, typer.Option("--speed", help="So many times as fast as it was recorded.")] = 1.0,
    as_fast_as_possible: Annotated[
        bool, typer.Option("--as-fast-as-possible", help="Without any pause; a receiver may lose some.")
    ] = False,
    interface: Annotated[
        str, typer.Option("--interface", help="Where multicast leaves: a name (eth1) or an address.")
    ] = "",
    loop: Annotated[
        bool, typer.Option("--loop", help="Again and again until Ctrl-C, each time as if it began then.")
    ] = False,
    now: Annotated[
        bool,
        typer.Option("--now", help="Move the times of day so that it begins now; else not a bit changes."),
    ] = False,
    site: Annotated[
        Path | None,
        typer.Option("--site", help="The site's TOML file; CSV needs it, for the sources of its radars."),
    ] = None,
) -> None:
    """Play a recording onto the wire, so that `serve` can be tried without a radar."""
    from rampart import player

    if as_fast_as_possible and speed != 1.0:
        raise typer.BadParameter("--speed or --as-fast-as-possible, not both")
    pace = float("inf") if as_fast_as_possible else speed
    typer.echo(player.send(recording, to, pace, interface, loop, now, site))


@app.command(
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    epilog="Example:  rampart siren --zone green-zone --mode live --key siren-live.pub",
)
def siren(context: typer.Context) -> None:
    """Receive signed siren frames, sound them, and report a heartbeat, until Ctrl-C."""
    from rampart.serve.siren_receiver import main as receive

    receive(context.args)

"""A progress bar over the time that a run goes through; silent where nobody watches."""

import sys
from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from rampart.sense.recordings import Arrival


def progress_over(
    arrivals: Iterable[Arrival], span_s: float, start_s: float, title: str
) -> Iterator[Arrival]:
    """Yield the arrivals, showing on a terminal how far through `span_s` from `start_s` they are."""
    if not sys.stderr.isatty():
        yield from arrivals
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=span_s or 1.0)
        for arrival in arrivals:
            progress.update(task, completed=arrival.time_s - start_s)
            yield arrival

"""A progress bar over the time that a run goes through, or over many runs; silent where nobody watches."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

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


class Counting:
    """How many of so many things are done."""

    def __init__(self, progress: Progress | None, task: TaskID):
        self._progress, self._task = progress, task

    def done(self, more: int) -> None:
        """Count so many more."""
        if self._progress is not None:
            self._progress.advance(self._task, more)


@contextmanager
def counting(title: str, total: int) -> Iterator[Counting]:
    """Yield a count of `total` things, shown on a terminal with the time that is left."""
    if not sys.stderr.isatty():
        yield Counting(None, TaskID(0))
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield Counting(progress, progress.add_task(title, total=total))

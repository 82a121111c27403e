"""The results as a page: a table for each group and kind of row, peers in the rows beside us."""

from itertools import groupby

HEAD = """# Benchmarks

Written by `make bench`, every row of a table from one run on one machine: {machine}. Ratios carry over to other
machines, absolute figures less so. Accuracy figures are simulated.
"""


def markdown(machine: str, groups: dict[str, list[dict]], titles: dict[str, str]) -> str:
    """Return the page."""
    parts = [HEAD.format(machine=machine)]
    for name, rows in groups.items():
        parts.append(f"## {titles[name]}\n")
        for columns, own in groupby(rows, key=list):
            lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
            lines += ["| " + " | ".join(str(row[column]) for column in columns) + " |" for row in own]
            parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def best_of(times: int, work) -> float:
    """Return the least wall time in seconds of so many runs of `work()`."""
    from time import perf_counter

    spent = []
    for _ in range(times):
        begin_s = perf_counter()
        work()
        spent.append(perf_counter() - begin_s)
    return min(spent)

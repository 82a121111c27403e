"""The tutorials' commands, run as they stand."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.conftest import rampart

ROOT = Path(__file__).resolve().parents[2]
NUMBER = re.compile(r"\d+(?:\.\d+)?")


@pytest.fixture(scope="module")
def ran(tmp_path_factory) -> tuple[Path, list[str]]:
    """Return the folder in which the tutorial of the ellipse was followed, and what each command printed."""
    folder = tmp_path_factory.mktemp("tutorial")
    text = (ROOT / "docs" / "tutorial-ellipse.md").read_text()
    commands = [line for block in re.findall(r"```sh\n(.*?)```", text, re.S) for line in block.splitlines()]
    printed = []
    for command in commands:
        program, *arguments = command.split()
        if program == "rampart":
            printed.append(rampart(*arguments, folder=folder).stdout)
        else:
            assert program == "python", command
            arguments[0] = str(ROOT / arguments[0])
            done = subprocess.run(
                [sys.executable, *arguments],
                cwd=folder,
                capture_output=True,
                text=True,
                check=True,
                timeout=120,
            )
            printed.append(done.stdout)
    return folder, printed


def test_the_ellipse_shrinks_toward_the_bound(ran):
    folder, printed = ran
    rows = [[float(n) for n in NUMBER.findall(line)] for line in printed[1].splitlines()[1:]]
    assert [row[0] for row in rows] == [3.0, 5.0, 8.0, 10.0, 15.0, 20.0]
    long_m, bound_m = [row[1] for row in rows], [row[3] for row in rows]
    assert long_m == sorted(long_m, reverse=True)
    assert long_m[0] > 10.0 * long_m[-1]
    assert all(0.8 < own / limit < 1.6 for own, limit in zip(long_m, bound_m, strict=True))
    drawing = (folder / "ellipses.svg").read_text()
    assert drawing.count("<ellipse") == 2 * len(rows)
    assert "nan" not in drawing


def test_the_study_of_the_tutorial_has_its_page(ran):
    folder, printed = ran
    assert "2 runs (simulated), 14 projectiles" in printed[2]
    assert (folder / "nights" / "study.html").stat().st_size > 10_000


def test_what_cannot_be_drawn_is_one_line(ran):
    folder, _ = ran
    tool = [sys.executable, str(ROOT / "tools" / "draw_ellipses.py"), "night", "--projectile", "p99"]
    done = subprocess.run(tool, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert (
        done.stderr.strip() == "draw_ellipses: --projectile: 'p99': wanted one of p1, p2, p3, p4, p5, p6, p7"
    )

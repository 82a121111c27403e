"""Kernels are compiled once for each kind of arguments, kept on disk, and shared by processes at work together."""

import copy
import fcntl
import os
import subprocess
import sys

import numpy as np
import pytest

from rampart.numerics import jit
from rampart.numerics.jit import expect_entry, kernel, make_ready, steady, watch_compilation, watch_entries

compiled = pytest.mark.skipif(not jit.COMPILED, reason="kernels are not compiled in this run")

MODULE = """
import sys
from rampart.numerics.jit import kernel, watch_compilation

@kernel
def grown(x, by):
    return x * by + x

@kernel
def doubly_grown(x, by):
    return grown(grown(x, by), by)

names = []
watch_compilation(names.append)
for kind in sys.argv[1:]:
    print(kind, doubly_grown(*((2, 3) if kind == "int" else (2.0, 0.25))), flush=True)
print(len(names))
"""


@kernel
def _shifted(values, k):
    return values[k] + k


@kernel
def _ends(values):
    return _shifted(values, 0) + _shifted(values, 1) + _shifted(values, 2)


@kernel
def _twice(x):
    return 2.0 * x


def _halved(x):
    return x // 2 + 0.5 * (x % 2)


@kernel
def _four_times(x):
    return _twice(_twice(x))


@pytest.fixture
def nothing_kept():
    """Let nothing come from the disk: a kernel that is loaded brings what it calls along."""
    for each in (_shifted, _ends, _twice, _four_times):
        each._cache.disable()


@compiled
@pytest.mark.usefixtures("nothing_kept")
def test_a_kernel_that_kernels_call_has_no_entry_until_python_calls_it():
    values = np.array([1.0, 2.0, 4.0])
    assert _ends(values) == 10.0
    (inside,) = _shifted.overloads.values()
    assert str(inside.signature.args[1]) == "int64", "numbers in a source are all alike"
    assert not _shifted.entered
    assert _shifted(values, 2) == 6.0
    assert len(_shifted.entered) == 1
    assert _shifted(values, 1) == _shifted.py_func(values, 1)
    assert _ends(values) == 10.0


@compiled
def test_a_steady_caller_looks_at_the_kinds_of_its_first_call_alone():
    halved = kernel(_halved)
    call = steady(halved)
    assert call(3.0) == 1.5
    assert call(3) == 1.5, "taken as the number that it was at first"
    assert len(halved.entered) == 1
    assert halved(3) == 1.5
    whole = steady(halved)
    assert whole(3) == 1.5
    assert whole.entry is not call.entry, "of two kinds each has its own"
    assert copy.deepcopy(call)(5.0) == 2.5


@compiled
@pytest.mark.usefixtures("nothing_kept")
def test_a_kernel_expected_by_python_gets_its_entry_at_once():
    expect_entry(_twice)
    assert _four_times(1.5) == 6.0
    assert len(_twice.entered) == 1


@compiled
def test_entries_are_told_and_made_ready_without_a_call():
    told = []
    watch_entries(lambda function, values: told.append((function.__name__, values)))
    make_ready(_four_times, [np.float64(3.0)])
    assert ("_four_times", (3.0,)) in told


def test_watching_is_harmless_at_any_time():
    watch_compilation(lambda name: None)
    assert _four_times.py_func(1.0) == 4.0


def run_module(folder, *kinds):
    path = folder / "grown.py"
    path.write_text(MODULE)
    environment = os.environ | {"RAMPART_CACHE": str(folder / "cache"), "RAMPART_KERNELS": "compiled"}
    return subprocess.Popen(
        [sys.executable, str(path), *kinds], env=environment, stdout=subprocess.PIPE, text=True
    )


@compiled
def test_processes_that_compile_the_same_kernel_at_once_do_not_mix_up_its_kinds(tmp_path):
    """Numba alone lets one process write its code under the other's name."""
    both = [run_module(tmp_path, "int"), run_module(tmp_path, "float"), run_module(tmp_path, "float", "int")]
    assert [process.communicate(timeout=120)[0].split()[:2] for process in both] == [
        ["int", "32"], ["float", "3.125"], ["float", "3.125"],
    ]  # fmt: skip
    later = run_module(tmp_path, "float", "int").communicate(timeout=120)[0].split()
    assert later == ["float", "3.125", "int", "32", "0"], "all is loaded, nothing compiled again"


@compiled
def test_a_folder_without_locks_is_no_obstacle(monkeypatch):
    def refuse(*_):
        raise OSError("no locks available")

    monkeypatch.setattr(fcntl, "lockf", refuse)
    with jit._alone("a.kernel"):
        pass

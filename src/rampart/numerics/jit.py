"""The only door to Numba: `kernel` compiles, and caches under a folder named by the source's hash.

Numba checks a cached kernel against its own file only; a change in a callee of another file would
leave a stale caller behind. So the cache folder carries the hash of every file that holds kernels.
`RAMPART_KERNELS=python` leaves kernels uncompiled, so that tests can measure their lines.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import platformdirs

F = TypeVar("F", bound=Callable[..., Any])

PACKAGE = Path(__file__).resolve().parents[1]
COMPILED = os.environ.get("RAMPART_KERNELS", "compiled") != "python"


def cache_folder() -> Path:
    """Return the folder of the compiled kernels: `$RAMPART_CACHE`, else the user's cache folder."""
    root = os.environ.get("RAMPART_CACHE") or platformdirs.user_cache_dir("rampart")
    return Path(root) / f"kernels-{source_hash()}"


def source_hash() -> str:
    """Return the hash of this file and of every other of the package that may define a kernel."""
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(PACKAGE.rglob("*.py")):
        source = path.read_bytes()
        if b"rampart.numerics.jit" in source or path == Path(__file__).resolve():
            digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0" + source)
    return digest.hexdigest()


if COMPILED:
    import llvmlite.binding
    import numba

    numba_config: Any = numba.config
    numba_config.CACHE_DIR = str(cache_folder())
    from numba.core import event

    # Lanes of 512 bits where the processor has them: LLVM is shy of them by default.
    host_features = llvmlite.binding.get_host_cpu_features().flatten()
    numba_config.CPU_NAME = llvmlite.binding.get_host_cpu_name()
    numba_config.CPU_FEATURES = f"{host_features},-prefer-256-bit"

    _compile = numba.njit(cache=True, error_model="numpy", nogil=True)
    # without a count of references: arrays pass from kernel to kernel as cheaply as numbers, none can be made
    without_references: Any = {"_nrt": False}
    _compile_lean = numba.njit(cache=True, error_model="numpy", nogil=True, **without_references)
    _inline = numba.njit(cache=True, error_model="numpy", nogil=True, forceinline=True, fastmath={"contract"})

    def kernel(function: F) -> F:
        """Compile `function` to machine code; the uncompiled twin stays at `.py_func`."""
        compiled: Any = _compile(function)
        return compiled

    def lean_kernel(function: F) -> F:
        """Compile `function`, which makes no array: its calls count no references to those it is given."""
        compiled: Any = _compile_lean(function)
        return compiled

    def formula(function: F) -> F:
        """Compile `function` into each of its callers, its products and sums fused, so that loops vectorise."""
        compiled: Any = _inline(function)
        return compiled

    class _Watcher(event.Listener):
        """Passes the name of each kernel on as its compilation begins."""

        def __init__(self, tell: Callable[[str], None]):
            self.tell = tell

        def on_start(self, event):
            self.tell(event.data["dispatcher"].py_func.__name__)

        def on_end(self, event):
            pass

    def watch_compilation(tell: Callable[[str], None]) -> None:
        """Call `tell` with the name of each kernel that is compiled from now on."""
        event.register("numba:compile", _Watcher(tell))

else:

    def watch_compilation(tell: Callable[[str], None]) -> None:
        """Do nothing: no kernel is compiled."""

    def kernel(function: F) -> F:
        """Return `function` as it is, with itself at `.py_func`."""
        function.py_func = function  # type: ignore[attr-defined]
        return function

    formula = lean_kernel = kernel

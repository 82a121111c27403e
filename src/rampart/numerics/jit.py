"""The only door to Numba: `kernel` compiles, and caches under a folder named by the source's hash.

Numba checks a cached kernel against its own file only; a change in a callee of another file would
leave a stale caller behind. So the cache folder carries the hash of every file that holds kernels.
`RAMPART_KERNELS=python` leaves kernels uncompiled, so that tests can measure their lines.
"""

import fcntl
import functools
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
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
    from numba.core import caching, event, registry, sigutils, types
    from numba.core.compiler_lock import global_compiler_lock

    # Lanes of 512 bits where the processor has them: LLVM is shy of them by default.
    host_features = llvmlite.binding.get_host_cpu_features().flatten()
    numba_config.CPU_NAME = llvmlite.binding.get_host_cpu_name()
    numba_config.CPU_FEATURES = f"{host_features},-prefer-256-bit"

    Dispatcher: Any = registry.CPUDispatcher
    PLAIN: dict[str, Any] = {
        "nopython": True, "nogil": True, "error_model": "numpy", "boundscheck": None, "no_cfunc_wrapper": True,
    }  # fmt: skip
    # without a count of references: arrays pass from kernel to kernel as cheaply as numbers, none can be made
    LEAN = PLAIN | {"_nrt": False}
    FORMULA = PLAIN | {"forceinline": True, "fastmath": {"contract"}}

    def kernel(function: F) -> F:
        """Compile `function` to machine code; the uncompiled twin stays at `.py_func`."""
        compiled: Any = _Kernel(function, targetoptions=dict(PLAIN))
        return compiled

    def lean_kernel(function: F) -> F:
        """Compile `function`, which makes no array: its calls count no references to those it is given.

        It returns no array, no view and no tuple that holds one: to that its caller would count a reference. What it
        calls is compiled alike.
        """
        compiled: Any = _Kernel(function, targetoptions=dict(LEAN))
        return compiled

    def formula(function: F) -> F:
        """Compile `function` into each of its callers, its products and sums fused, so that loops vectorise."""
        compiled: Any = _Kernel(function, targetoptions=dict(FORMULA))
        return compiled

    class _Kernel(Dispatcher):
        """A function that is compiled once for each kind of arguments, by one process at a time.

        Most kernels are called by other kernels alone. They have no entry for Python until Python calls them:
        the entry takes tuples of arrays apart, which costs as much to compile as many a kernel.
        """

        def __init__(self, function, locals=None, targetoptions=None):
            super().__init__(function, locals, targetoptions)
            self.entering = True
            self.expected = False
            self.entered = set()
            self._compiler._customize_flags = self._with_entry
            self._cache = _Cache(self)

        def get_call_template(self, args, kws):
            """Make ready for a call by a kernel; a number in the caller's source counts as any number does.

            Not so in a formula: its loops are laid out for the number.
            """
            _, args = self._compiler.fold_argument_types(args, kws)
            if "forceinline" not in self.targetoptions:
                args = tuple(types.unliteral(kind) for kind in args)
            with global_compiler_lock:
                self.entering = self.expected
                try:
                    return super().get_call_template(args, {})
                finally:
                    self.entering = True

        def compile(self, sig):
            """Compile for these kinds of arguments, or load from the cache, where that is not done yet."""
            kinds = tuple(sigutils.normalize_signature(sig)[0])
            with global_compiler_lock:
                if self.entering and kinds not in self.entered:
                    self.overloads.pop(kinds, None)
                if kinds in self.overloads:
                    return self.overloads[kinds].entry_point
                with _alone(f"{self.py_func.__module__}.{self.py_func.__qualname__}"):
                    return super().compile(sig)

        def add_overload(self, cres):
            """Keep what was compiled; show it to Python only where it has an entry."""
            kinds = tuple(cres.signature.args)
            if self.entering:
                self.entered.add(kinds)
                super().add_overload(cres)
            else:
                self.overloads[kinds] = cres

        def _compile_for_args(self, *args, **kws):
            for tell in _entry_watchers:
                tell(self.py_func, args)
            return super()._compile_for_args(*args, **kws)

        def _with_entry(self, flags):
            flags.no_cpython_wrapper = not self.entering
            return flags

    class _Steady:
        """A kernel whose entry for the kinds of its first call is called directly."""

        __slots__ = ("entry", "kernel")

        def __init__(self, ready):
            self.kernel, self.entry = ready, None

        def __call__(self, *values):
            if self.entry is not None:
                return self.entry(*values)
            answer = self.kernel(*values)
            known = self.kernel.entered
            if len(known) > 1:  # to name the kinds takes a millisecond: only where there are others
                known = known & {tuple(self.kernel.typeof_pyval(value) for value in values)}
            for kinds in known:
                self.entry = self.kernel.overloads[kinds].entry_point
            return answer

        def __deepcopy__(self, memo):
            return _Steady(self.kernel)

    class _Cache(caching.FunctionCache):
        """Keeps a kernel with an entry for Python apart from the same kernel without."""

        def __init__(self, owner):
            super().__init__(owner.py_func)
            self.owner = owner

        def _load_overload(self, sig, target_context):
            found = super()._load_overload(sig, target_context)
            if found is None and not self.owner.entering:
                self.owner.entering = True
                try:
                    found = super()._load_overload(sig, target_context)
                finally:
                    self.owner.entering = False
            return found

        def _index_key(self, sig, codegen):
            return *super()._index_key(sig, codegen), self.owner.entering

    @contextmanager
    def _alone(name: str) -> Iterator[None]:
        """Wait until no other process compiles kernel `name`: Numba's own cache mixes up files in that case."""
        place = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=6).digest())
        try:
            fcntl.lockf(_lock_file(), fcntl.LOCK_EX, 1, place)
        except OSError:  # a folder that cannot be written to, or a file system without locks
            yield
            return
        try:
            yield
        finally:
            fcntl.lockf(_lock_file(), fcntl.LOCK_UN, 1, place)

    @functools.cache
    def _lock_file() -> int:
        folder = cache_folder()
        folder.mkdir(parents=True, exist_ok=True)
        return os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)

    class _Watcher(event.Listener):
        """Passes the name of each kernel on as its compilation begins."""

        def __init__(self, tell: Callable[[str], None]):
            self.tell = tell

        def on_start(self, event):
            self.tell(event.data["dispatcher"].py_func.__name__)

        def on_end(self, event):
            pass

    def steady(ready: F) -> F:
        """Return a caller of this kernel that looks at the kinds of its arguments in the first call alone.

        To look takes longer than many a kernel does: a microsecond for each NamedTuple, 20 for a call of the
        tracker's. All later arguments must be of the same kinds to the last array: type, axes, C order.
        """
        caller: Any = _Steady(ready)
        return caller

    def watch_compilation(tell: Callable[[str], None]) -> None:
        """Call `tell` with the name of each kernel that is compiled from now on."""
        event.register("numba:compile", _Watcher(tell))

    _entry_watchers: list[Callable[[Any, tuple], None]] = []

    def watch_entries(tell: Callable[[Any, tuple], None]) -> None:
        """Call `tell` with function and arguments whenever Python calls a kernel with a new kind of arguments."""
        _entry_watchers.append(tell)

    def expect_entry(ready: Any) -> None:
        """Give this kernel an entry for Python when it is compiled, even where another kernel asks first."""
        ready.expected = True

    def make_ready(ready: Any, values: Sequence[Any]) -> None:
        """Compile this kernel, or load it, for calls by Python with values of these kinds."""
        ready._compile_for_args(*values)

else:

    def watch_compilation(tell: Callable[[str], None]) -> None:
        """Do nothing: no kernel is compiled."""

    def watch_entries(tell: Callable[[Any, tuple], None]) -> None:
        """Do nothing: a kernel has no entry apart from itself."""

    def expect_entry(ready: Any) -> None:
        """Do nothing: a kernel has no entry apart from itself."""

    def make_ready(ready: Any, values: Sequence[Any]) -> None:
        """Do nothing: a kernel is ready as it is."""

    def kernel(function: F) -> F:
        """Return `function` as it is, with itself at `.py_func`."""
        function.py_func = function  # type: ignore[attr-defined]
        return function

    def steady(ready: F) -> F:
        """Return the kernel itself: it has no kinds to look at."""
        return ready

    formula = lean_kernel = kernel

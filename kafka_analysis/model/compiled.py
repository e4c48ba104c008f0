"""Compile what must walk over millions of rows or bytes one by one."""

import contextlib
import hashlib
import inspect
import os
import re
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from numba import njit
from numba.core import event
from numba.core.caching import CompileResultCacheImpl, FunctionCache, NullCache

from kafka_analysis.model.compile_notice import CompileNotice, say_beside

FOLDER = "kafka-analysis-"
KEPT = 4  # versions of the sources whose machine code stays: a few branches side by side
DECORATED = re.compile(rb"^\s*(?:>>> )?@(?:compiled|inlined)\b", re.MULTILINE)
IMPORTED = re.compile(rb"^from ([\w.]+) import", re.MULTILINE)


def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a small function into each compiled function that calls it: a call would copy every array's header.

    Examples
    --------
    >>> @inlined
    ... def twice(number):
    ...     return number + number
    >>> twice(2)
    4
    """
    return njit(inline="always")(function)


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function with Numba when it is first called; keep the result on disk where there is a place for it.

    The place is the ``__pycache__`` beside the source or, where that cannot be written, the user's cache folder
    (``NUMBA_CACHE_DIR`` chooses another). A change in any compiled source of the package compiles again.

    Examples
    --------
    >>> @compiled
    ... def twice(number):
    ...     return number + number
    >>> twice(2)
    4
    """
    dispatcher = njit(nogil=True)(function)
    with contextlib.suppress(RuntimeError):  # neither the package's folder nor the user's can be written to
        dispatcher._cache = _Cache(function)  # noqa: SLF001 - what njit(cache=True) does, with Numba's own class
    return dispatcher


@cache
def digest_of_sources(package: Path) -> str:
    """Return a hash of all files of a package that hold compiled functions, and of the files these import from.

    Numba's own stamp is the file of the function alone, but callees and constants of other files are compiled in.
    """
    sources = {path: path.read_bytes() for path in sorted(package.rglob("*.py"))}
    decorated = [path for path, source in sources.items() if DECORATED.search(source)]
    names = {name.decode() for path in decorated for name in IMPORTED.findall(sources[path])}
    imported = {package.parent.joinpath(*name.split(".")).with_suffix(".py") for name in names}
    digest = hashlib.sha256()
    for path in sorted({*decorated, *(imported & sources.keys())}):
        digest.update(f"{path.relative_to(package)} {len(sources[path])}\n".encode() + sources[path])
    return digest.hexdigest()[:16]


def _package(source: Path) -> Path:
    folder = source.parent
    while (folder.parent / "__init__.py").exists():
        folder = folder.parent
    return folder


class _CacheFiles(CompileResultCacheImpl):
    """Numba's places for cache files, each with a folder per version of the sources: nothing old can be read there."""

    def __init__(self, function: Callable[..., Any]) -> None:
        folder = FOLDER + digest_of_sources(_package(Path(inspect.getfile(function))))
        self._locator_classes = [_with_folder(locator, folder) for locator in super()._locator_classes]
        super().__init__(function)


class _Cache(FunctionCache):
    _impl_class = _CacheFiles

    def save_overload(self, sig: Any, data: Any) -> None:
        with contextlib.suppress(OSError):  # a full disk, or a folder that another process just removed
            super().save_overload(sig, data)


def _with_folder(locator: type, folder: str) -> type:
    class Locator(locator):
        def get_cache_path(self) -> str:
            return str(Path(super().get_cache_path(), folder))

        def ensure_cache_path(self) -> None:
            path = Path(self.get_cache_path())
            is_new = not path.exists()
            super().ensure_cache_path()
            os.utime(path)
            if is_new:
                _remove_unused(path.parent)

    return Locator


def _remove_unused(place: Path) -> None:
    with contextlib.suppress(FileNotFoundError):  # another process removes the same
        for folder in sorted(place.glob(f"{FOLDER}*"), key=lambda folder: folder.stat().st_mtime)[:-KEPT]:
            shutil.rmtree(folder, ignore_errors=True)


class _Listener(event.Listener):
    """Tells a notice what Numba does: functions begun and ended and, so that it can look at its clock, their passes."""

    def __init__(self, notice: CompileNotice) -> None:
        self._notice = notice

    def on_start(self, happened: Any) -> None:
        if happened.kind == "numba:compile":
            dispatcher = happened.data["dispatcher"]
            module = getattr(getattr(dispatcher, "py_func", None), "__module__", None) or ""
            self._notice.begin(module, kept=not isinstance(getattr(dispatcher, "_cache", None), NullCache))
        self._notice.look()

    def on_end(self, happened: Any) -> None:
        self._notice.look()
        if happened.kind == "numba:compile":
            self._notice.end()


_LISTENER = _Listener(CompileNotice(say_beside))
for _kind in ("numba:compile", "numba:run_pass"):
    event.register(_kind, _LISTENER)

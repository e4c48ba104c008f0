"""What a process that is killed leaves: the folder as it was before each change of it, taken in one run."""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

_CHANGES = {
    "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.link", "os.symlink", "os.truncate",
    "shutil.copyfile", "shutil.rmtree", "open",
}  # fmt: skip
_watched: list[Callable[[], None]] = []
_installed: list[bool] = []


def _hook(event: str, args: tuple) -> None:
    if not _watched or event not in _CHANGES:
        return
    if event == "open" and not (isinstance(args[1], str) and set(args[1]) & set("wax+")):
        return
    watch = _watched.pop()  # what it does itself is not watched
    try:
        watch()
    finally:
        _watched.append(watch)


@contextmanager
def _watching(watch: Callable[[], None]):
    if not _installed:
        sys.addaudithook(_hook)  # cannot be taken off again: it does nothing while nobody watches
        _installed.append(True)
    _watched.append(watch)
    try:
        yield
    finally:
        _watched.clear()


def crash_points(folder: Path, work: Callable[[], object], *, snapshots: Path) -> list[Path]:
    """Do some work; return copies of a folder as a kill before each change of any file would have left it."""
    taken: dict[str, Path] = {}

    def take() -> None:
        state = _state(folder)
        if state not in taken:
            taken[state] = snapshots / f"{len(taken):03d}"
            shutil.copytree(folder, taken[state], symlinks=True)

    with _watching(take):
        work()
    return list(taken.values())


def _state(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        digest.update(str(path.relative_to(folder)).encode())
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()

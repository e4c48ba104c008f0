"""Write text files whole or not at all: at any moment the old or the new one is there."""

import os
import stat
from contextlib import suppress
from pathlib import Path

from kafka_analysis.model.places import writing


def write_atomically(target: Path, text: str, *, mode: int | None = None) -> None:
    """Write a text file so that at any moment the old or the new one is there, whole; an error leaves no draft.

    Parameters
    ----------
    mode
        The rights of a new file; one that is replaced keeps its own.

    Raises
    ------
    PlaceError
        It cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_atomically(Path(folder) / "a", "text")
    ...     [file.name for file in Path(folder).iterdir()]
    ['a']
    """
    draft = target.with_name(f".{target.name}.tmp")
    try:
        with writing(target):
            draft.unlink(missing_ok=True)  # left by a process that was killed, with rights of its own
            with draft.open("x", encoding="utf-8") as file:
                file.write(text)
            if mode is not None:
                draft.chmod(stat.S_IMODE(target.stat().st_mode) if target.exists() else mode)
            replace_safely(draft, target)
    except BaseException:
        with suppress(OSError):  # the error on its way out says more
            draft.unlink()
        raise


def replace_safely(draft: Path, target: Path) -> None:
    """Put a finished draft in the place of a file: on disk first, then renamed, then the folder on disk.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     draft = Path(folder) / "draft"
    ...     _ = draft.write_text("x")
    ...     replace_safely(draft, Path(folder) / "file")
    ...     [file.name for file in Path(folder).iterdir()]
    ['file']
    """
    sync(draft)
    draft.replace(target)
    if os.name == "posix":  # elsewhere a folder cannot be opened
        sync(target.parent)


def sync(path: Path) -> None:
    """Have the system put a file or folder on disk.

    Examples
    --------
    >>> sync(Path())
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

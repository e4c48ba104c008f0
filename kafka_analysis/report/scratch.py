"""The temporary folder of a run: removed at its end, or by the next run where the process was killed."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from kafka_analysis.model.places import PRIVATE_FOLDER, writing

PREFIX = "kafka-analysis.report-"  # not the prefix of compiled code, which may be kept in the same folder
_LOCK = ".lock"


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make a temporary folder below TMPDIR, and remove the folders of runs that were killed.

    Yields
    ------
    Path
        An absolute folder; it is removed when the block ends.

    Raises
    ------
    PlaceError
        TMPDIR cannot be written.

    Examples
    --------
    >>> with scratch_folder() as folder:
    ...     folder.is_dir()
    True
    >>> folder.exists()
    False
    """
    place = Path(tempfile.gettempdir()).resolve()
    remove_leftovers(place)
    with writing(f"{place} (TMPDIR)"):
        folder, lock = _locked_folder(place)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.release()


def remove_leftovers(place: Path) -> None:
    """Remove the temporary folders of this user's killed runs; a run that is alive holds the lock in its folder.

    Examples
    --------
    >>> remove_leftovers(Path("no/such/folder"))
    """
    for folder in place.glob(f"{PREFIX}*"):
        with suppress(OSError):  # locked (Timeout is an OSError), just removed, or not permitted
            if _is_own_folder(folder):
                with FileLock(folder / _LOCK, timeout=0):
                    shutil.rmtree(folder, ignore_errors=True)


def _locked_folder(place: Path) -> tuple[Path, FileLock]:
    """Make a folder and lock it; another one where a run just takes it for a leftover."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=place))
        lock = FileLock(folder / _LOCK)
        with suppress(Timeout):
            lock.acquire(timeout=0)
            folder.chmod(PRIVATE_FOLDER)  # the lock makes a folder anew that was removed before
            return folder, lock


def _is_own_folder(path: Path) -> bool:
    """Return whether a path is a folder of this user, and no link: TMPDIR is open to everybody."""
    found = path.lstat()
    return stat.S_ISDIR(found.st_mode) and (os.name != "posix" or found.st_uid == os.getuid())

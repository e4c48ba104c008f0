"""Places on disk: name what cannot be written or read there, and keep what is written to its owner."""

import errno
import os
import re
import shlex
import shutil
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from kafka_analysis.model.errors import KafkaAnalysisError, PlaceError
from kafka_analysis.model.units import format_quantity

PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600
_FULL = "make room, or name a folder on another disk"
_OTHER = "name another place, or change its rights"
_FAULTS = {
    errno.ENOSPC: ("no space left on the disk", _FULL),
    errno.EDQUOT: ("the disk quota is used up", _FULL),
    errno.EFBIG: ("a file would be larger than this process may write (ulimit -f)", "raise the limit"),
    errno.EROFS: ("the file system is read-only", "name a place that can be written"),
    errno.EACCES: ("permission denied", _OTHER),
    errno.EPERM: ("operation not permitted", _OTHER),
    errno.ENOTDIR: ("a part of its path is a file", "name another place"),
    errno.EISDIR: ("it is a folder", "name a file"),
    errno.EEXIST: ("a file is in its place", "name another place"),
    errno.ENOENT: ("a folder of its path does not exist", "make it first, or name another place"),
    errno.ENAMETOOLONG: ("a name of its path is too long", "name a shorter one"),
    errno.ELOOP: ("its path is a loop of links", "name another place"),
    errno.EMFILE: ("too many files are open (ulimit -n)", "raise the limit"),
    errno.ENFILE: ("too many files are open on this machine", "try again later"),
    errno.EIO: ("the disk failed (input/output error)", "check the disk, or name a place on another"),
    errno.ESTALE: ("the network file system went away", "mount it again, or name another place"),
    errno.EBUSY: ("the file or folder is in use", "try again later, or name another place"),
}  # fmt: skip
_SIZED = (errno.ENOSPC, errno.EDQUOT)
_DISK = (*_SIZED, errno.EFBIG, errno.EROFS, errno.EIO, errno.ESTALE)
_IN_WORDS = re.compile(r"\(os error (\d+)\)|\[Errno (\d+)\]")


def place_errno(error: BaseException) -> int | None:
    """Return the number of the system's error when a place on disk is at fault, else None.

    pyarrow raises ``OSError`` with its number; Polars raises ``OSError`` without one, or ``ComputeError``, and says
    it in words.

    Examples
    --------
    >>> place_errno(OSError(errno.ENOSPC, "No space left on device")) == errno.ENOSPC
    True
    >>> place_errno(OSError("File too large (os error 27)")), place_errno(ValueError("27"))
    (27, None)
    """
    number = getattr(error, "errno", None) if isinstance(error, OSError) else None
    if number is None:
        match = _IN_WORDS.search(str(error))
        number = int(match[1] or match[2]) if match else None
    return number if number in _FAULTS else None


def disk_errno(error: BaseException) -> int | None:
    """Return the number of the system's error when the disk itself is full, read-only or broken, else None.

    Examples
    --------
    >>> disk_errno(FileNotFoundError(errno.ENOENT, "No such file"))
    """
    number = place_errno(error)
    return number if number in _DISK else None


def place_error(
    error: BaseException, place: str | Path, *, what: str = "write", needed_bytes: float | None = None
) -> PlaceError | None:
    """Say in one line which place cannot be written or read, why, and how to mend it; None for another error.

    Parameters
    ----------
    place
        The file or folder that was to be written or read.
    what
        ``write`` or ``read``.
    needed_bytes
        About how much the whole needs, where that is known: said where the disk is full.

    Examples
    --------
    >>> print(place_error(OSError(errno.EROFS, "Read-only file system"), "out"))
    cannot write out: the file system is read-only; name a place that can be written
    """
    number = place_errno(error)
    if number is None:
        return None
    why, mend = _FAULTS[number]
    if number in _SIZED:
        free = _free_bytes(Path(place))
        amounts = ["" if free is None else f"{format_quantity(free, 'B')} free"]
        amounts += [] if needed_bytes is None else [f"about {format_quantity(needed_bytes, 'B')} needed"]
        why += f" ({', '.join(filter(None, amounts))})" if any(amounts) else ""
    elif number == errno.ENOENT and what == "read":
        why, mend = "no such file or folder", "check the name"
    return PlaceError(f"cannot {what} {place}: {why}; {mend}")


def writing(place: str | Path, *, needed_bytes: float | None = None) -> AbstractContextManager[None]:
    """Turn what the system, pyarrow and Polars raise when a place cannot be written into a ``PlaceError``.

    Examples
    --------
    >>> with writing("no/such/folder/file"):
    ...     _ = Path("no/such/folder/file").write_text("x")
    Traceback (most recent call last):
    ...
    kafka_analysis.model.errors.PlaceError: cannot write no/such/folder/file: a folder of its path does not exist; ...
    """
    return _named(place, "write", needed_bytes)


def reading(place: str | Path) -> AbstractContextManager[None]:
    """Turn what the system raises when a place cannot be read into a ``PlaceError``.

    Examples
    --------
    >>> with reading("no/such/file"):
    ...     _ = Path("no/such/file").read_text()
    Traceback (most recent call last):
    ...
    kafka_analysis.model.errors.PlaceError: cannot read no/such/file: no such file or folder; check the name
    """
    return _named(place, "read", None)


@contextmanager
def _named(place: str | Path, what: str, needed_bytes: float | None) -> Iterator[None]:
    try:
        yield
    except KafkaAnalysisError:
        raise
    except Exception as error:
        named = place_error(error, place, what=what, needed_bytes=needed_bytes)
        if named is None:
            raise
        raise named from None


def as_argument(place: Path) -> str:
    """Return a path as a shell takes it for one argument and no option.

    Examples
    --------
    >>> as_argument(Path("data/sample")), as_argument(Path("-x y"))
    ('data/sample', "'./-x y'")
    """
    text = str(place)
    return shlex.quote(f"./{text}" if text.startswith("-") else text)


def make_folder(folder: Path) -> None:
    """Make an output folder that only its owner may read; one that exists keeps its rights.

    Output names topics, clients and hosts. Make the folder yourself, with the rights you want, to share what is
    written into it. Folders above it are made as usual.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     make_folder(Path(place, "out"))
    ...     oct(Path(place, "out").stat().st_mode)[-3:]
    '700'
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)


def narrow_rights(folder: Path) -> None:
    """Take from all in an output folder the rights that the folder itself does not give; links are passed over.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     _ = Path(place, "file").write_text("x")
    ...     narrow_rights(Path(place))
    ...     oct(Path(place, "file").stat().st_mode)[-3:]
    '600'
    """
    if os.name != "posix":
        return
    allowed = _rights(folder)
    for path in folder.rglob("*"):
        with suppress(OSError):  # a file of another user, or one that has just gone
            if not path.is_symlink() and (mode := _rights(path)) & ~allowed:
                path.chmod(mode & allowed)


def _rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _free_bytes(place: Path) -> int | None:
    for folder in (place, *place.absolute().parents):
        with suppress(OSError):
            return shutil.disk_usage(folder).free
    return None

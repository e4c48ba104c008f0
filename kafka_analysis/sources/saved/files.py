"""Find saved pages on disk and read them, whatever they are compressed with."""

import glob
import os
import stat
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from kafka_analysis.model.errors import InputError, SourceError
from kafka_analysis.sources.http.decompress import plain

LARGEST_PAGE = 256 * 1024 * 1024


def find_files(places: Iterable[str]) -> list[Path]:
    """Return all files of some places, each once: files, folders and all in them, patterns with ``*`` and ``**``.

    Files whose name begins with a dot are left out, unless they are named themselves.

    Raises
    ------
    InputError
        Nothing is there, or no file is in it.

    Examples
    --------
    >>> find_files(["no/such/*.prom"])
    Traceback (most recent call last):
    ...
    kafka_analysis.model.errors.InputError: no file at no/such/*.prom; give files, folders or a quoted pattern
    """
    files: dict[Path, Path] = {}
    for place in places:
        here = [path for path in _at(place) if not path.is_dir()]
        if not here:
            raise InputError(f"no file at {place}; give files, folders or a quoted pattern")
        for path in here:
            files.setdefault(path.resolve(), path)
    return list(files.values())


def _at(place: str) -> Iterator[Path]:
    path = Path(place)
    if path.is_dir():
        inside = sorted(path.rglob("*"))
        yield from (
            file for file in inside if not any(part.startswith(".") for part in file.relative_to(path).parts)
        )
    elif os.path.lexists(path):
        yield path
    else:
        yield from map(Path, sorted(glob.glob(_pattern(path), recursive=True)))  # noqa: PTH207 (absolute ones, too)


def _pattern(place: Path) -> str:
    """Return a pattern in which the folders that exist, whatever their names, stand for themselves."""
    real = next((folder for folder in place.parents if folder.is_dir()), Path())
    return os.path.join(glob.escape(str(real)), place.relative_to(real))  # noqa: PTH118 (escaped, no path)


def read_plain(path: Path) -> bytes:
    """Return a file's content, decompressed.

    Raises
    ------
    SourceError
        It cannot be read, is no file, is damaged, or larger than 256 MiB.

    Examples
    --------
    >>> read_plain(Path("no/such/file"))
    Traceback (most recent call last):
    ...
    kafka_analysis.model.errors.SourceError: cannot be read: No such file or directory
    """
    data = read_beginning(path, LARGEST_PAGE + 1)
    if len(data) > LARGEST_PAGE:
        raise SourceError("larger than 256 MiB")
    try:
        return plain(data, largest=LARGEST_PAGE)
    except InputError as error:
        raise SourceError(str(error)) from None


def read_beginning(path: Path, most: int) -> bytes:
    """Return the first bytes of a file, at most so many.

    Raises
    ------
    SourceError
        It cannot be read, or is no file.

    Examples
    --------
    >>> len(read_beginning(Path(__file__), 3))
    3
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise SourceError("not a readable file")
        with path.open("rb") as stream:
            return stream.read(most)
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}") from None


def modified_at(path: Path) -> datetime:
    """Return when a file was last written, UTC.

    Examples
    --------
    >>> modified_at(Path(__file__)) < datetime.now(UTC)
    True
    """
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)

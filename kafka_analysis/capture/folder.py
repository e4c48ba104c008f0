"""The folder a capture is written to: whether it may be, and what is removed again when nothing came into it."""

import shutil
from datetime import datetime
from pathlib import Path

from kafka_analysis.capture.spool import SPOOL, locked, read_state, unfinished_copy
from kafka_analysis.capture.streams import REJECTED_STREAM
from kafka_analysis.model.errors import (
    CaptureExistsError,
    CaptureIncompleteError,
    CaptureNotFoundError,
    InputError,
)
from kafka_analysis.model.moments import is_plausible

MANIFEST = "manifest.json"
OUTPUTS = ("samples", "tables")


def new_folder(path: Path, *, anew: bool) -> list[Path]:
    """Check that a new capture may be written to a folder; return what is removed when nothing comes into it.

    Parameters
    ----------
    anew
        Remove an unfinished copy (of a merge, say) that a killed process left there; a spool without a row is
        removed in any case.

    Raises
    ------
    CaptureExistsError, BusyError
        The folder holds anything else; another process is writing to it.

    Examples
    --------
    >>> new_folder(Path("no/such/folder"), anew=False) == [Path("no/such/folder")]
    True
    """
    if not path.exists() and not path.is_symlink():
        return [path]
    if _is_bare(path) or (anew and _is_unfinished_copy(path)):
        with locked(path):
            remove_outputs(path)
            (path / f".{MANIFEST}.tmp").unlink(missing_ok=True)
        shutil.rmtree(path / SPOOL)
    if not path.is_dir() or any(path.iterdir()):
        raise CaptureExistsError(f"{path} exists and is not empty; choose another folder or remove it")
    return [path / SPOOL]


def remove_outputs(path: Path) -> None:
    """Remove what an earlier try to finish left in a capture's folder: the spool still holds every row.

    Examples
    --------
    >>> remove_outputs(Path("no/such/folder"))
    """
    for name in OUTPUTS:
        shutil.rmtree(path / name, ignore_errors=True)
    (path / f"{REJECTED_STREAM}.parquet").unlink(missing_ok=True)


def _is_bare(path: Path) -> bool:
    """Return whether nothing is in a folder but a spool that a process left before its first row."""
    if not (path / SPOOL).is_dir() or [file.name for file in path.iterdir()] != [SPOOL]:
        return False
    return not any(file.is_dir() for file in (path / SPOOL).iterdir())


def _is_unfinished_copy(path: Path) -> bool:
    """Return whether nothing is in a folder but a copy that a killed process left."""
    state = read_state(path)
    written = {SPOOL, *OUTPUTS, f"{REJECTED_STREAM}.parquet", f".{MANIFEST}.tmp"}
    return state is not None and not state.keep and {file.name for file in path.iterdir()} <= written


def begun_folder(path: Path) -> list[Path]:
    """Check that there is an unfinished recording to go on with; nothing of it is removed when nothing comes.

    Raises
    ------
    CaptureExistsError, CaptureNotFoundError, CaptureIncompleteError
        It is finished; there is none; it is a copy that is to be made again.

    Examples
    --------
    >>> begun_folder(Path("no/such/folder"))
    Traceback (most recent call last):
    ...
    kafka_analysis.model.errors.CaptureNotFoundError: no/such/folder has no unfinished recording; ...
    """
    if (path / MANIFEST).exists():
        raise CaptureExistsError(
            f"capture {path} is finished and never changed; record into another folder and merge the two with: "
            "kafka-analysis captures merge"
        )
    if not (path / SPOOL).is_dir():
        raise CaptureNotFoundError(f"{path} has no unfinished recording; leave out --resume to start one")
    state = read_state(path)
    if state is not None and not state.keep:
        raise CaptureIncompleteError(unfinished_copy(path))
    return []


def check_window(start: datetime, end: datetime) -> None:
    """Check that a capture can be of a stretch of time.

    Raises
    ------
    InputError
        It is empty, or not between 2001 and 2100.

    Examples
    --------
    >>> check_window(datetime(1970, 1, 1), datetime(1970, 1, 2))
    Traceback (most recent call last):
    ...
    kafka_analysis.model.errors.InputError: a capture from 1970-01-01 00:00:00 to 1970-01-02 00:00:00: give a start ...
    """
    if not (is_plausible(start) and is_plausible(end) and start < end):
        message = f"a capture from {start} to {end}: give a start before the end, both between 2001 and 2100"
        raise InputError(message)

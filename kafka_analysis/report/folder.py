"""The folder of reports: locked while one is written, complete runs only, ``latest`` the newest."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from kafka_analysis.model.errors import BusyError, InputError
from kafka_analysis.model.places import PRIVATE_FOLDER, make_folder, narrow_rights, writing
from kafka_analysis.model.summary import safe_name

LATEST = "latest"
_LOCK = ".lock"
UNFINISHED = ".unfinished-"
_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")


def choose_run_id(run_id: str | None, *, out: Path, capture_id: str, now: datetime) -> str:
    """Return the name of the run's folder: the one asked for, else UTC time and capture id.

    Raises
    ------
    InputError
        The name is not one for a folder, or a run of that name exists.
    """
    name = f"{now:%Y%m%dT%H%M%SZ}-{safe_name(capture_id)}" if run_id is None else run_id
    if not _RUN_ID.fullmatch(name) or name == LATEST:
        message = f"run id {name!r} must be letters, digits, '.', '-' or '_', at most 120, and not {LATEST!r}"
        raise InputError(message)
    _refuse_existing(out, name)
    return name


@contextmanager
def unfinished_run(
    out: Path, run_id: str, *, wait_s: float = 0.0, then: Callable[[], None] | None = None
) -> Iterator[Path]:
    """Lock the folder of reports and give a hidden folder that becomes the run when the block is done.

    Parameters
    ----------
    out
        Folder of all reports; made when it does not exist.
    run_id
        Name of the run.
    wait_s
        Seconds to wait for another run that is writing there.
    then
        Called when the run is in its place and the folder still locked; it must not raise.

    Yields
    ------
    Path
        Absolute folder to write to. When the block raises, it is removed and nothing of the run remains.

    Raises
    ------
    BusyError
        Another process is writing a report there, and still was after ``wait_s``.
    InputError
        A run of that name has been written in the meantime.
    PlaceError
        The folder cannot be written.
    """
    fresh = not out.exists()
    with writing(out):
        make_folder(out)
    lock = FileLock(out / _LOCK)
    try:
        with writing(out):
            lock.acquire(timeout=wait_s)
    except Timeout:
        raise BusyError(_busy(out, wait_s)) from None
    try:
        _clear_leftovers(out)
        _refuse_existing(out, run_id)
        folder = (out / f"{UNFINISHED}{run_id}").resolve()
        with writing(out):
            folder.mkdir(mode=PRIVATE_FOLDER)
            yield folder
            _finish(folder, out)
            folder.replace(out / run_id)
            point_latest(out, run_id)
        if then is not None:
            then()
    except BaseException:
        _clear_leftovers(out)
        _remove_if_fresh(out, fresh=fresh)
        raise
    finally:
        lock.release()


def _busy(out: Path, wait_s: float) -> str:
    if not wait_s:
        return f"another report is being written to {out}; wait for it with --wait SECONDS, or give another --out"
    return f"another report is still being written to {out} after {wait_s:g} s; wait longer, or give another --out"


def _refuse_existing(out: Path, name: str) -> None:
    if (out / name).exists():
        raise InputError(f"run {name!r} exists in {out}; runs are not overwritten, give another --run-id")


def point_latest(out: Path, run_id: str) -> None:
    """Let ``latest`` point at a run: a relative link, or a file with its name where links cannot be made."""
    unfinished = out / f"{UNFINISHED}{LATEST}"
    unfinished.unlink(missing_ok=True)
    try:
        unfinished.symlink_to(run_id, target_is_directory=True)
    except OSError:
        unfinished.write_text(f"{run_id}\n", encoding="utf-8")
    unfinished.replace(out / LATEST)


def _finish(folder: Path, out: Path) -> None:
    """Give a run the rights of the folder of reports, and have the system put it on disk."""
    folder.chmod(out.stat().st_mode)
    narrow_rights(folder)


def _clear_leftovers(out: Path) -> None:
    for path in out.glob(f"{UNFINISHED}*"):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _remove_if_fresh(out: Path, *, fresh: bool) -> None:
    if fresh and {path.name for path in out.iterdir()} <= {_LOCK}:
        (out / _LOCK).unlink(missing_ok=True)
        with suppress(OSError):
            out.rmdir()

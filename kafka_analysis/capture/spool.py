"""What an unfinished capture has on disk: sorted parts of each stream, and what the manifest will need.

    <capture>/.spool/state.json                    written atomically at every flush
    <capture>/.spool/<stream>/<first>-<last>.parquet

A part is written under another name, put on disk and renamed, so that it is there whole or not at all. Small parts are
joined to larger ones: the name of a joined part covers those it replaces, and whoever reads passes over a part that
another one covers. So no row is lost or there twice, whenever the writer dies.
"""

import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self
from urllib.parse import quote, unquote

import polars as pl
import pyarrow.parquet as pq
from filelock import FileLock, Timeout
from pydantic import BaseModel, ValidationError

from kafka_analysis.capture.external_sort import merge_sorted
from kafka_analysis.capture.files import row_groups, write_groups
from kafka_analysis.capture.identity import new_id
from kafka_analysis.capture.parquet import content_fault
from kafka_analysis.capture.streams import file_of, sort_key, stream_of
from kafka_analysis.model.errors import BusyError, InputError
from kafka_analysis.model.manifest import ClusterInfo, SourceInfo
from kafka_analysis.model.moments import is_plausible
from kafka_analysis.model.places import make_folder, writing
from kafka_analysis.model.whole_files import replace_safely, write_atomically

SPOOL = ".spool"
STATE = "state.json"
LOCK = "lock"
PART_ROWS = 500_000
LOOSE_PARTS = 32
MOST_PARTS = 64
_PART = re.compile(r"(\d+)-(\d+)\.parquet")


class SpoolState(BaseModel, frozen=True):
    """What the manifest of an unfinished capture would say.

    ``flushed_at``: when it was last written down. ``recording``: ``start`` is when a recording began, and no row is
    much later than ``flushed_at``. ``keep``: what is there is worth saving; not so of a copy, which can be made again.
    """

    capture_id: str
    start: datetime
    flushed_at: datetime
    synthetic: bool = False
    recording: bool = False
    keep: bool = True
    clusters: tuple[ClusterInfo, ...] = ()
    sources: tuple[SourceInfo, ...] = ()
    notes: tuple[str, ...] = ()

    @classmethod
    def begun(cls, **about: bool) -> Self:
        """Return the state of a capture that begins now."""
        present = datetime.now(UTC)
        return cls(capture_id=new_id(present), start=present, flushed_at=present, **about)


@dataclass(frozen=True)
class Part:
    """One file of a stream: the numbers of the flushes it holds, and its rows."""

    first: int
    last: int
    path: Path
    rows: int


class Spool:
    """The sorted parts of every stream of an unfinished capture.

    Parameters
    ----------
    capture
        The capture's folder; what a spool there already holds is taken on.

    Attributes
    ----------
    torn
        Files that hold no readable part, relative to the capture: what was being written when the writer died.
    """

    def __init__(self, capture: Path) -> None:
        self.path = capture / SPOOL
        make_folder(self.path)
        self.torn: list[str] = []
        self._parts: dict[str, list[Part]] = {}
        for folder in sorted(p for p in self.path.iterdir() if p.is_dir()):
            parts = self._whole_parts(folder)
            if parts:
                self._parts[unquote(folder.name)] = parts

    def _whole_parts(self, folder: Path) -> list[Part]:
        whole: list[Part] = []
        stream = unquote(folder.name)
        is_stream = stream_of(file_of(stream, 1)) == stream
        for file in folder.iterdir():
            named = _PART.fullmatch(file.name)
            rows = _rows_if_whole(file, stream) if named and is_stream else None
            if named is None or rows is None:
                self.torn.append(f"{SPOOL}/{folder.name}/{file.name}")
            else:
                whole.append(Part(int(named[1]), int(named[2]), file, rows))
        kept: list[Part] = []
        for part in sorted(whole, key=lambda p: (p.first, -p.last)):
            if not kept or part.last > kept[-1].last:
                kept.append(part)
        return kept

    @property
    def streams(self) -> list[str]:
        """Return the streams that have rows, by name."""
        return sorted(self._parts)

    def parts(self, stream: str) -> list[Part]:
        """Return the parts of a stream in the order they were written."""
        return list(self._parts.get(stream, ()))

    def append(self, stream: str, rows: pl.DataFrame) -> None:
        """Write rows as the stream's next part."""
        parts = self._parts.setdefault(stream, [])
        number = parts[-1].last + 1 if parts else 0
        ordered = rows.sort(sort_key(stream), maintain_order=True)
        parts.append(self._write(stream, number, number, [ordered]))
        loose = self._loose(parts)
        if len(loose) > 1 and (len(loose) >= LOOSE_PARTS or sum(p.rows for p in loose) >= PART_ROWS):
            parts[-len(loose) :] = [self._joined(stream, loose)]

    def _loose(self, parts: Sequence[Part]) -> list[Part]:
        """Return the parts at the end that are small enough to be joined to a larger one."""
        first = next((i for i in range(len(parts), 0, -1) if parts[i - 1].rows >= PART_ROWS // 2), 0)
        return list(parts[first:])

    def _joined(self, stream: str, parts: Sequence[Part]) -> Part:
        rows = merge_sorted([part.path for part in parts], sort_key(stream))
        joined = self._write(stream, parts[0].first, parts[-1].last, rows)
        for part in parts:
            part.path.unlink()
        return joined

    def _write(self, stream: str, first: int, last: int, rows: Iterable[pl.DataFrame]) -> Part:
        folder = self.path / quote(stream, safe="")
        folder.mkdir(exist_ok=True)
        target = folder / f"{first:08d}-{last:08d}.parquet"
        draft = target.with_suffix(".tmp")
        groups = row_groups(rows)
        written, _ = write_groups(draft, next(groups), groups, split=False, compression="lz4")
        replace_safely(draft, target)
        return Part(first, last, target, written)

    def few_parts(self, stream: str) -> list[Path]:
        """Return files that hold a stream's rows, joined until they are few enough to be read side by side."""
        parts = self.parts(stream)
        while len(parts) > MOST_PARTS:
            groups = [parts[i : i + MOST_PARTS] for i in range(0, len(parts), MOST_PARTS)]
            parts = [self._joined(stream, some) if len(some) > 1 else some[0] for some in groups]
            self._parts[stream] = parts
        return [part.path for part in parts]

    def save_state(self, state: SpoolState) -> None:
        """Write down what the manifest will need."""
        write_atomically(self.path / STATE, state.model_dump_json(indent=1) + "\n")

    @property
    def bytes(self) -> int:
        """Return how much disk the parts take."""
        return sum(part.path.stat().st_size for parts in self._parts.values() for part in parts)

    def remove(self) -> None:
        """Remove the spool and all its parts; what cannot be removed is left to the next reader."""
        shutil.rmtree(self.path, ignore_errors=True)


def read_state(capture: Path) -> SpoolState | None:
    """Return what was last written down of an unfinished capture; None when there is nothing that can be used.

    Examples
    --------
    >>> read_state(Path("no/such/capture"))
    """
    try:
        state = SpoolState.model_validate_json((capture / SPOOL / STATE).read_bytes())
    except (OSError, ValidationError):
        return None
    return state if is_plausible(state.start) and is_plausible(state.flushed_at) else None


def unfinished_copy(capture: Path) -> str:
    """Say of a copy that is not finished that it is to be made again.

    Examples
    --------
    >>> unfinished_copy(Path("c"))
    'c is not finished: its command was stopped, but the input is still there; run the same command again'
    """
    return (
        f"{capture} is not finished: its command was stopped, but the input is still there; "
        "run the same command again"
    )


@contextmanager
def begun_copy(capture: Path) -> Iterator[None]:
    """Make a folder that is taken for an unfinished copy while the block runs, also by who finds it after a kill.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, begun_copy(Path(folder)):
    ...     read_state(Path(folder)).keep
    False
    """
    make_folder(capture)
    make_folder(capture / SPOOL)
    with locked(capture):
        state = SpoolState.begun(keep=False)
        write_atomically(capture / SPOOL / STATE, state.model_dump_json(indent=1) + "\n")
        yield


def clear_spool(capture: Path) -> bool:
    """Remove the spool of a finished capture, left by a writer that was killed; return whether none is left.

    It is left where a writer still holds it, or where nothing may be written: a capture is read in any case.

    Examples
    --------
    >>> clear_spool(Path("no/such/capture"))
    True
    """
    spool = capture / SPOOL
    if not spool.is_dir() or spool.is_symlink():
        return True
    try:
        with locked(capture):
            for path in spool.iterdir():
                if path.name != LOCK:
                    shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        shutil.rmtree(spool)
    except (OSError, InputError, NotImplementedError):
        return False
    return True


@contextmanager
def locked(capture: Path) -> Iterator[None]:
    """Hold the lock of an unfinished capture; whatever ends the process lets it go.

    Raises
    ------
    BusyError
        When another process holds it.
    PlaceError
        When the lock cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, locked(Path(folder)), locked(Path(folder)):
    ...     pass
    Traceback (most recent call last):
    ...
    kafka_analysis.model.errors.BusyError: another process is writing to ...; wait until it has ended
    """
    lock = FileLock(capture / SPOOL / LOCK)
    try:
        with writing(capture):
            lock.acquire(timeout=0)
    except Timeout:
        raise BusyError(f"another process is writing to {capture}; wait until it has ended") from None
    try:
        yield
    finally:
        lock.release()


def _rows_if_whole(file: Path, stream: str) -> int | None:
    """Return the rows of a part; None when it cannot be read to its end, or is not of its stream."""
    if content_fault(file, stream, decode=True) is not None:
        return None
    with file.open("rb") as opened:
        return pq.read_metadata(opened).num_rows

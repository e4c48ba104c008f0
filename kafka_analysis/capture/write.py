"""Write a capture: rows go to a spool while they come, are merged in order at the end, and the manifest comes last."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, suppress
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Self

import dataframely as dy
import polars as pl

from kafka_analysis.capture.external_sort import merge_sorted, unique_rows
from kafka_analysis.capture.files import describe_file, write_parquet_files
from kafka_analysis.capture.folder import MANIFEST, begun_folder, check_window, new_folder, remove_outputs
from kafka_analysis.capture.identity import new_id, tool_version
from kafka_analysis.capture.plausible import split_plausible
from kafka_analysis.capture.spool import SPOOL, Spool, SpoolState, locked, read_state
from kafka_analysis.capture.streams import REJECTED_STREAM, file_of, samples_of, sort_key
from kafka_analysis.model.clock import clock_set_s, now
from kafka_analysis.model.errors import BusyError, CaptureError, PlaceError
from kafka_analysis.model.manifest import ClusterInfo, FileInfo, Manifest, SourceInfo, Span
from kafka_analysis.model.moments import LATEST
from kafka_analysis.model.places import as_argument, make_folder, narrow_rights, writing
from kafka_analysis.model.samples import Rejected, Samples
from kafka_analysis.model.tables import table_schema, with_all_columns
from kafka_analysis.model.whole_files import write_atomically

BUFFER_ROWS = 250_000
TEXT_LIMIT = 500
CLOCK_S, NEAR = 2.0, timedelta(minutes=1)


class CaptureWriter:
    """Collect the rows of a capture and finish it; use it as a context manager.

    Rows are held in memory until ``flush`` is called or there are many of them. What was flushed survives whatever
    happens to the process: ``repair_capture`` makes a capture of it, and ``resume`` goes on with it.

    Parameters
    ----------
    out
        Folder of the new capture; it must be absent or empty.
    synthetic
        Whether the rows were made up rather than recorded.
    notes
        Sentences a reader of any report on this capture must know.
    resume
        Whether to go on with the unfinished capture in the folder: what was flushed there is kept.
    keep_unfinished
        Whether rows are kept when an error ends the writing; without, the folder is removed. A process that was
        killed leaves it: the next writer that keeps nothing removes it, and nobody takes it for a recording.
    needed_bytes
        About how much the whole will take on disk, where that is known: said where the disk is full.

    Raises
    ------
    CaptureExistsError
        When the folder holds anything; with ``resume``, when it is finished: a capture is never changed afterwards.
    CaptureNotFoundError, BusyError
        With ``resume``: there is nothing to go on with, or its writer still runs.
    PlaceError
        The folder cannot be written; later too, from every method.

    Notes
    -----
    Left by an error before any row came, the folder is removed. Later it stays without a manifest: incomplete, and
    named so by ``read_capture``.
    """

    def __init__(
        self,
        out: str | Path,
        *,
        synthetic: bool = False,
        notes: Iterable[str] = (),
        resume: bool = False,
        keep_unfinished: bool = True,
        needed_bytes: int | None = None,
    ) -> None:
        self.path = Path(out)
        self._keep, self._needed = keep_unfinished, needed_bytes
        self._remove = begun_folder(self.path) if resume else new_folder(self.path, anew=not keep_unfinished)
        self._buffers: dict[str, list[pl.DataFrame]] = {}
        self._rejected = self._outside = 0
        self._finished = False
        self._lock = ExitStack()
        fresh = SpoolState.begun(synthetic=synthetic, keep=keep_unfinished)
        try:
            with self._writing():
                self._open(fresh, notes)
        except BusyError:  # the folder is another's
            raise
        except BaseException:
            self._lock.close()
            self._remove_all()
            raise

    def _open(self, fresh: SpoolState, notes: Iterable[str]) -> None:
        """Take the spool, with what is known of an unfinished capture in it."""
        make_folder(self.path)
        make_folder(self.path / SPOOL)
        self._lock.enter_context(locked(self.path))
        self._spool = Spool(self.path)
        self._state = read_state(self.path) or fresh
        self.add_notes(*notes)
        self._spool.save_state(self._state)

    @property
    def state(self) -> SpoolState:
        """Return what is known about the capture so far: id, start, clusters, sources, notes."""
        return self._state

    @property
    def spooled(self) -> list[Path]:
        """Return the files in which the rows flushed so far lie."""
        return [part.path for stream in self._spool.streams for part in self._spool.parts(stream)]

    @property
    def torn(self) -> tuple[str, ...]:
        """Return the files found in the spool that hold no whole part: what was being written when a writer died."""
        return tuple(self._spool.torn)

    @property
    def rejected(self) -> int:
        """Return how many rows were rejected so far because their times cannot be."""
        return self._rejected

    def add_notes(self, *sentences: str) -> None:
        """Append sentences a reader of any report on this capture must know."""
        self._state = self._state.model_copy(update={"notes": (*self._state.notes, *sentences)})

    def __enter__(self) -> Self:
        """Return the writer."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Keep what came, or remove the folder when nothing did."""
        if self._finished:
            return
        kept = self._keep and (self._buffers or self._spool.streams)
        if kept:
            with suppress(OSError, PlaceError):  # a full disk, say: the error on its way out says more
                self._spool_buffers()
        self._lock.close()
        if not kept:
            remove_outputs(self.path)
            self._remove_all()
        if kept and isinstance(error, PlaceError) and self._spool.streams:
            raise PlaceError(
                f"{error}; data recorded before is kept, save it with: "
                f"kafka-analysis captures repair {as_argument(self.path)}"
            ) from None

    def _remove_all(self) -> None:
        for folder in self._remove:
            shutil.rmtree(folder, ignore_errors=True)

    def _writing(self) -> AbstractContextManager[None]:
        return writing(self.path, needed_bytes=self._needed)

    def add_samples(self, rows: pl.DataFrame) -> None:
        """Append samples; the columns must be those of the contract. Rows of impossible times are rejected."""
        for (cluster,), part in _checked(Samples, rows, "samples").group_by("cluster"):
            self._add_plausible(samples_of(str(cluster)), part)

    def add_table(self, name: str, rows: pl.DataFrame) -> None:
        """Append rows to a metadata table, as ``add_samples`` does; nullable columns may be absent."""
        checked = _checked(table_schema(name), with_all_columns(name, rows), f"table {name}")
        self._add_plausible(f"tables/{name}", checked)

    def _add_plausible(self, stream: str, rows: pl.DataFrame) -> None:
        kept, rejected = split_plausible(rows, stream)
        self._add(stream, kept)
        if len(rejected):
            self._rejected += len(rejected)
            self._add(REJECTED_STREAM, rejected)

    def add_rejected(self, rows: pl.DataFrame) -> None:
        """Append input lines that were not understood; long ones are cut."""
        checked = _checked(Rejected, rows, "rejected rows")
        self._add(REJECTED_STREAM, checked.with_columns(pl.col("text").str.slice(0, TEXT_LIMIT)))

    def add(self, stream: str, rows: pl.DataFrame) -> None:
        """Append rows of a stream, as ``batches`` yields them: samples, a metadata table or rejected lines."""
        kind, _, name = stream.partition("/")
        if kind == "samples":
            self.add_samples(rows)
        elif kind == "tables":
            self.add_table(name, rows)
        else:
            self.add_rejected(rows)

    def _add(self, stream: str, rows: pl.DataFrame) -> None:
        self._buffers.setdefault(stream, []).append(rows)
        if sum(len(frame) for frames in self._buffers.values() for frame in frames) >= BUFFER_ROWS:
            self._spool_buffers()

    def _spool_buffers(self) -> None:
        with self._writing():
            for stream, frames in self._buffers.items():
                if any(map(len, frames)):
                    self._spool.append(stream, pl.concat(frames))
                frames.clear()

    def flush(
        self,
        *,
        start: datetime | None = None,
        clusters: Iterable[ClusterInfo] = (),
        sources: Iterable[SourceInfo] = (),
    ) -> None:
        """Put all rows on disk, and what the manifest will need; they survive whatever happens next.

        Parameters
        ----------
        start, clusters, sources
            As they would be given to ``finish`` now; what is left out stays as it was said before.
        """
        self._spool_buffers()
        given = {"start": start, "clusters": tuple(clusters), "sources": tuple(sources)}
        changed = {name: value for name, value in given.items() if value}
        recording = self._state.recording or start is not None
        changes = {**changed, "recording": recording, "flushed_at": now()}
        self._state = self._state.model_copy(update=changes)
        with self._writing():
            self._spool.save_state(self._state)

    def finish(
        self,
        *,
        window: tuple[datetime, datetime],
        clusters: Iterable[ClusterInfo] = (),
        sources: Iterable[SourceInfo] = (),
        notes: Iterable[str] = (),
        unique: bool = False,
        capture_id: str | None = None,
        latest: datetime = LATEST,
    ) -> Manifest:
        """Sort and write all files, then the manifest, atomically; return the manifest.

        Parameters
        ----------
        window
            When recording began and ended, UTC.
        clusters, sources
            What was recorded, and from where.
        notes
            Sentences that were known only now, after those given at the start.
        unique
            Leave out rows that equal another.
        capture_id
            The id to give, for what is made up; by default a new one.
        latest
            The last moment a row can be of; later ones are rejected.

        Raises
        ------
        InputError
            The window is empty, or not between 2001 and 2100.
        CaptureConflictError
            With ``unique``: two samples of one series and time differ in their value.
        """
        check_window(*window)
        self._spool_buffers()
        self._needed = self._needed or self._spool.bytes
        with self._writing():
            remove_outputs(self.path)
            files = self._write_all(latest, window, unique=unique)
        manifest = Manifest(
            capture_id=capture_id or new_id(window[0], token=self._state.capture_id.rpartition("-")[2]),
            created_at=datetime.now(UTC),
            tool_version=tool_version(),
            synthetic=self._state.synthetic,
            window=Span(start=window[0], end=window[1]),
            clusters=tuple(clusters),
            sources=tuple(sources),
            files=tuple(files),
            notes=(*self._state.notes, *notes, *self._late_notes()),
        )
        write_atomically(self.path / MANIFEST, manifest.model_dump_json(indent=2) + "\n")
        narrow_rights(self.path)
        self._finished = True
        self._lock.close()
        self._spool.remove()
        return manifest

    def _write_all(
        self, latest: datetime, window: tuple[datetime, datetime], *, unique: bool
    ) -> list[FileInfo]:
        """Write every stream; what is rejected while they are written comes last."""
        late: list[pl.DataFrame] = []
        files = []
        for stream in self._spool.streams:
            if stream != REJECTED_STREAM:
                rows = _plausible(self._sorted(stream, unique=unique), stream, latest, late)
                if self._state.recording and stream.startswith("samples/"):
                    rows = self._counted_outside(rows, window)
                files += self._write(stream, rows)
        self._rejected += sum(map(len, late))
        files += self._write(REJECTED_STREAM, chain(self._sorted(REJECTED_STREAM, unique=unique), late))
        return files

    def _counted_outside(
        self, rows: Iterable[pl.DataFrame], window: tuple[datetime, datetime]
    ) -> Iterator[pl.DataFrame]:
        """Yield samples of a recording; count those whose targets gave them times outside of it."""
        for frame in rows:
            self._outside += len(frame.filter(~pl.col("ts").is_between(window[0] - NEAR, window[1] + NEAR)))
            yield frame

    def _late_notes(self) -> Iterator[str]:
        if self._rejected:
            yield (
                f"{self._rejected:,} rows have impossible times and were rejected; they are in rejected.parquet"
            )
        if self._outside:
            yield (
                f"{self._outside:,} samples have times outside the recording, from pages with their own timestamps "
                "(a stale page or a wrong clock); no figure counts them"
            )
        if self._state.recording and abs(clock_set_s()) >= CLOCK_S:
            yield (
                f"the clock of the recording machine was changed by {clock_set_s():+.0f} s during the "
                "recording; all times follow the clock at the start"
            )

    def _sorted(self, stream: str, *, unique: bool) -> Iterator[pl.DataFrame]:
        key = sort_key(stream)
        rows = merge_sorted(self._spool.few_parts(stream), key)
        return unique_rows(rows, key, one_per_key=stream.startswith("samples/")) if unique else rows

    def _write(self, stream: str, rows: Iterable[pl.DataFrame]) -> Iterator[FileInfo]:
        split = stream.startswith("samples/")
        for file in write_parquet_files(rows, lambda n: self.path / file_of(stream, n), split=split):
            yield describe_file(self.path, file)


def _plausible(
    rows: Iterable[pl.DataFrame], stream: str, latest: datetime, late: list[pl.DataFrame]
) -> Iterator[pl.DataFrame]:
    """Yield the rows whose times can be; append the others to ``late``."""
    for frame in rows:
        kept, rejected = split_plausible(frame, stream, latest=latest)
        if len(rejected):
            late.append(rejected)
        yield kept


def _checked(schema: type[dy.Schema], rows: pl.DataFrame, what: str) -> pl.DataFrame:
    try:
        return schema.validate(rows, cast=True)
    except (dy.exc.SchemaError, dy.exc.ValidationError, pl.exceptions.PolarsError) as error:
        lines = [line.strip(" -") for line in str(error).splitlines() if line.strip(" -")]
        raise CaptureError(f"{what} break the contract: {'; '.join(lines)[:TEXT_LIMIT]}") from None

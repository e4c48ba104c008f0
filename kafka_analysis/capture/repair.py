"""Save what can be saved of a capture whose recording did not finish, or whose files were damaged."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from kafka_analysis.capture.files import describe_file, removed_on_error, write_atomically
from kafka_analysis.capture.identity import new_id, tool_version
from kafka_analysis.capture.read import file_fault, read_manifest
from kafka_analysis.capture.spool import SPOOL, locked
from kafka_analysis.capture.streams import has_columns, stream_of
from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.model.errors import (
    CaptureDamagedError,
    CaptureError,
    CaptureExistsError,
    CaptureIncompleteError,
)
from kafka_analysis.model.manifest import ClusterInfo, Gap, Manifest, Span

UNFINISHED = "recording did not finish"
_TICK = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Repaired:
    """What a repair came to; ``lost``: what could not be saved, a sentence each. ``whole``: nothing was wrong."""

    path: Path
    manifest: Manifest
    lost: tuple[str, ...] = ()
    whole: bool = False

    @property
    def samples(self) -> int:
        """Return how many samples there are."""
        return sum(file.rows for file in self.manifest.files if file.path.startswith("samples/"))

    @property
    def rows(self) -> int:
        """Return how many rows of tables there are."""
        return sum(file.rows for file in self.manifest.files if file.path.startswith("tables/"))


def repair_capture(path: str | Path, *, out: str | Path | None = None) -> Repaired:
    """Make a valid capture of one that is not.

    Of a recording that did not finish, every row that was flushed is kept; the window is that of the data, and a gap
    says where it ended. Of a finished capture the files that are what was recorded are kept, and notes name the rest.

    Parameters
    ----------
    path
        Folder of the capture.
    out
        Folder of the repaired capture, absent or empty. A finished capture is never changed: it needs one. An
        unfinished one is finished where it lies without it, and left alone with it.

    Raises
    ------
    CaptureError
        When nothing can be saved, or a finished capture is to be repaired in place.
    CaptureNotFoundError, CaptureExistsError, BusyError
        There is no capture; ``out`` holds anything; the recording still runs.

    Examples
    --------
    >>> repair_capture("no/such/folder")
    Traceback (most recent call last):
    ...
    kafka_analysis.model.errors.CaptureNotFoundError: no capture at no/such/folder: the folder does not exist; ...
    """
    root, target = Path(path), None if out is None else Path(out)
    if target is not None and target.exists() and (not target.is_dir() or any(target.iterdir())):
        message = f"{target} exists and is not empty; choose another folder or remove it"
        raise CaptureExistsError(message)
    try:
        manifest = read_manifest(root)
    except CaptureIncompleteError:
        return _finish(root, target) if (root / SPOOL).is_dir() else _describe_anew(root, target)
    except CaptureDamagedError as error:
        return _describe_anew(root, target, lost=[f"manifest.json ({error})"])
    return _without_damaged(root, target, manifest)


def _finish(root: Path, out: Path | None) -> Repaired:
    """Finish a recording from its spool, in place or from a copy of it."""
    if out is None:
        return _finish_in_place(root)
    with locked(root), removed_on_error(out):
        shutil.copytree(root / SPOOL, out / SPOOL, ignore=shutil.ignore_patterns("lock"))
        return _finish_in_place(out)


def _finish_in_place(root: Path) -> Repaired:
    with CaptureWriter(root, resume=True) as writer:
        if not writer.spooled:
            raise _nothing(root)
        lost = tuple(f"{name}: was being written, holds no whole part" for name in writer.torn)
        writer.add_notes(f"repaired: {UNFINISHED}", *(f"repaired: lost {what}" for what in lost))
        seen, first, last = _seen(writer.spooled)
        state = writer.state
        start, end = min(state.start, first or state.start), (last or state.flushed_at) + _TICK
        gap = Gap(start=end - _TICK, end=end, reason=UNFINISHED)
        sources = [s.model_copy(update={"gaps": (*s.gaps, gap)}) for s in state.sources]
        manifest = writer.finish(
            window=(start, end), clusters=_clusters(state.clusters, seen), sources=sources
        )
    return Repaired(root, manifest, lost)


def _clusters(known: Sequence[ClusterInfo], seen: Iterable[str]) -> list[ClusterInfo]:
    names = {cluster.cluster for cluster in known}
    return [*known, *(ClusterInfo(cluster=name) for name in sorted(seen) if name not in names)]


def _seen(files: Iterable[Path]) -> tuple[set[str], datetime | None, datetime | None]:
    """Return the clusters of some files, and the first and last time of their rows."""
    clusters: set[str] = set()
    times: list[datetime] = []
    for file in files:
        with pq.ParquetFile(file) as opened:
            if "ts" not in opened.schema_arrow.names:
                continue
            for batch in opened.iter_batches(columns=["ts", "cluster"]):
                rows = pl.DataFrame(batch)
                times += [rows["ts"].min(), rows["ts"].max()]
                clusters |= set(rows["cluster"].unique())
    return clusters, min(times, default=None), max(times, default=None)


def _describe_anew(root: Path, out: Path | None, lost: Sequence[str] = ()) -> Repaired:
    """Make a manifest for the files that can be read, when there is neither a manifest nor a spool."""
    files = [
        f
        for pattern in ("samples/*", "tables/*", "rejected")
        for f in sorted(root.glob(f"{pattern}.parquet"))
    ]
    whole = [file for file in files if _is_whole(root, file)]
    lost = [*lost, *(f"{f.relative_to(root).as_posix()}: cannot be read" for f in files if f not in whole)]
    if not whole:
        raise _nothing(root)
    if out is None and (root / "manifest.json").exists():
        raise _needs_out(root, lost[0])
    seen, first, last = _seen(whole)
    now = datetime.now(UTC)
    window = Span(start=first or now, end=(last or now) + _TICK)
    with _target(root, out, whole) as target:
        manifest = Manifest(
            capture_id=new_id(window.start),
            created_at=now,
            tool_version=tool_version(),
            window=window,
            clusters=tuple(_clusters((), seen)),
            files=tuple(describe_file(target, target / file.relative_to(root)) for file in whole),
            notes=(f"repaired: {UNFINISHED}", *(f"repaired: lost {what}" for what in lost)),
        )
        return _saved(target, manifest, lost)


def _is_whole(root: Path, file: Path) -> bool:
    """Tell whether a file can be read to its end and holds what its name says."""
    stream = stream_of(file.relative_to(root).as_posix())
    try:
        with pq.ParquetFile(file) as opened:
            for _ in opened.iter_batches():
                pass
            return stream is not None and has_columns(stream, opened.schema_arrow.names)
    except (OSError, pa.ArrowException):
        return False


def _without_damaged(root: Path, out: Path | None, manifest: Manifest) -> Repaired:
    """Leave out the files that are not what was recorded."""
    faults = {file.path: fault for file in manifest.files if (fault := file_fault(root, file, verify=True))}
    if not faults:
        return Repaired(root, manifest, whole=True)
    lost = [f"{f.path} ({f.rows:,} rows): {faults[f.path]}" for f in manifest.files if f.path in faults]
    kept = [file for file in manifest.files if file.path not in faults]
    if not kept:
        raise _nothing(root)
    if out is None:
        raise _needs_out(root, lost[0])
    about = [f"repaired from capture {manifest.capture_id}", *(f"repaired: lost {what}" for what in lost)]
    changes = {
        "capture_id": new_id(manifest.window.start),
        "created_at": datetime.now(UTC),
        "files": tuple(kept),
        "notes": (*manifest.notes, *about),
    }
    with _target(root, out, [root / file.path for file in kept]) as target:
        return _saved(target, manifest.model_copy(update=changes), lost)


@contextmanager
def _target(root: Path, out: Path | None, files: Iterable[Path]) -> Iterator[Path]:
    """Copy files to another folder, which goes again on an error; without one, yield the capture's own."""
    if out is None:
        yield root
        return
    with removed_on_error(out):
        for file in files:
            (out / file.relative_to(root)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, out / file.relative_to(root))
        yield out


def _saved(target: Path, manifest: Manifest, lost: Iterable[str]) -> Repaired:
    write_atomically(target / "manifest.json", manifest.model_dump_json(indent=2) + "\n")
    return Repaired(target, manifest, tuple(lost))


def _nothing(root: Path) -> CaptureError:
    return CaptureError(
        f"nothing of capture {root} can be saved: no file of it can be read; restore it from a copy"
    )


def _needs_out(root: Path, what: str) -> CaptureError:
    return CaptureError(
        f"capture {root} is damaged ({what}); a finished capture is never changed: give --out"
    )

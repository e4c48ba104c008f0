"""Save what can be saved of a capture whose recording did not finish, or whose files were damaged."""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from kafka_analysis.capture.files import describe_file, removed_on_error
from kafka_analysis.capture.folder import MANIFEST
from kafka_analysis.capture.identity import new_id, tool_version
from kafka_analysis.capture.parquet import content_fault
from kafka_analysis.capture.plausible import implausible
from kafka_analysis.capture.read import file_fault, read_manifest
from kafka_analysis.capture.spool import (
    LOCK,
    SPOOL,
    STATE,
    SpoolState,
    begun_copy,
    clear_spool,
    locked,
    read_state,
)
from kafka_analysis.capture.streams import stream_of
from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.model.errors import (
    CaptureDamagedError,
    CaptureError,
    CaptureExistsError,
    CaptureIncompleteError,
)
from kafka_analysis.model.manifest import ClusterInfo, Gap, Manifest, Span
from kafka_analysis.model.moments import LATEST
from kafka_analysis.model.places import narrow_rights, writing
from kafka_analysis.model.whole_files import sync, write_atomically

UNFINISHED = "recording did not finish"
_TICK, _ROUND, _AHEAD = timedelta(milliseconds=1), timedelta(minutes=1), timedelta(days=1)


@dataclass(frozen=True)
class Repaired:
    """What a repair came to.

    ``lost``: what could not be saved, a sentence each. ``whole``: nothing was wrong. ``rejected``: rows whose times
    cannot be, in rejected.parquet.
    """

    path: Path
    manifest: Manifest
    lost: tuple[str, ...] = ()
    whole: bool = False
    rejected: int = 0

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
    says where it ended. Rows of impossible times are rejected: before 2001, or more than a day after they were
    flushed. Of a finished capture the files that are what was recorded are kept, and notes name the rest.

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
    CaptureIncompleteError
        It is a copy (of a merge, say) that was not finished: it is to be made again.
    PlaceError
        A place cannot be read or written; nothing is left there.

    Examples
    --------
    >>> repair_capture("no/such/folder")
    Traceback (most recent call last):
    ...
    kafka_analysis.model.errors.CaptureNotFoundError: no capture at no/such/folder: the folder does not exist; ...
    """
    root, target = Path(path), None if out is None else Path(out)
    if target is not None and target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise CaptureExistsError(f"{target} exists and is not empty; choose another folder or remove it")
    try:
        manifest = read_manifest(root)
    except CaptureIncompleteError:
        state = read_state(root)
        if state is not None and not state.keep:
            raise
        return _finish(root, target) if (root / SPOOL).is_dir() else _describe_anew(root, target)
    except CaptureDamagedError as error:
        return _describe_anew(root, target, lost=[f"manifest.json ({error})"])
    return _without_damaged(root, target, manifest)


def _finish(root: Path, out: Path | None) -> Repaired:
    """Finish a recording from its spool, in place or from a copy of it."""
    if out is None:
        return _finish_in_place(root)
    spool = root / SPOOL
    needed = 2 * sum(file.stat().st_size for file in spool.rglob("*") if file.is_file())
    with locked(root), removed_on_error(out), writing(out, needed_bytes=needed):
        with begun_copy(out):
            shutil.copytree(
                spool, out / SPOOL, ignore=shutil.ignore_patterns(LOCK, STATE), dirs_exist_ok=True
            )
            if (spool / STATE).is_file():
                write_atomically(out / SPOOL / STATE, (spool / STATE).read_text(encoding="utf-8"))
            else:
                (out / SPOOL / STATE).unlink()
        return _finish_in_place(out)


def _finish_in_place(root: Path) -> Repaired:
    with CaptureWriter(root, resume=True) as writer:
        if not writer.spooled:
            raise _nothing(root)
        state = writer.state
        latest = LATEST if state.synthetic else min(state.flushed_at + _AHEAD, LATEST)
        seen, first, last = _seen(writer.spooled, latest)
        start, end = _window(state, first, last)
        lost = tuple(f"{name}: was being written, has no complete part" for name in writer.torn)
        writer.add_notes(f"repaired: {UNFINISHED}", *(f"repaired: lost {what}" for what in lost))
        gap = Gap(start=end - _TICK, end=end, reason=UNFINISHED)
        sources = [s.model_copy(update={"gaps": (*s.gaps, gap)}) for s in state.sources]
        manifest = writer.finish(
            window=(start, end), clusters=_clusters(state.clusters, seen), sources=sources, latest=latest
        )
        return Repaired(root, manifest, lost, rejected=writer.rejected)


def _window(state: SpoolState, first: datetime | None, last: datetime | None) -> tuple[datetime, datetime]:
    """Return the window of an unfinished capture: a recording's own, else that of its rows.

    Rows of a recording may carry times of their targets' clocks, which are wrong by hours now and then.
    """
    if not state.recording:
        start = min(state.start, first or state.start)
        return start, max(last or state.flushed_at, start) + _TICK
    end = state.flushed_at if last is None else min(last, state.flushed_at + _ROUND)
    return state.start, max(end, state.start) + _TICK


def _clusters(described: Sequence[ClusterInfo], seen: Iterable[str]) -> list[ClusterInfo]:
    names = {cluster.cluster for cluster in described}
    return [*described, *(ClusterInfo(cluster=name) for name in sorted(seen) if name not in names)]


def _seen(
    files: Iterable[Path], latest: datetime = LATEST
) -> tuple[set[str], datetime | None, datetime | None]:
    """Return the clusters of some files, and the first and last plausible time of their rows."""
    clusters: set[str] = set()
    times: list[datetime] = []
    for file in files:
        with file.open("rb") as opened:
            parquet = pq.ParquetFile(opened)
            if "ts" not in parquet.schema_arrow.names:
                continue
            for batch in parquet.iter_batches(columns=["ts", "cluster"]):
                rows = pl.DataFrame(batch)
                rows = rows.filter(~implausible(rows.schema, latest=latest))
                times += [] if rows.is_empty() else [rows["ts"].min(), rows["ts"].max()]
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
    whole = [file for n, file in enumerate(whole) if not any(file.samefile(other) for other in whole[:n])]
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
    """Tell whether a file lies in the capture, can be read to its end and holds what its name says."""
    stream = stream_of(file.relative_to(root).as_posix())
    inside = file.resolve().is_relative_to(root.resolve())
    return inside and stream is not None and content_fault(file, stream, decode=True) is None


def _without_damaged(root: Path, out: Path | None, manifest: Manifest) -> Repaired:
    """Leave out the files that are not what was recorded."""
    faults = {file.path: fault for file in manifest.files if (fault := file_fault(root, file, verify=True))}
    if not faults:
        clear_spool(root)
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
    kept = list(files)
    with (
        removed_on_error(out),
        writing(out, needed_bytes=sum(file.stat().st_size for file in kept)),
        begun_copy(out),
    ):
        for file in kept:
            (out / file.relative_to(root)).parent.mkdir(exist_ok=True)
            shutil.copyfile(file, out / file.relative_to(root))
            sync(out / file.relative_to(root))
        yield out
    clear_spool(out)


def _saved(target: Path, manifest: Manifest, lost: Iterable[str]) -> Repaired:
    write_atomically(target / MANIFEST, manifest.model_dump_json(indent=2) + "\n")
    narrow_rights(target)
    return Repaired(target, manifest, tuple(lost))


def _nothing(root: Path) -> CaptureError:
    return CaptureError(
        f"nothing of capture {root} can be recovered: none of its files can be read; restore it from a copy"
    )


def _needs_out(root: Path, what: str) -> CaptureError:
    return CaptureError(
        f"capture {root} is damaged ({what}); a finished capture is never changed: give --out"
    )

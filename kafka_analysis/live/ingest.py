"""Make a capture of saved pages, without any cluster."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Literal

from pydantic import BaseModel, ConfigDict

from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.live.saved_pages import SavedFile, SavedPage, named_file, read_page
from kafka_analysis.model.errors import InputError, SourceError
from kafka_analysis.model.manifest import ClusterInfo, Gap, LineCounts, SourceInfo, Span
from kafka_analysis.model.profile import CLUSTER_NAME
from kafka_analysis.model.units import format_time
from kafka_analysis.sources.file_names import broker_pattern
from kafka_analysis.sources.saved_files import find_files

SHOWN = 3
GAP_FROM = 1.5  # intervals
_TICK = timedelta(milliseconds=1)  # a window [start, end) ends just after its last scrape


class IngestedFile(BaseModel):
    """What became of one file."""

    model_config = ConfigDict(frozen=True)

    file: str
    broker: int | None
    kind: str
    dialect: str
    times: tuple[datetime, ...]
    time_from: str
    lines: LineCounts


class Ingested(BaseModel):
    """What became of all files; ``skipped`` maps those that were left out to the reason."""

    model_config = ConfigDict(frozen=True)

    capture: Path
    window: Span
    files: tuple[IngestedFile, ...]
    skipped: dict[str, str]
    notes: tuple[str, ...]


@dataclass
class _Source:
    """Pages of one kind of one broker."""

    times: dict[datetime, str] = field(default_factory=dict)
    dialects: set[str] = field(default_factory=set)
    names: list[str] = field(default_factory=list)
    lines: LineCounts = field(default_factory=LineCounts)


@dataclass
class _Reading:
    """What was read so far; samples are with the writer already."""

    sources: dict[tuple[int | None, str], _Source] = field(default_factory=dict)
    files: list[IngestedFile] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    missing: dict[str, int] = field(default_factory=dict)


def ingest_files(
    places: Sequence[str],
    out: str | Path,
    *,
    cluster: str,
    broker: int | None = None,
    pattern: str | None = None,
    at: datetime | None = None,
    interval_s: float | None = None,
    role: Literal["source", "target"] | None = None,
    on_file: Callable[[int, int], None] | None = None,
) -> Ingested:
    """Make a capture of saved pages of metrics.

    Parameters
    ----------
    places
        Files, folders and patterns: text format or Jolokia's JSON, plain or gzip.
    out
        Folder of the new capture.
    cluster
        Name of the cluster all pages are of.
    broker, pattern
        The broker of all pages, or a regular expression that finds it in a file's or folder's name.
    at
        Time of the page (UTC); without it the file's name tells, else its last modification, which becomes a note.
    interval_s
        Seconds between two scrapes; without it the median distance of each broker's pages.
    role
        Whether the cluster is migrated from or to.
    on_file
        Told after each file how many are done, of how many.

    Returns
    -------
    Ingested
        Every file is in ``files`` or in ``skipped``.

    Raises
    ------
    InputError
        Nothing is about Kafka, two pages claim the same broker and time, or an option is wrong; nothing is written.
    """
    _check(cluster, interval_s)
    files = _named(find_files(places), broker=broker, pattern=broker_pattern(pattern) if pattern else None)
    if at is not None:
        _one_page_per_broker(files)
    existed = Path(out).exists()
    writer = CaptureWriter(out)
    with _cleared_on_error(Path(out), existed=existed), writer:
        reading = _read_all(files, writer, cluster=cluster, at=at, on_file=on_file)
        if not reading.sources:
            message = f"nothing about Kafka in {_count(files)}: {_reasons(reading.skipped)}"
            raise InputError(message)
        window, notes = _window(reading), tuple(_notes(reading))
        writer.finish(
            window=window,
            clusters=[ClusterInfo(cluster=cluster, role=role)],
            sources=_sources(reading, cluster=cluster, interval_s=interval_s, window=window),
            notes=notes,
        )
    return Ingested(
        capture=Path(out),
        window=Span(start=window[0], end=window[1]),
        files=tuple(reading.files),
        skipped=reading.skipped,
        notes=notes,
    )


def _check(cluster: str, interval_s: float | None) -> None:
    if re.fullmatch(CLUSTER_NAME, cluster) is None or len(cluster) > 100:
        message = f"cluster {cluster[:100]!r}: use letters, digits, '.', '_' and '-', at most 100"
        raise InputError(message)
    if interval_s is not None and interval_s <= 0:
        message = f"interval {interval_s:g} s: give an interval > 0 s"
        raise InputError(message)


def _named(paths: Sequence[Path], *, broker: int | None, pattern: re.Pattern[str] | None) -> list[SavedFile]:
    whole = [os.path.abspath(path) for path in paths]  # noqa: PTH100 (without following links)
    above = os.path.commonpath([os.path.dirname(path) for path in whole])  # noqa: PTH120
    names = [Path(path).relative_to(above).as_posix() for path in whole]
    return [
        named_file(path, name, broker=broker, pattern=pattern)
        for path, name in zip(paths, names, strict=True)
    ]


def _one_page_per_broker(files: Iterable[SavedFile]) -> None:
    seen: dict[int | None, str] = {}
    for file in files:
        if file.broker in seen:
            message = (
                f"one time for {seen[file.broker]} and {file.name}, both of {_who(file.broker)}; "
                "give --at with one file a broker, or put times into the names"
            )
            raise InputError(message)
        seen[file.broker] = file.name


@contextmanager
def _cleared_on_error(out: Path, *, existed: bool) -> Iterator[None]:
    """Leave nothing half-written; the folder was empty before, or not there."""
    try:
        yield
    except BaseException:
        shutil.rmtree(out, ignore_errors=True)
        if existed:
            out.mkdir(exist_ok=True)
        raise


def _read_all(
    files: Sequence[SavedFile],
    writer: CaptureWriter,
    *,
    cluster: str,
    at: datetime | None,
    on_file: Callable[[int, int], None] | None,
) -> _Reading:
    reading = _Reading()
    for done, file in enumerate(files, start=1):
        try:
            page = read_page(file, cluster=cluster, at=at)
        except SourceError as error:
            reading.skipped[file.name] = str(error)
        else:
            _note_down(reading, page)
            writer.add_samples(page.samples)
            writer.add_rejected(page.rejected)
        if on_file:
            on_file(done, len(files))
    return reading


def _note_down(reading: _Reading, page: SavedPage) -> None:
    file = page.file
    source = reading.sources.setdefault((file.broker, page.kind), _Source())
    for time in page.times:
        other = source.times.setdefault(time, file.name)
        if other != file.name:
            message = (
                f"{other} and {file.name} both claim to be {_who(file.broker)} at {format_time(time)}; "
                "put brokers and times into the names, or leave one out"
            )
            raise InputError(message)
    source.dialects.add(page.dialect)
    source.names.append(file.name)
    source.lines += page.lines
    if page.missing:
        reading.missing[file.name] = len(page.missing)
    reading.files.append(
        IngestedFile(
            file=file.name,
            broker=file.broker,
            kind=page.kind,
            dialect=page.dialect,
            times=page.times,
            time_from=page.time_from,
            lines=page.lines,
        )
    )


def _window(reading: _Reading) -> tuple[datetime, datetime]:
    times = [time for source in reading.sources.values() for time in source.times]
    return min(times), max(times) + _TICK


def _sources(
    reading: _Reading, *, cluster: str, interval_s: float | None, window: tuple[datetime, datetime]
) -> Iterator[SourceInfo]:
    for (broker, kind), source in reading.sources.items():
        times = sorted(source.times)
        interval = interval_s or _median_s(times)
        yield SourceInfo(
            kind=kind,
            cluster=cluster,
            broker=broker,
            address=f"{_count(source.names)}: {_some(source.names)}",
            dialect=", ".join(sorted(source.dialects)),
            interval_s=interval,
            attempts=len(times),
            ok=len(times),
            failed=0,
            gaps=tuple(_gaps(times, interval, window)) if interval else (),
            lines=source.lines,
        )


def _median_s(times: Sequence[datetime]) -> float | None:
    distances = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    return median(distances) if distances else None


def _gaps(times: Sequence[datetime], interval_s: float, window: tuple[datetime, datetime]) -> Iterator[Gap]:
    """Yield the stretches without a page, also those up to the ends of the window."""
    step, (start, end) = timedelta(seconds=interval_s), window
    for earlier, later in pairwise([start - step, *times, end + step]):
        if later - earlier > GAP_FROM * step:
            yield Gap(start=earlier + step, end=min(later, end), reason="no file")


def _notes(reading: _Reading) -> Iterator[str]:
    """Yield what readers of a report must know."""
    by_time = [one.file for one in reading.files if one.time_from == "modification"]
    unknown = [one.file for one in reading.files if one.broker is None]
    twice = [one.file for one in reading.files if one.lines.duplicates]
    yield f"Made of {_count(reading.files)}; tables of metadata were not recorded."
    if by_time:
        yield f"The time of {_count(by_time)} is that of the last modification: {_some(by_time)}."
    if unknown:
        yield f"The broker of {_count(unknown)} is unknown: {_some(unknown)}."
    if twice:
        lines = sum(one.lines.duplicates for one in reading.files)
        yield (
            f"{lines:,} lines of {_count(twice)} repeat a series and time (two scrapes in one file?); "
            f"the last line of each counts: {_some(twice)}."
        )
    if reading.missing:
        yield (
            f"{sum(reading.missing.values()):,} questions to Jolokia were about MBeans that are not there: "
            f"{_some(list(reading.missing))}."
        )
    if reading.skipped:
        yield f"Left out: {_reasons(reading.skipped)}."


def _who(broker: int | None) -> str:
    return "an unknown broker" if broker is None else f"broker {broker}"


def _count(files: Sequence[object]) -> str:
    return "1 file" if len(files) == 1 else f"{len(files):,} files"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _reasons(skipped: dict[str, str]) -> str:
    return _some([f"{name} ({reason})" for name, reason in skipped.items()])

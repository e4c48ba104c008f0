"""Account for saved pages that were read: sources, gaps and notes of the manifest."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from statistics import median

from pydantic import BaseModel

from kafka_analysis.live.imports.saved_pages import SavedPage
from kafka_analysis.model.errors import InputError
from kafka_analysis.model.manifest import Gap, LineCounts, SourceInfo
from kafka_analysis.model.units import format_time, listed

GAP_FROM = 1.5  # intervals
_some = partial(listed, most=3)
_TICK = timedelta(milliseconds=1)  # a window [start, end) ends just after its last scrape


class IngestedFile(BaseModel, frozen=True):
    """What became of one file."""

    file: str
    broker: int | None
    kind: str
    dialect: str
    times: tuple[datetime, ...]
    time_from: str
    lines: LineCounts


@dataclass
class _Source:
    """Pages of one kind of one broker."""

    times: dict[datetime, str] = field(default_factory=dict)
    dialects: set[str] = field(default_factory=set)
    names: list[str] = field(default_factory=list)
    lines: LineCounts = field(default_factory=LineCounts)


@dataclass
class Reading:
    """What was read so far; ``skipped`` maps files that were left out to the reason."""

    sources: dict[tuple[int | None, str], _Source] = field(default_factory=dict)
    files: list[IngestedFile] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    missing: dict[str, int] = field(default_factory=dict)


def note_down(reading: Reading, page: SavedPage) -> None:
    """Enter a page.

    Raises
    ------
    InputError
        Another page is of the same kind, broker and time.
    """
    file = page.file
    source = reading.sources.setdefault((file.broker, page.kind), _Source())
    for time in page.times:
        other = source.times.setdefault(time, file.name)
        if other != file.name:
            raise InputError(
                f"{other} and {file.name} both claim to be {who(file.broker)} at {format_time(time)}; "
                "put brokers and times into the names, or leave one out"
            )
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


def reading_window(reading: Reading) -> tuple[datetime, datetime]:
    """Return the window [start, end) from the first scrape to just after the last one."""
    times = [time for source in reading.sources.values() for time in source.times]
    return min(times), max(times) + _TICK


def source_infos(
    reading: Reading, *, cluster: str, interval_s: float | None, window: tuple[datetime, datetime]
) -> Iterator[SourceInfo]:
    """Yield an entry of the manifest for each broker and kind of page; brokers in order, unknown ones last."""
    ordered = sorted(reading.sources.items(), key=_in_order)
    for (broker, kind), source in ordered:
        times = sorted(source.times)
        interval = interval_s or _median_s(times)
        yield SourceInfo(
            kind=kind,
            cluster=cluster,
            broker=broker,
            address=f"{count_files(source.names)}: {_some(source.names)}",
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
    step, (start, end), seen = timedelta(seconds=interval_s), window, set(times)
    for earlier, later in pairwise([start, *times, end]):
        if later - earlier > GAP_FROM * step:
            yield Gap(start=earlier + step if earlier in seen else earlier, end=later, reason="no file")


def reading_notes(reading: Reading) -> Iterator[str]:
    """Yield what readers of a report must know."""
    by_time = _names(file.file for file in reading.files if file.time_from == "modification")
    unknown = _names(file.file for file in reading.files if file.broker is None)
    twice = _names(file.file for file in reading.files if file.lines.duplicates)
    brokers = Counter(name for name, _ in dict.fromkeys((file.file, file.broker) for file in reading.files))
    several = [name for name, count in brokers.items() if count > 1]
    yield f"Made from {count_files(_names(file.file for file in reading.files))}; metadata tables were not recorded."
    if by_time:
        yield f"The time of {count_files(by_time)} is the last modification of the file: {_some(by_time)}."
    if unknown:
        yield f"The broker of {count_files(unknown)} is unknown: {_some(unknown)}."
    if several:
        yield f"Series of several brokers on one page, split by broker: {count_files(several)}, {_some(several)}."
    yield from _conflicts(reading)
    if twice:
        lines = sum(file.lines.duplicates for file in reading.files)
        yield (
            f"{lines:,} lines of {count_files(twice)} repeat a series and time (two scrapes in one file?); "
            f"the last value of each counts: {_some(twice)}."
        )
    if reading.missing:
        yield (
            f"{sum(reading.missing.values()):,} Jolokia requests were for MBeans that do not exist: "
            f"{_some(list(reading.missing))}."
        )
    if reading.skipped:
        yield f"Skipped: {reasons(reading.skipped)}."


def _conflicts(reading: Reading) -> Iterator[str]:
    torn = _names(file.file for file in reading.files if file.lines.conflicting)
    if torn:
        lines = sum(file.lines.conflicting for file in reading.files)
        yield (
            f"{lines:,} lines of {count_files(torn)} have different values for one series in one scrape; "
            f"all of them are rejected, see rejected.parquet: {_some(torn)}."
        )


def _names(files: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(files))


def who(broker: int | None) -> str:
    """Return a broker in words."""
    return "an unknown broker" if broker is None else f"broker {broker}"


def count_files(files: Sequence[object]) -> str:
    """Return a number of files in words."""
    return "1 file" if len(files) == 1 else f"{len(files):,} files"


def reasons(skipped: dict[str, str]) -> str:
    """Return the first files that were left out, and why; files of one reason together."""
    alike: dict[str, list[str]] = {}
    for name, reason in skipped.items():
        alike.setdefault(reason, []).append(name)
    return _some([f"{_some(names)} ({reason})" for reason, names in alike.items()])


def _in_order(entry: tuple[tuple[int | None, str], _Source]) -> tuple[bool, int, str]:
    (broker, kind), _ = entry
    return broker is None, broker or 0, kind

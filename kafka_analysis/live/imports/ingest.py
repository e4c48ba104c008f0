"""Make a capture of saved pages, without any cluster."""

import os
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.live.imports.ingest_account import (
    IngestedFile,
    Reading,
    count_files,
    note_down,
    reading_notes,
    reading_window,
    reasons,
    source_infos,
    who,
)
from kafka_analysis.live.imports.saved_pages import NO_LINE, SavedFile, SavedPage, named_file, read_pages
from kafka_analysis.live.record.client_software import add_page
from kafka_analysis.live.record.error_log import ErrorLog
from kafka_analysis.live.record.outcomes import failure_of
from kafka_analysis.model.errors import InputError
from kafka_analysis.model.manifest import ClusterInfo, Span
from kafka_analysis.model.moments import is_plausible
from kafka_analysis.model.profile import CLUSTER_NAME
from kafka_analysis.sources.exposition.instances import SEVERAL
from kafka_analysis.sources.saved.file_names import broker_pattern
from kafka_analysis.sources.saved.files import find_files
from kafka_analysis.sources.spelling.dialects import find_dialect
from kafka_analysis.sources.spelling.unknown import LIKE_KAFKA

LONGEST_INTERVAL_S = 31 * 86400.0


class Ingested(BaseModel, frozen=True):
    """What became of all files; ``skipped`` maps those that were left out to the reason."""

    capture: Path
    window: Span
    files: tuple[IngestedFile, ...]
    skipped: dict[str, str]
    notes: tuple[str, ...]


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
    dialects: Sequence[str] = (),
    on_file: Callable[[int, int], None] | None = None,
) -> Ingested:
    """Make a capture of saved pages of metrics.

    Parameters
    ----------
    places
        Files, folders and patterns: text format or Jolokia's JSON, plain or packed with gzip, zstd, xz
        or bzip2.
    out
        Folder of the new capture.
    cluster
        Name of the cluster all pages are of.
    broker, pattern
        The broker of all pages, or a regular expression that finds it in a file's or folder's name, and in the labels
        of a page that holds the series of several brokers: such a page is split.
    at
        Time of the page (UTC); without it the file's name tells, else its last modification, which becomes a note.
    interval_s
        Seconds between two scrapes; without it the median distance of each broker's pages.
    role
        Whether the cluster is migrated from or to.
    dialects
        Names of dialects, or TOML files, that all pages are read by; without them they are detected page by page.
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
    _check(cluster, interval_s, at)
    known = tuple(find_dialect(word) for word in dialects)
    files = _named(find_files(places), broker=broker, pattern=broker_pattern(pattern) if pattern else None)
    if at is not None:
        _one_page_per_broker(files)
    with CaptureWriter(out, keep_unfinished=False) as writer:
        read = partial(read_pages, cluster=cluster, at=at, known=known)
        reading = _read_all(files, writer, read, on_file=on_file)
        if not reading.sources:
            raise InputError(_nothing(files, reading))
        window, notes = reading_window(reading), tuple(reading_notes(reading))
        writer.finish(
            window=window,
            clusters=[ClusterInfo(cluster=cluster, role=role)],
            sources=source_infos(reading, cluster=cluster, interval_s=interval_s, window=window),
            notes=notes,
        )
    return Ingested(
        capture=Path(out),
        window=Span(start=window[0], end=window[1]),
        files=tuple(reading.files),
        skipped=reading.skipped,
        notes=notes,
    )


def _nothing(files: Sequence[SavedFile], reading: Reading) -> str:
    """Say why no file could be used; files with series of several brokers are about Kafka all right."""
    refused = any(reason.startswith(SEVERAL) for reason in reading.skipped.values())
    unread = any(LIKE_KAFKA in reason or NO_LINE in reason for reason in reading.skipped.values())
    what = "no page of a single broker" if refused else "no known metrics" if unread else "no Kafka metrics"
    return f"{what} in {count_files(files)}: {reasons(reading.skipped)}"


def _check(cluster: str, interval_s: float | None, at: datetime | None) -> None:
    if re.fullmatch(CLUSTER_NAME, cluster) is None or len(cluster) > 100:
        raise InputError(f"cluster {cluster[:100]!r}: use letters, digits, '.', '_' and '-', at most 100")
    if interval_s is not None and not 0 < interval_s <= LONGEST_INTERVAL_S:
        raise InputError(f"interval {interval_s:g} s: give an interval > 0 s, at most 31 d")
    if at is not None and not is_plausible(at):
        raise InputError(f"--at {at:%Y-%m-%d}: give a time between 2001 and 2100")


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
            raise InputError(
                f"{seen[file.broker]} and {file.name}, both of {who(file.broker)}, would have the same time; "
                "use --at with one file per broker, or put times into the file names"
            )
        seen[file.broker] = file.name


def _read_all(
    files: Sequence[SavedFile],
    writer: CaptureWriter,
    read: Callable[[SavedFile], tuple[SavedPage, ...]],
    *,
    on_file: Callable[[int, int], None] | None,
) -> Reading:
    reading, log = Reading(), ErrorLog(writer.path)
    for done, file in enumerate(files, start=1):
        try:
            pages = read(file)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it costs this file only
            reading.skipped[file.name] = log.note(file.name, failure_of(error))
        else:
            for page in pages:
                note_down(reading, page)
                add_page(writer, page.samples)
                writer.add_rejected(page.rejected)
        if on_file:
            on_file(done, len(files))
    return reading

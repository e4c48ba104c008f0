"""What a manifest must not say: files twice or elsewhere, times that cannot be."""

import re
from collections.abc import Iterator
from pathlib import Path

from kafka_analysis.model.manifest import FileInfo, Manifest, SourceInfo
from kafka_analysis.model.moments import is_plausible

LONGEST_INTERVAL_S = 366 * 86_400.0
_PLAIN = re.compile(r"[^/\\\x00-\x1f\x7f]+")


def manifest_fault(manifest: Manifest) -> str | None:
    """Return the first thing that is wrong with what a manifest says, or None.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from kafka_analysis.model.manifest import Span
    >>> t = datetime(2026, 1, 1, tzinfo=UTC)
    >>> manifest_fault(Manifest(capture_id="a", created_at=t, tool_version="1", window=Span(start=t, end=t)))
    'window: its start is not before its end'
    """
    return next(_faults(manifest), None)


def _faults(manifest: Manifest) -> Iterator[str]:
    window = manifest.window
    if not (is_plausible(window.start) and is_plausible(window.end)):
        yield "window: its times must have a time zone and lie between 2001 and 2100"
    elif window.start >= window.end:
        yield "window: its start is not before its end"
    for source in manifest.sources:
        yield from _source_faults(source)
    for file in manifest.files:
        yield from _path_faults(file.path)
    yield from _repeated(manifest.files)


def _source_faults(source: SourceInfo) -> Iterator[str]:
    if source.interval_s is not None and not 0 <= source.interval_s <= LONGEST_INTERVAL_S:
        yield f"sources: an interval of {source.interval_s:g} s; it must be at least 0, at most a year"
    if not all(is_plausible(moment) for gap in source.gaps for moment in (gap.start, gap.end)):
        yield "sources: the times of a gap must have a time zone and lie between 2001 and 2100"


def _path_faults(path: str) -> Iterator[str]:
    parts = path.split("/")
    if ".." in parts or path.startswith("/"):
        yield f"files: {path!r} lies outside the capture; do not trust this manifest"
    elif "." in parts or not all(_PLAIN.fullmatch(part) for part in parts):
        yield f"files: {path!r} is not a plain path such as samples/monolith-1.parquet"


def _repeated(files: tuple[FileInfo, ...]) -> Iterator[str]:
    paths: set[str] = set()
    contents: dict[str, str] = {}
    for file in files:
        if file.path in paths:
            yield f"files: {file.path} is named twice, and its rows would count twice"
        elif file.sha256 in contents and file.rows:
            yield f"files: {contents[file.sha256]} and {file.path} are one content; its rows would count twice"
        paths.add(file.path)
        contents[file.sha256] = file.path


def same_file_twice(root: Path, files: tuple[FileInfo, ...]) -> str | None:
    """Return which two names of a manifest are one file on disk (links), or None; what is missing is passed over.

    Examples
    --------
    >>> same_file_twice(Path("no/such/folder"), ())
    """
    seen: dict[tuple[int, int], str] = {}
    for file in files:
        path = root / file.path
        if not path.is_file():
            continue
        status = path.stat()
        other = seen.setdefault((status.st_dev, status.st_ino), file.path)
        if other != file.path:
            return f"{other} and {file.path} are one file; its rows would count twice"
    return None

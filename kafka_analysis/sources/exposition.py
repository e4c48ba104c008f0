"""Parse pages of metrics: every line becomes a sample, a comment or a rejected line.

Regular lines are read all at once (:mod:`exposition_spans`), the others one by one with care
(:mod:`exposition_line`): on a page of 310,000 samples, 2 % of them awkward, some 17 times as fast as
prometheus_client (benchmarks/parse_exposition.py).
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl
import pyarrow as pa

from kafka_analysis.sources.decompress import plain
from kafka_analysis.sources.exposition_line import LONGEST_LINE, Labels, read_line
from kafka_analysis.sources.exposition_spans import MOST_KEYS, read_regular, split_lines

CHUNK = 4 * 1024 * 1024
TEXT_LIMIT = 500
_REJECTED = {"line": pl.Int64, "text": pl.String, "reason": pl.String}
_OWN = ("metric", "value", "timestamp_ms", "line")
_PAIRS = pl.List(pl.Struct({"key": pl.String, "value": pl.String}))


@dataclass(frozen=True)
class Exposition:
    """A parsed page of metrics.

    ``samples``: ``metric``, one string column ``label_<key>`` per label key (null where absent), ``value``,
    ``timestamp_ms`` (null unless the line carried one), ``line`` (from 1); beyond the 128 most frequent keys,
    labels are in ``labels_other``, a list of key/value structs. ``rejected``: ``line``, ``text`` (bounded), ``reason``.
    """

    samples: pl.DataFrame
    rejected: pl.DataFrame


Line = tuple[str, Labels, float, int | None, int]


@dataclass(frozen=True)
class _Chunk:
    """What some lines came to: those read all at once, those read one by one, those not understood."""

    regular: pl.DataFrame
    careful: list[Line]
    rejected: list[tuple[int, str, str]]


def parse_exposition(data: bytes) -> Exposition:
    r"""Parse a page of metrics in text format 0.0.4 or OpenMetrics.

    Parameters
    ----------
    data
        The page as it came: UTF-8, plain or packed with gzip or zstd. A page that ends with ``# EOF`` is OpenMetrics:
        times on its lines are seconds, elsewhere milliseconds.

    Returns
    -------
    Exposition
        Every line that is not empty or a comment is in ``samples`` or in ``rejected``. Exemplars are passed over. A
        last line without a line feed may have been cut off inside its number: it is rejected.

    Raises
    ------
    InputError
        Packed data are damaged or unpack to more than 1 GiB.

    Notes
    -----
    Formats: Prometheus, Exposition formats, text format 0.0.4 and OpenMetrics 1.0.

    Examples
    --------
    >>> page = parse_exposition(b'up 1\nbytes{topic="a\\"b",} 2.5 1700000000000\nbroken{ 1\n')
    >>> page.samples.select("metric", "label_topic", "value", "timestamp_ms").rows()
    [('up', None, 1.0, None), ('bytes', 'a"b', 2.5, 1700000000000)]
    >>> page.rejected.row(0)
    (3, 'broken{ 1', 'not <name>{<labels>} <value> [<timestamp>]')
    """
    page = plain(data)
    seconds = page.rstrip().endswith(b"# EOF")
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        parts = list(pool.map(partial(_read_chunk, page, seconds=seconds), _chunks(page)))
    careful = [line for part in parts for line in part.careful]
    rejected = pl.DataFrame([r for part in parts for r in part.rejected], schema=_REJECTED, orient="row")
    return Exposition(samples=frame_of(careful, [part.regular for part in parts]), rejected=rejected)


def _chunks(page: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield start, end and first line number of stretches of whole lines.

    Some megabytes each: what is computed on the way stays small.
    """
    start, number = 0, 1
    while start < len(page):
        feed = page.find(b"\n", min(start + CHUNK, len(page)))
        end = len(page) if feed < 0 else feed + 1
        yield start, end, number
        number += page.count(b"\n", start, end)
        start = end


def _read_chunk(page: bytes, span: tuple[int, int, int], *, seconds: bool) -> _Chunk:
    start, end, number = span
    chunk = memoryview(page)[start:end]
    text = np.frombuffer(chunk, dtype=np.uint8)
    lines = split_lines(text)
    regular, taken = read_regular(text, lines, utf8=_is_utf8(chunk), seconds=seconds)
    regular = regular.with_columns(pl.col("line") + (number - 1))
    careful, rejected = [], []
    for begin, stop, line in lines[~taken]:
        raw = bytes(chunk[begin:stop])
        try:
            found = _read(raw, whole=stop < len(chunk), seconds=seconds)
        except ValueError as error:
            shown = raw[: 4 * TEXT_LIMIT].decode("utf-8", errors="backslashreplace")[:TEXT_LIMIT]
            rejected.append((line + number - 1, shown.removesuffix("\r"), str(error)))
            continue
        if found is not None:
            careful.append((*found, line + number - 1))
    return _Chunk(regular, careful, rejected)


def _is_utf8(chunk: memoryview) -> bool:
    offsets = pa.py_buffer(np.array([0, len(chunk)], dtype=np.int32))
    whole = pa.Array.from_buffers(pa.binary(), 1, [None, offsets, pa.py_buffer(chunk)])
    try:
        whole.cast(pa.string())  # checks many bytes at a time, and copies none
    except pa.ArrowInvalid:
        return False
    return True


def _read(raw: bytes, *, whole: bool, seconds: bool) -> tuple[str, Labels, float, int | None] | None:
    """Read one line; None when it says nothing."""
    if raw.lstrip().startswith(b"#"):
        return None
    if len(raw) > LONGEST_LINE:
        raise ValueError("longer than a megabyte")
    try:
        text = raw.decode("utf-8").removesuffix("\r")
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    if not text or text.isspace() or text.lstrip().startswith("#"):
        return None
    found = read_line(text, seconds=seconds)
    if not whole:
        raise ValueError("the last line does not end with a line feed: it may have been cut off")
    return found


def frame_of(careful: Sequence[Line], regular: Sequence[pl.DataFrame] = ()) -> pl.DataFrame:
    """Return the ``samples`` of a page: what was read one by one and all at once, in the order of lines.

    Parameters
    ----------
    careful
        Metric, labels, value, time in milliseconds and line of each sample.
    regular
        Frames of others, with columns as those of ``samples``.

    Returns
    -------
    polars.DataFrame
        Beyond the 128 most frequent label keys, the others share one column.

    Examples
    --------
    >>> frame_of([("up", (("job", "a"),), 1.0, None, 1)]).row(0)
    ('up', 'a', 1.0, None, 1)
    """
    counts = Counter(key for _, labels, *_ in careful for key, _ in labels)
    for frame in regular:
        counts.update({n.removeprefix("label_"): frame[n].count() for n in frame.columns if n not in _OWN})
    ordered = sorted(counts, key=lambda key: (-counts[key], key))
    kept, rest = sorted(ordered[:MOST_KEYS]), set(ordered[MOST_KEYS:])
    parts = [_frame(careful, kept, rest), *(_folded(frame, rest) for frame in regular)]
    columns = ["metric", *(f"label_{key}" for key in kept), *(["labels_other"] if rest else []), *_OWN[1:]]
    whole = pl.concat(parts, how="diagonal") if len(parts) > 1 else parts[0]
    return whole.select(columns).sort("line", maintain_order=True)


def _frame(careful: Sequence[Line], kept: Sequence[str], rest: Collection[str]) -> pl.DataFrame:
    """Make columns of lines read one by one."""
    columns: dict[str, list[str | None]] = {key: [None] * len(careful) for key in kept}
    other: list[list[dict[str, str]] | None] = [None] * len(careful)
    for row, (_, labels, *_) in enumerate(careful):
        for key, value in labels:
            if key in columns:
                columns[key][row] = value
            else:
                other[row] = [*(other[row] or []), {"key": key, "value": value}]
    series = [pl.Series(f"label_{key}", values, dtype=pl.String) for key, values in columns.items()]
    shared = [pl.Series("labels_other", other, dtype=_PAIRS)] if rest else []
    own = {
        name: [line[at] for line in careful] for name, at in (("value", 2), ("timestamp_ms", 3), ("line", 4))
    }
    numbers = pl.DataFrame(own, schema={"value": pl.Float64, "timestamp_ms": pl.Int64, "line": pl.Int64})
    metric = pl.Series("metric", [line[0] for line in careful], dtype=pl.String)
    return pl.DataFrame([metric, *series, *shared, *numbers.get_columns()])


def _folded(frame: pl.DataFrame, rest: Collection[str]) -> pl.DataFrame:
    """Move the columns of rare keys into the shared one."""
    rare = [name for name in frame.columns if name not in _OWN and name.removeprefix("label_") in rest]
    if not rare:
        return frame
    pairs = pl.concat_list(
        pl.when(pl.col(name).is_not_null()).then(
            pl.struct(key=pl.lit(name.removeprefix("label_")), value=pl.col(name))
        )
        for name in rare
    ).list.drop_nulls()
    shared = pl.when(pairs.list.len() > 0).then(pairs).cast(_PAIRS).alias("labels_other")
    return frame.with_columns(shared).drop(rare)

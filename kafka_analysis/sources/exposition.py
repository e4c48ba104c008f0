"""Parse pages of metrics: every line becomes a sample, a comment or a rejected line.

Regular lines are read all at once (:mod:`exposition_scan`), the others one by one with care
(:mod:`exposition_line`): on a page of 310,000 samples, 2 % of them awkward, some 45 times as fast as
prometheus_client (benchmarks/parse_exposition.py).
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, pairwise

import numpy as np
import polars as pl

from kafka_analysis.sources.decompress import plain
from kafka_analysis.sources.exposition_line import LONGEST_LINE, Labels, read_line
from kafka_analysis.sources.exposition_regular import Line, Stretch, read_regular
from kafka_analysis.sources.exposition_scan import MARGIN, MOST_KEYS

STRETCH = 4 * 1024 * 1024
_LINE_FEED = 10
TEXT_LIMIT = 500
_REJECTED = {"line": pl.Int64, "text": pl.String, "reason": pl.String}
_RARE = 0.0001  # of the lines: where keys are too many, those with fewer share a column
_OWN = ("metric", "value", "timestamp_ms", "line")
_PAIRS = pl.List(pl.Struct({"key": pl.String, "value": pl.String}))


@dataclass(frozen=True)
class Exposition:
    """A parsed page of metrics.

    ``samples``: ``metric``, one string column ``label_<key>`` per label key (null where absent), ``value``,
    ``timestamp_ms`` (null unless the line carried one), ``line`` (from 1); where there are more than 128 keys, the
    rarest are in ``labels_other``, a list of key/value structs. ``rejected``: ``line``, ``text`` (bounded), ``reason``.
    """

    samples: pl.DataFrame
    rejected: pl.DataFrame


Sample = tuple[str, Labels, float, int | None, int]


@dataclass(frozen=True)
class _Part:
    """What some lines came to: those read all at once, those read one by one, those not understood."""

    regular: pl.DataFrame
    careful: list[Sample]
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
        *stretches, rest = _stretches(page, pool)
        parts = [
            *pool.map(partial(_read_stretch, page, seconds=seconds), stretches),
            _read_lines(page, _lines(page, rest), seconds=seconds),
        ]
        samples = _joined(parts, pool)
    rejected = pl.DataFrame([r for part in parts for r in part.rejected], schema=_REJECTED, orient="row")
    return Exposition(samples, rejected)


def _stretches(page: bytes, pool: Executor) -> list[Stretch]:
    """Cut a page into stretches of whole lines of some megabytes each, and a rest of a few lines."""
    octets = np.frombuffer(page, np.uint8)
    ends, last = [0], page.rfind(b"\n", 0, max(len(page) - MARGIN, 0)) + 1
    while ends[-1] < last:
        ends.append(page.find(b"\n", min(ends[-1] + STRETCH, last - 1)) + 1)
    ends.append(len(page))
    spans = list(pairwise(ends))
    lines = list(pool.map(lambda span: int(np.count_nonzero(octets[slice(*span)] == _LINE_FEED)), spans))
    firsts = accumulate(lines, initial=1)
    return [Stretch(*span, first, n) for span, first, n in zip(spans, firsts, lines, strict=False)]


def _lines(page: bytes, stretch: Stretch) -> Iterator[Line]:
    """List lines; the last need not end with a line feed."""
    start, number = stretch.start, stretch.number
    for text in page[stretch.start : stretch.end].split(b"\n"):
        yield Line(start, start + len(text), number)
        start, number = start + len(text) + 1, number + 1


def _read_stretch(page: bytes, stretch: Stretch, *, seconds: bool) -> _Part:
    regular = read_regular(page, stretch, seconds=seconds)
    return _read_lines(page, regular.aside, seconds=seconds, regular=regular.samples)


def _read_lines(
    page: bytes, lines: Iterable[Line], *, seconds: bool, regular: pl.DataFrame | None = None
) -> _Part:
    """Read lines one by one."""
    careful, rejected = [], []
    for start, end, number in lines:
        raw = page[start:end]
        try:
            found = _read(raw, whole=end < len(page), seconds=seconds)
        except ValueError as error:
            shown = raw[: 4 * TEXT_LIMIT].decode("utf-8", errors="backslashreplace")[:TEXT_LIMIT]
            rejected.append((number, shown.removesuffix("\r"), str(error)))
            continue
        if found is not None:
            careful.append((*found, number))
    return _Part(pl.DataFrame() if regular is None else regular, careful, rejected)


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


def frame_of(lines: Sequence[Sample]) -> pl.DataFrame:
    """Return the ``samples`` of a page whose lines were read one by one.

    Parameters
    ----------
    lines
        Metric, labels, value, time in milliseconds and line of each sample.

    Returns
    -------
    polars.DataFrame
        Beyond the 128 most frequent label keys, the others share one column.

    Examples
    --------
    >>> frame_of([("up", (("job", "a"),), 1.0, None, 1)]).row(0)
    ('up', 'a', 1.0, None, 1)
    """
    kept, rest = _columns([], lines)
    return _frame(lines, kept, rest)


def _joined(parts: Sequence[_Part], pool: Executor) -> pl.DataFrame:
    """Join what was read all at once and one by one, in the order of lines."""
    kept, rest = _columns([part.regular for part in parts], [line for part in parts for line in part.careful])
    own = ["metric", *(f"label_{key}" for key in kept), *(["labels_other"] if rest else []), *_OWN[1:]]
    merged = pool.map(partial(_merged, kept=kept, rest=rest), parts)
    return pl.concat([_frame([], kept, rest), *merged], how="diagonal").select(own)


def _columns(frames: Sequence[pl.DataFrame], lines: Sequence[Sample]) -> tuple[list[str], set[str]]:
    """Choose the keys that get a column of their own, and those that share one."""
    counts = Counter(key for _, labels, *_ in lines for key, _ in labels)
    for frame in frames:
        counts.update({n.removeprefix("label_"): frame[n].count() for n in frame.columns if n not in _OWN})
    ordered = sorted((key for key in counts if counts[key]), key=lambda key: (-counts[key], key))
    frequent = ordered
    if len(ordered) > MOST_KEYS:  # a column takes as much memory whether one line has the key or all
        least = (sum(map(len, frames)) + len(lines)) * _RARE
        frequent = [key for key in ordered[:MOST_KEYS] if counts[key] >= least]
    return sorted(frequent), set(ordered[len(frequent) :])


def _merged(part: _Part, *, kept: Sequence[str], rest: Collection[str]) -> pl.DataFrame:
    regular = _folded(part.regular, rest)
    if not part.careful:
        return regular
    return pl.concat([regular, _frame(part.careful, kept, rest)], how="diagonal").sort("line")


def _frame(careful: Sequence[Sample], kept: Sequence[str], rest: Collection[str]) -> pl.DataFrame:
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

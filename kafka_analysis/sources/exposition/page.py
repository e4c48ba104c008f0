"""Parse pages of metrics: every line becomes a sample, a comment or a rejected line.

Regular lines are read all at once (:mod:`exposition_scan`), the others one by one with care
(:mod:`exposition_line`): on a page of 310,000 samples, 2 % of them awkward, some 45 times as fast as
prometheus_client (benchmarks/parse_exposition.py).
"""

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, pairwise

import numpy as np
import polars as pl

from kafka_analysis.sources.exposition.line import LONGEST_LINE, Labels, read_line
from kafka_analysis.sources.exposition.regular import Line, Stretch, read_regular
from kafka_analysis.sources.exposition.scan import MARGIN, MOST_KEYS
from kafka_analysis.sources.http.decompress import TooMuchError, plain

STRETCH = 4 * 1024 * 1024
STRETCH_LINES = 32_768
MOST_CELLS = 16_000_000  # of 16 bytes each
FILE_CELLS = 4 * MOST_CELLS
_LINE_CELLS, _LABEL_CELLS = 20, 10  # of what is read one by one
_FEW_KEYS = 32
_LINE_FEED = 10
_LINES_PER_CHECK = 256
TEXT_LIMIT = 500
REJECTED_LINES = {"line": pl.Int64, "text": pl.String, "reason": pl.String}
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
_Places = tuple[list[int], list[str]]


@dataclass(frozen=True)
class _Part:
    """What some lines came to: those read all at once, those read one by one, those not understood."""

    regular: pl.DataFrame
    careful: list[Sample]
    rejected: list[tuple[int, str, str]]


def parse_exposition(
    data: bytes, *, check: Callable[[], None] = lambda: None, most_cells: int = FILE_CELLS
) -> Exposition:
    r"""Parse a page of metrics in text format 0.0.4 or OpenMetrics.

    Parameters
    ----------
    data
        The page as it came: UTF-8, plain or packed with gzip or zstd. A page that ends with ``# EOF`` is OpenMetrics:
        times on its lines are seconds, elsewhere milliseconds.
    check
        Called now and then; it raises when there is no more time.
    most_cells
        How much memory may be taken, in 16 bytes: a cell for each line and label, more where lines are irregular.

    Returns
    -------
    Exposition
        Every line that is not empty or a comment is in ``samples`` or in ``rejected``. Exemplars are passed over. A
        last line without a line feed may have been cut off inside its number: it is rejected.

    Raises
    ------
    InputError
        Packed data are damaged or unpack to too much, or there are too many labels for memory.

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
            *_bounded(
                pool.map(partial(_read_stretch, page, seconds=seconds, check=check), stretches), most_cells
            ),
            _read_lines(page, _lines(page, rest), seconds=seconds, check=check),
        ]
        check()
        samples = _joined(parts, pool)
    rejected = pl.DataFrame([r for part in parts for r in part.rejected], schema=REJECTED_LINES, orient="row")
    return Exposition(samples, rejected)


def _bounded(parts: Iterable[_Part], most_cells: int) -> Iterator[_Part]:
    """Refuse a page whose lines and labels would take gigabytes."""
    cells = 0
    for part in parts:
        cells += part.regular.height * part.regular.width
        cells += _LINE_CELLS * (len(part.careful) + len(part.rejected))
        cells += _LABEL_CELLS * sum(len(labels) for _, labels, *_ in part.careful)
        if cells > most_cells:
            raise TooMuchError(f"its lines and labels take more than {16 * most_cells // 10**6} MB of memory")
        yield part


def _stretches(page: bytes, pool: Executor) -> list[Stretch]:
    """Cut a page into stretches of whole lines of some megabytes each, and a rest of a few lines."""
    octets = np.frombuffer(page, np.uint8)
    ends, last = [0], page.rfind(b"\n", 0, max(len(page) - MARGIN, 0)) + 1
    step = min(STRETCH, STRETCH_LINES * len(page) // max(page.count(b"\n"), 1))
    while ends[-1] < last:
        ends.append(page.find(b"\n", min(ends[-1] + step, last - 1)) + 1)
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


def _read_stretch(page: bytes, stretch: Stretch, *, seconds: bool, check: Callable[[], None]) -> _Part:
    check()
    regular = read_regular(page, stretch, seconds=seconds)
    return _read_lines(page, regular.aside, seconds=seconds, check=check, regular=regular.samples)


def _read_lines(
    page: bytes,
    lines: Iterable[Line],
    *,
    seconds: bool,
    check: Callable[[], None],
    regular: pl.DataFrame | None = None,
) -> _Part:
    """Read lines one by one."""
    careful, rejected = [], []
    for start, end, number in lines:
        if number % _LINES_PER_CHECK == 0:
            check()
        raw = page[start:end]
        try:
            sample = _read(raw, whole=end < len(page), seconds=seconds)
        except ValueError as error:
            shown = raw[: 4 * TEXT_LIMIT].decode("utf-8", errors="backslashreplace")[:TEXT_LIMIT]
            rejected.append((number, shown.removesuffix("\r"), str(error)))
            continue
        if sample is not None:
            careful.append((*sample, number))
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
    sample = read_line(text, seconds=seconds)
    if not whole:
        raise ValueError("the last line does not end with a line feed: it may have been cut off")
    return sample


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
    columns = ["metric", *(f"label_{key}" for key in kept), *(["labels_other"] if rest else []), *_OWN[1:]]
    merged = pool.map(partial(_merged, kept=kept, rest=rest), parts)
    return pl.concat([_frame([], kept, rest), *merged], how="diagonal").select(columns)


def _columns(frames: Sequence[pl.DataFrame], lines: Sequence[Sample]) -> tuple[list[str], set[str]]:
    """Choose the keys that get a column of their own, and those that share one."""
    counts = Counter(key for _, labels, *_ in lines for key, _ in labels)
    for frame in frames:
        counts.update({n.removeprefix("label_"): frame[n].count() for n in frame.columns if n not in _OWN})
    ordered = sorted((key for key in counts if counts[key]), key=lambda key: (-counts[key], key))
    most = MOST_KEYS
    if len(ordered) > MOST_KEYS:  # keys on one line in a thousand or fewer would fill columns with nothing
        often = sum(counts[key] * 1000 >= len(lines) for key in ordered)
        most = min(max(often, _FEW_KEYS), max(MOST_CELLS // max(len(lines), 1), _FEW_KEYS), MOST_KEYS)
    return sorted(ordered[:most]), set(ordered[most:])


def _merged(part: _Part, *, kept: Sequence[str], rest: Collection[str]) -> pl.DataFrame:
    regular = _folded(part.regular, rest)
    if not part.careful:
        return regular
    return pl.concat([regular, _frame(part.careful, kept, rest)], how="diagonal").sort("line")


def _frame(careful: Sequence[Sample], kept: Sequence[str], rest: Collection[str]) -> pl.DataFrame:
    """Make columns of lines read one by one, for the keys that are on any of them."""
    by_key, shared = _sorted_by_key(careful, kept)
    series = [_spread(places, len(careful)).alias(f"label_{key}") for key, places in sorted(by_key.items())]
    other = [_listed(shared, len(careful))] if rest else []
    fields = {
        name: [line[at] for line in careful] for name, at in (("value", 2), ("timestamp_ms", 3), ("line", 4))
    }
    numbers = pl.DataFrame(fields, schema={"value": pl.Float64, "timestamp_ms": pl.Int64, "line": pl.Int64})
    metric = pl.Series("metric", [line[0] for line in careful], dtype=pl.String)
    return pl.DataFrame([metric, *series, *other, *numbers.get_columns()])


def _sorted_by_key(
    careful: Sequence[Sample], kept: Collection[str]
) -> tuple[dict[str, _Places], list[tuple[int, str, str]]]:
    """Return rows and values of each key that has a column, and row, key and value of the others."""
    by_key: dict[str, _Places] = {key: ([], []) for key in kept}
    shared: list[tuple[int, str, str]] = []
    for row, (_, labels, *_) in enumerate(careful):
        for key, value in labels:
            places = by_key.get(key)
            if places is None:
                shared.append((row, key, value))
            else:
                places[0].append(row)
                places[1].append(value)
    return {key: places for key, places in by_key.items() if places[0]}, shared


def _spread(cells: _Places, height: int) -> pl.Series:
    """Make a column of values that are on some rows only."""
    rows, values = cells
    at = np.full(height, -1)
    at[rows] = np.arange(len(rows))
    places = pl.Series(at)
    return pl.Series(values, dtype=pl.String).gather(places.set(places < 0, None))


def _listed(shared: Sequence[tuple[int, str, str]], height: int) -> pl.Series:
    """Make the column that some keys share: a list of pairs a row, null where there are none."""
    pairs = pl.DataFrame(shared, schema={"row": pl.Int64, "key": pl.String, "value": pl.String}, orient="row")
    lists = pairs.group_by("row", maintain_order=True).agg(labels_other=pl.struct("key", "value"))
    rows = pl.DataFrame({"row": pl.int_range(height, eager=True)})
    return rows.join(lists, on="row", how="left", maintain_order="left")["labels_other"].cast(_PAIRS)


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

"""Read a page of metrics, whichever way it is written: text format, OpenMetrics or Jolokia's JSON."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from kafka_analysis.model.errors import SourceError
from kafka_analysis.sources.decompress import plain
from kafka_analysis.sources.exposition import Exposition, parse_exposition
from kafka_analysis.sources.jolokia import is_json, read_jolokia

PLAUSIBLE_MS = (978_307_200_000, 4_102_444_800_000)  # 2001 to 2100


def parse_page(data: bytes) -> Exposition:
    r"""Parse a page: Jolokia's answers where it is JSON, else text format.

    Parameters
    ----------
    data
        The page, plain or packed with gzip or zstd.

    Returns
    -------
    Exposition
        At least one sample, or one answer of Jolokia's. Lines whose time lies before 2001 or after 2100 are rejected:
        seconds taken for milliseconds would stretch the window to 1970.

    Raises
    ------
    SourceError
        No line could be read.
    InputError
        Packed data are damaged or unpack to too much.

    Examples
    --------
    >>> parse_page(b'{"a.name"} 1\n').samples.row(0)
    ('a.name', 1.0, None, 1)
    """
    page = plain(data)
    reason = "no page of metrics"
    if is_json(page):
        try:
            return _plausible(read_jolokia(page))
        except SourceError as error:
            reason = str(error)  # a line of text may begin with a brace too
    parsed = parse_exposition(page)
    if parsed.samples.is_empty():
        raise SourceError(reason)
    return _plausible(parsed)


def _plausible(page: Exposition) -> Exposition:
    odd = ~pl.col("timestamp_ms").is_between(*PLAUSIBLE_MS)
    out = page.samples.filter(odd)  # a line without time is null here, and stays
    if out.is_empty():
        return page
    text = pl.format("{} at {}", pl.col("metric").str.slice(0, 200), "timestamp_ms").alias("text")
    reason = pl.lit("its time is not of this century, in milliseconds since 1970").alias("reason")
    return replace(
        page,
        samples=page.samples.filter(~odd.fill_null(value=False)),
        rejected=pl.concat([page.rejected, out.select("line", text, reason)]).sort("line"),
    )

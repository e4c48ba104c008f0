"""Read a page of metrics, whichever way it is written: text format, OpenMetrics or Jolokia's JSON."""

from dataclasses import replace
from datetime import datetime

import polars as pl

from kafka_analysis.model.errors import SourceError
from kafka_analysis.model.moments import EARLIEST, LATEST
from kafka_analysis.sources.exposition.page import Exposition, parse_exposition
from kafka_analysis.sources.exposition.page_bytes import text_of
from kafka_analysis.sources.exposition.page_kind import json_error, kind_of
from kafka_analysis.sources.jolokia.answers import is_json, read_jolokia

PLAUSIBLE_MS = tuple(int(moment.timestamp() * 1000) for moment in (EARLIEST, LATEST))
MOST_APART_MS = 86_400_000
_OF_NO_CENTURY = "its timestamp is not in this century, as milliseconds since 1970"
_FAR_FROM_ANSWER = "its timestamp is more than a day from the time of the answer"


def parse_page(data: bytes) -> Exposition:
    r"""Parse a page: Jolokia's answers where it is JSON, else text format.

    Parameters
    ----------
    data
        The page: text, or packed with gzip, zstd, xz or bzip2.

    Returns
    -------
    Exposition
        At least one sample, or one answer of Jolokia's. Lines whose time lies before 2001 or after 2100 are rejected:
        seconds taken for milliseconds would stretch the window to 1970.

    Raises
    ------
    SourceError
        No line could be read: it is an archive, an exporter's own error, HTML … (the message says what).
    InputError
        Packed data are damaged or unpack to too much.

    Examples
    --------
    >>> parse_page(b'{"a.name"} 1\n').samples.row(0)
    ('a.name', 1.0, None, 1)
    """
    page = text_of(data)
    reason = None
    if is_json(page):
        try:
            return plausible(read_jolokia(page))
        except SourceError as error:
            reason = None if json_error(page) else str(error)  # a line of text may begin with a brace too
    parsed = parse_exposition(page)
    if parsed.samples.is_empty():
        raise SourceError(reason or f"not a metrics page: {kind_of(page)}")
    return plausible(parsed)


def plausible(page: Exposition, *, answered: datetime | None = None) -> Exposition:
    r"""Reject the lines of a page whose time cannot be meant: the one rule for live, saved and imported pages.

    Parameters
    ----------
    page
        A page; lines without a time stay.
    answered
        When the page came, where it was asked for live: lines more than a day from it are rejected too. They are of
        another recording, or of a clock that is wrong.

    Examples
    --------
    >>> plausible(parse_exposition(b"up 1 1700000000000\nup 1 1700000000\n")).rejected["reason"].to_list()
    ['its timestamp is not in this century, as milliseconds since 1970']
    """
    stamp = pl.col("timestamp_ms")
    reason = pl.when(~stamp.is_between(*PLAUSIBLE_MS)).then(pl.lit(_OF_NO_CENTURY))
    if answered is not None:
        now = round(answered.timestamp() * 1000)
        reason = reason.when((stamp - now).abs() > MOST_APART_MS).then(pl.lit(_FAR_FROM_ANSWER))
    judged = page.samples.with_columns(reason.alias("reason"))
    out = judged.filter(pl.col("reason").is_not_null())
    if out.is_empty():
        return page
    text = pl.format("{} at {}", pl.col("metric").str.slice(0, 200), "timestamp_ms").alias("text")
    return replace(
        page,
        samples=judged.filter(pl.col("reason").is_null()).drop("reason"),
        rejected=pl.concat([page.rejected, out.select("line", text, "reason")]).sort("line"),
    )

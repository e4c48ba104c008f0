"""Lines of a page that fall on one series: which count, which repeat one that does, and which contradict each other."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

SPELLED = "_spelled"  # a number for each name and labels, as spelled on the page
RANK = "_rank"  # of the names that mean the same, the one with the lowest rank counts
_MOST, _MORE_THAN = 0.8, 0.5  # of all series, or of the lines after a page began again: so many come twice


@dataclass(frozen=True)
class Once:
    """Lines of which each series has one a time; those left out as repetitions; those that contradict each other."""

    kept: pl.DataFrame
    repeated: pl.DataFrame
    conflicting: pl.DataFrame


def spelled(lines: pl.DataFrame) -> pl.Series:
    """Give each line a number for its name and labels: equal ones have equal numbers, whatever their times.

    Examples
    --------
    >>> lines = pl.DataFrame({"metric": ["up", "up", "up"], "label_job": ["a", "a", None], "value": [1.0, 2.0, 3.0]})
    >>> spelled(lines).rank("dense").to_list() in ([1, 1, 2], [2, 2, 1])
    True
    """
    keys = [name for name in lines.columns if name == "metric" or name.startswith("label")]
    return lines.select(keys).hash_rows(seed=0).alias(SPELLED)


def last_scrape(lines: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Keep the last scrape of a page that begins again, one scrape after the other, and count the lines left out.

    A page begins again where lines come again in the order of scrapes, all that repeat after all they repeat: with its
    first line, and mostly lines that were there before follow; or nearly every series comes again. Of each series the
    last line that is a number is kept. Two lines of the same series anywhere else are of one scrape, and stay.

    Parameters
    ----------
    lines
        A page's, in their order: ``_spelled``, ``timestamp_ms``, ``value``.

    Examples
    --------
    >>> lines = pl.DataFrame({"_spelled": [1, 2, 1, 2], "timestamp_ms": None, "value": [5.0, 6.0, 7.0, float("nan")]})
    >>> last_scrape(lines)[0]["value"].to_list()
    [6.0, 7.0]
    >>> last_scrape(lines[[0, 2, 1]])[1]
    0
    """
    keys = [SPELLED, "timestamp_ms"]
    if _are_distinct(lines, keys):
        return lines, 0
    nth = lines.select(pl.int_range(pl.len()).over(keys)).to_series()
    if not _begins_again(lines.select(keys), nth):
        return lines, 0
    number, of = pl.col("value").is_not_nan(), pl.col("_nth")
    best = pl.coalesce(of.filter(number).max(), of.max()).over(keys)
    kept = lines.with_columns(nth.alias("_nth")).filter(of == best).drop("_nth")
    return kept, len(lines) - len(kept)


def _are_distinct(rows: pl.DataFrame, keys: Sequence[str]) -> bool:
    """Tell at little cost whether no key comes twice: nearly always so."""
    return rows.select(keys).hash_rows(seed=0).n_unique() == len(rows)


def _begins_again(keys: pl.DataFrame, nth: pl.Series) -> bool:
    rows = keys.with_columns(nth=nth, row=pl.int_range(pl.len()))
    repeating = rows.filter(pl.col("nth").max().over(keys.columns) > 0)
    spans = repeating.group_by("nth").agg(low=pl.col("row").min(), high=pl.col("row").max()).sort("nth")
    if (spans["low"] <= spans["high"].shift(1)).any():
        return False
    again = nth[spans["low"][1] :]
    series = len(rows) - int((nth > 0).sum())
    of_series = len(repeating) - int((repeating["nth"] > 0).sum())
    starts_over = spans["low"][0] == 0
    return of_series >= _MOST * series or (starts_over and float((again > 0).mean()) > _MORE_THAN)


def one_of_each(rows: pl.DataFrame) -> Once:
    """Settle lines that come again with the same name, labels and time: equal ones are one, others contradict.

    Examples
    --------
    >>> rows = pl.DataFrame({"_spelled": [1, 1, 2, 2], "timestamp_ms": None, "value": [5.0, 5.0, 6.0, 7.0]})
    >>> once = one_of_each(rows)
    >>> once.kept["value"].to_list(), len(once.repeated), once.conflicting["value"].to_list()
    ([5.0], 1, [6.0, 7.0])
    """
    keys = [SPELLED, "timestamp_ms"]
    if _are_distinct(rows, keys):
        return Once(rows, rows.clear(), rows.clear())
    return _settled(rows, keys, wrong=pl.col("value").n_unique().over(keys) > 1)


def one_of_series(rows: pl.DataFrame, series: Sequence[str], *, follow: bool) -> Once:
    """Settle lines of different names or labels that fall on one series.

    Parameters
    ----------
    rows
        ``_spelled``, ``_rank``, ``ts``, ``value`` and the columns of the series. Of names that mean the same the one
        of the lowest rank counts. Else lines that agree are one, and lines that differ contradict each other: which of
        them is right cannot be known, so none is kept.
    series
        Columns that make a series.
    follow
        Whether lines with times of their own may be of series that follow each other in time (a history), rather than
        of one scrape.

    Examples
    --------
    >>> own = {"topic": ["a", "a", "b", "b"], "_spelled": [1, 2, 3, 4], "_rank": 0, "ts": 0}
    >>> once = one_of_series(pl.DataFrame({**own, "value": [5.0, 5.0, 6.0, 7.0]}), ["topic"], follow=False)
    >>> once.kept["topic"].to_list(), len(once.repeated), once.conflicting["value"].to_list()
    (['a'], 1, [6.0, 7.0])
    """
    keys = [*series, "ts"]
    if _are_distinct(rows, series):
        return Once(rows, rows.clear(), rows.clear())
    pairs = rows.select(*series, RANK, SPELLED).unique()
    crowded = pairs.filter(pairs.select(series).is_duplicated()).select(series).unique()
    if crowded.is_empty():
        return Once(rows, rows.clear(), rows.clear())
    alone = rows.join(crowded, on=series, how="anti", nulls_equal=True, maintain_order="left")
    shared = rows.join(crowded, on=series, how="semi", nulls_equal=True, maintain_order="left")
    best = pl.col(RANK) == pl.col(RANK).min().over(keys)
    named = shared.filter(best)
    once = _settled(named, keys, wrong=_differ(named, series) & ~_follow(named, series, follow=follow))
    repeated = pl.concat([shared.filter(~best), once.repeated])
    return Once(pl.concat([alone, once.kept]), repeated, once.conflicting)


def _differ(rows: pl.DataFrame, series: Sequence[str]) -> pl.Series:
    """Tell which rows are of series with several spellings of one rank, and several values."""
    of = [*series, RANK]
    several = pl.col(SPELLED).n_unique().over(of) > 1
    return rows.select(several & (pl.col("value").n_unique().over(of) > 1)).to_series()


def _follow(rows: pl.DataFrame, series: Sequence[str], *, follow: bool) -> pl.Series:
    """Tell which rows are of series whose spellings follow each other: one ends before the next begins."""
    if not follow:
        return pl.Series([False]).new_from_index(0, len(rows))
    of = [*series, RANK]
    spans = rows.group_by(*of, SPELLED).agg(low=pl.col("ts").min(), high=pl.col("ts").max())
    ordered = spans.sort(*of, "low")
    later = ordered.with_columns(ok=(pl.col("low") > pl.col("high").shift(1).over(of)).fill_null(value=True))
    each = later.group_by(of).agg(pl.col("ok").all())
    return rows.join(each, on=of, how="left", nulls_equal=True, maintain_order="left")["ok"]


def _settled(rows: pl.DataFrame, keys: Sequence[str], *, wrong: pl.Expr | pl.Series) -> Once:
    """Take out what is wrong, and keep the last of what is left for each key."""
    marked = rows.with_columns(wrong.alias("_wrong"))
    sound = marked.filter(~pl.col("_wrong")).drop("_wrong")
    last = (pl.int_range(pl.len()) == pl.len() - 1).over(keys)
    return Once(sound.filter(last), sound.filter(~last), marked.filter(pl.col("_wrong")).drop("_wrong"))

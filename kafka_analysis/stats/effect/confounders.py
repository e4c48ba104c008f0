"""Is it the migration, or did everything change: per message produced, and beside topics that did not move."""

from typing import Any

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind, to_polars
from kafka_analysis.model.units import counted, listed
from kafka_analysis.stats.effect.controls import measure_against_control, ratio_series
from kafka_analysis.stats.effect.rows import AMOUNTS, SCHEMA, Asked, amounts_of, cannot_tell
from kafka_analysis.stats.effect.sides import Sides, compared
from kafka_analysis.stats.effect.traffic import business_series
from kafka_analysis.stats.traffic.mirroring import names_at_source

MEASURED, PER_MESSAGE, CONTROLLED = "as measured", "per message produced", "beside topics that did not move"
_MESSAGES = "messages_in_per_s"
_PER_MESSAGE = (
    (Asked("bytes_in_per_message", "Bytes in", "B", "held"), "bytes_in_per_s"),
    (Asked("bytes_out_per_message", "Bytes out", "B", "held"), "bytes_out_per_s"),
)
_CONTROLLED = (
    (Asked("bytes_in_controlled", "Bytes in", "B/s", "held"), "bytes_in_per_s"),
    (Asked("messages_in_controlled", "Messages in", "records/s", "held"), _MESSAGES),
)
_MEASURED = {
    "bytes_in_per_s": Asked("bytes_in_measured", "Bytes in", "B/s", "held"),
    "bytes_out_per_s": Asked("bytes_out_measured", "Bytes out", "B/s", "held"),
    _MESSAGES: Asked("messages_in_measured", "Messages in", "records/s", "held"),
}
_NAMED = 5
MOVES = {"cluster": pl.String, "topic": pl.String, "name": pl.String, "state": pl.String}


@same_kind
def moved_topics(before: Frame, after: Frame, *, flows: Frame = None) -> Frame:
    """Tell the business topics that moved to another cluster from those that stayed.

    Parameters
    ----------
    before, after
        Results of ``stats.traffic_in`` of the two windows.
    flows
        Result of ``stats.mirror_flows``: a topic that has another name at its target is the same topic.

    Returns
    -------
    frame of the kind given
        ``cluster``, ``topic``, ``name`` (that at the source), ``state``: ``moved`` (most of its bytes in went to
        another cluster before than after), ``stayed``, or ``one side`` (seen in one window only).

    Examples
    --------
    >>> one = pl.DataFrame({"cluster": "old", "topic": ["t", "u"], "kind": "business", "bytes_in_per_s": [5.0, 5.0]})
    >>> two = one.with_columns(cluster=pl.Series(["new", "old"]))
    >>> moved_topics(one, two).select("name", "state").unique().sort("name").rows()
    [('t', 'moved'), ('u', 'stayed')]
    """
    business = (
        traffic.filter(kind="business").select("cluster", "topic", "bytes_in_per_s")
        for traffic in (before, after)
    )
    then, now = (names_at_source(rows, flows=flows) for rows in business)
    places = [
        side.filter(pl.col("bytes_in_per_s") > 0)
        .sort("bytes_in_per_s", "cluster", descending=[True, False])
        .group_by("name", maintain_order=True)
        .agg(pl.col("cluster").first().alias(at))
        for side, at in ((then, "old"), (now, "new"))
    ]
    both = places[0].join(places[1], on="name", how="full", coalesce=True)
    state = (
        pl.when(pl.col("old").is_null() | pl.col("new").is_null())
        .then(pl.lit("one side"))
        .when(pl.col("old") == pl.col("new"))
        .then(pl.lit("stayed"))
        .otherwise(pl.lit("moved"))
    )
    names = pl.concat([then, now]).select("cluster", "topic", "name").unique()
    rows = names.join(both.select("name", state=state), on="name").sort("name", "cluster", "topic")
    return rows.select(pl.col(column).cast(kind) for column, kind in MOVES.items())


def confounder_effects(
    before: Frame,
    after: Frame,
    *,
    effects: Frame,
    topics: Frame,
    sides: Sides,
    moved: tuple[Frame, Frame] | None = None,
    stayed: tuple[Frame, Frame] | None = None,
) -> pl.DataFrame:
    """Compare traffic as measured, per message produced, and beside topics that did not move.

    Parameters
    ----------
    before, after
        Results of ``stats.traffic_over_time`` of the two windows, with buckets of the step.
    effects
        Result of ``stats.traffic_effects``.
    topics
        Result of :func:`moved_topics`.
    moved, stayed
        As ``before`` and ``after``, of the topics that moved and of those that stayed; None where there are none.

    Returns
    -------
    polars.DataFrame
        ``comparison``, and the columns of a question (``SCHEMA`` of :mod:`kafka_analysis.stats.effect.rows`). Without
        topics that stayed there is no control, and the row says so.

    Examples
    --------
    >>> from datetime import UTC, datetime, timedelta
    >>> from kafka_analysis.stats.effect.traffic import traffic_effects
    >>> from kafka_analysis.stats.scope.windows import Window
    >>> t = [datetime(2026, 1, 1, h, tzinfo=UTC) for h in range(4)]
    >>> rows = pl.DataFrame({"window_start": t[:2], "cluster": "a", "kind": "business", "bytes_in_per_s": 1.0,
    ...     "bytes_out_per_s": 1.0, "messages_in_per_s": 1.0})
    >>> sides = Sides(Window(t[0], t[2]), Window(t[2], t[3]), ("a",), ("b",), timedelta(hours=1), "week")
    >>> how = {"step": sides.step, "season": sides.season}
    >>> found = traffic_effects(rows, rows, windows=(sides.before, sides.after), **how)
    >>> places = pl.DataFrame({"name": ["t"], "state": ["moved"]})
    >>> table = confounder_effects(rows, rows, effects=found, topics=places, sides=sides)
    >>> table["comparison"].to_list()[-1], table["reason"].to_list()[-1]
    ('beside topics that did not move', 'no control: all topics moved (1 topic)')
    """
    then, now = (_timed(traffic) for traffic in (before, after))
    measured = [_as_measured(row) for row in to_polars(effects).iter_rows(named=True)]
    rows = [{"comparison": MEASURED, **row} for row in measured]
    messages = _both(then, now, _MESSAGES)
    for asked, flow in _PER_MESSAGE:
        series = ratio_series(_both(then, now, flow), messages)
        rows.append({"comparison": PER_MESSAGE, **compared(asked, series, sides)})
    places = to_polars(topics)
    for asked, flow in _CONTROLLED:
        rows.append({"comparison": CONTROLLED, **_controlled(asked, flow, places, sides, moved, stayed)})
    return pl.DataFrame(rows, schema={"comparison": pl.String, **SCHEMA})


def _as_measured(row: dict[str, Any]) -> dict[str, Any]:
    return {**_MEASURED[row["flow"]].names, **{name: row[name] for name in AMOUNTS}}


def _timed(traffic: Frame) -> pl.DataFrame:
    return to_polars(traffic).cast({"window_start": pl.Datetime("ms", "UTC")})


def _both(before: pl.DataFrame, after: pl.DataFrame, flow: str) -> pl.DataFrame:
    series = pl.concat([business_series(traffic, flow) for traffic in (before, after)])
    return series.unique("ts").sort("ts")


def _controlled(
    asked: Asked,
    flow: str,
    topics: pl.DataFrame,
    sides: Sides,
    moved: tuple[Frame, Frame] | None,
    stayed: tuple[Frame, Frame] | None,
) -> dict[str, Any]:
    if missing := no_control(topics):
        return cannot_tell(asked, missing)
    if moved is None or stayed is None:
        return cannot_tell(asked, "no control: the traffic of topics that stayed was not measured")
    series, control = (_both(*(_timed(part) for part in pair), flow) for pair in (moved, stayed))
    found = measure_against_control(
        series, control, before=sides.before, after=sides.after, step=sides.step, season=sides.season,
        better=asked.better,
    )  # fmt: skip
    return {**asked.names, **amounts_of(found)}


@same_kind
def no_control(topics: Frame) -> str:
    """Say why there is no control; nothing where some topics moved and others stayed.

    Parameters
    ----------
    topics
        Result of :func:`moved_topics`.

    Examples
    --------
    >>> no_control(pl.DataFrame({"name": ["t", "u"], "state": ["moved", "one side"]}))
    'no control: no topic stayed (1 moved; 1 seen on one side only: u)'
    """
    names = topics.select("name", "state").unique().sort("name")
    moved, stayed, alone = (
        names.filter(state=state)["name"].to_list() for state in ("moved", "stayed", "one side")
    )
    if moved and stayed:
        return ""
    if not moved and not stayed and not alone:
        return "no control: no business topic was seen"
    if not moved:
        return "no topic moved to another cluster between the windows"
    if not alone:
        return f"no control: all topics moved ({counted(len(moved), 'topic')})"
    return (
        f"no control: no topic stayed ({len(moved)} moved; {len(alone)} seen on one side only: "
        f"{listed(alone, _NAMED)})"
    )

"""By how much each topic changed from one window to the other: under its name at the source, wherever it lies now."""

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.stats.effect.each import EACH, NOTHING, ONLY_AFTER, ONLY_BEFORE, UNTOLD, measure_each
from kafka_analysis.stats.effect.sides import Sides
from kafka_analysis.stats.traffic.kinds import FLOWS
from kafka_analysis.stats.traffic.mirroring import names_at_source

MOST_TOPICS = 1000
NOT_COMPARED = "not compared"
_LEVELS = {"before": pl.Float64, "after": pl.Float64, "share": pl.Float64, "evidence": pl.String}
SCHEMA = {"flow": pl.String, "topic": pl.String, **_LEVELS, **EACH}


@same_kind
def topic_effects(
    before: Frame, after: Frame, *, topics: Frame, sides: Sides, flows: Frame = None, most: int = MOST_TOPICS
) -> Frame:
    """Say of each topic by how much each flow of it changed, so that few of those called changed are not.

    A topic is followed over the cut-over: to another cluster, to several cells, and to another name, where a replicator
    renames it. Its traffic in all clusters is added up. :mod:`kafka_analysis.stats.effect.each` says how many may be
    called changed by chance, by which procedure and from which papers.

    Parameters
    ----------
    before, after
        Results of ``stats.topic_traffic_over_time`` of the two windows, with buckets of the step.
    topics
        Result of ``stats.compare_topics``, with the same ``flows``.
    sides
        The windows, the step, and whether hours of the week are matched.
    flows
        Result of ``stats.mirror_flows``.
    most
        Topics compared one by one, of each flow those with the largest share.

    Returns
    -------
    frame of the kind given
        A row per flow and topic, largest share first: ``flow``, ``topic`` (its name at the source), ``before``,
        ``after`` (per second), ``share`` of both windows' traffic, ``evidence`` (estimated where part of it is a
        replicator's), and what :func:`kafka_analysis.stats.effect.each.measure_each` returns. ``verdict`` is ``only
        before`` or ``only after`` for a topic of one window, and ``not compared`` for those beyond ``most``.

    Examples
    --------
    >>> import numpy as np
    >>> from datetime import UTC, datetime, timedelta
    >>> from kafka_analysis.stats.scope.windows import Window
    >>> t = [datetime(2026, 1, 1, 0, 0, s, tzinfo=UTC) for s in range(41)]
    >>> noise = np.exp(np.random.default_rng(1).normal(0, 0.02, 40))
    >>> rows = pl.DataFrame({"window_start": t[:40], "cluster": ["old"] * 20 + ["new"] * 20,
    ...     "topic": ["t"] * 20 + ["old.t"] * 20, "kind": "business", "evidence": "measured",
    ...     "bytes_in_per_s": noise * np.repeat([100.0, 150.0], 20),
    ...     "bytes_out_per_s": None, "messages_in_per_s": None})
    >>> topics = pl.DataFrame({"flow": ["bytes_in_per_s"], "topic": ["t"], "before": [100.0], "after": [150.0]})
    >>> sides = Sides(Window(t[0], t[20]), Window(t[20], t[40]), ("old",), ("new",), timedelta(seconds=1), "none")
    >>> renamed = pl.DataFrame({"target": ["new"], "topic": ["old.t"], "source_topic": ["t"]})
    >>> found = topic_effects(rows[:20], rows[20:], topics=topics, sides=sides, flows=renamed)
    >>> found.select("topic", "verdict", pl.col("effect").round(1)).rows()
    [('t', 'rose', 0.5)]
    """
    traffic = pl.concat(
        [
            _business(part, flows).with_columns(side=pl.lit(name))
            for name, part in (("before", before), ("after", after))
        ]
    )
    parts = [_of_flow(traffic, topics.filter(flow=flow), flow, sides, most) for flow in FLOWS]
    return pl.concat(parts).sort(
        pl.col("flow").replace_strict(list(FLOWS), list(range(len(FLOWS))), return_dtype=pl.Int8),
        "share", "topic", descending=[False, True, False], nulls_last=True,
    )  # fmt: skip


def _business(traffic: pl.DataFrame, flows: pl.DataFrame | None) -> pl.DataFrame:
    columns = ["window_start", "cluster", "topic", *FLOWS, "evidence"]
    rows = traffic.filter(kind="business").select(columns)
    kinds = {"window_start": pl.Datetime("ms", "UTC"), **dict.fromkeys(FLOWS, pl.Float64)}
    names = dict.fromkeys(("cluster", "topic", "evidence"), pl.String)
    return names_at_source(rows.cast(kinds | names), flows=flows)


def _of_flow(traffic: pl.DataFrame, topics: pl.DataFrame, flow: str, sides: Sides, most: int) -> pl.DataFrame:
    levels = _with_shares(topics, traffic)
    both = levels.filter(pl.col("before") > 0, pl.col("after") > 0)
    chosen = both.sort("share", "topic", descending=[True, False]).head(most)
    series = topic_series(traffic, flow)
    found = measure_each(series.join(chosen.select(name="topic"), on="name", how="semi"), sides=sides)
    rows = levels.join(found, left_on="topic", right_on="name", how="left")
    told = rows.with_columns(_without_comparison(chosen["topic"], most), flow=pl.lit(flow))
    return told.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())


def _without_comparison(chosen: pl.Series, most: int) -> list[pl.Expr]:
    """Return verdict and reason, also of topics that were not compared."""
    before, after = (pl.col(name).fill_null(0.0) > 0 for name in ("before", "after"))
    beside = (
        (pl.col("topic").is_in(chosen.implode()), UNTOLD, NOTHING),
        (before & after, NOT_COMPARED, f"smaller than the {most:,} topics compared"),
        (before, ONLY_BEFORE, "nothing was carried in the window after"),
        (after, ONLY_AFTER, "nothing was carried in the window before"),
    )
    verdict, reason = (
        pl.coalesce(column, *(pl.when(is_so).then(pl.lit(words[n])) for is_so, *words in beside))
        for n, column in enumerate(("verdict", "reason"))
    )
    return [verdict.alias("verdict"), reason.alias("reason")]


def _with_shares(topics: pl.DataFrame, traffic: pl.DataFrame) -> pl.DataFrame:
    """Add shares and evidence; topics that carry nothing are left out."""
    carried = pl.col("before").fill_null(0.0) + pl.col("after").fill_null(0.0)
    estimated = pl.when((pl.col("evidence") == "estimated").any()).then(pl.lit("estimated"))
    known = traffic.group_by(topic="name").agg(evidence=estimated.otherwise(pl.lit("measured")))
    levels = topics.select(
        pl.col("topic").cast(pl.String), pl.col("before", "after").cast(pl.Float64)
    ).filter(carried > 0)
    return levels.with_columns(share=carried / carried.sum()).join(known, on="topic", how="left")


def topic_series(traffic: pl.DataFrame, flow: str) -> pl.DataFrame:
    """Add up the traffic of each topic over all clusters, step by step.

    Parameters
    ----------
    traffic
        ``side`` (before or after), ``window_start``, ``cluster``, ``name`` of a topic, and the flow.

    Returns
    -------
    polars.DataFrame
        ``name``, ``ts``, ``value``; null where a cluster that carries the topic in that window was not seen: the
        others' sum would be too low.

    Examples
    --------
    >>> rows = pl.DataFrame({"side": ["before", "after", "after", "after"], "window_start": [0, 2, 2, 3],
    ...     "cluster": ["old", "a", "b", "a"], "name": "t", "bytes_in_per_s": [9.0, 4.0, 5.0, 4.0]})
    >>> topic_series(rows, "bytes_in_per_s")["value"].to_list()
    [9.0, 9.0, None]
    """
    rows = traffic.drop_nulls(flow).select("side", "name", "cluster", ts="window_start", value=flow)
    carries = rows.with_columns(carries=pl.col("value").sum().over("side", "name", "cluster") > 0)
    carrying = pl.col("cluster").filter(pl.col("carries")).n_unique()
    expected = carries.group_by("side", "name").agg(expected=carrying)
    sums = carries.group_by("side", "name", "ts").agg(pl.col("value").sum(), seen=carrying)
    value = pl.when(pl.col("seen") == pl.col("expected")).then("value")
    known = sums.join(expected, on=["side", "name"])
    return known.select("name", "ts", value=value).sort("name", "ts")

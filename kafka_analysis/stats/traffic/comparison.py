"""Two windows side by side: all of it from the same samples, by the same functions."""

import polars as pl

from kafka_analysis.model.frames import Frame, back_to, same_kind, to_polars
from kafka_analysis.stats.load.topics import topic_load
from kafka_analysis.stats.scope.windows import Window
from kafka_analysis.stats.traffic.kinds import FLOWS, traffic_by_kind
from kafka_analysis.stats.traffic.mirroring import mirrored_records, names_at_source
from kafka_analysis.stats.traffic.rates import traffic_rates


def traffic_in(samples: Frame, window: Window, *, topics: Frame, flows: Frame = None) -> Frame:
    """Compute the traffic of each chosen topic in a window, business, internal and migration apart.

    Parameters
    ----------
    samples
        Samples of ``TRAFFIC_METRICS`` and, where there is a replicator, of ``mirror_records_total``. Lazy ones are
        read in batches.
    topics
        ``cluster``, ``topic`` chosen, with ``kind`` where it is known (``stats.select_topics``).
    flows
        Result of ``mirroring.mirror_flows``; None = found from the samples of the window alone.

    Returns
    -------
    frame of the kind given
        Result of ``stats.traffic_by_kind``.
    """
    rates = to_polars(traffic_rates(samples, start=window.start, end=window.end))
    return back_to(chosen_traffic(rates, topics=topics, flows=flows), samples)


@same_kind
def chosen_traffic(rates: Frame, *, topics: Frame = None, flows: Frame = None) -> Frame:
    """Split the traffic of chosen topics into business, internal and migration.

    Parameters
    ----------
    rates
        Result of ``stats.traffic_rates``, one row per series.
    topics, flows
        As for :func:`traffic_in`; no topics = all of them.

    Returns
    -------
    frame of the kind given
        Result of ``stats.traffic_by_kind``.

    Examples
    --------
    >>> rates = pl.DataFrame({"metric": "bytes_in_total", "cluster": "c", "broker": 1, "topic": ["t", "u"],
    ...     "entity": None, "rate_per_s": [5.0, 7.0], "uncovered_s": 0.0}, schema_overrides={"entity": pl.String})
    >>> chosen_traffic(rates, topics=rates.head(1)).select("topic", "kind", "bytes_in_per_s").rows()
    [('t', 'business', 5.0)]
    """
    load = topic_load(rates)
    if topics is not None:
        columns = [name for name in ("cluster", "topic", "kind") if name in topics.columns]
        load = load.join(topics.select(columns).unique(), on=["cluster", "topic"])
    return traffic_by_kind(load, mirrored=mirrored_records(rates, flows=flows))


@same_kind
def compare_windows(before: Frame, after: Frame, *, kind: str = "business") -> Frame:
    """Compare one kind of traffic, all clusters together, in two windows.

    Parameters
    ----------
    before, after
        Results of ``stats.sum_by_kind`` of the two windows.

    Returns
    -------
    frame of the kind given
        A row per flow: ``flow``, ``before``, ``after`` (per second), ``change`` = after / before − 1 (null when
        before is 0 or unknown).

    Examples
    --------
    >>> old = pl.DataFrame({"cluster": ["c"], "kind": ["business"], "bytes_in_per_s": [10.0], "bytes_out_per_s": [0.0],
    ...     "messages_in_per_s": [4.0], "evidence": ["measured"]})
    >>> new = old.with_columns(bytes_in_per_s=pl.lit(12.0))
    >>> compare_windows(old, new).rows()
    [('bytes_in_per_s', 10.0, 12.0, 0.2), ('bytes_out_per_s', 0.0, 0.0, None), ('messages_in_per_s', 4.0, 4.0, 0.0)]
    """
    rows = []
    for flow in FLOWS:
        old, new = (
            frame.filter(kind=kind)[flow].drop_nulls().to_list() or [None] for frame in (before, after)
        )
        first, second = (None if values == [None] else sum(values) for values in (old, new))
        change = round(second / first - 1, 12) if first and second is not None else None
        rows.append((flow, first, second, change))
    schema = {"flow": pl.String, "before": pl.Float64, "after": pl.Float64, "change": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


@same_kind
def compare_topics(before: Frame, after: Frame, *, kind: str = "business", flows: Frame = None) -> Frame:
    """Compare one kind of traffic topic by topic, all clusters together.

    Parameters
    ----------
    before, after
        Results of :func:`traffic_in` of the two windows.
    flows
        Result of ``stats.mirror_flows``: a topic that has another name at its target is the same topic.

    Returns
    -------
    frame of the kind given
        A row per flow and topic: ``flow``, ``topic`` (its name at the source), ``before``, ``after`` (per second),
        ``change`` = after / before − 1 (null when before is 0 or unknown). A topic seen in one window only is unknown
        in the other.

    Examples
    --------
    >>> one = pl.DataFrame({"cluster": ["old"], "topic": ["t"], "kind": ["business"], "bytes_in_per_s": [10.0],
    ...     "bytes_out_per_s": [0.0], "messages_in_per_s": [1.0]})
    >>> two = one.with_columns(cluster=pl.lit("new"), bytes_in_per_s=15.0)
    >>> compare_topics(one, two).row(0)
    ('bytes_in_per_s', 't', 10.0, 15.0, 0.5)
    """
    named = (names_at_source(frame, flows=flows).with_columns(topic="name") for frame in (before, after))
    old, new = (_per_topic(frame, kind, name) for frame, name in zip(named, ("before", "after"), strict=True))
    both = old.join(new, on=["flow", "topic"], how="full", coalesce=True)
    change = pl.when(pl.col("before") > 0).then(pl.col("after") / pl.col("before") - 1)
    return both.with_columns(change=change).sort("flow", "topic")


def _per_topic(traffic: pl.DataFrame, kind: str, name: str) -> pl.DataFrame:
    long = traffic.filter(kind=kind).unpivot(
        list(FLOWS), index=["topic"], variable_name="flow", value_name="value"
    )
    value = pl.col("value").cast(pl.Float64)
    summed = pl.when(value.count() > 0).then(value.sum())
    return long.group_by("flow", "topic").agg(summed.alias(name))


@same_kind
def both_windows(before: Frame, after: Frame) -> Frame:
    """Put the sums of two windows below one another, for a figure that shows both.

    Examples
    --------
    >>> sums = pl.DataFrame({"cluster": ["c"], "kind": ["business"]})
    >>> both_windows(sums, sums)["window"].to_list()
    ['before', 'after']
    """
    return pl.concat(
        frame.select(pl.lit(name).alias("window"), pl.all())
        for name, frame in (("before", before), ("after", after))
    )

"""Topics and the clients that read or write them, checked: the input of a split."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.frames import Frame
from kafka_analysis.plan.common.checks import first_few, refuse, typed_columns, with_columns_needed
from kafka_analysis.plan.common.evidence import weakness
from kafka_analysis.plan.common.outcome import NotRecordedError
from kafka_analysis.plan.split.options import RESOURCES

_UNKNOWN = "unknown"


@dataclass(frozen=True)
class TopicsAndFlows:
    """All topics, by name, and the flows between them and their clients.

    ``topics``: ``topic`` and a column per resource, all known; ``team`` where told. ``flows``: ``client``, ``kind``,
    ``topic``, ``bytes_per_s`` (null: unknown), ``evidence``; one row for each of the first three.
    ``resources``: the columns that count.
    """

    topics: pl.DataFrame
    flows: pl.DataFrame
    resources: tuple[str, ...]


def check_topics_and_flows(topics: Frame, flows: Frame, *, limited: Sequence[str] = ()) -> TopicsAndFlows:
    """Return topics and flows as a split needs them.

    Parameters
    ----------
    topics
        ``topic`` and amounts of it: any of ``bytes_in_per_s``, ``bytes_out_per_s``, ``size_bytes``, ``partitions``.
    flows
        ``client``, ``topic`` and, where known, ``kind``, ``bytes_per_s``, ``evidence``.
    limited
        Further columns of ``topics`` that count, because they are limited.

    Raises
    ------
    InputError
        There is no topic or no traffic, a topic comes twice, an amount is unknown or negative, or flows name a topic
        that is not there.

    Examples
    --------
    >>> topics = pl.DataFrame({"topic": ["b", "a"], "bytes_in_per_s": [1.0, 2.0]})
    >>> check_topics_and_flows(topics, pl.DataFrame({"client": ["c"], "topic": ["b"]})).flows.rows()
    [('c', 'unknown', 'b', None, 'declared')]
    """
    rows = with_columns_needed(topics, "topics", ["topic"])
    used = with_columns_needed(flows, "flows", ["client", "topic"])
    for name in limited:
        if name not in rows.columns:
            what = "resource in limits"
            raise InputError.unknown(
                what, name, [column for column in rows.columns if column not in ("topic", "team")]
            )
    resources = tuple(dict.fromkeys([name for name in RESOURCES if name in rows.columns] + list(limited)))
    source = TopicsAndFlows(_topics(rows, resources), _flows(used), resources)
    _check_names(source)
    _check_traffic(source)
    return source


def _topics(rows: pl.DataFrame, resources: tuple[str, ...]) -> pl.DataFrame:
    if rows.is_empty():
        raise InputError("no topics to split; give at least one")
    needs = {"topic": pl.String, **dict.fromkeys(resources, pl.Float64)}
    amounts = typed_columns(rows, "topics", needs, {"team": pl.String})
    no_name = pl.col("topic").is_duplicated() | pl.col("topic").is_null()
    refuse(amounts, no_name, "topics: listed twice or without a name", "list each topic once")
    for name in resources:
        amount, mend = pl.col(name), "measure it, or leave the whole column out"
        refuse(amounts, amount.is_null() | amount.is_nan(), f"topics: {name} is unknown", mend)
        wrong = (amount < 0) | amount.is_infinite()
        refuse(amounts, wrong, f"topics: {name} negative or not finite", "give amounts of 0 or more")
    return amounts.sort("topic")


def _flows(given: pl.DataFrame) -> pl.DataFrame:
    extras = {"kind": pl.String, "bytes_per_s": pl.Float64, "evidence": pl.String}
    rows = typed_columns(given, "flows", {"client": pl.String, "topic": pl.String}, extras).with_columns(
        pl.col("kind").fill_null(_UNKNOWN), pl.col("evidence").fill_null("declared"),
        pl.col("bytes_per_s").fill_nan(None),
    )  # fmt: skip
    if rows["client"].null_count() or rows["topic"].null_count():
        raise InputError("flows: a row has no client or no topic; give both in every row")
    wrong = (pl.col("bytes_per_s") < 0) | pl.col("bytes_per_s").is_infinite()
    mend = "give 0 or more, or null"
    refuse(rows, wrong, "flows: bytes_per_s negative or not finite", mend, column="client")
    keys = ["client", "kind", "topic"]
    rate = pl.col("bytes_per_s")
    total = pl.when(rate.is_null().all()).then(None).otherwise(rate.sum())
    return (
        rows.group_by(keys)
        .agg(bytes_per_s=total, evidence=pl.col("evidence").sort_by(weakness()).last())
        .sort(keys)
    )


def _check_names(source: TopicsAndFlows) -> None:
    stray = source.flows.join(source.topics, on="topic", how="anti")["topic"].unique()
    if len(stray):
        raise InputError(
            f"flows name topics that are not among the topics: {names_of(stray)}; add them to topics, or leave their "
            "flows out"
        )


def _check_traffic(source: TopicsAndFlows) -> None:
    rates = [name for name in source.resources if name.endswith("_per_s")]
    total = sum(source.topics[name].sum() for name in rates) + source.flows["bytes_per_s"].sum()
    if not total:
        raise NotRecordedError(
            "no topic has traffic in the window, so which topics belong together is unknown; choose another window"
        )


def names_of(names: pl.Series | Sequence[str]) -> str:
    """Name the first few, by name.

    Examples
    --------
    >>> names_of(["b", "a", "c", "d"])
    "'a', 'b', 'c' and 1 more"
    """
    return first_few(sorted({repr(str(name)) for name in names}))

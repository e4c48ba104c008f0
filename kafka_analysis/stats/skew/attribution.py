"""Attribute excess load to causes, one function each; ``causes`` says what each means and why in this order."""

import polars as pl

ALMOST_NONE = 0.1  # of the mean number of leaders or replicas of the others
RETURNING = 0.5  # the same, for a broker known to have come or come back
HOT_TOPIC = 1.5
PARTS = {"broker": pl.Int32, "cause": pl.String, "amount": pl.Float64, "name": pl.String}


def settled(brokers: pl.DataFrame) -> pl.DataFrame:
    """Mark the brokers in regular use; the others are new, or were restarted and carry nothing yet.

    A broker below the mean is not settled when it has at most a tenth of the leaders (or replicas) of the mean of those
    that have more, or at most half when it is known to have come or come back lately. Where that would be true of more
    than half of the brokers, all are settled: the few that carry everything are then the ones to look at.

    Parameters
    ----------
    brokers
        ``broker``, ``value``, ``units`` (leaders or replicas), ``known_new``.

    Examples
    --------
    >>> brokers = pl.DataFrame({"broker": [1, 2, 3, 4], "value": [9.0, 9.0, 0.0, 2.0], "units": [9.0, 9.0, 0.0, 2.0],
    ...     "known_new": [False, False, False, True]})
    >>> settled(brokers)["settled"].to_list()
    [True, True, False, False]
    """
    units, value = brokers["units"], brokers["value"]
    usual = units.filter(units > ALMOST_NONE * units.mean()).mean() or 0.0
    least = pl.when("known_new").then(RETURNING).otherwise(ALMOST_NONE) * usual
    idle = (pl.col("units") <= least) & (pl.col("value") < value.mean())
    return brokers.with_columns(settled=~idle | (idle.sum() > pl.len() / 2))


def rack_parts(brokers: pl.DataFrame, *, mean: float) -> pl.DataFrame:
    """Add ``in_rack``: what each broker carries above the mean because all of its rack does.

    Parameters
    ----------
    brokers
        ``broker``, ``rack`` (null = unknown, and so never a cause), ``value``.
    mean
        Of the settled brokers.

    Examples
    --------
    >>> brokers = pl.DataFrame({"broker": [1, 2, 3, 4], "rack": ["a", "a", "b", "b"], "value": [9.0, 7.0, 4.0, 4.0]})
    >>> rack_parts(brokers, mean=6.0)["in_rack"].to_list()
    [1.0, 1.0, 0.0, 0.0]
    """
    placed = brokers.drop_nulls("rack")
    racks, largest = placed["rack"].n_unique(), placed.group_by("rack").len()["len"].max() or 0
    if racks < 2 or largest < 2:
        return brokers.with_columns(in_rack=pl.lit(0.0))
    common = pl.col("value").min().over("rack") - mean
    alone = pl.len().over("rack") == 1
    due = brokers["value"].sum() / racks - mean
    part = pl.when(alone).then(pl.min_horizontal(common, pl.lit(due))).otherwise(common)
    return brokers.with_columns(
        in_rack=pl.when(pl.col("rack").is_not_null()).then(part.clip(0.0)).otherwise(0.0)
    )


def means_of_topics(topics: pl.DataFrame, base: pl.DataFrame) -> pl.DataFrame:
    """Add what the topic has on the brokers in regular use: ``topic_units`` (leaders or replicas), load ``per_unit``.

    Examples
    --------
    >>> topics = pl.DataFrame({"broker": [1, 2], "topic": "t", "value": [9.0, 3.0], "units": [2.0, 1.0]})
    >>> means_of_topics(topics, topics).select("topic_units", "per_unit").row(0)
    (3.0, 4.0)
    """
    there = topics.join(base.select("broker").unique(), on="broker", how="semi")
    sums = there.group_by("topic").agg(topic_units=pl.col("units").sum(), total=pl.col("value").sum())
    mean = pl.when(pl.col("topic_units") > 0).then(pl.col("total") / pl.col("topic_units"))
    return topics.join(sums.with_columns(per_unit=mean).drop("total"), on="topic", how="left")


def hot_topic_parts(over: pl.DataFrame, topics: pl.DataFrame, *, per_unit: float) -> pl.DataFrame:
    """Return the excess of each broker from more partitions of heavy topics than its number of partitions would bring.

    Parameters
    ----------
    over
        ``broker``, ``units``, ``factor`` of the overloaded brokers.
    topics
        Result of :func:`means_of_topics`.
    per_unit
        Mean load of one leader, or replica, of all topics.

    Examples
    --------
    >>> over = pl.DataFrame({"broker": [1], "units": [2.0], "factor": [1.0]})
    >>> topics = pl.DataFrame({"broker": [1, 1, 2], "topic": ["hot", "t", "t"], "value": [8.0, 1.0, 2.0],
    ...     "units": [1.0, 1.0, 2.0]})
    >>> hot_topic_parts(over, means_of_topics(topics, topics), per_unit=11 / 4).row(0)
    (1, 'hot_topics', 2.625, 'hot')
    """
    kinds = topics.select("topic", "topic_units", "per_unit").unique().drop_nulls()
    usual = pl.col("units") * pl.col("topic_units") / kinds["topic_units"].sum()
    hot = kinds.filter(pl.col("per_unit") >= HOT_TOPIC * per_unit)
    here = topics.select("broker", "topic", own="units")
    rows = over.join(hot, how="cross").join(here, on=["broker", "topic"], how="left")
    more = pl.col("own").fill_null(0.0) - usual
    amount = more * (pl.col("per_unit") - per_unit) * pl.col("factor")
    return rows.select("broker", cause=pl.lit("hot_topics"), amount=amount, name="topic").cast(PARTS)


def hot_key_parts(over: pl.DataFrame, topics: pl.DataFrame, hot: pl.DataFrame) -> pl.DataFrame:
    """Return what topics with a hot partition put on each broker beyond the mean of their partitions there.

    Parameters
    ----------
    over, topics
        As for :func:`hot_topic_parts`.
    hot
        ``topic``, ``partition``: the hot ones.

    Examples
    --------
    >>> over = pl.DataFrame({"broker": [1], "units": [2.0], "factor": [1.0]})
    >>> topics = pl.DataFrame({"broker": [1, 2], "topic": "t", "value": [10.0, 2.0], "units": [2.0, 2.0]})
    >>> hot = pl.DataFrame({"topic": ["t"], "partition": [3]})
    >>> hot_key_parts(over, means_of_topics(topics, topics), hot).row(0)
    (1, 'hot_keys', 4.0, 't-3')
    """
    rows = over.select("broker", "factor").join(topics, on="broker").join(hot, on="topic")
    beyond = pl.col("value") - pl.col("units") * pl.col("per_unit")
    amount = beyond.fill_null(0.0) * pl.col("factor")
    name = pl.format("{}-{}", "topic", "partition")
    return rows.select("broker", cause=pl.lit("hot_keys"), amount=amount, name=name).cast(PARTS)

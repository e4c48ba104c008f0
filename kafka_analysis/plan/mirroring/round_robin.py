"""Which task of a MirrorSourceConnector mirrors which partition: MirrorMaker 2's own round-robin, blind to load."""

from collections.abc import Iterable
from functools import lru_cache

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind

_WORD = 1 << 32


@lru_cache(maxsize=100_000)
def string_hash(text: str) -> int:
    """Return Java's ``String.hashCode`` of a text, as an unsigned number of 32 bits.

    Source: ``java.lang.String``: s[0]·31^(n−1) + … + s[n−1] over UTF-16 code units.

    Examples
    --------
    >>> string_hash("orders"), string_hash("")
    (3286196965, 0)
    """
    value = 0
    units = text.encode("utf-16-be", "surrogatepass")
    for high, low in zip(units[::2], units[1::2], strict=True):
        value = (31 * value + (high << 8 | low)) % _WORD
    return value


def hash_map_order(topics: Iterable[str]) -> list[str]:
    """Return topics in the order in which a Java ``HashMap`` of them is iterated.

    MirrorMaker gathers its topics in a set, describes them, and takes the values of the map that the admin client
    returns. That map has room for as many entries as there are topics, doubled while more than three quarters are
    taken; topics of one bucket keep the order of the map of answers and of the set, which may have more buckets.
    Topics of one bucket of all three are sorted by name here, as nobody can tell.

    Source: Apache Kafka, ``MirrorSourceConnector.findSourceTopicPartitions``, ``DescribeTopicsResult``;
    ``java.util.HashMap``.

    Examples
    --------
    >>> hash_map_order(["orders", "payments", "clicks"])
    ['clicks', 'orders', 'payments']
    """
    names = sorted(topics)
    count = len(names)
    of_values, of_set = _grown(_power_of_two(count), count), _grown(16, count)
    of_answers = _power_of_two(int(count / 0.75 + 1))

    def buckets(name: str) -> tuple[int, int, int]:
        spread = string_hash(name) ^ string_hash(name) >> 16
        return spread & (of_values - 1), spread & (of_answers - 1), spread & (of_set - 1)

    return sorted(names, key=buckets)


def _power_of_two(least: int) -> int:
    return 1 << max(least - 1, 0).bit_length()


def _grown(buckets: int, entries: int) -> int:
    while entries > 0.75 * buckets:
        buckets *= 2
    return buckets


@same_kind
def round_robin(partitions: Frame, *, tasks_max: int) -> Frame:
    """Divide partitions among the tasks of one connector as MirrorMaker 2 does: in turn, topic after topic.

    Parameters
    ----------
    partitions
        ``topic``, ``partition`` of all that the connector mirrors; other columns are kept.
    tasks_max
        The connector's ``tasks.max``; there are never more tasks than partitions.

    Returns
    -------
    frame of the kind given
        ``partitions`` with ``task``, from 0, in the order in which they were dealt out.

    Raises
    ------
    ValueError
        ``tasks_max`` is below 1.

    Examples
    --------
    >>> rows = pl.DataFrame({"topic": ["a"] * 3 + ["b"] * 2, "partition": [0, 1, 2, 0, 1]})
    >>> round_robin(rows, tasks_max=2).select("topic", "partition", "task").rows()
    [('a', 0, 0), ('a', 1, 1), ('a', 2, 0), ('b', 0, 1), ('b', 1, 0)]
    """
    if tasks_max < 1:
        raise ValueError(f"tasks_max is {tasks_max}; give 1 or more")
    order = hash_map_order(partitions["topic"].unique().to_list())
    place = {name: number for number, name in enumerate(order)}
    dealt = partitions.sort(
        pl.col("topic").replace_strict(place, return_dtype=pl.Int64), "partition", maintain_order=True
    )
    return dealt.with_columns(task=pl.int_range(pl.len()) % tasks_max)


@same_kind
def task_loads(dealt: Frame, *, load: str = "records_per_s") -> Frame:
    """Add up what each task mirrors.

    Parameters
    ----------
    dealt
        Result of :func:`round_robin`, or of :func:`~kafka_analysis.plan.mirroring.division.divide_topics`:
        ``connector`` (optional), ``task`` and the load.
    load
        The column that is added up.

    Returns
    -------
    frame of the kind given
        ``connector`` where there is one, ``task``, ``partitions``, the load, and ``over_mean``: load ÷ mean of all
        tasks. A load with an unknown part is null.

    Examples
    --------
    >>> rows = pl.DataFrame({"task": [0, 0, 1], "records_per_s": [1.0, 2.0, 1.0]})
    >>> task_loads(rows).rows()
    [(0, 2, 3.0, 1.5), (1, 1, 1.0, 0.5)]
    """
    keys = [name for name in ("connector", "task") if name in dealt.columns]
    known = pl.when(pl.col(load).null_count() == 0).then(pl.col(load).sum())
    sums = dealt.group_by(keys).agg(pl.len().alias("partitions"), known.alias(load)).sort(keys)
    return sums.with_columns(over_mean=pl.col(load) / pl.col(load).mean())

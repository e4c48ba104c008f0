"""Name what no dialect reads on a page, and tell whether it looks like Kafka's."""

import re
from collections.abc import Iterable, Sequence

import polars as pl

from kafka_analysis.model.brief_text import brief
from kafka_analysis.sources.exposition.page import Exposition
from kafka_analysis.sources.spelling.detect import ROW, Page, label, page_of, recognised
from kafka_analysis.sources.spelling.families import Dialect

LONGEST_NAME = 200
GUIDE = "docs/dialects.md"
LIKE_KAFKA = "names look like Kafka's but match no known dialect"
_LIKE_KAFKA = re.compile(
    r"kafka|broker_?topic_?metrics|replica_?manager|(?:bytes|messages)_?(?:in|out)_?per_?sec|under_?replicated"
    r"|consumer_?group",
    re.IGNORECASE,
)
_NAMED = 5


def unknown_names(exposition: Exposition, chosen: Sequence[Dialect]) -> dict[str, int]:
    r"""Count the lines that no dialect reads, by their name: names that look like Kafka's first, then by their number.

    Parameters
    ----------
    exposition
        A parsed page.
    chosen
        The dialects it is read by.

    Returns
    -------
    dict of str to int
        Lines of each name, with the label ``name`` where there is one: without rules it says which MBean a line is of.

    Examples
    --------
    >>> from kafka_analysis.sources.exposition.page import parse_exposition
    >>> unknown_names(parse_exposition(b'up 1\nup 2\nkafka_x_Value{name="Y"} 1\n'), ())
    {'kafka_x_Value{name="Y"}': 1, 'up': 2}
    """
    lines = unread_lines(page_of(exposition), chosen)
    mbean = label(lines, "name")
    tail = pl.concat_str(pl.lit('{name="'), mbean, pl.lit('"}'))  # null where there is none
    shown = pl.concat_str("metric", tail, ignore_nulls=True)
    counts = lines.select(shown.alias("name")).group_by("name").len()
    ordered = sorted(counts.rows(), key=lambda row: (not is_like_kafka(row[0]), -row[1], row[0]))
    return {brief(name, LONGEST_NAME): lines for name, lines in ordered}


def unread_lines(page: Page, chosen: Sequence[Dialect]) -> pl.DataFrame:
    r"""Return the lines of a page that no dialect reads.

    Examples
    --------
    >>> from kafka_analysis.sources.exposition.page import parse_exposition
    >>> unread_lines(page_of(parse_exposition(b"up 1\nup 2\n")), ())["value"].to_list()
    [1.0, 2.0]
    """
    rows: set[int] = set()
    for family in (family for dialect in chosen for family in dialect.families):
        if family.names.keys() & page.names:
            rows |= set(recognised(page, family, but=rows)[ROW])
    return page.lines.filter(~pl.col(ROW).is_in(sorted(rows))) if rows else page.lines


def is_like_kafka(name: str) -> bool:
    """Tell whether a name looks like one of Kafka's metrics.

    Examples
    --------
    >>> [is_like_kafka(name) for name in ("acme_kafka_in", "BrokerTopicMetrics_BytesIn", "strimzi_resources")]
    [True, True, False]
    """
    return _LIKE_KAFKA.search(name) is not None


def spelled_otherwise(names: Iterable[str]) -> str | None:
    """Say that names look like Kafka's and are spelled in no way that is known; None when none does.

    Parameters
    ----------
    names
        The result of :func:`unknown_names`.

    Examples
    --------
    >>> spelled_otherwise(["acme_kafka_in", "up"])
    "names look like Kafka's but match no known dialect: acme_kafka_in; write a dialect: docs/dialects.md"
    >>> spelled_otherwise(["up"]) is None
    True
    """
    like = [name for name in names if is_like_kafka(name)]
    if not like:
        return None
    shown = ", ".join(brief(name, 80) for name in like[:_NAMED]) + (", …" if len(like) > _NAMED else "")
    return f"{LIKE_KAFKA}: {shown}; write a dialect: {GUIDE}"

"""The words that exporters bring into samples and manifests, read from the files that describe them."""

from collections.abc import Iterator
from functools import cache

from kafka_analysis.sources.amazon.cloudwatch_names import names
from kafka_analysis.sources.spelling.dialects import dialects
from kafka_analysis.sources.spelling.families import Dialect


@cache
def exporter_words() -> frozenset[str]:
    """Return names and kinds of dialects, the stats they write, and entities that they and CloudWatch's files name.

    None of them belongs to a user: redaction lets them stay. A dialect of the user's own is not among them.

    Examples
    --------
    >>> words = exporter_words()
    >>> [word in words for word in ("msk_lowercase", "p99", "FetchFollower", "data logs", "orders")]
    [True, True, True, True, False]
    """
    cloud = {word for family in names().families for word in (family.entity, family.stat) if word}
    return frozenset(cloud.union(*(_words(dialect) for dialect in dialects())))


def _words(dialect: Dialect) -> Iterator[str]:
    yield from (dialect.name, dialect.kind)
    for family in dialect.families:
        yield from filter(None, (*family.names.values(), *family.stats.values()))
        yield from (word for label in family.entity for word in family.only.get(label, ()))

"""Check names of topics that a user gave against those that are there."""

from collections.abc import Iterable, Sequence

from kafka_analysis.model.errors import InputError

_WILDCARDS = frozenset("*?[")


def check_topic_names(patterns: Sequence[str], topics: Iterable[str]) -> None:
    """Check that names without wildcards are names of topics.

    Raises
    ------
    InputError
        One is not; the nearest is suggested.

    Examples
    --------
    >>> check_topic_names(["tmp-*", "orders"], ["orders"])
    """
    names = set(topics)
    for pattern in patterns:
        if not _WILDCARDS & set(pattern) and pattern not in names:
            raise InputError.unknown("topic", pattern, sorted(names))

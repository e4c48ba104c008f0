"""What a load consists of: the names of its columns, in words and with units."""

from typing import NamedTuple

# How far the fullest broker may exceed the mean: Cruise Control's balance thresholds are 1.10 by default.
TOLERANCE = 0.1


class Resource(NamedTuple):
    """A column of a load frame: what people call it, and the unit of its values."""

    words: str
    unit: str

    @property
    def title(self) -> str:
        """Return the words as a title.

        Examples
        --------
        >>> RESOURCES["bytes_in_per_s"].title
        'Bytes in'
        """
        return self.words[:1].upper() + self.words[1:]


RESOURCES = {
    "bytes_in_per_s": Resource("bytes in", "B/s"),
    "bytes_out_per_s": Resource("bytes out", "B/s"),
    "messages_in_per_s": Resource("messages in", "records/s"),
    "size_bytes": Resource("bytes stored", "B"),
    "replication_bytes_in_per_s": Resource("bytes replicated in", "B/s"),
    "replication_bytes_out_per_s": Resource("bytes replicated out", "B/s"),
    "leaders": Resource("leaders", "leaders"),
    "replicas": Resource("replicas", "replicas"),
    "requests_per_s": Resource("requests", "requests/s"),
    "connections": Resource("connections", "connections"),
    "records_per_s": Resource("records appended", "records/s"),
}
# What a plan evens out: each replica takes a topic's bytes in, and its leader sends them to the others.
PLANNED_RESOURCES = RESOURCES | {
    "bytes_in_per_s": Resource("bytes in with replication", "B/s"),
    "bytes_out_per_s": Resource("bytes out with replication", "B/s"),
}

_RULES = {
    "brokers that are there": "replicas only on brokers that stay",
    "as many copies": "the requested replication factor",
    "as many racks as possible": "replicas in as many racks as possible",
}


def words_of(name: str) -> str:
    """Return what people call a resource; other names with blanks.

    Examples
    --------
    >>> words_of("size_bytes"), words_of("cpu_share")
    ('bytes stored', 'cpu share')
    """
    return RESOURCES[name].words if name in RESOURCES else name.replace("_", " ")


def goal_words(goal: str | None) -> str:
    """Return what people call a goal of a plan: the words of a resource, or of a rule.

    Examples
    --------
    >>> goal_words("size_bytes"), goal_words("as many copies")
    ('bytes stored', 'the requested replication factor')
    """
    return PLANNED_RESOURCES[goal].words if goal in PLANNED_RESOURCES else _RULES.get(str(goal), str(goal))

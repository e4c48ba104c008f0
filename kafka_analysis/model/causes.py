"""Why a load lies unevenly: the causes that an excess is told apart into, in the order in which they get their part."""

from __future__ import annotations

from typing import NamedTuple


class Cause(NamedTuple):
    """What people call a cause, and what can be done about it."""

    words: str
    action: str


CAUSES = {
    "new_broker": Cause(
        "new or returned broker",
        "Move replicas to it, or elect preferred leaders where it holds replicas and does not lead them.",
    ),
    "racks": Cause(
        "uneven racks",
        "Give racks equal numbers of brokers, or spread leaders and replicas over racks evenly, before moving "
        "anything within a rack.",
    ),
    "replicas": Cause("replicas unbalanced", "Move replicas to the brokers that hold fewer of them."),
    "leaders": Cause(
        "leaders unbalanced", "Change which replica leads (reorder replicas, then elect): it costs no data."
    ),
    "hot_topics": Cause(
        "hot topics", "Place the partitions of these topics apart, or spread them over more partitions."
    ),
    "hot_keys": Cause(
        "hot keys in a topic",
        "Use a finer key or another partitioner: moving replicas only moves such a partition elsewhere.",
    ),
    "mixture": Cause(
        "mixture of topics", "Let a rebalance plan weigh partitions by their load, not by their number."
    ),
}

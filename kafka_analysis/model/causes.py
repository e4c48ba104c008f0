"""Why a load lies unevenly: the causes that an excess is told apart into, in the order in which they get their part."""

from typing import NamedTuple


class Cause(NamedTuple):
    """What people call a cause, and what can be done about it; ``{names}`` stands for what bears it."""

    words: str
    action: str


CAUSES = {
    "new_broker": Cause(
        "new or returned broker",
        "Put {names} to use: move replicas there, or elect preferred leaders where there are replicas but no leaders.",
    ),
    "racks": Cause(
        "uneven racks",
        "Move leaders and replicas out of {names}, or give every rack the same number of brokers; moves "
        "within a rack do not help.",
    ),
    "replicas": Cause("unbalanced replicas", "Move replicas from {names} to the brokers with the fewest."),
    "leaders": Cause(
        "unbalanced leaders",
        "Let other replicas lead some partitions of {names}: reorder the replicas, then elect. That copies no data.",
    ),
    "hot_topics": Cause(
        "hot topics",
        "Place the partitions of {names} on different brokers, or give the topics more partitions.",
    ),
    "hot_keys": Cause(
        "hot keys in a topic",
        "Look at the keys of partitions {names}: a finer key or a partitioner spreads them; moving replicas does not.",
    ),
    "mixture": Cause(
        "mixture of topics and partitions",
        "Rebalance by the load of partitions, not their number, and move some off {names}.",
    ),
}
PREFERRED = "Elect preferred leaders, which copies no data: of the leaders on {names}, {n} belong elsewhere."

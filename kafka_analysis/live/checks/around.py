"""Read what a cut-over must know of a cluster besides its records: transactions, producers, certificates."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

import polars as pl

from kafka_analysis.live.checks.end_of_pair import End
from kafka_analysis.live.checks.stretch_choice import Partition, some_of
from kafka_analysis.model.errors import KafkaAnalysisError
from kafka_analysis.model.parameters.cutover_reads import CutoverReads
from kafka_analysis.sources.http.deadline import Deadline
from kafka_analysis.sources.kafka.certificates import read_certificates
from kafka_analysis.sources.kafka.contact import ensure_contact
from kafka_analysis.sources.kafka.log_dirs import admin_client
from kafka_analysis.sources.kafka.metadata import describe_cluster, metadata
from kafka_analysis.sources.kafka.stretches import Place
from kafka_analysis.sources.kafka.transactions import read_active_producers, read_transactions

Read = tuple[pl.DataFrame, str | None]
_KAFKAS_OWN = "__"  # offsets that are committed within a transaction are no topic of a wave


@dataclass(frozen=True)
class Around:
    """Tables of a cluster, and words of what they lack; ``lacking``: the same of each table that is not whole."""

    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    lacking: Mapping[str, str] = field(default_factory=dict)


def read_around(
    end: End, topics: Collection[str], *, options: CutoverReads, timeout_s: float, deadline: Deadline
) -> Around:
    """Read transactions, producers and certificates of a cluster; what fails takes nothing else along.

    Parameters
    ----------
    topics
        Whose producers are read first; then those of all others, which a transaction may write to as well.
    timeout_s
        Seconds for one question.
    """
    reads: dict[str, Callable[[], Read]] = {}
    if options.certificates:
        reads["certificates"] = lambda: _certificates(end, timeout_s, deadline)
    if options.transactions:
        reads["transactions"] = lambda: _transactions(end, timeout_s, deadline)
        reads["active_producers"] = lambda: _producers(end, topics, options, timeout_s, deadline)
    tables: dict[str, pl.DataFrame] = {}
    lacking: dict[str, str] = {}
    for name, read in reads.items():
        try:
            deadline.check()
            tables[name], missing = read()
        except KafkaAnalysisError as error:
            missing = f"{name} not read: {error}"
        lacking |= {name: end.cluster.scrub(missing)} if missing else {}
    return Around(tables, tuple(f"{end.name}: {words}" for words in lacking.values()), lacking)


def _certificates(end: End, timeout_s: float, deadline: Deadline) -> Read:
    """Look at the certificates of all brokers; where the cluster does not answer, of the bootstrap servers."""
    silent = None
    brokers: list[tuple[int, str, int]] = []
    if end.cluster.security.protocol.endswith("SSL"):
        try:
            # A cluster that is silent must leave time to look at what its bootstrap servers show: why it is silent.
            nodes = describe_cluster(end.admin, timeout_s=min(timeout_s, deadline.left / 3)).nodes
            brokers = [(node.id, node.host, node.port) for node in nodes]
        except KafkaAnalysisError as error:
            silent = f"certificates of the bootstrap servers only: {error}"
    rows, missing = read_certificates(end.cluster, brokers, timeout_s=timeout_s, deadline=deadline)
    return rows, "; ".join(text for text in (silent, missing) if text) or None


def _transactions(end: End, timeout_s: float, deadline: Deadline) -> Read:
    ensure_contact(end.admin, min(timeout_s, max(deadline.left, 0.1)))
    with admin_client(end.cluster, timeout_s=max(min(timeout_s, deadline.left), 1)) as client:
        return read_transactions(client, cluster=end.name, deadline=deadline)


def _producers(
    end: End, topics: Collection[str], options: CutoverReads, timeout_s: float, deadline: Deadline
) -> Read:
    listed = metadata(end.admin, min(timeout_s, max(deadline.left, 0.1))).topics
    leaders: dict[Place, int] = {
        (topic, number): part.leader
        for topic in listed
        if topic in topics or not topic.startswith(_KAFKAS_OWN)
        for number, part in listed[topic].partitions.items()
        if part.leader >= 0
    }
    # A transaction of these topics may write to others too: those come after them, as far as the limit lets them.
    chosen: list[Partition] = []
    for is_wanted in (True, False):
        places = [place for place in leaders if (place[0] in topics) == is_wanted]
        left = options.partitions_at_most - len(chosen)
        chosen += some_of((Partition(*place[:1], *place) for place in places), max(left, 0), options.seed)
    with admin_client(end.cluster, timeout_s=max(min(timeout_s, deadline.left), 1)) as client:
        of = {part.at_source: leaders[part.at_source] for part in chosen}
        rows, missing = read_active_producers(client, of, cluster=end.name, deadline=deadline)
    some = f"producers of {len(of)} of {len(leaders)} partitions read" if len(of) < len(leaders) else None
    return rows, "; ".join(text for text in (some, missing) if text) or None

"""Who writes to which topic: declared, or read from the rights to write, since brokers do not count producers."""

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind

_TOPIC = ["cluster", "topic"]
_COLUMNS = ["cluster", "client", "kind", "topic", "bytes_per_s", "evidence"]
_EVERYBODY = "User:*"


@same_kind
def producer_flows(declared: Frame, *, traffic: Frame, topics: Frame, acls: Frame = None) -> Frame:
    """Return what each producer writes to each topic.

    Of a topic's bytes in, what its declared flows leave over is shared evenly among the producers of whom no bytes
    were declared.

    Parameters
    ----------
    declared
        ``cluster``, ``client``, ``topic``, ``bytes_per_s`` (null = not declared), ``evidence``.
    traffic
        Result of ``stats.topic_load``.
    topics
        ``cluster``, ``topic`` to look at.
    acls
        Rows of the capture's ``acls`` table, for topics of which no producer is declared.

    Returns
    -------
    frame of the kind given
        ``cluster``, ``client``, ``kind``, ``topic``, ``bytes_per_s``, ``evidence`` and what else ``declared`` holds:
        ``estimated`` where the bytes were shared. Null bytes: those of the topic are not known.

    Examples
    --------
    >>> declared = pl.DataFrame({"cluster": "c", "client": ["p", "q", "r"], "topic": "t",
    ...     "bytes_per_s": [60.0, None, None], "evidence": "declared"})
    >>> traffic = pl.DataFrame({"cluster": ["c"], "topic": ["t"], "bytes_in_per_s": [100.0]})
    >>> producer_flows(declared, traffic=traffic, topics=traffic).select("client", "bytes_per_s", "evidence").rows()
    [('p', 60.0, 'declared'), ('q', 20.0, 'estimated'), ('r', 20.0, 'estimated')]
    """
    if acls is not None:
        entitled = acl_producers(acls, topics=topics.join(declared, on=_TOPIC, how="anti"))
        entitled = entitled.with_columns(evidence=pl.lit("declared"))
        declared = pl.concat([declared, entitled], how="diagonal_relaxed")
    silent = pl.col("bytes_per_s").is_null()
    left = pl.col("bytes_in_per_s") - pl.col("bytes_per_s").sum().over(_TOPIC)
    share = left.clip(lower_bound=0.0) / silent.sum().over(_TOPIC)
    written = traffic.select(*_TOPIC, "bytes_in_per_s")
    shared = declared.join(written, on=_TOPIC, how="left").with_columns(
        kind=pl.lit("producer"),
        bytes_per_s=pl.when(silent).then(share).otherwise("bytes_per_s"),
        evidence=pl.when(silent & share.is_not_null()).then(pl.lit("estimated")).otherwise("evidence"),
    )
    others = [name for name in declared.columns if name not in _COLUMNS]
    return shared.select(*_COLUMNS, *others).sort("cluster", "client", "topic")


@same_kind
def acl_producers(acls: Frame, *, topics: Frame) -> Frame:
    """Return the principals that may write to each topic by an entry that names it, or a beginning of its name.

    An entry for everybody (``User:*``) or for every topic (``*``) says nothing of who writes what and is left out; a
    DENY from every host takes a right away, as Kafka does.

    Parameters
    ----------
    acls
        ``cluster``, ``principal``, ``host``, ``resource_type``, ``resource_name``, ``pattern_type``, ``operation``,
        ``permission``.
    topics
        ``cluster``, ``topic``.

    Returns
    -------
    frame of the kind given
        ``cluster``, ``client`` (the principal), ``topic``. A right is not a flow: who has it need not use it.

    Examples
    --------
    >>> acls = pl.DataFrame({"cluster": "c", "principal": ["User:a", "User:b"], "host": "*", "resource_type": "TOPIC",
    ...     "resource_name": ["orders.", "orders.new"], "pattern_type": ["PREFIXED", "LITERAL"], "operation": "WRITE",
    ...     "permission": "ALLOW"})
    >>> topics = pl.DataFrame({"cluster": "c", "topic": ["orders.new", "orders.old"]})
    >>> acl_producers(acls, topics=topics).rows()
    [('c', 'User:a', 'orders.new'), ('c', 'User:a', 'orders.old'), ('c', 'User:b', 'orders.new')]
    """
    writes = pl.col("operation").is_in(["WRITE", "ALL"]) & (pl.col("resource_type") == "TOPIC")
    allow = acls.filter(writes, permission="ALLOW")
    deny = acls.filter(writes, permission="DENY", host="*")
    named = allow.filter(pl.col("principal") != _EVERYBODY, pl.col("resource_name") != "*")
    denied = _topics_of(deny, topics)
    nobody = denied.filter(principal=_EVERYBODY)
    left = (
        _topics_of(named, topics)
        .join(denied, on=["cluster", "principal", "topic"], how="anti")
        .join(nobody, on=_TOPIC, how="anti")
    )
    columns = ["cluster", "client", "topic"]
    return left.rename({"principal": "client"}).select(columns).sort(columns)


def _topics_of(acls: pl.DataFrame, topics: pl.DataFrame) -> pl.DataFrame:
    """Pair each entry with the topics it is about."""
    keys = ["cluster", "principal", "topic"]
    listed = topics.select(_TOPIC).unique()
    named = acls.select("cluster", "principal", "pattern_type", name="resource_name").unique()
    literal = named.filter(pattern_type="LITERAL")
    prefixed = named.filter(pattern_type="PREFIXED").join(listed, on="cluster")
    parts = (
        literal.rename({"name": "topic"}).join(listed, on=_TOPIC, how="semi"),
        literal.filter(name="*").join(listed, on="cluster"),
        prefixed.filter(pl.col("topic").str.starts_with(pl.col("name"))),
    )
    return pl.concat([part.select(keys) for part in parts]).unique()

"""All of parity at once: what differs between the two ends of a wave."""

from collections.abc import Collection, Mapping

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.stats.parity.access import access_parity
from kafka_analysis.stats.parity.brokers import broker_parity, open_to_all
from kafka_analysis.stats.parity.configs import config_parity
from kafka_analysis.stats.parity.quotas import quota_parity
from kafka_analysis.stats.parity.rows import TABLE_OF, Known, Parity, joined
from kafka_analysis.stats.parity.schemas import schema_parity
from kafka_analysis.stats.parity.topics import topic_parity
from kafka_analysis.stats.parity.users import user_parity

PARITY_TABLES = (*TABLE_OF.values(), "brokers")


def measure_parity(
    pairs: Frame,
    tables: Mapping[str, Frame],
    *,
    known: Known,
    flavours: Mapping[str, str | None] | None = None,
    authorizers: Mapping[str, bool | None] | None = None,
    users: Collection[str] | None = None,
) -> Parity:
    """Compare the two ends of a migration in all that clients of a wave rely on.

    Parameters
    ----------
    pairs
        ``source``, ``source_topic``, ``target``, ``topic``: the topics that move, and their names at the target.
    tables
        One snapshot of each table in ``stats.PARITY_TABLES``, by name.
    known
        Pairs of a cluster and a table that was read with the right to see all.
    flavours, authorizers
        Of the clusters, as far as it is known: who runs them, and whether they check rights.
    users
        Names of the users of the wave, without ``User:``, for quotas and SCRAM users; None: all.

    Returns
    -------
    Parity
        What must be fixed comes first. A row ``unknown`` stands for all that was not seen of a pair of clusters.

    Examples
    --------
    >>> from kafka_analysis.model.tables import empty_table
    >>> import polars as pl
    >>> pair = pl.DataFrame({"source": ["a"], "source_topic": "t", "target": "b", "topic": "t"})
    >>> nothing = {name: empty_table(name) for name in PARITY_TABLES}
    >>> measure_parity(pair, nothing, known=set()).differences["kind"].unique().to_list()
    ['unknown']
    """
    rows = {name: to_polars(tables[name]) for name in PARITY_TABLES}
    kinds = flavours or {}
    moved = to_polars(pairs)
    configs = rows["broker_configs"]
    return joined(
        [
            topic_parity(moved, partitions=rows["partitions"], known=known, flavours=kinds),
            config_parity(moved, topic_configs=rows["topic_configs"], known=known, flavours=kinds),
            broker_parity(moved, broker_configs=configs, known=known, flavours=kinds),
            access_parity(
                moved,
                acls=rows["acls"],
                known=known,
                open_to_all=open_to_all(configs, kinds),
                authorizers=authorizers,
            ),
            quota_parity(moved, quotas=rows["quotas"], brokers=rows["brokers"], known=known, users=users),
            user_parity(
                moved, users=rows["users"], known=known, broker_configs=configs, flavours=kinds, names=users
            ),
            schema_parity(moved, schemas=rows["schemas"], known=known),
        ]
    )

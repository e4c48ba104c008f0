"""What a simulated MirrorMaker 2 stores at a target: its positions at the source, its connectors and their tasks."""

import re
from math import ceil

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kafka_analysis.model.tables import filled
from kafka_analysis.simulate.cluster import Stretch
from kafka_analysis.simulate.layout import SOURCE, Layout

Ints = NDArray[np.int64]
PARTITIONS_PER_TASK = 10
_CONNECTORS = ("MirrorSourceConnector", "MirrorCheckpointConnector", "MirrorHeartbeatConnector")
_SETTINGS = {
    "replication.policy.class": "org.apache.kafka.connect.mirror.IdentityReplicationPolicy",
    "replication.factor": "3",
    "groups": ".*",
    "sync.group.offsets.enabled": "true",
    "emit.checkpoints.interval.seconds": "20",
    "sync.group.offsets.interval.seconds": "20",
}


def mirror_tables(
    source: Stretch, layout: Layout, *, times: Ints, mirror_from: int, last: int
) -> dict[str, pl.DataFrame]:
    """Return the rows about a mirror that copies everything at once: its position is the end of the source's log.

    Parameters
    ----------
    source
        Some scrapes of the source.
    layout
        The target.
    times
        When the scrapes were, in ms since the epoch.
    mirror_from, last
        Scrape at which the mirror starts, and the last one.
    """
    due = np.flatnonzero(source.steps > mirror_from)
    if not len(due):
        return {}
    entries = np.arange(len(layout.business))
    ends = source.log_end[due][:, layout.business].reshape(-1)
    place = np.tile(entries, len(due))
    columns = {
        "cluster": layout.name,
        "ts": np.repeat(times[due], len(entries)),
        "connector": _CONNECTORS[0],
        "source": SOURCE,
        "topic": layout.names.gather(layout.topic[place]),
        "partition": layout.partition[place],
        "position": ends,
        "committed_at": np.repeat(times[due], len(entries)),
    }
    tables = {"mirror_positions": filled("mirror_positions", columns)}
    told = [n for n in due if source.steps[n] in (mirror_from + 1, last)]
    if told:
        tables["connectors"] = pl.concat([_connectors(layout, int(times[n])) for n in told])
    return tables


def _connectors(layout: Layout, time: int) -> pl.DataFrame:
    names = layout.names.gather(layout.topic[: len(layout.business)]).unique().sort()
    tasks = max(ceil(len(layout.business) / PARTITIONS_PER_TASK), 1)
    rows: list[tuple[str, int | None, str, str, str]] = []
    for connector in _CONNECTORS:
        ends = {"source.cluster.alias": SOURCE, "target.cluster.alias": layout.name}
        named = {"connector.class": f"org.apache.kafka.connect.mirror.{connector}", "tasks.max": str(tasks)}
        wanted = {"topics": ",".join(re.escape(name) for name in names)}
        settings = ends | named | wanted | _SETTINGS
        rows += [(connector, None, name, value, "config") for name, value in settings.items()]
        rows.append((connector, None, "state", "RUNNING", "state"))
        count = tasks if connector == _CONNECTORS[0] else 1
        rows += [(connector, task, "state", "RUNNING", "state") for task in range(count)]
    connectors, numbers, names, values, kinds = (list(column) for column in zip(*rows, strict=True))
    columns = {
        "cluster": layout.name,
        "ts": time,
        "peer": SOURCE,
        "connector": connectors,
        "task": pl.Series(numbers, dtype=pl.Int32),
        "name": names,
        "value": values,
        "kind": kinds,
    }
    return filled("connectors", columns)

"""Failures that the settings and states of MirrorMaker 2's connectors show."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.model.mirror_topics import mirror_topic
from kafka_analysis.stats.mirror.connectors import AT_WORK, IDENTITY, Connector
from kafka_analysis.stats.mirror.failures.rows import SCHEMA, Failure
from kafka_analysis.stats.mirror.patterns_of_names import ALL, TOPICS_EXCLUDE, matching
from kafka_analysis.stats.mirror.places import MIRROR_MAKER

_REFUSED = re.compile(r"InvalidTimestampException|timestamp\b.*\bout of range", re.IGNORECASE)
Row = dict[str, Any]


def connector_failures(
    connectors: Sequence[Connector],
    *,
    topics: Frame,
    moved: Mapping[tuple[str, str], datetime] | None = None,
) -> pl.DataFrame:
    """Find connectors and tasks that do not run, and settings that do not go together.

    Parameters
    ----------
    connectors
        Result of :func:`~kafka_analysis.stats.mirror.connectors.mirror_connectors`.
    topics
        ``cluster``, ``topic`` of all topics: those that a loop would copy.
    moved
        Source and target → when a position between them was last stored: what was not assigned to a worker before then
        is by now.

    Returns
    -------
    polars.DataFrame
        Rows of failures:

        - ``task_stopped``: a connector or task is neither running nor restarting; ``detail``: its state, and the first
          line of the error that ended it. One without a worker (UNASSIGNED) that had one at the answer before is none:
          while workers come and go tasks have none for a moment;
        - ``old_timestamps_refused``: a task ended because the target refuses the time stamp of a record;
        - ``identity_on_one_connector``: connectors of one flow name topics by different policies, so that one does not
          find what another wrote;
        - ``checkpoints_without_syncs``: checkpoints are on and all offset syncs are off: no group can be translated;
        - ``loop``: a topic that is there is mirrored, its copy is mirrored back, and nothing ends its way: by
          IdentityReplicationPolicy, or as each direction calls the clusters by other names (KAFKA-9914).

    Examples
    --------
    >>> stopped = Connector("b", "MirrorSourceConnector", "source", "a", "b", "a", "b", tasks={0: "FAILED"})
    >>> none = pl.DataFrame(schema={"cluster": pl.String, "topic": pl.String})
    >>> connector_failures([stopped], topics=none).select("failure", "task", "detail").rows()
    [('task_stopped', 0, 'FAILED')]
    """
    rows = [
        *(row for connector in connectors for row in _stopped(connector, moved or {})),
        *_policies(connectors),
        *_without_syncs(connectors),
        *_loops(connectors, to_polars(topics)),
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _row(failure: Failure, connector: Connector, **more: object) -> Row:
    about = {
        "tool": MIRROR_MAKER,
        "source": connector.source,
        "target": connector.target,
        "connector": connector.name,
    }
    return dict.fromkeys(SCHEMA) | about | {"failure": failure} | more


def _stopped(connector: Connector, moved: Mapping[tuple[str, str], datetime]) -> Iterator[Row]:
    states: list[tuple[int | None, str]] = [] if connector.state is None else [(None, connector.state)]
    last = moved.get((connector.source or "", connector.target or ""))
    is_outdated = last is not None and connector.seen is not None and last > connector.seen
    for task, state in [*states, *connector.tasks.items()]:
        is_moment = is_outdated or connector.before.get(task, state) != state
        if state in AT_WORK or (state == "UNASSIGNED" and is_moment):
            continue
        trace = connector.traces.get(task, "")
        detail = f"{state}: {trace}" if trace else state
        kind: Failure = "old_timestamps_refused" if _REFUSED.search(trace) else "task_stopped"
        yield _row(kind, connector, task=task, detail=detail, ts=connector.seen)


def _flows(connectors: Iterable[Connector]) -> dict[tuple[str, str], list[Connector]]:
    flows: dict[tuple[str, str], list[Connector]] = {}
    for connector in connectors:
        if connector.kind and connector.source and connector.target:
            flows.setdefault((connector.source, connector.target), []).append(connector)
    return flows


def _policies(connectors: Sequence[Connector]) -> Iterator[Row]:
    for own in _flows(connectors).values():
        read = [connector for connector in own if connector.settings]
        if len({connector.policy for connector in read}) > 1:
            detail = "; ".join(f"{connector.name}: {connector.policy}" for connector in read)
            yield _row("identity_on_one_connector", read[0], detail=detail)


def _without_syncs(connectors: Sequence[Connector]) -> Iterator[Row]:
    for own in _flows(connectors).values():
        read = [connector for connector in own if connector.settings]
        sources = [connector for connector in read if connector.kind == "source"]
        if not sources or any(c.is_on("emit.offset-syncs.enabled", default=True) for c in sources):
            continue
        # a dedicated MirrorMaker starts no checkpoint connector without offset syncs
        checkpoint = next((c for c in read if c.kind == "checkpoint"), sources[0])
        on = ("enabled", "emit.checkpoints.enabled")
        if all(checkpoint.is_on(setting, default=True) for setting in on):
            yield _row("checkpoints_without_syncs", checkpoint, detail="emit.offset-syncs.enabled = false")


def _loops(connectors: Sequence[Connector], topics: pl.DataFrame) -> Iterator[Row]:
    sources = [
        c for c in connectors if c.kind == "source" and c.settings and c.is_on("enabled", default=True)
    ]
    for there in sources:
        for back in sources:
            is_way_back = (there.source, there.target) == (back.target, back.source)
            if not is_way_back or not _comes_back(there, back, topics):
                continue
            if there.policy == back.policy == IDENTITY:
                yield _row(
                    "loop", there, detail="both directions keep topics' names (IdentityReplicationPolicy)"
                )
            elif _names(there) != _names(back, turned=True):
                detail = f"named {'/'.join(_names(there))} one way and {'/'.join(_names(back))} the other"
                yield _row("loop", there, detail=detail)


def _names(connector: Connector, *, turned: bool = False) -> tuple[str, str]:
    names = (connector.source_alias or "", connector.target_alias or connector.target or "")
    return names[::-1] if turned else names


def _comes_back(there: Connector, back: Connector, topics: pl.DataFrame) -> bool:
    """Tell whether a topic is mirrored, and its copy mirrored back."""
    held = topics.filter(pl.col("cluster").is_in([there.source, there.target]))["topic"].unique()
    names = [name for name in held if mirror_topic(name) is None]  # heartbeats never go round
    return bool(_wanted([there.remote_name(name) for name in _wanted(names, there)], back))


def _wanted(names: Collection[str], connector: Connector) -> frozenset[str]:
    """Return the names that a connector mirrors; of patterns that cannot be read here, none."""
    wanted = matching(names, connector.settings.get("topics", ALL))
    excluded = matching(names, connector.settings.get("topics.exclude", TOPICS_EXCLUDE))
    return frozenset() if wanted is None or excluded is None else wanted - excluded

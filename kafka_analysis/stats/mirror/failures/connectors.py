"""Failures that the settings and states of MirrorMaker 2's connectors show."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from kafka_analysis.stats.mirror.connectors import IDENTITY, Connector
from kafka_analysis.stats.mirror.failures.rows import SCHEMA, Failure
from kafka_analysis.stats.mirror.places import MIRROR_MAKER

_REFUSED = re.compile(r"InvalidTimestampException|timestamp\b.*\bout of range", re.IGNORECASE)
_AT_WORK = ("RUNNING", "RESTARTING")
Row = dict[str, Any]


def connector_failures(
    connectors: Sequence[Connector], *, moved: Mapping[tuple[str, str], datetime] | None = None
) -> pl.DataFrame:
    """Find connectors and tasks that do not run, and settings that do not go together.

    Parameters
    ----------
    connectors
        Result of :func:`~kafka_analysis.stats.mirror.connectors.mirror_connectors`.
    moved
        Source and target → when a position between them was last stored: what was not assigned to a worker before then
        is by now.

    Returns
    -------
    polars.DataFrame
        Rows of failures:

        - ``task_stopped``: a connector or task is neither running nor restarting; ``detail``: its state, and the first
          line of the error that ended it;
        - ``old_timestamps_refused``: a task ended because the target refuses the time stamp of a record;
        - ``identity_on_one_connector``: connectors of one flow name topics by different policies, so that one does not
          find what another wrote;
        - ``checkpoints_without_syncs``: checkpoints are on and offset syncs are off: no group can be translated;
        - ``loop``: both directions mirror the same topics and nothing ends their way: IdentityReplicationPolicy, or
          each direction calls the clusters by other names (KAFKA-9914).

    Examples
    --------
    >>> stopped = Connector("b", "MirrorSourceConnector", "source", "a", "b", "a", "b", tasks={0: "FAILED"})
    >>> connector_failures([stopped]).select("failure", "task", "detail").rows()
    [('task_stopped', 0, 'FAILED')]
    """
    rows = [
        *(row for connector in connectors for row in _stopped(connector, moved or {})),
        *_policies(connectors),
        *_without_syncs(connectors),
        *_loops(connectors),
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
        if state in _AT_WORK or (state == "UNASSIGNED" and is_outdated):
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
        by_kind = {connector.kind: connector for connector in own if connector.settings}
        source = by_kind.get("source")
        if source is None or source.is_on("emit.offset-syncs.enabled", default=True):
            continue
        # a dedicated MirrorMaker starts no checkpoint connector without offset syncs
        checkpoint = by_kind.get("checkpoint", source)
        on = ("enabled", "emit.checkpoints.enabled")
        if all(checkpoint.is_on(setting, default=True) for setting in on):
            yield _row("checkpoints_without_syncs", checkpoint, detail="emit.offset-syncs.enabled = false")


def _loops(connectors: Sequence[Connector]) -> Iterator[Row]:
    sources = [
        c for c in connectors if c.kind == "source" and c.settings and c.is_on("enabled", default=True)
    ]
    for there in sources:
        for back in sources:
            is_way_back = (there.source, there.target) == (back.target, back.source)
            if not is_way_back or not _overlap(there, back):
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


def _overlap(there: Connector, back: Connector) -> bool:
    """Tell whether two connectors may have a topic in common, by their patterns of topics; in doubt they may."""
    lists = [
        {part.strip() for part in connector.settings.get("topics", ".*").split(",") if part.strip()}
        for connector in (there, back)
    ]
    plain = [
        all(
            part.replace("\\", "").replace(".", "").replace("_", "").replace("-", "").isalnum()
            for part in own
        )
        for own in lists
    ]
    return bool(lists[0] & lists[1]) or not all(plain)

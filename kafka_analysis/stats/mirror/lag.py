"""Lag of MirrorMaker 2: the source's log end less the position that the mirror has committed."""

from collections.abc import Mapping

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.stats.lag.over_time import group_lag

_KEYS = ["ts", "connector", "target", "source", "topic", "partition"]


@same_kind
def mirror_lag(positions: Frame, offsets: Frame, *, sources: Mapping[str, str] | None = None) -> Frame:
    """Return how far each mirrored partition is behind its source, each time the mirror's positions were read.

    Parameters
    ----------
    positions
        The capture's ``mirror_positions``: ts, cluster (the target, where they are stored), connector, source (an
        alias of MirrorMaker), topic, partition, position, committed_at.
    offsets
        The capture's ``offsets``: ts, cluster, topic, partition, log_start_offset, log_end_offset.
    sources
        MirrorMaker's alias → the capture's name of a source; None, and aliases that are not in it = they are the same.

    Returns
    -------
    frame of the kind given
        ts, connector, target, source, topic, partition, ``position``, ``position_age_s``: seconds since the mirror
        committed it (Connect commits each ``offset.flush.interval.ms``, a minute by default: the true lag is less by
        what was mirrored since), and of the source's log ``log_start_offset``, ``log_end_offset``, ``lag_records``,
        ``lag_seconds``, ``is_at_least``, ``lost_records``: as :func:`~kafka_analysis.stats.lag.over_time.group_lag`
        has them; ``lost_records`` are those that retention deleted at the source before they were mirrored. The last
        record of a transaction is its marker, which is not mirrored: its partition shows a lag of 1 at rest. A source
        that is no cluster of the capture has a null lag: unknown, not 0.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> t = [datetime(2026, 1, 1, 0, 0, s, tzinfo=UTC) for s in (0, 10, 20)]
    >>> ends = pl.DataFrame({"ts": t, "cluster": "old", "topic": "t", "partition": 0, "log_start_offset": 0,
    ...     "log_end_offset": [0, 100, 200]})
    >>> stored = pl.DataFrame({"ts": t[2:], "cluster": "new", "connector": "mirror", "source": "monolith",
    ...     "topic": "t", "partition": 0, "position": 150, "committed_at": t[1:2]})
    >>> lag = mirror_lag(stored, ends, sources={"monolith": "old"})
    >>> lag.select("target", "source", "lag_records", "lag_seconds", "position_age_s").row(0)
    ('new', 'old', 50, 4.95, 10.0)
    """
    named = dict(sources or {})
    rows = positions.select(
        "ts", "connector", "topic", "partition", "committed_at", target="cluster",
        cluster=pl.col("source").replace(named), committed_offset=pl.col("position"),
    ).with_columns(group=pl.concat_str("target", "connector", separator="\0"))  # fmt: skip
    lag = group_lag(rows.drop("connector", "target", "committed_at"), offsets).rename(
        {"cluster": "source", "committed_offset": "position"}
    )
    kept = rows.filter(pl.col("committed_offset").fill_null(0) >= 0)
    aged = kept.select(
        "connector",
        "target",
        position_age_s=(pl.col("ts") - pl.col("committed_at")).dt.total_milliseconds() / 1000,
    )
    joined = pl.concat([lag.drop("group"), aged], how="horizontal")
    rest = [name for name in joined.columns if name not in _KEYS]
    return joined.select(*_KEYS, *rest)

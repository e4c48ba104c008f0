"""Lag of consumer groups over time, in records and in seconds."""

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.stats.lag.written_at import PLACE, Logs, dated, logs_of

SERIES = ["cluster", "group", "topic", "partition"]


@same_kind
def group_lag(committed: Frame, offsets: Frame) -> Frame:
    """Return how far each group was behind, each time its committed offset was read.

    Parameters
    ----------
    committed
        The capture's ``group_offsets``: ts, cluster, group, topic, partition, committed_offset; negative ones, which
        exporters write where nothing was committed, are left out.
    offsets
        The capture's ``offsets``: ts, cluster, topic, partition, log_start_offset, log_end_offset.

    Returns
    -------
    frame of the kind given
        ts, cluster, group, topic, partition, committed_offset, log_start_offset, log_end_offset, and

        - ``lag_records``: the last log end offset read until then − the committed one, at least 0. Log ends are read
          before commits, so a lag is rather too small than too large. Null where no log end was read before.
        - ``lag_seconds``: age of the record that is read next, by
          :func:`~kafka_analysis.stats.lag.written_at.written_at`; 0 where there is none. Exact to the time
          between two answers about the log.
        - ``is_at_least``: the record was written before the log was first seen, and ``lag_seconds`` is the time since.
        - ``lost_records``: records that retention deleted before the group read them: log start − committed offset.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> t = [datetime(2026, 1, 1, 0, 0, s, tzinfo=UTC) for s in (0, 10, 20)]
    >>> place = {"cluster": "c", "topic": "t", "partition": 0}
    >>> ends = pl.DataFrame({"ts": t, **place, "log_start_offset": 0, "log_end_offset": [0, 10, 20]})
    >>> commits = pl.DataFrame({"ts": [t[2]], **place, "group": "g", "committed_offset": [10]})
    >>> group_lag(commits, ends).select("lag_records", "lag_seconds", "is_at_least").row(0)
    (10, 9.5, False)
    """
    if "log_start_offset" not in offsets.columns:
        offsets = offsets.with_columns(log_start_offset=pl.lit(None, pl.Int64))
    position = pl.col("committed_offset").cast(pl.Int64)
    places = offsets.select(PLACE).unique().with_row_index("place")
    rows = committed.filter(position.fill_null(0) >= 0).select("ts", *SERIES, position).with_row_index("_row")
    numbered = rows.join(places, on=PLACE, how="left").select("_row", "ts", "place", "committed_offset")
    lag = lag_at(numbered, logs_of(offsets.join(places, on=PLACE)))
    joined = rows.join(
        lag.drop("ts", "place", "committed_offset"), on="_row", how="left", maintain_order="left"
    )
    return joined.drop("_row")


def lag_at(committed: pl.DataFrame, logs: Logs) -> pl.DataFrame:
    """Return what :func:`group_lag` adds to committed offsets whose place is a number (``place``).

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> t = datetime(2026, 1, 1, tzinfo=UTC)
    >>> ends = pl.DataFrame({"place": [0], "ts": t, "log_start_offset": 5, "log_end_offset": 9})
    >>> lag_at(pl.DataFrame({"place": [0], "ts": t, "committed_offset": 2}), logs_of(ends)).row(0)[-4:]
    (7, 0.0, True, 3)
    """
    found = dated(committed.with_columns(position="committed_offset"), logs)
    behind, lost = (
        (pl.col(name) - pl.col("committed_offset")).clip(lower_bound=0)
        for name in ("log_end_offset", "log_start_offset")
    )
    is_seen = pl.col("log_end_offset").is_not_null()
    has_lag = behind > 0
    is_at_least = has_lag & pl.col("since").is_null()
    written = pl.when(is_at_least).then("until").otherwise("written_at")
    age = (pl.col("ts") - written).dt.total_milliseconds() / 1000
    seconds = pl.when(has_lag).then(age.clip(lower_bound=0.0)).when(is_seen).then(0.0)
    return found.select(
        *committed.columns, "log_start_offset", "log_end_offset", lag_records=behind, lag_seconds=seconds,
        is_at_least=is_at_least, lost_records=lost,
    )  # fmt: skip

"""Consumer groups whose offsets a mirror does not carry although somebody will count on it."""

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.stats.mirror.failures.rows import failure_rows
from kafka_analysis.stats.mirror.places import MIRROR_MAKER

_GROUP = ["source", "target", "group"]
_WITHOUT_MEMBERS = ("EMPTY", "DEAD", "UNKNOWN")


def group_failures(not_copied: Frame, *, checkpoints: Frame, groups: Frame, committed: Frame) -> pl.DataFrame:
    """Find groups that are active on the target too early, and sink connectors' groups, which are never synced.

    Parameters
    ----------
    not_copied
        Result of ``stats.not_replicated``.
    checkpoints
        The newest of each group and partition: ``source``, ``target`` (clusters), ``group``, ``topic`` (at the target),
        ``partition``, ``downstream_offset``.
    groups
        Latest row of each group: ``cluster``, ``group``, ``state``.
    committed
        Latest committed offset: ``cluster``, ``group``, ``topic``, ``partition``, ``committed_offset``.

    Returns
    -------
    polars.DataFrame
        Rows of failures:

        - ``group_active_on_target``: it has members and committed offsets of copied topics on the target while it still
          has members at the source, or while its offset there is behind what the source's translates to by ``records``:
          MirrorMaker syncs only groups without members on the target. A group with members at both ends of flows that
          go both ways reads at both on purpose, and is none;
        - ``sink_connector_group``: ``groups.exclude`` leaves out ``connect-…`` by default.

    Examples
    --------
    >>> names = ("source", "target", "what", "name", "reason", "topic")
    >>> none = pl.DataFrame(schema={name: pl.String for name in names})
    >>> marks = pl.DataFrame({"source": "a", "target": "b", "group": ["g"], "topic": "t", "partition": 0,
    ...     "downstream_offset": 9})
    >>> states = pl.DataFrame({"cluster": ["a", "b"], "group": "g", "state": ["EMPTY", "STABLE"]})
    >>> stored = pl.DataFrame({"cluster": "b", "group": ["g"], "topic": "t", "partition": 0, "committed_offset": 4})
    >>> group_failures(none, checkpoints=marks, groups=states, committed=stored).select("group", "records").row(0)
    ('g', 5)
    """
    left_out = to_polars(not_copied).filter(
        pl.col("name").str.starts_with("connect-"), pl.col("reason").str.starts_with("left out"), what="group"
    )
    sinks = failure_rows("sink_connector_group", _of_mirror_maker(left_out.rename({"name": "group"})))
    states = to_polars(groups).with_columns(
        is_active=~pl.col("state").str.to_uppercase().is_in(_WITHOUT_MEMBERS)
    )
    active = states.filter("is_active").select("cluster", "group")
    marks = to_polars(checkpoints)
    here = marks.join(active, left_on=["target", "group"], right_on=["cluster", "group"], how="semi")
    stored = to_polars(committed).select("group", "topic", "partition", "committed_offset", target="cluster")
    reading = (
        here.join(stored, on=["target", "group", "topic"], how="semi").select("target", "group").unique()
    )
    beside = here.join(reading, on=["target", "group"], how="semi").join(
        stored, on=["target", "group", "topic", "partition"], how="left"
    )
    behind = (pl.col("downstream_offset") - pl.col("committed_offset").fill_null(0)).clip(lower_bound=0)
    sums = beside.group_by(_GROUP).agg(records=behind.sum()).sort(_GROUP)
    at_source = active.rename({"cluster": "source"}).with_columns(still_at_source=True)
    both = sums.join(at_source, on=["source", "group"], how="left")
    turned = (
        marks.select("group", source="target", target="source").unique().with_columns(goes_both_ways=True)
    )
    both = both.join(turned, on=_GROUP, how="left").with_columns(
        pl.col("still_at_source", "goes_both_ways").fill_null(value=False)
    )
    at_both = pl.col("still_at_source")
    early = both.filter(pl.when(at_both).then(~pl.col("goes_both_ways")).otherwise(pl.col("records") > 0))
    return pl.concat([failure_rows("group_active_on_target", _of_mirror_maker(early)), sinks])


def _of_mirror_maker(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(tool=pl.lit(MIRROR_MAKER))

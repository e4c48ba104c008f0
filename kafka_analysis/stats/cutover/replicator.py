"""Known failures of the replicator that concern what moves."""

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.model.units import counted
from kafka_analysis.stats.cutover.moving import Moving
from kafka_analysis.stats.cutover.rows import State, check_rows
from kafka_analysis.stats.mirror.failures.words import FAILURE_WORDS

_STATES: dict[str, State] = {"clocks_apart": "unknown", "retention_nearing": "note"}


def replicator_checks(moving: Moving, failures: Frame, *, clients_translate: bool = False) -> pl.DataFrame:
    """Return the known failures that concern what moves, and a row for each pair of clusters without any.

    Parameters
    ----------
    moving
        What moves.
    failures
        Every known failure that a capture shows: rows of ``stats.mirror.failures``.
    clients_translate
        Clients take their offsets from checkpoints themselves: that those of a group are not synced is a note.

    Returns
    -------
    polars.DataFrame
        Checklist rows, ``replicator``; ``finding``: the words of the failure. A failure that names no topic concerns
        every topic between its two clusters; one that names a group only, those that move with the group.

    Examples
    --------
    >>> from kafka_analysis.stats.mirror.failures.rows import failure_rows
    >>> topics = pl.DataFrame({"source": ["a"], "target": "b", "topic": "t", "remote_topic": "t"})
    >>> groups = pl.DataFrame({"source": ["a"], "target": "b", "group": "g"})
    >>> wrong = failure_rows("topic_recreated", pl.DataFrame({"source": "a", "target": "b", "topic": ["t", "u"]}))
    >>> rows = replicator_checks(Moving(topics, topics, groups), wrong)
    >>> rows.select("topic", "state", "finding").rows()
    [('t', 'blocks', 'of a topic that was deleted and created again at the source')]
    """
    wrong = to_polars(failures)
    states = _STATES | ({"group_active_on_target": "note"} if clients_translate else {})
    ends = moving.topics.select("source", "target").drop_nulls().unique().sort("source", "target")
    topics = moving.topics.select("source", "target", "topic").unique()
    groups = moving.groups.select("source", "target", "group").unique()
    of_topics = wrong.filter(pl.col("topic").is_not_null()).join(
        topics, on=["source", "target", "topic"], how="semi"
    )
    of_groups = wrong.filter(pl.col("topic").is_null(), pl.col("group").is_not_null()).join(
        groups, on=["source", "target", "group"], how="semi"
    )
    of_ends = wrong.filter(pl.col("topic").is_null(), pl.col("group").is_null()).join(
        ends, on=["source", "target"], how="semi"
    )
    found = pl.concat([of_topics, of_groups, of_ends])
    titles = {kind: words.title for kind, words in FAILURE_WORDS.items()}
    records = pl.col("records").map_elements(lambda n: f"{counted(n, 'record')}", return_dtype=pl.String)
    judged = found.with_columns(
        name=pl.coalesce("connector", "group"),
        state=pl.col("failure").replace_strict(states, default="blocks", return_dtype=pl.String),
        finding=pl.col("failure").replace_strict(titles, return_dtype=pl.String),
        detail=pl.concat_str("detail", records, separator="; ", ignore_nulls=True),
        value=pl.col("records").cast(pl.Float64),
    )
    sound = ends.join(found.select("source", "target").unique(), on=["source", "target"], how="anti")
    return pl.concat(
        [
            check_rows("replicator", judged, unit="records"),
            check_rows(
                "replicator", sound, state="ok", detail="no known failure of the replicator was found"
            ),
        ]
    )

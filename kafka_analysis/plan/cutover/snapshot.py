"""Offsets of groups as they were before a cut-over: a file that a rollback is made of."""

from pathlib import Path

import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.model.strict_files import one_line

SNAPSHOT = {
    "cluster": pl.String,
    "group": pl.String,
    "topic": pl.String,
    "partition": pl.Int32,
    "offset": pl.Int64,
}


def offsets_snapshot(starts: Frame) -> pl.DataFrame:
    """Return the offsets of the groups that move, at both ends.

    Parameters
    ----------
    starts
        ``groups`` of ``analyses.cutover_readiness``: ``source``, ``target``, ``group``, ``topic``, ``remote_topic``,
        ``partition``, ``committed_offset``, ``start_offset``.

    Returns
    -------
    polars.DataFrame
        ``cluster``, ``group``, ``topic``, ``partition``, ``offset``; an end where a group has none has no row.

    Examples
    --------
    >>> rows = pl.DataFrame({"source": ["a"], "target": "b", "group": "g", "topic": "t", "remote_topic": "a.t",
    ...     "partition": 0, "committed_offset": 9, "start_offset": 7})
    >>> offsets_snapshot(rows).rows()
    [('a', 'g', 't', 0, 9), ('b', 'g', 'a.t', 0, 7)]
    """
    rows = to_polars(starts)
    ends = pl.concat(
        [
            rows.select("group", "topic", "partition", cluster="source", offset="committed_offset"),
            rows.select("group", "partition", cluster="target", topic="remote_topic", offset="start_offset"),
        ],
        how="diagonal",
    )
    known = ends.drop_nulls(["topic", "offset"]).filter(pl.col("offset") >= 0)
    return (
        known.select(pl.col(name).cast(kind) for name, kind in SNAPSHOT.items()).unique().sort(list(SNAPSHOT))
    )


def read_snapshot(path: str | Path) -> pl.DataFrame:
    r"""Read a file that ``check cutover --snapshot`` wrote.

    Raises
    ------
    InputError
        It cannot be read, lacks a column, holds what is no offset, or a partition of a group twice.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "offsets.csv"
    >>> _ = file.write_text("cluster,group,topic,partition,offset\na,g,t,0,9\n", encoding="utf-8")
    >>> read_snapshot(file).rows()
    [('a', 'g', 't', 0, 9)]
    """
    try:
        rows = pl.read_csv(Path(path).read_bytes(), columns=list(SNAPSHOT), infer_schema=False).select(
            *SNAPSHOT
        )
        read = rows.select(pl.col(name).cast(kind) for name, kind in SNAPSHOT.items())
    except (OSError, pl.exceptions.PolarsError) as error:
        reason = one_line(error)
        message = f"{path} cannot be read ({reason}); it must be CSV in UTF-8 with {', '.join(SNAPSHOT)}"
        raise InputError(message) from None
    if (
        read.is_empty()
        or read.null_count().sum_horizontal().item()
        or min(read["offset"].min(), read["partition"].min()) < 0
    ):  # type: ignore[operator]
        raise InputError(
            f"{path} holds no offsets, or incomplete rows; take a new one with check cutover --snapshot"
        )
    twice = read.filter(read.select("cluster", "group", "topic", "partition").is_duplicated())
    if len(twice):
        place = "{group}, {topic}-{partition}".format(**twice.row(0, named=True))
        raise InputError(f"{path}: {place!r} is listed twice; take a new one with check cutover --snapshot")
    return read

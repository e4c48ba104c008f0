"""What to do about each finding that keeps a wave from moving, and how to take it back."""

from functools import cache
from importlib.resources import files

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.stats.mirror.failures.words import FAILURE_WORDS


def with_mends(rows: Frame, commands: Frame) -> pl.DataFrame:
    """Add to rows of a checklist how to mend each, and how to take that back.

    Parameters
    ----------
    rows
        Checklist rows that block or lack data.
    commands
        ``source``, ``target``, ``topic``, ``name``, ``mend``, ``undo`` of differences between both ends, which are
        known exactly.

    Returns
    -------
    polars.DataFrame
        The rows with ``mend`` and ``undo``; null where there is nothing to be said in general.

    Examples
    --------
    >>> from kafka_analysis.stats.cutover.rows import check_rows
    >>> late = check_rows("replica", pl.DataFrame({"topic": ["t"]}), state="blocks", finding="replica behind")
    >>> none = pl.DataFrame(schema=dict.fromkeys(("source", "target", "topic", "name", "mend", "undo"), pl.String))
    >>> with_mends(late, none).select("mend", "undo").row(0)
    ('Wait, and check again; 50_replication says when it will have caught up.', 'nothing was changed')
    """
    general = known_mends()
    place = ["source", "target", "topic", "name"]
    exact = to_polars(commands).select(*place, _mend="mend", _undo="undo").unique(place, keep="first")
    is_parity = pl.col("check") == "parity"
    joined = (
        to_polars(rows)
        .join(exact, on=place, how="left", maintain_order="left", nulls_equal=True)
        .join(general, on="finding", how="left", maintain_order="left")
    )
    return joined.with_columns(
        mend=pl.when(is_parity).then(pl.coalesce("_mend", "mend")).otherwise("mend"),
        undo=pl.when(is_parity).then(pl.coalesce("_undo", "undo")).otherwise("undo"),
    ).drop("_mend", "_undo")


@cache
def known_mends() -> pl.DataFrame:
    """Return what to do about each finding in general: ``finding``, ``mend``, ``undo``.

    Examples
    --------
    >>> "replica behind" in known_mends()["finding"]
    True
    """
    own = pl.read_csv(files("kafka_analysis.plan.cutover").joinpath("mends.csv").read_bytes())
    failures = [(words.title, words.action, None) for words in FAILURE_WORDS.values()]
    of_mirrors = pl.DataFrame(failures, schema=own.schema, orient="row").unique("finding")
    return pl.concat([own, of_mirrors.join(own, on="finding", how="anti")])

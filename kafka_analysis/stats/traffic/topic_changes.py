"""Which topics lost traffic, stopped, began or are read less, beyond what chance and small topics explain."""

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind

TOPIC_LOSS = 0.2
TOPIC_SHARE = 0.001
_SIGMAS = 3.0  # a loss of fewer records is within the chance of a Poisson count
_FEWEST_RECORDS = 10.0  # expected in a window; with fewer, none at all is still chance (e^-10)
_ESTIMATE_ERROR = 0.05  # of a replicator's copies and reads; 3 % was the most seen on a real MirrorMaker 2
_IN, _OUT, _MESSAGES = "bytes_in_per_s", "bytes_out_per_s", "messages_in_per_s"
_SCHEMA = {
    "what": pl.String, "flow": pl.String, "topic": pl.String, "before": pl.Float64, "after": pl.Float64,
    "change": pl.Float64, "share": pl.Float64,
}  # fmt: skip


@same_kind
def topic_changes(
    topics: Frame,
    *,
    migration: Frame = None,
    after_s: float | None = None,
    loss: float = TOPIC_LOSS,
    least_share: float = TOPIC_SHARE,
) -> Frame:
    """Find the topics whose traffic changed by more than a total shows and chance explains.

    Parameters
    ----------
    topics
        Result of :func:`kafka_analysis.stats.traffic.comparison.compare_topics`.
    migration
        The same of kind ``migration``: what is left of a topic beside a replicator's copies or reads is an estimate,
        and a change within 5 % of them is none. None = there is no replicator.
    after_s
        Length of the window after, in seconds: how many records were to be expected in it. None = chance is not
        considered.
    loss
        Fraction of its bytes from which a topic that lost them counts.
    least_share
        Share of all bytes before (of all bytes after, for a topic that began) below which a topic does not count,
        except one that stopped though at least 10 records were expected.

    Returns
    -------
    frame of the kind given
        ``what``: ``stopped`` (bytes in before, none after), ``lost`` (at least ``loss`` of its bytes in, and more
        records than three standard deviations of a Poisson count), ``unread`` (bytes out fell by at least ``loss`` more
        than bytes in did), ``began`` (no bytes in before); ``flow``, ``topic``, ``before``, ``after`` (per second),
        ``change``, ``share`` of the total. Largest first in each.

    Examples
    --------
    >>> topics = pl.DataFrame({"flow": "bytes_in_per_s", "topic": ["a", "b", "c"], "before": [150.0, 50.0, None],
    ...     "after": [150.0, 20.0, 30.0], "change": [0.0, -0.6, None]})
    >>> topic_changes(topics).select("what", "topic", "share").rows()
    [('lost', 'b', 0.25), ('began', 'c', 0.15)]
    """
    rows = _with_shares(_side_by_side(topics, migration, after_s))
    changes = [
        _found(rows.filter(_stopped(rows, least_share)), "stopped", _IN, "share"),
        _found(rows.filter(_lost(loss, least_share)), "lost", _IN, "share"),
        _found(rows.filter(_unread(rows, loss, least_share)), "unread", _OUT, "share_out"),
        _found(rows.filter(_began(rows, least_share)), "began", _IN, "share_new"),
    ]
    return pl.concat([pl.DataFrame(schema=_SCHEMA), *changes])


def _with_shares(rows: pl.DataFrame) -> pl.DataFrame:
    """Add shares of all bytes in before, of all bytes out before, and of all bytes in after."""
    shares = {"share": "b_in", "share_out": "b_out", "share_new": "a_in"}
    return rows.with_columns((pl.col(of) / pl.col(of).sum()).alias(name) for name, of in shares.items())


def _has_none() -> pl.Expr:
    return (pl.col("b_in") > 0) & (pl.col("a_in").fill_null(0.0) <= 0)


def _stopped(rows: pl.DataFrame, least_share: float) -> pl.Expr:
    weighs = (pl.col("share") >= least_share) | (pl.col("expected") >= _FEWEST_RECORDS)
    return _has_none() & weighs & _moved("in") & _is_known(rows, "a_in")


def _lost(loss: float, least_share: float) -> pl.Expr:
    expected, seen = pl.col("expected"), pl.col("seen")
    by_chance = expected - seen <= _SIGMAS * (expected + seen).sqrt()
    fell = (pl.col("b_in") > 0) & (pl.col("a_in") / pl.col("b_in") <= 1 - loss)
    weighs = pl.col("share") >= least_share
    return fell & weighs & ~_has_none() & _moved("in") & ~by_chance.fill_null(value=False)


def _unread(rows: pl.DataFrame, loss: float, least_share: float) -> pl.Expr:
    kept_in = pl.min_horizontal(pl.lit(1.0), (pl.col("a_in") / pl.col("b_in")).fill_nan(None).fill_null(1.0))
    fell = pl.col("a_out").fill_null(0.0) / pl.col("b_out") <= (1 - loss) * kept_in
    weighs = (pl.col("b_out") > 0) & (pl.col("share_out") >= least_share)
    return fell & weighs & ~_stopped(rows, least_share) & _moved("out") & _is_known(rows, "a_out")


def _began(rows: pl.DataFrame, least_share: float) -> pl.Expr:
    is_new = (pl.col("b_in").fill_null(0.0) <= 0) & (pl.col("a_in") > 0)
    return is_new & (pl.col("share_new") >= least_share) & _moved("in") & _is_known(rows, "b_in")


def _moved(end: str) -> pl.Expr:
    """Return whether a flow changed by more than a replicator's copies and reads are known."""
    before, after = pl.col(f"b_{end}").fill_null(0.0), pl.col(f"a_{end}").fill_null(0.0)
    return (before - after).abs() > pl.col(f"noise_{end}")


def _side_by_side(
    topics: pl.DataFrame, migration: pl.DataFrame | None, after_s: float | None
) -> pl.DataFrame:
    """Return a row per topic: bytes in and out before and after, their noise, and the records expected and seen."""
    short = {_IN: "in", _OUT: "out", _MESSAGES: "messages"}
    wide = topics.select("topic").unique().sort("topic")
    for flow, name in short.items():
        part = topics.filter(flow=flow)
        ends = {"before": f"b_{name}", "after": f"a_{name}"}
        values = [pl.col(end).cast(pl.Float64).alias(column) for end, column in ends.items()]
        wide = wide.join(part.select("topic", *values), on="topic", how="left")
    for flow, name in ((_IN, "in"), (_OUT, "out")):
        wide = wide.join(_noise(migration, flow, f"noise_{name}"), on="topic", how="left")
    wide = wide.with_columns(pl.col("noise_in", "noise_out").fill_null(0.0))
    seconds = pl.lit(after_s, pl.Float64)
    seen = pl.when(pl.col("b_messages").is_not_null()).then(pl.col("a_messages").fill_null(0.0) * seconds)
    return wide.with_columns(expected=pl.col("b_messages") * seconds, seen=seen)


def _noise(migration: pl.DataFrame | None, flow: str, name: str) -> pl.DataFrame:
    if migration is None:
        return pl.DataFrame(schema={"topic": pl.String, name: pl.Float64})
    most = _ESTIMATE_ERROR * pl.max_horizontal("before", "after")
    return migration.filter(flow=flow).select("topic", most.cast(pl.Float64).alias(name))


def _is_known(rows: pl.DataFrame, column: str) -> pl.Expr:
    """Return whether any topic has a figure: where none has, the flow was not counted, and nothing is said of it."""
    return pl.lit(rows[column].null_count() < len(rows))


def _found(rows: pl.DataFrame, what: str, flow: str, share: str) -> pl.DataFrame:
    end = "in" if flow == _IN else "out"
    before, after = pl.col(f"b_{end}"), pl.col(f"a_{end}")
    change = pl.when(before > 0).then(after.fill_null(0.0) / before - 1)
    made = rows.select(
        what=pl.lit(what),
        flow=pl.lit(flow),
        topic="topic",
        before=before,
        after=after,
        change=change,
        share=share,
    )
    difference = (pl.col("before").fill_null(0.0) - pl.col("after").fill_null(0.0)).abs()
    return made.sort(difference, "topic", descending=[True, False])

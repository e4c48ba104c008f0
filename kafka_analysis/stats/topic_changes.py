"""Which topics lost traffic, stopped, began or are read less, beyond what chance and small topics explain."""

from __future__ import annotations

from typing import Any, NamedTuple

import polars as pl

from kafka_analysis.model.findings import Finding, Light
from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.model.units import counted, format_quantity
from kafka_analysis.stats.window_events import WindowEvents

TOPIC_LOSS = 0.2
TOPIC_SHARE = 0.001
RED_SHARE = 0.2
_SIGMAS = 3.0  # a loss of fewer records is within the chance of a Poisson count
_FEWEST_RECORDS = 10.0  # expected in a window; with fewer, none at all is still chance (e^-10)
_NAMED = 5
_IN_TITLE = 3
_IN, _OUT, _MESSAGES = "bytes_in_per_s", "bytes_out_per_s", "messages_in_per_s"
_SCHEMA = {
    "what": pl.String, "flow": pl.String, "topic": pl.String, "before": pl.Float64, "after": pl.Float64,
    "change": pl.Float64, "share": pl.Float64,
}  # fmt: skip


@same_kind
def topic_changes(
    topics: Frame, *, after_s: float | None = None, loss: float = TOPIC_LOSS, least_share: float = TOPIC_SHARE
) -> Frame:
    """Find the topics whose traffic changed by more than a total shows and chance explains.

    Parameters
    ----------
    topics
        Result of :func:`kafka_analysis.stats.comparison.compare_topics`.
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
    rows = _side_by_side(topics, after_s).with_columns(share=pl.col("b_in") / pl.col("b_in").sum())
    counts = pl.col("share") >= least_share
    stopped = (pl.col("b_in") > 0) & (pl.col("a_in").fill_null(0.0) <= 0)
    fell = pl.col("a_in") / pl.col("b_in") <= 1 - loss
    by_chance = pl.col("expected") - pl.col("seen") <= _SIGMAS * (pl.col("expected") + pl.col("seen")).sqrt()
    sure = stopped & (counts | (pl.col("expected") >= _FEWEST_RECORDS)) & _is_known(rows, "a_in")
    lost = (pl.col("b_in") > 0) & ~stopped & fell & counts & ~by_chance.fill_null(value=False)
    kept_in = pl.min_horizontal(pl.lit(1.0), (pl.col("a_in") / pl.col("b_in")).fill_nan(None).fill_null(1.0))
    read = pl.col("a_out").fill_null(0.0) / pl.col("b_out") <= (1 - loss) * kept_in
    shares_out = pl.col("b_out") / pl.col("b_out").sum()
    shares_new = pl.col("a_in") / pl.col("a_in").sum()
    unread = (pl.col("b_out") > 0) & read & ~sure & (shares_out >= least_share) & _is_known(rows, "a_out")
    is_new = (pl.col("b_in").fill_null(0.0) <= 0) & (pl.col("a_in") > 0)
    began = is_new & (shares_new >= least_share) & _is_known(rows, "b_in")
    found = [
        _found(rows.filter(sure), "stopped", _IN, pl.col("share")),
        _found(rows.filter(lost), "lost", _IN, pl.col("share")),
        _found(rows.with_columns(share=shares_out).filter(unread), "unread", _OUT, pl.col("share")),
        _found(rows.with_columns(share=shares_new).filter(began), "began", _IN, pl.col("share")),
    ]
    return pl.concat([pl.DataFrame(schema=_SCHEMA), *found])


def _side_by_side(topics: pl.DataFrame, after_s: float | None) -> pl.DataFrame:
    """Return a row per topic: bytes in and out before and after, and the records expected and seen after."""
    short = {_IN: "in", _OUT: "out", _MESSAGES: "messages"}
    wide = topics.select("topic").unique().sort("topic")
    for flow, name in short.items():
        part = topics.filter(pl.col("flow") == flow)
        ends = {"before": f"b_{name}", "after": f"a_{name}"}
        told = [pl.col(end).cast(pl.Float64).alias(column) for end, column in ends.items()]
        wide = wide.join(part.select("topic", *told), on="topic", how="left")
    seconds = pl.lit(after_s, pl.Float64)
    seen = pl.when(pl.col("b_messages").is_not_null()).then(pl.col("a_messages").fill_null(0.0) * seconds)
    return wide.with_columns(expected=pl.col("b_messages") * seconds, seen=seen)


def _is_known(rows: pl.DataFrame, column: str) -> pl.Expr:
    """Return whether any topic has a figure: where none has, the flow was not counted, and nothing is said of it."""
    return pl.lit(rows[column].null_count() < len(rows))


def _found(rows: pl.DataFrame, what: str, flow: str, share: pl.Expr) -> pl.DataFrame:
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
    lost = (pl.col("before").fill_null(0.0) - pl.col("after").fill_null(0.0)).abs()
    return made.sort(lost, "topic", descending=[True, False])


class _Words(NamedTuple):
    one: str
    many: str
    action: str


_WORDS = {
    "stopped": _Words(
        "is no longer written", "are no longer written",
        "Look whether the producers moved, or were switched off on purpose.",
    ),
    "lost": _Words(
        "lost {loss} or more of its bytes in", "lost {loss} or more of their bytes in",
        "Ask the owners whether producers sent less, and compare like hours with like.",
    ),
    "unread": _Words(
        "is read less, by {loss} or more", "are read less, by {loss} or more",
        "Look whether the consumer groups moved and run.",
    ),
    "began": _Words(
        "is written now and was not before", "are written now and were not before",
        "Look whether they are new, or old topics under another name: they make up for losses in the total.",
    ),
}  # fmt: skip


@same_kind
def change_findings(
    changes: Frame, *, happened: WindowEvents | None = None, loss: float = TOPIC_LOSS, red: float = RED_SHARE
) -> list[Finding]:
    """Say which topics changed, by how much, and what else happened meanwhile, which need not be the cause.

    Parameters
    ----------
    changes
        Result of :func:`topic_changes`.
    happened
        Result of :func:`kafka_analysis.stats.window_events.window_events`.
    loss
        As for :func:`topic_changes`.
    red
        Share of all bytes before from which what topics lost together is red; below it is amber.

    Examples
    --------
    >>> changes = pl.DataFrame({"what": ["lost"], "flow": ["bytes_in_per_s"], "topic": ["b"], "before": [50.0],
    ...     "after": [20.0], "change": [-0.6], "share": [0.3]})
    >>> finding = change_findings(changes)[0]
    >>> finding.light.value, finding.title
    ('amber', '1 topic lost 20 % or more of its bytes in (b)')
    >>> finding.detail
    'b 50 B/s to 20 B/s (-60 %), a loss of 18 % of all bytes in before.'
    """
    parts = {what: changes.filter(pl.col("what") == what) for what in _WORDS}
    return [_finding(what, rows, happened, loss, red) for what, rows in parts.items() if len(rows)]


def _finding(
    what: str, rows: pl.DataFrame, happened: WindowEvents | None, loss: float, red: float
) -> Finding:
    words = _WORDS[what]
    gone = 0.0 if what == "began" else float((rows["share"] * -rows["change"]).sum())
    beside = [] if happened is None else happened.beside(rows["topic"].to_list())
    text = (words.one if len(rows) == 1 else words.many).format(loss=format_quantity(loss, "%"))
    return Finding(
        light=Light.RED if gone >= red else Light.AMBER,
        title=f"{counted(len(rows), 'topic')} {text} ({_listed(rows['topic'].to_list())})",
        detail=" ".join([_amounts(rows, what, gone), *beside]),
        action=words.action,
    )


def _listed(names: list[str]) -> str:
    shown = names if len(names) <= _IN_TITLE else names[: _IN_TITLE - 1]
    return ", ".join(shown) + (f" and {len(names) - len(shown)} more" if len(names) > len(shown) else "")


def _amounts(rows: pl.DataFrame, what: str, gone: float) -> str:
    shown = [_amount(row) for row in rows.head(_NAMED).iter_rows(named=True)]
    more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
    if what == "began":
        part = f"together {format_quantity(float(rows['share'].sum()), '%')} of all bytes in after"
    else:
        end = "out" if what == "unread" else "in"
        part = f"a loss of {format_quantity(gone, '%')} of all bytes {end} before"
    return f"{', '.join(shown)}{more}, {part}."


def _amount(row: dict[str, Any]) -> str:
    before, after = (format_quantity(row[name] or 0.0, "B/s") for name in ("before", "after"))
    change = "" if row["change"] is None else f" ({row['change']:+.0%})".replace("%", " %")
    return f"{row['topic']} {before} to {after}{change}"

"""Say in findings which topics changed, by how much, and what else happened meanwhile."""

from typing import Any, NamedTuple

import polars as pl

from kafka_analysis.model.findings import Finding, Light
from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.model.units import counted, format_quantity, listed
from kafka_analysis.stats.traffic.topic_changes import TOPIC_LOSS
from kafka_analysis.stats.traffic.window_events import WindowEvents

RED_SHARE = 0.2
_NAMED = 5
_IN_TITLE = 3


class _Words(NamedTuple):
    one: str
    many: str
    action: str


_WORDS = {
    "stopped": _Words(
        "is no longer written", "are no longer written",
        "Check whether the producers moved, or were switched off on purpose.",
    ),
    "lost": _Words(
        "lost {loss} or more of its bytes in", "lost {loss} or more of their bytes in",
        "Ask the owners whether producers sent less, and compare the same hours.",
    ),
    "unread": _Words(
        "is read less, by {loss} or more", "are read less, by {loss} or more",
        "Check whether the consumer groups moved and are running.",
    ),
    "began": _Words(
        "is written now but was not before", "are written now but were not before",
        "Check whether they are new, or old topics under another name: they mask losses in the total.",
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
        Result of :func:`kafka_analysis.stats.traffic.topic_changes.topic_changes`.
    happened
        Result of :func:`kafka_analysis.stats.traffic.window_events.window_events`.
    loss
        As for :func:`kafka_analysis.stats.traffic.topic_changes.topic_changes`.
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
    parts = {what: changes.filter(what=what) for what in _WORDS}
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
    amounts = listed([_amount(row) for row in rows.iter_rows(named=True)], _NAMED)
    if what == "began":
        part = f"together {format_quantity(float(rows['share'].sum()), '%')} of all bytes in after"
    else:
        end = "out" if what == "unread" else "in"
        part = f"a loss of {format_quantity(gone, '%')} of all bytes {end} before"
    return f"{amounts}, {part}."


def _amount(row: dict[str, Any]) -> str:
    before, after = (format_quantity(row[name] or 0.0, "B/s") for name in ("before", "after"))
    change = "" if row["change"] is None else f" ({row['change']:+.0%})".replace("%", " %")
    return f"{row['topic']} {before} to {after}{change}"

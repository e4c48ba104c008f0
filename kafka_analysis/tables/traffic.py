"""Tables of traffic before and after."""

from typing import Any

import polars as pl

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.resources import RESOURCES
from kafka_analysis.model.units import counted, format_quantity, format_time
from kafka_analysis.tables.base import Column, Table, build, with_texts

_COMPARISON = (
    Column("what", "Business traffic"),
    Column("before", "Before"),
    Column("after", "After"),
    Column("change", "Change"),
)


def comparison(frame: Any) -> Table:
    """Show business traffic before and after, and its change.

    Parameters
    ----------
    frame
        ``flow``, ``before``, ``after`` (per second), ``change``: result of ``stats.compare_windows``.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"flow": ["bytes_in_per_s"], "before": [1e6], "after": [1.1e6], "change": [0.1]})
    >>> "+10.0 %" in comparison(rows).html()
    True
    """
    rows = with_texts(to_polars(frame), ["what", "before", "after", "change"], _comparison_texts)
    note = "All clusters together, without the replicator's copies. Change: after ÷ before − 1."
    return build("comparison", "Before and after", rows, _COMPARISON, note)


def _comparison_texts(row: dict[str, Any]) -> tuple[str | None, ...]:
    words, unit = RESOURCES[row["flow"]]
    change = None if row["change"] is None else f"{row['change']:+.1%}".replace("%", " %")
    return words, *(format_quantity(row[name], unit) for name in ("before", "after")), change


_EFFECTS = (
    Column("what", "Business traffic"),
    Column("verdict", "Verdict"),
    Column("change", "Change"),
    Column("interval", "95 % interval"),
    Column("least", "Smallest detectable change"),
    Column("placebo_text", "Placebo"),
    Column("noise", "Noise found"),
    Column("reason", "Why"),
)


def effects(frame: Any) -> Table:
    """Show by how much each flow changed, how sure that is, and the placebo.

    Parameters
    ----------
    frame
        Result of ``stats.traffic_effects``.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"flow": ["bytes_in_per_s"], "verdict": ["same"], "is_share": [True], "effect": [0.01],
    ...     "low": [-0.02], "high": [0.04], "least": [0.03], "placebo": [None], "placebo_low": [None],
    ...     "placebo_high": [None], "noise": ["n"], "reason": [""]}, schema_overrides={"placebo": pl.Float64})
    >>> "-2.0 % to +4.0 %" in effects(rows).html()
    True
    """
    names = ["what", "verdict", "change", "interval", "least", "placebo_text", "noise", "reason"]
    rows = with_texts(to_polars(frame).rename({"least": "least_effect"}), names, _effect_texts)
    note = (
        "Change: after ÷ before − 1, of the means of steps. The interval covers all noise models that "
        "the data do not rule "
        "out. Placebo: the two halves of the window before, compared in the same way; nothing happened between them."
    )
    return build("effects", "Size and certainty of the change", rows, _EFFECTS, note)


def _effect_texts(row: dict[str, Any]) -> tuple[str | None, ...]:
    words, unit = RESOURCES[row["flow"]]
    return words, *_answer_texts(row | {"unit": unit})


def _answer_texts(row: dict[str, Any]) -> tuple[str | None, ...]:
    """Return verdict, change, interval, least change, placebo, noise and reason as texts."""

    def amount(name: str) -> str | None:
        value = row[name]
        if value is None:
            return None
        if row["is_share"]:
            return f"{value:+.1%}".replace("%", " %")
        return f"{'+' if value > 0 else ''}{format_quantity(value, row['unit'])}"

    def between(low: str, high: str) -> str | None:
        first, second = amount(low), amount(high)
        return None if first is None or second is None else f"{first} to {second}"

    least = amount("least_effect")
    return (
        row["verdict"], amount("effect"), between("low", "high"), least and least.lstrip("+"),
        between("placebo_low", "placebo_high"), row["noise"], row["reason"] or None,
    )  # fmt: skip


_ANSWER = ["verdict", "change", "interval", "least", "placebo_text", "noise", "reason"]
_VERDICTS = (Column("what", "Question"), *_EFFECTS[1:])
_CONFOUNDERS = (Column("comparison", "Compared"), Column("what", "Business traffic"), *_EFFECTS[1:])


def question_verdicts(frame: Any) -> Table:
    """Show of each question whether it is better, the same or worse after the migration, and how sure that is.

    Parameters
    ----------
    frame
        Result of ``stats.question_verdicts``.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"what": ["CPU busy"], "unit": ["% busy"], "verdict": ["cannot tell"], "is_share": [None],
    ...     "effect": [None], "low": [None], "high": [None], "least": [None], "placebo_low": [None],
    ...     "placebo_high": [None], "noise": ["unknown"], "reason": ["no cpu_ratio after"]})
    >>> "no cpu_ratio after" in question_verdicts(rows).html()
    True
    """
    rows = with_texts(to_polars(frame).rename({"least": "least_effect"}), _ANSWER, _answer_texts)
    note = (
        "The old cluster before, all targets after. Less is better, but for traffic: less is worse, more is neither. "
        "Same: the whole interval lies within what does not matter. Cannot tell: the last column says what is missing."
    )
    return build("question_verdicts", "Better, same or worse", rows, _VERDICTS, note)


def confounders(frame: Any) -> Table:
    """Show the change of the traffic as measured, per message produced, and beside topics that did not move.

    Parameters
    ----------
    frame
        Result of ``stats.confounder_effects``.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"comparison": ["as measured"], "what": ["Bytes in"], "unit": ["B/s"], "verdict": ["same"],
    ...     "is_share": [True], "effect": [0.01], "low": [-0.02], "high": [0.04], "least": [0.03],
    ...     "placebo_low": [-0.01], "placebo_high": [0.01], "noise": ["n"], "reason": [""]})
    >>> "as measured" in confounders(rows).html()
    True
    """
    rows = with_texts(to_polars(frame).rename({"least": "least_effect"}), _ANSWER, _answer_texts)
    note = (
        "Per message produced: what is left when the load itself grew. Beside topics that did not move: what they did "
        "is taken out, growth or a slow day (difference in differences)."
    )
    return build("confounders", "The migration, or everything", rows, _CONFOUNDERS, note)


_CHANGED, _ONE_SIDED = ("rose", "fell"), ("only before", "only after")
_EACH = (
    Column("verdict", "Verdict"),
    Column("before_text", "Before"),
    Column("after_text", "After"),
    Column("change", "Change"),
    Column("interval", "Interval"),
    Column("least", "Smallest detectable change"),
    Column("why_text", "Why", missing=""),
)
_EACH_TEXTS = ["before_text", "after_text", "change", "interval", "least", "why_text"]
_INTERVALS = (
    "Change: after ÷ before − 1, of the geometric means of steps (where steps vary much, they differ from the means "
    "shown), or a difference where some step had none. Intervals: 95 %"
)


def topic_effects(frame: Any, *, flow: str = "bytes_in_per_s", top_n: int = 10) -> Table:
    """Show by how much topics changed: first those called changed, those of one window, then the largest differences.

    Parameters
    ----------
    frame
        Result of ``stats.topic_effects``.
    flow
        ``bytes_in_per_s``, ``bytes_out_per_s`` or ``messages_in_per_s``.
    top_n
        Rows shown.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"flow": "bytes_in_per_s", "topic": ["t"], "before": [1e6], "after": [5e5], "share": [1.0],
    ...     "evidence": ["measured"], "verdict": ["fell"], "is_share": [True], "effect": [-0.5], "low": [-0.6],
    ...     "high": [-0.4], "level": [0.95], "least": [0.1], "reason": ["it fell by 40 % to 60 %"]})
    >>> "1 topic compared: 1 fell" in topic_effects(rows).html()
    True
    """
    rows = to_polars(frame).filter(flow=flow)
    difference = (pl.col("before").fill_null(0.0) - pl.col("after").fill_null(0.0)).abs()
    is_found = pl.col("verdict").is_in([*_CHANGED, *_ONE_SIDED])
    shown = rows.filter(pl.col("verdict") != "not compared").sort(
        is_found, difference, "topic", descending=[True, True, False]
    )
    texts = with_texts(shown.head(top_n).rename({"least": "least_effect"}), _EACH_TEXTS, _each_texts)
    left = len(shown) - len(texts)
    more = f" {left:,} more are in the table file." if left > 0 else ""
    columns = (Column("topic", "Topic"), *_EACH)
    return build(
        "topic_effects",
        f"{RESOURCES[flow].title} of each topic",
        texts,
        columns,
        f"{_topics_note(rows)}{more}",
    )


def _topics_note(rows: pl.DataFrame) -> str:
    """Say how many topics were compared, what came of it, and what was not compared."""
    number = dict(rows.group_by("verdict").len().iter_rows())
    named = [(name, number[name]) for name in (*_CHANGED, "same", "cannot tell") if name in number]
    compared = sum(count for _, count in named)
    parts = [
        f"{counted(compared, 'topic')} compared: "
        + ", ".join(f"{count:,} {'the same' if name == 'same' else name}" for name, count in named)
        + "."
        if compared
        else "No topic could be compared.",
        _control_note(is_any=any(name in number for name in _CHANGED)),
        _levels_note(rows),
    ]
    parts += [
        f"{name.capitalize()}: {counted(number[name], 'topic')}." for name in _ONE_SIDED if name in number
    ]
    estimated = len(rows.filter(evidence="estimated"))
    if estimated:
        parts.append(f"Estimated, as a replicator copied them meanwhile: {counted(estimated, 'topic')}.")
    smaller = rows.filter(verdict="not compared")
    if len(smaller):
        share = f"{100 * smaller['share'].sum():.2g} % of the traffic"
        parts.append(f"{counted(len(smaller), 'smaller topic')}, {share}, not compared one by one.")
    return " ".join(parts)


def _control_note(*, is_any: bool) -> str:
    if is_any:
        return "Of those that rose or fell, on average at most 5 % did not (Benjamini and Hochberg)."
    return "Judged together, none rose or fell beyond chance (Benjamini and Hochberg, 5 %)."


def _levels_note(rows: pl.DataFrame) -> str:
    levels = rows.filter(pl.col("verdict").is_in(_CHANGED))["level"].drop_nulls()
    wide = levels.max() if len(levels) else None
    if wide is None or wide <= 0.95:
        return f"{_INTERVALS}."
    return (
        f"{_INTERVALS}; of those that rose or fell {100 * wide:.6g} %, because they were picked out of many."
    )


def _each_texts(row: dict[str, Any]) -> tuple[str | None, ...]:
    """Return levels, change, interval, least change and, where it cannot be told, the reason of a row as texts."""
    unit = RESOURCES[row["flow"]].unit
    levels = (row[name] for name in ("before", "after"))
    before, after = ("not seen" if level is None else format_quantity(level, unit) for level in levels)
    if row["verdict"] in _ONE_SIDED:
        return before, after, "no comparison", "–", "–", None
    _, change, interval, least, *_ = _answer_texts(
        row | {"unit": unit, "placebo_low": None, "placebo_high": None, "noise": None}
    )
    return before, after, change, interval, least, row["reason"] if row["verdict"] == "cannot tell" else None


def cluster_effects(frame: Any, *, flow: str = "bytes_in_per_s") -> Table:
    """Show what each cluster carried before and after, business, migration and internal traffic apart.

    Parameters
    ----------
    frame
        Result of ``stats.cluster_effects``.
    flow
        ``bytes_in_per_s``, ``bytes_out_per_s`` or ``messages_in_per_s``.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"flow": "bytes_in_per_s", "cluster": ["new"], "kind": "business", "before": [None],
    ...     "after": [5e5], "verdict": ["only after"], "is_share": [None], "effect": [None], "low": [None],
    ...     "high": [None], "level": [None], "least": [None], "reason": ["not seen in the window before"]})
    >>> "no comparison" in cluster_effects(rows).html()
    True
    """
    rows = to_polars(frame).filter(flow=flow)
    texts = with_texts(rows.rename({"least": "least_effect"}), _EACH_TEXTS, _each_texts)
    note = (
        "Migration: what a replicator reads and writes; internal: Kafka's own topics and probes. No comparison: the "
        f"cluster carried nothing in the other window. {_levels_note(rows)}"
    )
    columns = (Column("cluster", "Cluster"), Column("kind", "Traffic"), *_EACH)
    return build("cluster_effects", f"{RESOURCES[flow].title} of each cluster", texts, columns, note)


_MOVES = (
    Column("stated", "Stated cut-over"),
    Column("stated_at", "Stated time"),
    Column("found_at", "Found in the traffic"),
    Column("interval", "95 % interval"),
    Column("share", "Share of the targets"),
    Column("verdict", "Agreement"),
    Column("meanwhile", "Meanwhile"),
)


def moves(frame: Any) -> Table:
    """Show when the targets' share of the traffic changed, beside the cut-overs that were stated.

    Parameters
    ----------
    frame
        Result of ``stats.found_moves``.

    Examples
    --------
    >>> import polars as pl
    >>> from datetime import UTC, datetime
    >>> at = datetime(2026, 1, 1, 12, 0, 5, tzinfo=UTC)
    >>> rows = pl.DataFrame({"event": ["wave-1"], "at": [at], "verdict": ["within interval"], "found": [at],
    ...     "low": [at], "high": [at], "before": [0.0], "after": [0.45], "beside": [[]]})
    >>> "0 % to 45 %" in moves(rows).html()
    True
    """
    names = ["stated", "stated_at", "found_at", "interval", "share", "verdict", "meanwhile"]
    rows = with_texts(to_polars(frame).rename({"verdict": "agreement"}), names, _move_texts)
    note = (
        "Found: times at which the share of business bytes in on the targets changed level, searched "
        "without knowledge of the events. Meanwhile: other events within the interval of a change that "
        "no cut-over explains."
    )
    return build("moves", "When it moved", rows, _MOVES, note)


def _move_texts(row: dict[str, Any]) -> tuple[str | None, ...]:
    found = row["found"] is not None
    share = f"{row['before']:.0%} to {row['after']:.0%}".replace("%", " %") if found else None
    ends = [f"{row[name]:%H:%M:%S}" if found else "" for name in ("low", "high")]
    return (
        row["event"] or "no cut-over", row["at"] and format_time(row["at"]),
        format_time(row["found"]) if found else None,
        f"{ends[0]} to {ends[1]}" if found else None, share, row["agreement"], ", ".join(row["beside"]) or None,
    )  # fmt: skip

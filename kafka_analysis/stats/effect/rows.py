"""One row for each question: the verdict, by how much, how sure that is, or what is missing."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from kafka_analysis.stats.effect.result import Better, Effect

AMOUNTS = {
    "verdict": pl.String, "is_share": pl.Boolean, "effect": pl.Float64, "low": pl.Float64, "high": pl.Float64,
    "least": pl.Float64, "placebo": pl.Float64, "placebo_low": pl.Float64, "placebo_high": pl.Float64,
    "is_placebo_clear": pl.Boolean, "noise": pl.String, "method": pl.String, "reason": pl.String,
    "hours_before": pl.Float64, "hours_after": pl.Float64, "hours_unmatched": pl.Float64,
    "hours_missing": pl.Float64,
}  # fmt: skip
SCHEMA = {"question": pl.String, "what": pl.String, "unit": pl.String, **AMOUNTS}
_SCALES = {"log": True, "additive": False}


@dataclass(frozen=True)
class Asked:
    """A question about a migration: its key, what is compared in words, its unit, and which way is better.

    ``same_up_to``: changes up to this amount, in the unit, do not matter.
    """

    key: str
    what: str
    unit: str
    better: Better = "lower"
    same_up_to: float = 0.0

    @property
    def names(self) -> dict[str, str]:
        """Return the columns that name the question."""
        return {"question": self.key, "what": self.what, "unit": self.unit}


def amounts_of(found: Effect) -> dict[str, Any]:
    """Return the columns of an effect.

    Examples
    --------
    >>> from kafka_analysis.stats.effect.result import Hours
    >>> nothing = Effect("cannot tell", "no value", "log", "none", "unknown", Hours(0.0, 0.0, 1.0, 0.0), 0.95)
    >>> row = amounts_of(nothing)
    >>> row["verdict"], row["effect"], row["reason"]
    ('cannot tell', None, 'no value')
    """
    placebo = {} if found.placebo is None else asdict(found.placebo)
    return {
        "verdict": found.verdict, "is_share": _SCALES[found.scale], "effect": found.effect, "low": found.low,
        "high": found.high, "least": found.least, "placebo": placebo.get("effect"),
        "placebo_low": placebo.get("low"), "placebo_high": placebo.get("high"),
        "is_placebo_clear": placebo.get("clear"), "noise": found.noise, "method": found.method,
        "reason": found.reason, "hours_before": found.hours.before, "hours_after": found.hours.after,
        "hours_unmatched": found.hours.unmatched, "hours_missing": found.hours.missing,
    }  # fmt: skip


def cannot_tell(asked: Asked, reason: str) -> dict[str, Any]:
    """Return the row of a question that the data do not answer, with what is missing.

    Examples
    --------
    >>> cannot_tell(Asked("cpu", "CPU", "%"), "the capture holds no cpu_ratio")["verdict"]
    'cannot tell'
    """
    empty = dict.fromkeys(AMOUNTS)
    return {
        **asked.names, **empty, "verdict": "cannot tell", "noise": "unknown", "method": "none", "reason": reason,
    }  # fmt: skip


def not_held(needs: Sequence[str], before: Collection[str], after: Collection[str]) -> str:
    """Say what is missing of metrics of which one must be held on both sides; nothing where none is.

    Parameters
    ----------
    needs
        Metrics of which any one answers.
    before, after
        What is held of the clusters before, and of those after.

    Examples
    --------
    >>> not_held(["a", "b"], {"a"}, {"b"})
    'measured as a before and as b after: the same is needed on both sides'
    >>> not_held(["a", "b"], {"a"}, set()), not_held(["a"], {"a"}, {"a"})
    ('no a or b after', '')
    """
    then, now = (sorted(set(needs) & set(held)) for held in (before, after))
    names = " or ".join(needs)
    if set(then) & set(now):
        return ""
    if then and now:
        listed = " and ".join(then), " and ".join(now)
        return f"measured as {listed[0]} before and as {listed[1]} after: the same is needed on both sides"
    if not then and not now:
        return f"the capture holds no {names} of either window"
    return f"no {names} {'after' if then else 'before'}"

"""Better, same, worse or cannot tell: from an interval, with the reason in one sentence."""

from kafka_analysis.model.units import format_quantity
from kafka_analysis.stats.effect.result import Better, Scale, Verdict


def judge(
    low: float, high: float, *, least: float, margin: float, better: Better, scale: Scale
) -> tuple[Verdict, str]:
    """Judge an interval of an effect.

    ``same`` needs the whole interval within the margin: an interval that merely contains 0 says nothing of the kind.

    Parameters
    ----------
    margin
        Effects up to this size, up or down, do not matter; in the unit of the effect.
    better
        Which way is better; ``held``: more is neither better nor worse, and a loss that does not matter is none.

    Examples
    --------
    >>> judge(0.04, 0.16, least=0.06, margin=0.05, better="higher", scale="log")
    ('better', 'it rose by 4 % to 16 %')
    >>> judge(-0.2, 0.1, least=0.15, margin=0.05, better="higher", scale="log")[0]
    'cannot tell'
    >>> judge(0.04, 0.16, least=0.06, margin=0.05, better="held", scale="log")
    ('same', 'no loss: it rose by 4 % to 16 %')
    """
    size = (lambda x: f"{x:.2g}") if scale == "additive" else _percent
    span = f"between {_signed(low, size)} and {_signed(high, size)}"
    if -margin <= low and high <= margin:
        return "same", f"the change is {span}, within the ±{size(margin)} that count as no change"
    if low > 0 or high < 0:
        up = low > 0
        smaller, larger = sorted((abs(low), abs(high)))
        moved = f"it {'rose' if up else 'fell'} by {size(smaller)} to {size(larger)}"
        if up and better == "held":
            return "same", f"no loss: {moved}"
        return ("better" if up == (better != "lower") else "worse"), moved
    if better == "held" and low >= -margin:
        return "same", f"no loss beyond the relevance threshold of {size(margin)}: the change is {span}"
    return "cannot tell", f"the change is {span}; the smallest detectable change is {size(least)}"


def _percent(value: float) -> str:
    return format_quantity(value, "%")


def _signed(value: float, size: object) -> str:
    return f"{'−' if value < 0 else '+'}{size(abs(value))}"  # type: ignore[operator]

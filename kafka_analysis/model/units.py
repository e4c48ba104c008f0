"""Numbers as people read them: decimal bytes, UTC times, a dash for unknown."""

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from kafka_analysis.model.moments import in_utc

_PREFIXES = ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_SCALED_UNITS = ("B", "B/s", "records/s", "records")
UNKNOWN = "unknown"
_LONG_S = 120
_SECONDS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
# Unit, its length in seconds, and the largest number of it: 90 s and 100 min say more than 2 min and 2 h.
_NARROW = 1.02  # an interval whose ends are nearer than this ratio says no more than its middle
_ONE_UNIT = (("s", 1.0, 119), ("min", 60.0, 119), ("h", 3600.0, 47), ("d", 86400.0, math.inf))
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|m|h|d|)", re.ASCII)


def format_quantity(value: float | None, unit: str = "") -> str:
    """Write a value with its unit, three significant digits, decimal prefixes for bytes.

    Parameters
    ----------
    value
        The number, or None (or NaN) when it is not known.
    unit
        ``B``, ``B/s``, ``records``, ``records/s`` get a decimal prefix; ``%`` takes a ratio; ``s`` seconds,
        from two minutes on written in larger units; anything else is appended as it is.

    Returns
    -------
    str
        ``unknown`` for a missing value, never 0.

    Examples
    --------
    >>> format_quantity(1_234_567, "B/s"), format_quantity(0.254, "%"), format_quantity(None, "B")
    ('1.23 MB/s', '25.4 %', 'unknown')
    >>> format_quantity(12, "brokers"), format_quantity(1.5, "× mean"), format_quantity(870, "B")
    ('12 brokers', '1.50 × mean', '870 B')
    >>> format_quantity(3.2, "s"), format_quantity(7500, "s")
    ('3.20 s', '2 h 5 min')
    """
    if value is None or not math.isfinite(value):
        return UNKNOWN
    if unit == "%":
        return f"{_significant(value * 100)} %"
    if unit == "s" and abs(value) >= _LONG_S:
        return format_duration(value)
    if unit in _SCALED_UNITS:
        factor, prefix = next(((f, p) for f, p in _PREFIXES if abs(value) >= 0.9995 * f), (1.0, ""))
        joint = " " if prefix and unit.startswith("records") else ""
        return f"{_significant(value / factor)} {prefix}{joint}{unit}"
    return f"{_significant(value)} {unit}".rstrip()


def format_share(share: float) -> str:
    """Write a part of a whole; a part above the whole, which negative parts offset, as a multiple of it.

    Examples
    --------
    >>> format_share(0.54), format_share(1.0), format_share(1.3), format_share(-0.3)
    ('54 %', '100 %', '1.30 ×', '-30 %')
    """
    return f"{share:.2f} ×" if round(share, 2) > 1 else f"{share * 100:.0f} %"


def _significant(value: float) -> str:
    """Write whole numbers exactly, others with three significant digits and never fewer than to the unit."""
    if value == int(value):
        return f"{int(value):,}"
    if abs(value) < 1e-4:
        return f"{value:.3g}"
    rounded = round(value, _digits(value))
    return f"{rounded:,.{_digits(rounded)}f}"


def _digits(value: float) -> int:
    return max(2 - math.floor(math.log10(abs(value))), 0)


def format_time(moment: datetime | None) -> str:
    """Write a moment in UTC to the second.

    Examples
    --------
    >>> format_time(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    '2026-01-02 03:04:05 UTC'
    """
    return UNKNOWN if moment is None else in_utc(moment).strftime("%Y-%m-%d %H:%M:%S UTC")


def format_duration(seconds: float | None) -> str:
    """Write a duration in its two largest units.

    Examples
    --------
    >>> format_duration(45), format_duration(130), format_duration(7500)
    ('45 s', '2 min 10 s', '2 h 5 min')
    """
    if seconds is None or not math.isfinite(seconds):
        return UNKNOWN
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def format_interval(seconds: float | None, low: float | None, high: float | None) -> str:
    """Write an expected duration with its interval.

    Examples
    --------
    >>> format_interval(70.0, 60.0, 90.0), format_interval(None, 60.0, None), format_interval(None, None, None)
    ('1 min 10 s (1 min 0 s to 1 min 30 s)', 'unknown (at least 1 min 0 s)', 'unknown')
    >>> format_interval(722.0, 720.0, 724.0)
    'about 12 min'
    """
    if seconds is None:
        return UNKNOWN if low is None else f"{UNKNOWN} (at least {format_duration(low)})"
    if low is not None and high is not None and is_narrow(low, high):
        return f"about {format_estimate(seconds)}"
    return f"{format_duration(seconds)} ({format_duration(low)} to {format_duration(high)})"


def is_narrow(low: float, high: float) -> bool:
    """Return whether the ends of an interval of time, in seconds, say no more than its middle.

    Examples
    --------
    >>> is_narrow(720.0, 724.0), is_narrow(720.0, 720.0), is_narrow(600.0, 720.0), is_narrow(50.0, 50.5)
    (True, False, False, False)
    """
    return format_duration(low) != format_duration(high) and 60 <= high <= low * _NARROW


def format_estimate(seconds: float | None, low: float | None = None, high: float | None = None) -> str:
    """Write an estimated duration in one unit, with its interval where that is known.

    Examples
    --------
    >>> format_estimate(130, 60, 250), format_estimate(90, 20, 250), format_estimate(7000, 6000)
    ('2 min (1 to 4 min)', '90 s (20 s to 4 min)', '117 min (at least 100 min)')
    >>> format_estimate(None, 60), format_estimate(4e5)
    ('unknown', '5 d')
    """
    if seconds is None or not math.isfinite(seconds):
        return UNKNOWN
    expected, unit = _in_one_unit(seconds)
    least, most = (
        None if limit is None or not math.isfinite(limit) else _in_one_unit(limit, near=unit)
        for limit in (low, high)
    )
    if least is None or most is None:
        words = [f"at least {' '.join(least)}"] if least else [f"at most {' '.join(most)}"] if most else []
    else:
        same = least[1] == most[1]
        words = [f"{least[0] if same else ' '.join(least)} to {' '.join(most)}"] if least != most else []
    return f"{expected} {unit}" + "".join(f" ({text})" for text in words)


def _in_one_unit(seconds: float, *, near: str = "") -> tuple[str, str]:
    """Write a duration as a whole number and its unit, which is ``near`` if the number is neither 0 nor large in it."""
    numbers = {unit: (round(seconds / length), most) for unit, length, most in _ONE_UNIT}
    fitting = {unit: number for unit, (number, most) in numbers.items() if number <= most}
    unit = near if fitting.get(near, 0) >= 1 else next(iter(fitting))
    return f"{fitting[unit]:,}", unit


def counted(number: int, singular: str, plural: str = "") -> str:
    """Write a number with its noun.

    Examples
    --------
    >>> counted(1, "batch", "batches"), counted(1200, "replica")
    ('1 batch', '1,200 replicas')
    """
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def listed(names: Sequence[str], most: int, *, separator: str = ", ") -> str:
    """Join names; of many the first ones, and how many more there are.

    Examples
    --------
    >>> listed(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return separator.join(names[:most]) + more


def seconds_of(text: str) -> float:
    """Return the seconds of a duration as people write it: 15s, 10m, 2h, 1d.

    Raises
    ------
    ValueError
        It is none.

    Examples
    --------
    >>> seconds_of("15s"), seconds_of("1.5m"), seconds_of("2h")
    (15.0, 90.0, 7200.0)
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a duration; write 15s, 10m, 2h or 1d")
    return float(match[1]) * _SECONDS[match[2]]


def milliseconds_of(moment: datetime) -> int:
    """Return the milliseconds from the beginning of 1970 to a moment; without a time zone it is UTC.

    Examples
    --------
    >>> milliseconds_of(datetime(2026, 1, 1)), milliseconds_of(moment_of(5))
    (1767225600000, 5)
    """
    return round(in_utc(moment).timestamp() * 1000)


def moment_of(ms: int) -> datetime:
    """Return the moment that is some milliseconds after the beginning of 1970, UTC, to the millisecond.

    Examples
    --------
    >>> moment_of(1_767_225_600_250)
    datetime.datetime(2026, 1, 1, 0, 0, 0, 250000, tzinfo=datetime.timezone.utc)
    """
    return datetime.fromtimestamp(ms // 1000, UTC) + timedelta(milliseconds=ms % 1000)


def capitalized(sentence: str) -> str:
    """Return a sentence with its first letter, and only that, in upper case.

    Examples
    --------
    >>> capitalized("broker A leads")
    'Broker A leads'
    """
    return sentence[:1].upper() + sentence[1:]


def shortened(text: str, most: int) -> str:
    """Return a text of at most so many characters: cut between words where it can be, with an ellipsis.

    Examples
    --------
    >>> shortened("broker 1 carries most", 12), shortened("short", 12), shortened("x" * 30, 5)
    ('broker 1…', 'short', 'xxxx…')
    """
    if len(text) <= most:
        return text
    head = text[: most - 1]
    words, space, _ = head.rpartition(" ")
    kept = words if space and len(words) > most // 2 else head
    return f"{kept.rstrip(' .,;:(')}…"

"""When a figure of two runs counts as better or worse."""

from typing import Literal

LEAST_CHANGE = 0.05  # of the larger value: below it, two windows of one cluster differ by chance
ABOUT_THE_SAME = "about the same"


def change_word(
    before: float | None, now: float | None, better: str
) -> Literal["better", "worse", "about the same", ""]:
    """Return the word for a change: '' when neither direction is better, or a value is unknown.

    Examples
    --------
    >>> change_word(10.0, 20.0, "lower"), change_word(10.0, 10.1, "lower"), change_word(10.0, None, "lower")
    ('worse', 'about the same', '')
    """
    if before is None or now is None or better == "neither":
        return ""
    if now == before or abs(now - before) < LEAST_CHANGE * max(abs(now), abs(before)):
        return ABOUT_THE_SAME
    return "better" if (now < before) == (better == "lower") else "worse"

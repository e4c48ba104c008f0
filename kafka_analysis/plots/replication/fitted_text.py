"""Texts cut so that they fit into a box."""

from functools import lru_cache

from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties

from kafka_analysis.plots.drawing import shortened

_DPI = 120  # of the figures as saved: letters have whole pixels, so widths depend on it


@lru_cache(maxsize=4096)
def width_of(text: str, *, size: float, weight: str = "normal") -> float:
    """Return how many inches a text is wide in the figures' font.

    Examples
    --------
    >>> round(width_of("orders", size=9.0), 1), width_of("", size=9.0)
    (0.4, 0.0)
    """
    if not text:
        return 0.0
    font = FontProperties(family="DejaVu Sans", size=size, weight=weight)
    return RendererAgg(1, 1, _DPI).get_text_width_height_descent(text, font, ismath=False)[0] / _DPI


def fitted(text: str, width: float, *, size: float, weight: str = "normal") -> str:
    """Return a text cut in the middle so that it is not wider than so many inches; two letters of it always stay.

    Examples
    --------
    >>> fitted("orders", 2.0, size=9.0), fitted("a" * 20 + "b" * 20, 1.0, size=9.0)
    ('orders', 'aaaaa…bbbbb')
    """
    if width_of(text, size=size, weight=weight) <= width:
        return text
    low, high = 2, len(text)
    while low < high - 1:
        middle = (low + high) // 2
        is_short = width_of(shortened(text, middle), size=size, weight=weight) <= width
        low, high = (middle, high) if is_short else (low, middle)
    return shortened(text, low)

"""A line over runs, small enough to stand beside its figure: SVG within the page, gaps where a value is unknown."""

import math
from collections.abc import Sequence
from itertools import groupby

from markupsafe import Markup

from kafka_analysis.model.markup import element

WIDTH, HEIGHT, _EDGE = 72, 18, 3


def sparkline(values: Sequence[float | None], *, label: str) -> Markup:
    """Draw values in their order as a line.

    Parameters
    ----------
    values
        Oldest first; None, or what is no finite number, is a gap. The scale goes from the least to the most.
    label
        What the line shows, in words: the drawing's name for who cannot see it.

    Returns
    -------
    Markup
        An ``svg`` element in the colour of the text around it; a dot marks the last value, if it is known.

    Examples
    --------
    >>> sparkline([1, None, 3, 2], label="Skew").count("<polyline")
    1
    """
    known = [None if value is None or not math.isfinite(value) else float(value) for value in values]
    points = [None if y is None else (x, y) for x, y in zip(_across(len(known)), _down(known), strict=True)]
    lines = [list(run) for is_gap, run in groupby(points, key=lambda point: point is None) if not is_gap]
    drawn = [_line(line) if len(line) > 1 else _dot(*line[0], radius=1.2) for line in lines]
    if points and points[-1] is not None:
        drawn.append(_dot(*points[-1], radius=2.2))
    shape = {"width": f"{WIDTH}", "height": f"{HEIGHT}", "viewBox": f"0 0 {WIDTH} {HEIGHT}"}
    return element(
        "svg", element("title", label), *drawn, css="spark", role="img", **shape, **{"aria-label": label}
    )


def _across(count: int) -> list[float]:
    step = (WIDTH - 2 * _EDGE) / max(count - 1, 1)
    return [_EDGE + step * place for place in range(count)]


def _down(values: Sequence[float | None]) -> list[float | None]:
    known = [value for value in values if value is not None]
    if not known:
        return [None for _ in values]
    least, most = min(known), max(known)
    span = most / 2 - least / 2  # halves: the difference of two large numbers may not be one
    return [
        None if value is None else _height((value / 2 - least / 2) / span if span else 0.5)
        for value in values
    ]


def _height(share: float) -> float:
    return HEIGHT - _EDGE - share * (HEIGHT - 2 * _EDGE)


def _line(points: Sequence[tuple[float, float]]) -> Markup:
    style = {"fill": "none", "stroke": "currentColor", "stroke-width": "1.4", "stroke-linejoin": "round"}
    return element("polyline", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in points), **style)


def _dot(x: float, y: float, *, radius: float) -> Markup:
    return element("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=f"{radius}", fill="currentColor")

"""Where the cells of a split lie in its picture: discs on a ring, in inches, with topics packed inside."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.plots.drawing import WIDTH_IN
from kafka_analysis.plots.palette import colours_of
from kafka_analysis.plots.split.packing import pack_dots, ring_places

# Up to so many cells, labels lie above or below; beyond so many, they are short and small.
LABELS_ABOVE, MANY_CELLS = 4, 12
_LEAST_DOT = 0.13  # of the largest topic's radius, so that the smallest can be seen
_NEIGHBOURS = (2.75, 3.0)  # radii of the largest disc between the middles of two, of few cells and of many
_RIM, _LARGEST_DISC, _HIGHEST = 0.12, 1.5, 9.4  # inches
_FOOT, _LINE, _SIDE = 0.42, 0.55, (1.25, 0.75)  # inches: the key, a label above or below, a label beside


@dataclass(frozen=True)
class Disc:
    """A cell as a disc, in inches: its topics as dots around its middle; its clients lie ``rim`` outside of it."""

    name: str
    colour: str
    middle: np.ndarray
    radius: float
    rim: float
    topics: pl.DataFrame
    dots: np.ndarray
    sizes: np.ndarray


def lay_out(topics: Frame, *, most_topics: int) -> tuple[list[Disc], tuple[float, float]]:
    """Pack the topics of each cell into a disc, put the discs on a ring, and scale all of it to the page.

    Parameters
    ----------
    topics
        ``name``, ``cell``, ``bytes_per_s`` (null: unknown; drawn as the smallest).
    most_topics
        Of a cell that are drawn, those with most bytes.

    Returns
    -------
    discs, size
        By name, the eight with most bytes in a colour of their own and the others in grey; width and height of the
        figure in inches.

    Examples
    --------
    >>> topics = pl.DataFrame({"name": ["a", "b"], "cell": ["x", "y"], "bytes_per_s": [4.0, 1.0]})
    >>> (one, other), _ = lay_out(topics, most_topics=9)
    >>> one.name, round(float(one.sizes[0] / other.sizes[0]), 6)
    ('x', 2.0)
    """
    rows = to_polars(topics)
    names, most = rows["cell"].unique().sort().to_list(), float(rows["bytes_per_s"].max() or 1.0)
    carried = rows.group_by("cell").agg(pl.col("bytes_per_s").sum())
    largest_first = carried.sort("bytes_per_s", "cell", descending=[True, False])["cell"].to_list()
    packed = [_packed(rows.filter(cell=name), most, most_topics) for name in names]
    count, largest = len(names), max(radius for *_, radius in packed)
    middles = ring_places(count, apart=_NEIGHBOURS[count > MANY_CELLS])
    beside = _SIDE[count > MANY_CELLS] if count > LABELS_ABOVE else 0.1
    above, below = _LINE + 2 * _RIM, 2 * _RIM + (_LINE if count > 2 else 0.1) + _FOOT
    low = middles.min(axis=0) - 1
    wide, tall = middles.max(axis=0) + 1 - low
    scale = min((WIDTH_IN - 2 * (beside + 2 * _RIM)) / wide, (_HIGHEST - above - below) / tall, _LARGEST_DISC)
    corner, unit = np.array([WIDTH_IN / 2 - wide * scale / 2, below]), scale / largest
    places, rim, colours = (
        corner + (middles - low) * scale,
        min(_RIM, 0.35 * scale),
        colours_of(largest_first),
    )
    discs = [
        Disc(name, str(colours[name]), place, radius * unit, rim, topics_of_cell, dots * unit, sizes * unit)
        for name, place, (topics_of_cell, dots, sizes, radius) in zip(names, places, packed, strict=True)
    ]
    return discs, (WIDTH_IN, float(above + tall * scale + below))


def _packed(
    topics: pl.DataFrame, most: float, count: int
) -> tuple[pl.DataFrame, np.ndarray, np.ndarray, float]:
    """Return the topics drawn, where their dots lie, their radii, and the radius of all; the largest topic is 1."""
    order = topics.sort("bytes_per_s", "name", descending=[True, False], nulls_last=True).head(count)
    sizes = np.maximum(np.sqrt(order["bytes_per_s"].fill_null(0.0).to_numpy() / most), _LEAST_DOT)
    dots = pack_dots(sizes)
    return order, dots, sizes, 1.04 * float((np.hypot(*dots.T) + sizes).max())

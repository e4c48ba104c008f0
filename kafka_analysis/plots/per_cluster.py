"""Draw the same figure for every cluster of a frame."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kafka_analysis.model.frames import to_polars
from kafka_analysis.plots.drawing import Drawing, nothing


@dataclass(frozen=True, repr=False)
class Drawings:
    """Several drawings, shown one below the other."""

    drawings: tuple[Drawing, ...]

    def __repr__(self) -> str:
        return "\n".join(map(repr, self.drawings))

    def _repr_html_(self) -> str:
        return "".join(drawing._repr_html_() for drawing in self.drawings)


def per_cluster(
    plot: Callable[..., Drawing], frame: Any, *, clusters: Sequence[str] | None = None, **options: Any
) -> Drawings:
    """Draw one figure per cluster.

    Parameters
    ----------
    plot
        A function of this package that draws one cluster.
    frame
        Anything with ``cluster``.
    clusters
        Names in the order to draw them; None = as they come.
    **options
        Handed on to the function.

    Examples
    --------
    >>> import polars as pl
    >>> from kafka_analysis.plots.load.topic_ranking import topic_ranking
    >>> rows = pl.DataFrame({"cluster": ["a", "b"], "topic": ["t", "t"], "bytes_in_per_s": [1.0, 2.0]})
    >>> len(per_cluster(topic_ranking, rows).drawings)
    2
    """
    rows = to_polars(frame)
    names = rows["cluster"].unique(maintain_order=True).to_list() if clusters is None else clusters
    drawn = [plot(rows.filter(cluster=name), **options).about(name) for name in names]
    return Drawings(tuple(drawn) or (nothing(plot.__name__, "no cluster has data"),))

"""What a plot function returns: a figure with its caption and alternative text, ready to be shown."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from PIL import Image

from kafka_analysis.model.markup import AS_WRITTEN, element
from kafka_analysis.model.units import format_quantity

STYLE = Path(__file__).with_name("kafka_analysis.mplstyle")
WIDTH_IN = 9.2
COLOURS, COLOURS_OF_MANY_HUES = 40, 64
NOTHING = "nothing to show"


@dataclass(frozen=True, repr=False)
class Drawing:
    """A figure, the name of the function that drew it, its caption and its alternative text.

    ``has_many_hues``: lines of so many hues cross pale areas that the usual choice of colours would lose the areas.
    """

    figure: Figure
    function: str
    caption: str
    alt: str
    has_many_hues: bool = False

    @property
    def axes(self) -> list[Axes]:
        """Return the figure's axes."""
        return self.figure.axes

    def about(self, subject: str) -> Drawing:
        """Return the same drawing with its subject named in caption and alternative text."""
        return replace(self, caption=f"{subject}: {self.caption}", alt=f"{subject}: {self.alt}")

    def webp(self) -> bytes:
        """Return the figure as lossless WebP of few colours: smaller than a PNG of as many."""
        canvas, small = FigureCanvasAgg(self.figure), io.BytesIO()
        with matplotlib.style.context(STYLE):
            self.figure.set_dpi(matplotlib.rcParams["savefig.dpi"])
            canvas.draw()  # once; savefig would draw twice to lay the figure out
        coverage, median = Image.Quantize.MAXCOVERAGE, Image.Quantize.MEDIANCUT
        colours, method = (COLOURS_OF_MANY_HUES, median) if self.has_many_hues else (COLOURS, coverage)
        picture = (
            Image.fromarray(np.asarray(canvas.buffer_rgba()))
            .convert("RGB")
            .quantize(colours, method=method, dither=Image.Dither.NONE)
        )
        picture.convert("RGB").save(small, format="webp", lossless=True, quality=100, method=4)
        return small.getvalue()

    def __repr__(self) -> str:
        return f"{self.caption} [kafka_analysis.plots.{self.function}]"

    def _repr_html_(self) -> str:
        image = base64.b64encode(self.webp()).decode("ascii")
        source = element("code", f"kafka_analysis.plots.{self.function}")
        return element(
            "figure",
            element("img", alt=self.alt, src=f"data:image/webp;base64,{image}", style="max-width:100%"),
            element("figcaption", f"{self.caption} Drawn by ", source, "."),
            css=AS_WRITTEN,
            style="margin:0 0 14px",
        )


@contextmanager
def styled(width_in: float, height_in: float) -> Iterator[Figure]:
    """Make a figure in the project's style, without touching any global state of Matplotlib."""
    with matplotlib.style.context(STYLE):
        yield Figure(figsize=(width_in, height_in), layout="constrained")


def nothing(function: str, what: str) -> Drawing:
    """Return a drawing that says that there is nothing to draw, and what is missing."""
    with styled(WIDTH_IN, 0.9) as figure:
        axes = figure.subplots()
        axes.axis("off")
        axes.text(0.0, 0.5, f"{NOTHING}: {what}", va="center", ha="left", transform=axes.transAxes)
    return Drawing(figure, function, f"{NOTHING.capitalize()}: {what}.", f"{NOTHING}: {what}")


def name_rows(axes: Axes, names: Sequence[str], *, margin: float = 0.6, limit: int = 34) -> None:
    """Name the rows of a figure, the first on top."""
    axes.set_yticks(range(len(names)), [shortened(name, limit) for name in names])
    axes.set_ylim(len(names) - 1 + margin, -margin)


def quantity_axis(
    axes: Axes, unit: str, right: float, *, left: float = 0.0, label: str = "", ticks: int = 4
) -> None:
    """Let the x axis reach from ``left`` to ``right`` in decimal units."""
    axes.set(xlim=(left, right), xlabel=label)
    axes.grid(visible=True, axis="x")
    axes.xaxis.set_major_locator(MaxNLocator(ticks, min_n_ticks=2))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: format_quantity(value, unit)))


def shortened(name: str, limit: int = 34) -> str:
    """Return a name cut in the middle when it is too long to label an axis.

    Examples
    --------
    >>> shortened("orders"), shortened("a" * 20 + "b" * 20, 11)
    ('orders', 'aaaaa…bbbbb')
    """
    return name if len(name) <= limit else f"{name[: limit // 2]}…{name[-(limit // 2) :]}"

"""Draw how time grows with size, ours beside what else one would use, into docs/scaling.png.

Left: pages of metrics, parsed warm. Right: what a capture's counters grew by, from its files. Both axes are
logarithmic: parallel lines grow alike, and their distance is the ratio. The seconds are those of one machine.

    python benchmarks/scaling.py [--out docs/scaling.png]
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import matplotlib.style
from capture_write import scrapes, writer
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter
from parse_exposition import WAYS, make_page
from reduce_rates import RATES
from timing import fastest

from kafka_analysis.plots.drawing import STYLE, styled
from kafka_analysis.plots.palette import BLUE, GREY, INK, ORANGE, PURPLE

SAMPLES_A_PAGE = (10_000, 30_000, 100_000, 310_000)
SAMPLES_A_CAPTURE = (500_000, 1_500_000, 5_000_000, 15_000_000)
SERIES = 8000
COLOURS = {"ours": BLUE, "prometheus_client": ORANGE, "pandas": ORANGE, "DuckDB": PURPLE}
MB = 1e6
Points = dict[str, list[tuple[float, float]]]


def parsing() -> Points:
    """Return MB and seconds for each way to parse a page."""
    found: Points = {}
    for samples in SAMPLES_A_PAGE:
        page = make_page(samples)
        for name, way in WAYS.items():
            seconds = fastest(lambda way=way, page=page: way(page))
            found.setdefault(name, []).append((len(page) / MB, seconds))
    return found


def growth() -> Points:
    """Return millions of samples and seconds for each way to compute what counters grew by."""
    found: Points = {}
    for samples in SAMPLES_A_CAPTURE:
        with tempfile.TemporaryDirectory() as folder:
            writer(scrapes(SERIES, samples), Path(folder))
            for name, way in RATES.items():
                seconds = fastest(
                    lambda way=way, folder=folder: way(f"{folder}/capture/samples/*.parquet"), repeats=2
                )
                found.setdefault(name, []).append((samples / MB, seconds))
    return found


def draw(axes: Axes, points: Points, title: str, unit: str) -> None:
    """Draw a line for each way, with its name at the end of it."""
    for name, line in points.items():
        sizes, seconds = zip(*line, strict=True)
        colour, width = COLOURS.get(name, GREY), 2.2 if name.startswith("ours") else 1.4
        dashes = "--" if name == "ours, in batches" else "-"
        axes.loglog(
            sizes,
            seconds,
            dashes,
            color=BLUE if name.startswith("ours") else colour,
            lw=width,
            marker="o",
            ms=4,
        )
        axes.annotate(
            name, (sizes[-1], seconds[-1]), (6, 0), textcoords="offset points", va="center", color=INK
        )
    sizes = [size for size, _ in points["ours"]]
    axes.set_xticks(sizes, [f"{size:.3g}" for size in sizes], minor=False)
    axes.set_xticks([], minor=True)
    axes.set_xlim(sizes[0] * 0.8, sizes[-1] * 6)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.set_title(title, loc="left")
    axes.set_xlabel(unit)
    axes.set_ylabel("seconds")


def main() -> None:
    """Measure and draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "docs" / "scaling.png")
    options = parser.parse_args()
    left, right = parsing(), growth()
    with styled(10.5, 4.2) as figure:
        first, second = figure.subplots(1, 2)
        draw(first, left, "Parsing a page of metrics", "size of the page, MB")
        draw(second, right, "What a capture's counters grew by", "millions of samples in the capture")
    with matplotlib.style.context(STYLE):
        figure.savefig(options.out, dpi=110)
    for points in (left, right):
        for name, line in points.items():
            print(name, ", ".join(f"{size:.3g}: {seconds:.3f} s" for size, seconds in line))


if __name__ == "__main__":
    main()

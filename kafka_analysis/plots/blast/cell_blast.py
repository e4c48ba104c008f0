"""What the loss of each cell takes along, beside the loss of the one cluster before the split."""

from typing import Any

from matplotlib.ticker import PercentFormatter

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.units import counted, format_quantity
from kafka_analysis.plots.drawing import WIDTH_IN, Drawing, name_rows, nothing, styled
from kafka_analysis.plots.palette import AFTER, BEFORE, SKY

SHOWN = {"clients": ("clients", AFTER, -0.2), "bytes": ("bytes in and out", SKY, 0.2)}
MOST_CELLS = 40
_BEFORE = "one cluster, before"


def cell_blast(blast: Any, *, accepted: float | None = None) -> Drawing:
    """Draw which share of clients and of bytes the loss of each cell takes along, largest first.

    Parameters
    ----------
    blast
        ``blast`` of ``plan.split_frames``: ``cell``, ``what`` (clients or bytes), ``share``.
    accepted
        Share of clients that the loss of a cell may take along: a line.

    Returns
    -------
    Drawing
        Two bars per cell; the first row is the cluster before the split, whose loss takes all. Of more than 40 cells,
        those whose loss takes most clients are drawn.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"cell": ["a", "b"], "what": "clients", "share": [0.25, 0.8]})
    >>> [label.get_text() for label in cell_blast(rows).axes[0].get_yticklabels()]
    ['one cluster, before', 'b', 'a']
    """
    rows = to_polars(blast)
    clients = rows.filter(what="clients").drop_nulls("share")
    if clients.is_empty():
        return nothing("cell_blast", "no client of a cell is known")
    ranked = clients.sort("share", "cell", descending=[True, False])["cell"].to_list()
    cells = ranked[:MOST_CELLS]
    with styled(WIDTH_IN, 1.4 + 0.34 * (len(cells) + 1)) as figure:
        axes = figure.subplots()
        axes.barh(0, 1.0, height=0.7, color=BEFORE, label="all, before the split")
        for what, (words, colour, shift) in SHOWN.items():
            shares = dict(rows.filter(what=what).select("cell", "share").iter_rows())
            drawn = [(place, shares.get(cell)) for place, cell in enumerate(cells, start=1)]
            there = [(place + shift, share) for place, share in drawn if share is not None]
            if there:
                axes.barh([p for p, _ in there], [s for _, s in there], 0.36, color=colour, label=words)
        if accepted is not None:
            axes.axvline(accepted, color="black", linestyle="--", linewidth=1.2, label="accepted")
        name_rows(axes, [_BEFORE, *cells])
        axes.xaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
        axes.set(xlim=(0, 1), xlabel="share of total")
        axes.grid(visible=True, axis="x")
        figure.legend(loc="outside upper left", ncols=4)
    worst = dict(clients.select("cell", "share").iter_rows())[cells[0]]
    text = f"The worst of {counted(len(ranked), 'cell')} is {cells[0]}: {format_quantity(worst, '%')} of clients."
    return Drawing(
        figure, "cell_blast", f"What the loss of one cell affects. {text}", f"Two bars per cell. {text}"
    )

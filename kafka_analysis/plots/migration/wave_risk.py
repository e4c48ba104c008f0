"""How the risk of a migration is spread over its waves."""

from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.units import counted, format_quantity
from kafka_analysis.plots.drawing import WIDTH_IN, Drawing, nothing, styled
from kafka_analysis.plots.palette import BLUE, INK, ORANGE, PURPLE

_BARS = (("share_of_bytes_in", BLUE, "bytes in"), ("share_of_clients", ORANGE, "clients"))
_MOST_TICKS = 20


def wave_risk(waves: Any) -> Drawing:
    """Draw what share of bytes in and of clients each wave touches, how much has moved, and who is at both ends.

    Parameters
    ----------
    waves
        ``waves`` of a plan: ``wave``, ``share_of_bytes_in``, ``share_of_clients``, ``clients_bridged``.

    Returns
    -------
    Drawing
        Above, bars: how much is lost if a wave goes wrong; the line: bytes in that have moved once it is done. A client
        counts in every wave that moves a topic of it, so that shares of clients may sum to more than all. Below:
        clients that use source and target at once after the wave; the lower, the sooner the source is needed less.

    Examples
    --------
    >>> rows = pl.DataFrame({"wave": [1, 2], "share_of_bytes_in": [0.25, 0.75], "share_of_clients": [0.5, 0.75],
    ...     "clients_bridged": [3, 0]})
    >>> wave_risk(rows).axes[0].lines[0].get_ydata().tolist()
    [0.25, 1.0]
    """
    rows = to_polars(waves).sort("wave")
    if rows.is_empty():
        return nothing("wave_risk", "no waves")
    with styled(WIDTH_IN, 4.2) as figure:
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        _shares(above, rows)
        below.bar(rows["wave"], rows["clients_bridged"], width=0.8, color=PURPLE)
        below.set(xlabel="Wave", ylabel="Clients on\nboth clusters")
        step = -(-len(rows) // _MOST_TICKS)
        below.set_xticks(rows["wave"].to_list()[::step])
        figure.legend(loc="outside upper left", ncols=3)
    text = _text(rows)
    return Drawing(
        figure, "wave_risk", text, f"Bars of shares by wave, and of clients on both clusters. {text}"
    )


def _shares(axes: Axes, rows: pl.DataFrame) -> None:
    for side, (name, colour, label) in enumerate(_BARS):
        if rows[name].null_count() < len(rows):
            shares = rows.drop_nulls(name)
            axes.bar(shares["wave"] + (side - 0.5) * 0.4, shares[name], width=0.4, color=colour, label=label)
    if not rows["share_of_bytes_in"].null_count():
        moved = rows["share_of_bytes_in"].cum_sum()
        axes.plot(rows["wave"], moved, color=INK, marker="o", markersize=4, label="bytes in moved so far")
    axes.set_ylim(0, 1.05)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set_ylabel("Share of total")
    axes.grid(visible=True, axis="y")


def _text(rows: pl.DataFrame) -> str:
    parts = []
    for name, _, label in _BARS:
        shares = rows.drop_nulls(name).sort(name, descending=True, maintain_order=True)
        if len(shares):
            parts.append(
                f"most {label} at once: wave {shares['wave'][0]}, {format_quantity(shares[name][0], '%')}"
            )
    most = rows.sort("clients_bridged", descending=True, maintain_order=True).row(0, named=True)
    if most["clients_bridged"]:
        parts.append(
            f"after wave {most['wave']}, {counted(most['clients_bridged'], 'client')} on both clusters"
        )
    else:
        parts.append("no client is on both clusters between waves")
    return f"Share affected by each of {counted(len(rows), 'wave')}; {'; '.join(parts)}."

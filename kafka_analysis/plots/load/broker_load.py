"""Bars of what every broker or rack carries."""

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.resources import RESOURCES
from kafka_analysis.model.units import format_quantity
from kafka_analysis.plots.drawing import WIDTH_IN, Drawing, nothing, quantity_axis, shortened, styled
from kafka_analysis.plots.palette import BLUE, CYCLE, INK, colours_of, edge_of

SHOWN = ("bytes_in_per_s", "bytes_out_per_s", "size_bytes", "leaders", "replicas")
_MOST_LABELS = 40


def broker_load(load: Any, *, resources: Sequence[str] | None = None, by: str = "broker") -> Drawing:
    r"""Draw what every broker (or rack) of one cluster carries, a panel per resource.

    Parameters
    ----------
    load
        Result of ``stats.broker_load``, or of ``stats.rack_load`` with ``by="rack"``: ``broker``, ``rack`` and a
        column per resource, in bytes, bytes/s or counts.
    resources
        Columns drawn; None = bytes in, bytes out, bytes stored, leaders and replicas.
    by
        What carries the load: ``"broker"`` or ``"rack"``.

    Returns
    -------
    Drawing
        The dashed line is the mean of those known; a title says how far the fullest lies above it. An unknown load
        is written as such, not drawn as 0.

    Examples
    --------
    >>> load = pl.DataFrame({"broker": [1, 2], "rack": ["a", "b"], "leaders": [6, 2]})
    >>> broker_load(load, resources=["leaders"]).axes[0].get_title(loc="left")
    'Leaders\n1.50 × mean'
    """
    rows = to_polars(load)
    chosen = [name for name in resources or SHOWN if name in rows.columns]
    if rows.is_empty() or not chosen:
        return nothing("broker_load", f"no {by} is known")
    if all((rows[name].sum() or 0) == 0 and rows[name].null_count() == 0 for name in chosen):
        return nothing("broker_load", f"none of the {len(rows)} {by}s carried any load")
    rows = rows.sort(by, descending=True, nulls_last=True)
    colours = _colours_of_racks(rows["rack"].to_list())
    alike = len(set(colours.values())) < len(colours)
    height = 0.9 + len(rows) * (0.34 if len(rows) <= 12 else 0.2 if len(rows) <= _MOST_LABELS else 0.1) + 0.45
    with styled(WIDTH_IN, height) as figure:
        panels = figure.subplots(1, len(chosen), sharey=True, squeeze=False)[0]
        for axes, name in zip(panels, chosen, strict=True):
            _panel(axes, rows, name, [colours[rack] for rack in rows["rack"]])
        _label_bars(panels[0], rows, by)
        if by != "rack" and not alike:
            keys = [
                Patch(facecolor=colour, edgecolor=edge_of(colour), label=rack or "rack unknown")
                for rack, colour in colours.items()
            ]
            figure.legend(handles=keys, loc="outside lower left", ncols=min(len(keys), 6))
    fullest = "; ".join(_fullest(rows, chosen, by)) or "no traffic"
    many = f" Of more than {len(CYCLE)} racks, all bars have one colour." if by != "rack" and alike else ""
    caption = f"Load of each {by}; the dashed line is the mean. Fullest: {fullest}.{many}"
    return Drawing(
        figure, "broker_load", caption, f"Bars of the load of {len(rows)} {by}s. Fullest: {fullest}."
    )


def _colours_of_racks(racks: Sequence[str | None]) -> dict[str | None, str]:
    """Give each rack a colour of its own; of more racks than there are colours, all have one."""
    many = len(set(racks)) > len(CYCLE)
    return dict.fromkeys(racks, BLUE) if many else colours_of(racks)


def _panel(axes: Axes, rows: pl.DataFrame, name: str, colours: list[str]) -> None:
    resource = RESOURCES[name]
    title, unit = resource.title, "" if name in ("leaders", "replicas") else resource.unit
    values = rows[name].cast(pl.Float64)
    places = range(len(rows))
    axes.barh(places, values.fill_null(0.0).to_list(), color=colours, height=0.72,
              edgecolor=[edge_of(colour) for colour in colours], linewidth=0.8)  # fmt: skip
    for place, value in zip(places, values, strict=True):
        if value is None:
            axes.text(0.0, place, " unknown", va="center", fontsize=8.5, style="italic")
    mean = values.mean()
    ratio = None if not mean else float(values.max()) / float(mean)
    if mean:
        axes.axvline(float(mean), color=INK, linestyle=(0, (4, 3)), linewidth=1.2)
    axes.set_title(f"{title}\n{format_quantity(ratio)} × mean" if ratio else f"{title}\nnone")
    quantity_axis(axes, unit, float(values.max() or 1.0) * 1.06, ticks=2)


def _label_bars(axes: Axes, rows: pl.DataFrame, by: str) -> None:
    every = max(1, -(-len(rows) // _MOST_LABELS))
    places = [i for i in range(len(rows)) if (len(rows) - 1 - i) % every == 0]
    names = [str(rows[by][i]) if rows[by][i] is not None else "unknown" for i in places]
    axes.set_yticks(places, [shortened(f"{by} {name}") for name in names])
    axes.set_ylim(-0.6, len(rows) - 0.4)


def _fullest(rows: pl.DataFrame, names: Sequence[str], by: str) -> Iterator[str]:
    for name in names:
        mean = rows[name].cast(pl.Float64).mean()
        if mean:
            top = rows.sort(name, descending=True, nulls_last=True).row(0, named=True)
            yield f"{RESOURCES[name].words} {by} {top[by]}, {format_quantity(top[name] / mean)} × mean"

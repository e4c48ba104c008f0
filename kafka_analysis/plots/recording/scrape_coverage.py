"""A strip per target: when it answered, and when it did not."""

from datetime import datetime
from typing import Any

from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.patches import Patch

from kafka_analysis.model.frames import to_polars
from kafka_analysis.plots.drawing import WIDTH_IN, Drawing, nothing, shortened, styled
from kafka_analysis.plots.palette import GAP, SKY

MOST_TARGETS = 60


def scrape_coverage(targets: Any, *, gaps: Any, start: datetime, end: datetime) -> Drawing:
    """Draw when each target answered; those with gaps come first when there are too many to draw.

    Parameters
    ----------
    targets
        ``cluster``, ``target``: a capture's ``targets``.
    gaps
        ``cluster``, ``target``, ``start``, ``end`` (UTC): a capture's ``gaps``.
    start, end
        Bounds of the capture, UTC.

    Examples
    --------
    >>> import polars as pl
    >>> from datetime import UTC
    >>> t = [datetime(2026, 1, 1, 0, m, tzinfo=UTC) for m in (0, 1, 2)]
    >>> targets = pl.DataFrame({"cluster": ["c"], "target": ["jmx of broker 1"]})
    >>> gaps = targets.with_columns(start=pl.lit(t[0]), end=pl.lit(t[1]))
    >>> len(scrape_coverage(targets, gaps=gaps, start=t[0], end=t[2]).axes[0].collections)
    2
    """
    all_targets, missing = to_polars(targets), to_polars(gaps)
    if all_targets.is_empty():
        return nothing("scrape_coverage", "the manifest names no targets")
    keys = ["cluster", "target"]
    counted = missing.group_by(keys).len("_gaps")
    rows = all_targets.select(keys).join(counted, on=keys, how="left", maintain_order="left")
    if len(rows) > MOST_TARGETS:
        rows = rows.sort("_gaps", descending=True, nulls_last=True, maintain_order=True).head(MOST_TARGETS)
    place = {pair: i for i, pair in enumerate(rows.select(keys).iter_rows())}
    whole = (date2num(start), date2num(end) - date2num(start))
    with styled(WIDTH_IN, 0.9 + 0.21 * len(rows)) as figure:
        axes = figure.subplots()
        for i in place.values():
            axes.broken_barh([whole], (i - 0.36, 0.72), color=SKY)
        for row in missing.iter_rows(named=True):
            pair = (row["cluster"], row["target"])
            if pair in place:
                low, high = date2num(max(row["start"], start)), date2num(min(row["end"], end))
                axes.broken_barh(
                    [(low, high - low)], (place[pair] - 0.36, 0.72), color=GAP, hatch="///", edgecolor="white"
                )
        axes.set_yticks(list(place.values()), [shortened(f"{c}: {t}", 44) for c, t in place], fontsize=8.5)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.xaxis_date(tz="UTC")
        axes.xaxis.set_major_formatter(ConciseDateFormatter(AutoDateLocator(tz="UTC"), tz="UTC"))
        axes.set(xlim=(whole[0], whole[0] + whole[1]), xlabel="UTC")
        handles = [
            Patch(color=SKY, label="answered"),
            Patch(facecolor=GAP, hatch="///", edgecolor="white", label="gap"),
        ]
        figure.legend(handles=handles, loc="outside upper left", ncols=2)
    text = f"{len(all_targets)} targets, {counted.height} of them with gaps"
    few = f" The {MOST_TARGETS} with the most gaps are drawn." if len(all_targets) > MOST_TARGETS else ""
    caption = f"When the targets answered: {text}.{few}"
    return Drawing(figure, "scrape_coverage", caption, f"Strips over time. {text}.")

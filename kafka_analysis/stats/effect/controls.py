"""Take what others went through out of a series: per message produced, or beside topics that did not move."""

from dataclasses import replace
from typing import Any

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind, to_polars
from kafka_analysis.stats.effect.measure import measure_effect
from kafka_analysis.stats.effect.result import Effect


@same_kind
def ratio_series(series: Frame, base: Frame) -> Frame:
    """Divide a series by another at the same times: bytes by messages produced, moved topics by those that stayed.

    Parameters
    ----------
    series, base
        ``ts``, ``value``.

    Returns
    -------
    frame of the kind given
        ``ts``, ``value`` of the series: null where the base is missing, 0 or negative.

    Examples
    --------
    >>> from datetime import datetime
    >>> times = [datetime(2026, 1, 1, h) for h in range(3)]
    >>> a = pl.DataFrame({"ts": times, "value": [6.0, 8.0, 9.0]})
    >>> ratio_series(a, a.with_columns(value=pl.Series([2.0, 0.0, 3.0])))["value"].to_list()
    [3.0, None, 3.0]
    """
    both = series.select("ts", "value").join(base.select("ts", base="value"), on="ts", how="left")
    ratio = pl.when(pl.col("base") > 0).then(pl.col("value") / pl.col("base"))
    return both.select("ts", value=ratio).sort("ts")


def measure_against_control(series: Frame, control: Frame, **options: Any) -> Effect:
    """Measure how much more a series changed than a control that nothing was done to: difference in differences.

    The ratio of both is compared: what both went through, growth, season or a slow component, cancels out. It takes for
    granted that both would have gone on alike; the placebo shows whether they did before.

    Parameters
    ----------
    series, control
        ``ts``, ``value`` at the same times; the control above 0, such as the sum of topics that did not move.
    **options
        Those of :func:`stats.measure_effect <kafka_analysis.stats.effect.measure.measure_effect>`.

    Examples
    --------
    >>> import numpy as np
    >>> from datetime import datetime, timedelta
    >>> from kafka_analysis.stats.scope.windows import Window
    >>> t0, rng, at = datetime(2026, 1, 1), np.random.default_rng(1), np.arange(80)
    >>> times = [t0 + timedelta(seconds=10 * i) for i in range(80)]
    >>> both = pl.Series(np.exp(at / 50))
    >>> control = pl.DataFrame({"ts": times, "value": both * np.exp(rng.normal(0, 0.02, 80))})
    >>> moved = pl.DataFrame({"ts": times, "value": both * np.exp(rng.normal(0, 0.02, 80)) * (1 + 0.2 * (at >= 40))})
    >>> half = t0 + timedelta(seconds=400)
    >>> found = measure_against_control(moved, control, before=Window(t0, half),
    ...     after=Window(half, half + timedelta(seconds=400)), step=timedelta(seconds=10), better="higher",
    ...     season="none")
    >>> found.verdict, found.low < 0.2 < found.high
    ('better', True)
    """
    found = measure_effect(ratio_series(to_polars(series), to_polars(control)), **options)
    return replace(found, method=f"difference in differences: {found.method}")

"""Schema of the samples: one row per series and scrape, counters raw."""

import dataframely as dy
import polars as pl

SERIES = ("metric", "cluster", "broker", "topic", "partition", "group", "entity", "stat")


class Samples(dy.Schema):
    """Samples of the canonical metrics.

    ``ts`` is when the target answered. A row without topic in a family that also has rows per topic is the
    broker's own aggregate: never add the two up. ``entity`` is what the catalogue says for the metric; ``stat``
    is mean, max, p99 … of a quantile metric. NaN is not a value: it is left out at the boundary.
    """

    metric = dy.String(nullable=False)
    ts = dy.Datetime(nullable=False, time_unit="ms", time_zone="UTC")
    cluster = dy.String(nullable=False)
    broker = dy.Int32(nullable=True)
    topic = dy.String(nullable=True)
    partition = dy.Int32(nullable=True)
    group = dy.String(nullable=True)
    entity = dy.String(nullable=True)
    stat = dy.String(nullable=True)
    value = dy.Float64(nullable=False, allow_inf=True)


class Rejected(dy.Schema):
    """Input lines or rows that were not understood; ``text`` is bounded."""

    source = dy.String(nullable=False)
    position = dy.Int64(nullable=True)
    text = dy.String(nullable=False)
    reason = dy.String(nullable=False)


SAMPLES = Samples.create_empty().schema
REJECTED = Rejected.create_empty().schema


def empty_samples() -> pl.DataFrame:
    """Return samples without a row.

    Examples
    --------
    >>> empty_samples().columns[:3]
    ['metric', 'ts', 'cluster']
    """
    return pl.DataFrame(schema=SAMPLES)

"""Small migrations, written down as what topics take in and who uses them."""

from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.plan import plan_waves

START = "2026-01-05"  # a Monday


def frames_of(topics, flows, *, kinds=None, **columns):
    """Return cells, flows and topics: ``topics`` gives bytes in by name, ``flows`` pairs of client and topic."""
    rows = pl.DataFrame(
        {
            "topic": list(topics),
            "bytes_in_per_s": [float(flow) for flow in topics.values()],
            "bytes_out_per_s": 1.0,
            "size_bytes": 3e9,
            **columns,
        }
    )
    used = pl.DataFrame(
        [(client, (kinds or {}).get(client, "group"), topic) for client, topic in flows],
        schema={"client": pl.String, "kind": pl.String, "topic": pl.String},
        orient="row",
    )
    return rows.select("topic", cell=pl.lit("cell-1")), used, rows


@pytest.fixture
def made():
    """Return :func:`frames_of`."""
    return frames_of


@pytest.fixture
def planned():
    """Return a function that plans a small migration with no limits but those given."""

    def plan(topics, flows, *, columns=None, criticality=None, **options):
        cells, used, rows = frames_of(topics, flows, **(columns or {}))
        levels = pl.col("client").replace_strict(criticality or {}, default=None, return_dtype=pl.String)
        given = {"start": START, "max_share_per_wave": None, "wave_weight": 0.0} | options
        return plan_waves(cells, used.with_columns(criticality=levels), rows, **given)

    return plan

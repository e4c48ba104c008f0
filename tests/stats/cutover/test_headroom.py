from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.plan.cutover.headroom import HEADROOM
from kafka_analysis.stats.cutover.headroom import headroom_checks
from tests.cutover_frames import seen


def used(*rows: tuple) -> pl.DataFrame:
    whole = [("cell", "network", of, limit, "B/s", "measured") for of, limit in rows]
    return pl.DataFrame(whole, schema=HEADROOM, orient="row")


@pytest.mark.parametrize(
    ("of", "limit", "state", "finding"),
    [
        (7.9, 10.0, "ok", None),
        (8.0, 10.0, "ok", None),
        (8.1, 10.0, "blocks", "too little headroom"),
        (None, 10.0, "unknown", "headroom unknown"),
        (1.0, None, "unknown", "headroom unknown"),
        (None, None, "unknown", "headroom unknown"),
        (0.0, 10.0, "ok", None),
        (1.0, 0.0, "blocks", "too little headroom"),
    ],
)
def test_a_share_of_what_a_broker_carries_may_be_used(given, of, limit, state, finding) -> None:
    found = headroom_checks(given(pl.concat([used((of, limit)), used((1.0, 2e9))])), most=0.8)
    assert seen(found)[0] == (state, finding)
    assert found["name"].to_list() == ["network", "network"]
    assert found["detail"].null_count() == 0


def test_no_cell_has_no_row() -> None:
    assert headroom_checks(used(), most=0.8).is_empty()

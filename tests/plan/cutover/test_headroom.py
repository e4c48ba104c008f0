from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.cutover.headroom import CELL_NOT_SEEN, HEADROOM, SOURCE_NOT_SEEN, cell_headroom

LOAD = {
    "cluster": "b", "broker": [1, 2, 3], "bytes_in_per_s": 1e6, "bytes_out_per_s": 1e6, "size_bytes": 1e9,
    "replicas": 100, "leaders": 34,
}  # fmt: skip


def load(**changed: Any) -> pl.DataFrame:
    return pl.DataFrame(LOAD | changed)


def headroom(
    rows: pl.DataFrame, *, brought: float | None = 3e6, broker_type: str | None = "m7g.large"
) -> Any:
    found = cell_headroom(rows, brought={"b": brought}, broker_types={"b": broker_type})
    assert found.schema == pl.Schema(HEADROOM)
    return {row["resource"]: row["per_broker"] for row in found.iter_rows(named=True)}


def test_what_the_consumers_of_a_wave_fetch_is_added_to_the_network() -> None:
    before, after = headroom(load(), brought=0.0), headroom(load())
    assert after["network"] - before["network"] == pytest.approx(1e6)  # 3 MB/s over 3 brokers
    assert {name: of for name, of in after.items() if name != "network"} == {
        name: of for name, of in before.items() if name != "network"
    }
    assert after["storage"] == 1e9
    assert after["partitions"] == 100


def test_a_pandas_frame_gives_the_same() -> None:
    assert headroom(load().to_pandas()) == headroom(load())


@pytest.mark.parametrize(
    ("rows", "options", "missing"),
    [
        (load(), {"brought": None}, {"disk", "network"}),
        (load(bytes_in_per_s=[1e6, None, 1e6]), {}, {"disk", "network"}),
        (load(bytes_out_per_s=[None, None, None]), {}, {"disk", "network"}),
        (load(size_bytes=[1e9, None, 1e9]), {}, {"storage"}),
        (load(replicas=[100, None, 100]), {}, {"partitions"}),
    ],
)
def test_what_was_not_seen_of_every_broker_is_unknown(rows, options, missing) -> None:
    found = headroom(rows, **options)
    assert {name for name, of in found.items() if of is None} == missing


@pytest.mark.parametrize(
    ("rows", "brought", "unseen"),
    [
        (load(), None, {SOURCE_NOT_SEEN}),
        (load(bytes_in_per_s=[1e6, None, 1e6]), 1.0, {CELL_NOT_SEEN}),
        (load(size_bytes=[1e9, None, 1e9]), 1.0, {CELL_NOT_SEEN}),
        (load(size_bytes=[1e9, None, 1e9]), None, {SOURCE_NOT_SEEN, CELL_NOT_SEEN}),
        (load(), 1.0, set()),
    ],
)
def test_what_is_unknown_says_what_was_not_seen(rows, brought, unseen) -> None:
    found = cell_headroom(rows, brought={"b": brought}, broker_types={"b": "m7g.large"})
    assert set(found.filter(pl.col("per_broker").is_null())["evidence"]) == unseen


@pytest.mark.parametrize("idle", [0.0, None])
def test_a_cell_that_nothing_is_written_to_has_room_or_is_unknown(idle) -> None:
    found = headroom(load(bytes_in_per_s=[idle] * 3, bytes_out_per_s=[idle] * 3), brought=0.0)
    assert found["network"] == (pytest.approx(0, abs=1e-6) if idle == 0 else None)


def test_a_cell_without_a_type_or_load_has_a_row_that_says_so() -> None:
    assert headroom(load(), broker_type=None) == {"broker type": None}
    assert headroom(load(cluster="z")) == {"load": None}
    found = cell_headroom(load(), brought={}, broker_types={})
    assert found.is_empty()


def test_a_type_that_nobody_knows_is_refused() -> None:
    with pytest.raises(InputError, match=r"odd\.large"):
        headroom(load(), broker_type="odd.large")

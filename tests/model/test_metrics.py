from __future__ import annotations

import re
from pathlib import Path

import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.metrics import HOST_METRICS, METRICS, metric
from kafka_analysis.model.samples import SERIES

NOTES = Path(__file__).parents[3] / "shared" / "metrics.md"


def test_names_say_what_the_kind_is():
    for one in METRICS.values():
        assert one.name.endswith("_total") == (one.kind == "counter"), one.name
        assert one.name.endswith("_per_s") == (one.kind == "rate"), one.name


def test_labels_are_columns_of_the_samples():
    for one in METRICS.values():
        assert set(one.labels) <= set(SERIES) - {"metric", "cluster", "broker"}, one.name


def test_only_what_can_be_added_is_summed():
    assert {one.over_brokers for one in METRICS.values() if one.kind == "quantile"} == {"never"}
    assert metric("offline_partitions").over_brokers == "max"  # every KRaft controller says it
    assert metric("active_controller").over_brokers == "sum"  # and must come out as 1
    assert metric("partition_isr_count").over_brokers == "max on leader"  # 0 on followers


def test_what_the_node_exporter_tells_is_of_the_host_and_nothing_else_is():
    from kafka_analysis.sources.spelling.dialects import dialects

    told = {d.kind: set() for d in dialects()}
    for dialect in dialects():
        for family in dialect.families:
            told[dialect.kind] |= {family.to} if isinstance(family.to, str) else set(family.to.values())
    assert told.pop("node") == HOST_METRICS
    assert not HOST_METRICS & set().union(*told.values())


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("bytes_in_total", "B"),
        ("replication_bytes_out_total", "B"),
        ("bytes_out_per_s", "B/s"),
        ("messages_in_per_s", "records/s"),
        ("messages_in_total", "records"),
        ("mirror_bytes_per_s", "B/s"),
        ("process_cpu_seconds_total", "s"),
        ("group_lag_records", "records"),
        ("network_idle_ratio", ""),
        ("leader_count", ""),
    ],
)
def test_the_unit_is_in_the_name(name, unit):
    assert metric(name).unit == unit


def test_an_unknown_name_gets_the_nearest():
    with pytest.raises(InputError, match="did you mean 'bytes_in_total'"):
        metric("bytes_in_totl")


@pytest.mark.skipif(not NOTES.exists(), reason="the shared notes are not beside this checkout")
def test_every_metric_of_the_notes_is_in_the_catalogue():
    table = NOTES.read_text(encoding="utf-8").split("## Dialects")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| ")][1:]
    names = {name.strip() for cell in cells for name in re.split(r"[,\s]+", cell) if "_" in name}
    assert len(names) > 50
    assert names <= set(METRICS)

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

import kafka_analysis
from kafka_analysis.live.record.children import ChildProcesses
from kafka_analysis.live.record.targets import metadata_targets
from kafka_analysis.model.errors import CaptureError
from kafka_analysis.model.profile import ClusterProfile
from kafka_analysis.model.tables import EVENT_KINDS, RECORDED_BY, TABLES, empty_table, table_schema

T0 = datetime(2026, 1, 1, tzinfo=UTC)
PACKAGE = Path(kafka_analysis.__file__).parent


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_a_time_and_a_cluster(name):
    empty = empty_table(name)
    assert empty.columns[:2] == ["ts", "cluster"]
    assert empty.schema["ts"] == pl.Datetime("ms", "UTC")
    assert table_schema(name).is_valid(empty)


@pytest.mark.parametrize("name", TABLES)
def test_numbers_of_bytes_and_offsets_are_whole(name):
    for column, kind in empty_table(name).schema.items():
        if column.endswith(("_bytes", "_offset")):
            assert kind == pl.Int64, column


def test_an_unknown_table_gets_the_nearest():
    with pytest.raises(CaptureError, match="did you mean 'partitions'"):
        table_schema("partition")


def row(table, **values):
    columns = empty_table(table).schema
    return pl.DataFrame([dict.fromkeys(columns) | {"ts": T0, "cluster": "c"} | values], schema=columns)


@pytest.mark.parametrize("kind", EVENT_KINDS)
def test_events_are_of_the_kinds_known(kind):
    assert table_schema("events").is_valid(row("events", name="n", kind=kind))


def test_and_of_no_other():
    assert not table_schema("events").is_valid(row("events", name="n", kind="party"))
    assert not table_schema("flows").is_valid(
        row("flows", client="c", kind="printer", topic="t", evidence="measured")
    )
    assert not table_schema("flows").is_valid(
        row("flows", client="c", kind="group", topic="t", evidence="guessed")
    )


def test_a_partition_without_leader_is_valid_and_one_without_replicas_is_not():
    known = {"topic": "t", "partition": 0, "isr": []}
    assert table_schema("partitions").is_valid(row("partitions", **known, leader=-1, replicas=[1]))
    assert not table_schema("partitions").is_valid(row("partitions", **known, leader=1, replicas=None))
    assert not table_schema("partitions").is_valid(row("partitions", **known, leader=None, replicas=[1]))


def test_an_offset_may_be_unknown_but_not_a_commit():
    assert table_schema("offsets").is_valid(row("offsets", topic="t", partition=0))
    assert not table_schema("group_offsets").is_valid(row("group_offsets", group="g", topic="t", partition=0))


def test_records_that_are_compared_are_read_for_a_purpose_and_end_somehow():
    known = {"topic": "t", "partition": 0, "stretch": 1, "records": 0, "bytes": 0, "seconds": 0.0}
    reads = table_schema("record_reads")
    assert reads.is_valid(row("record_reads", **known, purpose="sample", ended="enough"))
    assert not reads.is_valid(row("record_reads", **known, purpose="fun", ended="enough"))
    assert not reads.is_valid(row("record_reads", **known, purpose="sample", ended="perhaps"))


def written_tables(folder: Path) -> set[str]:
    """Return the tables named where rows are made or written: ``table(…)``, ``filled(…)`` and the like."""
    calls = [
        call
        for path in folder.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and call.args
    ]
    return {
        call.args[0].value
        for call in calls
        if isinstance(call.args[0], ast.Constant)
        and getattr(call.func, "attr", getattr(call.func, "id", None))
        in ("table", "table_schema", "add_table", "filled")
    }


def test_every_table_is_written_by_something_or_says_that_it_is_not_yet():
    makers = [PACKAGE / "sources", PACKAGE / "live"]
    simulation = [path.parent for path in PACKAGE.rglob("simulate/run.py")]
    written = set[str]().union(*(written_tables(folder) for folder in (*makers, *simulation)))
    assert {name for name, by in RECORDED_BY.items() if by is not None} == written & set(TABLES)
    assert list(RECORDED_BY) == list(TABLES)


def test_tables_of_a_recording_name_the_source_that_writes_them():
    with ChildProcesses(1) as children:
        cluster = ClusterProfile(name="c", bootstrap_servers="b:1")
        listed = metadata_targets(cluster, None, children=children, timeout_s=1)
    kinds = {target.kind for target in listed}
    assert set(RECORDED_BY.values()) - {None, "jmx", "simulation and testbed", "cut-over check"} == kinds


def test_the_document_of_the_schema_says_what_the_schema_says():
    document = PACKAGE.parent / "docs" / "capture.md"
    if not document.exists():
        pytest.skip("the package is installed without its documents")
    cells = [line.strip("| \n").split(" | ") for line in document.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in cells if len(row) == 5 and row[0].startswith("`")]
    assert [(row[0].strip("`"), re.findall(r"`(\w+)`", row[1]), row[2]) for row in rows] == [
        (name, empty_table(name).columns[2:], RECORDED_BY[name] or "nothing yet") for name in TABLES
    ]

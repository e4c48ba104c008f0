"""Plans of captures in which brokers tell no sizes: their log directories do."""

from __future__ import annotations

import json

import polars as pl
import pytest
from typer.testing import CliRunner

from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.cli import app
from kafka_analysis.model.manifest import ClusterInfo
from tests.small import BROKERS, INTERVAL_S, PLACES, SCRAPES, at, counters, sources, table, tables

pytestmark = pytest.mark.usefixtures("short_search")


def listed(brokers, *, cordoned=None):
    rows = [
        {
            "broker": broker,
            "path": "/d",
            "topic": topic,
            "partition": partition,
            "size_bytes": 500,
            "is_future": False,
        }
        for topic, partition, leader in PLACES
        for broker in (leader, leader % 3 + 1)
        if broker in brokers
    ]
    frame = table("log_dirs", rows)
    if cordoned is None:
        return frame
    return frame.with_columns(is_cordoned=pl.col("broker").is_in(cordoned))


def capture(path, *, silent=(), log_dirs=None):
    with CaptureWriter(path) as writer:
        size, dumb = pl.col("metric") == "log_size_bytes", pl.col("broker").is_in(list(silent))
        writer.add_samples(counters().filter(~(size & dumb)))
        for name, rows in tables().items():
            writer.add_table(name, rows)
        if log_dirs is not None:
            writer.add_table("log_dirs", log_dirs)
        clusters = [ClusterInfo(cluster="old", role="source")]
        writer.finish(window=(at(0), at(SCRAPES * INTERVAL_S)), clusters=clusters, sources=sources())
    return str(path)


def planned(path, out):
    return CliRunner().invoke(app, ["plan", "rebalance", path, "--out", str(out), "--json"])


EVERY = tuple(broker for broker, _ in BROKERS)


@pytest.mark.parametrize("silent", [(2,), EVERY])
def test_the_plan_is_the_same_and_says_where_sizes_come_from(silent, tmp_path):
    whole = planned(capture(tmp_path / "whole"), tmp_path / "a")
    some = planned(capture(tmp_path / "some", silent=silent, log_dirs=listed(EVERY)), tmp_path / "b")
    assert some.exit_code == 0, some.output
    by_metric, by_log_dirs = json.loads(whole.stdout), json.loads(some.stdout)
    for name in ("goals", "brokers", "movements"):
        assert by_metric["tables"][name] == by_log_dirs["tables"][name]
    (added,) = set(by_log_dirs["notes"]) - set(by_metric["notes"])
    assert f"led by broker{'s' if len(silent) > 1 else ''} {', '.join(map(str, silent))}" in added


def test_with_neither_the_broker_is_named(tmp_path):
    shown = planned(capture(tmp_path / "c", silent=(2,), log_dirs=listed((1, 3))), tmp_path / "p")
    assert shown.exit_code == 2
    assert [name for name in ("log_size_bytes", "log_dirs", "broker 2") if name not in shown.stderr] == []
    assert not (tmp_path / "p").exists()


def test_a_cordoned_broker_receives_nothing_and_that_is_said(tmp_path, monkeypatch):
    from kafka_analysis.capture.capture import Capture

    path = capture(tmp_path / "c", log_dirs=listed(EVERY))
    read = Capture.table
    flagged = listed(EVERY, cordoned=[3])
    monkeypatch.setattr(
        Capture, "table", lambda self, name: flagged if name == "log_dirs" else read(self, name)
    )
    answer = json.loads(planned(path, tmp_path / "p").stdout)
    assert [note for note in answer["notes"] if "ordoned" in note and "3" in note] != []
    assert 3 not in {row["to"] for row in answer["tables"]["movements"] if row["kind"] == "replica"}

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from kafka_analysis.cli import app

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
MIB = 2**20
NUMBERS = [
    "--bytes-in-avg", 50 * MIB, "--bytes-in-peak", 100 * MIB, "--bytes-out-avg", 100 * MIB,
    "--bytes-out-peak", 200 * MIB, "--partitions", 1000, "--retention-hours", 24,
]  # fmt: skip


def run(*words):
    return CliRunner().invoke(app, ["plan", "size", *map(str, words)])


def results(shown) -> list[dict]:
    assert shown.exit_code == 0, shown.output
    return json.loads(shown.stdout)["results"]


def test_plain_numbers_become_options_ranking_and_costs(tmp_path):
    (result,) = results(run(*NUMBERS, "--out", tmp_path / "s", "--json"))
    figures = {figure["name"]: figure["value"] for figure in result["figures"]}
    assert result["verdict"]["light"] == "green"
    assert (figures["brokers"], round(figures["monthly_usd"], 2)) == (9, 6096.58)
    options = pl.read_csv(tmp_path / "s" / "options.csv")
    medium = options.filter(model="S2", broker_type="kafka.m5.large").row(0, named=True)
    assert (medium["brokers"], round(medium["monthly_usd"], 2)) == (21, 7461.49)
    costs = pl.read_csv(tmp_path / "s" / "costs.csv").filter(broker_type="express.m7g.large")
    assert round(costs["monthly_usd"].sum(), 2) == 6096.58
    written = json.loads((tmp_path / "s" / "sizing.json").read_text())
    assert written == result


def test_units_are_read_as_in_the_notebook(tmp_path):
    words = ["--bytes-in-avg", "50MiB/s", "--bytes-in-peak", "100MiB", "--bytes-out-avg", "100 MiB/s",
             "--bytes-out-peak", "200MiB/s", "--partitions", 1000, "--retention-hours", "1d"]  # fmt: skip
    assert results(run(*words, "--out", tmp_path / "a", "--json")) == results(
        run(*NUMBERS, "--out", tmp_path / "b", "--json")
    )


def test_a_short_capture_is_grey_and_a_declared_peak_is_not(tmp_path):
    (short,) = results(run(SAMPLE, "--out", tmp_path / "a", "--json"))
    assert (short["cluster"], short["verdict"]["light"]) == ("monolith", "grey")
    declared = ["--bytes-in-peak", "5 MB/s", "--bytes-out-peak", "9 MB/s"]
    (other,) = results(run(SAMPLE, *declared, "--out", tmp_path / "b", "--json"))
    assert other["verdict"]["light"] == "green"
    assert {f["name"]: f["evidence"] for f in other["figures"]}["bytes_in_per_s_peak"] == "declared"


def rests_on(folder):
    rows = pl.read_csv(folder / "input.csv").iter_rows(named=True)
    return {row["quantity"]: (row["value"], row["evidence"]) for row in rows}


def test_what_is_declared_rests_on_that_and_what_is_unknown_on_nothing(tmp_path):
    run(*NUMBERS, "--out", tmp_path / "a")
    plain = rests_on(tmp_path / "a")
    assert plain["partitions, replicas included"][1] == "declared"
    assert plain["open connections"] == (None, None)
    assert {evidence for value, evidence in plain.values() if value} == {"declared"}
    run(SAMPLE, "--bytes-in-peak", "5 MB/s", "--connections", 50, "--out", tmp_path / "b")
    mixed = {name: evidence for name, (_, evidence) in rests_on(tmp_path / "b").items()}
    for name, evidence in {
        "bytes in, peak": "declared", "bytes in, average": "measured", "bytes out, peak": "estimated",
        "partitions, replicas included": "estimated", "open connections": "declared", "replication factor": "declared",
    }.items():  # fmt: skip
        assert mixed[name] == evidence, name


def test_one_cluster_by_name(tmp_path):
    sized = results(run(SAMPLE, "--cluster", "cell-b", "--out", tmp_path / "a", "--json"))
    assert [result["cluster"] for result in sized] == ["cell-b"]


def test_options_reach_the_sizing(tmp_path):
    prices = tmp_path / "prices.csv"
    prices.write_text("item,usd,unit,region,source,date,evidence\nebs_storage,0,GB-month,r,s,d,declared\n")
    more = ["--growth", 2, "--tolerates", "az", "--replication", "10 MB/s", "--catalogue", prices]
    run(*NUMBERS, *more, "--out", tmp_path / "s")
    options = pl.read_csv(tmp_path / "s" / "options.csv").filter(model="S2")
    assert (
        options.filter(broker_type="express.m7g.large")["brokers"].item() == 27
    )  # 209.5 / 11.7 · 1.5 = 26.9
    costs = pl.read_csv(tmp_path / "s" / "costs.csv").filter(item="storage")
    assert 0 in costs["usd_per_unit"].to_list()


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (NUMBERS[2:], ["declared_avg_in"]),
        (NUMBERS[:-2], ["declared_retention_hours"]),
        ([*NUMBERS, "--bytes-in-peak", "100 lots"], ["'declared_peak_in'", "'100 lots'"]),
        ([*NUMBERS, "--bytes-in-peak", "0"], ["'declared_peak_in'"]),
        ([*NUMBERS, "--peak", "p50"], ["'peak'", "'p50'"]),
        ([*NUMBERS, "--tolerates", "rack"], ["'tolerates'", "'rack'"]),
        ([*NUMBERS, "--metadata", "raft"], ["'metadata'", "'raft'"]),
        ([*NUMBERS, "--catalogue", "nowhere.csv"], ["nowhere.csv"]),
        ([*NUMBERS, "--partitions", "many"], ["'partitions'", "'many'"]),
        ([SAMPLE, "--cluster", "monolit"], ["'monolit'", "'monolith'"]),
        ([SAMPLE, "--exclude-topic", "click"], ["'click'", "'clicks'"]),
        ([SAMPLE, "--partitions", 5], ["partitions"]),
        (["nowhere"], ["nowhere"]),
    ],
)
def test_wrong_use_is_one_line_and_writes_nothing(tmp_path, words, names):
    shown = run(*words, "--out", tmp_path / "s")
    assert shown.exit_code == 2, shown.output
    assert [name for name in names if name not in shown.stderr] == []
    assert shown.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []

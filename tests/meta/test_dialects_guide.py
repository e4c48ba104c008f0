"""docs/dialects.md: its example is executed word for word, and what it lists is what there is."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kafka_analysis.capture.read import read_capture
from kafka_analysis.cli import app
from kafka_analysis.model.metrics import METRICS
from kafka_analysis.sources.spelling.dialects import dialects, find_dialect
from kafka_analysis.sources.spelling.families import PARTS, STATS, Dialect, Family

TEXT = (Path(__file__).parents[2] / "docs" / "dialects.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^```(?:text|toml) (\S+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))
CONSOLES = re.findall(r"^```console\n\$ kafka-analysis ([^\n]+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def section(heading: str) -> str:
    return TEXT[TEXT.index(heading) :]


def first_cells(text: str) -> set[str]:
    """Return the words in backticks of the first column of the tables of a text."""
    rows = re.findall(r"^\|([^|]*)\|", text, re.MULTILINE)
    return {word for row in rows for word in re.findall(r"`([^`]+)`", row)}


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    for name, content in FILES.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def parts_in_order(expected: str, found: str) -> bool:
    """Tell whether an output is as shown, where a line of … stands for any lines."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == "…" else re.escape(line) + r"\n" for line in expected.splitlines()
    )
    return re.fullmatch(pattern, found) is not None


def test_each_command_prints_what_the_guide_shows(folder):
    assert [command.split()[0] for command, _ in CONSOLES] == ["inspect", "inspect", "ingest"]
    for command, shown in CONSOLES:
        done = CliRunner().invoke(app, shlex.split(command))
        assert parts_in_order(shown, done.stdout), done.output
    numbers = read_capture(folder / "acme-capture").samples().collect()
    said = {
        (r["metric"], r["topic"], r["group"], r["entity"]): r["value"] for r in numbers.iter_rows(named=True)
    }
    assert said == {
        ("bytes_in_total", None, None, None): 9000.0,
        ("bytes_in_total", "orders", None, None): 6000.0,
        ("bytes_in_total", "clicks", None, None): 3000.0,
        ("bytes_out_total", None, None, None): 18000.0,
        ("bytes_out_total", "orders", None, None): 18000.0,
        ("leader_count", None, None, None): 4.0,
        ("partition_count", None, None, None): 12.0,
        ("log_size_bytes", "orders", None, None): 4000.0,
        ("log_size_bytes", "clicks", None, None): 2000.0,
        ("group_lag_records", "orders", "billing", None): 10.0,
        ("filesystem_avail_bytes", None, None, "/data"): 1_024_000.0,
    }


def test_the_dialects_it_lists_are_those_there_are():
    listed = first_cells(TEXT[: TEXT.index("## From")])
    assert listed == {dialect.name for dialect in dialects()}


def test_the_entries_it_lists_are_those_a_file_may_hold():
    entries = section("## What a dialect may hold").partition("## All metrics")[0]
    pieces = entries.split("\n\n")
    of_dialect, of_parts, of_family, of_metrics = (piece for piece in pieces if piece.startswith("|"))
    names = {word.strip("[]") for word in first_cells(of_dialect)}
    assert names == set(Dialect.model_fields)
    assert {part.strip("{}") for part in first_cells(of_parts)} == set(PARTS)
    assert first_cells(of_family) | {"topic_partition"} == set(Family.model_fields)
    assert first_cells(of_metrics) <= set(METRICS)


def test_all_metrics_are_listed_with_their_labels():
    alike: dict[tuple[str, str, str], list[str]] = {}
    for metric in METRICS.values():
        labels = ", ".join(f"`{name}`" for name in metric.labels)
        alike.setdefault((metric.kind, labels, metric.entity), []).append(f"`{metric.name}`")
    rows = [f"| {', '.join(names)} | {' | '.join(shape)} |" for shape, names in alike.items()]
    assert [row for row in section("## All metrics").splitlines() if row.startswith("| `")] == rows


def test_the_stats_it_lists_are_allowed():
    (sentence,) = (part for part in TEXT.split("\n\n") if part.startswith("The stats are"))
    stats = [word for word in re.findall(r"`([^`]+)`", sentence) if word != "p"]
    assert len(stats) > 5
    assert all(STATS.fullmatch(stat) for stat in stats)


def test_names_listed_in_a_table_are_read(folder):
    page = """\
acme_in_Count 9
acme_in_Count{topic_name="orders"} 9
acme_total_time_ms{api="Fetch",pct="0.99"} 5
acme_requests{api="Fetch",version="16"} 5
acme_requests{api="Fetch",version="17"} 6
"""
    (folder / "page.prom").write_text(page, encoding="utf-8")
    assert find_dialect("renamed.toml").name == "renamed"
    shown = CliRunner().invoke(app, ["inspect", "page.prom", "--dialect", "renamed.toml"]).stdout
    assert "on no line: acme_out_Count\n" in shown
    assert "bytes_in_total (2)  e.g. 9 B\n    request_total_ms (1)  e.g. Fetch, p99 = 5 ms\n" in shown
    assert "requests_total (1)  e.g. Fetch = 11\n" in shown


def test_the_mistakes_it_lists_are_shown_so(folder):
    page = """\
acme_in_Count{topic_name="orders"} 9
acme_in_Count{topic_name="clicks"} 8
acme_total_time_ms{api="Fetch",pct="0.50"} 5
"""
    (folder / "page.prom").write_text(page, encoding="utf-8")
    right = FILES["renamed.toml"]
    table = TEXT[TEXT.index("| output | cause |") : TEXT.index("**4. Use it**")]
    for changes, said in (
        (('topic = "topic_name"', 'topic = "topik"'), "a label may not be mapped: topic_name"),
        (('topic = "topic_name"', 'topic = "topik"'), "labels in the dialect, but on none of their lines: "),
        (('"0.50" = "p50", ', ""), "values of `pct` not in stats: 0.50"),
        (("acme_in_Count", "acme_Count"), "in the dialect, but on no line: "),
    ):
        (folder / "renamed.toml").write_text(right.replace(*changes), encoding="utf-8")
        assert said in CliRunner().invoke(app, ["inspect", "page.prom", "--dialect", "renamed.toml"]).stdout
        assert said in table

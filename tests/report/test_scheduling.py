"""docs/scheduling.md: its table is complete, its examples are what the programs take, and each is executed.

Cron's line is executed here; with a shell of its own, and the job of jupyter-scheduler, by ``make test-notebooks``.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
import yaml
from typer.testing import CliRunner

from kafka_analysis.cli import app
from kafka_analysis.report.config import ReportConfig, read_config
from kafka_analysis.report.outcome import Run
from kafka_analysis.sources.profiles import load_profile
from tests.notebooks.in_process import execute_in_process

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "scheduling.md").read_text(encoding="utf-8")
PLACE = "/srv/kafka"
ROW = re.compile(r"^\| `(\w+)` \| (.*?) \| (.*?) \| (.*?) \|$", re.MULTILINE)


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def test_every_key_of_the_options_is_in_the_table_and_no_other() -> None:
    keys = [row[0] for row in ROW.findall(TEXT)]
    assert keys == list(ReportConfig.model_fields)


def test_every_flag_of_the_table_exists_and_every_key_has_one() -> None:
    import typer

    command = typer.main.get_command(app).commands["report"]
    known = {flag for option in command.params for flag in (*option.opts, *option.secondary_opts)}
    for key, flags, *_ in ROW.findall(TEXT):
        named = set(re.findall(r"(?<!\w)--?[a-z][a-z-]*", flags))
        assert named <= known, key
        assert named or key == "capture"


def test_the_example_has_every_key_and_is_read(tmp_path: Path) -> None:
    [example] = blocks("yaml")
    (tmp_path / "reports.yaml").write_text(example, encoding="utf-8")
    assert set(yaml.safe_load(example)) == set(ReportConfig.model_fields)
    assert read_config(tmp_path / "reports.yaml").keep == 30


def test_the_targets_are_a_part_of_a_profile(tmp_path: Path) -> None:
    [targets] = blocks("toml")
    cluster = '[[clusters]]\nname = "c"\nbootstrap_servers = "h:9092"\n'
    (tmp_path / "p.toml").write_text(cluster + targets, encoding="utf-8")
    known = load_profile(tmp_path / "p.toml").notify
    assert {name: target.kind for name, target in known.items()} == {
        "team": "slack", "pipeline": "webhook", "oncall": "mail",
    }  # fmt: skip
    assert set(yaml.safe_load(blocks("yaml")[0])["notify"]) <= set(known)


@pytest.fixture
def place(tmp_path: Path, small_capture: Path) -> Path:
    """Return the folder that stands for the one of the document, with options for one notebook."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "venv").symlink_to(sys.prefix, target_is_directory=True)
    options = {"capture": str(small_capture), "only": ["10_inventory"], "keep": 2}
    (site / "reports.yaml").write_text(yaml.safe_dump(options), encoding="utf-8")
    return site


def assert_report(site: Path) -> None:
    run = Run.model_validate_json((site / "reports" / "latest" / "run.json").read_text(encoding="utf-8"))
    assert [(one.notebook, one.status) for one in run.notebooks] == [("10_inventory", "completed")]
    assert pl.read_parquet(site / "reports" / "history.parquet")["run_id"].unique().to_list() == [run.run_id]


def line_for_cron() -> str:
    [line] = blocks("crontab")
    schedule, command = re.fullmatch(r"((?:\S+ ){5}) *(\S.*)\n", line).groups()
    assert all(re.fullmatch(r"[\d*,/-]+", field) for field in schedule.split())
    assert "%" not in command  # cron would end the line there
    return command


def test_the_line_for_cron_makes_the_report(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, program, words, log = re.fullmatch(
        r"cd (\S+) && (\S+) (.*) >>(\S+) 2>&1", line_for_cron()
    ).groups()
    assert (folder, log) == (PLACE, "reports.log")
    assert os.access(place / program, os.X_OK)
    execute_in_process(monkeypatch)
    monkeypatch.chdir(place)
    done = CliRunner().invoke(app, words.split())
    assert done.exit_code == 0, done.output
    assert done.stdout.rstrip().endswith("index.html")
    assert_report(place)


@pytest.mark.reports
@pytest.mark.timeout(300)
def test_the_line_for_cron_runs_without_any_environment(place: Path) -> None:
    done = subprocess.run(
        ["env", "-i", "sh", "-c", line_for_cron().replace(PLACE, str(place))],
        capture_output=True,
        text=True,
        check=False,
    )
    log = (place / "reports.log").read_text(encoding="utf-8")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), log
    assert log.rstrip().endswith("index.html")
    assert_report(place)


def test_the_units_are_ones_that_systemd_takes(place: Path, tmp_path: Path, tool) -> None:
    program = tool("systemd-analyze", hint="Debian: systemd")
    names = re.findall(r"`/etc/systemd/system/(kafka-report\.\w+)`", TEXT)
    assert names == ["kafka-report.service", "kafka-report.timer"]
    for name, unit in zip(names, blocks("ini"), strict=True):
        (tmp_path / name).write_text(unit.replace(PLACE, str(place)), encoding="utf-8")
    done = verified(program, tmp_path, names)
    assert (done.returncode, done.stderr) == (0, "")
    service = tmp_path / names[0]
    service.write_text(service.read_text(encoding="utf-8").replace("Type=", "Typ="), encoding="utf-8")
    assert "Typ" in verified(program, tmp_path, names).stderr


def verified(program: str, folder: Path, names: list[str]) -> subprocess.CompletedProcess[str]:
    files = [str(folder / name) for name in names]
    return subprocess.run([program, "verify", *files], capture_output=True, text=True, check=False)


@pytest.mark.reports
@pytest.mark.timeout(300)
def test_a_job_of_jupyter_scheduler_makes_the_report(place: Path) -> None:
    if not any(Path(folder, "jupyter_scheduler").is_dir() for folder in sys.path):
        reason = "jupyter-scheduler is not installed"
        pytest.fail(reason) if os.environ.get("KAFKA_ANALYSIS_REQUIRE_ALL") == "1" else pytest.skip(reason)
    fields = dict(
        re.findall(r"^\| (schedule|time zone|parameter `config`) \| `(.*)` \|$", TEXT, re.MULTILINE)
    )
    shutil.copy(ROOT / "docs" / "report_job.ipynb", place)
    config = fields["parameter `config`"].replace(PLACE, str(place))
    words = [str(place), "report_job.ipynb", fields["schedule"], fields["time zone"], config]
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("scheduled_job.py")), *words],
        capture_output=True, text=True, check=False, cwd=place,
    )  # fmt: skip
    assert done.stdout.split()[:1] == ["COMPLETED"], done.stdout + done.stderr
    assert_report(place)

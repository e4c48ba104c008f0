from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from kafka_analysis.model.errors import BusyError
from kafka_analysis.model.summary import SummaryCapture
from kafka_analysis.report.outcome import NotebookOutcome, Notified, Run, RunOutcome

NOW = datetime(2026, 1, 2, tzinfo=UTC)
module = import_module("kafka_analysis.cli.report")  # the package's name of it is the command
DONE = NotebookOutcome(notebook="nb", title="", status="completed", duration_s=1.5, page="", ipynb="")


def outcome(code: int = 0) -> RunOutcome:
    run = Run(
        run_id="r",
        started_at=NOW,
        finished_at=NOW,
        tool_version="0",
        capture=SummaryCapture(id="c", start=None, end=None, sha256=""),
        command="",
        notebooks=(DONE,),
        exit_code=code,
    )
    return RunOutcome(path=Path("reports/r"), run=run, summaries={})


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Result, dict[str, Any]]]:
    """Return a function that runs the command over an engine that only notes what it was told."""

    def invoke(*words: str, ends: RunOutcome | BaseException | None = None) -> tuple[Result, dict[str, Any]]:
        told: dict[str, Any] = {}

        def run_report(capture: str, **options: Any) -> RunOutcome:
            told.update(options, capture=capture)
            if isinstance(ends, BaseException):
                raise ends
            for _ in range(2):
                options["on_notice"]("Compiling")
            options["on_progress"](DONE, 1, 1)
            return ends or outcome()

        monkeypatch.setattr("kafka_analysis.report.run.run_report", run_report)
        app = typer.Typer()
        app.command()(module.report)
        return CliRunner().invoke(app, list(words)), told

    return invoke


def test_options_reach_the_engine(command: Callable[..., tuple[Result, dict[str, Any]]]) -> None:
    result, told = command(
        *("cap", "--only", "a", "--only", "b", "-p", "a:x=[1]", "--out", "o", "--run-id", "r"),
        *("--workers", "2", "--timeout", "5", "--fail-on", "amber", "--keep", "7", "--wait", "60"),
    )
    assert result.exit_code == 0, result.output
    assert (told["capture"], told["only"], told["parameters"]) == ("cap", ["a", "b"], {"a": {"x": [1]}})
    assert (str(told["out"]), told["run_id"], told["workers"], told["timeout_s"]) == ("o", "r", 2, 5)
    assert (told["fail_on"], told["keep"], told["wait_s"]) == ("amber", 7, 60.0)


def test_the_page_to_open_is_the_last_line_and_progress_is_elsewhere(
    command: Callable[..., tuple[Result, dict[str, Any]]],
) -> None:
    result, told = command("cap")
    assert result.stdout == "reports/r/index.html\n"
    assert result.stderr == "Compiling\n[1/1] nb completed in 1.5 s\n"
    assert (str(told["out"]), told["only"]) == ("reports", None)


@pytest.mark.parametrize("code", [0, 1, 3])
def test_the_exit_code_is_the_run_s(command: Callable[..., tuple[Result, dict[str, Any]]], code: int) -> None:
    result, _ = command("cap", ends=outcome(code))
    assert result.exit_code == code


def test_another_run_is_one_line_and_75(command: Callable[..., tuple[Result, dict[str, Any]]]) -> None:
    result, _ = command("cap", ends=BusyError("another report is being written"))
    assert (result.exit_code, result.stderr) == (75, "error: another report is being written\n")


def test_bad_input_is_2(command: Callable[..., tuple[Result, dict[str, Any]]]) -> None:
    result, told = command("cap", "-p", "nonsense")
    assert result.exit_code == 2
    assert not told


def test_what_is_to_be_said_of_the_folder_is_a_line_on_standard_error(
    command: Callable[..., tuple[Result, dict[str, Any]]],
) -> None:
    said = outcome().model_copy(update={"notes": ("the history begins anew",)})
    result, _ = command("cap", ends=said)
    assert result.stderr.splitlines()[-1] == "note: the history begins anew"
    assert result.stdout == "reports/r/index.html\n"


PROFILE = """
[[clusters]]
name = "c"
bootstrap_servers = "h:9092"
[notify.team]
kind = "slack"
url = { env = "KA_TEST_URL" }
"""


def test_those_who_are_told_come_from_the_profile_and_a_failure_is_a_line(
    command: Callable[..., tuple[Result, dict[str, Any]]], tmp_path: Path
) -> None:
    (tmp_path / "p.toml").write_text(PROFILE)
    failed = (Notified(target="team", ok=False, reason="it answered 500"), Notified(target="b", ok=True))
    said = outcome().model_copy(update={"run": outcome().run.model_copy(update={"notified": failed})})
    words = ("--notify", "team", "--notify-profile", str(tmp_path / "p.toml"))
    result, told = command("cap", *words, "--notify-changes-only", ends=said)
    assert (list(told["notify"].targets), told["notify"].only_changes) == (["team"], True)
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (
        0,
        "note: team was not notified: it answered 500",
    )
    config = tmp_path / "reports.yaml"
    config.write_text(f"notify: [team]\nnotify_profile: {tmp_path / 'p.toml'}\nnotify_only_changes: true\n")
    assert command("cap", "--config", str(config))[1]["notify"].only_changes
    assert not command("cap", "--config", str(config), "--notify-always")[1]["notify"].only_changes
    assert command("cap")[1]["notify"] is None


@pytest.mark.parametrize(
    "words", [("--notify", "taem"), ("--notify", "team", "--notify-profile", "none.toml")]
)
def test_nobody_of_that_name_is_wrong_use_before_anything_runs(
    command: Callable[..., tuple[Result, dict[str, Any]]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kafka-analysis.toml").write_text(PROFILE)
    result, told = command("cap", *words)
    assert (result.exit_code, told) == (2, {})
    assert len(result.stderr.strip().splitlines()) == 1


def test_an_interruption_is_130(command: Callable[..., tuple[Result, dict[str, Any]]]) -> None:
    result, _ = command("cap", ends=KeyboardInterrupt())
    assert (result.exit_code, result.stderr) == (130, "stopped: nothing was written\n")


def test_json_is_for_programs(command: Callable[..., tuple[Result, dict[str, Any]]]) -> None:
    result, _ = command("cap", "--json")
    document = json.loads(result.stdout)
    assert (document["index"], document["exit_code"]) == ("reports/r/index.html", 0)


def test_the_configuration_gives_what_is_not_said(
    command: Callable[..., tuple[Result, dict[str, Any]]], tmp_path: Path
) -> None:
    path = tmp_path / "reports.yaml"
    path.write_text("capture: weekly\nout: pages\nfail_on: red\n")
    _, told = command("--config", str(path))
    assert (told["capture"], told["out"], told["config"].fail_on) == ("weekly", "pages", "red")
    result, _ = command("--config", str(tmp_path / "none.yaml"))
    assert result.exit_code == 2


def test_without_a_capture_the_sample_is_meant(
    command: Callable[..., tuple[Result, dict[str, Any]]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "__file__", str(tmp_path / "kafka_analysis" / "cli" / "report.py"))
    monkeypatch.chdir(tmp_path)
    result, _ = command()
    assert result.exit_code == 2
    assert "give the folder of a capture" in result.stderr
    (tmp_path / "data" / "sample").mkdir(parents=True)
    assert command()[1]["capture"] == "data/sample"

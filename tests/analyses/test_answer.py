"""What all analyses have in common: how they are called, what they refuse, how their answers read."""

from __future__ import annotations

import inspect
import json
from dataclasses import FrozenInstanceError, dataclass
from typing import Annotated

import polars as pl
import pytest
from bs4 import BeautifulSoup

from kafka_analysis import analyses
from kafka_analysis.analyses.answer import Answer, analysis
from kafka_analysis.analyses.scope import Scope
from kafka_analysis.model.errors import InputError, ParameterError
from kafka_analysis.model.findings import Light, Result, Verdict
from kafka_analysis.model.manifest import LineCounts, SourceInfo
from kafka_analysis.model.parameters import NotebookParameters
from kafka_analysis.model.parameters.check import MODELS
from kafka_analysis.model.parameters.planning import JudgementParameters

HOSTILE = "<script>alert(1)</script>"
FUNCTIONS = {
    name: value
    for name, value in vars(analyses).items()
    if inspect.isfunction(value) and value.__module__.startswith("kafka_analysis.analyses")
}
RETURNED = {name: inspect.signature(function).return_annotation for name, function in FUNCTIONS.items()}
MODEL_OF = {
    "start_here": 0, "inventory": 1, "partition_skew": 2, "rebalance": 3, "cluster_split": 4, "msk_sizing": 5,
    "migration_waves": 6, "throughput_before_after": 7, "consumer_lag": 8, "replication": 9,
    "cutover_readiness": 10, "executive_summary": 11,
}  # fmt: skip
each = pytest.mark.parametrize("name", FUNCTIONS)


def model_of(name: str) -> type[NotebookParameters]:
    return JudgementParameters if name == "judgement" else MODELS[MODEL_OF[name]]


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class Made(Answer):
    """An answer made by hand."""

    rows: Annotated[pl.DataFrame, "rows of <b>many</b> kinds"]
    more: Annotated[pl.DataFrame, "more of them"]


@pytest.fixture
def answer() -> Made:
    frame = pl.DataFrame({"cluster": [HOSTILE, "c"], "n": [1, 2]})
    verdict = Verdict(light=Light.AMBER, sentence=f"{HOSTILE} is uneven.")
    return Made(
        parameters=NotebookParameters(capture="c"),
        scope=Scope(None, None, pl.DataFrame({"cluster": [HOSTILE]}), pl.DataFrame()),
        results=(Result(cluster=HOSTILE, verdict=verdict),),
        rows=frame,
        more=frame.head(1),
    )


def test_an_answer_does_not_change(answer: Made) -> None:
    for name in ("rows", "results", "anything"):
        with pytest.raises(FrozenInstanceError):
            setattr(answer, name, None)


def test_frames_are_attributes_and_by_name(answer: Made) -> None:
    assert list(answer.frames) == ["rows", "more"] == list(Made.meanings)
    assert all(frame is getattr(answer, name) for name, frame in answer.frames.items())


def test_an_answer_in_plain_text_lists_results_and_frames(answer: Made) -> None:
    lines = repr(answer).splitlines()
    assert lines[0] == "Made"
    assert any(HOSTILE in line and "is uneven." in line for line in lines[1:])
    assert lines[-2:] == [
        "  .rows: 2 rows × 2 columns, rows of <b>many</b> kinds",
        "  .more: 1 rows × 2 columns, more of them",
    ]


def test_an_answer_in_jupyterlab_lists_the_same_and_names_are_text(answer: Made) -> None:
    html = answer._repr_html_()
    soup = BeautifulSoup(html, "html.parser")
    assert soup.find_all(["script", "style"]) == []
    assert "rows of <b>many</b> kinds" in soup.get_text()
    (result,) = soup.find_all("p")
    assert result.get_text().count(HOSTILE) == 2
    assert [[cell.get_text() for cell in row.find_all("td")] for row in soup.find_all("tr")] == [
        [".rows", "2 rows × 2 columns", "rows of <b>many</b> kinds"],
        [".more", "1 rows × 2 columns", "more of them"],
    ]


def test_without_a_capture_nothing_was_rejected_and_there_are_no_gaps(answer: Made) -> None:
    assert (answer.capture, answer.rejected, answer.gap_rows) == (None, 0, [])


@each
def test_the_class_lists_its_frames(name: str) -> None:
    kind = RETURNED[name]
    assert kind.meanings
    for frame, meaning in kind.meanings.items():
        assert f"{frame} : polars.DataFrame\n    {meaning}" in kind.__doc__


@each
def test_the_docstring_lists_every_parameter_before_what_is_returned(name: str) -> None:
    head, _, tail = inspect.getdoc(FUNCTIONS[name]).partition("Returns\n-------\n")
    for field_name, field in model_of(name).model_fields.items():
        assert f"\n{field_name}\n    {field.description}\n" in head, field_name
    assert tail.startswith(RETURNED[name].__name__)


@each
def test_signature_and_model_are_the_same(name: str) -> None:
    parameters = inspect.signature(FUNCTIONS[name]).parameters
    fields = model_of(name).model_fields
    assert list(parameters) == list(fields)
    for field_name, field in fields.items():
        if field_name != "capture":
            assert parameters[field_name].kind is inspect.Parameter.KEYWORD_ONLY
            assert field.is_required() or parameters[field_name].default == field.get_default(
                call_default_factory=True
            )


@each
def test_an_unknown_parameter_is_refused(name: str, recorded) -> None:
    with pytest.raises(ParameterError, match="'nobody'"):
        FUNCTIONS[name](recorded, nobody=1)


@each
def test_options_are_keywords_only(name: str, recorded) -> None:
    with pytest.raises(TypeError):
        FUNCTIONS[name](recorded, "old")


def options(name: str) -> dict[str, str]:
    return {"reassignment": "nowhere.json"} if name == "judgement" else {}


@each
def test_an_unknown_cluster_is_refused(name: str, recorded) -> None:
    with pytest.raises(InputError, match=r"'od'.*'old'"):
        FUNCTIONS[name](recorded, cluster="od", **options(name))


@each
def test_an_unknown_topic_is_refused_and_a_pattern_is_not_one(name: str, recorded) -> None:
    with pytest.raises(InputError, match=r"'order'.*'orders'"):
        FUNCTIONS[name](recorded, topics_exclude=["order"], **options(name))


@each
def test_a_capture_that_is_not_there_is_refused(name: str, tmp_path) -> None:
    with pytest.raises(InputError, match="nowhere"):
        FUNCTIONS[name](str(tmp_path / "nowhere"), **options(name))


@each
def test_without_a_capture_what_is_missing_is_named(name: str) -> None:
    with pytest.raises(ParameterError, match="missing"):
        FUNCTIONS[name](**options(name))


def test_a_capture_is_taken_open_or_by_its_path(recorded) -> None:
    read = [analyses.inventory(place) for place in (recorded, recorded.path, str(recorded.path))]
    assert len({repr(answer) for answer in read}) == 1
    assert {answer.parameters.capture for answer in read} == {str(recorded.path)}
    assert {answer.notebook for answer in read} == {"10_inventory"}


@each
def test_results_have_their_coverage_and_notes_what_the_capture_and_its_window_say(
    name, recorded, files, tmp_path
):
    answer = ask(name, recorded, files, tmp_path)
    assert answer.results
    assert [result.coverage for result in answer.results] == [answer.coverage["old"]]
    assert "Made up by a test." in answer.notes
    alone = ("start_here", "replication", "cutover_readiness", "executive_summary")
    assert any("baseline" in note for note in answer.notes) or name in alone


def ask(name: str, recorded, files, folder):
    """Ask a question of one cluster, with the files that the question needs."""
    moved = {"topic": "orders", "partition": 0, "replicas": [3, 2]}
    (folder / "plan.json").write_text(json.dumps({"version": 1, "partitions": [moved]}))
    needed = {
        "cluster_split": {"flows": files.declared, "cells": 1, "curve": []},
        "migration_waves": {"flows": files.declared, "cells": files.of_orders, "max_share_per_wave": 1.0},
        "rebalance": {"leaders_only": True},
        "judgement": {"reassignment": str(folder / "plan.json")},
    }
    return FUNCTIONS[name](recorded, cluster="old", **needed.get(name, {}))


def test_an_answer_counts_the_gaps_of_its_windows_and_the_lines_not_understood(recorded, changed) -> None:
    whole = analyses.inventory(recorded, cluster="old")
    assert [row["reason"] for row in whole.gap_rows] == ["no connection: Connection refused"]
    assert whole.rejected == 0
    lines = LineCounts(read=5, stored=3, rejected=2)
    asked = {"address": "http://h/metrics", "attempts": 12, "ok": 12, "failed": 0, "lines": lines}
    source = SourceInfo(kind="jmx", cluster="old", broker=1, **asked)
    answer = analyses.inventory(changed(sources=[source]), cluster="old")
    assert (answer.gap_rows, answer.rejected) == ([], 2)


def test_units_are_read_in_a_call(recorded) -> None:
    answer = analyses.rebalance(recorded, cluster="old", tolerance="50%", max_moved_bytes="1kB")
    assert (answer.parameters.tolerance, answer.parameters.max_moved_bytes) == (0.5, 1000.0)


def test_the_function_gets_the_parameters_checked(recorded) -> None:
    received = []

    @analysis(NotebookParameters)
    def ask(capture, parameters) -> Made:
        """Ask.

        Returns
        -------
        Made
            Nothing.
        """
        received.append((capture, parameters))
        return analyses.inventory(capture)

    ask(recorded, start="2026-01-01")
    ((capture, parameters),) = received
    assert capture is recorded
    assert (parameters.start.year, parameters.capture) == (2026, str(recorded.path))

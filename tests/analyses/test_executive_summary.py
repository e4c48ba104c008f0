from __future__ import annotations

from pathlib import Path

import pytest

from kafka_analysis.analyses import executive_summary
from kafka_analysis.capture.read import read_capture
from kafka_analysis.model.errors import InputError, ParameterError
from kafka_analysis.model.summary import Summary, SummaryCapture
from tests.made_summaries import answer, figure, finding, summary

SKEW = "20_partition_skew"


@pytest.fixture
def about(recorded) -> SummaryCapture:
    return SummaryCapture(id=str(recorded.id), start=recorded.start, end=recorded.end, sha256="")


@pytest.fixture
def write(tmp_path, about):
    """Return a function that writes summaries of the recorded capture into a folder, and returns its path."""

    def into(name: str, *made: Summary) -> str:
        folder = tmp_path / name
        folder.mkdir()
        for one in made:
            about_capture = one.model_copy(update={"capture": about})
            about_capture.write(folder / f"{one.notebook}.summary.json")
        return str(folder)

    return into


def skew(cluster: str, light: str, value: float):
    move = finding("red", "full", "Move replicas from broker 1.")
    shown = figure(
        "bytes_out_per_s_max_over_mean", value, unit="× mean", better="lower", label="Fullest broker"
    )
    return answer(cluster, light, "Uneven.", shown, *([move] if light == "red" else []))


def test_light_sentence_figures_and_actions_are_the_page_s(recorded, write) -> None:
    answered = executive_summary(recorded, summaries=write("now", summary(SKEW, skew("old", "red", 3.0))))
    (result,) = answered.results
    assert (result.cluster, result.verdict.light) == ("all clusters", "red")
    assert result.verdict.sentence == answered.page.sentence == "Of all 1 answer, 1 needs action."
    assert [(one.name, one.note) for one in result.figures] == [
        (f"{SKEW}.bytes_out_per_s_max_over_mean", "old")
    ]
    (action,) = result.findings
    assert (action.title, action.action) == ("full", "Move replicas from broker 1.")
    assert "Command or setting: kafka-analysis plan rebalance" in action.detail
    assert answered.actions["undo"].to_list() == ["the rollback of each batch in plan/"]
    assert answered.answers.rows() == [(SKEW, "old", "red", "Uneven.")]


def test_one_cluster_is_looked_at_alone(recorded, write) -> None:
    folder = write("now", summary(SKEW, skew("old", "green", 1.0), skew("new", "red", 3.0)))
    answered = executive_summary(recorded, summaries=folder, cluster="old")
    assert (answered.page.light, answered.answers["cluster"].to_list()) == ("green", ["old"])
    assert list(answered.coverage) == ["old"]


def test_the_changes_are_since_the_run_before(recorded, write) -> None:
    now, before = (
        write(n, summary(SKEW, skew("old", light, v))) for n, light, v in (("b", "red", 3), ("a", "green", 1))
    )
    answered = executive_summary(recorded, summaries=now, previous=before)
    assert answered.changes["word"].to_list() == ["worse", "worse"]
    assert answered.page.compared_with == "a"
    assert any("same capture" in note for note in answered.notes)
    assert executive_summary(recorded, summaries=now).page.compared_with == ""


def test_without_summaries_it_is_grey_and_says_what_to_give(recorded, write) -> None:
    for answered in (executive_summary(recorded), executive_summary(recorded, summaries=write("empty"))):
        (result,) = answered.results
        assert result.verdict.light == "grey"
        assert "give summaries, the folder of a run" in result.verdict.sentence
        assert answered.page.sentence == result.verdict.sentence
        assert answered.frames["actions"].is_empty()


def test_summaries_beside_the_capture_are_taken_where_none_are_named(small, tmp_path, about) -> None:
    capture = small.write_small_capture(tmp_path / "sample")
    made = summary(SKEW, skew("old", "red", 3.0))
    (tmp_path / "sample.summaries").mkdir()
    mine = about.model_copy(update={"id": str(read_capture(capture).id)})
    made.model_copy(update={"capture": mine}).write(tmp_path / "sample.summaries" / f"{SKEW}.summary.json")
    assert executive_summary(capture).page.light == "red"


def test_summaries_of_another_capture_are_refused(recorded, tmp_path) -> None:
    summary(SKEW, skew("old", "red", 3.0)).write(tmp_path / f"{SKEW}.summary.json")
    with pytest.raises(InputError, match=r"were made from capture c-1, not from the one given") as caught:
        executive_summary(recorded, summaries=str(tmp_path))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["summaries", "previous"])
def test_a_folder_that_is_not_there_is_refused(recorded, write, name) -> None:
    given = {"summaries": write("now", summary(SKEW, skew("old", "red", 3.0))), name: "no/such/folder"}
    with pytest.raises(InputError, match="no/such/folder"):
        executive_summary(recorded, **given)


def test_an_empty_name_is_no_folder(recorded) -> None:
    with pytest.raises(ParameterError, match="summaries"):
        executive_summary(recorded, summaries="")


def test_what_cannot_be_read_is_named_as_unknown(recorded, write) -> None:
    folder = write("now", summary(SKEW, skew("old", "green", 1.0)))
    (Path(folder) / "60_cutover_readiness.summary.json").write_text('{"schema_version": 1')
    page = executive_summary(recorded, summaries=folder).page
    assert (page.light, page.asked, page.answered) == ("grey", 2, 1)
    assert page.unknown[0].how.endswith("kafka-analysis report CAPTURE --only 60_cutover_readiness")
    assert "60_cutover_readiness gave no answer" in page.sentence


def test_two_hundred_clusters_and_fifty_notebooks_are_one_page(recorded, write) -> None:
    many = [
        summary(f"{n}_own", *(skew(f"cluster-{c}", "red", 3.0) for c in range(200))) for n in range(10, 60)
    ]
    page = executive_summary(recorded, summaries=write("now", *many)).page
    assert (page.answers, len(page.figures)) == (10_000, 3)
    assert len(page.sentence) < 300
    assert {len(one.clusters) for one in page.actions} == {200}

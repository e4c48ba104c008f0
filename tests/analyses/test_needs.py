"""A page judges nothing that ``inspect`` says cannot be judged, and names the same lack."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kafka_analysis import analyses, read_capture
from kafka_analysis.analyses.needs import with_needs
from kafka_analysis.capture.capture import Capture
from kafka_analysis.live.checks.inspect import inspect_capture
from kafka_analysis.model.findings import Light, Result, Verdict
from kafka_analysis.model.parameters.cutover import CutoverReadinessParameters
from kafka_analysis.model.parameters.describing import InventoryParameters
from kafka_analysis.model.parameters.planning import RebalanceParameters
from kafka_analysis.model.questions import QUESTIONS
from tests.sample import SAMPLE, window_of

UNEVEN = Verdict(light=Light.RED, sentence="uneven.")
WINDOW = window_of("baseline")


@pytest.fixture(scope="module")
def sample() -> Capture:
    return read_capture(SAMPLE)


def without(capture: Capture, prefix: str) -> Capture:
    """Return the capture as if nothing of a kind had been recorded."""
    files = tuple(file for file in capture.manifest.files if not file.path.startswith(prefix))
    return replace(capture, manifest=capture.manifest.model_copy(update={"files": files}))


@pytest.mark.parametrize("prefix", ["samples/", "tables/partitions"])
@pytest.mark.parametrize("name", ["inventory", "msk_sizing", "migration_waves"])
def test_what_inspect_says_is_lacking_is_not_judged(sample, prefix, name):
    capture = without(sample, prefix)
    answer = getattr(analyses, name)(capture, cluster="monolith", **WINDOW)
    (question,) = (question for question in QUESTIONS if question.notebook == answer.notebook)
    missing = inspect_capture(capture)[0][question.name]
    for result in answer.results:
        assert not missing or result.verdict.light is Light.GREY
        assert all(lack in result.verdict.sentence for lack in missing)


def test_each_cluster_needs_its_own_and_all_together_what_any_of_them_has(recorded):
    parameters = InventoryParameters(capture="c")
    judged = [Result(cluster=name, verdict=UNEVEN) for name in ("old", "new", "all clusters")]
    lights = [result.verdict.light for result in with_needs(judged, parameters, recorded)]
    assert lights == [Light.RED, Light.GREY, Light.RED]


def test_of_a_whole_capture_nothing_is_changed(sample):
    answer = analyses.inventory(sample, cluster="monolith", **WINDOW)
    assert answer.results[0].verdict.light is not Light.GREY
    assert with_needs(answer.results, answer.parameters, sample) == answer.results


@pytest.mark.parametrize(
    ("light", "kept"), [(Light.RED, Light.RED), (Light.GREEN, Light.GREY), (Light.GREY, Light.GREY)]
)
def test_what_blocks_a_cut_over_is_known_whatever_is_missing(sample, light, kept):
    nothing = without(sample, "tables/offsets")
    judged = [Result(cluster="monolith", verdict=Verdict(light=light, sentence="said."))]
    (result,) = with_needs(judged, CutoverReadinessParameters(capture="c"), nothing)
    assert result.verdict.light is kept


def test_files_in_place_of_a_capture_hold_what_is_needed(sample):
    answer = analyses.inventory(sample, cluster="monolith", **WINDOW)
    assert with_needs(answer.results, answer.parameters, None) == answer.results


@pytest.mark.parametrize(("leaders_only", "light"), [(False, Light.GREY), (True, Light.RED)])
def test_leaders_can_be_planned_without_sizes(sample, leaders_only, light):
    answer = analyses.inventory(sample, cluster="monolith", **WINDOW)
    files = tuple(
        file for file in sample.manifest.files if not file.path.startswith(("samples/", "tables/log_dirs"))
    )
    nothing = replace(sample, manifest=sample.manifest.model_copy(update={"files": files}))
    parameters = RebalanceParameters(capture="c", leaders_only=leaders_only)
    judged = [result.model_copy(update={"verdict": UNEVEN}) for result in answer.results]
    assert [result.verdict.light for result in with_needs(judged, parameters, nothing)] == [light]

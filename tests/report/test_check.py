from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kafka_analysis.model.errors import InputError, ParameterError, WindowError
from kafka_analysis.report.check import Job, plan_jobs


@pytest.fixture
def plan(
    capture: str, books: Callable[..., Path], open_capture: Callable[[Path], SimpleNamespace]
) -> Callable[..., tuple[Job, ...]]:
    books("20_partition_skew")
    folder = books("own_book")

    def run(*only: str, **parameters: dict[str, Any]) -> tuple[Job, ...]:
        named = {name.replace("skew", "20_partition_skew"): values for name, values in parameters.items()}
        return plan_jobs(capture, open_capture(Path(capture)), only=only, parameters=named, folder=folder)

    return run


def test_all_notebooks_are_planned_in_order(plan: Callable[..., tuple[Job, ...]]) -> None:
    jobs = plan(all={"cluster": "monolith"}, own_book={"skew": 2})
    assert [job.notebook.name for job in jobs] == ["20_partition_skew", "own_book"]
    assert [job.injected for job in jobs] == [
        {"capture": "cap", "cluster": "monolith"},
        {"capture": "cap", "cluster": "monolith", "skew": 2},
    ]


def test_times_are_injected_as_text(plan: Callable[..., tuple[Job, ...]]) -> None:
    [job] = plan("own_book", all={"start": "2026-01-02 06:00"})
    assert job.injected["start"] == "2026-01-02T06:00:00Z"


@pytest.mark.parametrize(
    ("only", "parameters", "error", "says"),
    [
        (("20_skew",), {}, InputError, "did you mean '20_partition_skew'"),
        (
            (),
            {"skew": {"topn": 3}},
            ParameterError,
            "unknown parameter of 20_partition_skew 'topn'; did you mean",
        ),
        ((), {"own_book": {"skw": 3}}, ParameterError, "did you mean 'skew'"),
        ((), {"no_book": {"x": 3}}, ParameterError, "unknown notebook 'no_book'"),
        (("own_book",), {"skew": {"top_n": 3}}, ParameterError, "20_partition_skew, which is not run"),
        ((), {"skew": {"capture": "x"}}, ParameterError, "capture is the report's own argument"),
        ((), {"all": {"cluster": "monolit"}}, ParameterError, "did you mean 'monolith'"),
        ((), {"all": {"start": "2026-01-03"}}, WindowError, "does not overlap the capture"),
        ((), {"all": {"end": "2026-01-02"}}, WindowError, "does not overlap the capture"),
        ((), {"all": {"start": "2026-01-04", "end": "2026-01-03"}}, WindowError, "is not before"),
    ],
)
def test_everything_wrong_is_found_before_a_kernel_starts(
    plan: Callable[..., tuple[Job, ...]],
    only: tuple[str, ...],
    parameters: dict[str, Any],
    error: type[Exception],
    says: str,
) -> None:
    with pytest.raises(error, match=says):
        plan(*only, **parameters)


def test_clusters_of_a_manifest_have_a_name(
    capture: str, books: Callable[..., Path], open_capture: Callable[[Path], SimpleNamespace]
) -> None:
    opened = open_capture(Path(capture))
    opened.clusters = [SimpleNamespace(cluster="a")]
    with pytest.raises(ParameterError, match="unknown cluster"):
        plan_jobs(capture, opened, parameters={"all": {"cluster": "b"}}, folder=books("own_book"))


def test_a_topic_that_is_none_is_refused_before_anything_runs(plan: Callable[..., tuple[Job, ...]]) -> None:
    assert plan(all={"topics_exclude": ["clicks", "tmp-*"]})
    with pytest.raises(InputError, match=r"'ordres'.*orders"):
        plan(all={"topics_exclude": ["ordres"]})
    with pytest.raises(InputError, match="'clicks'"):
        plan(all={"topics_exclude": ["clicks"], "cluster": "monolith"})

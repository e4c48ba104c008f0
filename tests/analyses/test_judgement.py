from __future__ import annotations

import json

import pytest

from kafka_analysis.analyses import judgement
from kafka_analysis.model.errors import InputError
from kafka_analysis.model.manifest import ClusterInfo


@pytest.fixture
def reassignment(tmp_path):
    """Return a function that writes a reassignment of ``orders-0`` and returns its path."""

    def write(*replicas: int, topic: str = "orders") -> str:
        rows = [{"topic": topic, "partition": 0, "replicas": list(replicas)}]
        (tmp_path / "plan.json").write_text(json.dumps({"version": 1, "partitions": rows}))
        return str(tmp_path / "plan.json")

    return write


def figures(answer) -> dict[str, float]:
    (result,) = answer.results
    return {figure.name: figure.value for figure in result.figures}


def test_what_is_there_already_moves_nothing(recorded, reassignment) -> None:
    answer = judgement(recorded, cluster="old", reassignment=reassignment(1, 2))
    assert answer.movements.is_empty()
    assert (figures(answer)["bytes_to_move"], figures(answer)["replicas_moved"]) == (0, 0)


def test_a_replica_on_another_broker_is_copied(recorded, reassignment) -> None:
    answer = judgement(recorded, cluster="old", reassignment=reassignment(3, 2))
    assert (figures(answer)["bytes_to_move"], figures(answer)["replicas_moved"]) == (500.0, 1)
    assert figures(answer)["leaders_changed"] == 1
    assert figures(answer)["goals_violated"] == answer.goals.filter(status="VIOLATED").height


def test_a_wide_tolerance_breaks_no_goal(recorded, reassignment) -> None:
    answer = judgement(recorded, cluster="old", reassignment=reassignment(1, 2), tolerance="100%")
    assert figures(answer)["goals_violated"] == 0


def test_log_directories_that_are_asked_for_are_noted(recorded, tmp_path) -> None:
    row = {"topic": "orders", "partition": 0, "replicas": [1, 2], "log_dirs": ["/a", "any"]}
    (tmp_path / "dirs.json").write_text(json.dumps({"version": 1, "partitions": [row]}))
    answer = judgement(recorded, cluster="old", reassignment=str(tmp_path / "dirs.json"))
    assert any("log director" in note for note in answer.notes)


def test_a_cluster_that_places_partitions_itself_cannot_be_judged(changed, reassignment) -> None:
    capture = changed(clusters=[ClusterInfo(cluster="old", flavour="msk-serverless")])
    with pytest.raises(InputError, match="MSK Serverless places partitions itself"):
        judgement(capture, reassignment=reassignment(1, 2))


@pytest.mark.parametrize(
    ("options", "names"), [({}, "cluster.*old"), ({"cluster": "new"}, "new"), ({"cluster": "od"}, "'od'")]
)
def test_a_reassignment_is_of_one_cluster(recorded, reassignment, options, names) -> None:
    with pytest.raises(InputError, match=names):
        judgement(recorded, reassignment=reassignment(1, 2), **options)


def test_a_reassignment_of_another_cluster_is_refused(recorded, reassignment) -> None:
    with pytest.raises(InputError, match="nobody-0"):
        judgement(recorded, cluster="old", reassignment=reassignment(1, topic="nobody"))

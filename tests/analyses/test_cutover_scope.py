from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kafka_analysis.analyses.cutover_scope import chosen_waves, cutover_scope, group_commits
from kafka_analysis.capture.capture import Capture
from kafka_analysis.capture.cells import read_waves
from kafka_analysis.capture.read import read_capture
from kafka_analysis.model.errors import InputError
from kafka_analysis.model.parameters.cutover import CutoverReadinessParameters
from tests import ready, small

PLAN = "topic,cell,wave\norders,cell,1\nother,cell,2\nthird,beside,2\n"
CLUSTERS = ("prod", "cell", "beside")


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Capture:
    return read_capture(ready.write_ready(tmp_path_factory.mktemp("ready") / "capture"))


def parameters(**given: Any) -> CutoverReadinessParameters:
    return CutoverReadinessParameters(capture="any", **given)


@pytest.mark.parametrize(
    ("given", "topics"),
    [
        ({}, ["orders", "other", "third"]),
        ({"wave": 1}, ["orders"]),
        ({"wave": 2}, ["other", "third"]),
        ({"cluster": "cell"}, ["orders", "other"]),
        ({"wave": 2, "cluster": "cell"}, ["other"]),
        ({"wave": 1, "cluster": "beside"}, []),
    ],
)
def test_waves_and_cells_that_are_asked_for_are_chosen(tmp_path, given, topics) -> None:
    (tmp_path / "waves.csv").write_text(PLAN, encoding="utf-8")
    found = chosen_waves(read_waves(tmp_path / "waves.csv"), CLUSTERS, parameters(**given))
    assert found["topic"].to_list() == topics


def test_without_a_plan_there_are_no_waves() -> None:
    assert chosen_waves(None, CLUSTERS, parameters()) is None
    with pytest.raises(InputError, match="no plan of waves"):
        chosen_waves(None, CLUSTERS, parameters(wave=1))


@pytest.mark.parametrize(
    ("clusters", "wave", "message"), [(("prod", "cell"), None, "beside"), (CLUSTERS, 3, "3")]
)
def test_a_cell_or_wave_that_is_not_there_is_refused(tmp_path, clusters, wave, message) -> None:
    (tmp_path / "waves.csv").write_text(PLAN, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        chosen_waves(read_waves(tmp_path / "waves.csv"), clusters, parameters(wave=wave))


def test_all_that_is_replicated_moves_with_the_groups_that_read_it(capture: Capture) -> None:
    found, positions = cutover_scope(capture, parameters())
    assert found.topics.rows() == [(None, "prod", "cell", "orders", "orders")]
    assert found.partitions["partition"].to_list() == [0]
    assert found.groups.select("group", "committed_offset").rows() == [("g", ready.COMMITTED)]
    assert positions.select("source", "target", "topic", "partition").row(0) == ("prod", "cell", "orders", 0)
    assert cutover_scope(capture, parameters(cluster="prod"))[0].topics.is_empty()


def test_groups_that_are_left_out_do_not_move(capture: Capture) -> None:
    assert cutover_scope(capture, parameters(groups_exclude=["g*"]))[0].groups.is_empty()
    assert len(cutover_scope(capture, parameters(groups_exclude=["G", "[g]x"]))[0].groups) == 1


def test_the_last_commit_of_the_window_counts(tmp_path: Path) -> None:
    rows = small.table(
        "group_offsets",
        [ready.PLACE | {"group": "g", "committed_offset": offset} for offset in (5,)],
        ts=small.at(0),
        cluster="prod",
    )
    later = small.table(
        "group_offsets",
        [ready.PLACE | {"group": "g", "committed_offset": 4}],
        ts=small.at(60),
        cluster="prod",
    )
    capture = read_capture(ready.write_ready(tmp_path / "c", group_offsets=rows.vstack(later)))
    for until, expected in ((None, 4), (small.at(30), 5)):
        found = group_commits(capture.window(None, until), parameters())
        assert found["committed_offset"].to_list() == [expected]

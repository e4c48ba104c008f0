from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kafka_analysis.analyses import migration_waves
from tests.small import at

WHOLE = {"max_share_per_wave": 1.0}


def test_files_become_waves(files) -> None:
    answer = migration_waves(
        topics=files.topics,
        flows=files.flows,
        cells=files.cells,
        first_copy="2026-01-05",
        max_share_per_wave=0.5,
    )
    assert answer.waves["topics"].to_list() == [1, 1]
    assert {"wave-1.md", "wave-2.md", "waves.csv"} <= set(answer.files["files"])
    assert answer.steps["start"].min() == datetime(2026, 1, 5, tzinfo=UTC)


def test_the_first_copy_begins_where_the_window_ends_or_when_it_is_told(recorded, files) -> None:
    options = {"cells": files.of_orders, "flows": files.declared, **WHOLE}
    assert migration_waves(recorded, **options).steps["start"].min() == at(60)  # 50, on the next full minute
    later = migration_waves(recorded, first_copy=at(3600), **options)
    assert later.steps["start"].min() == at(3600)


def test_files_have_no_window_so_the_first_copy_is_to_come(files) -> None:
    answer = migration_waves(topics=files.topics, flows=files.flows, cells=files.cells, **WHOLE)
    ahead = answer.steps["start"].min() - datetime.now(UTC)
    assert timedelta(0) < ahead <= timedelta(hours=1)


def test_what_moves_together_shares_a_wave(files) -> None:
    plain = {"topics": files.topics, "flows": files.flows, "cells": files.cells, "max_topics_per_wave": 2}
    answer = migration_waves(together=[["a", "b"]], **plain, **WHOLE)
    assert answer.topic_waves["wave"].to_list() == [1, 1]


def test_topics_of_one_application_share_a_wave(families, tmp_path) -> None:
    (tmp_path / "cells.csv").write_text("topic,cell\nx-sum-changelog,cell-1\nx-sum-repartition,cell-1\n")
    options = {"cells": str(tmp_path / "cells.csv"), "max_share_per_wave": 0.5, "include_internal": True}
    answer = migration_waves(**families, **options)
    assert answer.waves.is_empty()  # together they are more than a wave may carry
    assert "x-sum-changelog" in answer.results[0].verdict.sentence


@pytest.mark.parametrize(("include", "topics"), [(False, 1), (True, 2)])
def test_internal_topics_move_when_asked(recorded, files, include, topics) -> None:
    answer = migration_waves(
        recorded, cells=files.of_orders, flows=files.declared, include_internal=include, **WHOLE
    )
    assert answer.topic_waves.height == topics


def test_owners_of_a_file_count(recorded, files) -> None:
    options = {"cells": files.of_orders, "flows": files.declared, **WHOLE}
    owned = migration_waves(recorded, ownership=files.owners, **options)
    assert owned.topics.filter(topic="orders")["team"].to_list() == ["checkout"]
    assert migration_waves(recorded, **options).topics.filter(topic="orders")["team"].to_list() == [None]

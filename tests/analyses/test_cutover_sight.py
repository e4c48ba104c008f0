"""What a recording was allowed to see: nothing that is hidden counts as absent."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kafka_analysis.analyses.cutover_moment import OF_CHECKS
from kafka_analysis.analyses.cutover_sight import (
    answered,
    hiding,
    known_tables,
    never_whole,
    transactions_known,
    transactions_lacking,
    without_offsets,
)
from kafka_analysis.capture.capture import Capture
from kafka_analysis.capture.join_sources import NOT_RECORDED
from kafka_analysis.capture.read import read_capture
from kafka_analysis.model.manifest import Gap, SourceInfo
from kafka_analysis.model.rights import MissingRight
from tests import ready, small

TABLES = ready.tables()


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Capture]:
    """Return a function that writes the capture with gaps: (kind, from, to, reason) of the cluster prod."""

    numbers = count()

    def write(*gaps: tuple[str, float, float, str], **how: Any) -> Capture:
        made = ready.sources

        def sources(*, without: tuple[str, ...] = ()) -> list[SourceInfo]:
            kinds = {kind for kind, *_ in gaps}
            rest = [
                s for s in made(without=without) if (s.cluster, s.kind) not in {("prod", k) for k in kinds}
            ]
            named = [
                SourceInfo(
                    kind=kind, cluster="prod", address="h:9092", attempts=2, ok=1, failed=1,
                    gaps=(Gap(start=small.at(start), end=small.at(end), reason=reason),),
                )
                for kind, start, end, reason in gaps
            ]  # fmt: skip
            return [*rest, *named]

        with monkeypatch.context() as patched:
            patched.setattr(ready, "sources", sources)
            return read_capture(ready.write_ready(tmp_path / f"capture-{next(numbers)}", **how))

    return write


def groups(*rows: tuple[str, str, str, str | None]) -> pl.DataFrame:
    """Return groups: (cluster, group, state, kind)."""
    return pl.concat(
        small.table("groups", [{"group": g, "state": s, "kind": k}], ts=small.at(ready.END_S), cluster=c)
        for c, g, s, k in rows
    )


@pytest.mark.parametrize(
    ("unasked", "listed", "hidden"),
    [
        (("groups",), [], {"prod": "no committed offset was recorded", "cell": "no committed offset was recorded"}),
        ((), [], {}),  # asked, and there is none
        ((), [("prod", "g", "STABLE", None)], {}),  # what it reads is known by its members
        ((), [("prod", "g", "EMPTY", None)], {"prod": "no committed offset was recorded, of 1 group listed"}),
        ((), [("prod", "g", "Empty", "classic"), ("prod", "h", "EMPTY", None)],
         {"prod": "no committed offset was recorded, of 2 groups listed"}),
        ((), [("prod", "q", "EMPTY", "share")], {}),
    ],
)  # fmt: skip
def test_clusters_without_any_committed_offset(recorded, unasked, listed, hidden) -> None:
    rows = {"groups": groups(*listed)} if listed else {}
    without = ("group_offsets",) if listed else ("group_offsets", "groups")
    found = without_offsets(recorded(unasked=unasked, without=without, **rows))
    assert dict(found.rows()) == hidden


def test_a_cluster_with_committed_offsets_was_read(recorded) -> None:
    assert without_offsets(recorded(unasked=("groups",))).is_empty()


NOT_READ = "offsets of 1 of 3 groups not read: timed out"


@pytest.mark.parametrize(
    ("gap", "is_hidden"),
    [
        (("groups", 0, 720, NOT_READ), True),
        (("groups", 500, 720, NOT_READ), False),  # the first answer was whole
        (("groups", 0, 300, NOT_READ), False),  # the last one was
        (("groups", 0, 720, "not every group is listed: broker 2 is down"), False),
        (("mirror", 0, 720, NOT_READ), False),
    ],
)
def test_a_group_whose_offsets_no_answer_had_may_be_anywhere(recorded, gap, is_hidden) -> None:
    states = TABLES["groups"]
    early = states.with_columns(ts=pl.lit(small.at(60)).cast(states.schema["ts"]))
    found = never_whole(recorded(gap, groups=pl.concat([early, states])))
    assert dict(found.rows()) == ({"prod": NOT_READ} if is_hidden else {})


def test_what_was_refused_names_the_right(recorded, monkeypatch) -> None:
    right = MissingRight(operation="Describe", resource="groups")
    source, target = ready.CLUSTERS
    monkeypatch.setattr(ready, "CLUSTERS", [source, target.model_copy(update={"missing_rights": (right,)})])
    refused = "state of 1 of 1 groups not read: Group authorization failed"
    found = hiding(recorded(("groups", 0, 720, refused)), "groups")
    assert dict(found.rows()) == {"cell": "no right to Describe on all groups", "prod": refused}
    assert hiding(recorded(("groups", 0, 720, "timed out")), "mirror").is_empty()


def test_an_answer_that_was_refused_in_part_is_not_known(recorded) -> None:
    capture = recorded(("access", 0, 720, "users: no right to Describe on the cluster"))
    nothing = {"partitions": TABLES["partitions"]}
    assert known_tables(capture, nothing) == {
        ("cell", "acls"), ("cell", "quotas"), ("cell", "users"), ("cell", "partitions"), ("prod", "partitions"),
    }  # fmt: skip
    assert sorted(answered(capture, "access")) == ["cell", "prod"]
    assert answered(capture, "nothing of the kind") == []


IDS = "no right to Describe all transactional ids"


@pytest.mark.parametrize(
    ("gaps", "without", "lacking", "known"),
    [
        ([], (), {}, ["cell", "prod"]),
        ([("transactions", 700, 730, IDS)], (), {"prod": IDS}, ["cell"]),
        ([("transactions", 700, 730, IDS)], ("transactions", "active_producers"), {"prod": IDS}, ["cell"]),
        ([("transactions", 100, 200, IDS)], (), {}, ["cell", "prod"]),  # a later answer was whole
        ([("records", 700, 730, IDS)], (), {}, ["cell", "prod"]),
        ([("transactions", 0, 720, NOT_RECORDED)], (), {}, ["cell", "prod"]),
    ],
)
def test_transactions_are_known_where_the_last_answer_was_whole(
    recorded, gaps, without, lacking, known
) -> None:
    capture = recorded(*gaps, without=without)
    read = {name: capture.table(name) for name in OF_CHECKS}
    assert transactions_lacking(capture, read) == lacking
    assert transactions_known(capture, read) == known

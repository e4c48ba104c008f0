from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kafka_analysis.analyses import cutover_readiness
from kafka_analysis.capture.read import read_capture
from kafka_analysis.live.checks import cutover
from kafka_analysis.live.checks.both_ends import BothEnds
from kafka_analysis.live.checks.cutover import record_for_cutover
from kafka_analysis.model.errors import InputError, UnreachableError
from kafka_analysis.model.findings import Light
from kafka_analysis.model.parameters.cutover import CutoverReadinessParameters
from kafka_analysis.model.profile import ClusterProfile, Profile
from tests import ready

OF_CHECK = ("record_reads", "record_checks", "offsets_at", "transactions", "active_producers", "certificates")
TABLES = ready.tables()
PROFILE = Profile(clusters=tuple(ClusterProfile(name=n, bootstrap_servers="127.0.0.1:1") for n in ready.BOTH))
ANSWERED = dict.fromkeys(("transactions", "active_producers", "certificates"), frozenset(ready.BOTH))


def both(**changed: pl.DataFrame | None) -> dict[str, pl.DataFrame]:
    rows = {name: TABLES[name] for name in (*OF_CHECK, "offsets", "topic_configs")} | changed
    return {name: table for name, table in rows.items() if table is not None}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Let a recording and readings of both ends stand in for real ones; return what they were asked."""
    seen: dict[str, Any] = {"answer": BothEnds(both(), ("read so much",), ANSWERED)}

    def record_capture(profile: Profile, out: Path, **how: Any) -> Path:
        seen["recorded"] = how
        if "recording" in seen:
            raise seen["recording"]
        return ready.write_ready(out, without=OF_CHECK, unasked=("records", "transactions", "certificates"))

    def read_both_ends(profile: Profile, pairs: pl.DataFrame, **how: Any) -> BothEnds:
        seen["pairs"], seen["committed"] = pairs.rows(), how["committed"].rows()
        seen["positions"] = how["positions"].select("source", "target", "topic", "partition").rows()
        if isinstance(seen["answer"], BaseException):
            raise seen["answer"]
        return seen["answer"]

    monkeypatch.setattr(cutover, "record_capture", record_capture)
    monkeypatch.setattr(cutover, "read_both_ends", read_both_ends)
    return seen


def parameters(**given: Any) -> CutoverReadinessParameters:
    return CutoverReadinessParameters(capture="any", **given)


def test_a_recording_and_what_was_read_at_both_ends_become_one_capture(asked, tmp_path) -> None:
    place = record_for_cutover(PROFILE, tmp_path / "out", parameters=parameters(), duration_s=7, interval_s=2)
    assert (asked["recorded"]["duration_s"], asked["recorded"]["interval_s"]) == (7, 2)
    assert asked["pairs"] == [("prod", "cell", "orders", "orders")]
    assert asked["committed"] == [("prod", "g", 0, ready.COMMITTED, "orders")]
    assert asked["positions"] == [("prod", "cell", "orders", 0)]
    capture = read_capture(place)
    for name in OF_CHECK:
        assert len(capture.table(name)) == len(TABLES[name]), name
    assert len(capture.table("offsets")) == len(TABLES["offsets"])  # the recorder's own, not a second time
    assert "read so much" in " ".join(capture.manifest.notes)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def targets(place: Path) -> dict[tuple[str, str], int]:
    rows = read_capture(place).targets.filter(
        pl.col("kind").is_in(["records", "transactions", "certificates"])
    )
    return {(kind, cluster): ok for kind, cluster, ok in rows.select("kind", "cluster", "ok").iter_rows()}


def test_an_answer_without_rows_is_none_and_no_answer_is_unknown(asked, tmp_path) -> None:
    nothing = {name: TABLES[name].clear() for name in ANSWERED}
    asked["answer"] = BothEnds(both(**nothing), (), ANSWERED)
    found = targets(record_for_cutover(PROFILE, tmp_path / "one", parameters=parameters()))
    assert set(found.values()) == {1}
    asked["answer"] = BothEnds(both(**dict.fromkeys(ANSWERED)), (), {"transactions": frozenset(ready.BOTH)})
    place = record_for_cutover(PROFILE, tmp_path / "two", parameters=parameters())
    assert {kind for (kind, _), ok in targets(place).items() if not ok} == {"transactions", "certificates"}
    answer = cutover_readiness(place)
    unknown = set(answer.summary.filter(state="unknown")["check"])
    assert {"transactions", "certificates"} <= unknown
    assert answer.results[0].verdict.light != Light.GREEN


HIDDEN = {"transactions": {"prod": "no right to Describe all transactional ids"}}
SOME = {"active_producers": {"prod": "producers of 2000 of 30000 partitions read"}}


@pytest.mark.parametrize(
    ("ids", "lacking", "state"),
    [
        (True, {}, "ok"),
        (True, HIDDEN, "unknown"),
        (False, HIDDEN, "unknown"),  # an empty list without the right is not none
        (True, SOME, "unknown"),
        (False, SOME, "ok"),  # without a transactional id producers tie nothing together
        (True, {"transactions": {"cell": "nothing moves from there"}}, "ok"),
        (True, {"certificates": {"prod": "of the bootstrap servers only"}}, "ok"),
    ],
)
def test_transactions_that_were_not_all_seen_are_unknown(asked, tmp_path, ids, lacking, state) -> None:
    tables = both() if ids else both(transactions=TABLES["transactions"].clear())
    asked["answer"] = BothEnds(tables, (), ANSWERED, lacking)
    place = record_for_cutover(PROFILE, tmp_path / "out", parameters=parameters())
    answer = cutover_readiness(place)
    assert dict(answer.summary.select("check", "state").rows())["transactions"] == state
    if state == "unknown":
        (detail,) = answer.blocking.filter(check="transactions")["detail"]
        assert any(words in detail for of in lacking.values() for words in of.values())


@pytest.mark.parametrize(
    ("given", "message"), [({"wave": 1}, "no plan of waves"), ({"waves": "absent.csv"}, "absent.csv")]
)
def test_a_wrong_plan_is_refused_before_anything_is_recorded(asked, tmp_path, given, message) -> None:
    with pytest.raises(InputError, match=message):
        record_for_cutover(PROFILE, tmp_path / "new" / "out", parameters=parameters(**given))
    assert "recorded" not in asked
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("when", ["recording", "answer"])
@pytest.mark.parametrize("error", [UnreachableError("nobody answers"), KeyboardInterrupt()])
def test_what_fails_leaves_nothing_behind(asked, tmp_path, when, error) -> None:
    asked[when] = error
    with pytest.raises(type(error)):
        record_for_cutover(PROFILE, tmp_path / "new" / "out", parameters=parameters())
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_others_is_left_alone_where_it_fails(asked, tmp_path) -> None:
    (tmp_path / "mine").write_text("x")
    asked["answer"] = UnreachableError("nobody answers")
    with pytest.raises(UnreachableError):
        record_for_cutover(PROFILE, tmp_path / "out", parameters=parameters())
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from testbed import processes
from testbed.cutover_proofs import faults
from testbed.cutover_proofs.at_size import AtSize, checked_at_size
from testbed.cutover_proofs.clusters import cutover_pair, equal_clusters
from testbed.cutover_proofs.faults import FAULTS, Outcome, planted
from testbed.cutover_proofs.moves import BEYOND, SETTINGS, Move, moves
from testbed.cutover_proofs.recorded_failures import Failed
from testbed.cutover_proofs.records import Written
from testbed.cutover_proofs.report import MEASURED, report, sections
from testbed.cutover_proofs.rights import Seen, mirrored_pair, seen_by
from testbed.cutover_proofs.waves import KINDS, STAGES, Verdict, healthy_waves, wave
from testbed.cutover_proofs.way_back import Back, way_back
from testbed.errors import TestbedError
from testbed.mirror_failures.pair import Pair, clear
from testbed.mirror_proofs.kept import keep

MOVE = Move(
    setting="short intervals", group="plain-middle", stands="middle", is_active=False, low=2000, high=2000,
    known_by="matched record", start_by="offset at the target", real=2040, predicted_skips=0, lost=0,
    read_at_source=4500, read_at_target=6540, said=(),
)  # fmt: skip
LIVE = replace(MOVE, group="live", is_active=True, low=0, high=105, real=44)
BLIND = replace(MOVE, group="far", low=None, high=None, predicted_skips=None, said=("offset not translated",))


def test_a_prediction_is_wrong_beyond_a_hundred_records_and_a_hundredth() -> None:
    assert not MOVE.is_off
    assert replace(MOVE, real=2101).is_off
    assert not replace(MOVE, real=20_150, low=20_000, high=20_000).is_off
    assert replace(MOVE, real=20_300, low=20_000, high=20_000).is_off
    assert replace(MOVE, lost=1).is_off
    assert not replace(MOVE, predicted_skips=7, lost=7).is_off


def test_a_live_group_is_to_be_within_its_range() -> None:
    assert not LIVE.is_off
    assert replace(LIVE, real=106).is_off


def test_a_group_without_an_offset_is_no_prediction_only_where_the_check_says_so() -> None:
    assert (BLIND.is_predicted, BLIND.is_off) == (False, False)
    assert replace(BLIND, said=()).is_off


def test_a_group_has_read_what_lies_before_its_offset() -> None:
    written = Written()
    for offset, (name, key) in enumerate([(b"a", b"1"), (b"b", b"2"), (b"c", b"1")]):
        written.ids["t", 0][offset] = name
        written.keys["t", 0][offset] = key
    assert written.read_before({("t", 0): 1}) == {b"a"}
    assert written.unread({("t", 0): 0}) == {b"a", b"b", b"c"}
    assert written.unread({("t", 0): 0}, is_compacted=True) == {b"b", b"c"}


def test_both_clusters_have_the_same_settings() -> None:
    first, second = (cluster.settings for cluster in equal_clusters().clusters)
    assert first == second


def test_twenty_waves_have_topics_of_every_kind() -> None:
    waves = [wave(number) for number in range(1, 21)]
    assert {kind for one in waves for kind in one.kinds} == set(KINDS)
    names = [topic for one in waves for topic in one.topics]
    assert len(set(names)) == len(names)


def test_a_fault_has_to_be_named_with_its_verdict() -> None:
    outcome = Outcome("x", "prepared", "no-go: records skipped", "no-go", (), is_named=True)
    assert not outcome.is_wrong
    assert replace(outcome, is_named=False).is_wrong
    assert replace(outcome, verdict="not enough data").is_wrong
    assert replace(outcome, verdict="go").is_wrong
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


def test_a_recorded_failure_may_not_pass() -> None:
    failed = Failed("loop", "loop", ("no-go",), ("no-go",), is_named=True, findings=())
    assert not failed.is_wrong
    assert replace(failed, is_named=False).is_wrong
    assert replace(failed, verdicts=("no-go", "go")).is_wrong
    assert replace(failed, failure=None, verdicts=("go",), without_records=("go",)).is_wrong


BACK = Back("middle", (5, 5), (7, 7), (5, 5), read_at_target=3, again=3, lost=0, new=2)


def test_a_group_is_back_where_it_was_and_loses_nothing() -> None:
    assert not BACK.is_wrong
    assert replace(BACK, after=(5, 6)).is_wrong
    assert replace(BACK, lost=1).is_wrong
    assert replace(BACK, again=4).is_wrong


SEEN = Seen("no-groups", "Describe", "not enough data: offsets unknown", "not enough data", (), is_named=True)


def test_what_a_user_may_not_see_has_to_be_unknown() -> None:
    assert not SEEN.is_wrong
    assert replace(SEEN, is_named=False).is_wrong
    assert replace(SEEN, verdict="no-go").is_wrong
    assert replace(SEEN, verdict="go").is_wrong


def test_the_report_has_what_was_measured(tmp_path: Path) -> None:
    keep(tmp_path, "moves", [MOVE, LIVE, BLIND, replace(MOVE, group="worse", real=3000)])
    keep(tmp_path, "waves", [Verdict(3, ("plain", "keyed"), stage, "go", ()) for stage in STAGES])
    keep(
        tmp_path,
        "faults",
        [Outcome("x", "prepared", "no-go: y", "go", ("a: b (blocks): c",), is_named=False)],
    )
    keep(tmp_path, "recorded", [Failed("loop", "loop", ("no-go",), ("no-go",), is_named=True, findings=())])
    keep(tmp_path, "rights", [SEEN, replace(SEEN, lacks="Read", verdict="go")])
    keep(tmp_path, "expired", [SEEN])
    keep(tmp_path, "size", [AtSize(3000, 12.34, 1.0, planted=30, found=30, others=0)])
    with pytest.raises(TestbedError, match="cutover_proofs back"):
        report(tmp_path)
    keep(tmp_path, "back", [BACK])
    text = report(tmp_path)
    assert "1 of 3 predictions wrong; the worst of 2 stopped groups 1000 records off" in text
    assert "| short intervals | live (live) | 0 to 105 | 44 | 0 | 0 |" in text
    assert "0 of 3 verdicts on 1 healthy waves are not go" in text
    assert "| 3 | plain, keyed | go | go | go |" in text
    assert "1 of 1 verdicts wrong" in text
    assert "0 of 1 captures judged wrong (1 of them of failures)" in text
    assert "1 of 2 verdicts wrong: Read" in text
    assert "| 3,000 | 12.3 s | 1.0 s | 30 | 30 | 0 |" in text
    assert "| middle | 5, 5 | 7, 7 | 5, 5 | 3 | 3 | 0 | 2 |" in text


def test_what_was_not_measured_again_stays_in_the_report(tmp_path: Path) -> None:
    before = "# T\n\nintroduction\n\n" + "".join(f"## {name}\n\nas it was\n\n" for name in MEASURED)
    keep(tmp_path, "back", [BACK])
    kept = sections(report(tmp_path, before))
    assert {name for name in MEASURED if kept[name] == "as it was"} == set(MEASURED) - {"The way back"}
    assert "| middle | 5, 5 |" in kept["The way back"]


@pytest.fixture(scope="module")
def pair(tool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Run both clusters for all proofs."""
    tool("java", hint="a JDK 17 or newer")
    tool("mvn", hint="Maven fetches the brokers' jars")
    run_dir = tmp_path_factory.mktemp("cutover-proofs") / "run"
    with cutover_pair(run_dir) as clusters:
        yield clusters
    assert processes.running(run_dir) == []


@pytest.fixture
def empty(pair: Pair) -> Pair:
    clear(pair)
    return pair


def real(test: Callable[..., None]) -> Callable[..., None]:
    return pytest.mark.testbed(pytest.mark.timeout(600)(test))


def long(test: Callable[..., None]) -> Callable[..., None]:
    return pytest.mark.campaign(pytest.mark.timeout(1500)(test))


def held(moved: list[Move]) -> None:
    """Hold that every prediction is right, and that a skip that was planted is found."""
    assert [move for move in moved if move.is_off] == []
    (beyond,) = [move for move in moved if move.group == BEYOND]
    assert beyond.predicted_skips == beyond.lost > 0
    assert "records skipped" in beyond.said
    assert sum(move.real > 0 for move in moved if move.is_predicted) >= 5


@real
def test_groups_read_twice_what_was_predicted(empty: Pair, tmp_path: Path) -> None:
    held(moves(empty, SETTINGS[0], tmp_path / "moves", records=600))


@real
def test_a_healthy_wave_passes_every_gate_and_planted_faults_none(tool, empty: Pair, tmp_path: Path) -> None:
    tool("faketime", hint="libfaketime sets a process's clock ahead")
    chosen = [faults.CLOCKS, faults.PRODUCER, faults.SKIP, faults.MISSING]
    outcomes = list(planted(empty, tmp_path / "faults", chosen))
    assert [outcome for outcome in outcomes if outcome.is_wrong] == []
    assert [outcome.verdict for outcome in outcomes] == ["go", *[fault.verdict for fault in chosen]]


@real
def test_a_long_transaction_aborted_last_is_no_lag(empty: Pair, tmp_path: Path) -> None:
    of = wave(3)
    assert "transactional" in of.kinds
    found = healthy_waves(empty, [of.number], tmp_path / "waves")
    assert [one.stage for one in found] == list(STAGES)
    assert [one.verdict for one in found] == ["go"] * len(STAGES)


@real
def test_groups_that_moved_go_back_by_the_commands_of_the_plan(empty: Pair, tmp_path: Path) -> None:
    backs = way_back(empty, tmp_path / "back")
    assert [back for back in backs if back.is_wrong] == []
    assert sum(back.again for back in backs) > 0


@real
def test_what_differs_stands_out_among_many_topics(empty: Pair, tmp_path: Path) -> None:
    found = checked_at_size(empty, 250, tmp_path)
    assert (found.planted, found.found, found.others) == (3, 3, 0)


@long
@pytest.mark.parametrize("setting", SETTINGS, ids=[setting.name for setting in SETTINGS])
def test_every_setting_of_mirrormaker_is_predicted(empty: Pair, tmp_path: Path, setting) -> None:
    held(moves(empty, setting, tmp_path / "moves"))


@long
def test_healthy_waves_pass_every_gate(empty: Pair, tmp_path: Path) -> None:
    said = healthy_waves(empty, range(1, 6), tmp_path)
    assert [one for one in said if one.verdict != "go"] == []
    assert len(said) == 5 * len(STAGES)


@long
def test_no_planted_fault_passes(empty: Pair, tmp_path: Path) -> None:
    outcomes = list(planted(empty, tmp_path))
    assert [outcome for outcome in outcomes if outcome.is_wrong] == []
    assert len(outcomes) == len(FAULTS) + 1


@long
def test_what_users_may_not_see_is_unknown(tool, tmp_path: Path) -> None:
    tool("java", hint="a JDK 17 or newer")
    tool("mvn", hint="Maven fetches the brokers' jars")
    run_dir = tmp_path / "run"
    run_dir.mkdir()
    with mirrored_pair(run_dir) as secured:
        seen = list(seen_by(secured, tmp_path / "rights"))
    assert [one for one in seen if one.is_wrong] == []

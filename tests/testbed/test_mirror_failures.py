from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest

from kafka_analysis import analyses
from kafka_analysis.capture.capture import Capture
from kafka_analysis.capture.read import read_capture
from kafka_analysis.model.mirror_topics import mirror_topic
from testbed import processes
from testbed.clusters import lay_out, ports_needed
from testbed.errors import TestbedError
from testbed.mirror_failures import connect_runs
from testbed.mirror_failures.announced import CLOSE, LOST, Announced, announced
from testbed.mirror_failures.mirror_runs import BACK, FORTH, IDENTITY, mirror_text
from testbed.mirror_failures.pair import EAST, HUB, WEST, Clusters, Pair, scenario, three_clusters
from testbed.mirror_failures.recorded import Judge
from testbed.mirror_failures.trials import ON_THREE, TRIALS, chosen, record

TOPIC, GROUP = "orders", "billing"


@pytest.fixture
def pair() -> Pair:
    ports = range(1000, 1000 + ports_needed(scenario()))
    return Pair(lay_out(scenario(), ports, run_dir=Path("run"), lib=Path("lib")))


def lines_of(text: str) -> dict[str, str]:
    lines = [line.split(" = ", 1) for line in text.splitlines()]
    assert len({name for name, _ in lines}) == len(lines)
    return dict(lines)


def test_only_the_flows_of_a_trial_are_on(pair: Pair) -> None:
    forth = lines_of(mirror_text(pair))
    assert (forth["old->new.enabled"], forth["new->old.enabled"]) == ("true", "false")
    assert (
        forth["new->old.emit.heartbeats.enabled"] == "false"
    )  # it would run all the same, for its heartbeats
    both = lines_of(mirror_text(pair, flows=(FORTH, BACK)))
    assert (both["old->new.enabled"], both["new->old.enabled"]) == ("true", "true")


def test_a_mirror_s_topics_have_as_many_replicas_as_there_are_brokers(pair: Pair) -> None:
    found = {
        name: value for name, value in lines_of(mirror_text(pair)).items() if "replication.factor" in name
    }
    assert len(found) >= 6
    assert set(found.values()) == {"1"}


def test_a_trial_s_settings_win_and_others_can_be_left_out(pair: Pair) -> None:
    name = "offset-syncs.topic.replication.factor"
    lines = lines_of(mirror_text(pair, settings={"tasks.max": "7"}, without=[name]))
    assert lines["tasks.max"] == "7"
    assert name not in lines
    assert name in lines_of(mirror_text(pair))
    assert lines["replication.policy.class"] == IDENTITY


def test_three_clusters_mirror_where_a_trial_says_and_nowhere_else() -> None:
    ports = range(1000, 1000 + ports_needed(three_clusters()))
    three = Clusters(lay_out(three_clusters(), ports, run_dir=Path("run"), lib=Path("lib")))
    lines = lines_of(mirror_text(three, flows=[(EAST, HUB), (WEST, HUB)]))
    on = {name for name, value in lines.items() if name.endswith("->hub.enabled") and value == "true"}
    assert on == {"east->hub.enabled", "west->hub.enabled"}
    assert (
        sum(name.endswith(".emit.heartbeats.enabled") and value == "false" for name, value in lines.items())
        == 4
    )
    assert [cluster.name for cluster in three.profile({EAST, HUB}).clusters] == [HUB, EAST]


@pytest.mark.parametrize(
    ("row", "is_false", "is_missed"),
    [
        (Announced(9.0, None, None, 0), False, False),
        (Announced(9.0, "retention_nearing", CLOSE, 0), True, False),
        (Announced(5.0, CLOSE, CLOSE, 0), False, False),  # within the interval in which a record came
        (Announced(4.0, CLOSE, None, 0), False, True),
        (Announced(-1.0, CLOSE, LOST, 0), True, True),
        (Announced(-1.0, LOST, LOST, 7), False, False),
        (Announced(-1.0, CLOSE, CLOSE, 7), False, True),
    ],
)
def test_an_announcement_is_too_early_or_too_late(row: Announced, is_false: bool, is_missed: bool) -> None:
    assert (row.is_false, row.is_missed) == (is_false, is_missed)


def test_topics_of_the_worker_are_recognised_by_their_names(pair: Pair) -> None:
    lines = lines_of(connect_runs.worker_text(pair, 8083))
    assert lines["bootstrap.servers"] == pair.new.bootstrap
    for what, kind in (("offset", "offsets"), ("config", "configs"), ("status", "status")):
        topic = lines[f"{what}.storage.topic"]
        assert mirror_topic(topic) == (topic, kind, None)


def test_a_connector_knows_both_clusters(pair: Pair) -> None:
    config = connect_runs.connector_config(pair, "checkpoint")
    assert config["connector.class"].endswith("MirrorCheckpointConnector")
    assert (config["source.cluster.alias"], config["target.cluster.alias"]) == ("old", "new")
    assert config["source.cluster.bootstrap.servers"] == pair.old.bootstrap
    assert config["target.cluster.bootstrap.servers"] == pair.new.bootstrap


def test_trials_are_chosen_by_name() -> None:
    assert chosen([]) == [*TRIALS, *ON_THREE]
    assert chosen(["loop", "task_stopped"]) == ["task_stopped", "loop"]
    with pytest.raises(TestbedError):
        chosen(["loop", "no_such_trial"])


def test_a_judge_is_written_as_it_is(tmp_path: Path) -> None:
    Judge("loop", TOPIC, 0, counts={"sent": 3}).write(tmp_path / "loop.json")
    written = json.loads((tmp_path / "loop.json").read_text())
    assert (written["failure"], written["topic"], written["partition"], written["group"]) == (
        "loop",
        TOPIC,
        0,
        None,
    )
    assert written["counts"] == {"sent": 3}


def test_both_clusters_are_in_the_profile_by_their_aliases(pair: Pair) -> None:
    clusters = [(cluster.name, cluster.role) for cluster in pair.profile().clusters]
    assert clusters == [("old", "source"), ("new", "target")]


class Recorded(NamedTuple):
    """A capture of a trial, and what was done while it was recorded."""

    capture: Capture
    judge: dict[str, Any]

    def rows(self, table: str, **equal: object) -> pl.DataFrame:
        """Return the rows of a table, oldest first."""
        return self.capture.table(table).filter(**equal).sort("ts")

    def last(self, table: str, **equal: object) -> pl.DataFrame:
        """Return the rows of each cluster's last answer."""
        rows = self.capture.table(table)
        return rows.filter(pl.col("ts") == pl.col("ts").max().over("cluster")).filter(**equal)

    def positions(self, partition: int = 0, *, source: str = "old") -> list[int]:
        """Return a partition's positions, oldest first."""
        return self.rows("mirror_positions", source=source, topic=TOPIC, partition=partition)[
            "position"
        ].to_list()

    def ends(self, cluster: str, topic: str = TOPIC, partition: int = 0) -> list[int]:
        """Return a partition's log end offsets, oldest first."""
        rows = self.rows("offsets", cluster=cluster, topic=topic, partition=partition)
        return rows["log_end_offset"].drop_nulls().to_list()

    def starts(self, cluster: str) -> list[int]:
        """Return the first offsets of the topic's first partition, oldest first."""
        rows = self.rows("offsets", cluster=cluster, topic=TOPIC, partition=0)
        return rows["log_start_offset"].drop_nulls().to_list()

    def committed(self, cluster: str, group: str, topic: str = TOPIC) -> list[int]:
        """Return what a group has committed of a topic, by partition."""
        rows = self.last("group_offsets", cluster=cluster, group=group, topic=topic).sort("partition")
        return rows["committed_offset"].to_list()

    def failed(self) -> list[tuple[str, int]]:
        """Return connectors and tasks that failed."""
        rows = self.last("connectors", name="state", value="FAILED", kind="state")
        return rows.select("connector", "task").rows()


Read = Callable[[str], Recorded]


@pytest.fixture(scope="module")
def recorded(tool, tmp_path_factory: pytest.TempPathFactory) -> Read:
    """Record all trials, and return a function that reads one by its name."""
    tool("java", hint="a JDK 17 or newer")
    tool("mvn", hint="Maven fetches the brokers' jars")
    folder = tmp_path_factory.mktemp("mirror-failures")
    record(folder / "captures", chosen([]), run_dir=folder / "run", say=print)
    assert [child for run in (folder / "run").iterdir() for child in processes.running(run)] == []

    def read(name: str) -> Recorded:
        judge = json.loads((folder / "captures" / f"{name}.json").read_text(encoding="utf-8"))
        return Recorded(read_capture(folder / "captures" / name), judge)

    return read


def real(test: Callable[..., None]) -> Callable[..., None]:
    return pytest.mark.testbed(pytest.mark.timeout(900)(test))


@real
def test_retention_overtook_shows_a_position_before_the_log(recorded: Read) -> None:
    trial = recorded("retention_overtook")
    counts = trial.judge["counts"]
    assert set(trial.positions()) == {counts["position"]}
    assert set(trial.starts("old")) == {counts["log_start_offset"]}
    assert counts["log_start_offset"] - counts["position"] == counts["deleted_unread"] > 0


@real
def test_a_mirror_overtaken_by_retention_jumps_over_the_gap(recorded: Read) -> None:
    trial = recorded("retention_overtook_restarted")
    counts = trial.judge["counts"]
    positions, ends = trial.positions(), trial.ends("new")
    assert (positions[0], positions[-1]) == (counts["position"], counts["log_end_offset"])
    assert positions[-1] - positions[0] - (ends[-1] - ends[0]) == counts["deleted_unread"]


@real
def test_topic_recreated_shows_two_ids_and_a_position_that_falls(recorded: Read) -> None:
    trial = recorded("topic_recreated")
    counts = trial.judge["counts"]
    assert trial.rows("topics", cluster="old", topic=TOPIC)["topic_id"].n_unique() == 2
    assert trial.rows("topics", cluster="new", topic=TOPIC)["topic_id"].n_unique() == 1
    positions = trial.positions()
    assert (positions[0], positions[-1]) == (counts["position_before"], counts["position_after"])
    assert trial.ends("new")[-1] == counts["sent_before"] + counts["sent_after"]


@real
def test_a_mirror_without_offsets_writes_everything_again(recorded: Read) -> None:
    trial = recorded("restarted_without_offsets")
    counts = trial.judge["counts"]
    assert trial.ends("old")[-1] == counts["sent"]
    assert trial.ends("new")[-1] == counts["sent"] + counts["duplicates"]
    assert trial.rows("topics", cluster="new", topic="mm2-offsets.old.internal")["topic_id"].n_unique() == 2


@real
def test_a_stopped_task_is_failed_and_its_lag_grows(recorded: Read) -> None:
    trial = recorded("task_stopped")
    counts = trial.judge["counts"]
    assert trial.failed() == [(trial.judge["connector"], trial.judge["task"])]
    assert set(trial.positions()) == {counts["mirrored"]}
    ends = trial.ends("old")
    assert ends[-1] == counts["sent"] > ends[0]


@real
def test_refused_timestamps_stop_the_task_at_the_first_record(recorded: Read) -> None:
    trial = recorded("old_timestamps_refused")
    counts = trial.judge["counts"]
    assert trial.failed() == [(trial.judge["connector"], trial.judge["task"])]
    assert trial.positions() == []
    assert trial.ends("old")[-1] == counts["sent"]
    # A batch of newer records that was under way as the old ones were refused may still arrive; the old ones never do.
    assert trial.ends("new")[-1] == counts["target_end"] <= counts["sent"] - counts["old"]
    limit = trial.last("topic_configs", cluster="new", topic=TOPIC, name="message.timestamp.before.max.ms")
    assert limit["value"].to_list() == [str(counts["limit_ms"])]


@real
def test_added_partitions_are_not_at_the_target(recorded: Read) -> None:
    trial = recorded("partitions_added")
    counts = trial.judge["counts"]
    found = {name: trial.last("partitions", cluster=name, topic=TOPIC).height for name in ("old", "new")}
    assert found == {"old": counts["partitions"], "new": counts["partitions_at_target"]}
    assert trial.positions(0)[-1] > trial.positions(0)[0]  # the mirror is at work
    added = range(counts["partitions_at_target"], counts["partitions"])
    assert sum(trial.ends("old", partition=partition)[-1] for partition in added) == counts["unread"]
    assert [trial.positions(partition) for partition in added] == [[], []]


@real
def test_offsets_of_a_group_with_members_at_the_target_are_not_synced(recorded: Read) -> None:
    trial = recorded("group_active_on_target")
    assert trial.last("groups", cluster="new", group=GROUP)["state"].to_list() == ["STABLE"]
    (checkpoint,) = trial.last("checkpoints", group=GROUP)["downstream_offset"]
    (committed,) = trial.committed("new", GROUP)
    assert committed == trial.judge["counts"]["committed_at_target"] < checkpoint
    assert trial.committed("old", GROUP) == [trial.judge["counts"]["committed"]]


@real
@pytest.mark.parametrize("name", ["checkpoints_without_syncs", "checkpoints_without_syncs_connect"])
def test_without_offset_syncs_no_group_is_translated(recorded: Read, name: str) -> None:
    trial = recorded(name)
    rows = trial.last("connectors").filter(pl.col("task").is_null())
    settings = rows.filter(pl.col("connector").str.contains("(?i)source"), name="emit.offset-syncs.enabled")
    assert settings["value"].to_list() == ["false"]
    assert trial.last("checkpoints").is_empty()
    assert trial.last("offset_syncs").is_empty()
    assert trial.committed("old", GROUP) == [trial.judge["counts"]["committed"]]
    assert trial.committed("new", GROUP) == []
    assert rows["connector"].str.contains("(?i)checkpoint").any() == name.endswith("connect")


@real
def test_the_group_of_a_sink_connector_stays_behind(recorded: Read) -> None:
    trial = recorded("sink_connector_group")
    sink, committed = trial.judge["group"], trial.judge["counts"]["committed"]
    assert trial.committed("old", sink) == trial.committed("old", GROUP) == [committed]
    assert trial.last("checkpoints")["group"].to_list() == [GROUP]
    assert (trial.committed("new", sink), trial.committed("new", GROUP)) == ([], [committed])


@real
def test_rights_to_write_are_not_carried(recorded: Read) -> None:
    trial = recorded("acls_not_carried")
    columns = ("principal", "operation")
    found = {name: set(trial.last("acls", cluster=name).select(columns).rows()) for name in ("old", "new")}
    writer, owner = trial.judge["principals"]
    assert found["old"] - found["new"] == {(writer, "WRITE"), (owner, "ALL")}
    assert found["new"] - found["old"] == {(owner, "READ")}


@real
def test_identity_on_one_connector_checkpoints_a_topic_that_is_not_there(recorded: Read) -> None:
    trial = recorded("identity_on_one_connector")
    (topic,) = trial.last("checkpoints", group=GROUP)["topic"]
    topics = trial.last("topics", cluster="new")["topic"].to_list()
    assert topic == "old.orders"
    assert (topic in topics, TOPIC in topics) == (False, True)
    assert trial.committed("new", GROUP) == trial.committed("new", GROUP, topic) == []


@real
def test_records_of_a_loop_never_end(recorded: Read) -> None:
    trial = recorded("loop")
    for cluster in ("old", "new"):
        ends = trial.ends(cluster)
        assert ends[-1] > ends[0] > 5 * trial.judge["counts"]["sent"]
        assert trial.positions(source=cluster)[-1] > trial.positions(source=cluster)[0]


@real
@pytest.mark.parametrize(
    ("name", "topic"),
    [
        ("healthy", TOPIC),
        ("healthy_default_policy", f"old.{TOPIC}"),
        ("healthy_active_active", f"old.{TOPIC}"),
        ("healthy_connect", TOPIC),
    ],
)
def test_a_healthy_mirror_has_everything(recorded: Read, name: str, topic: str) -> None:
    trial = recorded(name)
    assert trial.judge["failure"] is None
    assert trial.failed() == []
    ends = [trial.ends("old", partition=partition)[-1] for partition in range(3)]
    assert sum(ends) == trial.judge["counts"]["sent"]
    assert [trial.positions(partition)[-1] for partition in range(3)] == ends
    assert [trial.ends("new", topic, partition)[-1] for partition in range(3)] == ends
    assert trial.last("groups", cluster="old", group=GROUP)["state"].to_list() == ["STABLE"]
    assert trial.last("checkpoints", group=GROUP)["topic"].unique().to_list() == [topic]
    assert len(trial.committed("new", GROUP, topic)) == 3


@real
def test_a_mirror_that_goes_on_where_it_was_loses_nothing(recorded: Read) -> None:
    trial = recorded("healthy_restarted")
    counts = trial.judge["counts"]
    assert trial.judge["failure"] is None
    assert trial.starts("old")[-1] == counts["deleted"] == trial.positions()[0]
    assert trial.positions()[-1] == trial.ends("old")[-1] == trial.ends("new")[-1] == counts["sent"]


@real
@pytest.mark.parametrize("name", ["aggregation", "fan_out", "geo_locality"])
def test_each_pattern_is_recognised_and_what_was_sent_is_there(recorded: Read, name: str) -> None:
    trial = recorded(name)
    answer = analyses.replication(trial.capture, tolerance=10.0)
    assert dict(answer.flows.select("flow", "pattern").iter_rows()) == trial.judge["patterns"]
    assert (answer.failures.height, set(answer.flows["lag_records"])) == (0, {0})
    for source, target in answer.flows.select("source", "target").iter_rows():
        sent = trial.judge["counts"][source]
        positions = answer.partitions.filter(source=source, target=target, topic=TOPIC)["committed_offset"]
        ends = [trial.ends(target, f"{source}.{TOPIC}", partition)[-1] for partition in range(2)]
        assert sum(positions) == sum(ends) == sent


@real
@pytest.mark.parametrize("name", ["aggregation", "fan_out", "geo_locality"])
def test_the_mirror_s_file_says_what_it_keeps_in_the_cluster(recorded: Read, name: str) -> None:
    trial = recorded(name)
    said = [note for note in trial.capture.notes if "settings of MirrorMaker's flow" in note]
    assert len(said) == 2
    assert all(note.endswith("mm2.properties does not differ") for note in said)


@real
def test_a_retention_loss_is_announced_two_intervals_before_and_not_earlier(recorded: Read) -> None:
    trial = recorded("retention_announced")
    rows = announced(trial.capture, trial.judge)
    assert [row for row in rows if row.is_false] == []
    assert [row for row in rows if row.is_missed] == []
    assert any(row.by_intervals == CLOSE and row.left_s > 0 for row in rows)
    assert [row for row in rows if row.lost and row.left_s > 0] == []  # the judge knows when at the earliest
    assert rows[-1].by_default == LOST
    assert rows[-1].lost == trial.judge["counts"]["deleted_unread"]
    assert sum(row.by_intervals is None for row in rows) >= 3  # recorded since long before


# What stopped a mirror for a trial's sake, or comes along with the failure, is found too.
ALONG = {
    "retention_overtook": {"task_stopped"},
    "restarted_without_offsets": {"task_stopped"},
    "topic_recreated": {"task_stopped"},
}
RECORDS = {  # of a failure, how many the trial says it cost
    "retention_overtook": "deleted_unread",
    "restarted_without_offsets": "duplicates",
}


@real
@pytest.mark.parametrize("name", [*TRIALS, *ON_THREE, "retention_overtook_restarted"])
def test_what_was_provoked_is_found_and_nothing_else(recorded: Read, name: str) -> None:
    trial = recorded(name)
    failure = trial.judge["failure"]
    answer = analyses.replication(trial.capture, tolerance=10.0)
    found = set(answer.failures["failure"])
    assert {failure} - {None} <= found <= {failure, *ALONG.get(failure, ())}
    lights = {result.verdict.light.value for result in answer.results}
    assert lights == {"green"} if failure is None else lights & {"red", "amber"}
    if failure in RECORDS:
        rows = answer.failures.filter(failure=failure)
        assert rows["records"].sum() == trial.judge["counts"][RECORDS[failure]]

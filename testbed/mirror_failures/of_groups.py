"""Failures of groups: where their members go on at the target is not what they committed at the source."""

from __future__ import annotations

from pathlib import Path

from testbed.admin import Admin
from testbed.mirror import checkpoints
from testbed.mirror_failures import connect_runs, orders
from testbed.mirror_failures.mirror_runs import (
    DEFAULT_POLICY,
    IDENTITY,
    log_of,
    mirror,
    mirror_text,
    said,
    wait_until_stored,
)
from testbed.mirror_failures.pair import Pair
from testbed.mirror_failures.recorded import Judge, moment, recording
from testbed.waiting import wait_for

TOPIC, GROUP, SINK = "orders", "billing", "connect-warehouse"
SENT, MORE = 1_000, 600
WITHIN_S = 90
POLICY = "replication.policy.class"
NO_SYNCS = {"emit.offset-syncs.enabled": "false"}
REFUSED = "Failed to configure MirrorCheckpointConnector"


def group_active_on_target(pair: Pair, folder: Path) -> dict[str, Judge]:
    """Let a group have a member at the target while it goes on at the source: its commits are no longer synced."""
    sent = _sent(pair)
    # At the end of the log there is a checkpoint; of an offset before, only if its sync came in time.
    _commit(pair, GROUP, sent)
    with mirror(pair, mirror_text(pair)):
        wait_until_stored(pair, TOPIC)
        _wait_for_checkpoint(pair, sent)
        wait_for(
            lambda: _committed(pair) is not None, "a synced commit", within_s=WITHIN_S, where=log_of(pair)
        )
        with orders.reading(pair.new, GROUP, TOPIC, commits=False):
            moments = {"joined": moment()}
            sent += orders.send(pair.old, TOPIC, MORE)
            wait_until_stored(pair, TOPIC)
            _commit(pair, GROUP, sent)
            _wait_for_checkpoint(pair, sent)
            with recording(pair, folder / "group_active_on_target") as rounds:
                rounds(3)
            at_target = _committed(pair)
    counts = {"sent": sent, "committed": sent, "committed_at_target": at_target or 0}
    judge = Judge("group_active_on_target", TOPIC, 0, group=GROUP, moments=moments, counts=counts)
    return {"group_active_on_target": judge}


def sink_connector_group(pair: Pair, folder: Path) -> dict[str, Judge]:
    """Commit as a sink connector does: MirrorMaker leaves groups with such names out, unlike any other."""
    sent = _sent(pair)
    for group in (GROUP, SINK):
        _commit(pair, group, SENT)
    with mirror(pair, mirror_text(pair)):
        wait_until_stored(pair, TOPIC)
        _wait_for_checkpoint(pair, SENT)
        wait_for(
            lambda: _committed(pair) is not None, "a synced commit", within_s=WITHIN_S, where=log_of(pair)
        )
        with recording(pair, folder / "sink_connector_group") as rounds:
            rounds(3)
    counts = {
        "sent": sent,
        "committed": SENT,
        "commits_at_target": len(Admin(pair.new.bootstrap).committed(SINK)),
    }
    return {"sink_connector_group": Judge("sink_connector_group", TOPIC, 0, group=SINK, counts=counts)}


def checkpoints_without_syncs(pair: Pair, folder: Path) -> dict[str, Judge]:
    """Run a dedicated MirrorMaker without offset syncs: it refuses the connector of checkpoints and goes on."""
    sent = _sent(pair)
    _commit(pair, GROUP, SENT)
    text = mirror_text(pair, settings=NO_SYNCS, without=["offset-syncs.topic.replication.factor"])
    with mirror(pair, text):
        wait_until_stored(pair, TOPIC)
        wait_for(lambda: REFUSED in said(pair), "the refusal", within_s=WITHIN_S, where=log_of(pair))
        with recording(pair, folder / "checkpoints_without_syncs") as rounds:
            rounds(3)
    judge = _without_checkpoints(
        pair, "checkpoints_without_syncs", sent, "there is no connector of checkpoints"
    )
    return {"checkpoints_without_syncs": judge}


def checkpoints_without_syncs_connect(pair: Pair, folder: Path) -> dict[str, Judge]:
    """Run connectors on Connect, of which only that of the records does without offset syncs."""
    sent = _sent(pair)
    _commit(pair, GROUP, SENT)
    without = ["offset-syncs.topic.replication.factor"]
    with connect_runs.connect(pair) as address:
        connect_runs.put_connectors(pair, address, source=NO_SYNCS, without=without)
        wait_until_stored(pair, TOPIC, store=connect_runs.OFFSETS)
        with recording(pair, folder / "checkpoints_without_syncs_connect") as rounds:
            rounds(4)
    judge = _without_checkpoints(pair, "checkpoints_without_syncs", sent, "all connectors are there")
    return {"checkpoints_without_syncs_connect": judge}


def identity_on_one_connector(pair: Pair, folder: Path) -> dict[str, Judge]:
    """Mirror records under their topic's own name, and checkpoint groups under the name with the source's alias."""
    sent = _sent(pair)
    _commit(pair, GROUP, SENT)
    with connect_runs.connect(pair) as address:
        policies = {"source": {POLICY: IDENTITY}, "checkpoint": {POLICY: DEFAULT_POLICY}}
        connect_runs.put_connectors(pair, address, **policies)
        wait_until_stored(pair, TOPIC, store=connect_runs.OFFSETS)
        _wait_for_checkpoint(pair, SENT, topic=f"{pair.old.name}.{TOPIC}")
        with recording(pair, folder / "identity_on_one_connector") as rounds:
            rounds(3)
    counts = {
        "sent": sent,
        "committed": SENT,
        "commits_at_target": len(Admin(pair.new.bootstrap).committed(GROUP)),
    }
    counts["target_end"] = sum(orders.ends(pair.new, TOPIC).values())
    name = connect_runs.names(pair)["checkpoint"]
    judge = Judge("identity_on_one_connector", TOPIC, 0, group=GROUP, connector=name, counts=counts)
    return {"identity_on_one_connector": judge}


def _sent(pair: Pair) -> int:
    orders.create_topic(pair.old, TOPIC)
    return orders.send(pair.old, TOPIC, SENT)


def _commit(pair: Pair, group: str, offset: int) -> None:
    Admin(pair.old.bootstrap).commit(group, {(TOPIC, 0): offset})


def _committed(pair: Pair) -> int | None:
    return Admin(pair.new.bootstrap).committed(GROUP).get((TOPIC, 0))


def _wait_for_checkpoint(pair: Pair, upstream: int, *, topic: str = TOPIC) -> None:
    def is_there() -> bool:
        found = checkpoints(pair.state, pair.new).get((GROUP, topic, 0))
        return found is not None and found[0] == upstream

    wait_for(is_there, f"the checkpoint of {upstream}", within_s=WITHIN_S, where=log_of(pair))


def _without_checkpoints(pair: Pair, failure: str, sent: int, remark: str) -> Judge:
    commits = len(Admin(pair.new.bootstrap).committed(GROUP))
    found = len(checkpoints(pair.state, pair.new))
    counts = {"sent": sent, "committed": SENT, "checkpoints": found, "commits_at_target": commits}
    return Judge(failure, TOPIC, 0, group=GROUP, counts=counts, remarks=(remark,))

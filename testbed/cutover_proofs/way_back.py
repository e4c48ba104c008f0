"""The way back: groups that moved are set to the offsets of a snapshot with Kafka's own tools, and read on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import Consumer, TopicPartition

from kafka_analysis import plan
from testbed.admin import Admin, Place
from testbed.checklists import Desk, write_client, write_scripts
from testbed.clusters import Cluster
from testbed.cutover_proofs.checking import check
from testbed.cutover_proofs.clusters import measured_profile
from testbed.cutover_proofs.mirrored import wait_until_mirrored
from testbed.cutover_proofs.records import Writer, Written, read_as
from testbed.errors import TestbedError
from testbed.mirror_failures import orders
from testbed.mirror_failures.mirror_runs import mirror, mirror_text
from testbed.mirror_failures.pair import Pair
from testbed.plan_commands import shell_blocks
from testbed.waiting import wait_for

TOPIC, PARTITIONS, RECORDS = "orders", 2, 400
GROUPS: Mapping[str, int] = {"done": 400, "middle": 200, "it's a [$HOME] group": 393}
NEW_RECORDS = 30
WITHIN_S = 60
Say = Callable[[str], None]


@dataclass(frozen=True)
class Back:
    """A group that went back. ``moved``: its offsets at the source were changed since, as a sync back would.

    ``read_at_target``: records of the source that it read there since the snapshot, ``again``: those that it read once
    more at the source, ``lost``: records that it read at neither end, ``new``: records written to the target only.
    """

    group: str
    snapshot: tuple[int, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]
    read_at_target: int
    again: int
    lost: int
    new: int

    @property
    def is_wrong(self) -> bool:
        """Whether it is not where it was, lost a record, or read others again than those it read at the target."""
        return self.after != self.snapshot or self.lost > 0 or self.again != self.read_at_target


def way_back(pair: Pair, folder: Path) -> list[Back]:
    """Move groups, let them read at the target, and take them back by the commands of the plan.

    Raises
    ------
    TestbedError
        If a command of the plan fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written, places = Written(), [(TOPIC, partition) for partition in range(PARTITIONS)]
    orders.create_topic(pair.old, TOPIC, PARTITIONS)
    Writer(pair.old, written).send(TOPIC, RECORDS, partitions=range(PARTITIONS))
    source, target = Admin(pair.old.bootstrap), Admin(pair.new.bootstrap)
    for group, at in GROUPS.items():
        source.commit(group, dict.fromkeys(places, at))
    with mirror(pair, mirror_text(pair)):
        wait_until_mirrored(pair, written)
        wait_for(
            lambda: all(len(target.committed(group)) == PARTITIONS for group in GROUPS),
            "offsets at the target", within_s=WITHIN_S,
        )  # fmt: skip
        answer = check(measured_profile(pair), folder / "capture", stage="consumers stopped", may_lag=True)
    snapshot = folder / "offsets.csv"
    snapshot.write_text(plan.offsets_snapshot(answer.groups).write_csv(), encoding="utf-8")
    # The groups move, and are not mirrored any more; there are records that the source never has.
    fresh = Written()
    Writer(pair.new, fresh).send(TOPIC, NEW_RECORDS, partitions=range(PARTITIONS), is_old=False)
    at_target = {group: _read_and_commit(pair.new, group) for group in GROUPS}
    changed = {group: dict.fromkeys(places, 7) for group in GROUPS}  # as an offset sync back might leave them
    for group, at in changed.items():
        source.commit(group, at)
    _carry_out(pair, folder, plan.rollback_files(plan.read_snapshot(snapshot), cluster=pair.old.name))
    new = {name for ids in fresh.ids.values() for name in ids.values()}
    return [
        _back(pair, group, at_target[group], written, changed[group], places, new=len(new & at_target[group]))
        for group in GROUPS
    ]


def _read_and_commit(cluster: Cluster, group: str) -> set[bytes]:
    came = read_as(cluster, group, [TOPIC], {TOPIC: PARTITIONS})
    ends = orders.ends(cluster, TOPIC)
    consumer = Consumer({"bootstrap.servers": cluster.bootstrap, "group.id": group, "log_level": 0})
    consumer.commit(offsets=[TopicPartition(*place, end) for place, end in ends.items()], asynchronous=False)
    consumer.close()
    return {name for _, _, name in came}


def _carry_out(pair: Pair, folder: Path, files: Mapping[str, str]) -> None:
    """Run the blocks of the plan as they stand: look, try, set."""
    work = folder / "rollback"
    work.mkdir()
    for name, text in files.items():
        (work / name).write_text(text, encoding="utf-8")
    write_scripts(pair.state, folder / "scripts")
    client = write_client(folder / "client.properties")
    desk = Desk(work, folder / "scripts", {"CLUSTER": pair.old.bootstrap, "CLUSTER_CLIENT": client})
    for title, blocks in shell_blocks(files["rollback.md"]).items():
        for block in blocks:
            done = desk(block)
            if done.code or "Failed:" in done.said:
                message = f"{title} failed: {(done.complained or done.said).strip()[-300:]}"
                raise TestbedError(message)


def _back(
    pair: Pair,
    group: str,
    at_target: set[bytes],
    written: Written,
    changed: Mapping[Place, int],
    places: list[Place],
    *,
    new: int,
) -> Back:
    after = Admin(pair.old.bootstrap).committed(group)
    since = dict.fromkeys(places, GROUPS[group])
    again = {name for _, _, name in read_as(pair.old, group, [TOPIC], {TOPIC: PARTITIONS})}
    unread = written.unread(since)
    return Back(
        group,
        tuple(since[place] for place in places),
        tuple(changed[place] for place in places),
        tuple(after.get(place, -1) for place in places),
        len(at_target & unread),
        len(at_target & again),
        len(unread - again),
        new,
    )

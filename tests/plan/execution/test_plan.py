"""Executions of small reassignments by hand; of random ones, every limit held against a count of its own."""

from __future__ import annotations

from collections import Counter

import polars as pl
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.execution.limits import ExecutionLimits
from kafka_analysis.plan.execution.plan import plan_execution
from kafka_analysis.plan.files.reassignment import ASSIGNMENT

LOADS = ("size_bytes", "bytes_in_per_s", "bytes_out_per_s")
BROKER = {
    "broker": pl.Int32, "rack": pl.String, "disk_bytes": pl.Float64, "network_bytes_per_s": pl.Float64,
}  # fmt: skip


def cluster(*replicas, size=100.0, rate_in=0.0, rate_out=0.0, **columns):
    frame = assigned(*replicas)
    loads = {"size_bytes": size, "bytes_in_per_s": rate_in, "bytes_out_per_s": rate_out}
    per_row = {
        name: pl.Series(value if isinstance(value, list) else [value] * len(frame), dtype=pl.Float64)
        for name, value in loads.items()
    }
    return frame.with_columns(**per_row, **columns)


def assigned(*replicas):
    return pl.DataFrame([("t", n, row) for n, row in enumerate(replicas)], schema=ASSIGNMENT, orient="row")


def machines(count=4, *, disk=None, network=None, racks=None):
    rows = [(n, None if racks is None else racks[n - 1], disk, network) for n in range(1, count + 1)]
    return pl.DataFrame(rows, schema=BROKER, orient="row")


def steps(plan):
    return plan.steps.select("batch", "partition", "kind", "replicas_after").rows()


def test_leaders_first_then_copies_and_an_election_only_where_one_is_needed():
    plan = plan_execution(cluster([1, 2], [1, 2], [1, 2]), machines(), assigned([2, 1], [3, 1], [1, 2]))
    assert steps(plan) == [(1, 0, "leader", [2, 1]), (2, 1, "replica", [3, 1])]
    assert plan.steps["needs_election"].to_list() == [True, True]
    assert plan.batches.select("batch", "kind", "partitions", "elections", "bytes_to_copy").rows() == [
        (1, "leader", 1, 1, 0.0),
        (2, "copy", 1, 1, 100.0),
    ]


def test_time_is_what_the_slowest_broker_copies_while_data_arrives():
    partitions = cluster([1, 2], [1, 2], size=[800.0, 400.0], rate_in=[10.0, 0.0])
    plan = plan_execution(
        partitions, machines(), assigned([1, 3], [1, 4]), limits=ExecutionLimits(throttle_bytes_per_s=100)
    )
    # Broker 1 sends 1200 bytes; of its 100 B/s the two followers of t-0 take 20. Broker 3 takes 800 at 100 − 10 B/s.
    assert plan.batches.select("seconds_low", "seconds", "seconds_high", "slowest_broker").rows() == [
        (0.0, 15.0, pytest.approx(15 + 800 / 90), 1)
    ]
    assert plan.bytes_to_copy == 1200
    assert plan.bound_seconds == 12.0
    assert plan.broker_batches.select("broker", "bytes_in", "bytes_out", "movements_in", "movements_out").rows() == [
        (1, 0.0, 1200.0, 0, 2), (2, 0.0, 0.0, 0, 0), (3, 800.0, 0.0, 1, 0), (4, 400.0, 0.0, 1, 0),
    ]  # fmt: skip


def test_batches_start_after_those_before_and_a_pause():
    limits = ExecutionLimits(throttle_bytes_per_s=10, max_concurrent_movements=1, pause_s=5)
    plan = plan_execution(cluster([1, 2], [1, 2]), machines(), assigned([1, 3], [1, 4]), limits=limits)
    assert plan.batches["starts_after_s"].to_list() == [0.0, 15.0]
    assert (plan.seconds_low, plan.seconds, plan.seconds_high) == (5.0, 25.0, 45.0)


def test_after_a_long_pause_a_broker_is_a_second_ahead_of_its_throttle_at_most():
    limits = ExecutionLimits(throttle_bytes_per_s=2**20, max_concurrent_movements=1, pause_s=11)
    partitions = cluster([1, 2], [1, 2], size=10.0 * 2**20)
    plan = plan_execution(partitions, machines(), assigned([1, 3], [1, 4]), limits=limits)
    assert plan.batches["seconds_low"].to_list() == [8.0, 8.0]  # and the last fetch of 1 MiB is not held up


def test_brokers_and_movements_are_whole_numbers():
    rows = plan_execution(cluster([1, 2]), machines(), assigned([1, 3])).broker_batches
    whole = ("batch", "broker", "movements_in", "movements_out", "movements_to_undo")
    assert {name for name, kind in rows.schema.items() if kind == pl.Int32} == set(whole)


def test_a_throttle_is_advised_from_what_networks_have_left():
    partitions = cluster([1, 2], rate_in=10.0, rate_out=10.0)
    # Broker 1 sends 10 to its follower and 10 to consumers; 3 is idle: half of 120 − 20 is the lesser.
    plan = plan_execution(partitions, machines(network=120.0), assigned([1, 3]))
    assert plan.batches["throttle_bytes_per_s"].to_list() == [50.0]
    used = plan.broker_batches.select(
        "broker", "network_in_bytes_per_s", "network_out_bytes_per_s", "network_use"
    )
    assert used.rows() == [(1, 10.0, 70.0, 70 / 120), (2, 10.0, 0.0, 10 / 120), (3, 50.0, 0.0, 50 / 120)]


def test_a_throttle_is_never_below_twice_what_arrives_while_the_network_bears_it():
    plan = plan_execution(cluster([1, 2], rate_in=10.0), machines(network=60.0), assigned([1, 3]))
    assert plan.batches["throttle_bytes_per_s"].to_list() == [40.0]  # half of what is left would be 25


def test_without_a_network_limit_the_default_is_advised_and_said_so():
    plan = plan_execution(cluster([1, 2]), machines(), assigned([1, 3]))
    assert plan.batches["throttle_bytes_per_s"].to_list() == [50e6]
    assert plan.assumptions[0] == (
        "The network limit of brokers 1, 2, 3, 4 is unknown: it is not checked, and a throttle of at most 50 MB/s is "
        "advised there."
    )


def test_what_needs_room_waits_for_what_makes_it():
    # Broker 2 may hold 170 of 200 bytes and holds 100; only after t-1 has left it does t-0 fit.
    partitions = cluster([1], [2], size=[120.0, 100.0])
    plan = plan_execution(partitions, machines(3, disk=200.0), assigned([2], [3]))
    assert steps(plan) == [(1, 1, "replica", [3]), (2, 0, "replica", [2])]
    assert plan.broker_batches.filter(broker=2).select("peak_size_bytes", "peak_disk_share").rows() == [
        (100.0, 0.5),
        (120.0, 0.6),
    ]


def test_without_room_anywhere_the_broker_and_the_bytes_are_named():
    partitions = cluster([1], [2])
    with pytest.raises(
        InputError, match=r"broker 1 lacks 50 B \(50 bytes\) of disk space below 85 % for t-1"
    ):
        plan_execution(partitions, machines(2, disk=150 / 0.85), assigned([2], [1]))


def test_a_broker_at_its_network_limit_is_unloaded_by_leaders_and_then_copies():
    # Broker 1 sends 80 of 100: no copy of t-0 with its 40 B/s fits, until t-1 is led by 2.
    partitions = cluster([1, 2], [1, 2], rate_in=20.0, rate_out=20.0)
    plan = plan_execution(partitions, machines(network=100.0), assigned([1, 3], [2, 1]))
    assert steps(plan) == [(1, 1, "leader", [2, 1]), (2, 0, "replica", [1, 3])]
    with pytest.raises(
        InputError, match=r"broker 1 has 20 B/s of network left and copying t-0 takes more than 40 B/s"
    ):
        plan_execution(partitions, machines(network=100.0), assigned([1, 3]))


def test_a_leader_no_network_can_bear_is_refused():
    partitions = cluster([1, 2], [2, 1], rate_in=20.0, rate_out=40.0)
    with pytest.raises(InputError, match="broker 2 lacks 20 B/s of network to lead t-0"):
        plan_execution(partitions, machines(network=100.0), assigned([2, 1]))


def test_a_throttle_below_what_arrives_never_ends():
    limits = ExecutionLimits(throttle_bytes_per_s=20)
    with pytest.raises(
        InputError, match=r"never end, because 20 B/s arrive .* above 20 B/s \(40 B/s is advised\)"
    ):
        plan_execution(cluster([1, 2], rate_in=10.0), machines(), assigned([1, 3]), limits=limits)
    slow = plan_execution(
        cluster([1, 2], rate_in=10.0),
        machines(),
        assigned([1, 3]),
        limits=ExecutionLimits(throttle_bytes_per_s=21),
    )
    assert slow.batches["seconds"].to_list() == [100.0]


def test_a_throttle_above_what_a_network_has_left_is_refused():
    limits = ExecutionLimits(throttle_bytes_per_s=61)
    with pytest.raises(InputError, match=r"broker 1 has 60 B/s of network left and copying t-0 takes 61 B/s"):
        plan_execution(
            cluster([1, 2], rate_out=40.0), machines(network=100.0), assigned([1, 3]), limits=limits
        )


def test_what_is_unknown_stays_unknown():
    plan = plan_execution(
        cluster([1, 2], [1, 2], size=[None, 10.0]), machines(), assigned([1, 3], [1, 4]),
        limits=ExecutionLimits(max_concurrent_movements=1),
    )  # fmt: skip
    assert plan.batches.select("bytes_to_copy", "seconds").rows() == [(10.0, 10 / 50e6), (None, None)]
    assert (plan.seconds_low, plan.seconds, plan.seconds_high, plan.bytes_to_copy) == (None,) * 4
    assert plan.bound_seconds is None
    assert plan.warnings[0].startswith("The size of partition t-0 is unknown")


def test_rates_that_are_unknown_leave_the_low_end_known():
    plan = plan_execution(cluster([1, 2], size=500e6, rate_in=None), machines(), assigned([1, 3]))
    assert plan.batches.select("seconds_low", "seconds", "seconds_high").rows() == [
        (9 - 2**20 / 50e6, None, None)
    ]
    assert "Bytes in of partition t-0 are unknown" in " ".join(plan.warnings)


def test_msk_takes_few_partitions_a_call():
    partitions = cluster(*[[1, 2]] * 25)
    for flavour, sizes in (("msk-standard", [10, 10, 5]), ("msk-express", [20, 5]), (None, [25])):
        plan = plan_execution(partitions, machines(), assigned(*[[2, 1]] * 25), flavour=flavour)
        assert plan.batches["partitions"].to_list() == sizes


def test_under_replicated_partitions_are_not_moved_and_others_warned_of():
    partitions = cluster([1, 2], [1, 2], isr=pl.Series([[1, 2], [1]]))
    with pytest.raises(InputError, match="partition t-1 is under-replicated; wait"):
        plan_execution(partitions, machines(), assigned([1, 2], [1, 3]))
    plan = plan_execution(partitions, machines(), assigned([1, 3]))
    assert "Partition t-1 was under-replicated: start only when no partition is." in plan.warnings


@pytest.mark.parametrize(
    ("partitions", "reassignment", "message"),
    [
        (
            cluster([1, 2]),
            assigned([1, 9]),
            "t-0 is to be moved to broker 9, which is not in the cluster; choose",
        ),
        (cluster([1, 2]), assigned([1, 2], [1, 2]), "t-1 is not a partition of the cluster"),
        (cluster([1, 2]), assigned([1, 1]), "t-0 of the reassignment has two replicas on one broker"),
        (cluster([1, 2]), assigned([]), "t-0 of the reassignment has no replica"),
        (pl.concat([cluster([1, 2])] * 2), assigned([1, 3]), "t-0 of the cluster is listed twice"),
        (cluster([1, 2], leader=pl.Series([-1])), assigned([1, 3]), "t-0 cannot be copied: it has no leader"),
        (cluster([1, 2], size=-1.0), assigned([1, 3]), "partition t-0: a size or rate below 0"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(partitions, reassignment, message):
    with pytest.raises(InputError, match=message) as caught:
        plan_execution(partitions, machines(), reassignment)
    assert "\n" not in str(caught.value)


def test_a_broker_that_comes_twice_is_refused():
    twice = pl.concat([machines(), machines(1, disk=1.0)])
    with pytest.raises(InputError, match="broker 1 is listed twice"):
        plan_execution(cluster([1, 2]), twice, assigned([1, 3]))


def test_nothing_to_do_is_a_plan_without_batches():
    plan = plan_execution(cluster([1, 2]), machines(), assigned([1, 2]))
    assert plan.batches.is_empty()
    assert (plan.seconds, plan.bytes_to_copy, plan.bound_seconds) == (0.0, 0.0, 0.0)
    assert plan.steps.is_empty()


def test_steps_of_one_partition_come_in_batches_one_after_the_other():
    plan = plan_execution(cluster([1, 2], [1, 2]), machines(), assigned([3, 4], [1, 3]))
    assert plan.steps.select("batch", "partition", "replicas_before", "replicas_after").rows() == [
        (1, 0, [1, 2], [1, 3]),
        (1, 1, [1, 2], [1, 3]),
        (2, 0, [1, 3], [3, 4]),
    ]


def test_leaders_elsewhere_that_are_not_preferred_are_told_of():
    partitions = cluster([1, 2], [1, 2], leader=pl.Series([1, 2]))
    plan = plan_execution(partitions, machines(), assigned([1, 3]))
    assert (
        "Partition t-1 is not led by the preferred leader and not in the plan, which leaves that as it is."
        in plan.warnings
    )


def test_pandas_frames_are_taken():
    frames = (cluster([1, 2]), machines(network=100.0), assigned([1, 3]))
    plan = plan_execution(*(frame.to_pandas() for frame in frames))
    assert plan.steps.equals(plan_execution(*frames).steps)


# --- any cluster and any target --------------------------------------------------------------------------------------

replicas = st.lists(st.integers(1, 6), min_size=1, max_size=4, unique=True)
unknown_or = st.one_of(st.none(), st.integers(0, 50).map(float))
one = st.tuples(replicas, replicas, st.integers(0, 100).map(float), unknown_or, unknown_or, st.integers(0, 3))
broker = st.tuples(
    st.sampled_from(["a", "b", "c", None]),
    st.one_of(st.none(), st.integers(200, 3000).map(float)),
    st.one_of(st.none(), st.integers(200, 3000).map(float)),
)
limits = st.builds(
    ExecutionLimits,
    max_partitions_per_batch=st.one_of(st.none(), st.integers(1, 4)),
    max_concurrent_movements=st.one_of(st.none(), st.integers(1, 4)),
    throttle_bytes_per_s=st.one_of(st.none(), st.none(), st.integers(1, 500).map(float)),
    default_throttle_bytes_per_s=st.sampled_from([100.0, 1e4]),
)


class Replay:
    """The cluster as it is between batches, counted afresh each time from replicas and leaders."""

    def __init__(self, partitions, brokers):
        rows = partitions.sort("partition").to_dicts()
        self.loads = [(row["size_bytes"], row["bytes_in_per_s"], row["bytes_out_per_s"]) for row in rows]
        self.replicas = [tuple(row["replicas"]) for row in rows]
        self.leaders = [row["leader"] for row in rows]
        self.brokers = {row["broker"]: row for row in brokers.to_dicts()}
        self.blind = set(), set()

    def used(self):
        sums = Counter()
        for row, (size, *_) in zip(self.replicas, self.loads, strict=True):
            sums.update(dict.fromkeys(row, size))
        return sums

    def flows(self):
        """Return bytes in and out of every broker; None for those that have or ever had an unknown part."""
        ins, outs = dict.fromkeys(self.brokers, 0.0), dict.fromkeys(self.brokers, 0.0)
        for row, leader, (_, rate_in, rate_out) in zip(self.replicas, self.leaders, self.loads, strict=True):
            for number in row:
                ins[number] = plus(ins[number], rate_in)
            sent = None if rate_in is None else rate_in * (len(row) - 1)
            outs[leader] = plus(outs[leader], plus(sent, rate_out))
        for flows, blind in ((ins, self.blind[0]), (outs, self.blind[1])):
            blind |= {number for number, flow in flows.items() if flow is None}
            flows |= dict.fromkeys(blind)
        return ins, outs


def plus(one, other):
    return None if one is None or other is None else one + other


def check_copies(replay, batch, rows, throttle, limits):
    """Hold movements, disk, network and throttle of one batch against the cluster before it."""
    comes, sends, undo, arriving_in, arriving_out, bytes_in = (Counter() for _ in range(6))
    for row in rows:
        before, rate = replay.replicas[row["partition"]], replay.loads[row["partition"]][1] or 0.0
        gone = set(before) - set(row["replicas_after"])
        undo.update([*gone, *([row["leader_after"]] if gone else [])])
        for number in set(row["replicas_after"]) - set(before):
            comes[number] += 1
            sends[replay.leaders[row["partition"]]] += 1
            bytes_in[number] += replay.loads[row["partition"]][0]
            arriving_in[number] += rate
            arriving_out[replay.leaders[row["partition"]]] += rate * len(before)
    if limits.max_concurrent_movements is not None:
        assert max((comes + sends).values(), default=0) <= limits.max_concurrent_movements
        assert max(undo.values(), default=0) <= limits.max_concurrent_movements
    used, (ins, outs) = replay.used(), replay.flows()
    for number, size in bytes_in.items():
        disk = replay.brokers[number]["disk_bytes"]
        assert disk is None or used[number] + size <= limits.disk_fill_max * disk + 1e-6
    for counts, flows, arriving in ((comes, ins, arriving_in), (sends, outs, arriving_out)):
        for number in counts:
            network = replay.brokers[number]["network_bytes_per_s"]
            assert arriving[number] < throttle
            assert None in (network, flows[number]) or flows[number] + throttle <= network + 1e-6
    assert (throttle is not None) == bool(comes)


@given(st.lists(one, min_size=1, max_size=9), st.lists(broker, min_size=6, max_size=6), limits)
def test_any_execution_keeps_to_every_limit_and_ends_as_asked(rows, machines_, limits):
    before, after, sizes, ins, outs, leads = zip(*rows, strict=True)
    leader = pl.Series([row[n % len(row)] for row, n in zip(before, leads, strict=True)])
    partitions = cluster(*before, size=list(sizes), rate_in=list(ins), rate_out=list(outs), leader=leader)
    brokers = pl.DataFrame(
        [(n, *row) for n, row in enumerate(machines_, start=1)], schema=BROKER, orient="row"
    )
    try:
        plan = plan_execution(partitions, brokers, assigned(*after), limits=limits)
    except InputError:  # which there may be is tested by hand
        reject()
    replay = Replay(partitions, brokers)
    for batch in plan.batches.to_dicts():
        todo = plan.steps.filter(batch=batch["batch"]).to_dicts()
        assert len({row["partition"] for row in todo}) == len(todo) == batch["partitions"]
        assert len(todo) <= (limits.max_partitions_per_batch or 1000)
        check_copies(replay, batch, todo, batch["throttle_bytes_per_s"], limits)
        old_in, old_out = replay.flows()
        for row in todo:
            assert replay.replicas[row["partition"]] == tuple(row["replicas_before"])
            assert replay.leaders[row["partition"]] == row["leader_before"]
            stays = row["leader_before"] in row["replicas_after"]
            assert row["needs_election"] == (stays and row["replicas_after"][0] != row["leader_before"])
            replay.replicas[row["partition"]] = tuple(row["replicas_after"])
            replay.leaders[row["partition"]] = row["replicas_after"][0]
        for old, new in zip((old_in, old_out), replay.flows(), strict=True):
            for number, flow in new.items():
                network = replay.brokers[number]["network_bytes_per_s"]
                if None not in (network, flow, old[number]) and flow > old[number] + 1e-6:
                    assert flow <= network + 1e-6
    assert replay.replicas == [tuple(row) for row in after]
    for row in plan.steps.sort("batch", descending=True).to_dicts():  # and back again
        assert replay.replicas[row["partition"]] == tuple(row["replicas_after"])
        replay.replicas[row["partition"]] = tuple(row["replicas_before"])
    assert replay.replicas == [tuple(row) for row in before]
    shuffled = plan_execution(partitions[::-1], brokers[::-1], assigned(*after)[::-1], limits=limits)
    assert shuffled.steps.equals(plan.steps)
    assert shuffled.batches.equals(plan.batches)


@given(st.lists(one, min_size=1, max_size=9))
def test_what_a_plan_says_of_time_is_in_order(rows):
    before, after, sizes, *_ = zip(*rows, strict=True)
    plan = plan_execution(cluster(*before, size=list(sizes), rate_in=1.0), machines(6), assigned(*after))
    assert (plan.batches["seconds_low"] <= plan.batches["seconds"]).all()
    assert (plan.batches["seconds"] <= plan.batches["seconds_high"] + 1e-9).all()
    assert plan.bound_seconds <= plan.batches["seconds"].sum() + 1e-9
    assert plan.seconds_low <= plan.seconds <= plan.seconds_high + 1e-9

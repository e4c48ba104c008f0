from __future__ import annotations

from kafka import TopicPartition

from testbed.watching import Look, Watch, adding_of


def watched(*looks: dict[tuple[str, int], tuple[int, ...]]) -> Watch:
    return Watch([Look(float(at), adding) for at, adding in enumerate(looks)])


def test_copying_lasts_from_the_last_rest_before_it_to_the_first_after_it() -> None:
    watch = watched({}, {}, {("t", 0): (3,)}, {}, {("t", 1): (3,)}, {}, {})
    assert (watch.seconds, watch.moving_looks) == (4.0, 2)
    assert watch.at_rest


def test_nothing_seen_takes_no_time() -> None:
    assert watched({}, {}).seconds == 0.0
    assert not watched({}, {("t", 0): (3,)}).at_rest


def test_copies_are_counted_where_they_come_and_where_the_leader_sends_them() -> None:
    watch = watched({("t", 0): (3,), ("t", 1): (4,)}, {("t", 1): (4, 5)})
    assert watch.most_of_a_partition == 2
    assert watch.most_of_a_broker({("t", 0): 1, ("t", 1): 1}) == 2
    assert watch.most_of_a_broker({("t", 0): 1, ("t", 1): 4}) == 3


def test_an_answer_of_the_cluster_is_read() -> None:
    told = {"replicas": [3, 1, 2], "adding_replicas": [3], "removing_replicas": [1]}
    assert adding_of({TopicPartition("t", 0): told}) == {("t", 0): (3,)}

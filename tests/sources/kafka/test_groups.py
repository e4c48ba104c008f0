"""Coordinators that answer late, never, or not for us."""

from __future__ import annotations

from concurrent.futures import Future
from types import SimpleNamespace

import pytest
from confluent_kafka import KafkaError, KafkaException

from kafka_analysis.model.errors import SourceError
from kafka_analysis.sources.kafka.group_list import GroupList, Listed
from kafka_analysis.sources.kafka.groups import read_groups, still_there

TIMED_OUT = KafkaError(KafkaError._TIMED_OUT, "no answer in time")
FORBIDDEN = KafkaError(KafkaError.GROUP_AUTHORIZATION_FAILED, "not for you")
GONE = KafkaError(KafkaError.GROUP_ID_NOT_FOUND, "gone")


def done(value=None, error: Exception | None = None) -> Future:
    future: Future = Future()
    future.set_exception(error) if error else future.set_result(value)
    return future


class Coordinators:
    """Groups whose questions fail so many times, with a given error, before they are answered."""

    def __init__(self, groups, *, describe=None, offsets=None, listing=(), moving=()):
        self.groups = groups
        self.moving = moving
        self.failing = {"describe": dict(describe or {}), "offsets": dict(offsets or {})}
        self.listing = list(listing)
        self.asked = []

    def list_consumer_groups(self, request_timeout):
        errors = self.listing.pop(0) if self.listing else []
        seen = self.groups if not errors else self.groups[:1]
        seen = [name for name in seen if name not in self.moving]
        return done(SimpleNamespace(valid=[SimpleNamespace(group_id=name) for name in seen], errors=errors))

    def describe_consumer_groups(self, names, request_timeout):
        return {
            name: self._answer("describe", name, described(name, "EMPTY" if name in self.groups else "DEAD"))
            for name in names
        }

    def list_consumer_group_offsets(self, asked, request_timeout):
        places = [
            SimpleNamespace(topic="t", partition=0, offset=5, error=None),
            SimpleNamespace(topic="t", partition=1, offset=-1001, error=None),  # never committed
        ]
        told = SimpleNamespace(topic_partitions=places)
        return {one.group_id: self._answer("offsets", one.group_id, told) for one in asked}

    def _answer(self, question, name, value):
        self.asked.append((question, name))
        times, error = self.failing[question].get(name, (0, None))
        self.failing[question][name] = (times - 1, error)
        return done(error=KafkaException(error)) if times > 0 else done(value)


def described(name, state):
    state = SimpleNamespace(name=state)
    return SimpleNamespace(group_id=name, state=state, partition_assignor="", coordinator=None, members=[])


def states(groups):
    return dict(groups.tables["groups"].select("group", "state").rows())


def names(groups, table="groups"):
    return groups.tables[table]["group"].unique().sort().to_list()


def test_a_group_without_members_and_a_partition_without_a_commit():
    found = read_groups(Coordinators(["g"]), cluster="c", timeout_s=1)
    assert found.tables["groups"].select("group", "state", "protocol", "coordinator").rows() == [
        ("g", "EMPTY", None, None)
    ]
    assert found.tables["group_offsets"].select("partition", "committed_offset").rows() == [(0, 5)]
    assert found.tables["group_members"].is_empty()
    assert found.missing is None


def test_a_slow_coordinator_is_asked_again_and_only_for_its_own_groups():
    admin = Coordinators(["a", "b"], describe={"b": (1, TIMED_OUT)}, offsets={"a": (2, TIMED_OUT)})
    found = read_groups(admin, cluster="c", timeout_s=10)
    assert (names(found), names(found, "group_offsets")) == (["a", "b"], ["a", "b"])
    assert found.missing is None
    assert admin.asked.count(("describe", "a")) == 1
    assert admin.asked.count(("describe", "b")) == 2
    assert admin.asked.count(("offsets", "a")) == 3


def test_what_may_not_be_seen_is_not_asked_again_and_the_table_keeps_what_the_list_says():
    admin = Coordinators(["a", "b"], describe={"b": (99, FORBIDDEN)}, offsets={"b": (99, FORBIDDEN)})
    found = read_groups(admin, cluster="c", timeout_s=10)
    assert found.tables["groups"].select("group", "state").rows() == [("a", "EMPTY"), ("b", "UNKNOWN")]
    assert names(found, "group_offsets") == ["a"]
    assert (
        found.missing
        == "state of 1 of 2 groups not read: not for you; offsets of 1 of 2 groups not read: not for you"
    )
    assert admin.asked.count(("describe", "b")) == 1


def test_a_group_deleted_after_it_was_listed_is_dead_and_lacks_nothing():
    admin = Coordinators(["a", "b"], describe={"b": (99, GONE)}, offsets={"b": (99, GONE)})
    found = read_groups(admin, cluster="c", timeout_s=10)
    assert states(found) == {"a": "EMPTY", "b": "DEAD"}
    assert (names(found, "group_offsets"), found.missing) == (["a"], None)


def test_a_group_that_no_list_has_while_its_coordinator_moves_is_read_by_name():
    admin = Coordinators(["a", "b", "c"], moving=["b", "c"])
    found = read_groups(admin, cluster="c", timeout_s=1, earlier={"a", "b", "c"})
    assert states(found) == {"a": "EMPTY", "b": "EMPTY", "c": "EMPTY"}
    assert names(found, "group_offsets") == ["a", "b", "c"]
    assert found.missing == "2 groups were not listed while their coordinators moved"


@pytest.mark.parametrize("answer", [{}, {"old": (99, GONE)}])
def test_a_group_known_before_that_is_gone_is_dead_which_is_no_gap(answer):
    admin = Coordinators(["a"], describe=answer)
    found = read_groups(admin, cluster="c", timeout_s=1, earlier={"a", "old"})
    assert states(found) == {"a": "EMPTY", "old": "DEAD"}
    assert found.missing is None
    assert still_there(found.tables["groups"]) == {"a"}


def test_share_and_streams_groups_are_listed_and_only_those_with_offsets_are_asked():
    others = GroupList(
        {
            "a": Listed("EMPTY", "classic", 2),
            "queue": Listed("STABLE", "share", 1),
            "flow": Listed("STABLE", "streams", 2),
        }
    )
    admin = Coordinators(["a"])
    found = read_groups(admin, cluster="c", timeout_s=1, others=lambda: others)
    assert found.tables["groups"].select("group", "state", "kind", "coordinator").rows() == [
        ("a", "EMPTY", "classic", None),
        ("flow", "STABLE", "streams", 2),
        ("queue", "STABLE", "share", 1),
    ]
    assert names(found, "group_offsets") == ["a", "flow"]
    assert ("describe", "queue") not in admin.asked
    assert still_there(found.tables["groups"]) == {"a"}


def test_a_coordinator_that_stays_silent_is_told_and_the_rest_is_kept():
    admin = Coordinators(["a", "b"], offsets={"b": (99, TIMED_OUT)})
    found = read_groups(admin, cluster="c", timeout_s=0.4)
    assert (names(found), names(found, "group_offsets")) == (["a", "b"], ["a"])
    assert found.missing == "offsets of 1 of 2 groups not read: no answer in time"


def test_a_broker_that_lists_late_is_asked_again():
    found = read_groups(Coordinators(["a", "b"], listing=[[TIMED_OUT]]), cluster="c", timeout_s=10)
    assert (names(found), found.missing) == (["a", "b"], None)


def test_a_broker_that_never_lists_is_told():
    found = read_groups(Coordinators(["a", "b"], listing=[[TIMED_OUT]] * 99), cluster="c", timeout_s=0.4)
    assert names(found) == ["a"]
    assert found.missing == "not every group is listed: no answer in time"


def test_no_broker_that_lists_groups_is_a_gap_and_not_a_cluster_without_groups():
    admin = Coordinators([], listing=[[TIMED_OUT]] * 99)
    with pytest.raises(SourceError, match="no answer in time"):
        read_groups(admin, cluster="c", timeout_s=0.4)


def test_groups_none_of_which_may_be_seen_are_listed_and_said_to_lack_all():
    admin = Coordinators(["a"], describe={"a": (99, FORBIDDEN)}, offsets={"a": (99, FORBIDDEN)})
    found = read_groups(admin, cluster="c", timeout_s=1)
    assert states(found) == {"a": "UNKNOWN"}
    assert found.missing.startswith("state of 1 of 1 groups not read: not for you")


def test_a_cluster_without_groups_has_none():
    found = read_groups(Coordinators([]), cluster="c", timeout_s=1)
    assert (names(found), found.missing) == ([], None)

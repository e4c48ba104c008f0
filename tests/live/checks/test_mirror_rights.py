from __future__ import annotations

from types import SimpleNamespace

import pytest

from kafka_analysis.live.checks import mirror_rights as room
from kafka_analysis.live.checks.mirror_rights import MirrorRights, mirror_rights
from kafka_analysis.live.record.mirror_topics import GROUPS_TOPIC, READ_KINDS

OFFSETS, SYNCS = "mm2-offsets.old.internal", "mm2-offset-syncs.new.internal"


@pytest.fixture
def ask(monkeypatch):
    """Return a function that asks a cluster that shows these topics and refuses some of them."""

    def of(topics, refused):
        asked = []
        monkeypatch.setattr(room, "visible_topics", lambda admin, timeout_s: dict.fromkeys(topics))
        monkeypatch.setattr(
            room, "unreadable_topics", lambda admin, names, timeout_s: asked.append(names) or refused
        )
        return mirror_rights(SimpleNamespace(), timeout_s=1), asked

    return of


def test_only_topics_that_a_recording_reads_are_asked_for(ask):
    found, asked = ask(["orders", "heartbeats", OFFSETS, SYNCS, GROUPS_TOPIC], [SYNCS])
    assert asked == [[SYNCS, OFFSETS]]
    assert [topic.topic for topic in found.visible] == [SYNCS, OFFSETS]
    assert [topic.topic for topic in found.refused] == [SYNCS]
    assert (found.is_readable, found.hidden) == (True, "offset syncs")


def test_what_brokers_do_not_say_is_unknown_and_without_topics_nothing_is_asked(ask):
    assert ask([OFFSETS], None)[0].refused is None
    assert ask(["orders"], None) == (MirrorRights((), (), is_readable=False), [])


def test_it_is_known_what_each_kind_holds():
    assert set(room._HOLD) == READ_KINDS

from __future__ import annotations

import pytest

from kafka_analysis.model.internal import topic_kind
from kafka_analysis.model.mirror_topics import mirror_topic, mirror_topics

FOUND = {
    "mm2-offsets.old.internal": ("offsets", "old"),
    "mm2-configs.eu.west.internal": ("configs", "eu.west"),
    "mm2-status.old.internal": ("status", "old"),
    "old.checkpoints.internal": ("checkpoints", "old"),
    "eu.west_checkpoints_internal": ("checkpoints", "eu.west"),
    "mm2-offset-syncs.eu.west.internal": ("offset_syncs", "eu.west"),
    "mm2-offset-syncs_new_internal": ("offset_syncs", "new"),
    "heartbeats": ("heartbeats", None),
    "old.heartbeats": ("heartbeats", "old"),
    "mirrormaker2-cluster-offsets": ("offsets", None),
    "mirrormaker2-cluster-configs": ("configs", None),
    "mirrormaker2-cluster-status": ("status", None),
    "mm2-offsets": ("offsets", None),
}
OTHERS = (
    "orders",
    "connect-offsets",
    "__consumer_offsets",
    "checkpoints.internal",
    "a.checkpoints_internal",
)


@pytest.mark.parametrize(("name", "expected"), FOUND.items())
def test_topics_of_mirror_maker_are_found_with_their_alias(name, expected):
    found = mirror_topic(name)
    assert (found.kind, found.alias) == expected
    assert topic_kind(name) == "mirror"


@pytest.mark.parametrize("name", OTHERS)
def test_other_topics_are_not(name):
    assert mirror_topic(name) is None


def test_a_separator_that_is_given_is_the_only_one():
    assert [
        t.topic for t in mirror_topics(FOUND, separator="_") if t.kind not in ("offsets", "configs", "status")
    ] == [
        "eu.west_checkpoints_internal",
        "heartbeats",
        "mm2-offset-syncs_new_internal",
    ]

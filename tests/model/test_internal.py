from __future__ import annotations

import pytest

from kafka_analysis.model.internal import is_internal_group, topic_kind


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (
            "business",
            (
                "orders heartbeat my-heartbeats-of-patients a.b.c _private changelog connect-orders mm2-notes "
                "schemas checkpoints.internal.orders Orders"
            ),
        ),
        (
            "internal",
            (
                "__consumer_offsets __transaction_state _schemas connect-configs connect-offsets connect-status "
                "app-store-changelog app-repartition _confluent-metrics __anything"
            ),
        ),
        ("canary", "__amazon_msk_canary __strimzi_canary"),
        (
            "mirror",
            (
                "heartbeats monolith.heartbeats mm2-offset-syncs.a.internal mm2-offsets.a.internal "
                "mm2-configs.x.internal mm2-status.x.internal monolith.checkpoints.internal __CruiseControlMetrics"
            ),
        ),
    ],
)
def test_topics_are_told_by_their_names(kind, names):
    assert {name: topic_kind(name) for name in names.split()} == dict.fromkeys(names.split(), kind)


@pytest.mark.parametrize(
    ("internal", "names"),
    [
        (True, "amazon.msk.canary.group.broker-1 connect-mirror-sink __x mm2-monolith"),
        (False, "billing my-connect-app amazon.shop"),
    ],
)
def test_groups_too(internal, names):
    assert {name: is_internal_group(name) for name in names.split()} == dict.fromkeys(names.split(), internal)

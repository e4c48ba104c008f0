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
                "schemas checkpoints.internal.orders Orders app-configs order-status user_offsets "
                "connect-device-status event_schemas cruise.metrics orders.internal "
                "strimzi.orders reconnect-status checkpoints_internal"
            ),
        ),
        (
            "internal",
            (
                "__consumer_offsets __transaction_state _schemas connect-configs connect-offsets connect-status "
                "app-store-changelog app-repartition _confluent-metrics __anything __CruiseControlMetrics "
                "strimzi.cruisecontrol.metrics strimzi.cruisecontrol.modeltrainingsamples "
                "strimzi.cruisecontrol.partitionmetricsamples old.strimzi.cruisecontrol.metrics "
                "__KafkaCruiseControlPartitionMetricSamples __KafkaCruiseControlModelTrainingSamples "
                "connect-cluster-configs connect-cluster-offsets connect-cluster-status my_connect_statuses "
                "docker-connect-configs _connect-offsets _schemas-prod old._schemas _schema_encoders "
                "_confluent-ksql-default__command_topic default_ksql_processing_log _redpanda.audit_log "
                "_internal_connectors_offsets kafkasql-journal __amazon_msk_connect_sink_1_configs"
            ),
        ),
        ("canary", "__amazon_msk_canary __strimzi_canary kminion-end-to-end"),
        (
            "mirror",
            (
                "heartbeats monolith.heartbeats mm2-offset-syncs.a.internal mm2-offsets.a.internal "
                "mm2-configs.x.internal mm2-status.x.internal monolith.checkpoints.internal "
                "mm2-offset-syncs_old_internal mm2-offset-syncs-us-east-1-internal old_checkpoints_internal "
                "a__checkpoints__internal us-east-1-checkpoints-internal prod-to-test-source-heartbeats old_heartbeats "
                "a.b.heartbeats mirrormaker2-cluster-configs mirrormaker2-cluster-offsets mirrormaker2-cluster-status "
                "mm2-offset-syncsXXoldXXinternal"
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

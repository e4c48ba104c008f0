"""What is said of each kind of failure of a mirror, and what to do about it."""

from typing import NamedTuple

from kafka_analysis.model.findings import Light
from kafka_analysis.stats.mirror.failures.rows import Failure


class FailureWords(NamedTuple):
    """Words about one kind of failure: ``title`` follows a count of ``of``."""

    light: Light
    of: str
    title: str
    action: str


FAILURE_WORDS: dict[Failure, FailureWords] = {
    "retention_overtook": FailureWords(
        Light.RED, "partition", "lost records: the source deleted them before they were mirrored",
        "Copy them again from wherever they still exist; raise retention.ms at the source until the "
        "mirror has caught up.",
    ),
    "retention_close": FailureWords(
        Light.RED, "partition", "about to lose records: the source deletes them before they are mirrored",
        "Raise retention.ms (or retention.bytes) of the topics at the source now, until the mirror has caught up.",
    ),
    "retention_nearing": FailureWords(
        Light.AMBER, "partition", "with much of the retention used before records are mirrored",
        "Raise retention.ms at the source, or make the mirror faster.",
    ),
    "topic_recreated": FailureWords(
        Light.RED, "partition", "of a topic that was deleted and created again at the source",
        "The target has records of both: delete the topic there and mirror it again, or consider the old records lost.",
    ),
    "restarted_without_offsets": FailureWords(
        Light.RED, "partition", "mirrored again from an earlier position: the target has records twice",
        "Find out why the committed source offsets were gone (offsets topic deleted, connector renamed); "
        "delete the topic at the target and mirror it again where duplicates do harm.",
    ),
    "mirrored_twice": FailureWords(
        Light.RED, "partition", "mirrored by two connectors: the target gets every record twice",
        "Stop one of the connectors, or divide the topics between them.",
    ),
    "positions_contradict": FailureWords(
        Light.RED, "partition", "with positions that go back and forth: two MirrorMakers store them under one name",
        "Give each MirrorMaker its own aliases, and stop one of them until then.",
    ),
    "clocks_apart": FailureWords(
        Light.AMBER, "connector", "stores positions in the future: clocks differ",
        "Synchronise the clocks of the brokers and the recording machine; until then ages are wrong by that much.",
    ),
    "task_stopped": FailureWords(
        Light.RED, "task", "stopped: its partitions are no longer mirrored",
        "Fix the cause and restart it (Connect's REST: POST /connectors/NAME/restart?includeTasks=true).",
    ),
    "old_timestamps_refused": FailureWords(
        Light.RED, "task", "stopped: the target refuses the time stamps of old records",
        "Raise message.timestamp.before.max.ms (before Kafka 3.6: message.timestamp.difference.max.ms) of the topic at "
        "the target above the age of the oldest record, and restart the task.",
    ),
    "identity_on_one_connector": FailureWords(
        Light.RED, "flow", "with different replication policies: checkpoints are looked up under other names",
        "Set the same replication.policy.class for the source, checkpoint and heartbeat connectors.",
    ),
    "checkpoints_without_syncs": FailureWords(
        Light.RED, "flow", "with checkpoints but no offset syncs: no group offsets can be translated",
        "Set emit.offset-syncs.enabled = true on the source connector.",
    ),
    "loop": FailureWords(
        Light.RED, "loop", "of flows that copy each other's records endlessly",
        "Use DefaultReplicationPolicy with one name for each cluster everywhere, or mirror one way only.",
    ),
    "partitions_added": FailureWords(
        Light.AMBER, "topic", "with fewer partitions at the target than at the source",
        "Wait for refresh.topics.interval.seconds, or restart the connector; until then the new "
        "partitions are not mirrored.",
    ),
    "topic_not_mirrored": FailureWords(
        Light.AMBER, "topic", "with records and selected by the connector, but never mirrored",
        "Wait for refresh.topics.interval.seconds; then check that the mirror may read it (Describe and Read).",
    ),
    "group_active_on_target": FailureWords(
        Light.AMBER, "group", "active on the target: offsets are not synced",
        "Stop the group's consumers on the target until the group moves; otherwise they continue at old offsets.",
    ),
    "sink_connector_group": FailureWords(
        Light.AMBER, "group", "of sink connectors not synced: groups.exclude leaves out connect-…",
        "Remove connect-.* from groups.exclude, or move the offsets of these connectors by hand.",
    ),
    "acls_not_carried": FailureWords(
        Light.AMBER, "topic", "with ACLs that did not reach the target unchanged",
        "Grant WRITE at the target before producers move; MirrorMaker never does.",
    ),
    "permission_lost": FailureWords(
        Light.RED, "topic", "with a latency of 0 while records come in: the replicator is not allowed to read it",
        "Grant the replicator's role access to the topic.",
    ),
}  # fmt: skip

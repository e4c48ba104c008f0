"""Words that belong to Kafka, its clients and this package, never to a user: redaction lets them stay.

Those of exporters are in the files that describe exporters: who redacts gives them, ``sources.exporter_words``.
"""

import re

from kafka_analysis.model.tables import (
    CERTIFICATE_KINDS,
    CONNECTOR_ROW_KINDS,
    EVENT_KINDS,
    EVIDENCE,
    GROUP_KINDS,
    READ_ENDS,
    READ_PURPOSES,
    RECORDED_BY,
)

_REQUESTS = """
Produce Fetch FetchConsumer FetchFollower ListOffsets Metadata LeaderAndIsr StopReplica UpdateMetadata
ControlledShutdown OffsetCommit OffsetFetch FindCoordinator JoinGroup Heartbeat LeaveGroup SyncGroup DescribeGroups
ListGroups SaslHandshake ApiVersions CreateTopics DeleteTopics DeleteRecords InitProducerId OffsetForLeaderEpoch
AddPartitionsToTxn AddPartitionsToTxnVerification AddOffsetsToTxn EndTxn WriteTxnMarkers TxnOffsetCommit
DescribeAcls CreateAcls DeleteAcls
DescribeConfigs AlterConfigs AlterReplicaLogDirs DescribeLogDirs SaslAuthenticate CreatePartitions
CreateDelegationToken RenewDelegationToken ExpireDelegationToken DescribeDelegationToken DeleteGroups ElectLeaders
IncrementalAlterConfigs AlterPartitionReassignments ListPartitionReassignments OffsetDelete DescribeClientQuotas
AlterClientQuotas DescribeUserScramCredentials AlterUserScramCredentials Vote BeginQuorumEpoch EndQuorumEpoch
DescribeQuorum AlterPartition UpdateFeatures Envelope FetchSnapshot DescribeCluster DescribeProducers
BrokerRegistration BrokerHeartbeat UnregisterBroker DescribeTransactions ListTransactions AllocateProducerIds
ConsumerGroupHeartbeat ConsumerGroupDescribe ControllerRegistration GetTelemetrySubscriptions PushTelemetry
AssignReplicasToDirs ListClientMetricsResources ListConfigResources DescribeTopicPartitions ShareGroupHeartbeat
ShareGroupDescribe ShareFetch ShareAcknowledge AddRaftVoter RemoveRaftVoter UpdateRaftVoter InitializeShareGroupState
ReadShareGroupState WriteShareGroupState DeleteShareGroupState ReadShareGroupStateSummary StreamsGroupHeartbeat
StreamsGroupDescribe DescribeShareGroupOffsets AlterShareGroupOffsets DeleteShareGroupOffsets
Rebalance ElectLeader RemoteFetch RemoteListOffsets topic
"""
_STATES = """
UNKNOWN STABLE EMPTY DEAD PREPARING_REBALANCING COMPLETING_REBALANCING PREPARING_REBALANCE COMPLETING_REBALANCE
ASSIGNING RECONCILING NOT_READY Stable Empty Dead PreparingRebalance CompletingRebalance
range roundrobin sticky cooperative-sticky uniform connect sessioned compatible eager default stream
ok late lost failed timeout timed_out duplicate corrupt pending delivered error produced read unread
Ongoing PrepareCommit PrepareAbort CompleteCommit CompleteAbort PrepareEpochFence
available unavailable active creating deleting pendingAcceptance rejected
"""
_ACCESS = """
PLAINTEXT SSL SASL_PLAINTEXT SASL_SSL CONTROLLER REPLICATION INTERNAL EXTERNAL BROKER CLIENT CLIENT_SECURE CLIENT_IAM
CLIENT_SASL_SCRAM PLAIN SCRAM-SHA-256 SCRAM-SHA-512 GSSAPI OAUTHBEARER AWS_MSK_IAM
ANY MATCH LITERAL PREFIXED TOPIC GROUP CLUSTER TRANSACTIONAL_ID DELEGATION_TOKEN USER BROKER_LOGGER
ALL READ WRITE CREATE DELETE ALTER DESCRIBE CLUSTER_ACTION DESCRIBE_CONFIGS ALTER_CONFIGS IDEMPOTENT_WRITE
CREATE_TOKENS DESCRIBE_TOKENS TWO_PHASE_COMMIT DENY ALLOW ALLOWED DENIED
producer_byte_rate consumer_byte_rate request_percentage controller_mutation_rate connection_creation_rate
"""
_SOURCES = """
node file prometheus cloudwatch msk jolokia ingest
DYNAMIC_TOPIC_CONFIG DYNAMIC_BROKER_CONFIG DYNAMIC_DEFAULT_BROKER_CONFIG STATIC_BROKER_CONFIG DEFAULT_CONFIG
DYNAMIC_BROKER_LOGGER_CONFIG GROUP_CONFIG CLIENT_METRICS_CONFIG UNKNOWN_CONFIG DEFAULT
apache confluent strimzi redpanda self-managed client_id ip
msk-express msk-serverless express serverless provisioned warpstream aiven
AVRO JSON PROTOBUF NONE BACKWARD BACKWARD_TRANSITIVE FORWARD FORWARD_TRANSITIVE FULL FULL_TRANSITIVE DISABLED
acknowledged markers batches consumed mirrored producer group
apache-kafka-java librdkafka confluent-kafka-python confluent-kafka-go confluent-kafka-dotnet kafka-python
kafkajs sarama franz-go kgo segmentio software-kafka aiokafka unknown
user nice system idle iowait irq softirq steal guest guest_nice
mean min max avg sum count stddev last rate
delete compact compact,delete delete,compact true false producer uncompressed none gzip snappy lz4 zstd
CreateTime LogAppendTime
"""
# Apache Kafka: the connectors of MirrorMaker 2, their settings (MirrorConnectorConfig and its kin), states of Connect.
_MIRROR_MAKER = """
MirrorSourceConnector MirrorCheckpointConnector MirrorHeartbeatConnector
org.apache.kafka.connect.mirror.MirrorSourceConnector org.apache.kafka.connect.mirror.MirrorCheckpointConnector
org.apache.kafka.connect.mirror.MirrorHeartbeatConnector org.apache.kafka.connect.mirror.DefaultReplicationPolicy
org.apache.kafka.connect.mirror.IdentityReplicationPolicy org.apache.kafka.connect.mirror.DefaultTopicFilter
org.apache.kafka.connect.mirror.DefaultGroupFilter org.apache.kafka.connect.mirror.DefaultConfigPropertyFilter
org.apache.kafka.connect.converters.ByteArrayConverter
state worker_id trace tasks target_state RUNNING PAUSED STOPPED FAILED UNASSIGNED RESTARTING DESTROYED STARTED
name connector.class tasks.max tasks.max.enforce key.converter value.converter header.converter enabled
source.cluster.alias target.cluster.alias source.cluster.bootstrap.servers target.cluster.bootstrap.servers
topics topics.exclude topics.blacklist groups groups.exclude groups.blacklist config.properties.exclude
config.properties.blacklist topic.filter.class group.filter.class config.property.filter.class
replication.policy.class replication.policy.separator replication.policy.internal.topic.separator.enabled
replication.factor checkpoints.topic.replication.factor heartbeats.topic.replication.factor
offset-syncs.topic.replication.factor offset-syncs.topic.location offset.lag.max add.source.alias.to.metrics
emit.checkpoints.enabled emit.checkpoints.interval.seconds emit.heartbeats.enabled emit.heartbeats.interval.seconds
emit.offset-syncs.enabled sync.group.offsets.enabled sync.group.offsets.interval.seconds
sync.topic.configs.enabled sync.topic.configs.interval.seconds sync.topic.acls.enabled
sync.topic.acls.interval.seconds refresh.topics.enabled refresh.topics.interval.seconds refresh.groups.enabled
refresh.groups.interval.seconds use.incremental.alter.configs use.defaults.from heartbeats.replication.enabled
consumer.poll.timeout.ms admin.timeout.ms forwarding.admin.class exactly.once.support
task.assigned.partitions task.assigned.groups task.index task.class offset.flush.interval.ms
"""
_OF_TABLES = {
    *READ_PURPOSES,
    *READ_ENDS,
    *CERTIFICATE_KINDS,
    *EVENT_KINDS,
    *GROUP_KINDS,
    *CONNECTOR_ROW_KINDS,
    *EVIDENCE,
    *filter(None, RECORDED_BY.values()),
}
KNOWN_WORDS = frozenset(" ".join((_REQUESTS, _STATES, _ACCESS, _SOURCES, _MIRROR_MAKER)).split()) | _OF_TABLES
_HARMLESS = re.compile(
    r"|\*|p\d{1,5}|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\d+:\d+(?:,\d+:\d+)*"  # percentiles, numbers, replica lists
    r"|\d+\.\d+(?:\.\d+){0,2}(?:-(?:IV\d+|SNAPSHOT|rc\d+|ccs|ce))?(?:\.x)?(?:\.tiered|\.kraft)?"  # versions
    r"|v?\d+\.\d+\.\d+(?:-(?:lib)?rdkafka-v?\d+\.\d+\.\d+)?"  # of clients
    r"|(?:kafka|express)\.[a-z]\d[a-z]{0,3}\.\d{0,2}[a-z]{1,6}"  # broker types of Amazon MSK
    r"|ReplicaFetcherThread-\d+-\d+"
)


_ADDRESS = re.compile(r"\d+(?:\.\d+){3}")


def is_known_word(text: str) -> bool:
    """Tell whether a text belongs to Kafka, its clients or this package: a word of theirs, a number, a version.

    Four numbers with dots between them are an address, and no version.

    Examples
    --------
    >>> [is_known_word(text) for text in ("STABLE", "p99", "3.7-IV4", "2.3.0-rdkafka-2.3.0", "10.0.0.1", "acme")]
    [True, True, True, True, False, False]
    """
    return text in KNOWN_WORDS or (_HARMLESS.fullmatch(text) is not None and _ADDRESS.fullmatch(text) is None)

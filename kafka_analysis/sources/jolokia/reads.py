"""What is asked of a Jolokia agent: the attributes of Kafka's MBeans that the catalogue names, and only reads."""

import json

_PERCENTILES = ("Mean", "50thPercentile", "95thPercentile", "99thPercentile", "999thPercentile", "Max")

READS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("kafka.server:type=BrokerTopicMetrics,*", ("Count",)),
    *[(f"kafka.log:type=Log,name={n},*", ("Value",)) for n in ("Size", "LogStartOffset", "LogEndOffset")],
    ("kafka.log:type=Log,name=NumLogSegments,*", ("Value",)),
    *[
        (f"kafka.cluster:type=Partition,name={name},*", ("Value",))
        for name in ("UnderReplicated", "UnderMinIsr", "InSyncReplicasCount", "ReplicasCount")
    ],
    ("kafka.server:type=ReplicaManager,*", ("Value", "Count")),
    ("kafka.controller:type=KafkaController,*", ("Value",)),
    ("kafka.controller:type=ControllerStats,*", ("Count",)),
    *[
        (f"kafka.network:type=RequestMetrics,request={request},*", _PERCENTILES)
        for request in ("Produce", "Fetch", "FetchConsumer", "FetchFollower")
    ],
    ("kafka.network:type=RequestMetrics,name=RequestsPerSec,*", ("Count",)),
    ("kafka.network:type=RequestMetrics,name=ErrorsPerSec,*", ("Count",)),
    ("kafka.network:type=SocketServer,*", ("Value",)),
    ("kafka.server:type=KafkaRequestHandlerPool,*", ("OneMinuteRate", "Count")),
    ("kafka.network:type=RequestChannel,*", ("Value",)),
    ("kafka.server:type=DelayedOperationPurgatory,*", ("Value",)),
    ("kafka.server:type=socket-server-metrics,*", ("connection-count", "connection-creation-total")),
    ("kafka.server:type=socket-server-metrics,clientSoftwareName=*,*", ("connections",)),
    ("kafka.server:type=FetcherLagMetrics,*", ("Value",)),
    ("kafka.consumer.group:type=ConsumerLagMetrics,*", ("Value",)),
    ("java.lang:type=OperatingSystem", ("ProcessCpuLoad",)),
    ("java.lang:type=Memory", ("HeapMemoryUsage",)),
)
# One attribute that cannot be read must not cost the rest; 0 lifts limits of the agent, which cuts off silently.
_CONFIG = {"ignoreErrors": "true", "maxCollectionSize": "0", "maxObjects": "0"}


def bulk_read() -> bytes:
    """Return the body of the one request that reads everything in ``READS``.

    Examples
    --------
    >>> {question["type"] for question in json.loads(bulk_read())}
    {'read'}
    """
    questions = [
        {"type": "read", "mbean": mbean, "attribute": list(attributes), "config": _CONFIG}
        for mbean, attributes in READS
    ]
    return json.dumps(questions).encode()

"""Move the leader of a partition as an operator does: replicas in another order, then the preferred leader."""

from __future__ import annotations

from kafka import KafkaAdminClient, TopicPartition

from testbed.admin import Admin
from testbed.clusters import Cluster
from testbed.errors import TestbedError
from testbed.waiting import wait_for

PREFERRED = 0
WITHIN_S = 60


def move_leader(cluster: Cluster, topic: str, partition: int = 0) -> int:
    """Have another replica of a partition lead it, and return the broker.

    Raises
    ------
    TestbedError
        If Kafka refuses, or nothing changes for a while.
    """
    admin, place = Admin(cluster.bootstrap), (topic, partition)
    before = admin.replicas()[place]
    turned = before[::-1]
    client = KafkaAdminClient(bootstrap_servers=cluster.bootstrap.split(","), client_id="testbed")
    try:
        answer = client.alter_partition_reassignments({TopicPartition(*place): turned})
        if any(answer.values()):
            message = f"{topic}-{partition} keeps its leader: {answer}"
            raise TestbedError(message)
        wait_for(lambda: admin.replicas()[place] == turned, f"replicas of {topic}", within_s=WITHIN_S)
        if admin.leaders()[place] != turned[0]:
            client.elect_leaders(PREFERRED, {topic: [partition]})
        wait_for(lambda: admin.leaders()[place] == turned[0], f"the leader of {topic}", within_s=WITHIN_S)
    finally:
        client.close()
    return turned[0]

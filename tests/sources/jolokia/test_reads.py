from __future__ import annotations

import json
import re

from kafka_analysis.sources.jolokia.reads import READS, bulk_read
from kafka_analysis.sources.spelling.dialects import dialects

# The exporter's own; Jolokia has the same in nanoseconds under another name, which no dialect knows.
NOT_AN_MBEAN = {"process_cpu_seconds_total"}
OF_AGENT_1 = {
    "kafka_server_socket_server_metrics_connection_creation"
}  # connection-creation-total by another name
BESIDE_COUNTERS = {"kafka_server_BrokerTopicMetrics_OneMinuteRate"}  # left out wherever the counter is read


def spelled(mbean: str, attribute: str) -> str:
    domain, _, rest = mbean.partition(":")
    kind = re.search(r"type=([^,]+)", rest)[1]
    return re.sub(r"[^A-Za-z0-9]+", "_", f"{domain}_{kind}_{attribute}")


def test_only_reads_are_asked():
    assert {question["type"] for question in json.loads(bulk_read())} == {"read"}


def test_nothing_is_cut_off_and_one_error_does_not_cost_the_rest():
    for question in json.loads(bulk_read()):
        assert question["config"] == {"ignoreErrors": "true", "maxCollectionSize": "0", "maxObjects": "0"}


def test_everything_the_dialect_knows_is_asked_for():
    (msk,) = (dialect for dialect in dialects() if dialect.name == "msk")
    known = (
        {name for family in msk.families for name in family.metrics}
        - NOT_AN_MBEAN
        - BESIDE_COUNTERS
        - OF_AGENT_1
    )
    asked = {spelled(mbean, attribute) for mbean, attributes in READS for attribute in attributes}
    asked |= {f"java_lang_Memory_HeapMemoryUsage_{part}" for part in ("used", "max")}
    assert known <= asked
    assert asked - known == {"java_lang_Memory_HeapMemoryUsage"}


def test_names_asked_for_singly_are_all_the_dialect_has():
    (msk,) = (dialect for dialect in dialects() if dialect.name == "msk")
    for kind in ("kafka_log_Log_Value", "kafka_cluster_Partition_Value"):
        (family,) = (f for f in msk.families if kind in f.metrics)
        asked = {re.search(r"name=(\w+)", m)[1] for m, a in READS if spelled(m, a[0]) == kind}
        assert asked == set(family.to)

from __future__ import annotations

import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.tables import table_schema
from kafka_analysis.sources.kafka.metadata import table
from kafka_analysis.sources.mirroring.file_connectors import CONNECTORS, connector_rows, flows_into
from kafka_analysis.sources.mirroring.properties_file import Flow, read_mirror_file

TWO = read_mirror_file(
    b"clusters = old,a,b\nold->a.enabled = true\nold->b.enabled = true\na.bootstrap.servers = h1:1,h2:1\n"
    b"b.bootstrap.servers = h3:1\nold.bootstrap.servers = h4:1\n"
)


@pytest.mark.parametrize(("cluster", "servers"), [("b", "x:1"), ("cell", "h9:1,h3:1"), ("b", "h1:1")])
def test_a_cluster_is_known_by_its_name_and_else_by_an_address(cluster, servers):
    assert [flow.target for flow in flows_into(TWO, cluster, servers)] == ["b"]


@pytest.mark.parametrize(
    ("cluster", "servers", "said"),
    [
        ("cell", "x:1", "flows go to a, b, but none to cluster 'cell': its alias is unknown"),
        ("cell", "h1:1,h3:1", "its alias is unknown"),
        ("old", "x:1", "none goes to 'old'"),
        ("cell", "h4:1", "none goes to 'old'"),
    ],
)
def test_a_cluster_without_a_flow_into_it_is_refused(cluster, servers, said):
    with pytest.raises(InputError, match=said):
        flows_into(TWO, cluster, servers)


def test_a_file_without_an_enabled_flow_is_refused():
    with pytest.raises(InputError, match="no flow is enabled"):
        flows_into(read_mirror_file(b"clusters = a,b"), "a", "h:1")


def test_each_flow_has_three_connectors_and_secrets_are_null():
    rows = table(
        "connectors", "new", connector_rows(Flow("old", "new", {"topics": "t", "ssl.key.password": None}))
    )
    assert table_schema("connectors").is_valid(rows)
    assert rows["connector"].unique(maintain_order=True).to_list() == list(CONNECTORS)
    assert rows.select("peer", "task", "kind").unique().rows() == [("old", None, "config")]
    source = dict(rows.filter(connector="MirrorSourceConnector").select("name", "value").iter_rows())
    assert source == {
        "name": "MirrorSourceConnector",
        "connector.class": "org.apache.kafka.connect.mirror.MirrorSourceConnector",
        "source.cluster.alias": "old",
        "target.cluster.alias": "new",
        "topics": "t",
        "ssl.key.password": None,
    }

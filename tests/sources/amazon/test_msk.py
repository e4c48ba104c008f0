"""Answers have the shape botocore's own model of MSK gives them: Stubber refuses any other."""

from __future__ import annotations

from datetime import UTC, datetime

import boto3
import pytest
from botocore.stub import Stubber

from kafka_analysis.model.errors import SourceError
from kafka_analysis.model.tables import table_schema
from kafka_analysis.sources.amazon.msk import GIB, describe, list_msk_clusters, read_msk_brokers

TS = datetime(2026, 2, 1, tzinfo=UTC)
PROVISIONED = {
    "BrokerNodeGroupInfo": {
        "ClientSubnets": ["subnet-a", "subnet-b", "subnet-c"],
        "InstanceType": "kafka.m7g.large",
        "StorageInfo": {"EbsStorageInfo": {"VolumeSize": 1000}},
    },
    "ClientAuthentication": {
        "Sasl": {"Scram": {"Enabled": True}, "Iam": {"Enabled": False}},
        "Tls": {"CertificateAuthorityArnList": [], "Enabled": False},
        "Unauthenticated": {"Enabled": False},
    },
    "CurrentBrokerSoftwareInfo": {"KafkaVersion": "3.6.0"},
    "EnhancedMonitoring": "PER_BROKER",
    "OpenMonitoring": {
        "Prometheus": {"JmxExporter": {"EnabledInBroker": True}, "NodeExporter": {"EnabledInBroker": True}}
    },
    "NumberOfBrokerNodes": 3,
}
SCRAM = {"BootstrapBrokerStringSaslScram": "b-1.c.x.kafka.eu-west-1.amazonaws.com:9096"}


def info(name: str, *, state: str = "ACTIVE", **provisioned):
    return {
        "ClusterName": name,
        "ClusterArn": f"arn:aws:kafka:eu-west-1:111122223333:cluster/{name}/u-1",
        "ClusterType": "PROVISIONED",
        "State": state,
        "Provisioned": PROVISIONED | provisioned,
    }


def node(number: float, **more):
    broker = {"BrokerId": number, "Endpoints": [f"b-{int(number)}.c.x.kafka.eu-west-1.amazonaws.com"]}
    return {"NodeType": "BROKER", "InstanceType": "m7g.large", "BrokerNodeInfo": broker} | more


@pytest.fixture
def msk(aws):
    """Return a client of MSK whose answers are given beforehand."""
    client = boto3.Session().client("kafka", region_name=aws.REGION)
    with Stubber(client) as stubber:
        yield client, stubber
        stubber.assert_no_pending_responses()


def stub(stubber, *clusters, bootstrap=SCRAM, filtered=None):
    asked = {"ClusterNameFilter": filtered} if filtered else {}
    half = len(clusters) // 2
    first, rest = {"ClusterInfoList": list(clusters[:half]), "NextToken": "more"}, list(clusters[half:])
    stubber.add_response("list_clusters_v2", first, asked)
    stubber.add_response("list_clusters_v2", {"ClusterInfoList": rest}, asked | {"NextToken": "more"})
    for one in clusters:
        stubber.add_response("describe_cluster_v2", {"ClusterInfo": one}, {"ClusterArn": one["ClusterArn"]})
        if one["State"] == "ACTIVE":
            stubber.add_response("get_bootstrap_brokers", bootstrap, {"ClusterArn": one["ClusterArn"]})


def test_clusters_of_all_pages_come_by_name(msk):
    client, stubber = msk
    stub(stubber, info("cell-b"), info("cell-a"), filtered="cell-")
    found = list_msk_clusters(client, name_prefix="cell-")
    assert [one.name for one in found] == ["cell-a", "cell-b"]
    one = found[0]
    assert (one.flavour, one.kafka_version, one.login) == ("msk-standard", "3.6.0", "scram")
    assert one.bootstrap_servers == SCRAM["BootstrapBrokerStringSaslScram"]
    assert one.open_monitoring == (True, True)
    assert (one.instance_type, one.disk_bytes) == ("kafka.m7g.large", 1000 * GIB)


def test_a_cluster_that_is_not_there_yet_is_not_asked_for_addresses(msk):
    client, stubber = msk
    stub(stubber, info("young", state="CREATING"))
    (one,) = list_msk_clusters(client)
    assert (one.state, one.login, one.bootstrap_servers) == ("CREATING", None, None)


def test_a_refusal_is_told_by_its_action(msk):
    client, stubber = msk
    stubber.add_client_error("list_clusters_v2", "ForbiddenException", "arn:aws:iam::1:user/ann", 403)
    with pytest.raises(SourceError, match=r"^ForbiddenException from kafka:ListClustersV2; allow") as caught:
        list_msk_clusters(client)
    assert "ann" not in str(caught.value)


def authentication(*, iam=False, scram=False, tls=False, nobody=False):
    return {
        "Sasl": {"Iam": {"Enabled": iam}, "Scram": {"Enabled": scram}},
        "Tls": {"Enabled": tls},
        "Unauthenticated": {"Enabled": nobody},
    }


STRINGS = {
    "BootstrapBrokerString": "plain:9092",
    "BootstrapBrokerStringTls": "tls:9094",
    "BootstrapBrokerStringSaslScram": "scram:9096",
    "BootstrapBrokerStringSaslIam": "iam:9098",
    "BootstrapBrokerStringPublicSaslIam": "public:9198",
}


@pytest.mark.parametrize(
    ("given", "strings", "login", "servers"),
    [
        (authentication(iam=True, scram=True, tls=True), STRINGS, "iam", "iam:9098"),
        (authentication(scram=True, tls=True), STRINGS, "scram", "scram:9096"),
        (authentication(tls=True), STRINGS, "tls", "tls:9094"),
        (authentication(nobody=True), STRINGS, "none", "tls:9094"),
        (authentication(nobody=True), {"BootstrapBrokerString": "plain:9092"}, "plaintext", "plain:9092"),
        (
            authentication(iam=True),
            {"BootstrapBrokerStringPublicSaslIam": "public:9198"},
            "iam",
            "public:9198",
        ),
        (
            authentication(iam=True, scram=True),
            {"BootstrapBrokerStringSaslScram": "scram:9096"},
            "scram",
            "scram:9096",
        ),
        ({}, STRINGS, "none", "tls:9094"),
        ({"Tls": {"CertificateAuthorityArnList": ["arn"]}}, STRINGS, "tls", "tls:9094"),
        (authentication(iam=True), {}, None, None),
    ],
)
def test_the_way_in_is_one_that_is_allowed_and_has_addresses(given, strings, login, servers):
    one = describe(info("c", ClientAuthentication=given), strings)
    assert (one.login, one.bootstrap_servers) == (login, servers)


def test_express_has_no_volumes():
    nodes = {"ClientSubnets": ["a"], "InstanceType": "express.m7g.large"}
    one = describe(info("c", BrokerNodeGroupInfo=nodes), SCRAM)
    assert (one.flavour, one.disk_bytes) == ("msk-express", None)


def test_open_monitoring_that_is_not_told_is_off():
    assert describe(info("c", OpenMonitoring={}), SCRAM).open_monitoring == (False, False)


def test_brokers_come_with_type_and_disk_and_whole_numbers(msk):
    client, stubber = msk
    one = describe(info("c"), SCRAM)
    controller = {"NodeType": "BROKER", "ControllerNodeInfo": {"Endpoints": ["c-1"]}}
    stubber.add_response(
        "list_nodes", {"NodeInfoList": [node(2.0), controller], "NextToken": "n"}, {"ClusterArn": one.arn}
    )
    stubber.add_response(
        "list_nodes", {"NodeInfoList": [node(1.0)]}, {"ClusterArn": one.arn, "NextToken": "n"}
    )
    brokers = read_msk_brokers(client, one, name="cell-a", ts=TS)
    assert brokers.select("broker", "port", "instance_type", "disk_bytes").rows() == [
        (1, 9096, "m7g.large", 1000 * GIB),
        (2, 9096, "m7g.large", 1000 * GIB),
    ]
    assert brokers["host"][0] == "b-1.c.x.kafka.eu-west-1.amazonaws.com"
    assert (brokers["rack"].null_count(), brokers["is_controller"].null_count()) == (2, 2)
    assert table_schema("brokers").validate(brokers).equals(brokers)


def test_serverless_shows_no_brokers(msk):
    client, _ = msk
    serverless = {
        "ClusterName": "s",
        "ClusterArn": "arn",
        "ClusterType": "SERVERLESS",
        "State": "ACTIVE",
        "Serverless": {"VpcConfigs": [], "ClientAuthentication": {"Sasl": {"Iam": {"Enabled": True}}}},
    }
    one = describe(serverless, {"BootstrapBrokerStringSaslIam": "boot:9098"})
    assert read_msk_brokers(client, one, name="s", ts=TS).is_empty()

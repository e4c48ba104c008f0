from __future__ import annotations

import tomllib
from dataclasses import replace

import boto3
import pytest
from botocore.stub import Stubber

from kafka_analysis.live.checks import discover_msk as live
from kafka_analysis.model.errors import InputError, UnreachableError
from kafka_analysis.model.profile import Profile
from kafka_analysis.sources.amazon.msk import MskCluster

CELL = MskCluster(
    name="cell-a",
    arn="arn:aws:kafka:eu-west-1:1:cluster/cell-a/u",
    state="ACTIVE",
    flavour="msk-standard",
    kafka_version="3.6.0",
    login="scram",
    bootstrap_servers="b-1:9096,b-2:9096",
    open_monitoring=(True, True),
    instance_type="kafka.m5.large",
    disk_bytes=2**30,
)
INFO = {
    "ClusterName": "cell-a",
    "ClusterArn": CELL.arn,
    "ClusterType": "PROVISIONED",
    "State": "ACTIVE",
    "Provisioned": {
        "BrokerNodeGroupInfo": {"ClientSubnets": ["s"], "InstanceType": "express.m7g.large"},
        "ClientAuthentication": {"Sasl": {"Iam": {"Enabled": True}}},
        "NumberOfBrokerNodes": 3,
    },
}
NODE = {
    "InstanceType": "express.m7g.large",
    "BrokerNodeInfo": {"BrokerId": 1.0, "Endpoints": ["b-1.example.org"]},
}


def read(text: str):
    return Profile.model_validate(tomllib.loads(text)).clusters


@pytest.fixture
def stubber(aws, monkeypatch):
    """Return what answers for MSK."""
    client = boto3.Session().client("kafka", region_name=aws.REGION)
    monkeypatch.setattr(live, "aws_client", lambda *_, **__: client)
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def stub(stubber, *infos):
    stubber.add_response("list_clusters_v2", {"ClusterInfoList": list(infos)}, {})
    for info in infos:
        stubber.add_response("describe_cluster_v2", {"ClusterInfo": info})
        if info["State"] == "ACTIVE":
            stubber.add_response(
                "get_bootstrap_brokers", {"BootstrapBrokerStringSaslIam": "b-1.example.org:9098"}
            )


def test_a_profile_that_loads_comes_out(stubber):
    stub(stubber, INFO)
    stubber.add_response("list_nodes", {"NodeInfoList": [NODE]})
    found = live.discover_msk()
    (cluster,) = read(found.profile)
    assert (cluster.name, cluster.flavour, cluster.bootstrap_servers) == (
        "cell-a",
        "msk-express",
        "b-1.example.org:9098",
    )
    assert (cluster.security.mechanism, cluster.security.region) == ("AWS_MSK_IAM", "eu-west-1")
    assert (cluster.cloudwatch.cluster_name, cluster.open_monitoring) == ("cell-a", None)
    assert found.brokers.select(
        "cluster", "broker", "host", "port", "instance_type", "disk_bytes"
    ).rows() == [("cell-a", 1, "b-1.example.org", 9098, "express.m7g.large", None)]
    assert found.notes == ()


def test_what_cannot_be_reached_is_named(stubber):
    stub(stubber, INFO, INFO | {"ClusterName": "young", "State": "CREATING"})
    stubber.add_client_error("list_nodes", "ForbiddenException", "hush", 403)
    found = live.discover_msk()
    assert [one.name for one in found.clusters] == ["cell-a"]
    assert found.notes[0] == "young is skipped: CREATING, no bootstrap address"
    assert "brokers of cell-a are unknown: ForbiddenException from kafka:ListNodes" in found.notes[1]


def test_no_cluster_is_an_error_that_says_where(stubber):
    stub(stubber)
    with pytest.raises(InputError, match="no MSK cluster in eu-west-1 is reachable"):
        live.discover_msk()


def test_no_answer_is_an_error(stubber):
    stubber.add_client_error("list_clusters_v2", "UnauthorizedException", "hush-hush-token", 401)
    with pytest.raises(
        UnreachableError, match="in eu-west-1 did not answer: UnauthorizedException"
    ) as caught:
        live.discover_msk()
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("login", "protocol", "mechanism"),
    [
        ("iam", "SASL_SSL", "AWS_MSK_IAM"),
        ("scram", "SASL_SSL", "SCRAM-SHA-512"),
        ("tls", "SSL", None),
        ("none", "SSL", None),
        ("plaintext", "PLAINTEXT", None),
    ],
)
def test_every_login_makes_a_valid_profile_without_a_secret(login, protocol, mechanism):
    (cluster,) = read(live.profile_text([replace(CELL, login=login)], region="eu-west-1", aws_profile="ops"))
    assert (cluster.security.protocol, cluster.security.mechanism) == (protocol, mechanism)
    assert cluster.cloudwatch.aws_profile == "ops"
    assert cluster.security.aws_profile == ("ops" if login == "iam" else None)
    if login == "scram":
        assert cluster.security.password.env == "KAFKA_PASSWORD"
    if login == "tls":
        assert cluster.security.cert_file.name == "client.pem"


@pytest.mark.parametrize(
    ("pages", "there"), [((True, True), True), ((True, False), True), ((False, True), False)]
)
def test_open_monitoring_is_in_the_profile_where_brokers_have_it(pages, there):
    text = live.profile_text([replace(CELL, open_monitoring=pages)], region="eu-west-1")
    assert (read(text)[0].open_monitoring is not None) == there
    assert text.count("# ") - text.count("# the user") == (pages != (True, True))


def test_several_clusters_are_several_entries():
    text = live.profile_text([CELL, replace(CELL, name="cell-b", login="iam")], region="eu-west-1")
    assert [c.name for c in read(text)] == ["cell-a", "cell-b"]


def test_text_of_a_cluster_stays_text():
    hostile = replace(CELL, kafka_version='3"\n[[clusters]]\nname = "x" # é 😀')
    (cluster,) = read(live.profile_text([hostile], region="eu-west-1"))
    assert cluster.kafka_version == hostile.kafka_version


def test_a_file_that_is_there_is_not_written_over(tmp_path):
    live.write_profile("a = 1\n", tmp_path / "p.toml")
    with pytest.raises(InputError, match="exists; choose another file"):
        live.write_profile("b = 2\n", tmp_path / "p.toml")
    assert (tmp_path / "p.toml").read_text() == "a = 1\n"
    with pytest.raises(InputError, match=r"cannot write .*: a folder of its path does not exist"):
        live.write_profile("b = 2\n", tmp_path / "none" / "p.toml")

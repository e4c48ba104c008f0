from __future__ import annotations

import pytest
from pydantic import ValidationError

from kafka_analysis.model.errors import ProfileError
from kafka_analysis.model.profile import ClusterProfile, Profile, PrometheusServer, Security

CLUSTER = {"name": "monolith", "bootstrap_servers": "h:9092"}
LOGIN = {"mechanism": "SCRAM-SHA-512", "username": "u", "password": {"env": "KA_TEST_PASSWORD"}}


def test_least_that_is_needed_is_a_name_and_an_address():
    cluster = Profile(clusters=[CLUSTER]).clusters[0]
    assert (cluster.security.protocol, cluster.endpoints, cluster.open_monitoring) == ("PLAINTEXT", (), None)


def test_brokers_may_be_a_list():
    assert ClusterProfile(**CLUSTER | {"bootstrap_servers": ["a:1", "b:2"]}).bootstrap_servers == "a:1,b:2"


def test_a_cluster_is_somewhere():
    with pytest.raises(ValidationError, match="bootstrap_servers is missing; give it, or prometheus"):
        ClusterProfile(name="c")
    stored = ClusterProfile(name="c", prometheus={"url": "http://p:9090"})
    with pytest.raises(ProfileError, match="cluster c has no bootstrap_servers; add them"):
        stored.bootstrap  # noqa: B018
    assert ClusterProfile(**CLUSTER).bootstrap == "h:9092"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"url": "ftp://p"}, "URL scheme"),
        ({"url": "http://ann:hush@p/"}, "give the plain URL"),
        ({"url": "http://p/?token=hush"}, "give the plain URL"),
        ({"match": "kafka"}, "match"),
        ({"match": '{job="kafka"} or {job="b"}'}, "match"),
        ({"match": '{job="kafka" env="b"}'}, "match"),
        ({"match": "{job='kafka'}"}, "match"),
        ({"broker_label": "a-b"}, "broker_label"),
        ({"brokers": {"h": -1}}, "greater than or equal to 0"),
        ({"broker_pattern": r"b-\d+"}, "has 0 groups; put the broker's number"),
        ({"broker_pattern": r"(b)-(\d+)"}, "has 2 groups"),
        ({"broker_pattern": r"(\d+"}, "is not a valid regular expression"),
        ({"brokers": {"h": 1}, "broker_pattern": r"(\d+)"}, "give one of them"),
        ({"username": "ann"}, "username and password belong together"),
        ({"password": {"env": "A"}}, "username and password belong together"),
        ({"token": {"env": "A"}, "username": "ann", "password": {"env": "B"}}, "two ways to log in"),
        ({"token": "hush"}, "token"),
        ({"timeout_s": 0}, "greater than 0"),
        ({"headers": {}}, "Extra inputs"),
    ],
)
def test_what_is_wrong_about_a_history_is_said(more, said):
    with pytest.raises(ValidationError, match=said) as caught:
        PrometheusServer.model_validate({"url": "http://p:9090"} | more)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "match", ["{}", "{ }", '{job="kafka"}', '{job=~"a|b", env!="x",}', r'{job!~"a\"}b"}', '{ job = "" }']
)
def test_matchers_are_those_of_promql(match):
    assert PrometheusServer(url="http://p:9090", match=match).match == match


@pytest.mark.parametrize("name", ["", "../etc", "a b", "-x", "a/b", "x" * 101])
def test_a_name_is_one_word(name):
    with pytest.raises(ValidationError):
        ClusterProfile(**CLUSTER | {"name": name})


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"bootstrap": "h:9092"}, "Extra inputs"),
        ({"endpoints": [{"url": "http://h/m"}, {"url": "http://h/m"}]}, "count twice"),
        ({"endpoints": [{"url": "ftp://h/m"}]}, "URL scheme"),
        ({"endpoints": [{"url": "http://h/m", "kind": "gmx"}]}, "jmx"),
        ({"open_monitoring": {"jmx_port": 0}}, "greater than or equal to 1"),
        ({"role": "victim"}, "source"),
    ],
)
def test_what_is_wrong_is_said(wrong, said):
    with pytest.raises(ValidationError, match=said):
        ClusterProfile(**CLUSTER | wrong)


def test_open_monitoring_is_msk_s_ports():
    cluster = ClusterProfile(**CLUSTER, open_monitoring={})
    assert (cluster.open_monitoring.jmx_port, cluster.open_monitoring.node_port) == (11001, 11002)


def test_each_cluster_has_a_name_of_its_own():
    with pytest.raises(ValidationError, match="same name"):
        Profile(clusters=[CLUSTER, CLUSTER])
    with pytest.raises(ValidationError):
        Profile(clusters=[])


@pytest.mark.parametrize("seconds", [0, -1, 301, float("inf"), float("nan")])
def test_a_timeout_is_a_bounded_time(seconds):
    with pytest.raises(ValidationError):
        Profile(clusters=[CLUSTER], scrape_timeout_s=seconds)


def test_a_login_is_complete():
    assert Security(protocol="SASL_SSL", **LOGIN).username == "u"
    with pytest.raises(ValidationError, match="also needs username, password"):
        Security(protocol="SASL_SSL", mechanism="PLAIN")


def test_a_listener_without_login_takes_none():
    with pytest.raises(ValidationError, match="takes no mechanism"):
        Security(protocol="SSL", **LOGIN)


def test_a_certificate_comes_with_its_key():
    with pytest.raises(ValidationError, match="belong together"):
        Security(protocol="SSL", cert_file="c.pem")
    assert Security(protocol="SSL", cert_file="c.pem", key_file="k.pem").ca_file is None


@pytest.mark.parametrize(
    "option",
    [
        "sasl.password", "ssl.key.password", "ssl.key.pem", "sasl.jaas.config", "sasl.oauthbearer.config",
        "sasl.oauthbearer.client.secret", "schema.registry.basic.auth.user.info", "SASL.PASSWORD",
    ],
)  # fmt: skip
def test_secrets_are_never_written_into_a_profile(option):
    with pytest.raises(ValidationError, match="holds a secret") as caught:
        ClusterProfile(**CLUSTER, client_options={option: "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_other_options_are_passed_on():
    options = {"socket.timeout.ms": 5000, "enable.ssl.certificate.verification": True}
    assert ClusterProfile(**CLUSTER, client_options=options).client_options == options


def test_an_address_with_a_login_that_is_listed_twice_is_named_without_it():
    twice = 2 * [{"url": "http://ann:hunter2@h:1/m?token=hunter2"}]
    with pytest.raises(ValidationError, match="endpoint http://h:1/m is listed twice") as caught:
        ClusterProfile(**CLUSTER, endpoints=twice)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "servers",
    [
        "ann:hunter2@h:1",
        "SASL_SSL://ann:hunter2@h:1",
        "h:1,ann:hunter2@g:1",
        "h:hunter2",
        "h:1?hunter2",
        ",",
        "",
    ],
)
def test_brokers_addresses_hold_no_login(servers):
    with pytest.raises(ValidationError) as caught:
        ClusterProfile(**CLUSTER | {"bootstrap_servers": servers})
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "servers", ["h:1, g:2", "SASL_SSL://h:1", "[::1]:9092", "kafka_1:9092", "b-1.msk.eu:9098"]
)
def test_brokers_addresses_are_written_as_kafka_s_clients_take_them(servers):
    assert ClusterProfile(**CLUSTER | {"bootstrap_servers": servers}).bootstrap == servers.replace(" ", "")


def test_iam_takes_aws_s_credentials_and_no_password():
    iam = {"protocol": "SASL_SSL", "mechanism": "AWS_MSK_IAM"}
    assert Security(**iam, region="eu-west-1", aws_profile="ops").password is None
    with pytest.raises(ValidationError, match="takes no username or password"):
        Security(**iam, username="u", password={"env": "KA_TEST_PASSWORD"})
    with pytest.raises(ValidationError, match="needs protocol SASL_SSL"):
        Security(**iam | {"protocol": "SASL_PLAINTEXT"})
    with pytest.raises(ValidationError, match="belong to mechanism"):
        Security(protocol="SASL_SSL", **LOGIN, region="eu-west-1")
    with pytest.raises(ValidationError, match="pattern"):
        Security(**iam, region="Ireland")


def test_a_cluster_may_be_one_to_import_only():
    cluster = ClusterProfile(name="c", cloudwatch={"cluster_name": "c-msk", "region": "eu-west-1"})
    assert (cluster.bootstrap_servers, cluster.cloudwatch.aws_profile) == (None, None)
    with pytest.raises(ProfileError, match="cluster c has no bootstrap_servers"):
        _ = cluster.bootstrap
    with pytest.raises(ValidationError, match=r"bootstrap_servers is missing; give it, or .*cloudwatch"):
        ClusterProfile(name="c")


@pytest.mark.parametrize(
    "wrong",
    [{}, {"cluster_name": "c"}, {"cluster_name": "", "region": "eu-west-1"}, {"cluster_name": "c", "region": "x"},
     {"cluster_name": "c", "region": "eu-west-1", "secret_key": "hunter2"}],
)  # fmt: skip
def test_where_cloudwatch_is_is_told_exactly(wrong):
    with pytest.raises(ValidationError) as caught:
        ClusterProfile(name="c", cloudwatch=wrong)
    assert "hunter2" not in str(caught.value)

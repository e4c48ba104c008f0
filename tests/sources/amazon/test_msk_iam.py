"""Tokens come from a signer that is none, but for one test of AWS's own: no network either way."""

from __future__ import annotations

import base64
import sys
import time
from types import ModuleType, SimpleNamespace

import pytest

from kafka_analysis.model.errors import ProfileError
from kafka_analysis.model.profile import ClusterProfile
from kafka_analysis.sources.amazon import msk_iam
from kafka_analysis.sources.kafka.client import connect, kafka_python_config, librdkafka_config

SERVERS = "b-1.c.x.c2.kafka.eu-west-1.amazonaws.com:9098,b-2.c.x.c2.kafka.eu-west-1.amazonaws.com:9098"


def cluster(servers: str = SERVERS, **security) -> ClusterProfile:
    given = {"protocol": "SASL_SSL", "mechanism": "AWS_MSK_IAM"} | security
    return ClusterProfile.model_validate({"name": "c", "bootstrap_servers": servers, "security": given})


@pytest.fixture
def signer(monkeypatch):
    """Return the calls made of a signer that hands out numbered tokens for 900 s."""
    calls = []

    def make(*words):
        calls.append(words)
        return f"token-{len(calls)}", (1_800_000_000 + 900 * len(calls)) * 1000

    provider = SimpleNamespace(generate_auth_token=make, generate_auth_token_from_profile=make)
    module = ModuleType("aws_msk_iam_sasl_signer")
    module.MSKAuthTokenProvider = provider
    monkeypatch.setitem(sys.modules, "aws_msk_iam_sasl_signer", module)
    return SimpleNamespace(calls=calls, provider=provider)


def test_librdkafka_gets_a_callback_and_no_password(signer):
    config = librdkafka_config(cluster())
    assert (config["sasl.mechanism"], config["security.protocol"]) == ("OAUTHBEARER", "SASL_SSL")
    assert not {"sasl.username", "sasl.password"} & set(config)
    assert config["oauth_cb"]("ignored") == ("token-2", 1_800_001_800.0)
    assert config["oauth_cb"]("ignored")[0] == "token-3"  # every time a fresh one
    assert set(signer.calls) == {("eu-west-1",)}


def test_kafka_python_gets_a_provider(signer):
    config = kafka_python_config(cluster(), timeout_s=1)
    assert config["sasl_mechanism"] == "OAUTHBEARER"
    assert config["sasl_oauth_token_provider"].token() == "token-2"
    assert not {"sasl_plain_username", "sasl_plain_password"} & set(config)


def test_kafka_python_accepts_the_provider(signer):
    from kafka.net.sasl.oauth import SaslMechanismOAuth

    mechanism = SaslMechanismOAuth(**kafka_python_config(cluster(), timeout_s=1))
    assert b"auth=Bearer token-2" in mechanism.auth_bytes()


def test_a_profile_of_aws_is_signed_with(signer):
    librdkafka_config(cluster(aws_profile="ops"))
    assert signer.calls == [("eu-west-1", "ops")]


def test_the_client_asks_for_its_token_by_itself(signer, closed_port):
    client = connect(cluster(f"127.0.0.1:{closed_port}", region="eu-west-1"))
    deadline = time.monotonic() + 20
    while len(signer.calls) < 2 and time.monotonic() < deadline:
        client.poll(0.05)
    assert len(signer.calls) >= 2  # the first was the trial


@pytest.mark.parametrize(
    ("servers", "region"),
    [
        ("b-1.c.x.c2.kafka.us-gov-west-1.amazonaws.com:9098", "us-gov-west-1"),
        ("boot-x.c1.kafka-serverless.ap-southeast-2.amazonaws.com:9098", "ap-southeast-2"),
        ("b-1.c.x.c2.kafka.cn-north-1.amazonaws.com.cn:9098", "cn-north-1"),
        ("b-1-public.c.x.c2.kafka.eu-north-1.amazonaws.com:9198", "eu-north-1"),
    ],
)
def test_the_brokers_names_tell_the_region(servers, region):
    assert msk_iam.region_of(cluster(servers)) == region


def test_names_of_one_s_own_need_a_region_in_the_profile():
    with pytest.raises(ProfileError, match=r"cluster c: .* give region under security"):
        msk_iam.region_of(cluster("kafka.example.org:9098"))
    assert msk_iam.region_of(cluster("kafka.example.org:9098", region="eu-west-3")) == "eu-west-3"


def test_without_the_signer_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "aws_msk_iam_sasl_signer", None)
    with pytest.raises(ProfileError, match=r"pip install 'kafka-analysis\[aws\]'"):
        connect(cluster())


def test_without_credentials_it_fails_at_once_and_tells_nothing(signer):
    def fail(*_):
        message = "hush"
        raise ValueError(message)

    signer.provider.generate_auth_token = fail
    with pytest.raises(ProfileError, match=r"no AWS credentials to sign with \(ValueError\)") as caught:
        connect(cluster())
    assert "hush" not in str(caught.value)


def test_no_token_is_in_the_profile_s_own_text_or_in_a_log(signer, caplog):
    one = cluster()
    with caplog.at_level("DEBUG"):
        librdkafka_config(one)["oauth_cb"]("")
    assert "token-" not in repr(one) + one.model_dump_json() + caplog.text


def test_aws_s_own_signer_signs_for_the_region(aws):
    token, expires_s = msk_iam.token_source(cluster())()
    url = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    assert url.startswith("https://kafka.eu-west-1.amazonaws.com/?Action=kafka-cluster%3AConnect")
    assert 800 < expires_s - time.time() < 901
    assert aws.DUMMY["AWS_SECRET_ACCESS_KEY"] not in url

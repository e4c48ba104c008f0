from __future__ import annotations

import sys

import pytest
from botocore.exceptions import ClientError, CredentialRetrievalError, NoCredentialsError

from kafka_analysis.model.errors import ProfileError
from kafka_analysis.sources.amazon.clients import aws_client, reason


def test_a_client_is_of_the_region_asked_for(aws):
    assert aws_client("cloudwatch", region="eu-north-1").meta.region_name == "eu-north-1"
    assert aws_client("kafka", region=None).meta.region_name == aws.REGION


def test_a_profile_that_is_not_there_is_one_line(aws):
    with pytest.raises(ProfileError, match=r"AWS kafka: ProfileNotFound: .*nobody.*give a region"):
        aws_client("kafka", region=aws.REGION, aws_profile="nobody")


def test_without_a_region_it_says_so(aws, monkeypatch):
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(ProfileError, match="NoRegionError"):
        aws_client("kafka", region=None)


def test_without_boto3_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(ProfileError, match=r"pip install 'kafka-analysis\[aws\]'"):
        aws_client("kafka", region="eu-west-1")


def test_a_refusal_names_the_action_and_not_what_was_signed():
    error = ClientError(
        {"Error": {"Code": "AccessDenied", "Message": "arn:aws:iam::1:user/ann hush"}}, "ListMetrics"
    )
    said = reason(error, service="cloudwatch")
    assert said == (
        "AccessDenied from cloudwatch:ListMetrics; allow cloudwatch:ListMetrics to these credentials"
    )


def test_texts_that_may_hold_secrets_are_left_out():
    signature = {"Error": {"Code": "SignatureDoesNotMatch", "Message": "x-amz-security-token:hush"}}
    assert reason(ClientError(signature, "X"), service="kafka") == "SignatureDoesNotMatch from kafka:X"
    assert (
        reason(CredentialRetrievalError(provider="p", error_msg="hush"), service="kafka")
        == "CredentialRetrievalError"
    )
    assert "Unable to locate credentials" in reason(NoCredentialsError(), service="kafka")

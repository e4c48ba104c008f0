"""Authenticate our own Kafka clients to Amazon MSK by IAM: short-lived tokens from AWS's signer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kafka_analysis.model.errors import ProfileError
from kafka_analysis.model.profile import ClusterProfile

if TYPE_CHECKING:
    from kafka.net.sasl.oauth import AbstractTokenProvider

MISSING = "mechanism AWS_MSK_IAM needs AWS's signer; pip install 'kafka-analysis[aws]'"
_REGION = re.compile(
    r"\.kafka(?:-serverless)?\.([a-z]{2}(?:-[a-z]+)+-\d)\.(?:vpce\.)?amazonaws\.com(?:\.cn)?(?=[:,]|$)"
)

TokenSource = Callable[[], tuple[str, float]]


def region_of(cluster: ClusterProfile) -> str:
    """Return the region a token is signed for: the profile's, or that in the brokers' names.

    Raises
    ------
    ProfileError
        When neither says it.

    Examples
    --------
    >>> region_of(ClusterProfile(name="c", bootstrap_servers="b-1.c.abc.c2.kafka.eu-west-1.amazonaws.com:9098"))
    'eu-west-1'
    """
    if cluster.security.region is not None:
        return cluster.security.region
    match = _REGION.search(cluster.bootstrap_servers or "")
    if match is None:
        raise ProfileError(
            f"cluster {cluster.name}: the broker names do not contain the region; give region under security"
        )
    return match[1]


def token_source(cluster: ClusterProfile) -> TokenSource:
    """Return what makes a token and the time it expires (seconds since 1970); each call makes a new one.

    Raises
    ------
    ProfileError
        When the signer is not installed or the region is not known. The source raises it when there are no credentials;
        neither they nor a token are ever in a message.
    """
    try:
        from aws_msk_iam_sasl_signer import MSKAuthTokenProvider
    except ImportError:
        raise ProfileError(MISSING) from None
    region, aws_profile = region_of(cluster), cluster.security.aws_profile

    def make() -> tuple[str, float]:
        try:
            token, expires_ms = (
                MSKAuthTokenProvider.generate_auth_token(region)
                if aws_profile is None
                else MSKAuthTokenProvider.generate_auth_token_from_profile(region, aws_profile)
            )
        except Exception as error:  # noqa: BLE001 - whatever went wrong, its text may hold credentials
            message = f"cluster {cluster.name}: no AWS credentials to sign with ({type(error).__name__})"
            raise ProfileError(message) from None
        return token, expires_ms / 1000

    return make


def librdkafka_callback(cluster: ClusterProfile) -> Callable[[Any], tuple[str, float]]:
    """Return librdkafka's ``oauth_cb``: it is called for the first token and again before each one expires.

    Raises
    ------
    ProfileError
        When the signer is not installed, the region is not known, or there are no credentials now: the first token is
        tried here, because librdkafka would only say that it cannot connect.
    """
    source = token_source(cluster)
    source()

    def callback(_config: Any) -> tuple[str, float]:
        return source()

    return callback


def kafka_python_provider(cluster: ClusterProfile) -> AbstractTokenProvider:
    """Return kafka-python's token provider; kafka-python must be installed.

    Raises
    ------
    ProfileError
        When the signer is not installed, the region is not known, or there are no credentials now.
    """
    from kafka.net.sasl.oauth import AbstractTokenProvider

    source = token_source(cluster)
    source()

    class _Provider(AbstractTokenProvider):
        def token(self) -> str:
            return source()[0]

    return _Provider()

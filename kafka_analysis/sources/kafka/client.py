"""Make clients from a profile; secrets are read here, at the last moment, and handed on to the client only."""

import logging
from collections.abc import Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any, Literal, TypeVar

from confluent_kafka import Consumer, KafkaError, KafkaException

from kafka_analysis.model.addresses import without_credentials
from kafka_analysis.model.errors import ProfileError, SourceError
from kafka_analysis.model.profile import AWS_MSK_IAM, ClusterProfile, SecretRef, Security
from kafka_analysis.sources.amazon.msk_iam import kafka_python_provider, librdkafka_callback
from kafka_analysis.sources.kafka.admin import KafkaAdmin
from kafka_analysis.sources.kafka.security_files import problem_of_files

CLIENT_ID = "kafka-analysis"
_FORBIDDEN = frozenset(
    {
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    }
)
K = TypeVar("K")
T = TypeVar("T")
_SILENT = logging.getLogger("kafka_analysis.librdkafka")
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False


def librdkafka_config(cluster: ClusterProfile) -> dict[str, Any]:
    """Return the settings of librdkafka for a cluster, secrets included: never log or store it.

    Raises
    ------
    ProfileError
        When a secret that is referred to cannot be read, or the profile has no bootstrap servers.

    Examples
    --------
    >>> config = librdkafka_config(ClusterProfile(name="c", bootstrap_servers="b-1:9092"))
    >>> config["bootstrap.servers"], config["security.protocol"]
    ('b-1:9092', 'PLAINTEXT')
    """
    security = cluster.security
    settings = {
        "bootstrap.servers": cluster.bootstrap,
        "client.id": CLIENT_ID,
        "security.protocol": security.protocol,
        "log_level": 0,
        "sasl.mechanism": mechanism_of(security),
        "sasl.username": security.username,
        "sasl.password": secret_of(cluster, "password"),
        "oauth_cb": librdkafka_callback(cluster) if security.mechanism == AWS_MSK_IAM else None,
        "ssl.ca.location": _path(security.ca_file),
        "ssl.certificate.location": _path(security.cert_file),
        "ssl.key.location": _path(security.key_file),
        "ssl.key.password": secret_of(cluster, "key_password"),
    }
    return {
        **cluster.client_options,
        **{name: value for name, value in settings.items() if value is not None},
    }


def kafka_python_config(cluster: ClusterProfile, *, timeout_s: float) -> dict[str, Any]:
    """Return the settings of kafka-python for a cluster, secrets included: never log or store it.

    Raises
    ------
    ProfileError
        When a secret that is referred to cannot be read, or the profile has no bootstrap servers.
    """
    security = cluster.security
    settings = {
        "bootstrap_servers": cluster.bootstrap.split(","),
        "client_id": CLIENT_ID,
        "security_protocol": security.protocol,
        "request_timeout_ms": round(timeout_s * 1000),
        "bootstrap_timeout_ms": round(timeout_s * 1000),
        "sasl_mechanism": mechanism_of(security),
        "sasl_plain_username": security.username,
        "sasl_plain_password": secret_of(cluster, "password"),
        "sasl_oauth_token_provider": kafka_python_provider(cluster)
        if security.mechanism == AWS_MSK_IAM
        else None,
        "ssl_cafile": _path(security.ca_file),
        "ssl_certfile": _path(security.cert_file),
        "ssl_keyfile": _path(security.key_file),
        "ssl_password": secret_of(cluster, "key_password"),
    }
    return {name: value for name, value in settings.items() if value is not None}


def secret_of(cluster: ClusterProfile, entry: Literal["password", "key_password"]) -> str | None:
    """Return a secret of a cluster's security, None where the profile has none; never log or store it.

    Raises
    ------
    ProfileError
        When it cannot be read; the error names the entry.

    Examples
    --------
    >>> secret_of(ClusterProfile(name="c", bootstrap_servers="h:1"), "password")
    """
    reference: SecretRef | None = getattr(cluster.security, entry)
    try:
        return None if reference is None else reference.read()
    except ProfileError as error:
        message = f"cluster {cluster.name}: security.{entry}: {error}"
        raise ProfileError(message) from None


def connect(cluster: ClusterProfile) -> KafkaAdmin:
    """Make an admin client; it connects when it is first used, and says why where it cannot.

    Raises
    ------
    ProfileError
        When a secret cannot be read or librdkafka refuses a setting.
    """
    try:
        return KafkaAdmin(cluster, librdkafka_config(cluster), logger=_SILENT)
    except KafkaException as error:
        raise _refused(cluster, error) from None


def connect_consumer(cluster: ClusterProfile, settings: Mapping[str, Any]) -> Consumer:
    """Make a consumer; it connects when it is first used, and who makes it closes it.

    Raises
    ------
    ProfileError
        When a secret cannot be read or librdkafka refuses a setting.
    """
    try:
        return Consumer({**librdkafka_config(cluster), **settings}, logger=_SILENT)
    except KafkaException as error:
        raise _refused(cluster, error) from None


def reason(error: BaseException | KafkaError) -> str:
    """Return an error of the Kafka client as one line."""
    first = next(iter(getattr(error, "args", ())), error)  # librdkafka's own error has none
    text = first.str() if hasattr(first, "str") else str(error)
    return without_credentials(text.splitlines()[0])[:200] if text else type(error).__name__


def source_error(error: BaseException | KafkaError) -> SourceError:
    """Return an error of the Kafka client as one that a recording makes a gap of."""
    return SourceError(reason(error))


def result_of(future: Future[T], timeout_s: float) -> T:
    """Wait for an answer of the Kafka client, a second longer than the client itself waits.

    Raises
    ------
    SourceError
        When it fails or does not come.
    """
    try:
        return future.result(timeout=timeout_s + 1)
    except (KafkaException, FutureTimeoutError) as error:
        raise source_error(error) from None


def results_of(futures: Mapping[K, Future[T]], timeout_s: float) -> tuple[dict[K, T], dict[K, BaseException]]:
    """Return the results of requests, and the errors of those that failed or took longer.

    Examples
    --------
    >>> good, bad = Future(), Future()
    >>> good.set_result(1)
    >>> bad.set_exception(KafkaException("down"))
    >>> results_of({"a": good, "b": bad}, 1)
    ({'a': 1}, {'b': KafkaException('down')})
    """
    results: dict[K, T] = {}
    errors: dict[K, BaseException] = {}
    for key, future in futures.items():
        try:
            results[key] = future.result(timeout=timeout_s + 1)
        except (KafkaException, FutureTimeoutError) as error:
            errors[key] = error
    return results, errors


def first_line(error: Exception) -> str:
    """Return an error of kafka-python in one line.

    Examples
    --------
    >>> first_line(OSError()), first_line(OSError("refused"))
    ('OSError', 'refused')
    """
    return (str(error) or type(error).__name__).splitlines()[0][:200]


def is_forbidden(answer: Future[Any], timeout_s: float) -> bool:
    """Tell whether Kafka refuses an answer because a right is missing; any other error says nothing of rights."""
    try:
        answer.result(timeout=timeout_s + 1)
    except (KafkaException, FutureTimeoutError) as error:
        return is_refusal(error)
    return False


def is_refusal(error: BaseException) -> bool:
    """Tell whether an error of the Kafka client says that a right is missing."""
    return code_of(error) in _FORBIDDEN


def code_of(error: BaseException) -> int | None:
    """Return the code of an error of the Kafka client, None where it has none."""
    first = next(iter(error.args), None)
    return first.code() if isinstance(first, KafkaError) else None


def _refused(cluster: ClusterProfile, error: KafkaException) -> ProfileError:
    """Say why librdkafka makes no client: its files, or a setting."""
    words = problem_of_files(cluster) or f"{cluster.scrub(reason(error))}; correct the profile"
    return ProfileError(f"cluster {cluster.name}: {words}")


def mechanism_of(security: Security) -> str | None:
    """Return the SASL mechanism as brokers name it: AWS_MSK_IAM's tokens are sent by OAUTHBEARER.

    Examples
    --------
    >>> mechanism_of(Security(protocol="SASL_SSL", mechanism="AWS_MSK_IAM"))
    'OAUTHBEARER'
    """
    return "OAUTHBEARER" if security.mechanism == AWS_MSK_IAM else security.mechanism


def _path(path: object) -> str | None:
    return None if path is None else str(path)

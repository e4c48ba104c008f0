"""Discover Amazon MSK clusters and write the profile that reaches them; secrets are referred to, never held."""

import json
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from kafka_analysis.model.errors import InputError, SourceError, UnreachableError
from kafka_analysis.model.places import PRIVATE_FILE
from kafka_analysis.model.profile import Profile
from kafka_analysis.model.whole_files import write_atomically
from kafka_analysis.sources.amazon.clients import aws_client
from kafka_analysis.sources.amazon.msk import Login, MskCluster, list_msk_clusters, read_msk_brokers


@dataclass(frozen=True)
class Discovery:
    """What was found: clusters, their brokers as the ``brokers`` table, the profile's text, and what it lacks."""

    clusters: tuple[MskCluster, ...]
    brokers: pl.DataFrame
    profile: str
    notes: tuple[str, ...]


def discover_msk(
    *, region: str | None = None, aws_profile: str | None = None, name_prefix: str | None = None
) -> Discovery:
    """Ask MSK for the clusters of an account and region; only reads.

    Parameters
    ----------
    region, aws_profile
        As AWS's own tools take them; None = their configuration.
    name_prefix
        How the clusters' names begin; None = all.

    Raises
    ------
    UnreachableError
        MSK did not answer.
    InputError
        There is no such cluster, or none that is ready.
    ProfileError
        boto3 is not installed, or there is no such AWS profile or no region.
    """
    client = aws_client("kafka", region=region, aws_profile=aws_profile)
    where = client.meta.region_name
    try:
        listed = list_msk_clusters(client, name_prefix=name_prefix)
    except SourceError as error:
        raise UnreachableError(f"Amazon MSK in {where} did not answer: {error}") from None
    usable = tuple(cluster for cluster in listed if cluster.login is not None)
    notes = [f"{c.name} is skipped: {c.state}, no bootstrap address" for c in listed if c not in usable]
    if not usable:
        begins = f" whose name starts with {name_prefix!r}" if name_prefix else ""
        message = "; ".join(
            [f"no MSK cluster in {where}{begins} is reachable; check region and prefix", *notes]
        )
        raise InputError(message)
    brokers = []
    for cluster in usable:
        try:
            brokers.append(read_msk_brokers(client, cluster, name=cluster.name, ts=datetime.now(UTC)))
        except SourceError as error:
            notes.append(f"brokers of {cluster.name} are unknown: {error}")
    text = profile_text(usable, region=where, aws_profile=aws_profile)
    return Discovery(usable, pl.concat(brokers) if brokers else pl.DataFrame(), text, tuple(notes))


def write_profile(text: str, out: Path) -> None:
    """Write a profile to a new file.

    Raises
    ------
    InputError, PlaceError
        When the file is there already; when it cannot be written.
    """
    if out.exists():
        raise InputError(f"{out} exists; choose another file or remove it")
    write_atomically(out, text, mode=PRIVATE_FILE)


def profile_text(clusters: Iterable[MskCluster], *, region: str, aws_profile: str | None = None) -> str:
    """Return a profile of clusters, as TOML; what a person must fill in is marked by a comment.

    Examples
    --------
    >>> from kafka_analysis.sources.amazon.msk import MskCluster
    >>> cluster = MskCluster("cell-a", "arn", "ACTIVE", "msk-express", "3.8.x", "iam", "b-1:9098", (False, False),
    ...                      "express.m7g.large", None)
    >>> print(profile_text([cluster], region="eu-west-1"))
    [[clusters]]
    name = "cell-a"
    flavour = "msk-express"
    kafka_version = "3.8.x"
    bootstrap_servers = "b-1:9098"
    cloudwatch = { cluster_name = "cell-a", region = "eu-west-1" }
    <BLANKLINE>
    [clusters.security]
    protocol = "SASL_SSL"
    mechanism = "AWS_MSK_IAM"
    region = "eu-west-1"
    <BLANKLINE>
    """
    text = "\n".join("\n".join(_entry(cluster, region, aws_profile)) for cluster in clusters)
    Profile.model_validate(tomllib.loads(text))
    return text


def _entry(cluster: MskCluster, region: str, aws_profile: str | None) -> Iterator[str]:
    yield "[[clusters]]"
    yield f"name = {_text(cluster.name)}"
    yield f"flavour = {_text(cluster.flavour)}"
    if cluster.kafka_version:
        yield f"kafka_version = {_text(cluster.kafka_version)}"
    yield f"bootstrap_servers = {_text(cluster.bootstrap_servers or '')}"
    yield from _monitoring(cluster)
    profile = f", aws_profile = {_text(aws_profile)}" if aws_profile else ""
    yield f"cloudwatch = {{ cluster_name = {_text(cluster.name)}, region = {_text(region)}{profile} }}"
    yield ""
    yield "[clusters.security]"
    yield from _security(cluster.login, region, aws_profile)
    yield ""


def _monitoring(cluster: MskCluster) -> Iterator[str]:
    jmx, node = cluster.open_monitoring
    if jmx and node:
        yield "open_monitoring = {}"
    elif jmx:
        yield "# The node exporter is off: host metrics are unknown, and its page would be a gap."
        yield "open_monitoring = {}"
    elif node:
        yield "# Only the node exporter is on: enable the JMX exporter to get Kafka's metrics."


def _security(login: Login | None, region: str, aws_profile: str | None) -> Iterator[str]:
    if login == "iam":
        yield 'protocol = "SASL_SSL"'
        yield 'mechanism = "AWS_MSK_IAM"'
        yield f"region = {_text(region)}"
        if aws_profile:
            yield f"aws_profile = {_text(aws_profile)}"
    elif login == "scram":
        yield 'protocol = "SASL_SSL"'
        yield 'mechanism = "SCRAM-SHA-512"'
        yield 'username = "kafka-analysis"  # the user of your secret in AWS Secrets Manager'
        yield 'password = { env = "KAFKA_PASSWORD" }'
    elif login == "tls":
        yield 'protocol = "SSL"'
        yield 'cert_file = "client.pem"  # your client certificate and its key'
        yield 'key_file = "client-key.pem"'
    else:
        yield f'protocol = "{"SSL" if login == "none" else "PLAINTEXT"}"'


def _text(value: str) -> str:
    """Return a text as a TOML string; JSON's escapes are TOML's."""
    return json.dumps(value, ensure_ascii=False)

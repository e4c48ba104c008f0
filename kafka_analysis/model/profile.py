"""The connection profile (kafka-analysis.toml): which clusters there are and how they are reached."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    HttpUrl,
    ValidationInfo,
    field_validator,
    model_validator,
)

from kafka_analysis.model.addresses import redacted, without_credentials
from kafka_analysis.model.errors import ProfileError
from kafka_analysis.model.manifest import ClusterInfo
from kafka_analysis.model.notify_target import NotifyTarget
from kafka_analysis.model.page_limits import MOST_BYTES, MOST_LINES, PageLimits
from kafka_analysis.model.secret_ref import FileName, SecretRef, Strict, beside_profile


def _dialect_file(dialect: str, info: ValidationInfo) -> str:
    return str(beside_profile(Path(dialect), info)) if dialect.endswith(".toml") else dialect


Protocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
AWS_MSK_IAM = "AWS_MSK_IAM"
Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "AWS_MSK_IAM"]
Region = Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]
AwsProfile = Annotated[str, Field(min_length=1, max_length=200)]
Seconds = Annotated[float, Field(gt=0, le=300, allow_inf_nan=False)]
CLUSTER_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
_SECRET_OPTION = re.compile(
    r"password|secret|token|oauth.*config|jaas|pem$|credential|basic\.auth", re.IGNORECASE
)
_SHORTEST_SECRET = 4
_SERVER = r"(?:[A-Za-z_]+://)?(?:\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::\d{1,5})?"
_MATCHER = r'[a-zA-Z_][a-zA-Z0-9_]*\s*(?:=~|!~|!=|=)\s*"(?:[^"\\\n]|\\.)*"'
_MATCH = rf"\{{\s*(?:{_MATCHER}\s*(?:,\s*{_MATCHER}\s*)*,?)?\s*\}}"


class Security(Strict):
    """How a cluster's listener is spoken to.

    ``AWS_MSK_IAM`` takes AWS's own credentials (environment, ``aws_profile``, role of the machine); ``region`` is taken
    from the brokers' names where it is not given.
    """

    protocol: Protocol = "PLAINTEXT"
    mechanism: Mechanism | None = None
    username: str | None = None
    password: SecretRef | None = None
    ca_file: FileName | None = None
    cert_file: FileName | None = None
    key_file: FileName | None = None
    key_password: SecretRef | None = None
    region: Region | None = None
    aws_profile: AwsProfile | None = None

    @model_validator(mode="after")
    def _iam_is_aws_s(self) -> Self:
        if self.mechanism != "AWS_MSK_IAM":
            if self.region or self.aws_profile:
                message = 'region and aws_profile belong to mechanism = "AWS_MSK_IAM"; set it or drop them'
                raise ValueError(message)
        elif self.protocol != "SASL_SSL" or self.username or self.password:
            raise ValueError(
                "mechanism AWS_MSK_IAM needs protocol SASL_SSL and takes no username or password; drop them"
            )
        return self

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.protocol.startswith("SASL"):
            needed = () if self.mechanism == "AWS_MSK_IAM" else ("mechanism", "username", "password")
            lacking = [n for n in needed if getattr(self, n) is None]
            if lacking:
                raise ValueError(f"protocol {self.protocol} also needs {', '.join(lacking)}")
        elif self.mechanism or self.username or self.password:
            message = f"protocol {self.protocol} takes no mechanism, username or password; use SASL_SSL or drop them"
            raise ValueError(message)
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file belong together; give both or neither")
        return self


class Endpoint(Strict):
    """A page of metrics; without ``broker`` it is a client's (MirrorMaker 2, say).

    ``jmx`` and ``node`` are Prometheus' text format; ``jolokia`` is an agent that is asked to read, nothing else.
    ``dialect`` names the one its lines are read by, or a TOML file with the user's own; without it, it is detected.
    """

    url: HttpUrl
    kind: Literal["jmx", "node", "jolokia"] = "jmx"
    broker: Annotated[int, Field(ge=0)] | None = None
    dialect: Annotated[str, Field(min_length=1), AfterValidator(_dialect_file)] | None = None


class OpenMonitoring(Strict):
    """Amazon MSK's Open Monitoring: the same ports on every broker's host."""

    jmx_port: Annotated[int, Field(ge=1, le=65535)] | None = 11001
    node_port: Annotated[int, Field(ge=1, le=65535)] | None = 11002


class PrometheusServer(Strict):
    """A server with Prometheus' HTTP API that has a cluster's history: where it is, and which of its series are whose.

    ``match`` chooses the cluster's series, as PromQL writes it: ``{job="kafka", env="prod"}``. The broker is
    what ``brokers`` gives for the value of ``broker_label``, or the number ``broker_pattern`` finds in it with its
    one group, or else the value itself where it is a number.
    """

    url: HttpUrl
    match: Annotated[str, Field(pattern=rf"^{_MATCH}$", max_length=1000)] = "{}"
    broker_label: Annotated[str, Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")] = "instance"
    brokers: dict[str, Annotated[int, Field(ge=0, le=2**31 - 1)]] = Field(default_factory=dict)
    broker_pattern: str | None = None
    token: SecretRef | None = None
    username: str | None = None
    password: SecretRef | None = None
    ca_file: FileName | None = None
    timeout_s: Seconds = 60.0

    @field_validator("url")
    @classmethod
    def _plain_address(cls, url: HttpUrl) -> HttpUrl:
        if url.username or url.password or url.query or url.fragment:
            message = (
                "contains a user, password, query or fragment; give the plain URL, and a login separately"
            )
            raise ValueError(message)
        return url

    @field_validator("broker_pattern")
    @classmethod
    def _one_group(cls, pattern: str | None) -> str | None:
        try:
            groups = 1 if pattern is None else re.compile(pattern).groups
        except re.error as error:
            message = f"is not a valid regular expression from character {(error.pos or 0) + 1}"
            raise ValueError(message) from None
        if groups != 1:
            message = f"has {groups} groups; put the broker's number, and nothing else, in parentheses"
            raise ValueError(message)
        return pattern

    @model_validator(mode="after")
    def _one_way_each(self) -> Self:
        if self.brokers and self.broker_pattern is not None:
            raise ValueError("brokers and broker_pattern say the same thing in two ways; give one of them")
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password belong together; give both or neither")
        if self.token is not None and self.username is not None:
            raise ValueError("token and username are two ways to log in; give one of them")
        return self


class CloudWatch(Strict):
    """An Amazon MSK cluster's metrics in Amazon CloudWatch; credentials are found as AWS's own tools find them.

    ``replicators``: names of the MSK Replicators that write to the cluster.
    """

    cluster_name: Annotated[str, Field(min_length=1, max_length=64)]
    region: Region
    aws_profile: AwsProfile | None = None
    replicators: tuple[Annotated[str, Field(min_length=1, max_length=128)], ...] = ()


def _texts(value: object) -> Iterator[str]:
    """Yield the texts within tables and lists; short ones are no secrets, and part of ordinary words."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _texts(part)
    elif isinstance(value, str) and len(value) >= _SHORTEST_SECRET:
        yield value


def _joined(value: object) -> object:
    return ",".join(value) if isinstance(value, list) and all(isinstance(v, str) for v in value) else value


def _listed(value: object) -> object:
    return [value] if isinstance(value, str | Path) else value


_HISTORY = ("prometheus", "cloudwatch")


class ClusterProfile(Strict):
    """One cluster: its name in every figure, how to reach it, and where its metrics are.

    ``instance_type``: what its brokers are, such as ``kafka.m7g.large``, where nothing else tells; room in a cell is
    judged by it. ``mirror_properties``: properties files of the dedicated MirrorMakers 2 that write to the cluster.
    """

    name: Annotated[str, Field(min_length=1, max_length=100, pattern=CLUSTER_NAME)]
    bootstrap_servers: Annotated[str, BeforeValidator(_joined), Field(min_length=1)] | None = None
    role: Literal["source", "target"] | None = None
    flavour: str | None = None
    instance_type: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{1,60}$")] | None = None
    kafka_version: str | None = None
    security: Security = Security()
    endpoints: tuple[Endpoint, ...] = ()
    open_monitoring: OpenMonitoring | None = None
    prometheus: PrometheusServer | None = None
    cloudwatch: CloudWatch | None = None
    mirror_properties: Annotated[tuple[FileName, ...], BeforeValidator(_listed)] = ()
    client_options: dict[str, str | int | float | bool] = Field(default_factory=dict)

    @field_validator("bootstrap_servers")
    @classmethod
    def _only_addresses(cls, servers: str | None) -> str | None:
        parts = [] if servers is None else [part.strip() for part in servers.split(",")]
        if not all(re.fullmatch(_SERVER, part) for part in parts):
            raise ValueError("must be host:port, several separated by commas; a login belongs under security")
        return None if servers is None else ",".join(parts)

    @field_validator("client_options")
    @classmethod
    def _no_secrets(cls, options: dict[str, object]) -> dict[str, object]:
        for name in options:
            if _SECRET_OPTION.search(name):
                message = f"option {name!r} holds a secret; refer to it under security (env or file) instead"
                raise ValueError(message)
        return options

    def scrub(self, text: str) -> str:
        """Return a text, an error's say, without what the profile tells only to the client.

        These are the values of options, the user, and the names of secrets, certificates and keys, any of which may be
        a secret that stands in the wrong place.

        Examples
        --------
        >>> cluster = ClusterProfile(name="c", bootstrap_servers="h:1", client_options={"socket.timeout.ms": "hunter2"})
        >>> cluster.scrub("Invalid value hunter2 of socket.timeout.ms")
        'Invalid value … of socket.timeout.ms'
        """
        security = self.security.model_dump(
            mode="json", exclude={"protocol", "mechanism", "region", "aws_profile"}
        )
        for value in sorted(_texts([security, self.client_options]), key=len, reverse=True):
            text = text.replace(value, "…")
        return without_credentials(text)

    def info(self, **recorded: Any) -> ClusterInfo:
        """Return the cluster's entry in a manifest: what the profile says of it, and what was recorded.

        Examples
        --------
        >>> cluster = ClusterProfile(name="c", bootstrap_servers="h:1", kafka_version="4.1")
        >>> cluster.info(kafka_cluster_id="x").kafka_version
        '4.1'
        """
        declared = {"role": self.role, "kafka_version": self.kafka_version, "flavour": self.flavour}
        return ClusterInfo(**(declared | recorded), cluster=self.name)

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if self.bootstrap_servers is None and all(getattr(self, name) is None for name in _HISTORY):
            msg = f"bootstrap_servers is missing; give it, or {' or '.join(_HISTORY)} to import a cluster's history"
            raise ValueError(msg)
        return self

    @property
    def bootstrap(self) -> str:
        """Return the addresses of the cluster itself, for what speaks to it.

        Raises
        ------
        ProfileError
            When the profile only says where the cluster's history is.
        """
        if self.bootstrap_servers is None:
            message = (
                f"cluster {self.name} has no bootstrap_servers; add them to connect to it, or use import"
            )
            raise ProfileError(message)
        return self.bootstrap_servers

    @model_validator(mode="after")
    def _endpoints_once(self) -> Self:
        urls = [str(endpoint.url) for endpoint in self.endpoints]
        twice = sorted({url for url in urls if urls.count(url) > 1})
        if twice:
            raise ValueError(f"endpoint {redacted(twice[0])} is listed twice; its metrics would count twice")
        return self


class Profile(Strict):
    """Everything ``kafka-analysis capture`` and ``import`` need to know.

    ``scrape_timeout_s`` is how long a page of metrics may take, from connecting to its last line read; one that takes
    longer is a gap. ``admin_timeout_s`` is how long a question to the cluster itself may take. A page of more than
    ``max_page_bytes`` or ``max_page_lines``, unpacked, is a gap too: with these limits reading a page takes less than
    500 MB of memory, and more in proportion where they are raised. JSON of Jolokia's may have a quarter of the bytes.
    ``notify`` names those who are told of a report.
    """

    clusters: Annotated[tuple[ClusterProfile, ...], Field(min_length=1)]
    scrape_timeout_s: Seconds = 10.0
    admin_timeout_s: Seconds = 10.0
    max_page_bytes: Annotated[int, Field(gt=0, le=2**31 - 1)] = MOST_BYTES
    max_page_lines: Annotated[int, Field(gt=0, le=2**31 - 1)] = MOST_LINES
    notify: dict[Annotated[str, Field(pattern=CLUSTER_NAME, max_length=100)], NotifyTarget] = Field(
        default_factory=dict
    )

    @property
    def page_limits(self) -> PageLimits:
        """Return how large a page of metrics may be."""
        return PageLimits(most_bytes=self.max_page_bytes, most_lines=self.max_page_lines)

    @model_validator(mode="after")
    def _names_once(self) -> Self:
        names = [cluster.name for cluster in self.clusters]
        if len(set(names)) < len(names):
            raise ValueError("two clusters have the same name; name each cluster once")
        return self

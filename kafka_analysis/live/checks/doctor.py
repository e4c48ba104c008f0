"""Check what is installed and what is reachable; every check says how to fix what is not."""

import math
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from threading import Event

from confluent_kafka.admin import AdminClient
from pydantic import BaseModel

from kafka_analysis.live.checks.mirror_rights import mirror_rights
from kafka_analysis.live.record.mirror_files import flows_of_files
from kafka_analysis.live.record.mirror_topics import GROUPS_TOPIC, NO_GROUPS_TOPIC
from kafka_analysis.live.record.outcomes import SEE_LOG, Failure, all_outcomes
from kafka_analysis.live.record.targets import Answer, Target, endpoint_targets, prepare
from kafka_analysis.model.addresses import redacted
from kafka_analysis.model.background import in_background
from kafka_analysis.model.errors import KafkaAnalysisError, ProfileError, SourceError
from kafka_analysis.model.profile import ClusterProfile, Profile, PrometheusServer
from kafka_analysis.model.rights import NO_AUTHORIZER, command_to_read
from kafka_analysis.model.units import counted
from kafka_analysis.sources.http.client import http_client
from kafka_analysis.sources.kafka.client import connect
from kafka_analysis.sources.kafka.connection_errors import ConnectionFailedError
from kafka_analysis.sources.kafka.rights import ClusterAnswer, describe_with_rights
from kafka_analysis.sources.prometheus.api import connected
from kafka_analysis.sources.prometheus.targets import discover

REQUIRED = (
    "polars",
    "pandas",
    "narwhals",
    "matplotlib",
    "papermill",
    "nbconvert",
    "confluent-kafka",
)
OPTIONAL = {
    "kafka-python": "without it, log dirs, controller, ACLs, quotas, users, share and streams groups are unknown; "
    "pip install 'kafka-analysis[kafka-admin]'",
    "jupyterlab": "only needed to explore notebooks; pip install jupyterlab",
}
TOOLS = {
    "java": "only the testbed needs it; install a JDK 17 or newer",
    "mvn": "only the testbed needs it; install Apache Maven 3.8 or newer",
}


class Status(StrEnum):
    """What came of a check."""

    OK = "ok"
    SLOW = "slow"
    OPTIONAL = "not there"
    MISSING = "missing"


class Check(BaseModel, frozen=True):
    """One line of the doctor: what was checked, what was found, and how to fix it."""

    name: str
    status: Status
    found: str = ""
    mend: str = ""


def check_installed() -> list[Check]:
    """Check Python, the libraries and the tools.

    Examples
    --------
    >>> [check.status.value for check in check_installed() if check.name == "polars"]
    ['ok']
    """
    python = ".".join(map(str, sys.version_info[:3]))
    checks = [Check(name="Python", status=Status.OK, found=python)]
    checks += [_library(name, Status.MISSING, f"pip install {name}") for name in REQUIRED]
    checks += [_library(name, Status.OPTIONAL, mend) for name, mend in OPTIONAL.items()]
    return [*checks, *(_tool(name, mend) for name, mend in TOOLS.items())]


def _library(name: str, without: Status, mend: str) -> Check:
    try:
        return Check(name=name, status=Status.OK, found=version(name))
    except PackageNotFoundError:
        return Check(name=name, status=without, mend=mend)


def _tool(name: str, mend: str) -> Check:
    place = shutil.which(name)
    if place is None:
        return Check(name=name, status=Status.OPTIONAL, mend=mend)
    return Check(name=name, status=Status.OK, found=place)


def check_folder(path: Path) -> Check:
    """Check that captures and reports can be written to a folder."""
    free = shutil.disk_usage(path).free
    return Check(name="free space here", status=Status.OK, found=f"{free / 1e9:.1f} GB")


def check_profile(profile: Profile, *, interval_s: float = 15.0) -> list[Check]:
    """Check that every cluster answers, every page of metrics (listed, or Open Monitoring's), and every history.

    ``interval_s``: that of the capture to come; a page must be read within it.
    """
    prepare()
    with http_client() as client:
        stored = [(c.name, c.prometheus) for c in profile.clusters if c.prometheus is not None]
        histories = [in_background(partial(_check_history, name, server)) for name, server in stored]
        admin_s = profile.admin_timeout_s
        described = [in_background(partial(_check_cluster, c, timeout_s=admin_s)) for c in profile.clusters]
        answers = [future.result() for future in described]
        pages = partial(
            endpoint_targets, client=client, timeout_s=profile.scrape_timeout_s, limits=profile.page_limits
        )
        targets = [
            target
            for cluster, (_, brokers) in zip(profile.clusters, answers, strict=True)
            for target in pages(cluster, brokers)
        ]
        outcomes = all_outcomes(
            [(partial(_timed, target.ask), target.deadline_s) for target in targets], Event()
        )
        checks = [check for checks, _ in answers for check in checks]
        checks += [
            _endpoint_check(target, outcome, interval_s=interval_s)
            for target, outcome in zip(targets, outcomes, strict=True)
        ]
        return [*checks, *(future.result() for future in histories)]


def _check_cluster(cluster: ClusterProfile, *, timeout_s: float) -> tuple[list[Check], list[tuple[int, str]]]:
    name = f"cluster {cluster.name}"
    if cluster.bootstrap_servers is None:
        mend = "only its history can be imported; to record it, add bootstrap_servers"
        return [Check(name=name, status=Status.OPTIONAL, mend=mend)], []
    try:
        admin = connect(cluster)
        answer = describe_with_rights(admin, cluster, timeout_s=timeout_s)
    except ConnectionFailedError as error:
        found, mend = cluster.scrub(error.what), f"{error.mend}; until then, captures have a gap for it"
        return [Check(name=name, status=Status.MISSING, found=found, mend=mend)], []
    except ProfileError as error:
        found, _, mend = str(error).removeprefix(f"{name}: ").partition("; ")
        return [Check(name=name, status=Status.MISSING, found=found, mend=mend or "correct the profile")], []
    except KafkaAnalysisError as error:
        mend = f"check bootstrap_servers ({cluster.bootstrap_servers}), the network and security settings"
        reason = cluster.scrub(str(error))
        return [Check(name=name, status=Status.MISSING, found=reason, mend=mend)], []
    checks = [*_rights(name, answer), *_mirror_rights(name, admin, timeout_s), *_mirror_files(cluster)]
    return checks, [(node.id, node.host) for node in answer.nodes]


def _check_history(cluster: str, server: PrometheusServer) -> Check:
    """Ask what Prometheus has of the last hour."""
    name = f"{cluster}: history at {redacted(str(server.url))}"
    end_ms = round(time.time() * 1000)
    try:
        with connected(server) as api:
            discovered = discover(
                replace(api, attempts=1), server, start_ms=end_ms - 3_600_000, end_ms=end_ms
            )
    except KafkaAnalysisError as error:
        mend = "check url, login and certificates of prometheus in the profile"
        return Check(name=name, status=Status.MISSING, found=str(error), mend=mend)
    brokers = sorted({target.broker for target in discovered.targets if target.broker is not None})
    if not discovered.targets:
        mend = "; ".join(discovered.notes) or "check match: it selects no known series"
        return Check(name=name, status=Status.MISSING, found="no Kafka metrics in the last hour", mend=mend)
    words = f"{counted(len(discovered.targets), 'scrape target')}, brokers {', '.join(map(str, brokers)) or 'none'}"
    return Check(name=name, status=Status.OK, found=words, mend="; ".join(discovered.notes))


def _mirror_rights(name: str, admin: AdminClient, timeout_s: float) -> Iterator[Check]:
    """Say which topics of MirrorMaker 2 may not be read, where the cluster shows any."""
    try:
        rights = mirror_rights(admin, timeout_s=timeout_s)
    except SourceError:  # no topic may be seen: said already
        return
    if not rights.visible:
        return
    about = f"{name}: Read on topics of MirrorMaker 2"
    if not rights.is_readable:
        mend = (
            f"grant Describe on {GROUPS_TOPIC}; if no group has ever committed, the topic does not exist yet"
        )
        yield Check(name=about, status=Status.MISSING, found=NO_GROUPS_TOPIC, mend=mend)
    if rights.refused is None:
        mend = (
            "unknown: the brokers do not report rights; captures list topics that could not be read as gaps"
        )
        yield Check(name=about, status=Status.OPTIONAL, mend=mend)
    elif rights.refused:
        names = [topic.topic for topic in rights.refused]
        words = f"{', '.join(names)}; unknown without it: {rights.hidden}"
        yield Check(name=about, status=Status.MISSING, found=words, mend=command_to_read(names))
    elif rights.is_readable:
        yield Check(name=about, status=Status.OK, found=counted(len(rights.visible), "topic"))


def _mirror_files(cluster: ClusterProfile) -> Iterator[Check]:
    """Read the properties files of MirrorMaker 2 that the profile names."""
    if not cluster.mirror_properties:
        return
    name = f"cluster {cluster.name}: mirror_properties"
    try:
        flows = flows_of_files(cluster)
    except KafkaAnalysisError as error:
        mend = "correct mirror_properties in the profile, or the file; recording does not start without it"
        yield Check(name=name, status=Status.MISSING, found=str(error), mend=mend)
    else:
        words = ", ".join(f"{one.flow.source} → {one.flow.target} ({one.file})" for one in flows)
        yield Check(name=name, status=Status.OK, found=words)


def _rights(name: str, answer: ClusterAnswer) -> Iterator[Check]:
    unchecked = f", {NO_AUTHORIZER}" if answer.has_authorizer is False else ""
    yield Check(name=name, status=Status.OK, found=f"{counted(len(answer.nodes), 'broker')}{unchecked}")
    for right in answer.missing_rights:
        hidden = f"unknown without it: {right.hides}"
        yield Check(
            name=f"{name}: right to {right.name}", status=Status.MISSING, found=hidden, mend=right.mend
        )


@dataclass(frozen=True)
class _Timed:
    """An answer, and the seconds from asking to its last line read."""

    answer: Answer
    seconds: float


def _timed(ask: Callable[[], Answer]) -> _Timed:
    began = time.monotonic()
    answer = ask()
    return _Timed(answer, time.monotonic() - began)


def _endpoint_check(target: Target, outcome: _Timed | Failure, *, interval_s: float) -> Check:
    name = f"{target.cluster}: {target.kind} at {target.address}"
    if isinstance(outcome, Failure):
        mend = "check address, port and firewall; until it answers, captures have a gap for it"
        reason = outcome.reason.removesuffix(SEE_LOG)
        return Check(name=name, status=Status.MISSING, found=reason, mend=mend)
    if outcome.answer.dialect is None:
        mend = "check that it is a broker's exporter: kafka-analysis inspect lists its names; "
        mend += "docs/dialects.md explains how to read unknown names"
        return Check(name=name, status=Status.MISSING, found="no known metrics", mend=mend)
    found = f"dialect {outcome.answer.dialect}"
    mends = list(_too_slow(outcome.seconds, interval_s, target.deadline_s))
    if not mends:
        return Check(name=name, status=Status.OK, found=found)
    mends.append(
        "or reduce the exporter's work: fewer rules and patterns, excludeObjectNames for unused MBeans"
    )
    found += f", a page takes {outcome.seconds:.1f} s"
    return Check(name=name, status=Status.SLOW, found=found, mend="; ".join(mends))


def _too_slow(seconds: float, interval_s: float, timeout_s: float) -> Iterator[str]:
    """Yield what to change where a page takes longer than the interval, or than half the timeout."""
    if seconds > interval_s:
        yield f"longer than the interval of {interval_s:g} s: use --interval {math.ceil(2 * seconds)}s or more"
    if seconds > timeout_s / 2:
        yield (
            f"more than half of the timeout of {timeout_s:g} s: "
            f"set scrape_timeout_s = {math.ceil(3 * seconds)} in the profile"
        )

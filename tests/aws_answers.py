"""Answers of AWS without AWS: real boto3 clients, whose calls botocore checks and nothing sends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any

import boto3
from botocore.client import BaseClient

REGION = "eu-west-1"
DUMMY = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "hush-hush-key",
    "AWS_SESSION_TOKEN": "hush-hush-token",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/nonexistent/config",
    "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent/credentials",
}
Dimensions = tuple[tuple[str, str], ...]
Key = tuple[str, Dimensions]


class RefusedError(Exception):
    """Make the answer an error of the service."""

    def __init__(self, code: str, status: int = 403, message: str = "hush-hush-token is in the text") -> None:
        super().__init__(code)
        self.code, self.status, self.message = code, status, message


@cache
def _session() -> boto3.Session:
    return boto3.Session()  # it keeps what it reads of the services, some megabytes of JSON


def answered(service: str, answer: Callable[[str, dict[str, Any]], dict[str, Any]]) -> BaseClient:
    """Return a client whose calls (operation, parameters) are given to a function instead of the network."""
    client = _session().client(service, region_name=REGION)

    def note(params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        context["asked"] = dict(params)

    def reply(model: Any, context: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        try:
            return SimpleNamespace(status_code=200), answer(model.name, context["asked"])
        except RefusedError as refused:
            error = {"Error": {"Code": refused.code, "Message": refused.message}}
            return SimpleNamespace(status_code=refused.status), error

    client.meta.events.register(f"before-parameter-build.{service}", note)
    client.meta.events.register(f"before-call.{service}", reply)
    return client


@dataclass
class CloudWatch:
    """A CloudWatch that keeps values by series, and answers as its reference says, or as its reference warns it may."""

    values: dict[Key, dict[datetime, float]] = field(default_factory=dict)
    page_points: int = 100_800
    newest_first: bool = False
    repeats: int = 0  # points of the page before that a page gives again
    statuses: dict[str, list[str]] = field(default_factory=dict)  # by metric name, one for each call
    refuse: dict[str, RefusedError] = field(default_factory=dict)  # by operation
    calls: list[dict[str, Any]] = field(default_factory=list)
    brokers: dict[str, list[int]] = field(default_factory=dict)  # of MSK's clusters, by name
    _pending: dict[str, tuple[dict[str, Any], int]] = field(default_factory=dict)

    def put(self, name: str, dimensions: dict[str, str], values: dict[datetime, float]) -> None:
        self.values[name, tuple(dimensions.items())] = values

    def client(self, service: str = "cloudwatch", **_: Any) -> BaseClient:
        return answered(service, self.answer if service == "cloudwatch" else self.answer_msk)

    def answer_msk(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        if operation in self.refuse:
            raise self.refuse[operation]
        if operation == "ListClustersV2":
            names = [name for name in self.brokers if name.startswith(asked["ClusterNameFilter"])]
            return {"ClusterInfoList": [{"ClusterArn": f"arn:{name}", "ClusterName": name} for name in names]}
        name = asked["ClusterArn"].removeprefix("arn:")
        nodes = [
            {
                "InstanceType": "m5.large",
                "BrokerNodeInfo": {"BrokerId": float(n), "Endpoints": [f"b-{n}.{name}"]},
            }
            for n in self.brokers[name]
        ]
        provisioned = {"BrokerNodeGroupInfo": {"ClientSubnets": ["s"], "InstanceType": "kafka.m5.large"}}
        info = {
            "ClusterName": name,
            "ClusterArn": f"arn:{name}",
            "ClusterType": "PROVISIONED",
            "State": "ACTIVE",
        }
        return {
            "DescribeClusterV2": {
                "ClusterInfo": info | {"Provisioned": provisioned | {"NumberOfBrokerNodes": 1}}
            },
            "GetBootstrapBrokers": {"BootstrapBrokerStringTls": "b-1:9094"},
            "ListNodes": {"NodeInfoList": nodes},
        }[operation]

    def answer(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        if operation in self.refuse:
            raise self.refuse[operation]
        return {"ListMetrics": self.list_metrics, "GetMetricData": self.get_metric_data}[operation](asked)

    def list_metrics(self, asked: dict[str, Any]) -> dict[str, Any]:
        wanted = {(d["Name"], d["Value"]) for d in asked["Dimensions"]}
        keys = [key for key in self.values if wanted <= set(key[1])]
        first = int(asked.get("NextToken", 0))
        metrics = [
            {
                "Namespace": asked["Namespace"],
                "MetricName": name,
                "Dimensions": [{"Name": n, "Value": v} for n, v in dims],
            }
            for name, dims in keys[first : first + 500]
        ]
        return {"Metrics": metrics} | ({"NextToken": str(first + 500)} if first + 500 < len(keys) else {})

    def get_metric_data(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.calls.append(asked)
        queries = asked["MetricDataQueries"]
        assert len(queries) <= 500
        points = {query["Id"]: self._points(query, asked) for query in queries}
        assert sum(map(len, points.values())) <= 100_800
        longest = max(map(len, points.values()))
        size = max(1, self.page_points // len(queries))
        first = int(asked.get("NextToken", 0))
        results = []
        for query in queries:
            name = query["MetricStat"]["Metric"]["MetricName"]
            status = "PartialData" if first + size < len(points[query["Id"]]) else "Complete"
            if self.statuses.get(name):
                status = self.statuses[name].pop(0)
            shown = points[query["Id"]][max(0, first - self.repeats) : first + size]
            if status in ("Forbidden", "InternalError"):
                shown = []
            results.append(
                {"Id": query["Id"], "Label": name, "StatusCode": status}
                | {"Timestamps": [ts for ts, _ in shown], "Values": [value for _, value in shown]}
            )
        more = {"NextToken": str(first + size)} if first + size < longest else {}
        return {"MetricDataResults": results, "Messages": []} | more

    def _points(self, query: dict[str, Any], asked: dict[str, Any]) -> list[tuple[datetime, float]]:
        stat = query["MetricStat"]
        dims = tuple((d["Name"], d["Value"]) for d in stat["Metric"]["Dimensions"])
        stored = self.values[stat["Metric"]["MetricName"], dims]
        buckets: dict[datetime, list[float]] = {}
        for ts, value in stored.items():
            if asked["StartTime"] <= ts < asked["EndTime"]:
                begin = datetime.fromtimestamp(ts.timestamp() // stat["Period"] * stat["Period"], UTC)
                buckets.setdefault(begin, []).append(value)
        count = {"Average": lambda v: sum(v) / len(v), "Maximum": max}[stat["Stat"]]
        descending = self.newest_first or asked.get("ScanBy") == "TimestampDescending"
        return sorted(((ts, count(v)) for ts, v in buckets.items()), reverse=descending)


def minutes(start: datetime, count: int, value: Callable[[int], float]) -> dict[datetime, float]:
    return {start + timedelta(minutes=i): value(i) for i in range(count)}

"""A secret planted in every field of a profile, and everywhere an address is taken, is printed nowhere."""

from __future__ import annotations

import itertools
import json
import typing
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from typer.testing import CliRunner

from kafka_analysis.capture.read import read_capture
from kafka_analysis.cli import app
from kafka_analysis.model.errors import ProfileError
from kafka_analysis.model.profile import Profile
from kafka_analysis.sources.profiles import load_profile

SECRET = "hUnt3r-2"
WINDOW = ("--from", "2026-01-01", "--to", "2026-01-02")
COMMANDS = (
    ("doctor",),
    ("capture", "--out", "o", "--duration", "1s"),
    ("import", "prometheus", "--out", "o", *WINDOW),
)
# What names a cluster is shown in every figure; an address without a login is shown where it does not answer.
NAMES = {
    ("clusters", 0, "name"), ("clusters", 0, "flavour"), ("clusters", 0, "kafka_version"),
    ("clusters", 0, "bootstrap_servers"), ("clusters", 0, "cloudwatch", "cluster_name"),
    ("clusters", 0, "cloudwatch", "aws_profile"), ("clusters", 0, "cloudwatch", "replicators"),
    ("clusters", 0, "security", "aws_profile"), ("clusters", 0, "prometheus", "broker_label"),
    ("clusters", 0, "prometheus", "match"),
}  # fmt: skip
LOGIN = {
    "protocol": "SASL_PLAINTEXT",
    "mechanism": "PLAIN",
    "username": "ann",
    "password": {"env": "KA_TEST_PW"},
}


def models(kind: Any) -> Iterator[type[BaseModel]]:
    """Yield the models an annotation speaks of."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for part in typing.get_args(kind):
        yield from models(part)


def fields(model: type[BaseModel], at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the place of every field of a model and of those within it; of a list, its first entry."""
    for name, field in model.model_fields.items():
        yield (*at, name)
        is_list = "tuple[" in str(field.annotation)
        for inner in models(field.annotation):
            yield from fields(inner, (*at, name, 0) if is_list else (*at, name))


def planted(base: dict[str, Any], at: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    """Return a profile with a value at a place; what is missing on the way is made."""
    made = deepcopy(base)
    here: Any = made
    for step, following in itertools.pairwise(at):
        if isinstance(here, list) or (step in here and isinstance(here[step], dict | list)):
            here = here[step]
        else:
            here[step] = [{}] if isinstance(following, int) else {}
            here = here[step]
    here[at[-1]] = value
    return made


def toml(value: Any) -> str:
    """Write a value as TOML: inline tables, and JSON's texts and numbers."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)


@pytest.fixture
def base(closed_port, monkeypatch):
    monkeypatch.setenv("KA_TEST_PW", SECRET)
    address = f"127.0.0.1:{closed_port}"
    cluster = {"name": "c", "bootstrap_servers": address, "endpoints": [{"url": f"http://{address}/metrics"}]}
    return {"admin_timeout_s": 0.2, "scrape_timeout_s": 0.2, "clusters": [cluster]}


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Return a function that runs a command and returns everything it printed, and everything it wrote."""
    monkeypatch.chdir(tmp_path)

    def invoke(*words: object, profile: dict[str, Any] | None = None) -> str:
        if profile is not None:
            text = "".join(f"{name} = {toml(value)}\n" for name, value in profile.items())
            (tmp_path / "p.toml").write_text(text, encoding="utf-8")
            words = (*words, "--profile", tmp_path / "p.toml")
        done = CliRunner().invoke(app, [str(word) for word in words])
        assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
        written = [
            file.read_bytes() for file in tmp_path.rglob("*") if file.is_file() and file.name != "p.toml"
        ]
        return done.output + b"".join(written).decode(errors="replace")

    return invoke


def values(port: int) -> list[Any]:
    address = f"127.0.0.1:{port}"
    return [
        SECRET,
        f"http://ann:{SECRET}@{address}/m?token={SECRET}#{SECRET}",
        f"HTTP://ann:{SECRET}@h:{SECRET}/",
        [f"ann:{SECRET}@{address}"],
        {f"http://ann:{SECRET}@h/": SECRET},
    ]


def refusal(profile: dict[str, Any]) -> str | None:
    """Return what is said of a profile that is refused; None of one that is taken."""
    Path("p.toml").write_text(
        "".join(f"{n} = {toml(part)}\n" for n, part in profile.items()), encoding="utf-8"
    )
    try:
        load_profile("p.toml")
    except ProfileError as error:
        return str(error)
    return None


@pytest.mark.timeout(180)
def test_a_secret_in_any_field_is_not_printed(base, run, closed_port):
    places = list(fields(Profile))
    assert len(places) > 45
    taken = 0
    for at, value in itertools.product(places, values(closed_port)):
        profile = planted(base, at, value)
        said = refusal(profile)
        if said is not None:
            assert SECRET not in said, (at, value)
        elif at not in NAMES or value != SECRET:
            taken += 1
            for command in COMMANDS:
                assert SECRET not in run(*command, profile=profile), (at, value, command)
    assert taken > 10


@pytest.mark.parametrize(
    "more",
    [
        {"endpoints": 2 * [{"url": f"http://ann:{SECRET}@h/m?token={SECRET}"}]},
        {"client_options": {"socket.timeout.ms": SECRET}},
        {"client_options": {"sasl.password": SECRET}},
        {"security": LOGIN | {"password": SECRET}},
        {"security": LOGIN | {"password": {"env": SECRET}}},
        {"security": LOGIN | {"password": {"file": SECRET}}},
        {"security": {"protocol": "SSL", "ca_file": f"-----BEGIN {SECRET}"}},
        {"security": LOGIN | {"passwort": SECRET}},
        {"bootstrap_servers": f"ann:{SECRET}@127.0.0.1:1"},
        {"bootstrap_servers": f"SASL_SSL://ann:{SECRET}@127.0.0.1:1"},
        {"prometheus": {"url": "http://127.0.0.1:1", "token": {"env": SECRET}}},
        {"prometheus": {"url": "http://127.0.0.1:1", "broker_pattern": f"(?P<{SECRET}>"}},
        {"cloudwatch": {"cluster_name": "c", "region": "eu-west-1", "aws_secret_access_key": SECRET}},
    ],
    ids=str,
)
@pytest.mark.timeout(60)
def test_a_secret_in_the_wrong_place_is_not_printed(base, run, more):
    profile = base | {"clusters": [base["clusters"][0] | more]}
    for command in COMMANDS:
        said = run(*command, profile=profile)
        assert said
        assert SECRET not in said


@pytest.mark.parametrize(
    "target",
    [
        {"kind": "webhook", "url": f"https://hooks.example.org/{SECRET}"},
        {"kind": "webhook", "url": {"env": f"https://hooks.example.org/{SECRET}"}},
        {"kind": SECRET},
        {"kind": "slack", "url": {"env": "URL"}, "token": SECRET},
        {"kind": "mail", "host": f"ann:{SECRET}@h", "from": "a@b.org", "to": f"a@{SECRET}"},
        {
            "kind": "mail",
            "host": "h",
            "from": "a@b.org",
            "to": "c@d.org",
            "username": "u",
            "password": SECRET,
        },
    ],
    ids=str,
)
def test_a_secret_in_the_wrong_place_of_a_target_is_not_printed(base, run, small_capture, target):
    profile = base | {"notify": {"team": target}}
    Path("p.toml").write_text(
        "".join(f"{n} = {toml(part)}\n" for n, part in profile.items()), encoding="utf-8"
    )
    # An unset variable is found only when the target is told: that is tested where it is told.
    said = run("doctor", profile=profile) if refusal(profile) is None else run(
        "report", small_capture, "--notify", "team", "--notify-profile", "p.toml"
    )  # fmt: skip
    assert said
    assert SECRET not in said


def test_a_recording_holds_no_secret_of_its_addresses(base, run, pages, tmp_path):
    address = pages.replace("http://", f"http://ann:{SECRET}@")
    endpoints = [
        {"url": f"{address}/metrics?token={SECRET}", "broker": 1},
        {"url": f"{address}/broken?t={SECRET}"},
    ]
    profile = base | {"clusters": [base["clusters"][0] | {"endpoints": endpoints, "security": LOGIN}]}
    said = run("capture", "--out", tmp_path / "o", "--duration", "1s", "--interval", "1s", profile=profile)
    assert SECRET not in said
    assert {source.kind for source in read_capture(tmp_path / "o").manifest.sources} >= {"jmx", "offsets"}
    assert SECRET not in run("inspect", tmp_path / "o")
    assert SECRET not in run("inspect", tmp_path / "o", "--json")


@pytest.mark.parametrize(
    "place",
    [
        "http://ann:{}@127.0.0.1:1/m?token={}#{}", "HTTP://ann:{}@127.0.0.1:1/", "http://ann:{}@h:bad/",
        "http://h:{}/",
        "http://ann:{}", "http://ann:{}@", "http://ann:{}@h@h/", "http://ann%3A{}%40h/", "http://ann:{}@[::1/",
        "http:/ann:{}@h",
        "//ann:{}@h/m", "ftp://ann:{}@h/", "ann:{}@h:1", "http://ann:{}@h h/", "http://ann:{}@h\x00/", "http://ann:{}@\u2028/",
        "http://ann:{}@xn--\u00e9/", "jdbc:http://ann:{}@h", "http://ann:{}@127.0.0.1:99999/",
    ],
)  # fmt: skip
def test_inspect_prints_no_secret_of_an_address(run, place):
    said = run("inspect", place.format(*[SECRET] * place.count("{}")))
    assert said.startswith("error: ")
    assert len(said.strip().splitlines()) == 1
    assert SECRET not in said


@pytest.mark.parametrize(
    "words",
    [
        ("-p", f'00_start_here:topics_exclude=["http://ann:{SECRET}@h/"]'),
        ("-p", f"00_start_here:cluster=http://ann:{SECRET}@h/"),
        ("-p", f"00_start_here:start=http://ann:{SECRET}@h/"),
        ("-p", f"40_cluster_split:flows=https://h/flows.csv?token={SECRET}"),
        ("-p", f"40_cluster_split:cells=ann:{SECRET}@h"),
        ("-p", f"40_cluster_split:http://ann:{SECRET}@h/=1"),
        ("--only", f"http://ann:{SECRET}@h/"),
        ("--config", f"http://ann:{SECRET}@h/"),
    ],
)
def test_a_report_takes_no_secret_as_a_parameter(run, small_capture, words):
    said = run("report", small_capture, "--out", "r", *words)
    assert said.startswith("error: ")
    assert SECRET not in said
    assert not Path("r").exists() or not list(Path("r").rglob("*.html"))


def test_a_report_of_an_address_is_refused_without_it(run):
    assert SECRET not in run("report", f"http://ann:{SECRET}@h/capture")


@pytest.mark.parametrize("servers", ["http://ann:{}@h:1", "ann:{}@h:1", "h:1,ann:{}@g:1"])
def test_routing_files_take_no_login(run, tmp_path, servers):
    (tmp_path / "cells.csv").write_text("topic,cell\nt,cell-1\n")
    (tmp_path / "flows.csv").write_text("client,kind,topic\na,producer,t\n")
    said = run(
        "routing",
        "build",
        "--cells",
        "cells.csv",
        "--flows",
        "flows.csv",
        "--source",
        "old",
        "--out",
        "t.json",
        "--bootstrap",
        f"old={servers.format(SECRET)}",
    )
    assert said.startswith("error: ")
    assert SECRET not in said
    assert not Path("t.json").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("rebalance", "--cluster", "http://ann:{}@h/"),
        ("rebalance", "--brokers", "http://ann:{}@h/brokers.csv"),
        ("split", "--flows", "https://h/flows.csv?token={}"),
        ("waves", "--cells", "ann:{}@h:1"),
        ("size", "--catalogue", "http://ann:{}@h/"),
    ],
)
def test_a_plan_takes_no_secret_as_an_option(run, small_capture, words):
    command, *options = (word.format(SECRET) for word in words)
    said = run("plan", command, small_capture, "--out", "plan", *options)
    assert said.startswith("error: ")
    assert SECRET not in said
    assert not Path("plan").exists()

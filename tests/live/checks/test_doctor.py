from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import httpx
import pytest

from kafka_analysis.live.checks import doctor
from kafka_analysis.live.checks.doctor import Status, check_folder, check_installed, check_profile
from kafka_analysis.live.checks.mirror_rights import MirrorRights
from kafka_analysis.live.record.mirror_topics import NO_GROUPS_TOPIC
from kafka_analysis.live.record.targets import Target
from kafka_analysis.model.errors import SourceError
from kafka_analysis.model.mirror_topics import MirrorTopic
from kafka_analysis.model.profile import ClusterProfile, Profile
from kafka_analysis.model.rights import NO_AUTHORIZER, RIGHTS
from kafka_analysis.sources.kafka.rights import ClusterAnswer


def test_what_is_installed_is_named_with_its_version():
    found = {check.name: check for check in check_installed()}
    assert found["Python"].found.startswith("3.")
    assert found["polars"].status is Status.OK
    assert found["polars"].found


def test_what_is_missing_says_how_to_mend_it(monkeypatch):
    def absent(name):
        raise doctor.PackageNotFoundError(name)

    monkeypatch.setattr(doctor, "version", absent)
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    found = {check.name: check for check in check_installed()}
    assert (found["polars"].status, found["polars"].mend) == (Status.MISSING, "pip install polars")
    assert found["kafka-python"].status is Status.OPTIONAL
    assert "JDK" in found["java"].mend


def test_the_folder_has_room(tmp_path):
    assert check_folder(tmp_path).found.endswith(" GB")


@pytest.mark.timeout(60)
def test_every_cluster_and_page_of_a_profile_is_asked(pages, closed_port):
    cluster = {
        "name": "c",
        "bootstrap_servers": f"127.0.0.1:{closed_port}",
        "endpoints": [
            {"broker": 1, "url": f"{pages}/metrics"},
            {"url": f"{pages}/page"},
            {"url": f"{pages}/broken"},
            {"url": f"{pages}/tar"},
            {"url": f"{pages}/utf-16"},
        ],
    }
    profile = Profile.model_validate({"clusters": [cluster], "admin_timeout_s": 0.5})
    checks = check_profile(profile)
    missing, ok = Status.MISSING, Status.OK
    assert [check.status for check in checks] == [missing, ok, missing, missing, missing, ok]
    assert checks[2].found == "the answer is not a page of metrics: HTML"
    assert checks[4].found == "a zip archive; unpack it and give the files"
    assert checks[5].found == "dialect msk"
    assert "bootstrap_servers" in checks[0].mend
    assert checks[1].found == "dialect msk"
    assert checks[3].found == "HTTP status 500"


def test_what_is_wrong_and_what_to_change_stand_apart(closed_port, tmp_path):
    server = f"127.0.0.1:{closed_port}"
    login = {"protocol": "SASL_SSL", "mechanism": "PLAIN", "username": "ann"}
    clusters = [
        {"name": "a", "bootstrap_servers": server},
        {"name": "b", "bootstrap_servers": server, "security": {**login, "password": {"env": "KA_NOT_SET"}}},
        {
            "name": "c",
            "bootstrap_servers": server,
            "security": {"protocol": "SSL", "ca_file": tmp_path / "gone"},
        },
    ]
    refused, secret, file = check_profile(Profile.model_validate({"clusters": clusters}))
    assert refused.found == f"{server} refuses connections: nothing is listening there"
    assert refused.mend.startswith("correct host and port in bootstrap_servers")
    assert (secret.name, secret.found) == (
        "cluster b",
        "security.password: environment variable KA_NOT_SET is not set",
    )
    assert secret.mend == "set it or change the profile"
    assert file.found == "security.ca_file cannot be read (No such file or directory)"
    assert file.mend == "name a PEM file with the authority's certificate"


@pytest.mark.parametrize(
    ("stored", "status", "said"),
    [
        (
            [{"__name__": "node_memory_MemTotal_bytes", "instance": "3"}],
            Status.OK,
            "1 scrape target, brokers 3",
        ),
        ([{"__name__": "node_memory_MemTotal_bytes", "instance": "h"}], Status.MISSING, "no Kafka metrics"),
        ([], Status.MISSING, "no Kafka metrics in the last hour"),
        (None, Status.MISSING, "not from the Prometheus"),
    ],
)
def test_a_history_is_asked_for_what_it_has(monkeypatch, stored, status, said):
    def answer(request):
        names = "label" in request.url.path and stored is not None
        data = [one["__name__"] for one in stored] if names else stored
        return httpx.Response(200, json={"status": "success", "data": data})

    carried = partial(doctor.connected, transport=httpx.MockTransport(answer))
    monkeypatch.setattr(doctor, "connected", carried)
    cluster = {"name": "c", "prometheus": {"url": "http://p.example.org:9090"}}
    _, check = check_profile(Profile.model_validate({"clusters": [cluster]}))
    assert (check.name, check.status) == ("c: history at http://p.example.org:9090/", status)
    assert said in check.found
    assert check.status is Status.OK or check.mend


@pytest.mark.parametrize(
    ("seconds", "status", "said"),
    [
        (4.9, Status.OK, []),
        (
            5.2,
            Status.SLOW,
            ["a page takes 5.2 s", "half of the timeout of 10 s", "scrape_timeout_s = 16 in the profile"],
        ),
        (
            8.0,
            Status.SLOW,
            ["interval of 6 s", "--interval 16s", "scrape_timeout_s = 24", "excludeObjectNames"],
        ),
    ],
)
def test_a_slow_page_names_the_setting_to_change(seconds, status, said):
    target = Target("jmx", "c", "http://h/metrics", "interval", ask=lambda: None, deadline_s=10.0)
    answer = SimpleNamespace(dialect="stock")
    check = doctor._endpoint_check(target, doctor._Timed(answer, seconds), interval_s=6.0)
    assert check.status is status
    assert all(words in f"{check.found} {check.mend}" for words in said)
    assert (check.mend == "") == (status is Status.OK)


OFFSETS = MirrorTopic("mm2-offsets.old.internal", "offsets", "old")
STATUS = MirrorTopic("mm2-status.old.internal", "status", "old")


@pytest.mark.parametrize(
    ("rights", "found"),
    [
        (MirrorRights((), (), False), []),
        (MirrorRights((OFFSETS, STATUS), (), True), [(Status.OK, "2 topics")]),
        (MirrorRights((OFFSETS,), None, True), [(Status.OPTIONAL, "")]),
        (MirrorRights((OFFSETS,), (), False), [(Status.MISSING, NO_GROUPS_TOPIC)]),
        (
            MirrorRights((OFFSETS, STATUS), (STATUS,), True),
            [(Status.MISSING, f"{STATUS.topic}; unknown without it: states of connectors and tasks")],
        ),
    ],
)
def test_the_right_to_read_mirror_maker_s_topics_is_looked_at_where_there_are_any(monkeypatch, rights, found):
    monkeypatch.setattr(doctor, "mirror_rights", lambda admin, timeout_s: rights)
    checks = list(doctor._mirror_rights("cluster c", None, 1))
    assert [(check.status, check.found) for check in checks] == found
    for check in checks:
        assert check.name == "cluster c: Read on topics of MirrorMaker 2"
        if rights.refused:
            assert check.mend.endswith(f"--operation Read --topic {STATUS.topic}")


def test_where_no_topic_may_be_seen_nothing_is_said_of_mirror_maker_s(monkeypatch):
    def refused(admin, timeout_s):
        message = "no topic may be seen"
        raise SourceError(message)

    monkeypatch.setattr(doctor, "mirror_rights", refused)
    assert list(doctor._mirror_rights("cluster c", None, 1)) == []


@pytest.mark.parametrize(
    ("text", "status", "said"),
    [
        ("clusters = old,c\nold->c.enabled = true", Status.OK, "old → c (mm2.properties)"),
        ("clusters = old,c", Status.MISSING, "no flow is enabled"),
    ],
)
def test_a_file_of_mirror_maker_is_read(tmp_path, text, status, said):
    file = tmp_path / "mm2.properties"
    file.write_text(text)
    cluster = ClusterProfile(name="c", bootstrap_servers="h:1", mirror_properties=(file,))
    (check,) = doctor._mirror_files(cluster)
    assert (check.name, check.status) == ("cluster c: mirror_properties", status)
    assert said in check.found
    assert list(doctor._mirror_files(ClusterProfile(name="c", bootstrap_servers="h:1"))) == []


@pytest.mark.parametrize(
    ("authorizer", "shown"),
    [(True, "2 brokers"), (None, "2 brokers"), (False, f"2 brokers, {NO_AUTHORIZER}")],
)
def test_open_monitoring_is_asked_of_every_broker_that_is_known(pages, monkeypatch, authorizer, shown):
    brokers = [SimpleNamespace(id=1, host="127.0.0.1"), SimpleNamespace(id=2, host="127.0.0.1")]
    monkeypatch.setattr(doctor, "connect", lambda cluster: None)
    monkeypatch.setattr(
        doctor,
        "describe_with_rights",
        lambda admin, cluster, timeout_s: ClusterAnswer("id", tuple(brokers), RIGHTS[2:3], authorizer),
    )
    monkeypatch.setattr(doctor, "mirror_rights", lambda admin, timeout_s: MirrorRights((), (), False))
    ports = {"jmx_port": int(pages.rpartition(":")[2]), "node_port": None}
    cluster = {"name": "c", "bootstrap_servers": "b:1", "open_monitoring": ports}
    checks = check_profile(Profile.model_validate({"clusters": [cluster]}))
    assert [(check.status, check.found) for check in checks] == [
        (Status.OK, shown),
        (Status.MISSING, f"unknown without it: {RIGHTS[2].hides}"),
        (Status.OK, "dialect msk"),
        (Status.OK, "dialect msk"),
    ]
    assert checks[1].name == "cluster c: right to Describe on all topics"
    assert checks[1].mend.endswith("--allow-principal User:NAME --operation Describe --topic '*'")

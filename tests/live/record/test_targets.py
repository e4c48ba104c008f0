from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from types import SimpleNamespace

import httpx
import pytest
from confluent_kafka.admin import AclOperation

from kafka_analysis.live.record import targets
from kafka_analysis.live.record.children import ChildProcesses
from kafka_analysis.live.record.mirror_files import FileFlow, MirrorSettings
from kafka_analysis.model.errors import InputError, SourceError
from kafka_analysis.model.profile import ClusterProfile
from kafka_analysis.model.tables import RECORDED_BY
from kafka_analysis.sources.exposition.page import parse_exposition
from kafka_analysis.sources.kafka.groups import Groups
from kafka_analysis.sources.kafka.metadata import Described, table
from kafka_analysis.sources.mirroring.properties_file import Flow

CLUSTER = ClusterProfile(name="c", bootstrap_servers="127.0.0.1:1")


def test_a_cluster_is_asked_in_its_rhythms():
    with ChildProcesses(1) as children:
        found = targets.metadata_targets(CLUSTER, None, children=children, timeout_s=1)
    assert [(t.kind, t.cadence) for t in found] == [
        ("offsets", "interval"),
        ("mirror", "interval"),
        ("leaders", "minute"),
        ("groups", "minute"),
        ("metadata", "ends"),
        ("log dirs", "ends"),
        ("access", "ends"),
    ]


class _Topics:
    """Readings of MirrorMaker's topics, or an error."""

    def __init__(self, outcome):
        self.outcome = outcome

    def read(self):
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def test_settings_of_files_are_kept_where_mirror_maker_s_topics_cannot_be_read():
    flows = (FileFlow("mm2.properties", Flow("old", "c", {"topics": "t"})),)
    for outcome in (({}, "no right"), SourceError("no right")):
        answer = targets._mirror(_Topics(outcome), MirrorSettings("c", flows))
        assert (set(answer.tables), answer.missing, len(answer.notes)) == ({"connectors"}, "no right", 1)
    with pytest.raises(SourceError, match="no right"):
        targets._mirror(_Topics(SourceError("no right")), MirrorSettings("c", ()))


@pytest.mark.parametrize(
    ("operations", "topics", "said"),
    [
        (None, True, "no right to Describe the cluster"),
        ([AclOperation.DESCRIBE], False, "no right to Describe topics"),
        ([AclOperation.DESCRIBE], True, None),
    ],
)
def test_without_the_right_sizes_that_are_not_there_are_unknown_and_not_none(
    monkeypatch, operations, topics, said
):
    known = Described("id", (), operations)
    monkeypatch.setattr(targets.kafka_metadata, "describe_cluster", lambda admin, timeout_s: known)
    monkeypatch.setattr(targets.kafka_metadata, "may_describe_topics", lambda admin, timeout_s: topics)
    monkeypatch.setattr(targets.kafka_log_dirs, "admin_client", lambda *_, **__: nullcontext())
    refused = nullcontext() if said is None else pytest.raises(SourceError, match=said)
    with refused:
        assert targets._log_dirs(None, CLUSTER, 1).tables["log_dirs"].is_empty()


def test_one_read_that_fails_takes_no_other_table_along(monkeypatch):
    def refuse(admin, **_):
        message = "Cluster authorization failed."
        raise SourceError(message)

    read = (table("topic_configs", "c", []), "configs of topics: 1 of 2 not read: no")
    monkeypatch.setattr(targets.kafka_metadata, "read_broker_configs", refuse)
    monkeypatch.setattr(targets.kafka_metadata, "read_topic_configs", lambda admin, **_: read)
    monkeypatch.setattr(
        targets.kafka_metadata, "read_topics", lambda admin, **_: ({"topics": table("topics", "c", [])}, None)
    )
    known = Described("id", (), None)
    monkeypatch.setattr(targets.kafka_metadata, "describe_cluster", lambda admin, timeout_s: known)
    monkeypatch.setattr(targets, "_controller", lambda *_: None)
    answer = targets._metadata(None, CLUSTER, 1)
    assert set(answer.tables) == {"topics", "topic_configs", "brokers"}
    assert answer.missing == f"{read[1]}; broker_configs: Cluster authorization failed."
    monkeypatch.setattr(targets.kafka_metadata, "describe_cluster", refuse)
    with pytest.raises(SourceError, match=r"Cluster authorization failed\."):
        targets._metadata(None, CLUSTER, 1)


def test_a_quorum_that_cannot_be_asked_leaves_the_controller_unknown(monkeypatch):
    def fail(cluster, timeout_s):
        message = "no"
        raise SourceError(message)

    monkeypatch.setattr(targets.kafka_log_dirs, "admin_client", fail)
    assert targets._controller(CLUSTER, 1) is None


@pytest.fixture
def access(monkeypatch):
    """Return a function that asks for ACLs, quotas and users and gets these answers, of which some may be errors."""
    described = Described("id", (), None)
    monkeypatch.setattr(targets.kafka_metadata, "describe_cluster", lambda admin, timeout_s: described)
    monkeypatch.setattr(targets.kafka_log_dirs, "admin_client", lambda *_, **__: nullcontext())

    def ask(**answers):
        def read(name, client, *, cluster):
            if isinstance(answers[name], Exception):
                raise answers[name]
            return answers[name]

        monkeypatch.setattr(targets, "_ACCESS", {name: partial(read, name) for name in answers})
        return targets._access(None, CLUSTER, 1)

    return ask


def test_what_fails_of_acls_quotas_and_users_costs_the_others_nothing(access):
    quotas, users = table("quotas", "c", []), table("users", "c", [])
    answer = access(acls=SourceError("no right"), quotas=(quotas, "quotas: 1 of 2"), users=(users, None))
    assert answer.tables == {"quotas": quotas, "users": users}
    assert answer.missing == "acls: no right; quotas: 1 of 2"
    answer = access(acls=(table("acls", "c", []), None), users=SourceError("too old"))
    assert (set(answer.tables), answer.missing) == ({"acls"}, "users: too old")


def test_every_table_of_access_is_read():
    assert list(targets._ACCESS) == [name for name, kind in RECORDED_BY.items() if kind == "access"]


def test_a_cluster_without_an_authorizer_has_no_table_of_acls_and_no_gap(access):
    answer = access(acls=(None, None))
    assert (answer.tables, answer.missing) == ({}, None)


def test_a_cluster_that_does_not_answer_is_not_asked_by_the_client_that_would_leave_sockets(monkeypatch):
    def refuse(admin, timeout_s):
        message = "nobody"
        raise SourceError(message)

    monkeypatch.setattr(targets.kafka_metadata, "describe_cluster", refuse)
    monkeypatch.setattr(targets.kafka_log_dirs, "admin_client", lambda *_, **__: pytest.fail("asked"))
    with pytest.raises(SourceError, match="nobody"):
        targets._access(None, CLUSTER, 1)


def test_groups_are_asked_in_another_process_and_known_ones_by_name_the_next_time():
    asked = []
    rows = [{"group": "a", "state": "EMPTY"}, {"group": "b", "state": "DEAD"}]
    told = Groups({"groups": table("groups", "c", rows)}, "offsets of 1 of 2 groups not read")
    children = SimpleNamespace(ask=lambda timeout_s, function, *args: asked.append((function, args)) or told)
    known: set[str] = set()
    assert targets._groups(children, CLUSTER, 2, known).missing == told.missing
    targets._groups(children, CLUSTER, 2, known)
    (function, (profile, timeout_s, first)), (_, (_, _, second)) = asked
    assert function is targets.groups_of
    assert (ClusterProfile.model_validate_json(profile), timeout_s) == (CLUSTER, 2)
    assert (first, second) == (frozenset(), {"a"})


def scraped(pages: str, **endpoint):
    cluster = CLUSTER.model_validate(
        {**CLUSTER.model_dump(), "endpoints": [{"url": f"{pages}/metrics", "broker": 1, **endpoint}]}
    )
    with httpx.Client(trust_env=False) as client:
        (target,) = targets.endpoint_targets(cluster, [], client=client, timeout_s=5)
        return target.ask()


def test_a_page_is_read_by_the_dialect_it_is_found_to_be_of(pages):
    answer = scraped(pages)
    assert (answer.dialect, answer.lines.stored) == ("msk", 3)


def test_a_page_is_read_by_the_dialect_the_profile_names_and_no_other(pages):
    answer = scraped(pages, dialect="stock")
    assert (answer.dialect, answer.lines.stored, answer.lines.not_catalogued) == (None, 0, 3)
    assert scraped(pages, dialect="msk").lines == scraped(pages).lines


def test_a_dialect_that_is_not_there_is_told_before_anything_is_asked(pages):
    with pytest.raises(InputError, match="did you mean 'msk'"):
        scraped(pages, dialect="mks")


def test_dialects_are_detected_anew_only_when_a_page_has_other_names_or_labels(monkeypatch):
    detections = []
    monkeypatch.setattr(targets, "detect", lambda page: detections.append(page) or ("msk",))
    dialects = targets._Dialects()
    page, grown = (parse_exposition(text) for text in (b'a{x="1"} 1\n', b'a{x="1"} 1\nb{x="1"} 1\n'))
    other_label = parse_exposition(b'a{y="1"} 1\n')
    for scraped_page in (page, page, grown, grown, other_label):
        assert dialects.of(scraped_page) == ("msk",)
    assert len(detections) == 3


def test_dialects_are_detected_on_every_page_while_there_are_none(monkeypatch):
    detections = []
    monkeypatch.setattr(targets, "detect", lambda page: detections.append(page) or ())
    dialects = targets._Dialects()
    page = parse_exposition(b"a 1\n")
    assert [dialects.of(page), dialects.of(page), len(detections)] == [(), (), 2]

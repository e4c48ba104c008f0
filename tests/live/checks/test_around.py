from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.live.checks import around
from kafka_analysis.live.checks.around import read_around
from kafka_analysis.live.checks.end_of_pair import End
from kafka_analysis.model.errors import ProfileError, SourceError
from kafka_analysis.model.parameters.cutover_reads import CutoverReads
from kafka_analysis.model.profile import ClusterProfile
from kafka_analysis.sources.http.deadline import Deadline
from kafka_analysis.sources.kafka import log_dirs

NOWHERE = ClusterProfile(name="c", bootstrap_servers="127.0.0.1:1")


@pytest.fixture(autouse=True)
def missing(monkeypatch):
    """Do without kafka-python: its client leaves sockets open where nobody answers."""

    def none(*_, **__):
        raise SourceError(log_dirs.MISSING)

    monkeypatch.setattr(around, "admin_client", none)


def read(seconds=2.0, cluster=NOWHERE, **options):
    deadline = Deadline.after(seconds)
    return read_around(
        End.of(cluster), ["t"], options=CutoverReads(**options), timeout_s=0.5, deadline=deadline
    )


def test_what_fails_takes_nothing_else_along(monkeypatch):
    found = read()
    assert found.tables["certificates"].is_empty()  # a cluster without TLS has none
    assert sorted(note.split(" not read")[0] for note in found.notes) == [
        "c: active_producers",
        "c: transactions",
    ]

    def wrong(*_, **__):
        raise ProfileError("ca_file cannot be used")

    monkeypatch.setattr(around, "read_certificates", wrong)
    assert "c: certificates not read: ca_file cannot be used" in read().notes


def test_what_a_table_lacks_stays_with_its_name(monkeypatch):
    rows = pl.DataFrame({"cluster": ["c"]})
    monkeypatch.setattr(
        around, "_transactions", lambda *_: (rows, "no right to Describe all transactional ids")
    )
    monkeypatch.setattr(around, "_producers", lambda *_: (rows, None))
    found = read(certificates=False)
    assert set(found.tables) == {"transactions", "active_producers"}
    assert found.lacking == {"transactions": "no right to Describe all transactional ids"}
    assert found.notes == ("c: no right to Describe all transactional ids",)


def test_where_nobody_answers_it_is_said_why():
    (note,) = [note for note in read(seconds=60, certificates=False).notes if "transactions" in note]
    assert note.startswith("c: transactions not read: 127.0.0.1:1 ")
    assert "bootstrap_servers" in note


def test_without_kafka_python_it_is_said(monkeypatch):
    monkeypatch.setattr(around, "ensure_contact", lambda *_: None)
    assert f"c: transactions not read: {log_dirs.MISSING}" in read(certificates=False).notes


def test_only_what_is_wanted_is_asked_and_nothing_after_the_deadline():
    nothing = read(transactions=False, certificates=False)
    assert (dict(nothing.tables), nothing.notes) == ({}, ())
    late = read(seconds=0.0)
    assert not late.tables
    assert len(late.notes) == 3


def test_where_the_cluster_does_not_answer_bootstrap_servers_are_looked_at():
    cluster = ClusterProfile(name="c", bootstrap_servers="127.0.0.1:1", security={"protocol": "SSL"})
    found = read(cluster=cluster, transactions=False)
    assert found.tables["certificates"]["problem"].to_list() == ["cannot be reached"]
    assert "bootstrap servers only" in found.notes[0]


def test_a_silent_cluster_leaves_time_to_look_at_its_certificates(monkeypatch):
    asked = {}

    def silent(_, *, timeout_s):
        asked["brokers"] = timeout_s
        raise SourceError("no answer")

    def looked(cluster, brokers, *, timeout_s, deadline):
        asked["certificates"] = deadline.left
        return pl.DataFrame(), None

    monkeypatch.setattr(around, "describe_cluster", silent)
    monkeypatch.setattr(around, "read_certificates", looked)
    secured = NOWHERE.model_copy(update={"security": NOWHERE.security.model_copy(update={"protocol": "SSL"})})
    deadline = Deadline.after(30.0)
    options = CutoverReads(transactions=False)
    found = read_around(End.of(secured), ["t"], options=options, timeout_s=30.0, deadline=deadline)
    assert asked["brokers"] <= 10.0
    assert asked["certificates"] > 15.0
    assert any("bootstrap servers only" in note for note in found.notes)

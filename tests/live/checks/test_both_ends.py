from __future__ import annotations

import socket
import time
from datetime import UTC, datetime

import polars as pl
import pytest

from kafka_analysis.live.checks import both_ends
from kafka_analysis.live.checks.around import Around
from kafka_analysis.live.checks.both_ends import PAIR_COLUMNS, empty_committed, read_both_ends
from kafka_analysis.live.checks.one_pair import PairReading, StretchOf
from kafka_analysis.live.checks.stretch_choice import Partition, Wanted
from kafka_analysis.model.errors import InputError
from kafka_analysis.model.parameters.cutover_reads import CutoverReads
from kafka_analysis.model.profile import ClusterProfile, Profile
from kafka_analysis.model.tables import table_schema
from kafka_analysis.sources.kafka.metadata import table
from kafka_analysis.sources.kafka.stretches import HashedRecord, Stretch, StretchRead

ONLY_RECORDS = CutoverReads(transactions=False, certificates=False)


def profile_of(*names, port=1):
    servers = f"127.0.0.1:{port}"
    return Profile(clusters=tuple(ClusterProfile(name=name, bootstrap_servers=servers) for name in names))


def pairs(*targets):
    rows = [("old", "t", target, "t") for target in targets]
    return pl.DataFrame(rows, schema=list(PAIR_COLUMNS), orient="row")


def stretch(cluster, number):
    one = Stretch("t", 0, 0, 1)
    records = [HashedRecord(0, 1_767_225_600_000, "CreateTime", None, "h")]
    return StretchOf(
        cluster, number, Wanted(Partition("t", "t", 0), one), StretchRead(one, records, ended="enough")
    )


def test_stretches_of_all_replications_are_numbered_through(monkeypatch):
    asked = {}

    def read_pair(source, target, topics, committed, **how):
        asked[target.name] = (list(topics), committed["group"].to_list(), how["most_bytes"])
        offsets = table("offsets", source.name, [{"topic": "t", "partition": 0, "log_end_offset": 1}])
        found = [stretch("old", 0), stretch(target.name, 0), stretch("old", 1)]
        return PairReading({"offsets": [offsets]}, found, [f"read {target.name}", "the same"])

    monkeypatch.setattr(both_ends, "read_pair", read_pair)
    row = {"group": "g", "source_topic": "t", "partition": 0, "committed_offset": 1}
    committed = pl.DataFrame(
        [{"source": "old", **row}, {"source": "another", **row}], schema=empty_committed().schema
    )
    found = read_both_ends(
        profile_of("old", "a", "b"), pairs("a", "b"), committed=committed, options=ONLY_RECORDS
    )
    assert asked == {name: ([("t", "t")], ["g"], 32_000_000) for name in "ab"}
    reads = found.tables["record_reads"]
    assert reads.select("cluster", "stretch").sort(pl.all()).rows() == [
        ("a", 0),
        ("b", 2),
        ("old", 0),
        ("old", 1),
        ("old", 2),
        ("old", 3),
    ]
    assert found.tables["offsets"].height == 1
    assert found.notes == ("read a", "the same", "read b")
    assert all(table_schema(name).is_valid(rows) for name, rows in found.tables.items())


def test_what_two_replications_asked_of_one_cluster_is_of_one_moment(monkeypatch):
    moments = {"a": datetime(2026, 1, 1, tzinfo=UTC), "b": datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC)}

    def read_pair(source, target, topics, *_, **how):
        ts = moments[target.name]
        at = [{"topic": topic, "partition": 0, "at": ts, "offset": 1} for topic, _ in topics]
        asked = [table("offsets_at", end.name, at, ts=ts) for end in (source, target)]
        return PairReading({"offsets_at": asked}, [], [])

    monkeypatch.setattr(both_ends, "read_pair", read_pair)
    two = pl.DataFrame(
        [("old", "t", "a", "t"), ("old", "u", "b", "u")], schema=list(PAIR_COLUMNS), orient="row"
    )
    found = read_both_ends(profile_of("old", "a", "b"), two, options=ONLY_RECORDS)
    rows = found.tables["offsets_at"].select("cluster", "topic", "ts").rows()
    assert set(rows) == {
        ("old", "t", moments["b"]), ("old", "u", moments["b"]), ("a", "t", moments["a"]), ("b", "u", moments["b"]),
    }  # fmt: skip


def test_each_replication_is_given_where_its_furthest_replicator_stands(monkeypatch):
    asked = {}

    def read_pair(source, target, *_, positions, **how):
        asked[target.name] = positions
        return PairReading({}, [], [])

    monkeypatch.setattr(both_ends, "read_pair", read_pair)
    rows = [
        ("old", "a", "t", 0, 5),
        ("old", "a", "t", 0, 7),
        ("old", "b", "t", 0, 6),
        ("old", "a", "t", 1, None),
    ]
    positions = pl.DataFrame(rows, schema=list(both_ends.POSITIONS), orient="row")
    read_both_ends(profile_of("old", "a", "b"), pairs("a", "b"), positions=positions, options=ONLY_RECORDS)
    assert asked == {"a": {("t", 0): 7}, "b": {("t", 0): 6}}


def test_one_replication_that_fails_takes_nothing_else_along(monkeypatch):
    def read_pair(source, target, *_, **how):
        if target.name == "a":
            raise ZeroDivisionError("secret")
        return PairReading({}, [stretch("b", 0)], [])

    monkeypatch.setattr(both_ends, "read_pair", read_pair)
    found = read_both_ends(profile_of("old", "a", "b"), pairs("a", "b"), options=ONLY_RECORDS)
    assert found.tables["record_reads"]["cluster"].to_list() == ["b"]
    assert [note for note in found.notes if note.startswith("old to a: ") and "secret" not in note]


def test_nobody_who_answers_is_said_within_the_time():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        options = CutoverReads(seconds=1.5, transactions=False)
        found = read_both_ends(
            profile_of("old", "a", port=silent.getsockname()[1]), pairs("a"), options=options
        )
    assert time.monotonic() - began < 1.5 + 3
    assert all(rows.is_empty() for rows in found.tables.values())
    assert {note.split(":")[0] for note in found.notes} >= {"old", "a"}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"pairs": pairs("x")}, "has no cluster 'x'; it has a, old"),
        ({"pairs": pairs("a").drop("topic")}, "pairs has no column topic"),
        (
            {"pairs": pairs("a"), "committed": pl.DataFrame({"source": ["old"]})},
            "committed has no column group",
        ),
    ],
)
def test_wrong_input_is_named(given, words):
    with pytest.raises(InputError, match=words):
        read_both_ends(profile_of("old", "a"), **given)


def test_a_cluster_without_a_pair_is_looked_at_too(monkeypatch):
    def read_around(end, topics, **_):
        shown = table("certificates", end.name, [{"address": "h:1", "kind": "broker", "problem": "expired"}])
        return Around({"certificates": shown}, ())

    monkeypatch.setattr(both_ends, "read_around", read_around)
    profile = profile_of("old", "silent", "other")
    found = read_both_ends(profile, pairs(), clusters=["old", "silent"])
    assert found.tables["certificates"]["cluster"].to_list() == ["old", "silent"]
    assert found.answered["certificates"] == {"old", "silent"}
    assert found.tables["record_reads"].is_empty()
    with pytest.raises(InputError, match="no cluster 'elsewhere'"):
        read_both_ends(profile, pairs(), clusters=["elsewhere"])

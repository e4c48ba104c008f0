"""Files beside a capture are redacted with it: the same pseudonyms, an owner for each name, numbers as they were."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.capture.cells import cells_of, waves_of
from kafka_analysis.capture.ownership import OWNERSHIP, file_beside, flows_of, ownership_of
from kafka_analysis.capture.pseudonyms import Pseudonyms
from kafka_analysis.capture.read import read_capture
from kafka_analysis.capture.redact import redact_capture
from kafka_analysis.capture.redact_beside import (
    files_beside,
    read_beside,
    redact_beside,
    redact_ownership,
    written_beside,
)
from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.model.errors import CaptureExistsError, InputError, PlaceError
from kafka_analysis.model.manifest import ClusterInfo
from kafka_analysis.stats.flows.ownership import with_owners

KEY = b"0123456789abcdef"
NAMES = Pseudonyms(KEY, clusters=["old", "new"])
FORMULA = "=cmd|' /C calc'!A0"
FILES = {
    "ownership": [
        ("pattern", "kind", "team", "criticality", "application"),
        ("orders", "topic", "shop", "critical", ""),
        ("*", "topic", "rest", "", "everything"),
        ("bill*", "client", "finance", "high", "invoices"),
        ("billing", "group", "too late", "low", ""),
        ("orders.*", "producer", "shop", "critical", ""),
        ("nobody.*", "producer", "gone", "low", ""),
    ],
    "flows": [
        ("client", "kind", "topic", "bytes_per_s", "evidence", "transactional_id", "team", "application"),
        ("orders.writer", "producer", "orders", "1200.5", "", "tx,1", "", ""),
        ("billing", "group", "orders", "", "estimated", "", "@finance", "-app"),
        (FORMULA, "producer", "no.such.topic", "1e-7", "measured", "", "", ""),
        ("billing", "producer", "orders", "0", "", "", "", ""),
    ],
    "cells": [("topic", "cell"), ("orders", "new"), ("+clicks", "cell-9")],
    "waves": [("topic", "cell", "wave"), ("orders", "new", "2"), ("+clicks", "cell-9", "1")],
}


@pytest.fixture
def key(tmp_path):
    file = tmp_path / "key"
    file.write_text(KEY.hex())
    return file


def write_beside(capture, *wanted):
    for what in wanted or FILES:
        with file_beside(capture, what).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(FILES[what])


def there(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_flows_keep_numbers_and_evidence_and_have_the_names_of_the_capture(small_capture, key, tmp_path):
    write_beside(small_capture)
    redacted = redact_capture(small_capture, tmp_path / "out", key_file=key)
    columns = [
        "client",
        "kind",
        "topic",
        "bytes_per_s",
        "evidence",
        "transactional_id",
        "team",
        "application",
    ]
    orders, group = NAMES.topic("orders"), NAMES.group("billing")
    team, application = NAMES.of("team", "@finance"), NAMES.of("application", "-app")
    written = NAMES.of("transaction", "tx,1")
    expected = {
        (NAMES.of("client", "orders.writer"), "producer", orders, 1200.5, "declared", written, None, None),
        (group, "group", orders, None, "estimated", None, team, application),
        (
            NAMES.of("client", FORMULA),
            "producer",
            NAMES.topic("no.such.topic"),
            1e-7,
            "measured",
            *[None] * 3,
        ),
        (NAMES.of("client", "billing"), "producer", orders, 0.0, "declared", None, None, None),
    }
    flows = flows_of(redacted.path)
    assert set(flows.select(columns).rows()) == expected
    assert flows["client"].is_sorted()
    assert orders in redacted.table("topics")["topic"]
    assert group in redacted.table("groups")["group"]


def test_each_name_has_the_owner_that_its_first_match_gives(small_capture, small, key, tmp_path):
    write_beside(small_capture)
    redact_capture(small_capture, tmp_path / "out", key_file=key)
    shop, rest, finance = (NAMES.of("team", name) for name in ("shop", "rest", "finance"))
    everything, invoices = (NAMES.of("application", name) for name in ("everything", "invoices"))
    owners = ownership_of(tmp_path / "out")
    assert owners.equals(owners.sort("kind", "pattern"))  # the order of the names would tell of them
    assert set(owners.rows()) == {
        (NAMES.topic("orders"), "topic", shop, "critical", None),
        (NAMES.topic(small.HOSTILE), "topic", rest, None, everything),
        ("__consumer_offsets", "topic", rest, None, everything),
        (NAMES.group("billing"), "group", finance, "high", invoices),
        (NAMES.of("client", "billing"), "producer", finance, "high", invoices),
        (NAMES.of("client", "orders.writer"), "producer", shop, "critical", None),
    }


def test_a_cell_is_named_as_the_cluster_it_is_or_by_itself(small_capture, key, tmp_path):
    write_beside(small_capture)
    redacted = redact_capture(small_capture, tmp_path / "out", key_file=key)
    assert set(cells_of(redacted.path).rows()) == {
        (NAMES.topic("orders"), NAMES.cluster("new")),
        (NAMES.topic("+clicks"), NAMES.of("cell", "cell-9")),
    }
    assert set(waves_of(redacted.path).rows()) == {
        (NAMES.topic("orders"), NAMES.cluster("new"), 2),
        (NAMES.topic("+clicks"), NAMES.of("cell", "cell-9"), 1),
    }
    assert NAMES.cluster("new") in {cluster.cluster for cluster in redacted.clusters}


def test_nothing_is_left_of_any_name(small_capture, key, tmp_path):
    write_beside(small_capture)
    redact_capture(small_capture, tmp_path / "out", key_file=key)
    words = {
        "team",
        "application",
        "client",
        "kind",
        "topic",
        "pattern",
        "criticality",
        "evidence",
        "cell",
        "wave",
        "1",
        "2",
    }
    words |= {"bytes_per_s", "transactional_id", "producer", "group", "declared", "estimated", "measured"}
    words |= {"", "high", "critical", "low", "1200.5", "1e-7", "0.0", "__consumer_offsets"}
    for file in files_beside(tmp_path / "out"):
        lines = csv.reader(io.StringIO(file.read_text(encoding="utf-8"), newline=""))
        left = {field for line in lines for field in line} - words
        assert left
        assert all(f.rpartition("-")[2].isalnum() and len(f.rpartition("-")[2]) == 12 for f in left), left


def test_only_files_that_are_there_are_written(small_capture, tmp_path):
    write_beside(small_capture, "cells")
    (tmp_path / "small.routing").mkdir()
    redact_capture(small_capture, tmp_path / "out")
    assert {name for name in there(tmp_path) if name.startswith("out.")} == {"out.cells.csv"}


def test_the_same_key_gives_the_same_files(small_capture, key, tmp_path):
    write_beside(small_capture)
    for name in ("one", "two"):
        redact_capture(small_capture, tmp_path / name, key_file=key)
    redact_capture(small_capture, tmp_path / "other")
    one, two, other = (read_beside(tmp_path / name) for name in ("one", "two", "other"))
    assert list(one) == ["ownership", "flows", "cells", "waves"]
    assert all(one[what].equals(two[what]) for what in one)
    assert set(one["flows"]["client"]) & set(other["flows"]["client"]) == set()


@pytest.mark.parametrize(
    ("what", "text", "message"),
    [
        ("ownership", "pattern,kind,team\n", "the column 'criticality' is missing"),
        ("flows", "client,kind,topic\np,consumer,t\n", "line 2: kind is 'consumer'"),
        ("cells", "topic\nt\n", "cannot be read .*cell"),
        ("cells", "", "cannot be read"),
        ("waves", "topic,cell,wave\nt,c,0\n", "not a whole number from 1"),
    ],
)
def test_a_file_that_is_wrong_is_told_before_anything_is_written(
    small_capture, tmp_path, what, text, message
):
    write_beside(small_capture)
    file_beside(small_capture, what).write_text(text)
    before = there(tmp_path)
    with pytest.raises(InputError, match=message):
        redact_capture(small_capture, tmp_path / "out", key_file=tmp_path / "new key")
    assert there(tmp_path) == before


@pytest.mark.parametrize("what", FILES)
@pytest.mark.parametrize("given_too", [True, False])
def test_a_file_in_the_way_is_refused_and_left_alone(small_capture, tmp_path, what, given_too):
    if given_too:
        write_beside(small_capture)
    file_beside(tmp_path / "out", what).write_text("mine")
    before = there(tmp_path)
    with pytest.raises(CaptureExistsError, match=rf"out\.{what}\.csv exists and would be taken for part of"):
        redact_capture(small_capture, tmp_path / "out")
    assert there(tmp_path) == before
    assert file_beside(tmp_path / "out", what).read_text() == "mine"


def test_the_key_is_no_such_file(small_capture, tmp_path):
    with pytest.raises(InputError, match="never share it"):
        redact_capture(small_capture, tmp_path / "out", key_file=tmp_path / "out.flows.csv")
    assert not (tmp_path / "out").exists()


def test_an_error_at_the_end_leaves_none_of_them(small_capture, tmp_path, monkeypatch):
    write_beside(small_capture)
    before = there(tmp_path)
    seen = []

    def full(*_, **__):
        seen.extend(there(tmp_path) - before)
        raise OSError

    monkeypatch.setattr(CaptureWriter, "finish", full)
    with pytest.raises(OSError):
        redact_capture(small_capture, tmp_path / "out")
    assert {"out.ownership.csv", "out.flows.csv", "out.cells.csv", "out.waves.csv"} <= set(seen)
    assert there(tmp_path) == before


def test_an_error_in_between_leaves_none_either(tmp_path):
    file_beside(tmp_path / "out", "cells").mkdir()
    tables = {"flows": pl.DataFrame({"a": [1]}), "cells": pl.DataFrame({"a": [1]})}
    with pytest.raises(PlaceError, match="it is a folder"), written_beside(tmp_path / "out", tables):
        pytest.fail("there is nothing to go on with")
    assert there(tmp_path) == {"out.cells.csv"}


@pytest.fixture
def told(small, tmp_path):
    """Return a capture whose producers are told by its rights to write and by its own flows."""
    acl = {"principal": "User:old.job", "host": "*", "resource_type": "TOPIC", "resource_name": "t"}
    acl |= {"pattern_type": "LITERAL", "operation": "WRITE", "permission": "ALLOW"}
    group = {"state": "STABLE", "protocol": "range", "coordinator": 1}
    flow = {"kind": "producer", "topic": "t", "evidence": "declared"}
    with CaptureWriter(tmp_path / "told") as writer:
        writer.add_table("topics", small.table("topics", [{"topic": "t", "internal": False}]))
        writer.add_table(
            "groups", small.table("groups", [{"group": name, **group} for name in ("*", "", "g")])
        )
        writer.add_table("acls", small.table("acls", [acl]))
        writer.add_table("flows", small.table("flows", [{"client": "p", **flow}]))
        writer.finish(window=(small.at(0), small.at(1)), clusters=[ClusterInfo(cluster="old")])
    return read_capture(tmp_path / "told")


def owned(told, *rules):
    rows = [(pattern, kind, team, None, None) for pattern, kind, team in rules]
    ownership = pl.DataFrame(rows, schema=OWNERSHIP, orient="row")
    redacted = redact_beside({"ownership": ownership}, told, NAMES)["ownership"]
    return {(row["pattern"], row["kind"], row["team"]) for row in redacted.iter_rows(named=True)}


def test_producers_are_named_as_rights_and_recorded_flows_name_them(told):
    ours = NAMES.of("team", "ours")
    assert owned(told, ("*", "producer", "ours")) == {
        (NAMES.principal("User:old.job"), "producer", ours),
        (NAMES.of("client", "p"), "producer", ours),
    }


def test_a_group_of_the_name_star_owns_nothing_else_and_one_without_name_is_passed_over(told):
    ours = NAMES.of("team", "ours")
    assert owned(told, ("*", "group", "ours")) == {("[*]", "group", ours), (NAMES.group("g"), "group", ours)}


texts = st.text("ab.*?[]!", min_size=1, max_size=4)


@given(names=st.lists(texts, max_size=8), patterns=st.lists(texts, max_size=6))
def test_owners_of_redacted_names_are_the_owners_redacted(names, patterns):
    rows = [(pattern, "group", f"{number}", "high", None) for number, pattern in enumerate(patterns)]
    ownership = pl.DataFrame(rows, schema=OWNERSHIP, orient="row")
    groups = pl.DataFrame({"group": names}, schema={"group": pl.String})
    redacted = redact_ownership(ownership, {"group": groups["group"]}, NAMES)
    before = with_owners(groups, ownership, name="group", kind="group")
    renamed = groups.with_columns(group=pl.Series([NAMES.group(name) for name in names], dtype=pl.String))
    after = with_owners(renamed, redacted, name="group", kind="group")
    teams = [team and NAMES.of("team", team) for team in before["team"]]
    assert after["team"].to_list() == teams
    assert after["criticality"].to_list() == before["criticality"].to_list()


amounts = st.none() | st.floats(min_value=0, allow_nan=False, allow_infinity=False)


@given(st.dictionaries(st.text(min_size=1).map(lambda text: f"x{text}x"), amounts, min_size=1, max_size=5))
def test_what_is_written_reads_back_equal(flows):
    lines = [
        (client, "producer", "t", "" if value is None else repr(value)) for client, value in flows.items()
    ]
    with tempfile.TemporaryDirectory() as folder:
        capture, out = Path(folder) / "c", Path(folder) / "out"
        with file_beside(capture, "flows").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("client", "kind", "topic", "bytes_per_s"), *lines])
        redacted = redact_beside(read_beside(capture), None, NAMES)
        with written_beside(out, redacted):
            pass
        assert flows_of(out).equals(redacted["flows"])
    assert dict(redacted["flows"].select("client", "bytes_per_s").iter_rows()) == {
        NAMES.of("client", client): value for client, value in flows.items()
    }

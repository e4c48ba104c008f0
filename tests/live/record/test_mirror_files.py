from __future__ import annotations

from types import SimpleNamespace

import polars as pl
import pytest

from kafka_analysis.live.record import mirror_files as room
from kafka_analysis.live.record.mirror_files import WRITE_EVERY_S, MirrorSettings, flows_of_files
from kafka_analysis.model.errors import ProfileError
from kafka_analysis.model.profile import ClusterProfile
from kafka_analysis.sources.kafka.metadata import table
from kafka_analysis.sources.mirroring.properties_file import MOST_BYTES
from kafka_analysis.stats.mirror.connectors import mirror_connectors

TEXT = "clusters = old, new\nold->new.enabled = true\ntasks.max = 4\nnew.sasl.jaas.config = hunter2\n"
NAMED = pl.DataFrame({"cluster": ["cell"], "alias": ["old"], "means": ["monolith"], "reason": [""]})


def cluster_with(*files):
    return ClusterProfile(name="cell", bootstrap_servers="h:1", mirror_properties=files)


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """Return the settings of a file, and the clock they are written by."""
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(room.time, "monotonic", lambda: clock.now)
    file = tmp_path / "mm2.properties"
    file.write_text(TEXT)
    return MirrorSettings("cell", flows_of_files(cluster_with(file))), clock


def own(*, tasks_max="4", kind="config", name="tasks.max"):
    row = {"peer": "old", "connector": "MirrorSourceConnector", "task": None, "kind": kind, "name": name}
    return {"connectors": table("connectors", "cell", [{**row, "value": tasks_max}])}


def test_where_nothing_was_read_the_file_s_settings_are_the_connectors_once_a_minute(settings):
    of_file, clock = settings
    tables, notes = of_file.added_to({})
    found = mirror_connectors(tables["connectors"], NAMED)
    assert sorted(c.kind for c in found) == ["checkpoint", "heartbeat", "source"]
    assert {(c.cluster, c.source, c.settings["tasks.max"], c.state) for c in found} == {
        ("cell", "monolith", "4", None)
    }
    assert "hunter2" not in str(tables["connectors"].rows())
    (note,) = notes
    assert note.startswith("cell: settings of MirrorMaker's flow old → new are those of mm2.properties: ")
    assert note.endswith("in the cluster was not read")
    clock.now = WRITE_EVERY_S - 1
    assert of_file.added_to({}) == ({}, ())
    clock.now = WRITE_EVERY_S
    assert set(of_file.added_to({})[0]) == {"connectors"}


def test_states_that_were_read_stand_beside_the_file_s_settings(settings):
    tables, _ = settings[0].added_to(own(tasks_max="RUNNING", kind="state", name="state"))
    assert tables["connectors"]["ts"].n_unique() == 1
    (source,) = (c for c in mirror_connectors(tables["connectors"], NAMED) if c.kind == "source")
    assert (source.state, source.settings["tasks.max"]) == ("RUNNING", "4")


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ("4", "mm2.properties does not differ"),
        ("2", "mm2.properties differs in tasks.max (4 in the file, 2 in the cluster)"),
    ],
)
def test_what_the_cluster_keeps_wins_from_then_on(settings, kept, said):
    of_file, clock = settings
    read = own(tasks_max=kept)
    tables, (note,) = of_file.added_to(read)
    assert tables["connectors"].equals(read["connectors"])
    assert note.endswith(f"are those in the cluster; {said}")
    clock.now = 2 * WRITE_EVERY_S
    assert of_file.added_to({}) == ({}, ())


def test_without_a_file_nothing_is_added():
    assert MirrorSettings("cell", ()).added_to({}) == ({}, ())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "cannot be read: No such file or directory"),
        ("a = b", "the file names 0 clusters"),
        ("clusters = a,b", "no flow is enabled"),
        ("#" * (MOST_BYTES + 1), f"a properties file has at most {MOST_BYTES}"),
    ],
)
def test_a_file_that_is_none_is_told_in_a_line(tmp_path, text, said):
    file = tmp_path / "mm2.properties"
    if text is not None:
        file.write_text(text)
    with pytest.raises(ProfileError, match=said) as found:
        flows_of_files(cluster_with(file))
    assert "\n" not in str(found.value)
    assert str(found.value).startswith("cluster cell: mirror_properties ")


def test_a_flow_in_two_files_is_refused(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).write_text(TEXT)
    with pytest.raises(ProfileError, match=r"flow from 'old' twice \(one, two\)"):
        flows_of_files(cluster_with(tmp_path / "one", tmp_path / "two"))

"""What a recording was not allowed to see stays in the manifest, whatever is done with the capture."""

from __future__ import annotations

import pytest

from kafka_analysis.capture.merge import merge_captures
from kafka_analysis.capture.read import read_capture
from kafka_analysis.capture.redact import redact_capture
from kafka_analysis.capture.repair import repair_capture
from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.model.manifest import ClusterInfo
from kafka_analysis.model.rights import RIGHTS


@pytest.fixture
def recorded(small, tmp_path):
    """Return a function that records the small capture's tables, with some rights missing; unfinished on demand."""

    def record(name, missing=None, *, finish=True, authorizer=None):
        cluster = ClusterInfo(cluster="old", missing_rights=missing, has_authorizer=authorizer)
        with CaptureWriter(tmp_path / name) as writer:
            for table, rows in small.tables().items():
                writer.add_table(table, rows)
            writer.flush(start=small.T0, clusters=[cluster])
            if finish:
                writer.finish(window=(small.T0, small.at(100)), clusters=[cluster])
        return tmp_path / name

    return record


def rights(capture):
    return {cluster.cluster: cluster.missing_rights for cluster in capture.clusters}


def test_they_are_read_and_said_before_the_notes(recorded):
    capture = read_capture(recorded("a", RIGHTS[:2]))
    assert rights(capture) == {"old": RIGHTS[:2]}
    assert capture.notes == capture.manifest.missing_rights
    assert capture.notes[0].startswith("old: no right to Describe on the cluster")


def test_an_older_capture_did_not_look(small_capture):
    capture = read_capture(small_capture)
    assert set(rights(capture).values()) == {None}
    assert capture.notes == capture.manifest.notes


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (RIGHTS[:1], RIGHTS[1:2], RIGHTS[:2]),
        (None, RIGHTS[:1], RIGHTS[:1]),
        ((), None, ()),
        (None, None, None),
    ],
)
def test_a_merge_keeps_what_was_missing_in_any(recorded, tmp_path, one, other, both):
    merged = merge_captures([recorded("a", one), recorded("b", other)], tmp_path / "m")
    assert rights(merged) == {"old": both}


def test_a_redacted_copy_keeps_them(recorded, tmp_path):
    assert list(rights(redact_capture(recorded("a", RIGHTS), tmp_path / "r")).values()) == [RIGHTS]


def test_a_repair_keeps_them(recorded):
    path = recorded("a", RIGHTS[2:], finish=False)
    repair_capture(path)
    assert rights(read_capture(path)) == {"old": RIGHTS[2:]}


def authorizers(capture):
    return [cluster.has_authorizer for cluster in capture.clusters]


@pytest.mark.parametrize("authorizer", [True, False, None])
def test_whether_rights_are_checked_stays_whatever_is_done(recorded, tmp_path, authorizer):
    path = recorded("a", authorizer=authorizer)
    assert authorizers(read_capture(path)) == [authorizer]
    assert authorizers(redact_capture(path, tmp_path / "r")) == [authorizer]
    assert authorizers(merge_captures([path, recorded("b")], tmp_path / "m")) == [authorizer]
    unfinished = recorded("c", finish=False, authorizer=authorizer)
    repair_capture(unfinished)
    assert authorizers(read_capture(unfinished)) == [authorizer]

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from kafka_analysis.model.manifest import ClusterInfo, FileInfo, LineCounts, Manifest, SourceInfo, Span

T0, T1 = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)


def manifest(**more) -> Manifest:
    return Manifest(
        capture_id="c1", created_at=T1, tool_version="0.1.0", window=Span(start=T0, end=T1), **more
    )


def source(**more) -> SourceInfo:
    return SourceInfo(
        kind="jmx", cluster="c", address="http://h:1/metrics", attempts=3, ok=2, failed=1, **more
    )


def test_it_survives_being_written_and_read():
    whole = manifest(
        clusters=(ClusterInfo(cluster="c", role="source"),),
        sources=(source(lines=LineCounts(read=2)),),
        files=(FileInfo(path="a", rows=1, bytes=2, sha256="0" * 64),),
        notes=("n",),
    )
    assert Manifest.model_validate_json(whole.model_dump_json()) == whole


def test_what_a_later_version_adds_is_ignored():
    document = json.loads(manifest().model_dump_json()) | {"colour": "blue"}
    assert Manifest.model_validate(document) == manifest()


def test_sources_come_first_then_the_names_in_order():
    clusters = [ClusterInfo(cluster=n, role=r) for n, r in (("b", "target"), ("z", "source"), ("a", None))]
    assert [c.cluster for c in manifest(clusters=clusters).ordered_clusters] == ["z", "a", "b"]


def test_rejected_lines_are_summed_where_lines_were_counted():
    counted = [source(lines=LineCounts(rejected=2)), source(), source(lines=LineCounts(rejected=3))]
    assert manifest(sources=counted).rejected == 5
    assert manifest().rejected == 0


def test_counts_add_up_one_by_one():
    total = LineCounts(read=1, stored=2, duplicates=3) + LineCounts(read=10, rejected=20)
    assert total == LineCounts(read=11, stored=2, duplicates=3, rejected=20)


@pytest.mark.parametrize("digest", ["", "0" * 63, "G" * 64])
def test_a_checksum_is_a_checksum(digest):
    with pytest.raises(ValidationError):
        FileInfo(path="a", rows=1, bytes=2, sha256=digest)


def test_counts_are_never_negative():
    with pytest.raises(ValidationError):
        LineCounts(read=-1)


def test_a_source_is_called_by_its_broker_else_by_its_address():
    assert source(broker=0).label == "jmx of broker 0"
    assert source().label == "jmx at http://h:1/metrics"
    metadata = SourceInfo(kind="metadata", cluster="c", address="h:9092", attempts=1, ok=1, failed=0)
    assert metadata.label == "metadata"

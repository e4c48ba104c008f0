"""Captures made of saved pages: what comes in, what is left out, and that nothing half-written stays."""

from __future__ import annotations

import gzip
import os
from datetime import UTC, datetime, timedelta

import pytest

from kafka_analysis.capture.read import read_capture
from kafka_analysis.live.imports.ingest import ingest_files
from kafka_analysis.model.errors import CaptureExistsError, InputError
from kafka_analysis.stats.reduce.samples import increase

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def page(count: float) -> str:
    return (
        f'kafka_server_BrokerTopicMetrics_Count{{name="BytesInPerSec",topic="t"}} {count}\n'
        f'kafka_server_BrokerTopicMetrics_Count{{name="BytesInPerSec"}} {count}\n'
    )


@pytest.fixture
def save(tmp_path):
    """Return a function that saves a page of a broker, some seconds after noon, and returns its name."""

    def of(broker, seconds, text=None, *, folder="in"):
        name = f"broker-{broker}.{NOON + timedelta(seconds=seconds):%Y%m%dT%H%M%SZ}.prom"
        path = tmp_path / folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(page(100 * seconds) if text is None else text, encoding="utf-8")
        return name

    return of


@pytest.fixture
def ingest(tmp_path):
    return lambda *places, **more: ingest_files(
        [str(tmp_path / place) for place in places or ("in",)], tmp_path / "out", **{"cluster": "old"} | more
    )


def test_pages_over_time_make_a_capture(save, ingest, tmp_path):
    for broker in (1, 2):
        for seconds in (0, 60, 120, 180):
            save(broker, seconds)
    done = ingest(role="source")
    capture = read_capture(tmp_path / "out")
    assert (capture.start, capture.end) == (NOON, NOON + timedelta(seconds=180, milliseconds=1))
    assert [(c.cluster, c.role) for c in capture.clusters] == [("old", "source")]
    assert [
        (s.kind, s.broker, s.dialect, s.interval_s, s.attempts, s.ok, s.gaps)
        for s in capture.manifest.sources
    ] == [("jmx", broker, "msk", 60.0, 4, 4, ()) for broker in (1, 2)]
    assert capture.expected_brokers.rows() == [("old", 1), ("old", 2)]
    assert len(done.files) == 8
    assert done.skipped == {}
    assert capture.manifest.notes == done.notes == ("Made from 8 files; metadata tables were not recorded.",)


def test_rates_come_out_of_it(save, ingest, tmp_path):
    for seconds in (0, 60, 120):
        save(1, seconds)
    ingest()
    capture = read_capture(tmp_path / "out")
    rows = capture.samples("bytes_in_total").collect()
    grown = increase(rows, start=NOON, end=NOON + timedelta(seconds=120))
    assert grown.select("topic", "rate_per_s").rows() == [(None, 100.0), ("t", 100.0)]


def test_a_missing_page_is_a_gap(save, ingest, tmp_path):
    for seconds in (0, 60, 120, 300, 360):
        save(1, seconds)
    for seconds in (0, 60, 120):
        save(2, seconds)
    ingest()
    gaps = read_capture(tmp_path / "out").gaps.select("target", "start", "end", "reason").rows()
    late, end = NOON + timedelta(seconds=180), NOON + timedelta(seconds=360, milliseconds=1)
    assert sorted(gaps) == [
        ("jmx of broker 1", late, NOON + timedelta(seconds=300), "no file"),
        ("jmx of broker 2", late, end.replace(microsecond=1000), "no file"),
    ]


def test_an_interval_given_decides_about_gaps(save, ingest, tmp_path):
    for seconds in (0, 60, 120):
        save(1, seconds)
    ingest(interval_s=30.0)
    (source,) = read_capture(tmp_path / "out").manifest.sources
    assert source.interval_s == 30.0
    assert len(source.gaps) == 2


def test_one_page_is_a_capture_without_an_interval(save, ingest, tmp_path):
    save(1, 0)
    ingest()
    capture = read_capture(tmp_path / "out")
    assert capture.manifest.sources[0].interval_s is None
    assert len(capture.samples().collect()) == 2
    assert capture.window().start == NOON


def test_a_node_exporter_s_page_is_a_source_of_its_own(save, ingest, tmp_path):
    save(1, 0)
    save(1, 0, "node_memory_MemAvailable_bytes 5\n", folder="in/node")
    ingest()
    sources = read_capture(tmp_path / "out").manifest.sources
    assert {(s.kind, s.broker, s.dialect) for s in sources} == {
        ("jmx", 1, "msk"),
        ("node", 1, "node_exporter"),
    }


def test_what_is_something_else_is_left_out_and_named(save, ingest, tmp_path):
    save(1, 0)
    (tmp_path / "in/readme.html").write_text("<html>", encoding="utf-8")
    (tmp_path / "in/empty").touch()
    (tmp_path / "in/gone").symlink_to(tmp_path / "nowhere")
    (tmp_path / "in/cut.gz").write_bytes(gzip.compress(page(1).encode())[:20])
    done = ingest()
    assert list(done.skipped) == ["cut.gz", "empty", "gone", "readme.html"]
    assert done.skipped["gone"] == "cannot be read: No such file or directory"
    assert read_capture(tmp_path / "out").manifest.notes[-1].startswith("Skipped: cut.gz (damaged gzip: ")
    assert "empty (not a metrics page: empty), gone (cannot be read" in done.notes[-1]
    assert done.skipped["readme.html"] == "not a metrics page: HTML"


def test_nothing_about_kafka_and_nothing_is_written(save, ingest, tmp_path):
    save(1, 0, "up 1\n")
    save(2, 0, "<html>")
    with pytest.raises(
        InputError, match=r"no Kafka metrics in 2 files: .*\(no Kafka metrics\), .*\(not a metrics page"
    ):
        ingest()
    assert not (tmp_path / "out").exists()


def test_two_pages_of_one_broker_and_time_are_refused_and_nothing_stays(save, ingest, tmp_path):
    save(1, 0)
    save(1, 60)
    save(1, 60, folder="in/copy")
    (tmp_path / "out").mkdir()
    said = r"^broker-1\.20260131T120100Z\.prom and copy/broker-1\.20260131T120100Z\.prom both claim to be broker 1 at "
    with pytest.raises(InputError, match=said):
        ingest()
    assert list((tmp_path / "out").iterdir()) == []


def test_nothing_half_written_stays_whatever_happens(save, ingest, tmp_path):
    save(1, 0)
    save(1, 60)

    def give_up(done, _files):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ingest(on_file=give_up)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_taken_is_left_alone(save, ingest, tmp_path):
    save(1, 0)
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine").write_text("x")
    with pytest.raises(CaptureExistsError):
        ingest()
    assert (tmp_path / "out/mine").read_text() == "x"


def test_the_same_file_twice_is_one(save, ingest):
    name = save(1, 0)
    assert len(ingest("in", f"in/{name}", "in/*.prom", "**/*.prom").files) == 1


def test_one_time_for_several_brokers_but_not_for_two_pages_of_one(save, ingest, tmp_path):
    save(1, 0)
    save(2, 60)
    ingest(at=NOON)
    assert read_capture(tmp_path / "out").samples().collect()["ts"].unique().to_list() == [NOON]
    save(2, 120)
    with pytest.raises(
        InputError, match=r"both of broker 2, would have the same time; use --at with one file per broker"
    ):
        ingest(at=NOON)


def test_times_and_brokers_that_are_not_told_are_noted(ingest, tmp_path):
    (tmp_path / "in").mkdir()
    for n in range(5):
        path = tmp_path / f"in/page{n}.prom"
        path.write_text(page(n), encoding="utf-8")
        os.utime(path, (1_769_860_800 + 60 * n,) * 2)
    done = ingest()
    assert done.notes[1:] == (
        "The time of 5 files is the last modification of the file: page0.prom, page1.prom, page2.prom and 2 more.",
        "The broker of 5 files is unknown: page0.prom, page1.prom, page2.prom and 2 more.",
    )
    capture = read_capture(tmp_path / "out")
    assert capture.samples().collect()["broker"].unique().to_list() == [None]
    assert capture.manifest.sources[0].label == "jmx"


def test_repeated_lines_are_counted_and_noted(save, ingest, tmp_path):
    save(1, 0, page(1) + page(2))
    done = ingest()
    assert done.notes[1].startswith("2 lines of 1 file repeat a series and time")
    capture = read_capture(tmp_path / "out")
    assert capture.samples().collect()["value"].to_list() == [2.0, 2.0]
    assert capture.manifest.sources[0].lines.duplicates == 2


def test_lines_not_understood_are_kept_with_the_file_s_name(save, ingest, tmp_path):
    name = save(1, 0, page(1) + "not a line\n")
    save(2, 0, folder="in/deeper")
    ingest()
    assert read_capture(tmp_path / "out").rejected().select("source", "position", "text").rows() == [
        (name, 3, "not a line")
    ]


@pytest.mark.parametrize("name", ["", "../up", "a/b", "a b", "x" * 101, ".hidden", "a\n"])
def test_a_cluster_s_name_is_no_path(save, ingest, tmp_path, name):
    save(1, 0)
    with pytest.raises(InputError, match="use letters, digits"):
        ingest(cluster=name)
    assert not (tmp_path / "out").exists()


def test_an_interval_must_be_one(save, ingest):
    save(1, 0)
    for interval_s in (0.0, -1.0, 1e12, float("nan")):
        with pytest.raises(InputError, match="interval > 0 s, at most 31 d"):
            ingest(interval_s=interval_s)


def test_a_time_must_be_of_this_century(save, ingest):
    save(1, 0)
    with pytest.raises(InputError, match="between 2001 and 2100"):
        ingest(at=datetime(1, 1, 1, tzinfo=UTC))


def test_brokers_come_in_order_and_unknown_ones_last(save, ingest, tmp_path):
    for broker in (10, 2):
        save(broker, 0)
    (tmp_path / "in/20260131T120000Z.prom").write_text(page(1), encoding="utf-8")
    ingest()
    assert [s.broker for s in read_capture(tmp_path / "out").manifest.sources] == [2, 10, None]

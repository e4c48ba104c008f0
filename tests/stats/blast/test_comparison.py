from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from kafka_analysis.stats.blast.comparison import compare_outages, serving_clusters

T0 = datetime(2026, 1, 1, tzinfo=UTC)
CLUSTERS = pl.DataFrame({"cluster": ["old", "new"], "role": ["source", "target"]})
PLACE = {"ts": pl.Datetime("ms", "UTC"), "partition": pl.Int32, "broker": pl.Int32}
GROWING = [100 * n for n in range(12)]


def at(seconds):
    return T0 + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("records", "found"),
    [
        ({"old": 5.0, "new": 5.0}, ["old"]),  # the replicator copies
        ({"old": 0.0, "new": 5.0}, ["new"]),  # cut over
        ({"old": 0.0, "new": 0.0}, ["old"]),  # idle
        ({"new": 0.0}, ["new"]),
        ({"new": 1.0, "unheard of": 1.0}, ["new", "unheard of"]),
    ],
)
def test_the_cluster_in_use_is_told_by_where_logs_grow(records, found):
    rows = pl.DataFrame(
        {"cluster": list(records), "topic": "t", "partition": 0, "records": list(records.values())}
    )
    assert serving_clusters(rows, clusters=CLUSTERS)["cluster"].to_list() == found


def offsets(**ends):
    """Log ends of topic a and b in the new cluster and of c in the old one, every 10 s."""
    rows = [
        {"ts": at(10 * n), "cluster": cluster, "topic": topic, "partition": 0, "log_end_offset": end}
        for (cluster, topic), values in {("new", "a"): ends["a"], ("old", "a"): [0] * 12, ("new", "b"): GROWING,
                                         ("old", "c"): GROWING}.items()
        for n, end in enumerate(values)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema_overrides=PLACE)


def counters():
    """Records of a have 30 bytes, of b 50, of c 20; the broker of a was last scraped long before the outage."""
    traffic = [("new", 1, "a", 30), ("new", 2, "b", 50), ("old", 1, "c", 20)]
    rows = [
        {"metric": metric, "ts": at(10 * n), "cluster": cluster, "broker": broker, "topic": name,
         "partition": None, "group": None, "entity": None, "stat": None, "value": float(100 * n * each)}
        for cluster, broker, topic, size in traffic
        for metric, each in [("bytes_in_total", size), ("messages_in_total", 1)]
        for name in (topic, None)
        for n in range(2 if topic == "a" else 12)
    ]  # fmt: skip
    texts = dict.fromkeys(("topic", "group", "entity", "stat"), pl.String)
    return pl.DataFrame(rows, schema_overrides=PLACE | texts)


def compared(flows, counters):
    events = pl.DataFrame(
        {"ts": [at(50), at(90)], "cluster": "new", "kind": ["fault", "recovery"], "name": ["broker killed", "back"],
         "detail": ["broker 1 of new got SIGKILL", ""]}
    )  # fmt: skip
    partitions = pl.DataFrame(
        {"ts": T0, "cluster": ["new", "old", "new", "old"], "topic": ["a", "a", "b", "c"], "partition": 0,
         "leader": [1, 1, 2, 1], "replicas": [[1, 2], [1], [2], [1]], "isr": [[1, 2], [1], [2], [1]]},
        schema_overrides=PLACE,
    )  # fmt: skip
    # The first snapshot of the new cluster knew no topic; only the later one has the setting.
    configs = pl.DataFrame(
        {"ts": [at(110)] * 2 + [T0], "cluster": ["new", "new", "old"], "topic": ["a", "b", "c"],
         "name": "min.insync.replicas", "value": ["2", "1", "1"]}
    )  # fmt: skip
    return compare_outages(
        events, flows, clusters=CLUSTERS, partitions=partitions, configs=configs,
        offsets=offsets(a=[0, 100, 200, 300, 400, 500, *[None] * 4, 510, 610]), counters=counters, baseline_s=40,
    )  # fmt: skip


PRODUCERS = pl.DataFrame({"client": ["p", "q", "r"], "kind": "producer", "topic": ["a", "b", "c"]})


def test_what_was_predicted_stands_beside_what_was_measured():
    told = compared(PRODUCERS, counters())
    assert told.select("outage", "cluster", "name", "split").unique().rows() == [
        (1, "new", "broker killed", "after")
    ]
    lost = told.filter(effect="loses_service").select("what", "total", "predicted", "measured", "unknown")
    assert lost.rows()[:2] == [
        ("partitions", 3.0, pytest.approx(1 / 3), pytest.approx(1 / 3), 0),
        ("producers", 3.0, pytest.approx(1 / 3), pytest.approx(1 / 3), 0),
    ]
    assert lost.rows()[4] == (
        "bytes_in_per_s",
        pytest.approx(1000.0),
        pytest.approx(0.3),
        pytest.approx(0.3),
        0,
    )


def test_clients_that_moved_nothing_do_not_count():
    still = pl.DataFrame({"client": "s", "kind": "group", "topic": ["a"], "bytes_per_s": 0.0})
    unknown = PRODUCERS.with_columns(bytes_per_s=pl.lit(None, pl.Float64))
    told = compared(pl.concat([unknown, still]), counters())
    assert told.equals(compared(PRODUCERS, counters()))


def test_an_outage_of_a_cluster_that_no_known_client_uses_is_left_out():
    assert compared(PRODUCERS.filter(topic="c"), counters()).is_empty()
    assert compared(PRODUCERS.clear(), counters()).is_empty()


def test_counters_may_be_lazy_and_long_before_or_after_are_not_read():
    rows = counters()
    years = [timedelta(days=days) for days in (-400, 400)]
    far = [rows.with_columns(pl.col("ts") + year, value=pl.lit(1e15)) for year in years]
    assert compared(PRODUCERS, pl.concat([rows, *far]).lazy()).equals(compared(PRODUCERS, rows))


def test_without_events_there_is_nothing_to_compare(frame, rows):
    schema = {
        "ts": pl.Datetime("ms", "UTC"),
        **dict.fromkeys(("cluster", "kind", "name", "detail"), pl.String),
    }
    none = pl.DataFrame()
    told = compare_outages(
        pl.DataFrame(schema=schema),
        none,
        clusters=none,
        partitions=none,
        configs=none,
        offsets=none,
        counters=none,
    )
    assert told.is_empty()
    assert "predicted" in told.columns

"""The traps of reading metrics, one test each, by the numbers of the notes they were collected in."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from kafka_analysis.model.internal import is_internal_group, topic_kind
from kafka_analysis.model.metrics import METRICS, metric
from kafka_analysis.sources.exposition.page import parse_exposition
from kafka_analysis.sources.spelling.detect import detect
from kafka_analysis.sources.spelling.dialects import dialects, find_dialect
from kafka_analysis.sources.spelling.families import Dialect, Family
from kafka_analysis.sources.spelling.translate import Translation, translate

TS = datetime(2026, 1, 1, tzinfo=UTC)
REAL = Path(__file__).parents[3] / "shared" / "fixtures" / "kafka_exporter_1.3.1.prom"
PAGES = Path(__file__).with_name("pages")
LAG = 'kafka_consumergroup_lag{{consumergroup="{}",topic="t",partition="{}"}} {}'
METER = 'kafka_server_BrokerTopicMetrics_{}{{name="BytesInPerSec",{}}} {}'
POOL = "kafka_server_kafkarequesthandlerpool_requesthandleravgidle"


def told(*lines: str, broker: int = 1, chosen: tuple[Dialect, ...] = ()) -> Translation:
    page = parse_exposition("".join(f"{line}\n" for line in lines).encode())
    return translate(page, chosen or detect(page), ts=TS, cluster="c", broker=broker, source="s")


def values(done: Translation, name: str) -> list[float]:
    return done.samples.filter(metric=name)["value"].to_list()


def test_trap_1_a_broker_s_total_is_a_row_of_its_own_without_topic():
    done = told(METER.format("Count", "", 300), METER.format("Count", 'topic="a",', 300))
    by_topic = dict(done.samples.select("topic", "value").rows())
    assert by_topic == {None: 300.0, "a": 300.0}  # never 600


def test_trap_2_a_rate_beside_its_counter_is_left_out_and_counted():
    counters = [METER.format("Count", "", 3000), METER.format("Count", 'topic="a",', 3000)]
    rates = [METER.format("OneMinuteRate", "", 186193), METER.format("OneMinuteRate", 'topic="a",', 248247)]
    done = told(*counters, *rates)
    assert set(done.samples["metric"]) == {"bytes_in_total"}
    assert (done.lines.stored, done.lines.not_catalogued) == (2, 2)


def test_trap_2_a_rate_alone_is_kept_under_the_name_of_a_rate():
    done = told(METER.format("OneMinuteRate", 'topic="a",', 248247))
    assert values(done, "bytes_in_per_s") == [248247.0]


def test_trap_2_only_rates_of_one_minute_are_taken():
    done = told(*(METER.format(kind, "", 5) for kind in ("MeanRate", "FiveMinuteRate", "FifteenMinuteRate")))
    assert done.samples.is_empty()
    for dialect in dialects():
        for family in dialect.families:
            if any(METRICS[name].kind == "rate" for name in family.canonical):
                assert not [n for n in family.names if "five" in n.lower() or "fifteen" in n.lower()], (
                    dialect.name
                )


def test_trap_3_controller_gauges_are_a_maximum_and_the_active_one_a_sum():
    line = 'kafka_controller_KafkaController_Value{{name="{}",}} {}'
    pages = [
        told(
            line.format("ActiveControllerCount", int(b == 2)),
            line.format("GlobalPartitionCount", 50),
            broker=b,
        )
        for b in (1, 2, 3)
    ]
    rows = pl.concat(page.samples for page in pages)
    for name, value in (("active_controller", 1.0), ("global_partition_count", 50.0)):
        over = metric(name).over_brokers
        assert rows.filter(metric=name).select(getattr(pl.col("value"), over)()).item() == value


def test_trap_3_a_broker_that_says_nothing_of_the_controller_is_unknown():
    assert told('kafka_server_ReplicaManager_Value{name="LeaderCount",} 5').samples["metric"].to_list() == [
        "leader_count"
    ]


def test_trap_4_a_follower_s_row_stays_and_the_catalogue_says_it_counts_for_nothing():
    line = 'kafka_cluster_Partition_Value{{name="InSyncReplicasCount",topic="a",partition="0",}} {}'
    rows = pl.concat([told(line.format(3), broker=1).samples, told(line.format(0), broker=2).samples])
    assert rows["value"].to_list() == [3.0, 0.0]
    assert metric("partition_isr_count").over_brokers == "max on leader"


def test_trap_5_idle_is_a_ratio_and_may_exceed_1():
    done = told(
        'kafka_server_KafkaRequestHandlerPool_OneMinuteRate{name="RequestHandlerAvgIdlePercent",} 1.004'
    )
    assert values(done, "request_handler_idle_ratio") == [1.004]


def test_trap_5_by_the_stock_rules_it_is_a_mean_since_the_start_and_says_so():
    done = told(f"{POOL}_percent 0.97", f"{POOL}percent_count 6.0E10")
    row = done.samples.filter(metric="request_handler_idle_ratio").row(0, named=True)
    assert (row["stat"], row["value"]) == ("mean_since_start", 0.97)
    assert values(done, "request_handler_idle_seconds_total") == pytest.approx([60.0])


def test_trap_5_by_confluent_s_rules_the_bare_name_counts_nanoseconds():
    confluent = (find_dialect("confluent"),)
    done = told(f"{POOL}percent 6.0E10", f"{POOL}percent_total 0.98", chosen=confluent)
    assert values(done, "request_handler_idle_seconds_total") == pytest.approx([60.0])
    assert values(done, "request_handler_idle_ratio") == [0.98]
    again = told(f"{POOL}percent_oneminuterate 0.98", chosen=confluent)
    assert values(again, "request_handler_idle_ratio") == [0.98]


def test_trap_5_under_strimzi_s_reporter_the_same_name_is_no_ratio():
    done = told(f"{POOL}percent_total 6.0E10", chosen=(find_dialect("strimzi_reporter"),))
    assert done.samples["metric"].to_list() == ["request_handler_idle_seconds_total"]


def test_trap_6_of_two_scrapes_without_times_the_last_counts_and_is_counted():
    done = told(METER.format("Count", "", 5), METER.format("Count", "", 8))
    assert (values(done, "bytes_in_total"), done.lines.duplicates) == ([8.0], 1)


def test_trap_6_two_scrapes_with_times_are_both_kept():
    done = told(METER.format("Count", "", "5 1700000000000"), METER.format("Count", "", "8 1700000010000"))
    assert (values(done, "bytes_in_total"), done.lines.duplicates) == ([5.0, 8.0], 0)


def test_trap_6_what_is_added_up_is_added_up_once():
    lines = [f'node_cpu_seconds_total{{cpu="{c}",mode="idle"}} {v}' for v in (5, 7) for c in (0, 1)]
    done = told(*lines)
    assert (values(done, "cpu_seconds_total"), done.lines.duplicates) == ([14.0], 2)


def test_trap_7_nan_is_no_value_and_infinity_cannot_be():
    line = 'kafka_server_ReplicaManager_Value{{name="{}",}} {}'
    done = told(line.format("LeaderCount", "NaN"), line.format("PartitionCount", "+Inf"))
    assert done.samples.is_empty()
    assert (done.lines.not_a_number, done.lines.rejected, done.lines.stored) == (1, 1, 0)
    assert done.rejected.row(0)[1:] == (
        2,
        'kafka_server_ReplicaManager_Value{name="PartitionCount"} inf',
        "partition_count cannot be infinite",
    )


def test_trap_7_denormals_negative_times_and_hostile_labels_arrive_whole():
    done = told(METER.format("Count", r'topic="a}, \"b\" \\ c=1\nd",', "2.96E-314 -1000"))
    row = done.samples.row(0, named=True)
    assert (row["topic"], row["value"]) == ('a}, "b" \\ c=1\nd', 2.96e-314)
    assert row["ts"] == datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)


def test_trap_9_internal_topics_are_flagged_and_never_lost():
    topics = ["__amazon_msk_canary", "__consumer_offsets", "heartbeats", "orders"]
    done = told(*(METER.format("Count", f'topic="{topic}",', 1) for topic in topics))
    assert done.samples["topic"].to_list() == topics
    assert [topic_kind(topic) for topic in topics] == ["canary", "internal", "mirror", "business"]
    assert is_internal_group("amazon.msk.canary.group.broker-1")


@pytest.mark.parametrize("name", ["msk", "msk_lowercase", "stock", "confluent", "strimzi_reporter"])
def test_trap_10_what_followers_copy_is_a_metric_of_its_own(name):
    said = [metric for family in find_dialect(name).families for metric in family.canonical]
    for one in (
        "bytes_in_total",
        "bytes_out_total",
        "replication_bytes_in_total",
        "replication_bytes_out_total",
    ):
        assert said.count(one) == 1


def test_trap_11_a_composed_name_is_read_from_the_right():
    family = Family(metrics={"lag": ""}, to="group_lag_records", group="g", topic_partition="tp")
    mine = Dialect(name="own", title="Mine", kind="exporter", source="a test", families=(family,))
    names = ["orders.eu-3", "a-1-2", "a.b.7", "dashes-and.dots-0"]
    done = told(*(f'lag{{g="g",tp="{name}"}} 1' for name in names), chosen=(mine,))
    places = done.samples.select("topic", "partition").rows()
    assert places == [("orders.eu", 3), ("a-1", 2), ("a.b", 7), ("dashes-and.dots", 0)]


def test_trap_11_more_than_a_number_in_the_label_of_a_partition_is_no_total():
    done = told(
        'kafka_log_log_size{topic="a",partition="0, is-future=true"} 9', chosen=(find_dialect("confluent"),)
    )
    assert done.samples.is_empty()
    assert done.lines.not_catalogued == 1


def test_trap_12_no_commit_is_no_lag_and_is_counted():
    done = told(LAG.format("g", 0, 10), LAG.format("g", 1, 0), LAG.format("new", 0, -1))
    assert done.samples.select("group", "partition", "value").rows() == [("g", 0, 10.0), ("g", 1, 0.0)]
    assert (done.lines.unknown, done.lines.stored) == (1, 2)


def test_trap_12_amazon_s_own_bean_tells_lag():
    labels = 'groupId="g",topic="t",partition="0",'
    done = told(f'kafka_consumer_group_ConsumerLagMetrics_Value{{name="OffsetLag",{labels}}} 4')
    assert values(done, "group_lag_records") == [4.0]


@pytest.mark.skipif(not REAL.exists(), reason="the shared fixtures are not beside this checkout")
def test_trap_12_a_real_page_of_kafka_exporter():
    page = parse_exposition(REAL.read_bytes())
    chosen = detect(page)
    done = translate(page, chosen, ts=TS, cluster="c", broker=None, source="s")
    assert [dialect.name for dialect in chosen] == ["kafka_exporter"]
    lag = (
        done.samples.filter(metric="group_lag_records").select("group", "topic", "partition", "value").rows()
    )
    assert lag == [("G1", "songs", 0, 0.0)]
    counts = dict(done.samples.group_by("metric").len().rows())
    assert counts["log_end_offset"] == counts["partition_isr_count"] == 59
    assert done.lines.read == len(page.samples)


@pytest.mark.parametrize("agent", ["msk", "lowercase", "stock", "confluent"])
def test_trap_13_all_is_read_what_the_catalogue_names_is_kept_and_the_rest_counted(agent):
    data = (PAGES / f"{agent}.prom").read_bytes()
    done = told(data.decode())
    lines = [line for line in data.splitlines() if line and not line.startswith(b"#")]
    assert done.lines.read == len(lines)
    assert done.lines.stored + done.lines.not_catalogued + done.lines.not_a_number == len(lines)
    assert set(done.samples.filter(pl.col("metric") == "request_total_ms")["entity"]) <= {
        "Produce",
        "FetchFollower",
    }

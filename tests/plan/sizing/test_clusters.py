from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan import option_items, size_cluster, size_clusters
from kafka_analysis.stats import Window

T0 = datetime(2026, 1, 1, tzinfo=UTC)
WINDOWS = {"c": Window(T0, T0 + timedelta(days=8))}
RATES = pl.DataFrame({"cluster": "c", "bytes_in_per_s": [90e6, 100e6], "bytes_out_per_s": [180e6, 200e6]})
TOPICS = pl.DataFrame(
    {
        "cluster": "c", "topic": ["a", "b"], "partitions": [100, 20], "replication_factor": [3, 2],
        "size_bytes": [6e12, 1e12], "bytes_in_per_s": [90e6, 5e6],
    }
)  # fmt: skip
CONFIGS = pl.DataFrame(
    {"cluster": "c", "topic": ["a", "b"], "name": "retention.ms", "value": ["86400000", "3600000"]}
)
BROKERS = pl.DataFrame({"cluster": "c", "broker": [1, 2, 3]})


def sized(rates=RATES, inventory=TOPICS, configs=CONFIGS, brokers=BROKERS, **options):
    return outcome(rates, inventory, configs, brokers, **options).plan


def outcome(rates=RATES, inventory=TOPICS, configs=CONFIGS, brokers=BROKERS, **options):
    (found,) = size_clusters(
        rates, inventory=inventory, configs=configs, brokers=brokers, windows=WINDOWS, **options
    )
    return found


def test_from_traffic_to_a_workload():
    found = sized()
    work = found.workload
    assert (work.bytes_in_per_s_avg, work.bytes_in_per_s_peak, work.bytes_out_per_s_peak) == (
        95e6,
        100e6,
        200e6,
    )
    assert (work.partitions, work.connections, work.partition_bytes_in_per_s) == (360, None, None)
    assert work.retention_hours == pytest.approx((90 * 24 + 5 * 1) / 95)
    assert (found.retention_evidence, found.declared, found.seconds) == ("declared", False, 8 * 86400)
    assert found.options.equals(size_cluster(work))


def test_what_hosts_wrote_counts_where_all_of_them_told_and_the_peak_is_measured():
    disks = pl.DataFrame({"cluster": "c", "bytes_written_per_s": [330e6, 360e6, 900e6], "brokers": [3, 3, 2]})

    def disk(**options):
        shift = sized(disks=disks, **options).shift
        return shift.filter(profile="i3en.2xlarge", resource="disk")["per_broker"].item()

    assert disk(peak="peak") == 120e6
    assert disk(declared_peak_in=100e6) == pytest.approx((90 * 3 + 5 * 2) / 95 * 100e6 / 3)


def test_the_hardware_of_the_cluster_as_it_is():
    disk = sized().shift.filter(profile="i3en.2xlarge", resource="disk").row(0, named=True)
    copies = (90 * 3 + 5 * 2) / 95
    assert disk["per_broker"] == pytest.approx(copies * 100e6 / 3)
    partitions = sized().shift.filter(profile="kafka.m7g.large", resource="partitions").row(0, named=True)
    assert partitions["per_broker"] == pytest.approx((300 + 40) / 3)
    assert len(sized().recovery) == 28
    assert (
        sized().growth["broker_type"].to_list()
        == sized().ranked.filter(family="standard")["broker_type"][:3].to_list()
    )


def test_connections_and_the_busiest_partition_where_they_are_known():
    gauges = pl.DataFrame({"cluster": ["c", "c", "d"], "max": [100.0, 50.4, 7.0]})
    load = pl.DataFrame({"cluster": "c", "bytes_in_per_s": [1e6, 20e6]})
    found = sized(connections=gauges, load=load)
    assert (found.workload.connections, found.workload.partition_bytes_in_per_s) == (150, 20e6)
    assert found.ranked.filter(family="express").is_empty()


def test_retention_from_what_topics_hold_or_declared():
    held = sized(configs=CONFIGS.head(1))
    assert held.retention_evidence == "estimated"
    assert sized(declared_retention_hours=5.0).workload.retention_hours == 5.0


def test_settings_reach_the_options():
    assert sized(availability_zones=2).ranked.filter(family="express").is_empty()
    assert sized(growth=2.0).workload.growth == 2.0
    assert sized(provisioned_throughput=False).options["provisioned_usd"].null_count() == 48


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (
            {"inventory": TOPICS.with_columns(partitions=pl.lit(None, pl.Int64))},
            "its partitions were not captured",
        ),
        ({"inventory": TOPICS.clear()}, "its partitions were not captured"),
        ({"rates": RATES.clear()}, "no traffic was measured"),
        (
            {"rates": RATES.with_columns(pl.col("bytes_in_per_s", "bytes_out_per_s") * 0)},
            "nothing was written",
        ),
        (
            {
                "configs": CONFIGS.clear(),
                "inventory": TOPICS.with_columns(size_bytes=pl.lit(None, pl.Float64)),
            },
            "give declared_retention_hours",
        ),
    ],
)
def test_what_is_not_known_is_said_and_nothing_made_up(given, says):
    found = outcome(**given)
    assert says in found.unknown
    assert found.plan is None


def test_declared_numbers_do_without_measured_ones():
    declared = {f"declared_{which}_{end}": 1e6 for which in ("avg", "peak") for end in ("in", "out")}
    found = sized(rates=RATES.clear(), **declared)
    assert (found.declared, found.workload.bytes_in_per_s_peak) == (True, 1e6)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"growth": -1.0}, "growth .*got -1"),
        ({"growht": 2.0}, "unknown option 'growht'.*growth"),
        ({"peak": "p50"}, "'p50'.*p95"),
        ({"metadata": "etcd"}, "'etcd'.*kraft"),
        ({"tolerates": "rack"}, "tolerates .*'az'.*got 'rack'"),
        ({"declared_peak_in": -1.0}, "bytes_in_per_s_peak .*got -1"),
    ],
)
def test_a_wrong_option_is_an_error_and_no_grey_verdict(options, named):
    with pytest.raises(InputError, match=named):
        sized(**options)


def test_no_broker_known_leaves_the_hardware_out():
    found = sized(brokers=BROKERS.clear())
    assert (len(found.shift), len(found.ranked) > 0) == (0, True)


def test_items_of_the_cheapest_add_up():
    found = sized()
    items = option_items(found.options, found.workload)
    assert (
        items["broker_type"].unique(maintain_order=True).to_list()
        == found.ranked["broker_type"][:8].to_list()
    )
    for name, part in items.group_by("broker_type"):
        total = found.ranked.filter(broker_type=name[0])["total_usd"].item()
        assert part["monthly_usd"].sum() == pytest.approx(total)

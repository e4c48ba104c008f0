"""Clusters in which one thing is uneven, and what they are told to suffer from."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.model.causes import CAUSES
from kafka_analysis.stats.skew.causes import CAUSED, broker_causes, skew_causes

SHARES = {
    "cluster": pl.String,
    "resource": pl.String,
    "broker": pl.Int32,
    "topic": pl.String,
    "value": pl.Float64,
}
PARTITIONS = {
    "cluster": pl.String,
    "topic": pl.String,
    "partition": pl.Int32,
    "records_per_s": pl.Float64,
    "size_bytes": pl.Float64,
}


def cluster(placed, *, racks, resource="bytes_in_per_s"):
    """Return load, shares and partitions of (topic, partition, value, replicas); the first replica leads."""
    brokers = sorted(racks)
    shares, loads = [], {b: {resource: 0.0, "leaders": 0, "replicas": 0} for b in brokers}
    for topic, _, value, replicas in placed:
        bearers = replicas if resource == "size_bytes" else replicas[:1]
        rows = [("leaders", replicas[0], 1.0)] + [("replicas", b, 1.0) for b in replicas]
        rows += [(resource, b, value) for b in bearers if resource not in ("leaders", "replicas")]
        for name, broker, amount in rows:
            loads[broker][name] += amount
            shares.append(("c", name, broker, topic, amount))
    summed = pl.DataFrame(shares, schema=SHARES, orient="row")
    summed = summed.group_by("cluster", "resource", "broker", "topic", maintain_order=True).agg(
        pl.col("value").sum()
    )
    rows = [{"cluster": "c", "broker": b, "rack": racks[b], **loads[b]} for b in brokers]
    load = pl.DataFrame(rows, schema_overrides={"broker": pl.Int32, "rack": pl.String})
    partitions = [("c", topic, p, value, value) for topic, p, value, _ in placed]
    return load, summed, pl.DataFrame(partitions, schema=PARTITIONS, orient="row")


def told(load, shares, partitions, resource="bytes_in_per_s", **options):
    """Return the share of each cause that has one."""
    causes = skew_causes(load, shares=shares, partitions=partitions, **options).filter(
        pl.col("resource") == resource
    )
    return {
        row["cause"]: pytest.approx(row["share"]) for row in causes.iter_rows(named=True) if row["share"] != 0
    }


def names(load, shares, partitions, cause, resource="bytes_in_per_s"):
    causes = skew_causes(load, shares=shares, partitions=partitions)
    return causes.filter((pl.col("resource") == resource) & (pl.col("cause") == cause))["names"].item()


RACKS = {1: "a", 2: "b", 3: "c"}
TWO_EACH = {1: "a", 2: "a", 3: "b", 4: "b", 5: "c", 6: "c"}
EVEN = [("t", p, 1.0, [p % 3 + 1, (p + 1) % 3 + 1]) for p in range(6)]
EVEN_BUT_ONE = [*EVEN, ("t", 6, 9.0, [1, 2])]


def test_leaders_alone():
    placed = [("t", p, 1.0, [1, 2] if p < 4 else [2, 1]) for p in range(6)]
    found = cluster(placed, racks={1: "a", 2: "b"})
    assert told(*found) == {"leaders": 1.0}
    assert told(*found, resource="leaders") == {"leaders": 1.0}
    assert told(*found, resource="replicas") == {}
    assert names(*found, "leaders") == "broker 1"


@pytest.mark.parametrize("resource", ["size_bytes", "replicas"])
def test_replicas_alone(resource):
    placed = [("t", p, 1.0, [[1, 2], [1, 3], [1, 2], [1, 3]][p]) for p in range(4)]
    assert told(*cluster(placed, racks=RACKS, resource="size_bytes"), resource=resource) == {"replicas": 1.0}


def test_leaders_that_follow_from_more_replicas_are_the_replicas_fault():
    placed = [("t", p, 1.0, [1 if p < 4 else 2]) for p in range(6)]
    assert told(*cluster(placed, racks={1: "a", 2: "b"})) == {"replicas": 1.0}


def test_one_hot_topic():
    light = [("light", p, 1.0, [p % 3 + 1]) for p in range(9)]
    found = cluster(
        [*light, ("hot", 0, 31.0, [1]), ("other", 0, 1.0, [2]), ("another", 0, 1.0, [3])], racks=RACKS
    )
    # Broker 1 carries 34, the mean is 14, one partition brings 3.5 on the average. The hot topic has 1 of its
    # 1 partition there, where 4 of 12 would bring 1/3: (1 − 1/3) × (31 − 3.5) = 18.33 of the 20 too much.
    assert told(*found) == {"hot_topics": 55 / 3 / 20, "mixture": 5 / 3 / 20}
    assert names(*found, "hot_topics") == "hot"


def test_one_hot_key():
    placed = [("t", p, 7.0 if p == 0 else 1.0, [p + 1]) for p in range(4)]
    found = cluster(placed, racks={1: "a", 2: "b", 3: "c", 4: "d"})
    assert told(*found) == {"hot_keys": 1.0}
    assert names(*found, "hot_keys") == "t-0"


def test_a_partition_that_is_not_hot_is_part_of_the_mixture():
    placed = [("t", p, 1.9 if p == 0 else 1.0, [p + 1]) for p in range(4)]
    assert told(*cluster(placed, racks={1: "a", 2: "b", 3: "c", 4: "d"})) == {"mixture": 1.0}


def test_one_rack_that_carries_more():
    placed = [("t", p, 1.0, [b]) for p, b in enumerate([1, 1, 2, 2, 3, 4, 5, 6])]
    found = cluster(placed, racks=TWO_EACH)
    assert told(*found) == {"racks": 1.0}
    assert names(*found, "racks") == "rack a"


def test_the_rest_of_a_rack_s_broker_is_told_apart():
    placed = [("t", p, 1.0, [b]) for p, b in enumerate([1, 1, 1, 1, 2, 2, 3, 4, 5, 6])]
    # Loads 4, 2, 1, 1, 1, 1, mean 5/3: rack a's brokers share 1/3 above the mean, broker 1 has 2 more.
    assert told(*cluster(placed, racks=TWO_EACH)) == {"racks": 0.25, "replicas": 0.75}


def test_a_single_hot_broker_does_not_make_its_rack_the_cause():
    placed = [("t", p, 1.0, [b]) for p, b in enumerate([1, 1, 1, 2, 3, 4, 5, 6])]
    assert told(*cluster(placed, racks=TWO_EACH)) == {"replicas": 1.0}


def test_a_rack_with_one_broker_among_larger_racks():
    placed = [("t", p, 1.0, [b]) for p, b in enumerate([1, 1, 2, 3])]  # each rack carries 2
    assert told(*cluster(placed, racks={1: "a", 2: "b", 3: "b"})) == {"racks": 1.0}


@pytest.mark.parametrize("racks", [RACKS, dict.fromkeys(RACKS), dict.fromkeys(RACKS, "a")])
def test_without_racks_to_compare_none_is_the_cause(racks):
    placed = [("t", p, 1.0, [b]) for p, b in enumerate([1, 1, 2, 3])]
    assert told(*cluster(placed, racks=racks)) == {"replicas": 1.0}


def test_a_new_empty_broker():
    racks = {**RACKS, 7: "a"}
    found = cluster(EVEN, racks=racks)
    assert told(*found) == {"new_broker": 1.0}
    assert names(*found, "new_broker") == "broker 7"
    assert told(*found, resource="replicas") == {"new_broker": 1.0}


def test_a_returned_broker_that_leads_nothing_yet():
    placed = [("t", p, 1.0, [[1, 3], [2, 3], [1, 2], [2, 1]][p % 4]) for p in range(8)]
    assert told(*cluster(placed, racks=RACKS)) == {"new_broker": 1.0}


def test_a_broker_known_to_have_returned_may_lead_a_little_already():
    placed = [("t", p, 1.0, [b]) for p, b in enumerate([1] * 5 + [2] * 5 + [3] * 2)]
    found = cluster(placed, racks=RACKS)
    recent = pl.DataFrame({"cluster": "c", "broker": [3]})
    assert told(*found) == {"replicas": 1.0}
    assert told(*found, recent=recent) == {"new_broker": 1.0}


def test_where_most_brokers_are_empty_the_others_are_looked_at():
    placed = [("t", p, 1.0, [1]) for p in range(6)]
    assert told(*cluster(placed, racks=RACKS)) == {"replicas": 1.0}


def test_causes_share_an_excess():
    racks = {1: "a", 2: "b", 3: "c", 4: "d"}
    placed = [("t", p, 1.0, [b]) for p, b in enumerate([1] * 6 + [2] * 3 + [3] * 3)]
    # Loads 6, 3, 3, 0: mean 3, without broker 4 it would be 4.
    assert told(*cluster(placed, racks=racks)) == {"new_broker": 1 / 3, "replicas": 2 / 3}


def test_a_broker_above_the_mean_only_because_of_a_new_one():
    racks = {1: "a", 2: "b", 3: "c", 4: "d"}
    placed = [("t", p, 1.0, [b]) for p, b in enumerate([1] * 20 + [2] * 10 + [3] * 6)]
    # Mean 9, without broker 4 it is 12: broker 1 has 3 + 8 above the mean, broker 2 has 3 − 2.
    assert told(*cluster(placed, racks=racks)) == {"new_broker": 0.5, "replicas": 0.5}


def test_an_even_cluster_has_no_cause():
    assert told(*cluster(EVEN, racks=RACKS)) == {}


def test_a_broker_of_unknown_load_is_left_out():
    load, *rest = cluster([("t", p, 1.0, [b]) for p, b in enumerate([1, 1, 1, 2, 3])], racks=RACKS)
    load = load.with_columns(bytes_in_per_s=pl.when(pl.col("broker") < 3).then("bytes_in_per_s"))
    assert told(load, *rest) == {"replicas": 1.0}


def test_without_partitions_nothing_is_claimed():
    load, shares, partitions = cluster([("t", p, 1.0, [b]) for p, b in enumerate([1, 1, 2])], racks=RACKS)
    assert told(load, shares.clear(), partitions.clear()) == {}


def test_what_hot_keys_bring_in_bytes_is_estimated():
    load, shares, partitions = cluster(EVEN_BUT_ONE, racks=RACKS)
    causes = skew_causes(load, shares=shares, partitions=partitions)
    found = dict(
        causes.filter(pl.col("resource") == "bytes_in_per_s").select("cause", "evidence").iter_rows()
    )
    assert (found["hot_keys"], found["leaders"]) == ("estimated", "measured")


def test_flows_that_brokers_only_report_are_estimated():
    rates = pl.DataFrame(
        {"cluster": "c", "metric": ["bytes_in_total", "bytes_out_total"], "source": ["reported", "counter"]}
    )
    load, shares, partitions = cluster(EVEN_BUT_ONE, racks=RACKS)
    causes = skew_causes(load, shares=shares, partitions=partitions, rates=rates)
    found = causes.filter(pl.col("cause") == "replicas").select("resource", "evidence")
    assert dict(found.iter_rows())["bytes_in_per_s"] == "estimated"


def test_pandas_frames_come_back_as_such(frame, rows):
    load, shares, partitions = (frame(f.to_dict(as_series=False)) for f in cluster(EVEN_BUT_ONE, racks=RACKS))
    found = rows(skew_causes(load, shares=shares, partitions=partitions), "resource", "cause", "share")
    of_bytes_in = {cause: share for resource, cause, share in found if resource == "bytes_in_per_s"}
    # 11, 2 and 2: broker 1 leads 3 of 7 partitions of 15 / 7 each, and holds 5 of 14 replicas.
    assert of_bytes_in["hot_keys"] == pytest.approx((11 - 3 * 15 / 7) / 6)
    assert of_bytes_in["replicas"] == pytest.approx((5 / 2 - 7 / 3) * 15 / 7 / 6)
    assert of_bytes_in["leaders"] == pytest.approx((3 - 5 / 2) * 15 / 7 / 6)


def test_excess_is_in_the_resource_s_unit_and_a_part_of_the_load():
    load, shares, partitions = cluster(
        [("t", p, 5.0, [b]) for p, b in enumerate([1, 1, 1, 2, 3])], racks=RACKS
    )
    causes = skew_causes(load, shares=shares, partitions=partitions).filter(pl.col("cause") == "replicas")
    row = causes.filter(pl.col("resource") == "bytes_in_per_s").row(0, named=True)
    assert row["excess"] == pytest.approx(15 - 25 / 3)
    assert row["of_total"] == pytest.approx((15 - 25 / 3) / 25)


PLACED = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c"]),
        st.integers(0, 1000),
        st.permutations([1, 2, 3, 4, 5]),
        st.integers(1, 3),
    ),
    min_size=1,
    max_size=25,
)
ANY_RACKS = st.lists(st.sampled_from(["x", "y", "z", None]), min_size=5, max_size=5)


@given(PLACED, ANY_RACKS, st.sampled_from(["bytes_in_per_s", "size_bytes"]), st.sets(st.integers(1, 5)))
def test_the_parts_always_add_up_to_the_excess(drawn, racks, resource, known_new):
    placed = [(topic, p, float(value), order[:rf]) for p, (topic, value, order, rf) in enumerate(drawn)]
    load, shares, partitions = cluster(
        placed, racks=dict(zip(range(1, 6), racks, strict=True)), resource=resource
    )
    recent = pl.DataFrame({"cluster": "c", "broker": list(known_new)}, schema_overrides={"broker": pl.Int32})
    options = {"shares": shares, "partitions": partitions, "recent": recent}
    parts = broker_causes(load, **options)
    assert set(parts["cause"]) <= set(CAUSES)
    for name in (resource, "leaders", "replicas"):
        mean = load[name].mean()
        above = {b: v - mean for b, v in load.select("broker", name).iter_rows() if v > mean}
        found = parts.filter(pl.col("resource") == name).group_by("broker").agg(pl.col("amount").sum())
        assert dict(found.iter_rows()) == pytest.approx(above, abs=1e-6)
    sums = skew_causes(load, **options).group_by("resource").agg(pl.col("share").sum())
    assert dict(sums.iter_rows()) == {name: pytest.approx(1.0, abs=1e-6) for name in sums["resource"]}


def test_causes_come_in_the_order_of_attribution_resource_by_resource():
    load, shares, partitions = cluster(EVEN_BUT_ONE, racks=RACKS)
    causes = skew_causes(load, shares=shares, partitions=partitions)
    order = [
        (CAUSED.index(r), list(CAUSES).index(c)) for r, c in causes.select("resource", "cause").iter_rows()
    ]
    assert order == sorted(order)

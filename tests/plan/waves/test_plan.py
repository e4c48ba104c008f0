from __future__ import annotations

import itertools
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan import plan_waves
from tests.examples import examples

FOUR = dict.fromkeys("abcd", 10)
PAIRS = [("x", "a"), ("x", "c"), ("y", "b"), ("y", "d")]
START = "2026-01-05"


def waves_of(plan):
    return dict(plan.topic_waves.select("topic", "wave").iter_rows())


def test_topics_with_a_client_in_common_cut_over_together(planned):
    plan = planned(FOUR, PAIRS, max_topics_per_wave=2)
    found = waves_of(plan)
    assert found["a"] == found["c"] != found["b"] == found["d"]
    assert plan.bridged_waves == 0
    assert plan.client_waves.select("client", "wave", "waves", "bridged_waves").rows() == [
        ("x", found["a"], [found["a"]], 0), ("y", found["b"], [found["b"]], 0),
    ]  # fmt: skip


def test_without_limits_everything_is_one_wave(planned):
    plan = planned(FOUR, PAIRS)
    assert plan.waves.select("wave", "topics", "clients", "bytes_in_per_s", "risk_share").rows() == [
        (1, 4, 2, 40.0, 1.0)
    ]


def test_a_chain_of_clients_is_moved_along_the_chain(planned):
    chain = dict.fromkeys("fbdaec", 10)
    plan = planned(
        chain, [(f"c{i}", t) for i in range(5) for t in "abcdef"[i : i + 2]], max_topics_per_wave=2
    )
    assert plan.bridged_waves == 2
    assert plan.waves["clients_bridged"].to_list() == [1, 1, 0]


def test_what_a_wave_holds_is_added_up(planned):
    plan = planned({"a": 30, "b": 10}, [("x", "a"), ("x", "b"), ("y", "b")], max_topics_per_wave=1,
                   criticality={"x": "critical"}, move_last=())  # fmt: skip
    rows = plan.waves.sort("bytes_in_per_s").select(
        "topics", "clients", "critical_clients", "bytes_in_per_s", "bytes_out_per_s", "stored_bytes",
        "share_of_bytes_in", "share_of_clients", "risk_share",
    )  # fmt: skip
    assert rows.rows() == [
        (1, 2, 1, 10.0, 1.0, 1e9, 0.25, 1.0, 1.0),
        (1, 1, 1, 30.0, 1.0, 1e9, 0.75, 0.5, 0.75),
    ]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("max_share_per_wave", 0.5),
        ("max_bytes_in_per_s_per_wave", 20),
        ("max_topics_per_wave", 2),
        ("max_clients_per_wave", 1),
    ],
)
def test_each_limit_bounds_a_wave(planned, option, value):
    plan = planned(FOUR, PAIRS, **{option: value})
    assert plan.waves["topics"].to_list() == [2, 2]


def test_a_copy_that_must_be_short_bounds_a_wave(planned):
    copy = {"replication_bytes_per_s": 8e6, "bandwidth_uncertainty": 0.0}
    plan = planned(FOUR, PAIRS, max_backfill_s=251, **copy)  # 1 GB a topic: 125 s each
    assert plan.waves["topics"].to_list() == [2, 2]
    assert plan.waves["backfill_s"].to_list() == pytest.approx([250, 250], rel=1e-4)


def test_a_pilot_wave_is_small(planned):
    plan = planned({"a": 10, "b": 45, "c": 45}, [("x", "a"), ("y", "b"), ("z", "c")], first_wave_share=0.1)
    assert plan.topic_waves.filter(wave=1)["topic"].to_list() == ["a"]
    assert plan.waves["share_of_bytes_in"][0] == pytest.approx(0.1)


def test_critical_topics_come_last(planned):
    plan = planned(FOUR, PAIRS, criticality={"x": "critical", "y": "high"}, max_topics_per_wave=2)
    assert waves_of(plan) == {"a": 2, "b": 1, "c": 2, "d": 1}
    plan = planned(
        FOUR, PAIRS, criticality={"x": "critical", "y": "high"}, max_topics_per_wave=2, move_last=["high"]
    )
    assert waves_of(plan) == {"a": 1, "b": 2, "c": 1, "d": 2}


def test_teams_break_ties(planned):
    for teams in (["s", "t", "s", "t"], ["s", "s", "t", "t"], ["s", "t", "t", "s"]):
        plan = planned(FOUR, [], columns={"team": teams}, max_topics_per_wave=2)
        waves = waves_of(plan)
        assert len({(team, waves[topic]) for team, topic in zip(teams, "abcd", strict=True)}) == 2


def test_what_is_named_together_stays_together(planned):
    plan = planned(FOUR, PAIRS, together=[{"a", "b"}], max_topics_per_wave=2)
    assert waves_of(plan)["a"] == waves_of(plan)["b"]
    plan = planned(FOUR, [("x", "a"), ("x", "c"), ("x", "d")], together=[{"x"}], max_topics_per_wave=3)
    assert len({waves_of(plan)[topic] for topic in "acd"}) == 1


def test_topics_that_are_not_in_a_cell_stay_and_tie_their_clients_to_the_source(made):
    cells, flows, topics = made(FOUR, PAIRS)
    plan = plan_waves(
        cells.filter(pl.col("topic") != "d"), flows, topics, start=START, max_share_per_wave=None
    )
    assert plan.topic_waves["topic"].to_list() == ["a", "b", "c"]
    assert plan.client_waves.select("client", "topics_that_stay").rows() == [("x", 0), ("y", 1)]
    assert (
        "Uses source and target permanently, because some topics stay at the source: client y."
        in plan.warnings
    )


def test_frames_of_pandas_give_the_same(made):
    given_frames = made(FOUR, PAIRS)
    plan = plan_waves(*given_frames, start=START, max_share_per_wave=0.5)
    same = plan_waves(
        *(pd.DataFrame(f.to_dict(as_series=False)) for f in given_frames), start=START, max_share_per_wave=0.5
    )
    assert same.topic_waves.equals(plan.topic_waves)
    assert same.waves.equals(plan.waves)


def cost(waves, flows):
    """Return what the order costs by its definition: 1 and the waves between for each client of several."""
    spans = []
    for client in {client for client, _ in flows}:
        own = [waves[topic] for one, topic in flows if one == client]
        spans.append(max(own) - min(own))
    return sum(1 + span for span in spans if span)


def optimum(topics, flows, most):
    """Return the least cost of all orders with at most so many topics in a wave, whatever the number of waves."""
    names = list(topics)
    best = np.inf
    for waves in itertools.product(range(len(names)), repeat=len(names)):
        if max(waves.count(wave) for wave in waves) <= most and set(waves) == set(range(max(waves) + 1)):
            best = min(best, cost(dict(zip(names, waves, strict=True)), flows))
    return best


@examples(15)
@given(st.sets(st.tuples(st.sampled_from("uvwxy"), st.sampled_from("abcde")), max_size=11), st.integers(1, 4))
def test_small_orders_are_as_good_as_the_best_of_all(flows, most):
    cells, used, topics = frames(dict.fromkeys("abcde", 10), sorted(flows))
    plan = plan_waves(
        cells, used, topics, start=START, max_share_per_wave=None, max_topics_per_wave=most, wave_weight=0
    )
    found, best = cost(waves_of(plan), flows), optimum("abcde", flows, most)
    assert best <= found <= 1.1 * best + 1e-9


@examples(8)
@given(st.permutations("abcdefgh"), st.permutations("uvwxyz"), st.integers(0, 5))
def test_other_names_give_the_same_waves(topics, clients, seed):
    chance = np.random.default_rng(seed)
    load = {name: float(10 + at) for at, name in enumerate("abcdefgh")}
    pairs = sorted({(client, name) for client in "uvwxyz" for name in chance.choice(list(load), 2)})
    renamed = dict(zip("abcdefghuvwxyz", [*topics, *clients], strict=True))
    plain = plan_waves(*frames(load, pairs), start=START, max_share_per_wave=0.4)
    other = plan_waves(
        *frames({renamed[t]: b for t, b in load.items()}, [(renamed[c], renamed[t]) for c, t in pairs]),
        start=START, max_share_per_wave=0.4,
    )  # fmt: skip
    assert {renamed[t]: wave for t, wave in waves_of(plain).items()} == waves_of(other)


def frames(topics, flows, **columns):
    rows = pl.DataFrame({"topic": list(topics), "bytes_in_per_s": [float(v) for v in topics.values()],
                         "bytes_out_per_s": 1.0, "size_bytes": 3e9, **columns})  # fmt: skip
    schema = {"client": pl.String, "topic": pl.String}
    used = pl.DataFrame(flows, schema=schema, orient="row").with_columns(kind=pl.lit("group"))
    return rows.select("topic", cell=pl.lit("cell-1")), used, rows


def communities(count=400, size=20, seed=0):
    """Return topics in communities whose clients rarely use another one; names tell nothing."""
    chance = np.random.default_rng(seed)
    names = [f"t{number:03}" for number in chance.permutation(count)]
    flows = []
    for client in range(count // 2):
        home = chance.integers(0, count // size) * size
        own = home + chance.choice(size, 4, replace=False)
        if chance.random() < 0.1:
            own[0] = chance.integers(0, count)
        flows += [(f"g{client}", names[topic]) for topic in set(own.tolist())]
    return dict(zip(names, chance.lognormal(0, 0.7, count), strict=True)), flows


def test_on_many_topics_it_is_far_better_than_by_name_or_by_size():
    topics, flows = communities()
    plan = plan_waves(*frames(topics, flows), start=START, max_share_per_wave=0.1, first_wave_share=0.05)
    found = cost(waves_of(plan), flows)
    total = sum(topics.values())
    for key in (lambda name: name, lambda name: topics[name]):
        waves, wave, held = {}, 0, 0.0
        for name in sorted(topics, key=key):
            if held + topics[name] > 0.1 * total:
                wave, held = wave + 1, 0.0
            waves[name], held = wave, held + topics[name]
        assert found < 0.2 * cost(waves, flows)
    assert plan.waves["share_of_bytes_in"].max() <= 0.1 + 1e-9
    assert plan.waves["share_of_bytes_in"][0] <= 0.05
    assert len(plan.waves) <= 16


CASES = st.fixed_dictionaries(
    {
        "flows": st.sets(st.tuples(st.sampled_from("uvwxyz"), st.sampled_from("abcdefgh")), max_size=20),
        "bytes_in": st.lists(st.integers(1, 40), min_size=8, max_size=8),
        "levels": st.dictionaries(st.sampled_from("uvwxyz"), st.sampled_from(["low", "high", "critical"])),
        "together": st.lists(st.sets(st.sampled_from("abcdefgh"), max_size=2), max_size=2),
        "topics": st.integers(4, 8),
        "clients": st.integers(6, 8),
        "share": st.sampled_from([0.6, 0.8, 1.0]),
        "pilot": st.sampled_from([None, 0.2, 0.5]),
        "parallel": st.booleans(),
        "seed": st.integers(0, 5),
    }
)


@examples(20)
@given(CASES)
def test_whatever_is_asked_the_rules_hold(case):
    bytes_in = dict(zip("abcdefgh", case["bytes_in"], strict=True))
    cells, used, topics = frames(
        {name: float(flow) for name, flow in bytes_in.items()}, sorted(case["flows"])
    )
    levels = pl.col("client").replace_strict(case["levels"], default=None, return_dtype=pl.String)
    freeze = (datetime(2026, 1, 7, tzinfo=UTC), datetime(2026, 1, 12, tzinfo=UTC))
    options = {
        "start": START, "max_share_per_wave": case["share"], "max_topics_per_wave": case["topics"],
        "max_clients_per_wave": case["clients"], "first_wave_share": case["pilot"],
        "together": case["together"], "seed": case["seed"],
        "replication_bytes_per_s": 1e6, "replicate_in_parallel": case["parallel"], "freezes": [freeze],
        "cutover_hours": (22, 4), "cutover_days": ["Mon", "Wed", "Sun"],
    }  # fmt: skip
    try:
        plan = plan_waves(cells, used.with_columns(criticality=levels), topics, **options)
    except InputError:  # a set is larger than a wave may be
        reject()
    again = plan_waves(cells, used.with_columns(criticality=levels), topics, **options)
    assert again.topic_waves.equals(plan.topic_waves)
    waves = waves_of(plan)
    assert sorted(waves) == list("abcdefgh")
    assert sorted(set(waves.values())) == list(range(1, len(plan.waves) + 1))
    assert plan.waves["topics"].max() <= case["topics"]
    assert plan.waves["clients"].max() <= case["clients"]
    assert plan.waves["share_of_bytes_in"].max() <= case["share"] + 1e-9
    assert plan.waves["share_of_bytes_in"][0] <= (case["pilot"] or 1) + 1e-9
    for names in case["together"]:
        assert len({waves[name] for name in names}) <= 1
    hers = {t for c, t in case["flows"] if case["levels"].get(c) == "critical"}
    for names in case["together"]:
        hers |= names if names & hers else set()
    if (
        hers
        and hers != set(waves)
        and not (len(case["together"]) == 2 and set.intersection(*case["together"]))
    ):
        assert max(waves[t] for t in set(waves) - hers) <= min(waves[t] for t in hers)
    for row in plan.waves.iter_rows(named=True):
        assert row["cutover_end"] <= freeze[0] or row["cutover_start"] >= freeze[1]
        assert (
            row["cutover_start"].hour >= 22 or row["cutover_end"].hour + row["cutover_end"].minute / 60 <= 4
        )
        assert row["cutover_start"] >= row["replication_start"]
    assert (plan.waves["cutover_start"].shift(-1) >= plan.waves["soak_until"]).drop_nulls().all()
    assert plan.waves["clients_bridged"].sum() == plan.bridged_waves

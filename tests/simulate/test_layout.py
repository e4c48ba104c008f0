from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.simulate.layout import draw_business, layouts, spread_replicas
from kafka_analysis.simulate.plan import plan_of


@given(st.data())
def test_replicas_are_apart_in_racks_and_leaders_even(data):
    brokers = data.draw(st.integers(1, 12))
    racks, copies = data.draw(st.integers(1, 5)), data.draw(st.integers(1, min(brokers, 4)))
    partitions = data.draw(st.integers(1, 60))
    placed = spread_replicas(partitions, brokers=brokers, racks=racks, copies=copies)
    standing = min(racks, brokers)
    for row in placed.tolist():
        assert len(set(row)) == copies
        assert len({b % racks for b in row}) == min(copies, standing)
    led = np.bincount(placed[:, 0], minlength=brokers)
    assert led.max() - led.min() <= 1


def test_followers_are_shifted_from_round_to_round():
    placed = spread_replicas(36, brokers=6, racks=1, copies=2)
    assert np.bincount(placed[:, 1], minlength=6).tolist() == [6] * 6


@given(st.integers(1, 40), st.integers(0, 60), st.integers(0, 30), st.integers(0, 100))
def test_every_topic_has_partitions_and_a_reader_and_every_group_a_topic(topics, more, groups, seed):
    plan = plan_of(
        {"brokers": 3, "partitions": max(topics, 3) + more, "topics": topics, "groups": groups, "seed": seed}
    )
    drawn = draw_business(plan)
    counts = np.bincount(drawn.topic, minlength=topics)
    assert counts.sum() == plan.partitions
    assert counts.min() >= 1
    assert set(drawn.pair_group.tolist()) == set(range(groups))
    assert (np.diff(drawn.pair_place) >= 0).all()
    if groups:
        assert len(np.unique(drawn.topic[drawn.pair_place])) == topics
        pairs = set(zip(drawn.pair_group.tolist(), drawn.pair_place.tolist(), strict=True))
        assert len(pairs) == len(drawn.pair_place)


def test_a_cell_holds_its_topics_and_their_readers():
    plan = plan_of({"brokers": 6, "partitions": 60, "topics": 5, "cells": 2})
    business = draw_business(plan)
    source, first, second = layouts(plan, business)
    assert sorted([*first.business.tolist(), *second.business.tolist()]) == source.business.tolist()
    assert first.topics == ("topic-1", "topic-3", "topic-5", "__consumer_offsets")
    assert sorted([*first.pairs.tolist(), *second.pairs.tolist()]) == source.pairs.tolist()
    assert (source.role, first.role, first.brokers) == ("source", "target", 3)

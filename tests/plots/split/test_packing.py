from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.plots.split.packing import pack_dots, rim_slots, ring_places


@given(st.lists(st.floats(0.13, 1.0), min_size=1, max_size=60))
def test_dots_do_not_overlap_and_lie_around_the_middle(radii):
    sizes = np.sort(radii)[::-1]
    places = pack_dots(sizes)
    away = np.hypot(*(places[:, None] - places[None]).T)
    least = sizes[:, None] + sizes[None]
    np.fill_diagonal(away, np.inf)
    assert (away >= least - 1e-9).all()
    ends = np.concatenate([places - sizes[:, None], places + sizes[:, None]])
    assert np.abs(ends.min(axis=0) + ends.max(axis=0)).max() < 1e-9


def test_the_same_dots_lie_the_same_way():
    assert (pack_dots([1.0, 0.5, 0.2]) == pack_dots([1.0, 0.5, 0.2])).all()
    assert pack_dots([]).shape == (0, 2)


@pytest.mark.parametrize("count", [2, 3, 4, 7, 30])
def test_neighbours_on_the_ring_are_as_far_apart_as_asked(count):
    places = ring_places(count, apart=2.5)
    turned = np.roll(places, 1, axis=0)
    assert np.hypot(*(places - turned).T) == pytest.approx(2.5)
    assert np.abs(places.mean(axis=0)).max() < 1e-9


def test_one_disc_is_in_the_middle_and_four_are_a_square():
    assert ring_places(1, apart=9.0).tolist() == [[0.0, 0.0]]
    assert ring_places(4, apart=2.0).round(9).tolist() == [[-1, 1], [1, 1], [1, -1], [-1, -1]]


@given(st.lists(st.none() | st.floats(-4, 4), max_size=20))
def test_every_mark_has_a_slot_of_its_own(wanted):
    found = rim_slots(wanted)
    expected = (math.pi / 2 - 2 * math.pi * np.arange(len(wanted)) / max(len(wanted), 1)) % (2 * math.pi)
    assert np.sort(found).round(6).tolist() == np.sort(expected).round(6).tolist()


def test_who_wants_a_direction_comes_near_to_it():
    found = rim_slots([None] * 7 + [math.pi])
    assert found[-1] == pytest.approx(math.pi)

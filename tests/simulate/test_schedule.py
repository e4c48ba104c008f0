from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.model.errors import InputError
from kafka_analysis.simulate.plan import plan_of
from kafka_analysis.simulate.schedule import draw_schedule


def schedule(steps=60, **options):
    sizes = {"brokers": 4, "partitions": 12, "interval": 60, "duration": steps * 60}
    return draw_schedule(plan_of({**sizes, **options}))


@given(st.integers(10, 500), st.integers(0, 12))
def test_a_migration_happens_in_order(steps, cells):
    drawn = schedule(steps, cells=cells)
    dates = [
        0,
        *drawn.baseline,
        *([drawn.mirror_from] if cells else []),
        *drawn.cutovers,
        *drawn.after,
        steps,
    ]
    assert dates == sorted(dates)
    assert drawn.baseline[0] < drawn.baseline[1] < drawn.after[0] < drawn.after[1]
    if cells:
        assert drawn.mirror_from < drawn.cutovers[0]


@given(st.integers(1, 50), st.integers(0, 5), st.integers(0, 3))
def test_chunks_hold_every_scrape_once_and_no_change_within(most, resets, cells):
    drawn = schedule(100, resets=resets, cells=cells)
    chunks = drawn.chunks(most)
    assert np.concatenate(chunks).tolist() == list(range(101))
    changes = {*drawn.cutovers, 0, *([drawn.mirror_from] if cells else [])}
    for chunk in chunks:
        assert 1 <= len(chunk) <= most
        assert not changes & set(chunk[:-1].tolist())
        assert len(chunk) == 1 or not drawn.moves & set(chunk.tolist())


def test_restarts_and_gaps_of_a_broker_lie_apart():
    drawn = schedule(200, resets=8, gaps=8)
    spans = [(r.broker, r.first, r.last) for r in drawn.restarts] + [
        (m.broker, m.first, m.last) for m in drawn.missed
    ]
    for i, (broker, first, last) in enumerate(spans):
        assert 2 <= first <= last < 200
        for other, start, end in spans[:i]:
            assert other != broker or start > last or end < first
    assert {r.broker for r in drawn.restarts} == {0, 1, 2, 3}


def test_who_leads_nothing_is_known_step_by_step():
    drawn = schedule(resets=1)
    (one,) = drawn.restarts
    assert [drawn.away(k) for k in (one.first - 1, one.first, one.last - 1, one.last)] == [
        set(), {one.broker}, {one.broker}, set(),
    ]  # fmt: skip
    assert drawn.restarted(one.first) == [one.broker]


def test_too_many_are_refused():
    with pytest.raises(InputError, match="resets: too many"):
        schedule(20, resets=100)

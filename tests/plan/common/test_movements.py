from __future__ import annotations

from collections import Counter

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.plan.common.movements import carried, movements
from kafka_analysis.plan.files.reassignment import ASSIGNMENT

LOAD = {"size_bytes": pl.Float64, "bytes_in_per_s": pl.Float64, "bytes_out_per_s": pl.Float64}


def table(replicas, loads=()) -> pl.DataFrame:
    rows = [("t", n, row) for n, row in enumerate(replicas)]
    frame = pl.DataFrame(rows, schema=ASSIGNMENT, orient="row")
    given = list(loads) or [(1.0, 0.0, 0.0)] * len(rows)
    return frame.with_columns(pl.DataFrame(given, schema=LOAD, orient="row"))


def moved(before, after, loads=()):
    found = movements(table(before, loads), table(after).select(list(ASSIGNMENT)))
    return found.select("partition", "kind", "from", "to", "bytes").rows()


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([1, 2], [1, 2], []),
        ([1, 2], [2, 1], [(0, "leader", 1, 2, 0.0)]),
        ([1, 2], [1, 3], [(0, "replica", 2, 3, 8.0)]),
        ([1, 2], [3, 4], [(0, "leader", 1, 3, 0.0), (0, "replica", 1, 3, 8.0), (0, "replica", 2, 4, 8.0)]),
        ([1, 2], [1, 2, 3], [(0, "replica", None, 3, 8.0)]),
        ([1, 2, 3], [1, 2], [(0, "replica", 3, None, 0.0)]),
    ],
)
def test_movements_of_one_partition(before, after, expected):
    assert moved([before], [after], [(8.0, 0.0, 0.0)]) == expected


def test_an_unknown_size_stays_unknown():
    assert moved([[1]], [[2]], [(None, 0.0, 0.0)]) == [
        (0, "leader", 1, 2, 0.0),
        (0, "replica", 1, 2, None),
    ]


rows = st.lists(st.integers(1, 5), min_size=1, max_size=4, unique=True)
numbers = st.integers(0, 1000).map(float)


@given(st.lists(st.tuples(rows, rows, numbers), min_size=1, max_size=8))
def test_movements_lead_from_one_assignment_to_the_other_and_copy_what_is_new(partitions):
    before, after, sizes = zip(*partitions, strict=True)
    found = movements(table(before, [(size, 0.0, 0.0) for size in sizes]), table(after))
    for number, row in enumerate(before):
        holds = Counter(row)
        for source, target in found.filter(partition=number, kind="replica").select("from", "to").rows():
            holds.subtract(Counter([source]) if source is not None else Counter())
            holds.update([target] if target is not None else [])
        assert sorted(holds.elements()) == sorted(after[number])
    copied = sum(len(set(b) - set(a)) * size for a, b, size in partitions)
    assert found["bytes"].sum() == copied
    leaders = [(n, a[0], b[0]) for n, (a, b, _) in enumerate(partitions) if a[0] != b[0]]
    assert found.filter(kind="leader").select("partition", "from", "to").rows() == leaders


@given(st.lists(st.tuples(rows, numbers, numbers, numbers), min_size=1, max_size=8))
def test_what_brokers_carry_adds_up_to_all_copies(partitions):
    replicas, *loads = zip(*partitions, strict=True)
    found = carried(table(replicas, list(zip(*loads, strict=True))))
    copies = [len(row) for row in replicas]
    assert found["size_bytes"].sum() == sum(n * size for n, size in zip(copies, loads[0], strict=True))
    assert found["bytes_in_per_s"].sum() == sum(n * rate for n, rate in zip(copies, loads[1], strict=True))
    sent = ((n - 1) * rate + out for n, rate, out in zip(copies, loads[1], loads[2], strict=True))
    assert found["bytes_out_per_s"].sum() == sum(sent)
    assert (found["replicas"].sum(), found["leaders"].sum()) == (sum(copies), len(copies))


def test_a_sum_with_an_unknown_part_is_unknown():
    found = carried(table([[1, 2], [2]], [(5.0, 1.0, 1.0), (None, 1.0, 1.0)]))
    assert found.select("broker", "size_bytes").rows() == [(1, 5.0), (2, None)]

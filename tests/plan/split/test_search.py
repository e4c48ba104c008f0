"""The search takes what keeps the limits, then what costs least, and each weight has its say."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from numba import typeof

from kafka_analysis.plan import plan_split
from kafka_analysis.plan.split import search
from kafka_analysis.plan.split.annealing import cost_of
from kafka_analysis.plan.split.cell_limits import cell_limits
from kafka_analysis.plan.split.options import SplitOptions
from kafka_analysis.plan.split.search import Found, build_model, cells_of, merged, packed
from kafka_analysis.plan.split.topic_groups import find_topic_groups
from kafka_analysis.plan.split.topics_and_flows import check_topics_and_flows

TOPICS = pl.DataFrame({"topic": ["a", "b", "c"], "bytes_in_per_s": [1.0, 1.0, 1.0]})
NO_FLOWS = pl.DataFrame(schema={"client": pl.String, "topic": pl.String, "bytes_per_s": pl.Float64})
# Most clients of topic c use topic b too, most bytes of topic c go to a client that uses topic a.
FLOWS = pl.DataFrame({
    "client": ["large", "large", "small", "small", "tiny", "tiny"],
    "topic": ["a", "c", "b", "c", "b", "c"],
    "bytes_per_s": [7.0, 5.0, 2.0, 1.0, 2.0, 1.0],
})  # fmt: skip


def model_and_options(flows, topics=TOPICS, **given):
    options, cells = SplitOptions(cells=2, **given), ("cell-1", "cell-2")
    source = check_topics_and_flows(topics, flows)
    groups = find_topic_groups(source.topics["topic"], options, cells)
    return build_model(source, options, groups, cell_limits(source, options, groups, cells)), options


@pytest.fixture
def annealed(monkeypatch):
    """Return a function that searches where each annealing finds what is given: cost, and by how much it breaks.

    It returns the number of the annealing that was chosen, and that of the one whose cells each annealing began with.
    """

    def found(*costs_and_broken, **options):
        results = iter([Found(np.full(3, n), *pair) for n, pair in enumerate(costs_and_broken)])
        begun = []
        monkeypatch.setattr(
            search, "_anneal", lambda _, cell, *__: begun.append(int(cell[0])) or next(results)
        )
        return int(search.search(*model_and_options(NO_FLOWS), **options).cell[0]), begun

    return found


@pytest.mark.parametrize(
    ("short", "best"),
    [
        ([(1.0, 0.5), (3.0, 0.0), (2.0, 0.0)], 2),  # cheapest of those that keep the limits
        ([(5.0, 0.2), (1.0, 0.3), (4.0, 0.2)], 2),  # none keeps them: the nearest, then the cheapest
        ([(5.0, 0.0), (4.0, 1e-12), (6.0, 0.0)], 1),  # what sums are off by breaks nothing
    ],
)
def test_the_long_search_begins_with_the_best_of_the_short_ones(annealed, short, best):
    chosen, begun = annealed(*short, (9.0, 9.0))
    assert (chosen, begun[3:]) == (best, [best])


@pytest.mark.parametrize(
    ("last", "chosen"), [((0.5, 0.0), 3), ((9.0, 0.0), 2), ((0.5, 0.1), 2), ((0.5, 1e-12), 3)]
)
def test_the_long_search_counts_if_it_is_better(annealed, last, chosen):
    assert annealed((1.0, 0.5), (3.0, 0.0), (2.0, 0.0), last)[0] == chosen


def test_a_quick_search_is_one_annealing(annealed):
    assert len(annealed((1.0, 0.0), quick=True)[1]) == 1


def test_each_weight_is_shared_out_among_what_it_counts():
    weights = {"colocation": 6.0, "cross_cell_bytes": 9.0, "blast_radius": 12.0}
    model, _ = model_and_options(FLOWS, weights=weights)  # 3 clients, 18 B/s
    assert model.weights.tolist() == [6 / 3, 9 / 18, 12 / 3, 3 * 6 / 3]


def test_whatever_is_asked_the_search_is_compiled_once():
    """Numba compiles anew for every type of an array: a quarter of a minute."""
    plain, _ = model_and_options(FLOWS)
    for given in (
        {"max_clients": 3},
        {"max_client_share": 1.0},
        {"apart": [("a", "b")]},
        {"pinned": {"a": "cell-1"}},
    ):
        assert typeof(model_and_options(FLOWS, **given)[0]) == typeof(plain), given


def test_merged_groups_carry_what_they_carried_and_touch_each_client_once():
    model, _ = model_and_options(FLOWS, pinned={"c": "cell-2"})
    both = merged(model, np.array([0, 0, 1]))  # topics a and b; topic c
    assert both.load.tolist() == [[2 * model.load[0, 0]], [model.load[2, 0]]]
    assert both.pinned.tolist() == [-1, 1]
    by_client = {0: "large", 1: "small", 2: "tiny"}
    flows = [
        [(by_client[both.client[e]], both.flow[e]) for e in range(both.first[a], both.first[a + 1])]
        for a in (0, 1)
    ]
    assert flows == [
        [("large", 7.0), ("small", 2.0), ("tiny", 2.0)],
        [("large", 5.0), ("small", 1.0), ("tiny", 1.0)],
    ]
    assert both.touched[both.begins[1] : both.begins[2]].tolist() == [0, 1]
    for cell in ([0, 1], [1, 1]):
        assert cost_of(both, cells_of(both, np.array(cell))) == pytest.approx(
            cost_of(model, cells_of(model, np.array(cell)[[0, 0, 1]]))
        )


def test_communities_change_cells_as_a_whole():
    """The largest community is packed with the smallest, though its clients use the second one too."""
    sizes, each = {"a": 10.2, "b": 10.1, "c": 10.0, "d": 9.9}, range(6)
    topics = pl.DataFrame(
        [{"topic": f"{name}{n}", "bytes_in_per_s": size} for name, size in sizes.items() for n in each]
    )
    uses = {
        "a": "a",
        "b": "b",
        "c": "c",
        "d": "d",
        "first": "ab",
        "second": "ab",
        "third": "cd",
        "fourth": "cd",
    }
    flows = pl.DataFrame(
        [
            {"client": client, "topic": f"{name}{n}", "bytes_per_s": 1.0}
            for client, names in uses.items()
            for name in names
            for n in each
        ]
    )
    model, options = model_and_options(flows, topics)
    label = np.repeat(range(4), 6)
    assert packed(model, label).reshape(4, 6).T.tolist() == [[0, 1, 1, 0]] * 6
    cell = search._as_wholes(model, label, (1.0, 0.01), (1.0, 10.0), options.seed).reshape(4, 6)
    assert (cell == cell[:, :1]).all()
    assert cell[0, 0] == cell[1, 0] != cell[2, 0] == cell[3, 0]


def test_what_a_split_costs_by_hand():
    weights = {"colocation": 6.0, "cross_cell_bytes": 9.0, "blast_radius": 12.0}
    model, _ = model_and_options(FLOWS, weights=weights)
    cost, broken = cost_of(model, cells_of(model, np.array([0, 1, 1])))
    extra, kept, worst = 1, 7 + 3 + 3, 3  # one client in two cells; bytes at home; clients of the second cell
    assert cost == pytest.approx(6 / 3 * extra - 9 / 18 * kept + 12 / 3 * worst)
    even = 1.15 * 3 / 2  # of three topics, a cell may take this much; the second takes 2
    assert broken == pytest.approx((2 - even) / even)


@pytest.mark.parametrize(
    ("weights", "cell"),
    [
        ({"colocation": 100, "cross_cell_bytes": 1, "blast_radius": 0}, "cell-2"),
        ({"colocation": 1, "cross_cell_bytes": 100, "blast_radius": 0}, "cell-1"),
    ],
)
def test_clients_and_bytes_pull_as_they_weigh(weights, cell):
    plan = plan_split(
        TOPICS, FLOWS, cells=2, pinned={"a": "cell-1", "b": "cell-2"}, limits={"bytes_in_per_s": 2}, weights=weights
    )  # fmt: skip
    assert dict(plan.cells.iter_rows())["c"] == cell

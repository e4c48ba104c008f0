"""Communities are those of the least chance: found by hand, by trying every partition, and planted ones found again."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from kafka_analysis.plan.split.communities import find_communities, graph_of, modularity, unfold

TWO_TRIANGLES = [(0, 1), (1, 2), (0, 2), (3, 4), (4, 5), (3, 5), (2, 3)]


def graph(edges, weights=None, *, count=None):
    one, other = np.array(edges).T
    weight = np.ones(len(edges)) if weights is None else np.array(weights, dtype=float)
    return graph_of(one, other, weight, 1 + np.max(edges) if count is None else count)


def as_sets(labels) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in np.unique(labels)}


def partitions(count: int) -> Iterator[list[int]]:
    """Yield the labels of every partition of so many vertices, once each."""

    def longer(labels: list[int]) -> Iterator[list[int]]:
        if len(labels) == count:
            yield labels
            return
        for label in range(max(labels, default=-1) + 2):
            yield from longer([*labels, label])

    return longer([])


def by_definition(edges, weights, labels) -> float:
    """Return the modularity as it is defined: over all pairs of vertices."""
    count = len(labels)
    near = np.zeros((count, count))
    for (one, other), weight in zip(edges, weights, strict=True):
        near[one, other] += weight
        near[other, one] += weight
    degree, total = near.sum(axis=1), near.sum()
    same = np.equal.outer(labels, labels)
    return ((near / total - np.outer(degree, degree) / total**2) * same).sum()


def random_edges(seed: int, *, topics: int = 4, clients: int = 3):
    rng = np.random.default_rng(seed)
    edges = [(t, topics + c) for t in range(topics) for c in range(clients) if rng.random() < 0.5]
    return edges or [(0, topics)], rng.lognormal(0, 1, max(len(edges), 1))


def test_two_triangles_with_one_edge_between_them_are_two_communities():
    found = find_communities(graph(TWO_TRIANGLES), seed=1)
    assert as_sets(found) == {frozenset({0, 1, 2}), frozenset({3, 4, 5})}


def test_weights_decide_where_edges_are_alike():
    square = [(0, 1), (1, 2), (2, 3), (3, 0)]
    assert as_sets(find_communities(graph(square, [9, 1, 9, 1]), seed=1)) == {
        frozenset({0, 1}),
        frozenset({2, 3}),
    }
    assert as_sets(find_communities(graph(square, [1, 9, 1, 9]), seed=1)) == {
        frozenset({1, 2}),
        frozenset({0, 3}),
    }


def test_vertices_without_edges_and_edges_without_weight_join_nothing():
    found = find_communities(graph([(0, 1), (1, 2)], [1, 0], count=5), seed=1)
    assert as_sets(found) == {frozenset({0, 1}), frozenset({2}), frozenset({3}), frozenset({4})}


@pytest.mark.parametrize("seed", range(5))
def test_modularity_is_what_its_definition_says(seed):
    edges, weights = random_edges(seed)
    labels = np.random.default_rng(seed).integers(3, size=7)
    assert modularity(graph(edges, weights, count=7), labels) == pytest.approx(
        by_definition(edges, weights, labels)
    )


def test_small_graphs_come_near_the_best_of_all_partitions():
    ratios = []
    for seed in range(20):
        edges, weights = random_edges(seed)
        best = max(by_definition(edges, weights, np.array(labels)) for labels in partitions(7))
        found = by_definition(edges, weights, find_communities(graph(edges, weights, count=7), seed=1))
        ratios.append(1.0 if best < 1e-9 else found / best)
    assert min(ratios) > 0.9
    assert np.mean(ratios) > 0.99


def test_planted_communities_of_any_size_are_found_again():
    rng, planted = np.random.default_rng(3), np.repeat(np.arange(6), [20, 30, 40, 50, 60, 100])
    pairs = rng.integers(300, size=(40_000, 2))
    kept = pairs[(planted[pairs[:, 0]] == planted[pairs[:, 1]]) | (rng.random(40_000) < 0.02)]
    kept = np.unique(np.sort(kept[kept[:, 0] != kept[:, 1]], axis=1), axis=0)
    found = find_communities(graph(kept.tolist(), count=300), seed=1)
    assert as_sets(found) == as_sets(planted)


def test_a_badly_connected_community_falls_apart_though_no_vertex_gains_by_leaving_alone():
    """Six cliques of six, each two joined by one edge: moves of vertices and of whole communities change nothing."""
    clique = [(one, other) for one in range(6) for other in range(one)]
    edges = [(6 * k + one, 6 * k + other) for k in range(6) for one, other in clique]
    found = unfold(graph([*edges, (0, 6), (12, 18), (24, 30)]), np.repeat([0, 1, 2], 12), seed=1)
    assert as_sets(found) == as_sets(np.repeat(range(6), 6))


def test_a_community_of_vertices_without_a_path_between_them_falls_apart():
    found = unfold(graph([(0, 1), (2, 3), (4, 5)]), np.array([0, 0, 0, 0, 1, 1]), seed=1)
    assert as_sets(found) == {frozenset({0, 1}), frozenset({2, 3}), frozenset({4, 5})}


def test_the_same_seed_gives_the_same_communities():
    edges, weights = random_edges(8, topics=40, clients=30)
    one, other = (find_communities(graph(edges, weights, count=70), seed=4) for _ in range(2))
    assert one.tolist() == other.tolist()

from __future__ import annotations

import pytest

from kafka_analysis.plan.common.connected_sets import connected_sets


@pytest.mark.parametrize(
    ("links", "sets"),
    [
        ([], [0, 1, 2, 3]),
        ([(1, 2)], [0, 1, 1, 2]),
        ([(3, 0), (0, 2)], [0, 1, 0, 0]),
        ([(2, 3), (0, 1), (3, 1)], [0, 0, 0, 0]),
    ],
)
def test_links_make_sets_numbered_by_their_first_members(links, sets):
    assert connected_sets(4, links).tolist() == sets

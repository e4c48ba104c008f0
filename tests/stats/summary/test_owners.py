from __future__ import annotations

import pytest

from kafka_analysis.stats.summary.owners import owners_of

TEAMS = {"orders": "shop", "orders.dlq": "ops", "page_views": "web", "a-1": "one", "data-lake": "data"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("orders.dlq is late", "ops"),
        ("orders is late", "shop"),
        ("it is orders.", "shop"),
        ("partitions page_views-4, orders-12.", "web, shop"),
        ("(data-lake, old-report)", "data"),
        ("a-1 is late", "one"),
        ("reorders, my-orders, orders_old", "unknown"),
        ("", "unknown"),
    ],
)
def test_only_whole_names_count(text, expected) -> None:
    assert owners_of([text], TEAMS) == expected


def test_many_teams_are_counted() -> None:
    teams = {f"t{n}": f"team {n}" for n in range(9)}
    assert owners_of([" ".join(teams)], teams) == "team 0, team 1, team 2 and 6 more"

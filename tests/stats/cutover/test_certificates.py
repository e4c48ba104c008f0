from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from kafka_analysis.model.tables import empty_table
from kafka_analysis.stats.cutover.certificates import certificate_checks
from tests.cutover_frames import ODD, at, frame, seen

DAY_S = 86400.0
EMPTY = empty_table("certificates")


def shown(*rows: tuple) -> pl.DataFrame:
    return frame("certificates", rows, "cluster", "address", "kind", "problem", "valid_until")


def judged(rows: Any, **more: Any) -> pl.DataFrame:
    asked = {"clusters": ["b"], "known": ["b"], "now": at(0), "margin_s": DAY_S}
    return certificate_checks(rows, **(asked | more))


@pytest.mark.parametrize(
    ("problem", "seconds", "state", "finding"),
    [
        (None, 2 * DAY_S, "ok", None),
        (None, DAY_S, "ok", None),
        (None, DAY_S - 1, "blocks", "a certificate expires"),
        (None, -1, "blocks", "a certificate has expired"),
        ("expired", -1, "blocks", "a certificate has expired"),
        ("wrong host name", 9 * DAY_S, "blocks", "a certificate is not valid"),
        ("silent", None, "unknown", "certificate unknown"),
        (None, None, "unknown", "certificate unknown"),
    ],
)
def test_a_certificate_does_until_the_move_is_over(given, problem, seconds, state, finding) -> None:
    rows = shown(("b", "h:9", "broker", problem, None if seconds is None else at(seconds)))
    found = judged(given(pl.concat([rows, shown(("z", "h", "client", "x", at(0)))])))
    assert seen(found) == [(state, finding)]
    assert found["detail"][0].startswith("broker: ")


def test_clusters_that_do_not_move_are_not_looked_at() -> None:
    assert judged(shown(("z", "h:9", "broker", None, at(-1)))).is_empty()


def test_a_cluster_that_was_not_looked_at_is_unknown_and_one_without_certificates_is_not() -> None:
    found = judged(EMPTY, clusters=["a", "b"], known=["b"])
    assert seen(found, "target", "state", "finding") == [("a", "unknown", "certificate unknown")]
    assert judged(EMPTY, known=["b"]).is_empty()


def test_each_certificate_has_a_row_with_what_it_is_of() -> None:
    rows = shown(("b", ODD, "client", None, at(9 * DAY_S)), ("b", "h:9", "broker", None, at(8 * DAY_S)))
    assert seen(judged(rows), "target", "name", "value", "limit") == [
        ("b", "h:9", 8 * DAY_S, DAY_S), ("b", ODD, 9 * DAY_S, DAY_S),
    ]  # fmt: skip

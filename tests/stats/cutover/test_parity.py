from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats.cutover.parity import parity_checks
from kafka_analysis.stats.parity.rows import Parity
from tests.cutover_frames import ODD, seen

COMPARED = pl.DataFrame({"source": ["a"], "target": "b", "what": "topic", "compared": 7, "equal": 6})
NAMES = ("source", "target", "what", "topic", "name", "at_source", "at_target", "kind", "why")


def differs(kind: str, *, name: str | None = "x", at_target: str | None = "5") -> pl.DataFrame:
    row = ("a", "b", "configuration", ODD, name, "9", at_target, kind, "Why.")
    return pl.DataFrame([row], schema=dict.fromkeys(NAMES, pl.String), orient="row")


@pytest.mark.parametrize(
    ("kind", "state", "finding"),
    [
        ("must fix", "blocks", "configuration differs"),
        ("MSK decides", "note", "configuration differs"),
        ("harmless", "note", "configuration differs"),
        ("unknown", "unknown", "configuration unknown"),
    ],
)
def test_what_must_be_fixed_blocks_and_what_is_unknown_is(given, kind, state, finding) -> None:
    found = parity_checks(given(differs(kind)), given(COMPARED))
    assert seen(found) == [(state, finding), ("ok", None)]
    assert found["detail"][0] == (
        "Why." if kind == "unknown" else "x is 9 at the source and 5 at the target. Why."
    )


def test_every_kind_of_difference_has_a_state() -> None:
    from typing import get_args

    from kafka_analysis.stats.parity import rows

    kinds = get_args(rows.Kind)
    assert kinds
    assert len(parity_checks(pl.concat([differs(kind) for kind in kinds]), COMPARED.clear())) == len(kinds)


def test_what_is_not_there_is_absent() -> None:
    found = parity_checks(differs("must fix", name=None, at_target=None), COMPARED)
    assert found["detail"][0] == "it is 9 at the source and absent at the target. Why."
    assert Parity(differs("must fix"), COMPARED)._fields == ("differences", "compared")


def test_nothing_compared_has_no_row() -> None:
    assert parity_checks(differs("must fix").clear(), COMPARED.clear()).is_empty()

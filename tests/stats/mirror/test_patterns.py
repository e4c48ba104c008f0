from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats import replication_patterns

NONE = pl.DataFrame(schema={"source": pl.String, "target": pl.String, "group": pl.String})


def found(*ways: str, per_s: float | None = 1.0, readers: pl.DataFrame = NONE) -> list[str]:
    rows = [{"source": way[0], "target": way[1], "consumed_per_s": per_s} for way in ways]
    frame = pl.DataFrame(
        rows, schema={"source": pl.String, "target": pl.String, "consumed_per_s": pl.Float64}
    )
    return replication_patterns(frame, local_groups=readers)["pattern"].to_list()


@pytest.mark.parametrize(
    ("ways", "expected"),
    [
        (["ab"], ["active/passive"]),
        (["ab", "ab"], ["active/passive"] * 2),  # two connectors
        (["ab", "ba"], ["active/active"] * 2),
        (["ab", "ac"], ["active/passive, fan-out"] * 2),
        (["ac", "bc"], ["active/passive, aggregation"] * 2),
        (["ab", "ba", "ac"], ["active/active, fan-out", "active/active", "active/passive, fan-out"]),
        ([], []),
    ],
)
def test_patterns(ways, expected) -> None:
    assert found(*ways) == expected


def test_groups_that_read_a_copy_that_goes_on_are_geo_locality() -> None:
    readers = pl.DataFrame({"source": ["a", "a"], "target": ["b", "b"], "group": ["g", "h"]})
    assert found("ab", readers=readers) == ["active/passive, geo-locality"]
    for still in (0.0, None):
        assert found("ab", per_s=still, readers=readers) == ["active/passive"]
    assert found("ab", readers=readers.with_columns(target=pl.lit("c"))) == ["active/passive"]

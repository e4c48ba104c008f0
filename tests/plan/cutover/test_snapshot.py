from __future__ import annotations

import polars as pl
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as examples
from hypothesis import strategies as st

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.cutover.snapshot import SNAPSHOT, offsets_snapshot, read_snapshot
from tests.cutover_frames import ODD

COLUMNS = {
    "source": pl.String, "target": pl.String, "group": pl.String, "topic": pl.String, "remote_topic": pl.String,
    "partition": pl.Int32, "committed_offset": pl.Int64, "start_offset": pl.Int64,
}  # fmt: skip


def starts(*rows: tuple) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=COLUMNS, orient="row")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (("a", "b", ODD, ODD, f"a.{ODD}", 0, 9, 7), [("a", ODD, ODD, 0, 9), ("b", ODD, f"a.{ODD}", 0, 7)]),
        (("a", "b", "g", "t", None, 0, 9, None), [("a", "g", "t", 0, 9)]),
        (("a", "b", "g", "t", "t", 0, 9, None), [("a", "g", "t", 0, 9)]),
        (("a", "b", "g", "t", "t", 0, -1, 7), [("b", "g", "t", 0, 7)]),
        (("a", "b", "g", "t", "t", 0, None, None), []),
    ],
)
def test_each_end_has_the_offsets_that_are_there(row, expected) -> None:
    found = offsets_snapshot(starts(row, row))
    assert found.rows() == expected
    assert found.schema == pl.Schema(SNAPSHOT)


def test_a_group_that_moves_to_two_cells_has_its_offset_at_the_source_once() -> None:
    rows = starts(("a", "b", "g", "t", "t", 0, 9, 7), ("a", "c", "g", "t", "t", 0, 9, 8))
    assert offsets_snapshot(rows.to_pandas()).rows() == [
        ("a", "g", "t", 0, 9), ("b", "g", "t", 0, 7), ("c", "g", "t", 0, 8),
    ]  # fmt: skip


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1, max_size=9)


@examples(NAMES, NAMES, st.integers(0, 2**31 - 1), st.integers(0, 2**63 - 1))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_is_read(tmp_path, group, topic, number, offset) -> None:
    rows = offsets_snapshot(starts(("a", "b", group, topic, topic, number, offset, 0)))
    rows.write_csv(tmp_path / "offsets.csv")
    assert read_snapshot(tmp_path / "offsets.csv").rows() == rows.rows()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "cannot be read"),
        ("cluster,group,topic,partition\na,g,t,0\n", "cannot be read"),
        ("cluster,group,topic,partition,offset\na,g,t,x,9\n", "cannot be read"),
        ("cluster,group,topic,partition,offset\na,g,t,0,9.5\n", "cannot be read"),
        ("cluster,group,topic,partition,offset\n", "no offsets"),
        ("cluster,group,topic,partition,offset\na,g,t,0,\n", "no offsets"),
        ("cluster,group,topic,partition,offset\na,g,t,0,-1\n", "no offsets"),
        ("cluster,group,topic,partition,offset\na,g,t,-1,5\n", "no offsets"),
        ("cluster,group,topic,partition,offset\na,g,t,0,5\na,g,t,0,6\n", "twice"),
    ],
)
def test_other_files_are_refused(tmp_path, text, message) -> None:
    (tmp_path / "offsets.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message) as error:
        read_snapshot(tmp_path / "offsets.csv")
    assert "\n" not in str(error.value)
    with pytest.raises(InputError, match="cannot be read"):
        read_snapshot(tmp_path / "absent.csv")

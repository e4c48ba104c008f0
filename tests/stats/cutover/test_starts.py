from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats.cutover.starts import group_starts, start_checks
from tests.cutover_frames import NONE, ODD, ends, frame, moved, seen

COMMITS = ("cluster", "group", "topic", "partition", "committed_offset")
MARKS = {
    "source": pl.String, "target": pl.String, "group": pl.String, "topic": pl.String, "partition": pl.Int32,
    "upstream_offset": pl.Int64, "downstream_offset": pl.Int64,
}  # fmt: skip


def logs(*rows: tuple, grown: int | None = 0) -> pl.DataFrame:
    return ends(*rows).with_columns(log_grown=pl.lit(grown, pl.Int64))


def started(
    *,
    own: int | None = None,
    mark: int | None = None,
    committed: int = 5,
    log: tuple = (0, 9),
    grown: int | None = 0,
    translates: bool = False,
    kind=lambda f: f,
) -> pl.DataFrame:
    """Return where group g starts in t, by its own offset at the target or by a checkpoint."""
    marks = [] if mark is None else [("a", "b", "g", "a.t", 0, 5, mark)]
    commits = [("a", "g", "t", 0, committed), ("b", "h", "a.t", 0, 1)]
    commits += [] if own is None else [("b", "g", "a.t", 0, own)]
    checkpoints = pl.DataFrame(marks, schema=MARKS, orient="row")
    return group_starts(
        moved(("t", "a.t"), groups=[("g", "t", 0, committed)]),
        checkpoints=kind(checkpoints) if marks else checkpoints,
        commits=kind(frame("group_offsets", commits, *COMMITS)),
        logs=logs(("b", "a.t", 0, *log), ("a", "t", 0, 0, 99), grown=grown),
        clients_translate=translates,
    )


@pytest.mark.parametrize(
    ("own", "mark", "expected"),
    [
        (7, 6, (7, "offset at the target")),
        (0, 6, (0, "offset at the target")),
        (None, 6, (6, "checkpoint")),
        (None, 0, (0, "checkpoint")),
        (None, -1, (None, None)),
        (None, None, (None, None)),
    ],
)
def test_a_group_starts_at_its_own_offset_else_at_a_checkpoint(given, own, mark, expected) -> None:
    assert seen(started(own=own, mark=mark, kind=given), "start_offset", "known_by") == [expected]


def judged(rows: pl.DataFrame, *blind: str) -> pl.DataFrame:
    return start_checks(
        moved(("t", "a.t")), rows, unread=pl.DataFrame({"cluster": blind}, schema={"cluster": pl.String})
    )


MISSING = "offset not translated"


@pytest.mark.parametrize(
    ("own", "mark", "committed", "log", "state", "finding"),
    [
        (7, None, 5, (0, 9), "ok", None),
        (9, None, 5, (0, 9), "ok", None),
        (0, None, 0, (0, 9), "ok", None),
        (None, 7, 5, (0, 9), "blocks", "offset not set at the target"),
        (10, None, 5, (0, 9), "blocks", "offset beyond the log"),
        (None, 10, 5, (0, 9), "blocks", "offset beyond the log"),
        (2, None, 5, (3, 9), "blocks", "offset before the log"),
        (-1, None, 5, (0, 9), "blocks", "offset before the log"),
        (None, -1, 5, (0, 9), "blocks", MISSING),
        (None, None, 5, (0, 9), "blocks", MISSING),
        (
            None,
            None,
            0,
            (0, 9),
            "blocks",
            MISSING,
        ),  # what it has not read would be skipped, or not, by chance
        (None, None, 5, (None, None), "blocks", MISSING),
        (None, None, 0, (0, 0), "note", None),
        (None, None, 5, (4, 4), "note", None),
        (7, None, 5, (None, None), "unknown", "offsets unknown"),
    ],
)
def test_a_group_can_go_on_from_an_offset_within_the_log(own, mark, committed, log, state, finding) -> None:
    found = judged(started(own=own, mark=mark, committed=committed, log=log))
    assert seen(found) == [(state, finding)]
    assert found["detail"].null_count() == 0


@pytest.mark.parametrize("blind", ["a", "b"])
def test_what_was_not_read_at_an_end_is_unknown_not_missing(blind) -> None:
    assert seen(judged(started(), blind))[0] == ("unknown", "offsets unknown")
    assert seen(judged(started(own=7), blind))[0] == ("ok", None)


def test_a_source_of_which_no_group_was_read_may_have_groups() -> None:
    moving = moved(("t", None, "b"), ("u", None, "c"))
    rows = started().clear()
    unread = pl.DataFrame({"cluster": ["a"]})
    assert seen(start_checks(moving, rows, unread=unread), "target", "state") == [
        ("b", "unknown"),
        ("c", "unknown"),
    ]
    assert start_checks(moving, rows, unread=NONE).is_empty()


@pytest.mark.parametrize(
    ("why", "detail"),
    [
        ("no right to Describe on all groups", "a: no right to Describe on all groups"),
        (None, "groups of a were not read with the right to see all"),
    ],
)
def test_it_is_said_why_groups_were_not_read(why, detail) -> None:
    hidden = pl.DataFrame({"cluster": ["a"], "why": [why]}, schema={"cluster": pl.String, "why": pl.String})
    moving = moved(("t", "a.t"))
    found = start_checks(moving, started().clear(), unread=NONE, hidden=hidden)
    assert seen(found, "state", "detail") == [("unknown", detail)]


def test_cells_and_odd_names_are_told_apart() -> None:
    moving = moved((ODD, f"a.{ODD}", "b"), (ODD, ODD, "c"), groups=[(ODD, ODD, 0, 5)])
    rows = [("b", ODD, f"a.{ODD}", 0, 7), ("c", ODD, ODD, 0, 8), ("c", ODD, f"a.{ODD}", 0, 1)]
    found = group_starts(
        moving,
        checkpoints=pl.DataFrame(schema=MARKS),
        commits=frame("group_offsets", rows, *COMMITS),
        logs=logs(),
    )
    assert seen(found, "target", "start_offset") == [("b", 7), ("c", 8)]


def test_clients_that_translate_begin_at_checkpoints_and_need_no_offset_of_their_own() -> None:
    rows = started(own=7, mark=6, translates=True)
    assert seen(rows, "start_offset", "known_by") == [(6, "checkpoint")]
    none = pl.DataFrame(schema={"cluster": pl.String})
    found = start_checks(moved(("t", "a.t")), rows, unread=none, clients_translate=True)
    assert seen(found) == [("note", None)]


@pytest.mark.parametrize(("grown", "state"), [(0, "blocks"), (None, "blocks"), (1, "blocks"), (2, "ok")])
def test_offsets_are_read_a_little_later_than_log_ends(grown, state) -> None:
    assert seen(judged(started(own=11, grown=grown)), "state") == [(state,)]

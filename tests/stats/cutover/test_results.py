from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from kafka_analysis.model.findings import Coverage, Light
from kafka_analysis.stats.cutover.results import BEGUN_WAVES, cutover_results, wave_name
from kafka_analysis.stats.cutover.summary import SUMMARY, verdicts
from kafka_analysis.stats.summary.how import how_to
from tests.cutover_frames import moved
from tests.made_summaries import answer

MADE = answer("b", "amber")
SEEN, UNSEEN = Coverage(expected=4, seen=4), Coverage(expected=4, seen=1)
TWICE = {
    "source": pl.String, "target": pl.String, "group": pl.String, "is_active": pl.Boolean, "twice_high": pl.Int64,
}  # fmt: skip
MOVING = moved(("t", None, "b", "a", 1), ("u", None, "b", "a", 2))


def lines(*rows: tuple) -> pl.DataFrame:
    """Return lines of the summary: (wave, check, state), then places, finding, detail."""
    whole = []
    for wave, check, state, *more in rows:
        places, finding, detail = (*more, *(1, f"{check} wrong", "it is so.")[len(more) :])
        counts = [places * (state == name) for name in ("blocks", "unknown", "note")]
        whole.append((wave, "b", check, state, places, *counts, finding, detail))
    return pl.DataFrame(whole, schema=SUMMARY, orient="row")


def results(summary: pl.DataFrame, *groups: tuple, coverage=None, **more: Any) -> Any:
    twice = pl.DataFrame([("a", "b", *row) for row in groups], schema=TWICE, orient="row")
    options = {"stage": "prepared", "waived": [], "sources": {"a"}, "topics": MOVING.topics} | more
    return cutover_results(verdicts(summary), summary, twice, coverage=coverage or {"b": SEEN}, **options)


@pytest.mark.parametrize(
    ("rows", "light", "sentence"),
    [
        ([(1, "counts", "ok"), (2, "counts", "note")], Light.GREEN,
         "go for wave 1, wave 2: the producers may be stopped."),
        ([(1, "counts", "ok"), (2, "counts", "unknown")], Light.GREY,
         "not enough data for wave 2: counts wrong: it is so."),
        ([(1, "counts", "unknown"), (2, "counts", "blocks", 3)], Light.RED,
         "no-go for wave 2: counts wrong (3 places)."),
        ([(1, "counts", "blocks"), (1, "records", "blocks")], Light.RED,
         "no-go for wave 1: counts wrong: it is so, and 1 more check."),
        ([(None, "counts", "ok")], Light.GREEN, "go for everything that is replicated: the producers may be stopped."),
        ([(None, "counts", "blocks")], Light.RED, "no-go for everything that is replicated: counts wrong: it is so."),
    ],
)  # fmt: skip
def test_the_worst_wave_gives_the_verdict_on_a_cell(rows, light, sentence) -> None:
    (result,) = results(lines(*rows))
    assert (result.cluster, result.verdict.light, result.verdict.sentence) == ("b", light, sentence)


@pytest.mark.parametrize(
    ("rows", "begun", "light", "sentence"),
    [
        ([(1, "counts", "blocks"), (2, "counts", "ok")], {1}, Light.AMBER,
         "wave 1 began although not ready: counts wrong: it is so."),
        ([(1, "counts", "blocks"), (2, "counts", "unknown")], {1}, Light.GREY,
         "not enough data for wave 2: counts wrong: it is so."),
        ([(1, "counts", "blocks"), (2, "counts", "blocks")], {1}, Light.RED,
         "no-go for wave 2: counts wrong: it is so."),
        ([(1, "counts", "unknown"), (2, "counts", "ok")], {1, 2}, Light.GREY,
         "wave 1 began with too little data: counts wrong: it is so."),
        ([(1, "counts", "ok"), (2, "counts", "ok")], {1, 2}, Light.GREEN,
         "wave 1, wave 2 began when ready."),
        ([(1, "counts", "ok"), (2, "counts", "ok")], {1}, Light.GREEN,
         "go for wave 1, wave 2: the producers may be stopped."),
        ([(None, "counts", "blocks")], {1}, Light.RED,
         "no-go for everything that is replicated: counts wrong: it is so."),
    ],
)  # fmt: skip
def test_what_would_block_a_wave_that_has_begun_is_to_be_watched(rows, begun, light, sentence) -> None:
    (result,) = results(lines(*rows), begun=begun)
    assert (result.verdict.light, result.verdict.sentence) == (light, sentence)
    shares = {figure.name: figure.value for figure in result.figures}
    waves = {row[0] for row in rows} - {None}
    assert shares.get(BEGUN_WAVES) == (len(begun & waves) / len(waves) if waves else None)
    late = [f for f in result.findings if "wave 1" in f.detail]
    assert all(f.light is not Light.RED for f in late)
    assert all(how_to("60_cutover_readiness", f.action, MADE).command for f in late if f.light is Light.AMBER)


def test_what_was_waived_is_said_with_every_verdict() -> None:
    for state in ("ok", "unknown", "blocks"):
        (result,) = results(lines((1, "counts", state)), waived=["headroom"])
        assert "(headroom waived)" in result.verdict.sentence


def test_each_gate_opens_something_else() -> None:
    (result,) = results(lines((1, "counts", "ok")), stage="consumers stopped")
    assert result.verdict.sentence.endswith("the consumers may start at the target.")


def test_too_few_answers_are_no_go_and_hide_nothing_that_blocks() -> None:
    for state, light in (("ok", Light.GREY), ("unknown", Light.GREY), ("blocks", Light.RED)):
        (result,) = results(lines((1, "counts", state)), coverage={"b": UNSEEN})
        assert result.verdict.light == light
    assert (
        results(lines((1, "counts", "ok")), coverage={"b": Coverage(expected=0, seen=0)})[0].verdict.light
        == Light.GREY
    )


def test_clusters_to_which_nothing_moves_have_no_verdict_and_sources_no_result() -> None:
    found = results(lines((1, "counts", "ok")), coverage={"a": SEEN, "b": SEEN, "c": SEEN})
    assert [(r.cluster, r.verdict.light) for r in found] == [("b", Light.GREEN), ("c", Light.GREY)]
    assert [r.cluster for r in results(lines(), coverage={"a": SEEN})] == ["a"]


@pytest.mark.parametrize(
    ("groups", "value", "note"),
    [
        ([], 0.0, ""),
        ([("g", False, 3), ("h", False, 4)], 7.0, ""),
        ([("g", True, 3)], 3.0, "at most: groups still read"),
        ([("g", False, 3), ("h", False, None)], None, ""),
    ],
)
def test_records_read_twice_add_up_or_are_unknown(groups, value, note) -> None:
    (result,) = results(lines((1, "counts", "ok")), *groups)
    (figure,) = [figure for figure in result.figures if figure.name == "twice_records"]
    assert (figure.value, figure.note) == (value, note)


def test_figures_count_topics_checks_and_places() -> None:
    (result,) = results(
        lines((1, "counts", "blocks", 3), (1, "records", "unknown", 2), (1, "parity", "note", 9))
    )
    values = {figure.name: figure.value for figure in result.figures}
    assert values == {
        "topics": 2, "checks_passed": 1, "blocking_places": 3, "unknown_places": 2, "twice_records": 0,
    }  # fmt: skip


def test_findings_begin_with_what_blocks_and_are_not_too_many() -> None:
    found = results(lines(*((1, f"c{n}", "unknown") for n in range(9)), (1, "last", "blocks")))[0].findings
    assert [f.light for f in found] == [Light.RED] + [Light.GREY] * 7
    assert found[0].detail == "wave 1, last, 1 place: it is so."


def test_a_wave_has_a_name() -> None:
    assert (wave_name(3), wave_name(None)) == ("wave 3", "everything that is replicated")

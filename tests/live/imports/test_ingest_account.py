from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from kafka_analysis.live.imports.ingest_account import (
    Reading,
    note_down,
    reading_notes,
    reading_window,
    reasons,
    source_infos,
)
from kafka_analysis.live.imports.saved_pages import SavedFile, SavedPage
from kafka_analysis.model.errors import InputError
from kafka_analysis.model.manifest import LineCounts
from kafka_analysis.model.samples import REJECTED, empty_samples

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def saved(name, *seconds, broker=1, kind="jmx", dialect="msk", lines=None, missing=()):
    return SavedPage(
        file=SavedFile(Path(name), name, broker),
        kind=kind,
        dialect=dialect,
        times=tuple(NOON + timedelta(seconds=s) for s in seconds),
        time_from="name",
        samples=empty_samples(),
        rejected=pl.DataFrame(schema=REJECTED),
        lines=lines or LineCounts(read=1, stored=1),
        missing=missing,
    )


def read(*pages):
    reading = Reading()
    for one in pages:
        note_down(reading, one)
    return reading


def infos(reading, interval_s=None):
    return list(source_infos(reading, cluster="c", interval_s=interval_s, window=reading_window(reading)))


def test_pages_of_one_broker_and_kind_are_one_source():
    counts = LineCounts(read=10, stored=6, rejected=1)
    (one,) = infos(read(saved("b", 60, lines=counts), saved("a", 0, dialect="stock", lines=counts)))
    assert (one.interval_s, one.attempts, one.dialect, one.address) == (
        60.0,
        2,
        "msk, stock",
        "2 files: b, a",
    )
    assert (one.lines.read, one.lines.stored, one.lines.rejected) == (20, 12, 2)


def test_the_interval_is_the_median_distance_and_gaps_are_from_half_an_interval_more():
    (one,) = infos(read(*(saved(str(s), s) for s in (0, 10, 20, 35, 45, 61))))
    assert one.interval_s == 10.0
    assert [((g.start - NOON).seconds, (g.end - NOON).seconds) for g in one.gaps] == [(55, 61)]


def test_a_source_that_begins_late_or_ends_early_has_gaps_at_the_window_s_ends():
    early, late = infos(
        read(*(saved(f"e{s}", s) for s in (0, 10, 20)), *(saved(f"l{s}", s, broker=2) for s in (40, 50, 60)))
    )
    assert [((g.start - NOON).seconds, (g.end - NOON).seconds) for g in early.gaps] == [(30, 60)]
    assert [((g.start - NOON).seconds, (g.end - NOON).seconds) for g in late.gaps] == [(0, 40)]


def test_brokers_saved_in_turn_have_no_gaps():
    pages = [
        saved(f"{broker}-{s}", s + 7 * broker, broker=broker) for broker in (0, 1, 2) for s in (0, 20, 40)
    ]
    assert [one.gaps for one in infos(read(*pages))] == [(), (), ()]


def test_the_same_broker_and_time_twice_is_refused_but_not_of_another_kind():
    reading = read(saved("a", 0), saved("node", 0, kind="node"), saved("b", 0, broker=None))
    assert len(reading.sources) == 3
    with pytest.raises(InputError, match="a and c both claim to be broker 1 at 2026-01-31 12:00:00 UTC"):
        note_down(reading, saved("c", 0))
    with pytest.raises(InputError, match="b and c both claim to be an unknown broker"):
        note_down(reading, saved("c", 0, broker=None))


def test_notes_name_what_a_reader_must_know():
    reading = read(
        saved("a", 0, missing=("x", "y")), saved("b", 9, lines=LineCounts(read=3, stored=1, duplicates=2))
    )
    reading.skipped["c"] = "not a metrics page"
    assert list(reading_notes(reading)) == [
        "Made from 2 files; metadata tables were not recorded.",
        "2 lines of 1 file repeat a series and time (two scrapes in one file?); the last value of each counts: b.",
        "2 Jolokia requests were for MBeans that do not exist: a.",
        "Skipped: c (not a metrics page).",
    ]


def test_long_lists_are_cut():
    assert reasons(dict.fromkeys("abcde", "why")) == "a, b, c and 2 more (why)"
    assert reasons({name: name for name in "abcde"}) == "a (a), b (b), c (c) and 2 more"

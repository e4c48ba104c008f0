from __future__ import annotations

import polars as pl

from kafka_analysis.report.history import SCHEMA, rows_of
from kafka_analysis.report.notify.digest import digest_of
from kafka_analysis.report.notify.text import MOST_ANSWERS, MOST_LETTERS, subject_of, text_of


def test_the_subject_counts_and_says_whether_anything_is_new(made) -> None:
    summary = made.summary(made.answer("a", "red"), made.answer("b", "green"))
    first = digest_of(made.run("r1", 0), {"nb": summary}, SCHEMA.to_frame())
    again = digest_of(made.run("r2", 1), {"nb": summary}, rows_of(made.run("r1", 0), {"nb": summary}))
    assert subject_of(first) == "kafka_analysis: 1 act, 1 good; something changed"
    assert subject_of(again) == "kafka_analysis: 1 act, 1 good; nothing changed"


def test_news_come_first_with_what_to_do(made) -> None:
    before = made.summary(made.answer("a", "red"), made.answer("b", "amber", findings=("old",)))
    now = made.summary(made.answer("a", "red"), made.answer("b", "green", findings=("new",)))
    digest = digest_of(made.run("r2", 1), {"nb": now}, rows_of(made.run("r1", 0), {"nb": before}))
    lines = text_of(digest).splitlines()
    assert lines[1] == "Run r2 of capture c-1, 2026-01-03 00:00:00 UTC"
    assert lines[3:] == [
        "✔ good · b · About nb (was: watch): green.",
        "    + new: new",
        "    − gone: old",
        "    Do: Mend new.",
        "✖ act · a · About nb: red.",
    ]


def test_a_failure_is_told_of(made) -> None:
    digest = digest_of(made.run("r1", 0, failed=("nb",)), {}, SCHEMA.to_frame())
    assert subject_of(digest) == "kafka_analysis: 1 failed; something changed"
    assert text_of(digest).splitlines()[-1] == "! failed · About nb: <b>late</b>"


def test_it_is_cut_where_it_is_long(made) -> None:
    many = made.summary(*(made.answer(f"c{n}", "red") for n in range(150)))
    text = text_of(digest_of(made.run("r1", 0), {"nb": many}, pl.DataFrame(schema=SCHEMA)))
    assert text.count("✖ act") == MOST_ANSWERS
    assert text.endswith(f"… and {150 - MOST_ANSWERS} more in the report")
    wide = made.summary(*(made.answer(f"{n}" * 300, "red", findings=("x" * 300,)) for n in range(20)))
    text = text_of(digest_of(made.run("r1", 0), {"nb": wide}, SCHEMA.to_frame()))
    assert MOST_LETTERS / 2 < len(text) < MOST_LETTERS + 500
    assert "more in the report" in text

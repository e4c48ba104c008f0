from __future__ import annotations

from datetime import timedelta

import polars as pl

from kafka_analysis.report.history import SCHEMA, past_of, predecessor, rows_of


def history(made, *runs):
    return pl.concat([rows_of(run, summaries) for run, summaries in runs] or [SCHEMA.to_frame()])


def test_a_row_for_each_notebook_and_cluster_with_everything_that_was_said(made) -> None:
    run = made.run("r1", 0, "a", "b", failed=("b",))
    rows = rows_of(
        run, {"a": made.summary(made.answer("one", findings=("x",)), made.answer("two", skew=None))}
    )
    assert rows.schema == SCHEMA
    assert rows.select("run_id", "notebook", "status", "cluster", "light").rows() == [
        ("r1", "a", "completed", "one", "amber"),
        ("r1", "a", "completed", "two", "amber"),
        ("r1", "b", "failed", None, None),
    ]
    first, second, failed = rows.to_dicts()
    assert (first["made_at"], first["capture_id"], first["sentence"]) == (made.began, "c-1", "amber.")
    assert first["figures"] == [
        {
            "name": "skew",
            "label": "Skew",
            "value": 1.5,
            "unit": "× mean",
            "better": "lower",
            "evidence": "measured",
        }
    ]
    assert first["findings"] == [{"light": "red", "title": "x"}]
    assert second["figures"][0]["value"] is None
    assert failed["sentence"] == "<b>late</b>"


def test_the_past_of_a_notebook_is_read_back_oldest_first(made) -> None:
    now = made.answer("one", findings=("x",))
    rows = history(
        made,
        (made.run("late", 2), {"nb": made.summary(now)}),
        (made.run("early", 1, failed=("nb",)), {}),
        (made.run("other", 3, "else"), {"else": made.summary(now, notebook="else")}),
    )
    early, late = past_of(rows, "nb")
    assert (early.run_id, early.cluster, early.verdict) == ("early", None, None)
    assert (late.verdict, late.figures, late.made_at - early.made_at) == (
        now.verdict,
        now.figures,
        timedelta(days=1),
    )
    assert [finding.title for finding in late.findings] == ["x"]


def test_the_predecessor_is_the_newest_earlier_run_of_the_same_clusters(made) -> None:
    one, two = made.answer("one", skew=1.1), made.answer("two")
    past = past_of(
        history(
            made,
            (made.run("old", 1), {"nb": made.summary(one)}),
            (made.run("newer", 2), {"nb": made.summary(one)}),
            (made.run("failed", 3, failed=("nb",)), {}),
            (made.run("other", 4), {"nb": made.summary(two)}),
            (made.run("both", 5), {"nb": made.summary(one, two)}),
            (made.run("later", 9), {"nb": made.summary(one)}),
        ),
        "nb",
    )
    found = predecessor(past, made.summary(made.answer("one")), made_at=made.began + timedelta(days=7))
    assert found is not None
    assert (found.run_id, found.answers["one"].figures[0].value) == ("newer", 1.1)
    assert predecessor(past[:0], made.summary(one), made_at=made.began) is None

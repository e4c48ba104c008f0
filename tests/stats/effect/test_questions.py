"""All questions in one table, traffic first."""

from __future__ import annotations

import polars as pl

from kafka_analysis.stats.effect.questions import question_verdicts
from kafka_analysis.stats.effect.rows import AMOUNTS, SCHEMA, Asked, cannot_tell
from kafka_analysis.stats.traffic.kinds import FLOWS


def test_no_question_is_left_out(frame, rows):
    amounts = dict.fromkeys(AMOUNTS) | {"verdict": "same", "reason": "r"}
    traffic = frame([{"flow": flow, **amounts} for flow in FLOWS], schema={"flow": pl.String, **AMOUNTS})
    lag = frame([cannot_tell(Asked("lag", "Lag", "s"), "no answers")], schema=SCHEMA)
    found = question_verdicts(traffic, lag)
    assert rows(found, "question", "verdict", "unit") == [
        ("bytes_in_per_s", "same", "B/s"),
        ("bytes_out_per_s", "same", "B/s"),
        ("messages_in_per_s", "same", "records/s"),
        ("lag", "cannot tell", "s"),
    ]
    assert list(found.columns) == list(SCHEMA)

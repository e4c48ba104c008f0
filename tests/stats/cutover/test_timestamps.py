from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats.cutover.timestamps import BEFORE, OLDER, TYPE, timestamp_checks
from tests.cutover_frames import ODD, at, frame, moved, seen, states

CREATE, APPEND = "CreateTime", "LogAppendTime"
DAY_MS, NO_LIMIT = "86400000", "9223372036854775807"
UNKNOWN = "time stamps unknown"


def configs(source: str | None, target: str | None, topic: str = "t", **limits: str | None) -> pl.DataFrame:
    rows = [
        ("a", topic, TYPE, source),
        ("b", topic, TYPE, target),
        ("a", topic, BEFORE, "1"),
        ("b", topic, "x", "1"),
    ]
    rows += [("b", topic, {"before": BEFORE, "older": OLDER}[name], value) for name, value in limits.items()]
    return frame(
        "topic_configs", [row for row in rows if row[3] is not None], "cluster", "topic", "name", "value"
    )


def read(*ages_days: float | None, topic: str = "t") -> pl.DataFrame:
    rows = [("a", topic, at(0), None if age is None else at(-86400 * age)) for age in ages_days]
    return frame("record_checks", rows, "cluster", "topic", "ts", "written_at")


@pytest.mark.parametrize(
    ("source", "target", "limits", "ages", "state", "finding"),
    [
        (CREATE, CREATE, {"before": NO_LIMIT}, [], "ok", None),
        (CREATE, CREATE, {"before": DAY_MS}, [0.5, 1.0], "ok", None),
        (CREATE, CREATE, {"before": DAY_MS}, [0.5, 1.1], "blocks", "the target refuses old time stamps"),
        (
            CREATE,
            CREATE,
            {"before": NO_LIMIT, "older": DAY_MS},
            [2],
            "blocks",
            "the target refuses old time stamps",
        ),
        (CREATE, CREATE, {"before": DAY_MS}, [], "unknown", UNKNOWN),
        (CREATE, CREATE, {"before": DAY_MS}, [None], "unknown", UNKNOWN),
        (CREATE, CREATE, {}, [2], "unknown", UNKNOWN),
        (CREATE, CREATE, {"before": "soon"}, [2], "unknown", UNKNOWN),
        (CREATE, APPEND, {"before": NO_LIMIT}, [2], "blocks", "time stamps are not kept"),
        (APPEND, APPEND, {"before": NO_LIMIT}, [2], "blocks", "time stamps are not kept"),
        (APPEND, CREATE, {"before": NO_LIMIT}, [2], "note", None),
        (APPEND, CREATE, {"before": DAY_MS}, [2], "blocks", "the target refuses old time stamps"),
        (None, CREATE, {"before": NO_LIMIT}, [2], "unknown", UNKNOWN),
        (CREATE, None, {"before": NO_LIMIT}, [2], "unknown", UNKNOWN),
    ],
)
def test_the_target_takes_the_times_of_the_source_and_keeps_them(
    given, source, target, limits, ages, state, finding
) -> None:
    rows = read(*ages)
    checks = given(rows) if ages and None not in ages else rows
    found = timestamp_checks(moved(), checks, given(configs(source, target, **limits)))
    assert seen(found) == [(state, finding)]
    assert found["detail"].null_count() == 0


def test_nothing_seen_is_unknown() -> None:
    found = timestamp_checks(moved(), read(), configs(None, None).clear())
    assert states(found) == ["unknown"]


def test_topics_are_judged_by_their_names_at_both_ends() -> None:
    moving = moved((ODD, f"a.{ODD}"), ("t",))
    rows = pl.concat(
        [
            configs(CREATE, None, topic=ODD),
            configs(None, CREATE, topic=f"a.{ODD}", before=DAY_MS),
            configs(CREATE, CREATE, before=NO_LIMIT),
        ]
    )
    found = timestamp_checks(moving, read(2, topic=ODD), rows)
    assert sorted(seen(found, "topic", "state")) == [(ODD, "blocks"), ("t", "ok")]

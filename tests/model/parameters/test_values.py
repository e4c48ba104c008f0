"""Units are read alike in every model: of a call, of ``-p`` and of a flag it is the same text."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from kafka_analysis.model.parameters import MODELS, Amount, Moment, Ratio
from kafka_analysis.model.parameters.values import Hours, Seconds, Share, option


class Values(BaseModel):
    """One field of each type that takes a unit."""

    model_config = ConfigDict(strict=True)
    amount: Amount = 0.0
    ratio: Ratio = 0.0
    share: Share = 1.0
    seconds: Seconds = 0.0
    hours: Hours = 0.0
    moment: Moment | None = None


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("amount", "20 GB", 2e10),
        ("amount", "1.5kB", 1500.0),
        ("amount", "10MB", 1e7),
        ("amount", "100MB/s", 1e8),
        ("amount", "50 MB/s", 5e7),
        ("amount", "1 MiB", 2.0**20),
        ("amount", "5e9", 5e9),
        ("amount", " 7 ", 7.0),
        ("amount", 7, 7.0),
        ("ratio", "5%", 0.05),
        ("ratio", "0.05", 0.05),
        ("ratio", "100 %", 1.0),
        ("share", "12.5%", 0.125),
        ("seconds", "30s", 30.0),
        ("seconds", "2h", 7200.0),
        ("seconds", "90", 90.0),
        ("seconds", 1.5, 1.5),
        ("hours", "12h", 12.0),
        ("hours", "30m", 0.5),
        ("hours", "2d", 48.0),
        ("hours", "24", 24.0),
        ("moment", "2026-01-02T00:00:00Z", datetime(2026, 1, 2, tzinfo=UTC)),
        ("moment", "2026-01-02 00:00", datetime(2026, 1, 2, tzinfo=UTC)),
        ("moment", "2026-01-02", datetime(2026, 1, 2, tzinfo=UTC)),
        ("moment", date(2026, 1, 2), datetime(2026, 1, 2, tzinfo=UTC)),
        ("moment", datetime(2026, 1, 2), datetime(2026, 1, 2, tzinfo=UTC)),  # noqa: DTZ001 - naive is tested
        (
            "moment",
            datetime(2026, 1, 2, 1, tzinfo=timezone(timedelta(hours=1))),
            datetime(2026, 1, 2, tzinfo=UTC),
        ),
    ],
)
def test_values_are_read_as_people_write_them(name: str, given: object, value: object) -> None:
    assert getattr(Values(**{name: given}), name) == value


def test_times_become_utc() -> None:
    zone = timezone(timedelta(hours=1))
    assert Values(moment=datetime(2026, 1, 2, 1, tzinfo=zone)).moment.tzinfo is UTC


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("amount", "lots"),
        ("amount", "20 GX"),
        ("amount", "5 i"),
        ("amount", "-1"),
        ("amount", -1),
        ("amount", float("inf")),
        ("amount", "1e999"),
        ("amount", True),
        ("ratio", "101%"),
        ("ratio", "five"),
        ("ratio", "-5%"),
        ("share", "0%"),
        ("seconds", "soon"),
        ("seconds", ""),
        ("seconds", -1),
        ("hours", "2 fortnights"),
        ("moment", "yesterday"),
        ("moment", "0001-01-01T00:00:00+05:00"),
        ("moment", 17),
    ],
)
def test_what_is_no_value_is_refused(name: str, given: object) -> None:
    with pytest.raises(ValidationError):
        Values(**{name: given})


def test_an_option_holds_what_all_its_places_spell() -> None:
    field = option([1], "which ones", "--pick", is_input=True)
    assert (field.description, field.json_schema_extra) == (
        "which ones",
        {"flags": ["--pick"], "is_input": True},
    )
    assert field.get_default(call_default_factory=True) == [1]


def test_every_flag_of_a_model_is_used_once() -> None:
    for model in MODELS:
        flags = [f"--{name.replace('_', '-')}" for name in model.model_fields]
        flags += [
            f
            for field in model.model_fields.values()
            for f in (field.json_schema_extra or {}).get("flags", ())
        ]
        assert sorted(flags) == sorted(set(flags)), model.notebook

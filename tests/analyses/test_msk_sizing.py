from __future__ import annotations

import pytest

from kafka_analysis.analyses import msk_sizing

NUMBERS = {
    "declared_avg_in": "50MiB/s", "declared_peak_in": "100MiB/s", "declared_avg_out": "100MiB/s",
    "declared_peak_out": "200MiB/s", "declared_retention_hours": "1d", "partitions": 1000,
}  # fmt: skip


def quantities(answer) -> dict[str, tuple[str | None, str | None]]:
    return {row["quantity"]: (row["value"], row["evidence"]) for row in answer.input.iter_rows(named=True)}


def test_plain_numbers_are_sized_and_all_is_declared() -> None:
    answer = msk_sizing(**NUMBERS)
    (result,) = answer.results
    figures = {figure.name: figure.value for figure in result.figures}
    assert (figures["brokers"], round(figures["monthly_usd"], 2)) == (9, 6096.58)
    assert {evidence for value, evidence in quantities(answer).values() if value} == {"declared"}
    assert answer.over_time.is_empty()


def test_a_capture_is_sized_for_its_source(recorded) -> None:
    answer = msk_sizing(recorded)
    assert answer.clusters == ["old"]
    assert answer.results[0].verdict.light.value == "grey"  # half a minute was seen
    assert quantities(answer)["bytes in, average"][1] == "measured"
    assert set(answer.files["old"]) >= {"sizing.json", "input.csv", "options.csv", "ranking.csv", "costs.csv"}


@pytest.mark.parametrize(("include", "partitions"), [(True, "12"), (False, "9")])
def test_internal_topics_take_room_unless_they_are_left_out(recorded, include, partitions) -> None:
    answer = msk_sizing(recorded, include_internal=include)
    assert quantities(answer)["partitions, replicas included"] == (partitions, "estimated")


def test_a_declared_peak_makes_a_short_capture_judged(recorded) -> None:
    answer = msk_sizing(recorded, declared_peak_in="5 MB/s", declared_peak_out="9 MB/s")
    assert answer.results[0].verdict.light.value != "grey"

from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.analyses import msk_sizing
from kafka_analysis.model.findings import Result
from tests.small import PLACES, table

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


def test_files_are_the_frames_of_a_cluster_and_its_result(recorded) -> None:
    answer = msk_sizing(recorded)
    files = answer.files["old"]
    assert Result.model_validate_json(files["sizing.json"]).figures == answer.results[0].figures
    assert pl.read_csv(files["ranking.csv"].encode()).height == answer.ranking.height > 0


def test_notes_say_what_it_is_sized_for(recorded) -> None:
    answer = msk_sizing(recorded)
    assert any(note.startswith("old: sized for 225 B/s in") for note in answer.notes)
    assert quantities(answer)["bytes in, busiest partition"] == ("100 B/s", "measured")


def test_a_catalogue_of_the_users_own_counts(tmp_path) -> None:
    (tmp_path / "prices.csv").write_text(
        "item,usd,unit,region,source,date,evidence\n"
        "ebs_storage,1.0,GB-month,us-east-1,our contract,2026-11-26,published\n"
    )
    listed, own = (
        msk_sizing(**NUMBERS, catalogue=path).costs["monthly_usd"].max()
        for path in (None, str(tmp_path / "prices.csv"))
    )
    assert own > listed


def test_retention_is_that_of_the_topics_settings(changed) -> None:
    hour = {"name": "retention.ms", "value": "3600000", "is_default": False, "source": "DYNAMIC_TOPIC_CONFIG"}
    names = sorted({topic for topic, _, _ in PLACES})
    answer = msk_sizing(changed(topic_configs=table("topic_configs", [{"topic": t, **hour} for t in names])))
    assert quantities(answer)["retention"] == ("1.00 h", "declared")


@pytest.mark.parametrize(("include", "partitions"), [(True, "12"), (False, "9")])
def test_internal_topics_take_room_unless_they_are_left_out(recorded, include, partitions) -> None:
    answer = msk_sizing(recorded, include_internal=include)
    assert quantities(answer)["partitions, replicas included"] == (partitions, "estimated")


def test_a_declared_peak_makes_a_short_capture_judged(recorded) -> None:
    answer = msk_sizing(recorded, declared_peak_in="5 MB/s", declared_peak_out="9 MB/s")
    assert answer.results[0].verdict.light.value != "grey"

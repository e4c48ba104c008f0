"""A wave that is ready in every way, then with one thing wrong or missing: never a go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kafka_analysis.analyses import cutover_readiness
from kafka_analysis.model.errors import InputError
from kafka_analysis.model.findings import Light
from kafka_analysis.model.parameters.cutover import Waivable
from kafka_analysis.stats.cutover.stages import STAGES, asked_checks
from tests import ready, small

TABLES = ready.tables()
END = small.at(ready.END_S)
GATES = {"prepared": {}, "producers stopped": {}, "consumers stopped": {"may_lag": True}}


@pytest.fixture
def judged(tmp_path: Path) -> Callable[..., Any]:
    """Return a function that judges the capture, changed."""

    def judge(*, without=(), unasked=(), changed=None, waves: str | None = None, **options: Any) -> Any:
        capture = ready.ready_in_memory(without=without, unasked=unasked, **(changed or {}))
        if waves is not None:
            (tmp_path / "waves.csv").write_text(waves, encoding="utf-8")
            options["waves"] = str(tmp_path / "waves.csv")
        stage = options.setdefault("stage", "prepared")
        return cutover_readiness(capture, **(GATES[stage] | options))

    return judge


def light(answer: Any) -> Light:
    (result,) = [result for result in answer.results if result.cluster == "cell"]
    return result.verdict.light


def wrong(answer: Any) -> set[str]:
    return set(answer.summary.filter(pl.col("state").is_in(["blocks", "unknown"]))["check"])


def blocked(answer: Any) -> set[str]:
    return set(answer.summary.filter(state="blocks")["check"])


@pytest.mark.parametrize("stage", STAGES)
def test_a_wave_that_is_ready_may_move(tmp_path, stage) -> None:
    answer = cutover_readiness(ready.write_ready(tmp_path / "capture"), stage=stage, **GATES[stage])
    assert light(answer) == Light.GREEN, answer.blocking.rows()
    assert answer.verdicts["verdict"].to_list() == ["go"]
    assert answer.summary["check"].to_list() == list(asked_checks(stage))
    assert answer.blocking.is_empty()
    assert answer.read_twice.select("group", "twice_low", "twice_high", "skipped").rows() == [
        ("g", 10, 10, 0)
    ]


# Without these a wave is as ready as before: another table says the same, or what they hold is asked for elsewhere.
NOT_NEEDED = {
    "prepared": {"topics", "connectors", "checkpoints", "groups"},
    "producers stopped": {"topics", "connectors", "checkpoints", "groups"},
    "consumers stopped": {"topics", "connectors", "checkpoints", "offsets_at"},
}


UNASKED = ("groups", "transactions", "certificates")
WAIVABLE = Waivable.__args__


LATER = ("offsets", "groups", "offsets_at", "mirror_positions", "active_producers")


@pytest.mark.parametrize(
    ("stage", "name"),
    [("prepared", name) for name in ("samples", *TABLES)]
    + [(stage, name) for stage in STAGES[1:] for name in LATER],
)
def test_without_its_evidence_no_wave_may_move(judged, stage, name) -> None:
    answer = judged(stage=stage, without=(name,), unasked=UNASKED)
    assert light(answer) == (Light.GREEN if name in NOT_NEEDED[stage] else Light.GREY), wrong(answer)


@pytest.mark.parametrize("name", ["transactions", "active_producers", "certificates"])
def test_who_was_asked_and_has_nothing_has_nothing(judged, name) -> None:
    assert light(judged(without=(name,))) == Light.GREEN


def test_topics_that_no_group_reads_may_move(judged) -> None:
    answer = judged(without=("groups", "group_offsets", "checkpoints"))
    assert light(answer) == Light.GREEN, answer.blocking.rows()


@pytest.mark.parametrize(
    ("without", "unasked", "words"),
    [
        (("group_offsets",), ("groups",), "no committed offset was recorded, of 1 group listed"),
        (("group_offsets", "groups"), ("groups",), "no committed offset was recorded"),
        (("group_offsets",), (), "no committed offset was recorded, of 1 group listed"),
    ],
)
def test_without_committed_offsets_it_is_said_what_is_missing_and_how_to_get_it(
    judged, without, unasked, words
) -> None:
    answer = judged(without=without, unasked=unasked)
    assert light(answer) == Light.GREY
    (result,) = [result for result in answer.results if result.cluster == "cell"]
    assert result.verdict.sentence == (
        f"not enough data for everything that is replicated: offsets unknown: prod: {words}."
    )
    (row,) = answer.blocking.select("check", "finding", "mend").rows()
    assert row[:2] == ("offsets", "offsets unknown")
    assert "Describe all groups" in row[2]


def test_what_blocks_is_no_go_though_committed_offsets_are_missing(judged) -> None:
    late = changed("mirror_positions", position=ready.RECORDS - 500)
    assert light(judged(changed=late, without=("group_offsets",), unasked=("groups",))) == Light.RED


def reading(group: str, *assigned: str, state: str = "STABLE") -> dict[str, pl.DataFrame]:
    """Return the tables of groups with one more at the source, which has committed nothing."""
    one = small.table("groups", [{"group": group, "state": state}], ts=END, cluster="prod")
    member = {
        "group": group,
        "member_id": "m",
        "client_id": "c",
        "client_host": "h",
        "assignments": list(assigned),
    }
    return {
        "groups": pl.concat([TABLES["groups"], one]),
        "group_members": small.table("group_members", [member], ts=END, cluster="prod"),
    }


@pytest.mark.parametrize("stage", STAGES)
def test_a_group_that_reads_and_has_committed_nothing_is_named(judged, stage) -> None:
    answer = judged(stage=stage, changed=reading("new", "orders-0"))
    assert light(answer) == Light.RED
    found = answer.blocking.select("check", "group", "topic", "state", "finding").rows()
    assert ("offsets", "new", "orders", "blocks", "no committed offset") in found
    still = ("consumers", "new", "orders", "blocks", "the group still reads at the source")
    assert (still in found) is (stage == "consumers stopped")
    (row,) = answer.blocking.filter(finding="no committed offset").select("detail", "mend").rows()
    assert f"earliest it reads {ready.RECORDS} records" in row[0]
    assert "groups_exclude" in row[1]
    assert (
        light(judged(stage=stage, changed=reading("new", "orders-0"), groups_exclude=["new"])) == Light.GREEN
    )


def test_a_group_whose_offset_was_set_at_the_target_by_hand_may_move(judged) -> None:
    hand = small.table(
        "group_offsets", [ready.PLACE | {"group": "new", "committed_offset": 5}], ts=END, cluster="cell"
    )
    tables = reading("new", "orders-0") | {"group_offsets": pl.concat([TABLES["group_offsets"], hand])}
    answer = judged(changed=tables)
    assert light(answer) == Light.GREEN, answer.blocking.rows()
    assert answer.groups["group"].unique().to_list() == ["g"]  # of the other there is nothing to go back to


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        (reading("new", "other-0"), Light.GREEN),
        (reading("new", "orders-0", state="EMPTY"), Light.GREEN),
        (reading("new", state="PREPARING_REBALANCING"), Light.GREY),
    ],
)
def test_other_groups_without_commits_are_judged_by_what_is_known(judged, tables, expected) -> None:
    assert light(judged(changed=tables)) == expected


def changed(name: str, *, cluster: str | None = None, **columns: Any) -> dict[str, pl.DataFrame]:
    """Return a table with columns changed, in rows of one cluster or of both."""
    rows = TABLES[name]
    here = pl.lit(value=True) if cluster is None else pl.col("cluster") == cluster
    new = {
        column: pl.when(here)
        .then(value if isinstance(value, pl.Expr) else pl.lit(value, rows.schema[column]))
        .otherwise(column)
        for column, value in columns.items()
    }
    return {name: rows.with_columns(**new)}


def config(name: str, value: str) -> dict[str, pl.DataFrame]:
    is_it = pl.col("name") == name
    return changed(
        "topic_configs", cluster="cell", value=pl.when(is_it).then(pl.lit(value)).otherwise("value")
    )


def of_last(column: str, value: int) -> pl.Expr:
    return pl.when(pl.col("ts") == pl.col("ts").max()).then(value).otherwise(column)


FEWER = pl.col("offset") - (pl.col("at") == small.at(600)).cast(pl.Int64)
GROWN = of_last("log_end_offset", ready.RECORDS + 1)
SPLIT = small.table(
    "transactions",
    [
        {"transactional_id": "tx", "state": "Ongoing", "producer_id": 7, "topic": topic, "partition": 0}
        for topic in ("orders", "stays")
    ],
    ts=END,
    cluster="prod",
)
DAMAGE = {
    "clusters": [changed("offsets", cluster="cell", log_end_offset=None)],
    "brokers": [
        changed("partitions", cluster="prod", leader=-1),
        changed("partitions", cluster="cell", isr=[1]),
    ],
    "replica": [changed("mirror_positions", position=ready.RECORDS - 500)],
    "counts": [changed("offsets_at", cluster="cell", offset=FEWER)],
    "records": [changed("record_checks", cluster="cell", record_hash="other")],
    "offsets": [changed("group_offsets", cluster="cell", committed_offset=ready.RECORDS + 1)],
    "read twice": [changed("group_offsets", cluster="cell", committed_offset=ready.COMMITTED + 1)],
    "parity": [config("cleanup.policy", "compact"), config("retention.ms", "1000")],
    "transactions": [{"transactions": SPLIT}],
    "timestamps": [
        config("message.timestamp.type", "LogAppendTime"),
        config("message.timestamp.before.max.ms", "1"),
    ],
    "certificates": [
        changed("certificates", valid_until=pl.lit(small.at(900)).cast(pl.Datetime("ms", "UTC")))
    ],
}


@pytest.mark.parametrize(
    ("check", "tables"), [(check, tables) for check, several in DAMAGE.items() for tables in several]
)
def test_one_thing_wrong_is_no_go_unless_it_is_waived(judged, check, tables) -> None:
    answer = judged(changed=tables)
    assert light(answer) in (Light.RED, Light.GREY)
    assert check in wrong(answer)
    if check in WAIVABLE and wrong(answer) == {check}:
        waived = judged(changed=tables, waive=[check])
        assert light(waived) == Light.GREEN
        assert f"({check} waived)" in waived.results[0].verdict.sentence


# The tables that say what is wrong, and those beside them.
TOLD_BY = {
    "brokers": ["partitions"],
    "counts": ["offsets_at", "offsets", "topic_configs"],
    "records": ["record_checks", "record_reads", "partitions"],
    "read twice": ["group_offsets", "record_checks", "record_reads", "mirror_positions"],
    "parity": ["topic_configs", "broker_configs"],
    "transactions": ["transactions", "active_producers"],
    "certificates": ["certificates"],
}


@pytest.mark.parametrize(
    ("check", "name"), [(check, name) for check, names in TOLD_BY.items() for name in names]
)
def test_no_table_less_turns_no_go_into_go(judged, check, name) -> None:
    """Whatever is taken away, what blocks is still there or is unknown."""
    assert light(judged(changed=DAMAGE[check][0], without=(name,), unasked=UNASKED)) != Light.GREEN


def test_producers_that_write_and_consumers_that_stay_block_once_they_are_to_be_stopped(judged) -> None:
    writes, stays = (
        changed("offsets", cluster="prod", log_end_offset=GROWN),
        changed("groups", cluster="prod", state="STABLE"),
    )
    assert "producers" not in wrong(judged(changed=writes))
    assert {"producers", "replica"} <= blocked(judged(changed=writes, stage="producers stopped"))
    assert "consumers" not in wrong(judged(changed=stays, stage="producers stopped"))
    assert blocked(judged(changed=stays, stage="consumers stopped")) == {"consumers"}
    assert blocked(judged(stage="consumers stopped", may_lag=False)) == {"consumers"}


def test_what_is_asked_for_beyond_the_defaults_is_asked(judged) -> None:
    assert blocked(judged(most_read_twice=9)) == {"read twice"}
    assert blocked(judged(most_read_twice=10)) == set()
    assert blocked(judged(needs_way_back=True)) == {"way back"}
    assert blocked(judged(tied_topics=[["orders", "stays"]])) == {"transactions"}
    assert blocked(judged(certificate_s=91 * 86400.0)) == {"certificates"}
    assert wrong(judged(broker_type="m5.large")) == set()


WAVES = "topic,cell,wave\norders,cell,1\nother,cell,2\n"


def test_each_wave_of_a_plan_has_its_verdict(judged) -> None:
    answer = judged(waves=WAVES, waive=["headroom"])  # of which nobody knows what it brings to the cell
    assert answer.verdicts.select("wave", "verdict").rows() == [(1, "go"), (2, "not enough data")]
    assert light(answer) == Light.GREY
    assert light(judged(waves=WAVES, wave=1)) == Light.GREEN


def test_a_wave_is_judged_as_it_was_when_it_cut_over(judged) -> None:
    begun = small.table(
        "events", [{"name": "wave 1", "kind": "cutover", "wave": 1}], ts=small.at(660), cluster="prod"
    )
    late = changed("mirror_positions", position=of_last("position", 5))
    assert light(judged(changed=late, waves=WAVES, wave=1)) == Light.RED
    answer = judged(changed=late | {"events": begun}, waves=WAVES, wave=1)
    assert "replica" not in wrong(answer)
    assert any("12:11:00" in note or "12:10:00" in note for note in answer.notes)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"waves": "topic,cell,wave\norders,nowhere,1\n"}, "nowhere"),
        ({"waves": WAVES, "wave": 3}, "3"),
        ({"wave": 1}, "no plan of waves"),
        ({"waves": "topic,cell\norders,cell\n"}, "topic, cell, wave"),
        ({"cluster": "nowhere"}, "nowhere"),
    ],
)
def test_what_is_not_there_is_refused(judged, options, message) -> None:
    with pytest.raises(InputError, match=message):
        judged(**options)


def test_a_source_that_is_asked_about_alone_has_nothing_that_moves_to_it(judged) -> None:
    (result,) = judged(cluster="prod").results
    assert (result.cluster, result.verdict.light) == ("prod", Light.GREY)

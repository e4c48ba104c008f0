from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from kafka_analysis.analyses import replication
from kafka_analysis.capture.read import read_capture
from kafka_analysis.model.errors import InputError, KafkaAnalysisError, ParameterError
from kafka_analysis.simulate import simulate_capture

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


def lights(answer) -> dict[str, str]:
    return {result.cluster: result.verdict.light.value for result in answer.results}


def kinds(answer) -> set[str]:
    return set(answer.failures["failure"])


def test_a_mirror_that_keeps_up(mirrored) -> None:
    answer = replication(mirrored.write())
    assert lights(answer) == {"cell": "green"}
    assert answer.flows.select("flow", "condition", "lag_records", "known_by", "pattern").rows() == [
        ("prod → cell", "keeps up", 0, "committed position", "active/passive"),
    ]
    assert answer.failures.is_empty()
    assert any("'old'" in note and "prod" in note for note in answer.notes)
    assert answer.parts.select("kind", "state").rows() == [("connector", None), ("task", "RUNNING")]
    assert answer.limits["tool"].unique().to_list() == ["MirrorMaker 2"]


def standing(mirrored) -> pl.DataFrame:
    """Return positions of a mirror that stopped after a minute."""
    stored = mirrored.healthy()["mirror_positions"].filter(pl.col("ts") >= mirrored.at(60))
    return stored.with_columns(position=pl.lit(60), committed_at=mirrored.at(60))


def test_a_mirror_that_stands_still(mirrored) -> None:
    answer = replication(mirrored.write(mirror_positions=standing(mirrored)))
    assert lights(answer) == {"cell": "red"}
    assert answer.flows.select("condition", "lag_records").row(0) == ("stuck", 660)
    assert kinds(answer) == set()


def test_a_task_that_failed(mirrored) -> None:
    answer = replication(mirrored.write(connectors=mirrored.connectors(value="FAILED")))
    assert (lights(answer), kinds(answer)) == ({"cell": "red"}, {"task_stopped"})


def test_records_that_were_deleted_before_they_were_copied(mirrored) -> None:
    tables = mirrored.healthy()
    start = pl.when(pl.col("ts") >= mirrored.at(600)).then(500).otherwise(0)
    answer = replication(
        mirrored.write(
            mirror_positions=standing(mirrored),
            offsets=tables["offsets"].with_columns(log_start_offset=start),
        )
    )
    assert answer.failures.select("failure", "records").rows() == [("retention_overtook", 440)]


def test_what_was_read_again_is_one_failure_however_it_was_found(mirrored) -> None:
    tables = mirrored.healthy()
    position = pl.when(pl.col("ts") == mirrored.at(300)).then(0).otherwise("position")
    rows = [(s, i) for s, i in ((0, "x"), (720, "y"))]
    offsets_topic = pl.concat(
        mirrored.table("topics", [{"topic": "mm2-offsets.old.internal", "topic_id": i, "internal": False}],
                       ts=mirrored.at(s), cluster="cell")
        for s, i in rows
    )  # fmt: skip
    stored = (
        tables["mirror_positions"].with_columns(position=position).filter(pl.col("ts") >= mirrored.at(60))
    )
    answer = replication(
        mirrored.write(mirror_positions=stored, topics=pl.concat([tables["topics"], offsets_topic]))
    )
    assert answer.failures.select("failure", "partition").rows() == [("restarted_without_offsets", 0)]


def test_without_the_source_nothing_is_said_of_the_lag(mirrored) -> None:
    answer = replication(mirrored.write(names=("cell",)))
    assert lights(answer) == {"cell": "grey"}
    assert answer.flows.select("flow", "condition", "lag_records").rows() == [("old → cell", "unknown", None)]
    assert any("'old'" in note and "unknown" in note for note in answer.notes)


def test_an_alias_may_be_given(mirrored) -> None:
    capture = mirrored.write()
    assert replication(capture, aliases=["old=prod"]).flows["source"].to_list() == ["prod"]
    wrong = replication(capture, aliases=["old=cell"])
    assert wrong.flows["source"].to_list() == ["cell"]
    with pytest.raises(InputError, match=r"'pord'.*'prod'"):
        replication(capture, aliases=["old=pord"])


@pytest.mark.parametrize(
    "options",
    [
        {"aliases": ["old"]},
        {"aliases": ["old=pord"]},
        {"aliases": "old=prod"},
        {"requirements": {"rpo": 1}},
        {"requirements": {7: 1}},
        {"requirements": []},
        {"cluster": "cel"},
        {"tasks": 0},
        {"retention_amber": 0.9},
    ],
)
def test_what_is_wrong_is_said_in_one_line(mirrored, options) -> None:
    capture = mirrored.write()
    with pytest.raises((InputError, ParameterError)) as raised:
        replication(capture, **options)
    assert isinstance(raised.value, KafkaAnalysisError)
    assert len(str(raised.value).splitlines()) == 1


def test_one_target_is_asked_for(tmp_path) -> None:
    capture = read_capture(
        simulate_capture(
            tmp_path / "c", brokers=6, partitions=40, topics=8, groups=3, duration="20m", cells=2
        )
    )
    whole, one = replication(capture), replication(capture, cluster="cell-2")
    assert (lights(whole), lights(one)) == ({"cell-1": "green", "cell-2": "green"}, {"cell-2": "green"})
    for name in ("flows", "partitions", "over_time", "parts", "not_replicated"):
        frame = one.frames[name]
        assert len(frame) > 0
        assert set(frame["target"]) == {"cell-2"}, name
    assert one.partitions.drop("flow").equals(whole.partitions.filter(target="cell-2").drop("flow"))
    assert lights(replication(capture, cluster="monolith")) == {"monolith": "grey"}


def test_topics_are_left_out_as_asked(mirrored) -> None:
    answer = replication(mirrored.write(), topics_exclude=["ord*"])
    assert (len(answer.flows), lights(answer)) == (0, {"cell": "grey"})


def test_what_is_left_out_by_the_reader_is_not_called_missing(mirrored) -> None:
    tables = mirrored.healthy()
    more = {name: pl.concat([tables[name], tables[name].with_columns(topic=pl.lit("clicks"))])
            for name in ("topics", "partitions", "offsets", "mirror_positions")}  # fmt: skip
    answer = replication(mirrored.write(**more), topics_exclude=["clicks"])
    assert (answer.flows["topics"].to_list(), answer.not_replicated.rows()) == ([1], [])


@pytest.mark.parametrize(
    ("start", "light", "found"), [(0, "amber", {"topic_not_mirrored"}), (720, "green", set())]
)
def test_a_topic_that_is_wanted_and_has_records_is_missed(
    mirrored, start: int, light: str, found: set
) -> None:
    tables = mirrored.healthy()
    clicks = {name: tables[name].filter(cluster="prod").with_columns(topic=pl.lit("clicks"))
              for name in ("topics", "partitions", "offsets")}  # fmt: skip
    clicks["offsets"] = clicks["offsets"].with_columns(
        log_start_offset=pl.lit(start, pl.Int64), log_end_offset=pl.lit(720, pl.Int64)
    )
    answer = replication(
        mirrored.write(**{name: pl.concat([tables[name], rows]) for name, rows in clicks.items()})
    )
    assert (lights(answer), kinds(answer)) == ({"cell": light}, found)


def test_without_any_replication_nothing_is_judged(small_capture) -> None:
    answer = replication(small_capture)
    assert lights(answer) == {"new": "grey"}
    assert all(
        frame.is_empty()
        for name, frame in answer.frames.items()
        if name not in ("advice", "advice_reasons", "events")
    )


def test_empty_tables_are_no_tables(mirrored) -> None:
    tables = mirrored.healthy()
    answer = replication(
        mirrored.write(
            connectors=tables["connectors"].clear(), mirror_positions=tables["mirror_positions"].clear()
        )
    )
    assert lights(answer) == {"cell": "grey"}
    assert len(answer.flows) == 0


def test_what_happens_after_the_window_is_not_told(mirrored) -> None:
    tables = mirrored.healthy()
    topics = tables["topics"].with_columns(
        topic_id=pl.when(pl.col("ts") == mirrored.at(0)).then(pl.lit("x")).otherwise(pl.lit("y"))
    )
    capture = mirrored.write(topics=topics)
    assert kinds(replication(capture)) == {"topic_recreated"}
    assert kinds(replication(capture, end=capture.end - timedelta(minutes=2))) == set()


def test_few_answers_are_not_judged(mirrored) -> None:
    stored = mirrored.healthy()["mirror_positions"].filter(
        pl.col("ts").is_in([mirrored.at(0), mirrored.at(60), mirrored.at(120)])
    )
    assert lights(replication(mirrored.write(mirror_positions=stored))) == {"cell": "grey"}


def test_the_sample_is_judged_by_committed_positions() -> None:
    answer = replication(SAMPLE)
    assert lights(answer) == {"cell-a": "green", "cell-b": "amber"}
    assert set(answer.failures["failure"]) == {"group_active_on_target"}
    assert set(answer.flows["known_by"]) == {"committed position"}
    assert (answer.partitions["lag_records"] >= 0).all()


@pytest.mark.parametrize("name", ["a.b-c_d", "[x](y)", "größe", "x" * 249])
def test_a_name_changes_nothing_but_names(mirrored, name: str) -> None:
    def renamed(table: pl.DataFrame) -> pl.DataFrame:
        return (
            table.with_columns(pl.col("topic").replace({"orders": name}))
            if "topic" in table.columns
            else table
        )

    plain = replication(mirrored.write())
    other = replication(
        mirrored.write(folder="other", **{key: renamed(table) for key, table in mirrored.healthy().items()})
    )
    assert lights(other) == lights(plain)
    assert other.flows.equals(plain.flows)
    assert other.partitions["topic"].to_list() == [name]


def test_a_version_that_cannot_be_read_is_not_asked_for(mirrored, monkeypatch) -> None:
    capture = mirrored.write()
    versions = capture.cluster_table.with_columns(kafka_version=pl.lit("unknown"))
    monkeypatch.setattr(type(capture), "cluster_table", versions)
    assert replication(capture).asked == "nothing"


def test_the_adviser_judges_by_what_is_asked(mirrored) -> None:
    answer = replication(mirrored.write(), requirements={"same_offsets": True})
    assert answer.asked == "same_offsets"
    assert not answer.advice.equals(replication(mirrored.write(folder="other")).advice)

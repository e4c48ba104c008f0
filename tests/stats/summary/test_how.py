from __future__ import annotations

import json
import re
import shlex
from importlib.resources import files
from pathlib import Path

import polars as pl
import pytest
import typer

from kafka_analysis.cli import app
from kafka_analysis.model.parameters import PARAMETERS
from kafka_analysis.stats.mirror.failures.words import FAILURE_WORDS
from kafka_analysis.stats.summary.how import how_rows, how_to, known_by
from tests.made_summaries import answer, figure

ROOT = Path(__file__).parents[3]
ROWS = pl.read_csv(
    (files("kafka_analysis.stats.summary") / "how.csv").read_bytes(), infer_schema=False
).fill_null("")
SAMPLE = ROOT / "data" / "sample.summaries"


def test_rows_are_of_notebooks_and_say_all_three() -> None:
    assert set(ROWS["notebook"]) <= set(PARAMETERS)
    assert ROWS.filter(
        (pl.col("command") == "") | (pl.col("effect") == "") | (pl.col("undo") == "")
    ).is_empty()


def test_every_row_fits_words_that_the_code_says() -> None:
    code = "".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "kafka_analysis").rglob("*.py")
        if path.parent.name != "summary"
    )
    assert [text for text in ROWS["text"] if text and text not in code] == []


def test_no_row_hides_behind_an_earlier_one() -> None:
    for notebook in set(ROWS["notebook"]):
        texts = [row["text"] for row in how_rows(notebook)]
        assert [late for n, late in enumerate(texts) if any(early in late for early in texts[:n])] == []


def commands() -> list[str]:
    return [command for command in ROWS["command"] if command.startswith("kafka-analysis ")]


@pytest.mark.parametrize("command", sorted(set(commands())))
def test_our_own_commands_and_their_options_exist(command: str) -> None:
    words = shlex.split(command)[1:]
    found = typer.main.get_command(app)
    while hasattr(found, "commands") and words:
        found = found.commands[words.pop(0)]
    known = {option for parameter in found.params for option in parameter.opts}
    assert {word for word in words if word.startswith("-")} <= known
    for notebook, name in re.findall(r"-p '?(\w+):(\w+)=", command):
        assert name in PARAMETERS[notebook].model_fields


def test_every_action_of_the_sample_is_explained() -> None:
    for path in sorted(SAMPLE.glob("*.summary.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        for result in document["results"]:
            for finding in result["findings"]:
                if finding["action"] and finding["light"] in ("red", "amber"):
                    assert how_to(document["notebook"], finding["action"], answer("c", "red")).command, (
                        finding["action"]
                    )


@pytest.mark.parametrize("failure", sorted(FAILURE_WORDS))
def test_every_known_failure_of_a_mirror_is_explained(failure) -> None:
    how = how_to("50_replication", FAILURE_WORDS[failure].action, answer("c", "red"))
    assert all((how.command, how.effect, how.undo)), FAILURE_WORDS[failure].action


def test_figures_are_filled_in_and_one_that_is_missing_is_unknown() -> None:
    result = answer("c", "red", "x", figure("fullest_before", 3.0, unit="× mean"))
    how = how_to("30_rebalance_plan", "Follow plan.md below.", result)
    assert how.effect == "fullest broker 3 × mean → unknown; unknown copied"


def test_a_cluster_is_quoted_for_a_shell_and_left_out_where_there_are_several() -> None:
    result = answer("a; rm -rf $HOME", "red")
    one = how_to("20_partition_skew", "Move replicas.", result)
    assert shlex.split(one.command)[4:7] == ["--cluster", "a; rm -rf $HOME", "--out"]
    assert "--cluster" not in how_to("20_partition_skew", "Move replicas.", result, several=True).command


def test_braces_of_a_name_are_text() -> None:
    result = answer("{bytes_to_move}{x.__class__}", "red")
    assert "'{bytes_to_move}{x.__class__}'" in how_to("20_partition_skew", "Move.", result).command


def test_an_action_nobody_knows_has_nothing_made_up_for_it() -> None:
    how = how_to("10_inventory", "Do something new.", answer("c", "red"))
    assert (how.command, how.effect, how.undo) == ("", "", "")


def test_what_would_make_it_known_goes_by_words_before_notebooks() -> None:
    assert "doctor" in known_by("60_cutover_readiness", "no verdict: the capture holds no offsets of it.")
    assert "check cutover" in known_by("60_cutover_readiness", "anything else")

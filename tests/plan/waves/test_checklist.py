from __future__ import annotations

import re

import polars as pl
import pytest

from kafka_analysis.plan import plan_waves
from kafka_analysis.plan.waves.frames import wave_files

EVIL = "x`; rm -rf $HOME\n```\n# <b>"


@pytest.fixture
def plan():
    topics = pl.DataFrame({"topic": ["a_b", "c"], "bytes_in_per_s": 1e6, "bytes_out_per_s": 1e6, "size_bytes": 3e9,
                           "retention_ms": [1.0, -1.0]})  # fmt: skip
    cells = pl.DataFrame({"topic": ["a_b", "c"], "cell": ["cell-1", "cell-2"]})
    flows = pl.DataFrame(
        {
            "client": ["billing", "billing", EVIL, "shop"],
            "kind": ["group", "group", "group", "producer"],
            "topic": ["a_b", "c", "a_b", "c"],
            "criticality": ["high", "high", None, "critical"],
        }
    )
    return plan_waves(
        cells, flows, topics, start="2026-01-05", max_share_per_wave=0.5, replication_bytes_per_s=6e6
    )


def test_each_wave_has_its_text_in_the_order_of_a_cutover(plan):
    assert list(plan.checklists) == [1, 2]
    order = ["Prepare the targets", "Begin the copy", "Let it catch up", "Decide", "Stop the producers",
             "Wait until the replica is at lag 0 again", "Start the producers at the target",
             "Let the consumers drain the source", "Stop the consumers", "Start the consumers at the target", "Watch",
             "Close the wave"]  # fmt: skip
    for text in plan.checklists.values():
        assert re.findall(r"^### \d+\. (.*)$", text, re.MULTILINE) == order
        assert text.count("- [ ] Go on when ") == text.count("- Rollback: ") == len(order)


def test_it_begins_with_what_moves_and_when(plan):
    text = plan.checklists[1]
    assert text.startswith("# Wave 1 of 2\n\n**1 topic and 2 clients cut over: 1 MB/s in, 1 GB to copy.**")
    assert "| 2026-01-05 00:05:00 UTC | the window of the cut-over opens |" in text
    assert "1 client will have topics at the source and at the target once this wave is done" in text
    assert "- 1 topic (topic a\\_b) keep records for 0 s, and more than 26 h 0 min are needed" in text
    assert "1 of them critical, cut over" in plan.checklists[2]


def test_names_mean_nothing_to_markdown_or_a_shell(plan):
    text = plan.checklists[1]
    assert "x\\`; rm -rf \\$HOME \\`\\`\\` \\# \\<b\\>" in text
    assert "\n# <b>" not in text
    assert (
        r"group=$(printf 'x\140\073 rm \055rf \044HOME\012\140\140\140\012\043 \074b\076.'); group=${group%.}"
        in text
    )


def test_files_hold_what_the_commands_read(plan):
    files = wave_files(plan)
    text = files["wave-1.md"]
    read = re.findall(r"done < (\S+) \|\|", text, re.MULTILINE)
    assert (
        set(read) == {"wave-1-CELL_1.txt", "wave-1-CELL_1-groups.txt", "wave-1-retention.txt"} <= set(files)
    )
    assert files["wave-1-CELL_1.txt"] == files["wave-1-retention.txt"] == "a_b\n"
    assert (
        files["wave-1-CELL_1-groups.txt"] == "billing\n"
    )  # the other is no line of a file and stands in the text
    assert files["topic_waves.csv"] == "topic,cell,wave\na_b,cell-1,1\nc,cell-2,2\n"
    assert '"schema_version": 1' in files["waves.json"]


def test_two_cells_never_share_a_variable(plan):
    cells = pl.DataFrame({"topic": ["a_b", "c"], "cell": ["cell-1", "cell_1"]})
    topics = pl.DataFrame(
        {"topic": ["a_b", "c"], "bytes_in_per_s": 1e6, "bytes_out_per_s": 1e6, "size_bytes": 3e9}
    )
    flows = pl.DataFrame({"client": ["x"], "kind": "group", "topic": ["c"]})
    files = wave_files(plan_waves(cells, flows, topics, start="2026-01-05", max_share_per_wave=None))
    assert (files["wave-1-CELL_1.txt"], files["wave-1-CELL_1_2.txt"]) == ("a_b\n", "c\n")


def test_without_a_known_producer_it_says_so(plan):
    assert "No producer is known: find out who writes" in plan.checklists[1]
    assert "All producers of the table above (1)" in plan.checklists[2]


def test_a_group_is_asked_for_only_in_cells_that_have_topics_of_it():
    topics = pl.DataFrame(
        {"topic": ["a", "b"], "bytes_in_per_s": 1e6, "bytes_out_per_s": 1e6, "size_bytes": 3e9}
    )
    cells = pl.DataFrame({"topic": ["a", "b"], "cell": ["cell-1", "cell-2"]})
    flows = pl.DataFrame({"client": ["x", "y", "y"], "kind": "group", "topic": ["a", "a", "b"]})
    files = wave_files(plan_waves(cells, flows, topics, start="2026-01-05", max_share_per_wave=None))
    assert files["wave-1-CELL_1-groups.txt"] == "x\ny\n"
    assert files["wave-1-CELL_2-groups.txt"] == "y\n"


def test_what_the_user_needs_is_asked_for_only_where_it_is_needed(plan):
    assert "and alter topics at the source" in plan.checklists[1]
    assert "and alter topics at the source" not in plan.checklists[2]
    assert "UTF-8" not in plan.checklists[1]


def test_groups_beyond_ascii_need_a_locale(planned):
    text = planned({"a": 1.0}, [("prüfung", "a")]).checklists[1]
    assert "`locale charmap` must say UTF-8" in text

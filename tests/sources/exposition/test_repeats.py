"""Lines that fall on one series: equal ones are one, the last of two scrapes counts, others contradict each other."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kafka_analysis.sources.exposition.page import parse_exposition
from kafka_analysis.sources.spelling.detect import detect
from kafka_analysis.sources.spelling.families import Dialect, Family
from kafka_analysis.sources.spelling.translate import translate

TS = datetime(2026, 1, 1, tzinfo=UTC)
SIZE = 'kafka_log_log_size{{topic="orders",partition="1"{}}} {}'
LEADERS = "kafka_server_replicamanager_leadercount {}"


def told(*lines: str, **options):
    page = parse_exposition("".join(f"{line}\n" for line in lines).encode())
    chosen = options.pop("chosen", None) or detect(page)
    return translate(page, chosen, ts=TS, cluster="c", broker=1, source="s", **options)


def values(done, metric="log_size_bytes"):
    return done.samples.filter(metric=metric)["value"].to_list()


@pytest.mark.parametrize("lines", [("2000", "NaN"), ("NaN", "2000"), ("NaN", "2000", "NaN"), ("-5", "2000")])
def test_what_is_no_number_never_hides_one(lines):
    done = told(LEADERS.format(2), *(SIZE.format("", value) for value in lines))
    assert values(done) == [2000.0]
    assert done.lines.not_a_number + done.lines.rejected == len(lines) - 1


def test_equal_lines_are_one():
    done = told(LEADERS.format(2), SIZE.format("", 5), SIZE.format("", 5))
    assert (values(done), done.lines.duplicates, done.lines.conflicting) == ([5.0], 1, 0)


@pytest.mark.parametrize(
    "lines",
    [
        (LEADERS.format(2), SIZE.format("", 5), SIZE.format("", 6)),
        (SIZE.format("", 5), SIZE.format("", 6), LEADERS.format(2)),
        (LEADERS.format(2), SIZE.format(',dir="a"', 5), SIZE.format(',dir="b"', 6)),
        (LEADERS.format(2), SIZE.format("", 5), SIZE.format(',dir="b"', 6)),
        (
            LEADERS.format(2),
            SIZE.format(',dir="a"', "5 1700000000000"),
            SIZE.format(',dir="b"', "6 1700000000400"),
        ),
    ],
)
def test_two_values_of_one_series_in_one_scrape_are_none_and_told(lines):
    done = told(*lines)
    assert (values(done), values(done, "leader_count")) == ([], [2.0])
    assert (done.lines.conflicting, done.lines.duplicates, done.lines.stored) == (2, 0, 1)
    assert done.lines.read == done.lines.accounted
    said = "lines of one scrape give log_size_bytes different values: all are rejected"
    hint = "; a label may not be mapped: dir" if any("dir=" in line for line in lines) else ""
    assert done.rejected["reason"].to_list() == [said + hint] * 2
    assert all(text.startswith("kafka_log_log_size{") for text in done.rejected["text"])


def test_lines_that_differ_in_other_labels_and_agree_are_one():
    done = told(LEADERS.format(2), SIZE.format(',dir="a"', 5), SIZE.format(',dir="b"', 5))
    assert (values(done), done.lines.duplicates, done.lines.conflicting) == ([5.0], 1, 0)


def test_the_last_of_two_scrapes_counts_even_where_a_series_ended_or_began():
    first = [LEADERS.format(2), SIZE.format("", 5), "other 1", "gone 1"]
    second = [LEADERS.format(3), SIZE.format("", 6), "other 2", "new 1"]
    done = told(*first, *second)
    assert (values(done), values(done, "leader_count"), done.lines.conflicting) == ([6.0], [3.0], 0)
    assert done.lines.duplicates == 3


def test_series_of_a_history_may_follow_each_other_but_not_run_side_by_side():
    lines = [SIZE.format(f',pod="{pod}"', f"{v} {1700000000000 + ms}") for pod, v, ms in
             [("a", 1, 0), ("a", 2, 1000), ("b", 3, 2000), ("b", 4, 3000)]]  # fmt: skip
    assert values(told(*lines, follow=True)) == [1.0, 2.0, 3.0, 4.0]
    assert told(*lines).lines.conflicting == 4
    crossing = [*lines, SIZE.format(',pod="a"', f"9 {1700000000000 + 2500}")]
    assert told(*crossing, follow=True).lines.conflicting == 5


def test_of_names_that_mean_the_same_the_first_counts():
    heap = [f'jvm_memory_{name}{{area="heap"}} {v}' for name, v in (("used_bytes", 7), ("bytes_used", 5))]
    done = told(LEADERS.format(2), *heap)
    assert (values(done, "heap_used_bytes"), done.lines.duplicates, done.lines.conflicting) == ([5.0], 1, 0)


@pytest.mark.parametrize("odd", ["NaN", "-5", "+Inf", "1e308"])
def test_a_counter_s_sum_that_lacks_a_line_is_not_known(odd):
    """It would fall, and look like a restart: all the other lines ever counted would be growth."""
    line = 'kafka_network_requestmetrics_requests_total{{request="Fetch",version="{}"}} {}'
    done = told(LEADERS.format(2), line.format(1, 10), line.format(2, odd), line.format(3, 5))
    assert values(done, "requests_total") == []
    assert done.lines.accounted == done.lines.read == 4
    assert done.lines.rejected >= 2


@pytest.mark.parametrize("label", ["attribute", "attr", "Attribute"])
def test_of_two_attributes_that_differ_in_a_label_the_one_the_metric_is_counts(label):
    line = 'kafka_server_brokertopicmetrics_bytesin_total{{topic="orders",{}="{}"}} {}'
    attributes = (("OneMinuteRate", 7.5), ("Count", 5000), ("MeanRate", 3))
    done = told(LEADERS.format(2), *(line.format(label, name, value) for name, value in attributes))
    assert (values(done, "bytes_in_total"), done.lines.not_catalogued) == ([5000.0], 2)
    value = told(SIZE.format(f',{label}="Value"', 5), SIZE.format(f',{label}="Count"', 9))
    assert values(value) == [5.0]


def test_a_choice_by_label_is_the_dialect_s():
    family = Family(metrics={"n": ""}, to="bytes_in_total", only={"attribute": ("Count",)})
    mine = Dialect(name="own", title="Mine", kind="jmx", source="a test", families=(family,))
    done = told('n{attribute="Count"} 5', 'n{attribute="OneMinuteRate"} 6', chosen=(mine,))
    assert (values(done, "bytes_in_total"), done.lines.not_catalogued) == ([5.0], 1)

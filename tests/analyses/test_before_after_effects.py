"""Effects planted in a made recording of minutes are found; what it does not hold is said."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from kafka_analysis.analyses import throughput_before_after
from kafka_analysis.model.errors import WindowError
from kafka_analysis.model.manifest import ClusterInfo, SourceInfo
from kafka_analysis.model.tables import empty_table
from tests.in_memory import in_memory, streams_of
from tests.small import INTERVAL_S, at, samples, table

SCRAPES = 121
CLUSTERS = [ClusterInfo(cluster="old", role="source"), ClusterInfo(cluster="new", role="target")]
PHASES = {"baseline": (0, 400), "after": (800, 1200)}
CUTOVER = 60  # the step at which what moves begins to flow to the new cluster
RECORD = 100.0
NAMED = {"bytes_in_total": RECORD, "bytes_out_total": RECORD, "messages_in_total": 1.0}


class Recording:
    """A made migration of two topics from one broker to another, under a load that is made too.

    ``effect``: by how much more the topics that move carry in the phase after. ``growth``: of all topics.
    """

    def __init__(self, *, moving=("orders", "audit"), effect=0.0, growth=0.0, seed=1):
        self.rng = np.random.default_rng(seed)
        self.moving = moving
        self.loads = {
            topic: self._load(effect if topic in moving else 0.0, growth) for topic in ("orders", "audit")
        }

    def _load(self, effect: float, growth: float) -> np.ndarray:
        """Return records in each step."""
        step = np.arange(SCRAPES - 1)
        level = np.where(step >= 80, (1 + effect) * (1 + growth), 1.0)
        return 1000 * level * np.exp(self.rng.normal(0, 0.02, SCRAPES - 1))

    def counters(self) -> list[dict]:
        rows = []
        step = np.arange(SCRAPES - 1)
        for cluster, broker in (("old", 1), ("new", 11)):
            totals = dict.fromkeys(NAMED, 0.0)
            for topic, records in self.loads.items():
                is_new = (step >= CUTOVER) & (topic in self.moving)
                here = records * (is_new if cluster == "new" else ~is_new)
                sizes = np.exp(self.rng.normal(0, 0.01, SCRAPES - 1))
                for metric, size in NAMED.items():
                    grown = here * (1.0 if metric == "messages_in_total" else size * sizes)
                    values = np.concatenate([[0.0], np.cumsum(grown)])
                    totals[metric] = totals[metric] + values
                    rows += self._rows(metric, cluster, broker, values, topic=topic)
            for metric, values in totals.items():
                rows += self._rows(metric, cluster, broker, values)
        return rows

    def _rows(self, metric, cluster, broker, values, **more) -> list[dict]:
        one = {"metric": metric, "cluster": cluster, "broker": broker, **more}
        return [{**one, "ts": at(n * INTERVAL_S), "value": float(v)} for n, v in enumerate(values)]

    def gauges(self, metric, old: float, new: float, **more) -> list[dict]:
        """Return a gauge around one level at the old broker, and around another at the new one."""
        rows = []
        for cluster, broker, level in (("old", 1, old), ("new", 11, new)):
            values = level * np.exp(self.rng.normal(0, 0.02, SCRAPES))
            rows += self._rows(metric, cluster, broker, values, **more)
        return rows

    def answers(self, behind: dict[tuple[str, str], float]) -> dict[str, pl.DataFrame]:
        """Return tables of logs that grow evenly, and of a group so many records behind the end of each."""
        ends, reads = [], []
        for (cluster, topic), records in behind.items():
            place = {"cluster": cluster, "topic": topic, "partition": 0}
            for n, late in enumerate(records * np.exp(self.rng.normal(0, 0.02, SCRAPES))):
                one = {"ts": at(n * INTERVAL_S), **place}
                end = 100_000 + 1000 * n
                ends.append({**one, "log_start_offset": 0, "log_end_offset": end})
                reads.append({**one, "group": "billing", "committed_offset": end - round(late)})
        rows = {"offsets": ends, "group_offsets": reads}
        return {name: pl.DataFrame(listed, schema=empty_table(name).schema) for name, listed in rows.items()}

    def tables(self) -> dict[str, pl.DataFrame]:
        topics = pl.concat(
            table("topics", [{"topic": topic, "internal": False} for topic in self.loads], cluster=cluster)
            for cluster in ("old", "new")
        )
        marks = [(f"{name}:{edge}", "load", s) for name, ends in PHASES.items()
                 for edge, s in zip(("start", "end"), ends, strict=True)]  # fmt: skip
        marks.append(("wave-1", "cutover", CUTOVER * INTERVAL_S))
        events = [table("events", [{"name": n, "kind": k}], ts=at(s)) for n, k, s in marks]
        brokers = [
            table("brokers", [{"broker": b, "host": "h", "port": 9092}], cluster=cluster)
            for cluster, b in (("old", 1), ("new", 11))
        ]
        return {"topics": topics, "events": pl.concat(events), "brokers": pl.concat(brokers)}

    def made(self, *rows, **answers):
        asked = {"attempts": SCRAPES, "ok": SCRAPES, "failed": 0, "interval_s": INTERVAL_S}
        return in_memory(
            streams_of(self.tables() | answers, samples([*self.counters(), *rows])),
            window=(at(0), at(SCRAPES * INTERVAL_S)),
            clusters=CLUSTERS,
            sources=[
                SourceInfo(kind="jmx", cluster=cluster, broker=b, address="http://h/metrics", **asked)
                for cluster, b in (("old", 1), ("new", 11))
            ],
        )


@pytest.fixture
def asked():
    """Return a function that makes a recording and compares its two phases."""

    def ask(*gauges, options=None, **planted):
        recording = Recording(**planted)
        rows = [row for gauge in gauges for row in recording.gauges(*gauge[:3], **gauge[3])]
        return throughput_before_after(recording.made(*rows), **(options or {}))

    return ask


def by_question(frame: pl.DataFrame) -> dict[str, dict]:
    return {row["question"]: row for row in frame.iter_rows(named=True)}


@pytest.mark.parametrize(("planted", "excludes"), [(0.10, True), (0.0, False), (-0.30, True)])
def test_a_planted_change_is_in_the_interval_and_none_is_none(asked, planted, excludes) -> None:
    answer = asked(effect=planted)
    rows = by_question(answer.verdicts)
    for flow in ("bytes_in_per_s", "bytes_out_per_s", "messages_in_per_s"):
        assert rows[flow]["low"] <= planted <= rows[flow]["high"]
        assert (rows[flow]["low"] > 0 or rows[flow]["high"] < 0) == excludes
        assert rows[flow]["verdict"] == ("worse" if planted < 0 else "same")
    assert answer.results[0].verdict.light.value == ("red" if planted < 0 else "green")


def test_a_topic_that_moved_is_found_beside_one_that_did_not_change(asked) -> None:
    answer = asked(moving=("orders",), effect=0.1)
    rows = {
        row["topic"]: row for row in answer.topic_effects.filter(flow="bytes_in_per_s").iter_rows(named=True)
    }
    assert {name: row["verdict"] for name, row in rows.items()} == {"orders": "rose", "audit": "same"}
    assert rows["orders"]["low"] <= 0.1 <= rows["orders"]["high"]
    assert rows["audit"]["low"] <= 0.0 <= rows["audit"]["high"]


def test_each_cluster_is_compared_with_itself_where_it_carried_something_in_both_windows(asked) -> None:
    answer = asked(moving=("orders",))
    rows = {
        row["cluster"]: row
        for row in answer.cluster_effects.filter(flow="bytes_in_per_s").iter_rows(named=True)
    }
    assert list(rows) == ["old", "new"]
    assert rows["old"]["low"] <= -0.5 <= rows["old"]["high"]
    assert (rows["new"]["verdict"], rows["new"]["before"]) == ("only after", 0.0)


def test_the_old_cluster_is_compared_with_the_new_one(asked) -> None:
    gauges = [
        ("request_total_ms", 50.0, 20.0, {"entity": "Produce", "stat": "p99"}),
        ("network_idle_ratio", 0.8, 0.4, {}),
    ]
    rows = by_question(asked(*gauges).verdicts)
    assert rows["produce_p99"]["verdict"] == "better"
    assert rows["produce_p99"]["low"] <= -0.6 <= rows["produce_p99"]["high"]
    assert (rows["network_mean"]["verdict"], rows["network_busiest"]["verdict"]) == ("worse", "worse")


def test_questions_that_the_capture_does_not_answer_are_there_and_say_why(asked) -> None:
    rows = by_question(asked().verdicts)
    untold = {name: row for name, row in rows.items() if row["verdict"] == "cannot tell"}
    assert set(untold) == {
        "produce_p50", "produce_p99", "fetch_p50", "fetch_p99", "failed_produce", "failed_fetch", "errors",
        "lag_seconds", "lag_records", "recovery", "handlers_mean", "handlers_busiest", "network_mean",
        "network_busiest", "cpu_mean", "cpu_busiest", "cost_per_tb",
    }  # fmt: skip
    assert {row["effect"] for row in untold.values()} == {None}
    assert all(row["reason"] for row in untold.values())
    assert untold["cost_per_tb"]["reason"].startswith("old: its brokers have no instance type")


def test_offsets_that_a_replicator_copied_are_no_lag() -> None:
    recording = Recording(moving=("orders",))
    here = {("old", "orders"): 3000.0, ("new", "orders"): 3000.0, ("old", "audit"): 3000.0}
    copied = {("new", "audit"): 90_000.0}  # of a topic that is still read at the source
    rows = by_question(throughput_before_after(recording.made(**recording.answers(here | copied))).verdicts)
    assert (rows["lag_records"]["verdict"], rows["recovery"]["verdict"]) == ("same", "same")
    assert rows["lag_records"]["low"] <= 0.0 <= rows["lag_records"]["high"]
    late = by_question(
        throughput_before_after(
            recording.made(**recording.answers(here | {("new", "orders"): 9000.0}))
        ).verdicts
    )
    assert (late["lag_records"]["verdict"], late["recovery"]["verdict"]) == ("worse", "worse")


def test_growth_of_everything_is_told_from_the_migration_where_a_topic_stayed(asked) -> None:
    rows = by_question(asked(moving=("orders",), growth=0.3).confounders)
    assert rows["bytes_in_measured"]["low"] > 0
    assert rows["bytes_in_controlled"]["verdict"] == rows["bytes_in_per_message"]["verdict"] == "same"
    assert rows["bytes_in_controlled"]["low"] <= 0.0 <= rows["bytes_in_controlled"]["high"]


def test_what_only_the_moved_topic_lost_is_seen_beside_the_one_that_stayed(asked) -> None:
    rows = by_question(asked(moving=("orders",), effect=-0.2, growth=0.1).confounders)
    assert rows["bytes_in_controlled"]["verdict"] == "worse"
    assert rows["bytes_in_controlled"]["low"] <= -0.2 <= rows["bytes_in_controlled"]["high"]


def test_without_a_topic_that_stayed_there_is_no_control(asked) -> None:
    rows = by_question(asked().confounders)
    assert rows["bytes_in_controlled"]["reason"] == "no control: all topics moved (2 topics)"


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ((0, 900), (None, None), "overlap or are swapped"),
        ((900, 1000), (100, 200), "the windows overlap"),
        ((9000, 9900), (None, None), "lies outside the capture"),
    ],
)
def test_windows_that_cannot_be_compared_are_an_error_of_one_line(asked, before, after, words) -> None:
    names = ("before_start", "before_end", "after_start", "after_end")
    moments = [None if s is None else at(s) for s in (*before, *after)]
    with pytest.raises(WindowError, match=words) as raised:
        asked(options=dict(zip(names, moments, strict=True)))
    assert "\n" not in str(raised.value)


def test_windows_too_short_are_untold_and_the_light_says_so(asked) -> None:
    options = {"before_start": at(100), "before_end": at(300), "after_start": at(900), "after_end": at(1100)}
    answer = asked(options=options, effect=-0.3)
    assert set(answer.verdicts["verdict"]) == {"cannot tell"}
    assert "of 7 days" in answer.verdicts["reason"][0]
    (result,) = answer.results
    assert result.verdict.light.value == "red"  # by the loss alone
    assert "whether this is chance is unknown, 0.0 of 7 days" in result.verdict.sentence


def test_a_capture_without_samples_is_grey_and_leaves_no_question_out(small) -> None:
    kept = {name: rows for name, rows in small.tables().items() if name not in ("group_offsets", "offsets")}
    window = (small.at(0), small.at(120))
    capture = in_memory(streams_of(kept, None), window=window, clusters=CLUSTERS, sources=small.sources())
    answer = throughput_before_after(capture)
    assert answer.results[0].verdict.light.value == "grey"
    assert set(answer.verdicts["verdict"]) == set(answer.confounders["verdict"]) == {"cannot tell"}
    assert answer.verdicts["effect"].null_count() == len(answer.verdicts)

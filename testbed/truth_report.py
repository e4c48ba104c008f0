"""Hold a recorded capture against the truth, window by window, and write the result as markdown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from kafka_analysis.capture.read import Capture, read_capture
from kafka_analysis.stats.load.partitions import partition_load
from kafka_analysis.stats.load.topics import aggregate_agreement
from kafka_analysis.stats.reduce import samples as reduce
from kafka_analysis.stats.scope import cluster_windows, snapshots
from kafka_analysis.stats.scope.windows import Window, phases
from kafka_analysis.stats.traffic import comparison
from testbed import blast, judges, truth
from testbed.blast_report import shares
from testbed.markdown import table
from testbed.scenario import load_scenario

SCRAPED_WITHIN = timedelta(seconds=25)  # at rest, any scrape since the load paused will do
STILL_READING = timedelta(seconds=60)  # a slow group goes on while the load is paused
INTRODUCTION = """The figures that `kafka_analysis` computes from a capture, compared with judges that share no code
with it: the testbed's producers, which recorded what they sent, and Kafka's own tools. Written by
`python -m testbed truth`; the tests named are in tests/testbed/test_sample.py.
"""
EACH_WINDOW = """The load pauses for at least two scrapes at both edges of a judged window, so that each window contains
everything that was sent in it. "Equal" counts the subjects on which both sides agree to the record or byte.
"""
MOVED = """Between the judged windows, brokers are killed and partitions move. A broker that loses a topic's last leader
drops that topic's meters; what they counted since the last scrape is only in the broker's own aggregate. The table
shows the share of each aggregate that the topics do not cover (below 0: the aggregate lost more in a restart). Brokers
that miss less than one byte in ten million are left out.
"""
OUTAGES = """Partitions and clients that lost service in the recorded outages: predicted from the replicas just before,
measured from log end offsets, and true by the record of what was acknowledged and read
(`test_outages_took_along_what_was_predicted`).
Partitions with too few records, or with bursts and pauses, cannot be judged. Definitions: docs/blast_radius.md.
"""
UNJUDGED = """- Bytes read by each group: compared with the record of truth in tests/testbed/test_declared.py.
  Bytes read by a replicator at the source: an estimate from records and mean record size. In one run with MirrorMaker 2
  of Kafka 3.9.1, whose metrics do not name the source, 144 kB/s left the source, half of it to the only group:
  71.8 kB/s counted as migration and 72.6 kB/s as business (IdentityReplicationPolicy); 71.0 and 71.5 of
  142 kB/s with renamed topics, another separator and aliases that are not the name of a cluster.
- Lag of groups in seconds: differs from the true age of the record read next by at most the time between two answers
  about the log, for 99.5 % of the answers about groups and partitions at rest and moving; for the others by up to 10 s
  more, while a broker was lost, or while the checks of waves kept the machine so busy that acknowledgements, which date
  the record of truth, came late. In every run of the short scenario: for every answer (testbed/lag_truth.py;
  `test_lag_in_seconds_is_true_to_the_time_between_two_answers`).
- Lag and losses of a replication: at rest equal to what a witness finds at the target, record by record (key, value,
  headers, timestamp), for a Flink job and for MirrorMaker 2 of 3.9 and of the newest Kafka from a source with ZooKeeper
  (tests/testbed/test_flink.py, tests/testbed/test_old_source.py). For a killed Flink job, the bounds of its lag
  and losses equal what was missing. Recordings hold what the witness found (rows `mirrored` and `copied` of `truth`).
- Replication: false findings in healthy runs, the estimated and the true time to catch up, and the predicted and the
  real partitions and loads of tasks on a Connect cluster: measured in separate runs,
  docs/replication_proof.md.
- CV, Gini, top share, net imbalance: formulas, checked on frames calculated by hand
  (tests/stats/skew/test_measures.py), not on the testbed.
- Rebalance plans: planned and carried out on the testbed in a separate run, and compared with Kafka's own figures in
  docs/rebalance_proof.md.
- Causes and trends of skew: planted in simulated clusters and series, and found again
  (tests/stats/skew/test_causes.py, tests/stats/skew/test_trend.py); no judge here.
- MSK sizing: equal to the results of AWS's own formula and sizing script, to the cent
  (tests/plan/sizing/test_broker_count.py, tests/plan/sizing/test_broker_options.py); whether real brokers carry that
  load has no judge here.
- Splits: compared with an exact solver on small clusters (tests/plan/split/test_plan.py), and measured by code that is
  independent of the planner (benchmarks/split.py). The effect of an outage before and after a split:
  predicted, measured and true on real brokers in docs/blast_radius.md.
- Times of level changes: planted in simulated series of known noise and season, and found again within two samples
  (tests/stats/change_points/test_find.py, benchmarks/change_points.py, docs/change_points.md); no judge here.
- Order of waves: compared with all orders of small migrations (tests/plan/waves/test_search.py); their duration has no
  judge here. The commands of the checklists are run unchanged on two real clusters, healthy and broken, and their
  output is compared with the answers of an admin client (tests/testbed/test_checklists.py).
- Processor, disk and network of a host: all brokers share one machine, so the testbed proves nothing about them.
"""
TESTS = {
    "records per partition": "test_what_is_counted_is_exact",
    "bytes in per topic": "test_bytes_in_are_the_producers_batches",
    "bytes in per partition (estimated)": "test_estimates_are_as_near_as_they_say",
    "business bytes in (estimated)": "test_estimates_are_as_near_as_they_say",
    "bytes in of all topics": "test_topics_add_up_exactly_where_no_leader_moved",
    "size per replica": "test_what_is_counted_is_exact",
    "log end offset": "test_what_is_counted_is_exact",
    "committed offset": "test_what_is_counted_is_exact",
}
LEAST_UNCOVERED = 1e-7


def compare(capture: Capture) -> pl.DataFrame:
    """Return every comparison of a capture: of each judged window, and with Kafka's own tools."""
    judged = phases(capture.table("events")).iter_rows(named=True)
    parts = [part for row in judged for part in _of_window(capture, row["phase"], row["start"], row["end"])]
    return pl.concat([*parts, *_of_tools(capture)])


def _of_window(capture: Capture, phase: str, start: datetime, end: datetime) -> Iterator[pl.DataFrame]:
    recorded = truth.within(capture.table("truth"), start, end)
    appended = snapshots.records_appended(capture.table("offsets"), start=start, end=end)
    counters = capture.samples(
        "bytes_in_total", "bytes_out_total", "messages_in_total", "mirror_records_total"
    ).collect()
    increases = reduce.increase(counters, start=start, end=end)
    bytes_in = increases.filter(pl.col("metric") == "bytes_in_total")
    traffic = comparison.traffic_in(
        counters, Window(start, end), topics=capture.table("topics").select("cluster", "topic")
    )
    for compared in (
        truth.compare_records(appended, recorded),
        truth.compare_bytes(bytes_in, recorded),
        truth.compare_aggregates(aggregate_agreement(increases)),
        truth.compare_business(traffic, recorded, seconds=(end - start).total_seconds()),
        truth.compare_partitions(_partitions(capture, increases, appended, Window(start, end)), recorded),
    ):
        yield compared.select(pl.lit(phase).alias("window"), pl.all())


def _partitions(capture: Capture, rates: pl.DataFrame, records: pl.DataFrame, window: Window) -> pl.DataFrame:
    windows = dict.fromkeys((cluster.cluster for cluster in capture.clusters), window)
    placed = cluster_windows.snapshots_in(capture.table("partitions"), windows)
    none = pl.DataFrame(schema={"cluster": pl.String, "broker": pl.Int32, "topic": pl.String, "partition": pl.Int32,
                                "last": pl.Float64})  # fmt: skip
    return partition_load(placed, rates=rates, records=records, sizes=none)


def _of_tools(capture: Capture) -> Iterator[pl.DataFrame]:
    folder = judges.folder_of(capture.path)
    said = [
        *((_sizes, answer) for answer in judges.answers(folder, judges.LOG_DIRS_FILE)),
        *((_ends, answer) for answer in judges.answers(folder, judges.OFFSETS_FILE)),
        *(
            (_commits, answer)
            for answer in judges.answers(folder, judges.GROUPS_FILE)
            if answer.moment == "end"
        ),
    ]
    for compared, answer in said:
        yield compared(capture, answer).select(pl.lit(f"{answer.moment}, at rest").alias("window"), pl.all())


def _sizes(capture: Capture, answer: judges.Answer) -> pl.DataFrame:
    samples = capture.samples("log_size_bytes").filter(pl.col("cluster") == answer.cluster).collect()
    sizes = reduce.gauge(samples, start=answer.asked_at - SCRAPED_WITHIN, end=answer.answered_at)
    return truth.compare_sizes(sizes, _business(capture, answer.rows), cluster=answer.cluster)


def _ends(capture: Capture, answer: judges.Answer) -> pl.DataFrame:
    ends = _table(capture, "offsets", answer, answer.answered_at)
    return truth.compare_ends(ends, _business(capture, answer.rows), cluster=answer.cluster)


def _commits(capture: Capture, answer: judges.Answer) -> pl.DataFrame:
    """Compare the last snapshot of groups with their judge's word, for groups that had come to rest."""
    commits = _table(capture, "group_offsets", answer, capture.end)
    recorded = capture.table("truth").filter(pl.col("kind") == "consumed")
    reading = recorded.filter(pl.col("ts") > answer.asked_at - STILL_READING).select("group").unique()
    caught_up = answer.rows.filter(pl.col("lag_records") == 0)
    left = answer.rows.join(reading, on="group", how="anti").filter(pl.col("lag_records") != 0)
    judged = _business(capture, pl.concat([caught_up, left]))
    return truth.compare_commits(commits, judged, cluster=answer.cluster)


def _table(capture: Capture, name: str, answer: judges.Answer, at: datetime) -> pl.DataFrame:
    return snapshots.snapshot_at(capture.table(name).filter(pl.col("cluster") == answer.cluster), at)


def _business(capture: Capture, judged: pl.DataFrame) -> pl.DataFrame:
    """Leave out internal topics: groups commit and coordinators write while the judges are asked."""
    topics = capture.table("truth").select("topic").unique()
    return judged.join(topics, on="topic", how="semi")


def uncovered(capture: Capture) -> pl.DataFrame:
    """Return what topics' rows miss of each broker's aggregate in the stretches between the judged windows."""
    judged = phases(capture.table("events"))
    samples = capture.samples("bytes_in_total").collect()
    stretches = list(zip(judged.iter_rows(named=True), judged[1:].iter_rows(named=True), strict=False))
    parts = [_missed(samples, before, after) for before, after in stretches]
    found = pl.concat(parts) if parts else pl.DataFrame(schema={"uncovered_share": pl.Float64})
    return found.filter(pl.col("uncovered_share").abs() >= LEAST_UNCOVERED)


def _missed(samples: pl.DataFrame, before: dict, after: dict) -> pl.DataFrame:
    grown = reduce.increase(samples, start=before["end"], end=after["start"])
    between = pl.lit(f"{before['phase']} to {after['phase']}").alias("between")
    return aggregate_agreement(grown).select(between, pl.all())


def report(path: Path) -> str:
    """Return the comparisons of a capture as markdown: what was judged, each window, and what differs."""
    capture = read_capture(path)
    compared = compare(capture)
    differing = truth.differences(compared).filter(pl.col("relative") != 0)
    exact, near = differing.filter(~_estimated()), differing.filter(_estimated())
    sections = {
        "Each window": f"{EACH_WINDOW}\n{table(truth.summarised(compared))}",
        "What differs": table(exact.drop("judge")) if len(exact) else "Nothing that is not an estimate.",
        "How far estimates are off": table(_spread(near)) if len(near) else "Not at all.",
        "Where leadership moved": f"{MOVED}\n{table(uncovered(capture))}",
        "Effect of outages": f"{OUTAGES}\n{table(_outages(capture))}",
        "Figures without a judge": UNJUDGED,
    }
    title = f"# Truth: the analysis of capture `{capture.id}` and what really happened\n"
    head = [title, INTRODUCTION, table(_by_figure(compared))]
    return "\n".join([*head, *(f"\n## {name}\n\n{body.rstrip()}" for name, body in sections.items())])


def _outages(capture: Capture) -> pl.DataFrame:
    return shares(blast.compare(capture, load_scenario("full")), "loses_service")


def _estimated() -> pl.Expr:
    return pl.col("figure").str.contains("(estimated)", literal=True)


def _by_figure(compared: pl.DataFrame) -> pl.DataFrame:
    """Return a row per figure: its judge, the test that holds it, and the largest difference of all windows."""
    summed = (
        truth.differences(compared)
        .group_by("figure", "judge", maintain_order=True)
        .agg(
            compared=pl.len(),
            equal=(pl.col("relative") == 0).sum(),
            largest_relative=pl.col("relative").abs().max(),
        )
    )
    test = pl.col("figure").replace_strict(TESTS, default="none")
    return summed.select("figure", "judge", test=pl.format("`{}`", test), compared="compared", equal="equal",
                         largest_relative="largest_relative")  # fmt: skip


def _spread(near: pl.DataFrame) -> pl.DataFrame:
    size = pl.col("relative").abs()
    return near.group_by("window", "figure", "cluster", maintain_order=True).agg(
        subjects=pl.len(), median_relative=size.median(), largest_relative=size.max(),
        worst=pl.col("subject").sort_by(size).last(),
    )  # fmt: skip

"""Hold a recorded capture against the truth, window by window, and write the result as markdown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from kafka_analysis.capture.read import Capture, read_capture
from kafka_analysis.stats import load, reduce, snapshots
from kafka_analysis.stats.windows import phases
from testbed import judges, truth

SCRAPED_WITHIN = timedelta(seconds=25)  # at rest, any scrape since the load paused will do
STILL_READING = timedelta(seconds=60)  # a slow group goes on while the load is paused
INTRODUCTION = """What `kafka_analysis` computes from a capture, held against judges that do not share its
code: the record the testbed's producers kept of what they sent, and the answers of Kafka's own tools.
"Equal" counts the subjects on which both agree to the last record or byte.
"""


def compare(capture: Capture) -> pl.DataFrame:
    """Return every comparison of a capture: of each judged window, and with Kafka's own tools."""
    judged = phases(capture.table("events")).iter_rows(named=True)
    parts = [part for row in judged for part in _of_window(capture, row["phase"], row["start"], row["end"])]
    return pl.concat([*parts, *_of_tools(capture)])


def _of_window(capture: Capture, phase: str, start: datetime, end: datetime) -> Iterator[pl.DataFrame]:
    recorded = truth.within(capture.table("truth"), start, end)
    appended = snapshots.records_appended(capture.table("offsets"), start=start, end=end)
    increases = reduce.increase(capture.samples("bytes_in_total").collect(), start=start, end=end)
    for compared in (
        truth.compare_records(appended, recorded),
        truth.compare_bytes(increases, recorded),
        truth.compare_aggregates(load.aggregate_agreement(increases)),
    ):
        yield compared.select(pl.lit(phase).alias("window"), pl.all())


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


def report(path: Path) -> str:
    """Return the comparisons of a capture as markdown: a summary, and what differs."""
    capture = read_capture(path)
    compared = compare(capture)
    differing = truth.differences(compared).filter(pl.col("relative") != 0)
    title = f"# Truth: what the analysis says of capture `{capture.id}`, and what really happened\n"
    parts = [title, INTRODUCTION, _markdown(truth.summarised(compared))]
    if len(differing):
        parts += ["\n## What differs\n", _markdown(differing.drop("judge"))]
    return "\n".join(parts)


def _markdown(table: pl.DataFrame) -> str:
    rows = [
        table.columns,
        ["---"] * table.width,
        *[[_cell(value) for value in row] for row in table.iter_rows()],
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cell(value: object) -> str:
    if value is None:
        return "missing"
    if isinstance(value, float):
        return f"{value:,.0f}" if value.is_integer() else f"{value:.4g}"
    return str(value).replace("|", "\\|")

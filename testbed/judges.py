"""Kafka's own tools as independent judges: their word on sizes, offsets and groups, beside a capture."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from testbed.clusters import Cluster, State
from testbed.tools import GROUPS, LOG_DIRS, OFFSETS, run_tool

LOG_DIRS_FILE = "log_dirs.json"
OFFSETS_FILE = "offsets.json"
GROUPS_FILE = "consumer_groups.json"
SIZES = {"broker": pl.Int32, "topic": pl.String, "partition": pl.Int32, "size_bytes": pl.Int64}
ENDS = {"topic": pl.String, "partition": pl.Int32, "log_end_offset": pl.Int64}
# A group may have spaces in its name, and so may a client.
_ROW = re.compile(r"(.*?) +(\S+) +(\d+) +(\d+|-) +(\d+|-) +(-?\d+|-) +\S+ +\S+ +\S.*")
COMMITS = {
    "group": pl.String,
    "topic": pl.String,
    "partition": pl.Int32,
    "committed_offset": pl.Int64,
    "log_end_offset": pl.Int64,
    "lag_records": pl.Int64,
}


def folder_of(capture: Path) -> Path:
    """Return the folder beside a capture in which the answers are kept."""
    return capture.with_name(f"{capture.name}.judges")


def parse_log_dirs(text: str) -> pl.DataFrame:
    """Parse LogDirsCommand: the bytes of every replica on every broker.

    Examples
    --------
    >>> text = '''Received log directory information
    ... {"version":1,"brokers":[{"broker":1,"logDirs":[{"logDir":"/d","error":null,
    ... "partitions":[{"partition":"a.b-0","size":7,"offsetLag":0,"isFuture":false}]}]}]}'''
    >>> parse_log_dirs(text.replace(chr(10) + '"', '"')).rows()
    [(1, 'a.b', 0, 7)]
    """
    said = json.loads(next(line for line in text.splitlines() if line.startswith("{")))
    rows = [
        (broker["broker"], *_place(partition["partition"]), partition["size"])
        for broker in said["brokers"]
        for folder in broker["logDirs"]
        for partition in folder["partitions"]
    ]
    return pl.DataFrame(rows, schema=SIZES, orient="row")


def _place(name: str) -> tuple[str, int]:
    topic, _, partition = name.rpartition("-")
    return topic, int(partition)


def parse_offsets(text: str) -> pl.DataFrame:
    """Parse GetOffsetShell: one `topic:partition:offset` a line.

    Examples
    --------
    >>> parse_offsets("a.b:0:12" + chr(10) + "a.b:1:" + chr(10)).rows()
    [('a.b', 0, 12), ('a.b', 1, None)]
    """
    parts = [line.rsplit(":", 2) for line in text.splitlines() if line.count(":") >= 2]
    rows = [(topic, int(partition), int(end) if end else None) for topic, partition, end in parts]
    return pl.DataFrame(rows, schema=ENDS, orient="row")


def parse_groups(text: str) -> pl.DataFrame:
    """Parse ConsumerGroupCommand --describe --offsets: committed and log end offset, lag; "-" is missing.

    Examples
    --------
    >>> text = '''
    ... GROUP  TOPIC  PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG  CONSUMER-ID  HOST  CLIENT-ID
    ... g      t      0          -               5               -    -            -     -
    ... a b    t      1          3               5               2    c-1          /h    c'''
    >>> parse_groups(text).rows()
    [('a b', 't', 1, 3, 5, 2), ('g', 't', 0, None, 5, None)]
    """
    found = (_ROW.fullmatch(line.strip()) for line in text.splitlines())
    rows = [(one[1], one[2], *map(_number, one.groups()[2:])) for one in found if one]
    return pl.DataFrame(rows, schema=COMMITS, orient="row").sort("group", "topic", "partition")


def _number(text: str) -> int | None:
    return None if text == "-" else int(text)


def ask(state: State, cluster: Cluster, *, moment: str, folder: Path) -> None:
    """Ask all judges about a quiet cluster and keep their answers, with their times, in `folder`."""
    where = ["--bootstrap-server", cluster.bootstrap]
    answers = {
        LOG_DIRS_FILE: lambda: parse_log_dirs(run_tool(state, LOG_DIRS, [*where, "--describe"])),
        OFFSETS_FILE: lambda: parse_offsets(run_tool(state, OFFSETS, [*where, "--time", "latest"])),
        GROUPS_FILE: lambda: parse_groups(
            run_tool(state, GROUPS, [*where, "--describe", "--all-groups", "--offsets"])
        ),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, judge in answers.items():
        asked_at = _now()
        rows = judge().rows()
        kept = {
            "cluster": cluster.name,
            "moment": moment,
            "asked_at": asked_at,
            "answered_at": _now(),
            "rows": rows,
        }
        path = folder / f"{moment}.{cluster.name}.{name}"
        path.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")


def _now() -> str:
    return datetime.now(UTC).isoformat()


@dataclass(frozen=True)
class Answer:
    """What a judge said of a cluster, and when it was asked and had answered."""

    cluster: str
    moment: str
    asked_at: datetime
    answered_at: datetime
    rows: pl.DataFrame


def answers(folder: Path, name: str) -> Iterator[Answer]:
    """Read the answers one judge gave, of every cluster and moment."""
    schema = {LOG_DIRS_FILE: SIZES, OFFSETS_FILE: ENDS, GROUPS_FILE: COMMITS}[name]
    for path in sorted(folder.glob(f"*.{name}")):
        kept = json.loads(path.read_text(encoding="utf-8"))
        rows = pl.DataFrame(kept["rows"], schema=schema, orient="row")
        asked_at, answered_at = (datetime.fromisoformat(kept[key]) for key in ("asked_at", "answered_at"))
        yield Answer(kept["cluster"], kept["moment"], asked_at, answered_at, rows)

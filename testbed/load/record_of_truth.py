"""The record of what was sent and received: a JSON line per actor, second and place, a file per process."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

Bucket = tuple[int, str, int | None]


@dataclass
class Sums:
    """What one actor did in one place within one bucket of time."""

    records: int = 0
    bytes: int = 0
    markers: int = 0
    first: int | None = None
    last: int | None = None

    def add(self, records: int, size: int, offset: int) -> None:
        """Count records whose last (or only) one has this offset."""
        self.records += records
        self.bytes += size
        self.first = offset if self.first is None else min(self.first, offset)
        self.last = offset if self.last is None else max(self.last, offset)


class TruthFile:
    """The file of one process, shared by its threads."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._lock = threading.Lock()

    def write(self, rows: Iterable[dict[str, object]]) -> None:
        """Append rows."""
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        with self._lock, self._path.open("a", encoding="utf-8") as out:
            out.write(lines)


@dataclass
class Tally:
    """One actor's counts on one cluster, written to the file when their time is over."""

    file: TruthFile
    cluster: str
    actor: str
    kind: str
    group: str | None = None
    bucket_s: int = 1
    _sums: dict[Bucket, Sums] = field(default_factory=dict)

    def at(self, topic: str, partition: int | None) -> Sums:
        """Return the sums to add to, for now."""
        key = (int(time.time()) // self.bucket_s * self.bucket_s, topic, partition)
        if key not in self._sums:
            self._sums[key] = Sums()
        return self._sums[key]

    def flush(self, *, everything: bool = False) -> None:
        """Write what is older than the current bucket, or everything."""
        now = int(time.time())
        due = [key for key in self._sums if everything or key[0] + self.bucket_s <= now]
        if due:
            self.file.write([self._row(key, self._sums.pop(key)) for key in due])

    def _row(self, key: Bucket, sums: Sums) -> dict[str, object]:
        second, topic, partition = key
        place = {"ts": second, "cluster": self.cluster, "actor": self.actor, "kind": self.kind}
        what = {"topic": topic, "partition": partition, "group": self.group}
        if self.kind == "markers":
            return {**place, **what, "markers": sums.markers}
        counts = {
            "records": sums.records,
            "bytes": sums.bytes,
            "first_offset": sums.first,
            "last_offset": sums.last,
        }
        return {**place, **what, **counts}

    def batches(self, topic: str, *, size: int, count: int) -> None:
        """Write what the client's own statistics say of one interval: bytes and batches on the wire."""
        row = {
            "ts": int(time.time()),
            "cluster": self.cluster,
            "actor": self.actor,
            "kind": "batches",
            "topic": topic,
        }
        self.file.write([{**row, "bytes": size, "batches": count}])

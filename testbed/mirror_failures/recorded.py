"""Record what a trial shows, and write down beside it what was done: the judge of whatever is found in the capture."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from kafka_analysis.live.record.collect import record_capture
from kafka_analysis.model.profile import Profile
from testbed.errors import TestbedError
from testbed.mirror_failures.pair import Clusters
from testbed.waiting import wait_for

INTERVAL_S = 2.0
WITHIN_S = 120
NOTES = ("Recorded from the testbed: MirrorMaker 2 between small clusters.",)
Rounds = Callable[[int], None]


@dataclass(frozen=True)
class Judge:
    """What was provoked and where; ``failure`` is None where nothing was. Moments are UTC, in ISO 8601.

    ``topic`` is its name at the source. ``patterns``: of each flow, what it is part of. ``moments`` are named after
    what happened, ``counts`` after what was counted.
    """

    failure: str | None
    topic: str
    partition: int | None = None
    group: str | None = None
    connector: str | None = None
    task: int | None = None
    principals: tuple[str, ...] = ()
    moments: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    patterns: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        path.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")


def moment() -> str:
    """Return now."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


@contextmanager
def recording(clusters: Clusters, out: Path, *, profile: Profile | None = None) -> Iterator[Rounds]:
    """Record all clusters during the block, which begins after the first round; it can wait for more rounds.

    ``profile``: how they are read, where it is not as usual.

    Raises
    ------
    TestbedError
        If the capture fails, or a round does not come.
    """
    stop, rounds, errors = threading.Event(), list[object](), list[Exception]()

    def record() -> None:
        try:
            record_capture(
                profile or clusters.profile(), out, duration_s=None, interval_s=INTERVAL_S, stop=stop,
                on_progress=rounds.append, notes=NOTES,
            )  # fmt: skip
        except Exception as error:  # noqa: BLE001 - told to the main thread, which cannot see it otherwise
            errors.append(error)

    def wait(count: int) -> None:
        wanted = len(rounds) + count
        wait_for(lambda: bool(errors) or len(rounds) >= wanted, f"{count} rounds of {out}", within_s=WITHIN_S)
        _check(errors)

    thread = threading.Thread(target=record, name="capture", daemon=True)
    thread.start()
    try:
        wait(1)
        yield wait
    finally:
        stop.set()
        thread.join()
    _check(errors)


def _check(errors: list[Exception]) -> None:
    if errors:
        message = f"the capture failed: {errors[0]}"
        raise TestbedError(message) from errors[0]

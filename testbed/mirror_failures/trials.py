"""All trials by the names of their captures, and how they are recorded on clusters that are started once."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue

from testbed.errors import TestbedError
from testbed.mirror_failures import healthy, of_groups, of_positions, of_tasks, of_topics
from testbed.mirror_failures.pair import Pair, clear, running_pair
from testbed.mirror_failures.recorded import Judge

Trial = Callable[[Pair, Path], dict[str, Judge]]
TRIALS: Mapping[str, Trial] = {
    trial.__name__: trial
    for trial in (
        of_positions.retention_overtook,
        of_positions.topic_recreated,
        of_positions.restarted_without_offsets,
        of_tasks.task_stopped,
        of_tasks.old_timestamps_refused,
        of_topics.partitions_added,
        of_topics.acls_not_carried,
        of_topics.loop,
        of_groups.group_active_on_target,
        of_groups.sink_connector_group,
        of_groups.checkpoints_without_syncs,
        of_groups.checkpoints_without_syncs_connect,
        of_groups.identity_on_one_connector,
        healthy.healthy_restarted,
        healthy.healthy,
        healthy.healthy_default_policy,
        healthy.healthy_active_active,
        healthy.healthy_connect,
    )
}
Say = Callable[[str], None]
Waiting = SimpleQueue[str]
PAIRS = 3


def chosen(names: Collection[str]) -> list[str]:
    """Return the names of the trials to record, all of them where none is named.

    Raises
    ------
    TestbedError
        If there is no trial of a name.

    Examples
    --------
    >>> chosen(["task_stopped"])
    ['task_stopped']
    """
    unknown = sorted(set(names) - set(TRIALS))
    if unknown:
        message = f"no trial {', '.join(unknown)}: choose among {', '.join(TRIALS)}"
        raise TestbedError(message)
    return [name for name in TRIALS if not names or name in names]


def record(folder: Path, names: Collection[str], *, run_dir: Path, pairs: int = PAIRS, say: Say) -> None:
    """Record trials into `folder`, on pairs of clusters side by side, each pair taking one trial after another.

    A capture and its judge appear in `folder` when they are complete, and not before.

    Raises
    ------
    TestbedError
        If a capture is there already, a tool is missing, or a trial does not go as it should: then no other is begun.
    """
    folder.mkdir(parents=True, exist_ok=True)
    waiting: Waiting = SimpleQueue()
    for name in names:
        waiting.put(name)
    with ThreadPoolExecutor(pairs) as pool:
        dirs = [run_dir / str(number) for number in range(min(pairs, len(names)))]
        done = [pool.submit(_record_each, waiting, folder, run_dir=path, say=say) for path in dirs]
        try:
            for future in as_completed(done):
                future.result()
        finally:
            _empty(waiting)


def _record_each(waiting: Waiting, folder: Path, *, run_dir: Path, say: Say) -> None:
    began = time.monotonic()
    with running_pair(run_dir) as pair, suppress(Empty):
        say(f"clusters up after {time.monotonic() - began:.0f} s")
        while True:
            name = waiting.get_nowait()
            began = time.monotonic()
            record_one(pair, name, folder)
            say(f"{name}: {time.monotonic() - began:.0f} s")


def _empty(waiting: Waiting) -> None:
    with suppress(Empty):
        while True:
            waiting.get_nowait()


def record_one(pair: Pair, name: str, folder: Path) -> None:
    """Record one trial on clusters that run, after whatever was before it is deleted."""
    unfinished = pair.state.run_dir / "captures"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    clear(pair)
    for capture, judge in TRIALS[name](pair, unfinished).items():
        if (folder / capture).exists():
            message = f"{folder / capture} exists already: choose another folder"
            raise TestbedError(message)
        judge.write(folder / f"{capture}.json")
        shutil.move(unfinished / capture, folder / capture)

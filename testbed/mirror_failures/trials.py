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
from testbed.mirror_failures import (
    healthy,
    of_groups,
    of_positions,
    of_retention,
    of_tasks,
    of_topics,
    patterns,
)
from testbed.mirror_failures.pair import Clusters, Pair, clear, running_clusters, running_pair, three_clusters
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
# On three clusters, which delete at once what is too old.
ON_THREE: Mapping[str, Callable[[Clusters, Path], dict[str, Judge]]] = {
    trial.__name__: trial
    for trial in (
        of_retention.retention_announced,
        patterns.aggregation,
        patterns.fan_out,
        patterns.geo_locality,
    )
}
ALL = (*TRIALS, *ON_THREE)
Say = Callable[[str], None]
Waiting = SimpleQueue[str]
Recorder = Callable[[str, Path], dict[str, Judge]]
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
    unknown = sorted(set(names) - set(ALL))
    if unknown:
        message = f"no trial {', '.join(unknown)}: choose among {', '.join(ALL)}"
        raise TestbedError(message)
    return [name for name in ALL if not names or name in names]


def record(folder: Path, names: Collection[str], *, run_dir: Path, pairs: int = PAIRS, say: Say) -> None:
    """Record trials into `folder`, on clusters side by side, which take one trial after another.

    There are so many pairs of clusters, and three clusters for the trials that need as many. A capture and its judge
    appear in `folder` when they are complete, and not before.

    Raises
    ------
    TestbedError
        If a capture is there already, a tool is missing, or a trial does not go as it should: then no other is begun.
    """
    folder.mkdir(parents=True, exist_ok=True)
    on_two, on_three = _waiting(names, TRIALS), _waiting(names, ON_THREE)
    with ThreadPoolExecutor(pairs + 1) as pool:
        dirs = [run_dir / str(number) for number in range(min(pairs, on_two.qsize()))]
        done = [pool.submit(_record_on_two, on_two, folder, run_dir=path, say=say) for path in dirs]
        if not on_three.empty():
            done.append(pool.submit(_record_on_three, on_three, folder, run_dir=run_dir / "three", say=say))
        try:
            for future in as_completed(done):
                future.result()
        finally:
            _empty(on_two)
            _empty(on_three)


def _waiting(names: Collection[str], trials: Mapping[str, object]) -> Waiting:
    waiting: Waiting = SimpleQueue()
    for name in names:
        if name in trials:
            waiting.put(name)
    return waiting


def _record_on_two(waiting: Waiting, folder: Path, *, run_dir: Path, say: Say) -> None:
    began = time.monotonic()
    with running_pair(run_dir) as pair:
        say(f"two clusters up after {time.monotonic() - began:.0f} s")
        _record_each(waiting, pair, lambda name, unfinished: TRIALS[name](pair, unfinished), folder, say)


def _record_on_three(waiting: Waiting, folder: Path, *, run_dir: Path, say: Say) -> None:
    began = time.monotonic()
    with running_clusters(run_dir, three_clusters()) as clusters:
        say(f"three clusters up after {time.monotonic() - began:.0f} s")
        _record_each(
            waiting, clusters, lambda name, unfinished: ON_THREE[name](clusters, unfinished), folder, say
        )


def _record_each(waiting: Waiting, clusters: Clusters, trial: Recorder, folder: Path, say: Say) -> None:
    with suppress(Empty):
        while True:
            name = waiting.get_nowait()
            began = time.monotonic()
            _record_one(clusters, name, trial, folder)
            say(f"{name}: {time.monotonic() - began:.0f} s")


def _empty(waiting: Waiting) -> None:
    with suppress(Empty):
        while True:
            waiting.get_nowait()


def _record_one(clusters: Clusters, name: str, trial: Recorder, folder: Path) -> None:
    """Record one trial on clusters that run, after whatever was before it is deleted."""
    unfinished = clusters.state.run_dir / "captures"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    clear(clusters)
    for capture, judge in trial(name, unfinished).items():
        if (folder / capture).exists():
            message = f"{folder / capture} exists already: choose another folder"
            raise TestbedError(message)
        judge.write(folder / f"{capture}.json")
        shutil.move(unfinished / capture, folder / capture)

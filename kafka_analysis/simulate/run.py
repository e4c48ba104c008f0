"""Make up a capture of any size: a few scrapes at a time, so that memory does not grow with the length."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kafka_analysis.capture.files import removed_on_error
from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.model.manifest import ClusterInfo, Gap, SourceInfo
from kafka_analysis.simulate import planted
from kafka_analysis.simulate.cluster import SimulatedCluster, Stretch
from kafka_analysis.simulate.demand import records_sent
from kafka_analysis.simulate.layout import draw_business, layouts
from kafka_analysis.simulate.mirror_tables import mirror_tables
from kafka_analysis.simulate.plan import Plan, plan_of
from kafka_analysis.simulate.planted import declared_files, write_declared
from kafka_analysis.simulate.samples import ScrapedSamples
from kafka_analysis.simulate.schedule import Absence, Schedule, draw_schedule
from kafka_analysis.simulate.tables import DescribedTables, TruthRows, events_table

ROWS_AT_ONCE = 150_000
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Simulated:
    """How far a simulation is, for showing."""

    step: int
    steps: int
    samples: int


class _Recorder:
    """Writes down what one cluster says at each scrape."""

    def __init__(self, plan: Plan, schedule: Schedule, cluster: SimulatedCluster) -> None:
        self.cluster = cluster
        self.source = cluster.layout.role != "target"
        self._schedule = schedule
        self._samples = ScrapedSamples(plan, cluster.layout, mirror_from=schedule.mirror_from)
        self._tables = DescribedTables(plan, cluster)
        self._truth, self._with_truth = TruthRows(plan, cluster), plan.with_truth

    def write(self, writer: CaptureWriter, stretch: Stretch, source: Stretch) -> int:
        """Write the rows of some scrapes, ``source`` those of the source, and return how many samples they hold."""
        brokers, steps = self.cluster.layout.brokers, stretch.steps
        answered = np.ones((len(steps), brokers), dtype=np.bool_)
        if self.source:
            answered = self._schedule.answered(brokers, steps)
        rows = self._samples.of(stretch, answered)
        writer.add_samples(rows)
        times = self._samples.times(steps)
        tables = self._tables.of(stretch, times)
        if not self.source and (begins := self._schedule.mirror_from) is not None:
            tables |= mirror_tables(
                source, self.cluster.layout, times=times, mirror_from=begins, last=self._schedule.steps
            )
        if self._with_truth:
            tables["truth"] = self._truth.of(stretch, self._samples.times(steps - 1))
        for name, table in tables.items():
            if len(table):
                writer.add_table(name, table)
        return len(rows)


def simulate_capture(
    out: str | Path, *, brokers: int, partitions: int, seed: int = 7, **options: Any
) -> Path:
    """Make up a capture in which what there is to find is known.

    Parameters
    ----------
    out
        Folder of the new capture; absent or empty.
    brokers, partitions
        How many of each; partitions of business topics.
    seed
        The same arguments with the same seed give the same rows.
    **options
        The other values of :class:`Plan`: ``topics``, ``groups``, ``duration`` (seconds or "2h"), ``interval``,
        ``racks``, ``replication_factor``, ``cells``, ``hot_brokers``, ``skewed_topics``, ``resets``, ``gaps``,
        ``lagging_groups``, ``effects`` …

    Returns
    -------
    Path
        The capture's folder; what was planted is beside it, in the file :func:`planted_file` names, and with ``teams``
        what their users would declare: ``<out>.ownership.csv`` and ``<out>.flows.csv``.

    Raises
    ------
    InputError
        An option is unknown, wrong or contradicts another; nothing is written.
    CaptureExistsError
        The folder is taken.

    Examples
    --------
    >>> import tempfile
    >>> from kafka_analysis import read_capture
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = simulate_capture(f"{folder}/c", brokers=3, partitions=6, topics=2, duration="10m")
    ...     capture = read_capture(made)
    ...     capture.manifest.synthetic, capture.table("offsets")["ts"].n_unique()
    (True, 11)
    """
    plan = plan_of({"brokers": brokers, "partitions": partitions, "seed": seed, **options})
    return simulate_plan(out, plan)


def simulate_plan(
    out: str | Path, plan: Plan, *, on_progress: Callable[[Simulated], None] | None = None
) -> Path:
    """Make up the capture of a plan.

    Parameters
    ----------
    on_progress
        Told after every few scrapes.

    Raises
    ------
    InputError, CaptureExistsError
        What is planted cannot be had together, or the folder is taken; nothing is written.

    Examples
    --------
    >>> import tempfile
    >>> plan = plan_of({"brokers": 3, "partitions": 6, "topics": 2, "duration": "10m"})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     simulate_plan(f"{folder}/c", plan).name
    'c'
    """
    path = Path(out)
    business, schedule = draw_business(plan), draw_schedule(plan)
    clusters = [SimulatedCluster(plan, schedule, layout, business) for layout in layouts(plan, business)]
    note = f"Simulated: made up with seed {plan.seed}, not recorded."
    with CaptureWriter(path, synthetic=True, notes=[note], keep_unfinished=False) as writer:
        recorders = [_Recorder(plan, schedule, cluster) for cluster in clusters]
        samples = 0
        for steps in schedule.chunks(_scrapes_at_once(plan)):
            sent = records_sent(plan, business, schedule, steps)
            stretches = [recorder.cluster.advance(steps, sent) for recorder in recorders]
            for recorder, stretch in zip(recorders, stretches, strict=True):
                samples += recorder.write(writer, stretch, stretches[0])
            _hand_over(clusters, schedule, int(steps[-1]))
            if on_progress:
                on_progress(Simulated(int(steps[-1]), plan.steps, samples))
        writer.add_table(
            "events", events_table(planted.timeline(plan, schedule), cluster=clusters[0].layout.name)
        )
        with removed_on_error(planted.planted_file(path), *declared_files(path, business)):
            planted.write_planted(path, planted.describe_planted(plan, schedule, business, clusters))
            write_declared(path, plan, business)
            writer.finish(
                window=(plan.moment(0), plan.moment(plan.steps)),
                clusters=[ClusterInfo(cluster=c.layout.name, role=c.layout.role) for c in clusters],
                sources=[source for c in clusters for source in _sources(plan, schedule, c)],
                capture_id=planted.capture_id(plan),
            )
    return path


def _scrapes_at_once(plan: Plan) -> int:
    series = (
        plan.partitions * (2 * plan.replication_factor + plan.groups // plan.topics + 3) + 5 * plan.brokers
    )
    return max(ROWS_AT_ONCE // series, 1)


def _hand_over(clusters: list[SimulatedCluster], schedule: Schedule, step: int) -> None:
    """Let the groups of the cells that take over at a scrape begin where they stand on the source."""
    for number, cut in enumerate(schedule.cutovers):
        if cut == step:
            cell = clusters[1 + number]
            cell.take_over(clusters[0].lag_at_end()[cell.layout.pairs])


def _sources(plan: Plan, schedule: Schedule, cluster: SimulatedCluster) -> list[SourceInfo]:
    """Say who was asked how often, as a recording would; the mirror from its start."""
    name, target = cluster.layout.name, cluster.layout.role == "target"
    brokers = [
        _source(
            plan, name, "jmx", [] if target else [m for m in schedule.missed if m.broker == b], broker=b + 1
        )
        for b in range(cluster.layout.brokers)
    ]
    mirror = [_source(plan, name, "mirror", [], first=schedule.mirror_from or 0)] if target else []
    return [*brokers, *mirror, _source(plan, name, "offsets", [])]


def _source(
    plan: Plan, cluster: str, kind: str, missed: list[Absence], *, broker: int | None = None, first: int = 0
) -> SourceInfo:
    failed = sum(gap.last - gap.first + 1 for gap in missed)
    attempts = plan.steps + 1 - first
    gaps = [
        Gap(start=plan.moment(gap.first), end=plan.moment(gap.last + 1), reason="simulated: no answer")
        for gap in sorted(missed, key=lambda gap: gap.first)
    ]
    return SourceInfo(
        kind=kind,
        cluster=cluster,
        broker=broker,
        address="simulated",
        interval_s=plan.interval,
        attempts=attempts,
        ok=attempts - failed,
        failed=failed,
        gaps=tuple(gaps),
    )

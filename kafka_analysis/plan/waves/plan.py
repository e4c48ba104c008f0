"""Plan the waves of a migration: which topics and clients cut over together, and when."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from kafka_analysis.model.frames import Frame
from kafka_analysis.plan.waves import wave_contents as contents
from kafka_analysis.plan.waves.checklist import checklists
from kafka_analysis.plan.waves.input import check_cells, check_flows, check_topics
from kafka_analysis.plan.waves.options import WaveOptions
from kafka_analysis.plan.waves.problem import build, by_load
from kafka_analysis.plan.waves.remarks import assumptions_of, warnings_of
from kafka_analysis.plan.waves.schedule import schedule
from kafka_analysis.plan.waves.search import search


@dataclass(frozen=True)
class WavePlan:
    """Waves in the order in which they cut over; an unknown number is null, never 0, and times are UTC.

    - ``topic_waves``: ``topic``, ``cell``, ``wave`` (from 1).
    - ``client_waves``: ``client``, ``kind``, ``wave`` (the last that moves a topic of it), ``waves``, ``bridged_waves``
      (so many waves it uses source and target at once), ``topics_that_stay``, ``criticality``, ``team``,
      ``application``, ``evidence``.
    - ``group_cells``: ``wave``, ``cell``, ``group``: where the groups of a wave find topics of it.
    - ``waves``: ``topics``, ``clients``, ``clients_bridged`` (at both ends once it is done), ``critical_clients``, what
      its topics take in, give out and store (one copy), its shares of all bytes in and clients, the larger of the two
      as ``risk_share``, and its times.
    - ``steps``: ``wave``, ``phase``, ``start``, ``end``, ``end_low``, ``end_high``: a Gantt chart.
    - ``retention``: topics that delete records too early: ``reason``, ``retention_s``, ``needed_s``.
    - ``checklists``: the text to follow for each wave, Markdown.
    """

    topic_waves: pl.DataFrame
    client_waves: pl.DataFrame
    group_cells: pl.DataFrame
    waves: pl.DataFrame
    steps: pl.DataFrame
    retention: pl.DataFrame
    checklists: Mapping[int, str]
    warnings: tuple[str, ...]
    assumptions: tuple[str, ...]
    options: WaveOptions

    @property
    def bridged_waves(self) -> int:
        """Return what the order keeps small: for each client the waves in which it uses both ends, added up."""
        return int(self.client_waves["bridged_waves"].sum())


def plan_waves(cells: Frame, flows: Frame, topics: Frame, **options: Any) -> WavePlan:
    """Plan which topics and clients cut over together and when, so that few clients use both ends for long.

    Parameters
    ----------
    cells
        ``topic``, ``cell``: what moves where. Topics that are not named stay at the source.
    flows
        ``client``, ``kind`` (``producer`` or ``group``), ``topic``; optional ``evidence``, ``criticality``, ``team``,
        ``application``.
    topics
        ``topic``, ``bytes_in_per_s``, ``bytes_out_per_s``, ``size_bytes`` (all replicas); optional ``team``,
        ``retention_ms`` (−1: without end), ``cleanup_policy``, ``replication_factor``.
    **options
        Those that follow; types and defaults are those of
        :class:`kafka_analysis.plan.waves.options.WaveOptions`.

    Other Parameters
    ----------------
    start
        When the first copy may begin, UTC.
    max_share_per_wave, max_bytes_in_per_s_per_wave
        What the topics of a wave take in at most, as a share of all that move and in bytes.
    max_clients_per_wave, max_topics_per_wave
        How many at most; a client counts in every wave that moves a topic of it.
    max_backfill_s
        How long the copy of a wave may take at the most, with the bandwidth that is counted on.
    first_wave_share
        A pilot: the first wave takes at most this share of bytes in and of clients (at least one client).
    move_last
        Topics of clients of these criticalities come after all others; no others share a wave with them but where the
        one sort ends and the other begins.
    together
        Sets of names that move in one wave: topics, or clients, which stand for all topics they use. See
        :func:`kafka_analysis.plan.waves.topic_groups.topic_groups_of`.
    wave_weight
        One more wave is worth it if it saves more than so many clients a wave at both ends.
    replication_bytes_per_s
        What the replicator carries in all; None: unknown, and so is how long copies take.
    bandwidth_uncertainty
        By this share the bandwidth may fall short; the calendar waits for the copy even then (0.25: a choice).
    arriving_share
        Share of the bandwidth that arriving records may take (0.5: a choice, by which a copy takes at most twice as
        long as without them).
    replicate_in_parallel
        Begin to copy a wave as soon as the one before is copied, not only when it is cut over.
    replication_factor
        Copies of the topics for which ``topics`` tells none; ``size_bytes`` is divided by it.
    holding_s
        So long a standstill of the replicator is to lose no record.
    freezes
        [start, end), in which no cut-over may be.
    cutover_s, cutover_hours, cutover_days
        How long a cut-over is given; between which hours of the day, UTC (the later may be the next morning); on which
        days those hours may begin (``Mon`` … ``Sun``).
    soak_s
        Between the end of a cut-over and the next, in which a wave can be rolled back.
    seed
        Same input, same seed, same plan.

    Returns
    -------
    WavePlan
        Read ``waves`` first, then ``retention`` and ``warnings``. A client of which the topics are in several waves
        uses source and target at once from its first to its last: ``client_waves["bridged_waves"]``.

    Raises
    ------
    InputError
        Names, numbers or options are wrong, or a set of topics is larger than a wave may be; the message says what
        would do.

    Notes
    -----
    Sought is the order with the least sum over clients of (waves between first and last, and 1 if there are any), plus
    ``wave_weight`` for each wave; teams break ties. Waves are filled with the topics whose clients are already on the
    way, then topics, pairs and whole waves change places while that saves anything; of several beginnings the best is
    taken. Copying takes stored bytes of one copy ÷ (bandwidth − bytes in).

    Examples
    --------
    >>> topics = pl.DataFrame({"topic": ["a", "b", "c", "d"], "bytes_in_per_s": 1e6, "bytes_out_per_s": 1e6,
    ...     "size_bytes": 3e9})
    >>> cells = topics.select("topic", cell=pl.lit("cell-1"))
    >>> flows = pl.DataFrame({"client": ["x", "x", "y", "y"], "kind": "group", "topic": ["a", "c", "b", "d"]})
    >>> plan = plan_waves(cells, flows, topics, start="2026-01-05", max_share_per_wave=0.5,
    ...     replication_bytes_per_s=12e6)
    >>> plan.topic_waves.rows()
    [('a', 'cell-1', 1), ('b', 'cell-1', 2), ('c', 'cell-1', 1), ('d', 'cell-1', 2)]
    >>> plan.bridged_waves, plan.waves["backfill_s"].to_list()
    (0, [200.0, 200.0])
    """
    chosen = WaveOptions(**options)
    placed = check_cells(cells)
    moved = check_topics(topics, placed, replication_factor=chosen.replication_factor)
    used = check_flows(flows, topics)
    ranked = by_load(moved)
    problem = build(ranked, used.join(moved, on="topic", how="semi"), chosen)
    order = search(problem, seed=chosen.seed)[problem.group]
    waves = ranked.with_columns(wave=pl.Series(order + 1, dtype=pl.Int32)).sort("topic")
    return _result(waves, used, chosen)


def _result(topics: pl.DataFrame, flows: pl.DataFrame, options: WaveOptions) -> WavePlan:
    slots = schedule(contents.amounts_of(topics), options)
    clients = contents.client_waves(flows, topics)
    waves = contents.wave_rows(topics, clients, slots)
    gaps = contents.retention_gaps(topics, waves, options)
    groups = contents.group_cells(flows, topics)
    return WavePlan(
        topic_waves=topics.select(*contents.TOPIC_WAVES),
        client_waves=clients,
        group_cells=groups,
        waves=waves,
        steps=contents.steps_of(slots),
        retention=gaps,
        checklists=checklists(topics, clients, groups, waves, gaps, options),
        warnings=warnings_of(topics, clients, waves, gaps, options),
        assumptions=assumptions_of(options),
        options=options,
    )

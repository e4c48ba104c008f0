"""The waves of all sources as frames and files: what figures, tables and people need."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

import polars as pl

from kafka_analysis.plan.common.outcome import Outcome, plans_of, stacked
from kafka_analysis.plan.waves.files import wave_files
from kafka_analysis.plan.waves.plan import WavePlan
from kafka_analysis.plan.waves.wave_contents import CLIENT_WAVES, RETENTION, STEPS, TOPIC_WAVES, WAVES

_FRAMES = {"topic_waves": TOPIC_WAVES, "client_waves": CLIENT_WAVES, "waves": WAVES, "steps": STEPS,
           "retention": RETENTION}  # fmt: skip


def wave_frames(outcomes: Sequence[Outcome[WavePlan]]) -> dict[str, pl.DataFrame]:
    """Return the plans of all sources as frames, each with ``cluster`` first: what figures and tables are made of.

    Examples
    --------
    >>> frames = wave_frames([Outcome("c", unknown="no cells are given")])
    >>> list(frames), frames["waves"].height
    (['topic_waves', 'client_waves', 'waves', 'steps', 'retention'], 0)
    """
    return {name: stacked(outcomes, attrgetter(name), schema) for name, schema in _FRAMES.items()}


def source_wave_files(outcomes: Sequence[Outcome[WavePlan]]) -> dict[str, dict[str, str]]:
    """Return the files of every source that has a plan: cluster → name → text.

    Examples
    --------
    >>> source_wave_files([Outcome("c", unknown="no cells are given")])
    {}
    """
    return {cluster: wave_files(plan) for cluster, plan in plans_of(outcomes).items()}


def wave_notes(outcomes: Sequence[Outcome[WavePlan]]) -> list[str]:
    """Return what the plans take for granted, a sentence each.

    Examples
    --------
    >>> wave_notes([Outcome("c", unknown="no cells are given")])
    []
    """
    return list(dict.fromkeys(note for plan in plans_of(outcomes).values() for note in plan.assumptions))

"""What is read first: red before amber before grey, and the cut-over before the rest while a wave is under way."""

from collections.abc import Iterable, Sequence

from kafka_analysis.model.findings import Light
from kafka_analysis.model.summary import Summary

CUTOVER = "60_cutover_readiness"
_LIGHTS = (Light.RED, Light.AMBER, Light.GREY, Light.GREEN)
_SUBJECTS = {  # in the order in which they are read at the same light
    "cut-over": (CUTOVER, "50_replication"),
    "traffic and consumers": ("75_consumer_lag", "70_throughput_before_after"),
    "cells": ("48_migration_waves", "45_msk_sizing", "40_cluster_split"),
    "load": ("30_rebalance_plan", "20_partition_skew"),
    "inventory": ("10_inventory", "00_start_here"),
}
_ORDER = [name for names in _SUBJECTS.values() for name in names]
_STAGES_UNDER_WAY = ("producers stopped", "consumers stopped")


def worst(lights: Iterable[Light]) -> Light:
    """Return the worst of some lights; grey of none, because then nothing is known.

    Examples
    --------
    >>> worst([Light.GREEN, Light.GREY, Light.AMBER]).value, worst([]).value
    ('amber', 'grey')
    """
    return min(lights, key=_LIGHTS.index, default=Light.GREY)


def subject_of(notebook: str) -> str:
    """Return what a notebook is about; one that is not known is a subject of its own.

    Examples
    --------
    >>> subject_of("50_replication"), subject_of("99_own")
    ('cut-over', '99_own')
    """
    return next((subject for subject, names in _SUBJECTS.items() if notebook in names), notebook)


def subject_place(notebook: str) -> int:
    """Return the place of a notebook's subject in reading order; subjects that are not known share the last.

    Examples
    --------
    >>> subject_place("60_cutover_readiness"), subject_place("50_replication"), subject_place("99_own")
    (0, 0, 5)
    """
    names = [*_SUBJECTS]
    subject = subject_of(notebook)
    return names.index(subject) if subject in names else len(names)


def is_wave_under_way(summaries: Sequence[Summary]) -> bool:
    """Return whether the cut-over was asked for one wave, or at a gate at which clients are stopped already.

    Examples
    --------
    >>> is_wave_under_way([])
    False
    """
    asked = [summary.parameters for summary in summaries if summary.notebook == CUTOVER]
    return any(p.get("wave") is not None or p.get("stage") in _STAGES_UNDER_WAY for p in asked)


def reading_order(light: Light, notebook: str, *, cutover_first: bool = False) -> tuple[bool, int, int, str]:
    """Return what to sort by: the cut-over first if asked for, then by light, subject and notebook.

    Examples
    --------
    >>> reading_order(Light.RED, "20_partition_skew") < reading_order(Light.AMBER, "60_cutover_readiness")
    True
    >>> late = reading_order(Light.AMBER, "60_cutover_readiness", cutover_first=True)
    >>> late < reading_order(Light.RED, "20_partition_skew", cutover_first=True)
    True
    """
    is_first = cutover_first and subject_of(notebook) == "cut-over"
    place = _ORDER.index(notebook) if notebook in _ORDER else len(_ORDER)
    return (not is_first, _LIGHTS.index(light), place, notebook)

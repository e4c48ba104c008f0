"""What else one could do: cells by team, by size alone, by chance; each measured like the plan."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from kafka_analysis.plan.split.cell_limits import Limits, group_loads
from kafka_analysis.plan.split.summary import summarise
from kafka_analysis.plan.split.topic_groups import TopicGroups
from kafka_analysis.plan.split.topics_and_flows import TopicsAndFlows

ALTERNATIVES = {
    "alternative": pl.String, "clients_in_extra_cells": pl.Int64, "cross_cell_share": pl.Float64,
    "worst_client_share": pl.Float64, "worst_byte_share": pl.Float64, "fullest": pl.Float64,
    "keeps_limits": pl.Boolean,
}  # fmt: skip
PLAN, TEAM, SIZE, CHANCE, BEFORE = "this plan", "by team", "by size only", "at random", "the plan before"
_SLACK = 1 + 1e-9


def alternatives(
    source: TopicsAndFlows, cells: pl.DataFrame, groups: TopicGroups, limits: Limits, *, seed: int
) -> pl.DataFrame:
    """Compare the plan with what else one could do with as many cells.

    By team: each team whole, the largest into the emptiest cell. By size only: the largest piece into the emptiest
    cell, clients not looked at. At random: each piece anywhere. What must stay together stays together in each.

    Returns
    -------
    polars.DataFrame
        The plan first. ``fullest``: the highest load ÷ limit, above 1: a limit is broken.
    """
    rows, names = [_row(PLAN, source, cells, limits)], limits.cells
    for name, of_group in _others(source, groups, limits, len(names), seed):
        where = pl.Series([names[k] for k in of_group[groups.of_topic]], dtype=pl.String)
        rows.append(_row(name, source, source.topics.select("topic", cell=where), limits))
    return pl.DataFrame(rows, schema=ALTERNATIVES, orient="row")


def _row(name: str, source: TopicsAndFlows, cells: pl.DataFrame, limits: Limits) -> tuple[object, ...]:
    summary = summarise(source, cells, limits)
    crowded = summary.blast["clients"].max() or 0
    keeps = (summary.fullest or 0.0) <= _SLACK and crowded <= limits.clients
    return name, *(getattr(summary, figure) for figure in list(ALTERNATIVES)[1:-1]), keeps


def _others(
    source: TopicsAndFlows, groups: TopicGroups, limits: Limits, count: int, seed: int
) -> Iterator[tuple[str, np.ndarray]]:
    amounts = np.array([limits.amount[name].max() for name in source.resources])
    load = np.nan_to_num(group_loads(source, groups) / amounts)
    if source.topics["team"].null_count() == 0:
        teams = np.unique(source.topics["team"].to_numpy().astype(str), return_inverse=True)[1]
        of_group = np.zeros(groups.count, np.int64)
        of_group[groups.of_topic[::-1]] = teams[::-1]  # a group goes with its first topic's team
        yield TEAM, _emptiest_first(load, of_group, count)
    yield SIZE, _emptiest_first(load, np.arange(groups.count), count)
    yield CHANCE, np.random.default_rng(seed).integers(count, size=groups.count)
    if (groups.home >= 0).all():
        yield BEFORE, groups.home


def _emptiest_first(load: np.ndarray, bundles: np.ndarray, count: int) -> np.ndarray:
    """Put each bundle whole into the cell that it fills least, the largest bundle first."""
    takes = np.zeros((bundles.max() + 1, load.shape[1]))
    np.add.at(takes, bundles, load)
    carried, cell = np.zeros((count, load.shape[1])), np.zeros(len(takes), np.int64)
    for bundle in np.argsort(-takes.sum(axis=1), kind="stable"):
        k = int((carried + takes[bundle]).max(axis=1).argmin())
        cell[bundle], carried[k] = k, carried[k] + takes[bundle]
    return cell[bundles]

"""Why a topic is where it is: pins and sets of topics, where its clients are, and what stands against another cell."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from kafka_analysis.plan.split.annealing import Model
from kafka_analysis.plan.split.search import other_places
from kafka_analysis.plan.split.summary import clients_of
from kafka_analysis.plan.split.topic_groups import TopicGroups
from kafka_analysis.plan.split.topics_and_flows import TopicsAndFlows
from kafka_analysis.stats.cutover.counted import counted

REASONS = {
    "topic": pl.String, "cell": pl.String, "why": pl.String, "clients": pl.Int64, "clients_at_home": pl.Int64,
    "next_best_cell": pl.String, "next_best_costs": pl.Float64,
}  # fmt: skip
_BROKEN = 1e-9


def reasons(
    source: TopicsAndFlows, model: Model, groups: TopicGroups, cell: np.ndarray, names: Sequence[str]
) -> pl.DataFrame:
    """Say of every topic why it is in its cell.

    Returns
    -------
    polars.DataFrame
        ``topic``, ``cell``, ``why`` in words, ``clients`` and how many of them are at home in the cell,
        ``next_best_cell`` and what the topic would cost more there, in clients that touch one more cell (null: no other
        cell may take it).
    """
    tempting, broken = other_places(model, cell)
    tempting[np.arange(len(cell)), cell] = np.inf
    cost = np.where((broken > _BROKEN) | (model.pinned >= 0)[:, None], np.inf, tempting)
    nearest, unit = cost.argmin(axis=1), max(model.weights[0], 1e-12)
    cheapest = cost[np.arange(len(cell)), nearest] / unit
    of = groups.of_topic
    rows = pl.DataFrame(
        {
            "topic": source.topics["topic"],
            "cell": [names[k] for k in cell[of]],
            "next_best_cell": [names[k] for k in nearest[of]],
            "next_best_costs": cheapest[of],
            "pinned": model.pinned[of] >= 0,
            "family": np.bincount(of, minlength=len(cell))[of],
            "wanted": [names[k] for k in tempting.argmin(axis=1)[of]],
            "is_tempted": tempting.min(axis=1)[of] < -_BROKEN,
        }
    )
    rows = rows.with_columns(
        next_best_cell=pl.when(pl.col("next_best_costs").is_finite()).then("next_best_cell"),
        next_best_costs=pl.when(pl.col("next_best_costs").is_finite()).then("next_best_costs"),
    )
    homes = source.flows.join(
        clients_of(source, rows.select("topic", "cell")).select("client", "home_cell"), on="client"
    )
    at_home = pl.col("home_cell") == pl.col("cell")
    of_topics = (
        homes.unique(["client", "topic"])
        .join(rows.select("topic", "cell"), on="topic")
        .group_by("topic")
        .agg(clients=pl.len().cast(pl.Int64), clients_at_home=at_home.sum().cast(pl.Int64))
    )
    rows_with_clients = rows.join(of_topics, on="topic", how="left", maintain_order="left").with_columns(
        pl.col("clients", "clients_at_home").fill_null(0)
    )
    return rows_with_clients.with_columns(why=_words()).select(*REASONS)


def _words() -> pl.Expr:
    clients, here = pl.col("clients"), pl.col("clients_at_home")
    together = pl.format("; it stays with {}", counted(pl.col("family") - 1, "other topic"))
    kept = pl.when(pl.col("family") > 1).then(together).otherwise(pl.lit(""))
    nobody = pl.lit("no known client: it is placed in a cell that has room")
    shared = pl.format("this is the home of {} of its {}", here, counted(clients, "client"))
    full = pl.format("this is the home of {} of its {}; {} would be better for the plan, but has no room for it",
        here, counted(clients, "client"), pl.col("wanted"))  # fmt: skip
    words = (
        pl.when(pl.col("pinned")).then(pl.lit("it is pinned here"))
        .when(clients == 0).then(nobody)
        .when(pl.col("is_tempted")).then(full)
        .when((clients == 1) & (here == 1)).then(pl.lit("this is the home of its only client"))
        .otherwise(shared)
    )  # fmt: skip
    return pl.concat_str(words, kept)

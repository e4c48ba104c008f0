"""Plan the rebalance of every cluster of a capture: what moves, in which batches, and what more bytes would buy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from glob import escape
from typing import Any

import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.findings import Evidence
from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.model.resources import TOLERANCE
from kafka_analysis.plan.common.checks import KEYS, led_by
from kafka_analysis.plan.common.copyable import without_source
from kafka_analysis.plan.common.outcome import NotRecordedError, Outcome, plan_each
from kafka_analysis.plan.execution.limits import ExecutionLimits, rules_of
from kafka_analysis.plan.execution.plan import ExecutionPlan, plan_execution
from kafka_analysis.plan.rebalance.options import RebalanceOptions
from kafka_analysis.plan.rebalance.plan import RebalancePlan, plan_rebalance
from kafka_analysis.plan.rebalance.problem import chosen_topics
from kafka_analysis.plan.rebalance.reachable import unmet
from kafka_analysis.plan.rebalance.tradeoff import SHARES, STEPS, trade_off


@dataclass(frozen=True)
class ClusterPlan:
    """The rebalance of one cluster, how it is carried out, and what fewer bytes would buy.

    ``brokers``: as planned for; ``execution``: None where ``held`` says what must be done before it can start;
    ``trade_off``: result of :func:`kafka_analysis.plan.rebalance.tradeoff.trade_off`; ``estimated``: whether the
    traffic of partitions is an estimate; ``options``: those given to ``plan_rebalance``.
    """

    rebalance: RebalancePlan
    brokers: pl.DataFrame
    execution: ExecutionPlan | None = None
    trade_off: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=STEPS))
    held: str = ""
    estimated: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def tolerance(self) -> float:
        """Return the fraction of its share by which a broker may carry more or less."""
        return float(self.options.get("tolerance", TOLERANCE))

    def evidence(self, resource: str | None) -> Evidence:
        """Return what a figure about a resource rests on: traffic of partitions is mostly estimated."""
        is_traffic = resource is not None and resource.endswith("_per_s")
        return Evidence.ESTIMATED if is_traffic and self.estimated else Evidence.MEASURED


def plan_clusters(
    load: Frame,
    *,
    placed: Frame,
    brokers: Frame,
    clusters: Frame,
    topics: Frame,
    limits: ExecutionLimits | None = None,
    network_bytes_per_s: float | None = None,
    shares: Sequence[float] = SHARES,
    **options: Any,
) -> list[Outcome[ClusterPlan]]:
    """Plan the rebalance of each cluster, how it is carried out, and what it would be with fewer bytes.

    Parameters
    ----------
    load
        Result of ``stats.partition_load``: all partitions, because all of them fill brokers.
    placed
        The same snapshot of the partitions, with ``replicas`` and ``isr``.
    brokers
        One snapshot of the brokers.
    clusters
        ``cluster`` and ``flavour`` of those to plan for, in order.
    topics
        ``cluster``, ``topic`` of those whose replicas and leaders may change; the others count and stay.
    limits
        What the execution keeps to.
    network_bytes_per_s
        What the network of each broker carries, each way; None: unknown.
    shares
        Budgets of the trade-off, as shares of the full plan's bytes.
    **options
        As for :func:`kafka_analysis.plan.rebalance.plan.plan_rebalance`.

    Returns
    -------
    list of Outcome
        A :class:`ClusterPlan` per cluster, in their order, or why there is none.

    Raises
    ------
    InputError
        An option is wrong, or names brokers that a cluster has not.

    Examples
    --------
    >>> keys = {"cluster": "c", "topic": "t", "partition": [0, 1]}
    >>> load = pl.DataFrame({**keys, "leader": [1, 1], "size_bytes": 5e6, "bytes_in_per_s": 1.0, "bytes_out_per_s": 0.0,
    ...     "evidence": "measured"})
    >>> placed = pl.DataFrame({**keys, "replicas": [[1], [1]], "isr": [[1], [1]]})
    >>> brokers = pl.DataFrame({"cluster": "c", "broker": [1, 2], "rack": ["a", "b"]})
    >>> (outcome,) = plan_clusters(load, placed=placed, brokers=brokers, topics=placed.head(1),
    ...     clusters=pl.DataFrame({"cluster": ["c"], "flavour": [None]}))
    >>> outcome.plan.rebalance.summary.bytes_to_move, outcome.plan.execution.batches["kind"].to_list()
    (5000000.0, ['copy'])
    """
    asked = RebalanceOptions(**options)  # a wrong option is an error even where no cluster can be planned for
    may_move = chosen_topics(to_polars(topics)["topic"].unique(), asked)
    flavours = dict(to_polars(clusters).select("cluster", "flavour").iter_rows())
    chosen_limits = limits or ExecutionLimits()

    def plan_one(
        cluster: str, *, load: pl.DataFrame, placed: pl.DataFrame, brokers: pl.DataFrame, topics: pl.DataFrame
    ) -> ClusterPlan:
        flavour = flavours[cluster]
        partitions = load.join(placed.select(*KEYS, "replicas", "isr"), on=KEYS, maintain_order="left")
        there = of_one_kind(brokers).with_columns(network_bytes_per_s=pl.lit(network_bytes_per_s, pl.Float64))
        unknown = what_is_unknown(partitions, there, flavour, leaders_only=bool(options.get("leaders_only")))
        if unknown:
            raise NotRecordedError(unknown)
        rules = rules_of(flavour)
        chosen_limits.of_flavour(rules)  # a wrong limit is an error, not a reason to wait
        held_topics = set(partitions["topic"])
        if may_move and not chosen_topics(held_topics & set(topics["topic"]), asked):
            raise NotRecordedError("none of its topics may move")
        stay = sorted(held_topics - set(topics["topic"]))
        chosen = {**options, "exclude_topics": tuple(escape(name) for name in stay)}
        rebalance = plan_rebalance(partitions, there, **chosen)
        held, execution = "", None
        try:
            execution = plan_execution(
                partitions,
                there,
                rebalance.changes(),
                limits=chosen_limits,
                flavour=rules,
                remarks=unmet(rebalance.summary),
            )
        except InputError as error:  # the state of the cluster: the plan is worth reading all the same
            held = str(error)
        return ClusterPlan(
            rebalance,
            there,
            execution=execution,
            trade_off=trade_off(partitions, there, shares=shares, full=rebalance, **chosen),
            held=held,
            estimated=bool((partitions["evidence"] == "estimated").any()),
            options=options,
        )

    return plan_each(flavours, plan_one, load=load, placed=placed, brokers=brokers, topics=topics)


def what_is_unknown(
    partitions: pl.DataFrame, brokers: pl.DataFrame, flavour: str | None, *, leaders_only: bool
) -> str:
    """Say what is not known, or that there is nothing one could move; empty: it can be planned.

    Examples
    --------
    >>> nothing = pl.DataFrame()
    >>> what_is_unknown(nothing, nothing, "msk-serverless", leaders_only=False)
    'MSK Serverless places partitions itself'
    """
    if flavour == "msk-serverless":
        return "MSK Serverless places partitions itself"
    if partitions.is_empty() or brokers.is_empty():
        what = "partitions" if partitions.is_empty() else "brokers"
        return f"the capture has no {what} of this cluster; record it with bootstrap_servers"
    lost = without_source(partitions, brokers["broker"])  # left out of any plan, measured or not
    sizes = partitions.join(lost, on=KEYS, how="anti").filter(pl.col("size_bytes").is_null())
    if len(sizes) and not leaders_only:
        led = led_by(sizes)
        return (
            f"the size of {len(sizes):,} of {len(partitions):,} partitions{led} is unknown; record log_size_bytes"
            " or log_dirs there"
        )
    return ""


def of_one_kind(brokers: pl.DataFrame) -> pl.DataFrame:
    """Return the brokers; a disk known of some of them only makes no shares, so it is left out.

    Examples
    --------
    >>> of_one_kind(pl.DataFrame({"broker": [1, 2], "disk_bytes": [5e9, None]})).columns
    ['broker']
    """
    kept = [name for name in ("broker", "rack", "disk_bytes", "cordoned") if name in brokers.columns]
    some = "disk_bytes" in kept and 0 < brokers["disk_bytes"].null_count() < len(brokers)
    return brokers.select(kept).drop(["disk_bytes"] if some else [])

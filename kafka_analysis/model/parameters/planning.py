"""Parameters of the analyses that say what to do: rebalance, split, sizing, waves."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from kafka_analysis.model.errors import ParameterError
from kafka_analysis.model.parameters.common import NotebookParameters
from kafka_analysis.model.parameters.values import (
    Amount,
    Count,
    Hours,
    Moment,
    Multiple,
    Ratio,
    Rows,
    Seconds,
    Share,
    option,
    read_moment,
)
from kafka_analysis.model.questions import SIZES
from kafka_analysis.model.resources import TOLERANCE

Rate = Annotated[Amount, Field(ge=1)]
Positive = Annotated[Amount, Field(gt=0)]
Broker = Annotated[int, Field(ge=0)]
Factor = Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)]
Weight = Annotated[float, Field(ge=0, le=1e6)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]
Peak = Literal["p95", "p99", "peak"]
_CELL_LIMITS = ("max_bytes_in_per_s", "max_bytes_out_per_s", "max_size_bytes", "max_partitions")
_WEIGHTS = ("colocation", "cross_cell_bytes", "blast_radius", "cost")
_SEED = "random seed: the same seed and input give the same plan"
_OWNERSHIP = "CSV of teams and criticality; None = the file beside the capture, if any"
_FLOWS = "CSV of declared producers and groups; None = the file beside the capture, if any"


class PlanParameters(NotebookParameters):
    """Parameters of planning analyses: files in place of a capture."""

    inputs: ClassVar[tuple[str, ...]] = ()  # needed together where there is no capture

    capture: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="folder of the capture"
    )

    @model_validator(mode="after")
    def _check_inputs(self) -> Self:
        given = [name for name in self.inputs if getattr(self, name) is not None]
        if self.capture is None and len(given) < len(self.inputs):
            missing = next(name for name in self.inputs if name not in given)
            message = f"{missing} is missing; give a capture, or {' and '.join(self.inputs)} instead"
            raise ParameterError(message)
        only_files = [name for name in given if name != "flows"]  # a capture may have those beside it
        if self.capture is not None and only_files:
            message = (
                f"{only_files[0]} replaces a capture; give either a capture, or {' and '.join(self.inputs)}"
            )
            raise ParameterError(message)
        return self


class SourceParameters(PlanParameters):
    """Parameters of analyses of a source cluster whose topics move."""

    cluster: str | None = option(
        None, "name of the source cluster; None = the cluster with the role source in the capture"
    )
    topics_exclude: list[str] = option(
        [], 'topics that stay at the source, as shell patterns, such as ["tmp-*"]', "--exclude-topic"
    )


class RebalanceParameters(PlanParameters):
    """Parameters of ``30_rebalance_plan``: what is asked of the plan, its limits, and rows shown."""

    notebook: ClassVar[str] = "30_rebalance_plan"
    inputs: ClassVar[tuple[str, ...]] = ("assignment", "loads")

    cluster: str | None = option(None, "cluster name; None = a plan for each cluster")
    end: Moment | None = option(
        None,
        "end of the window, UTC, exclusive: the plan starts from the last replicas before it; None = as for start",
    )
    topics_exclude: list[str] = option(
        [],
        'topics that must not move, as shell patterns, such as ["tmp-*"]; their load still counts',
        "--exclude-topic",
    )
    include_internal: bool = option(False, "also move internal topics of Kafka, MirrorMaker 2 and probes")
    assignment: str | None = option(
        None, "output of kafka-reassign-partitions --generate, in place of a capture", is_input=True
    )
    loads: str | None = option(
        None,
        "with assignment: output of kafka-log-dirs, or CSV of topic, partition, size_bytes, rates",
        is_input=True,
    )
    brokers: str | None = option(
        None, "CSV of broker, rack, capacities, cordoned; None = as recorded", is_input=True
    )
    resources: list[str] = option(
        [], "resources to balance, such as ['size_bytes']; [] = all known", "--resource"
    )
    tolerance: Ratio = option(TOLERANCE, "allowed deviation of a broker from its share")
    max_moved_bytes: Amount | None = option(None, 'maximum bytes to move, such as "20 GB"; None = no limit')
    max_movements: Annotated[int, Field(ge=0)] | None = option(
        None, "maximum replicas to move; None = no limit"
    )
    leaders_only: bool = option(False, "only change preferred leaders, which copies no data")
    topics_include: list[str] = option(
        [], "topics that may change, as shell patterns; [] = all", "--include-topic"
    )
    remove_brokers: list[Broker] = option(
        [], "brokers to empty, such as [7]; needs cluster", "--remove-broker"
    )
    add_brokers: list[Broker] = option(
        [], "new brokers to fill, without movements between the others; needs cluster", "--add-broker"
    )
    drain_above: Annotated[float, Field(gt=0)] | None = option(
        None, "only move replicas off brokers above this multiple of their share; None = off any broker"
    )
    pinned: list[str] = option([], 'partitions that must not move, such as ["orders:3"]', "--pin")
    replication_factor: dict[str, Annotated[int, Field(ge=1)]] = option(
        {}, 'new replication factor of a topic, such as {"orders": 3}'
    )
    throttle_bytes_per_s: Rate | None = option(
        None,
        'replication throttle of each broker, such as "50 MB/s"; None = a recommendation for each batch',
        "--throttle",
    )
    network_bytes_per_s: Rate | None = option(
        None, "network bandwidth of each broker, in each direction; None = unknown"
    )
    max_concurrent_movements: Rows | None = option(
        None, "concurrent replica movements of a broker; None = 5, or more if all take under a minute"
    )
    flavour: Literal["msk-standard", "msk-express"] | None = option(
        None, '"msk-standard" or "msk-express": apply MSK\'s rules; None = as recorded'
    )
    seed: Seed = option(0, _SEED)
    time_limit: Annotated[Seconds, Field(gt=0)] | None = option(
        None, 'time limit of the search, such as "30s", after which the best plan is used; None = none'
    )
    top_n: Rows = option(10, "number of rows in rankings")

    @model_validator(mode="after")
    def _check_brokers(self) -> Self:
        named = [name for name in ("remove_brokers", "add_brokers") if getattr(self, name)]
        both = sorted(set(self.remove_brokers) & set(self.add_brokers))
        if both:
            message = f"broker {both[0]} is in both remove_brokers and add_brokers; keep it in one of them"
            raise ParameterError(message)
        if named and self.leaders_only:
            message = f"leaders_only moves no replicas, so {named[0]} is impossible; give one of the two"
            raise ParameterError(message)
        if named and self.cluster is None and self.capture is not None:
            raise ParameterError(f"{named[0]} needs a cluster; give cluster")
        self.pinned_partitions()
        return self

    @property
    def not_needed(self) -> frozenset[str]:
        """Return what the question does without: changing leaders copies nothing, so sizes do not matter."""
        return frozenset(SIZES) if self.leaders_only else frozenset()

    def pinned_partitions(self) -> list[tuple[str, int]]:
        """Return the partitions that stay, as pairs.

        Examples
        --------
        >>> RebalanceParameters(capture="c", pinned=["orders:3"]).pinned_partitions()
        [('orders', 3)]
        """
        pairs = []
        for text in self.pinned:
            topic, _, number = text.rpartition(":")
            if not topic or not number.isdecimal():
                raise ParameterError(f"pinned holds {text!r}; write TOPIC:PARTITION, such as 'orders:3'")
            pairs.append((topic, int(number)))
        return pairs

    def plan_options(self) -> dict[str, Any]:
        """Return what ``plan.plan_clusters`` is asked for, topics and limits of the execution apart.

        Examples
        --------
        >>> RebalanceParameters(capture="c", tolerance="5%").plan_options()["tolerance"]
        0.05
        """
        same = ("tolerance", "max_moved_bytes", "max_movements", "leaders_only", "remove_brokers", "add_brokers",
                "drain_above", "seed", "time_limit")  # fmt: skip
        return self.only(*same) | {
            "resources": self.resources or None,
            "include_topics": self.topics_include or None,
            "pinned": self.pinned_partitions(),
            "replication_factor": self.replication_factor or None,
        }


class JudgementParameters(NotebookParameters):
    """Parameters of ``plan judge``: which reassignment, of which cluster."""

    notebook: ClassVar[str] = "plan judge"

    cluster: str | None = option(None, "cluster name; None = the only cluster of the capture")
    reassignment: str = option(
        ..., "reassignment JSON, output of kafka-reassign-partitions --generate, or plan.json"
    )
    tolerance: Ratio = option(TOLERANCE, "allowed deviation of a broker from its share")


class ClusterSplitParameters(SourceParameters):
    """Parameters of ``40_cluster_split``: how many cells, what one may carry, what stays together, what weighs."""

    notebook: ClassVar[str] = "40_cluster_split"
    inputs: ClassVar[tuple[str, ...]] = ("topics", "flows")

    include_internal: bool = option(False, "also place internal topics of Kafka, MirrorMaker 2 and probes")
    topics: str | None = option(
        None,
        "CSV of topic, bytes_in_per_s, bytes_out_per_s, size_bytes (all replicas), partitions, in place of a capture",
        is_input=True,
    )
    cells: Annotated[int, Field(ge=1, le=1000)] | None = option(
        None,
        "number of cells; None = the cheapest number that meets the limits, else the number of targets",
    )
    cell_names: list[str] = option([], "names of the cells, instead of a number", "--cell")
    max_client_share: Share | None = option(
        None,
        "accepted blast radius: maximum share of all clients on a cell, such as 0.05; None = no such limit",
    )
    max_clients: Count | None = option(None, "maximum clients on a cell; None = no such limit")
    max_bytes_in_per_s: Positive | None = option(
        None, 'maximum bytes in of a cell, such as "50 MB/s"; None = no such limit'
    )
    max_bytes_out_per_s: Positive | None = option(None, "maximum bytes out of a cell; None = no such limit")
    max_size_bytes: Positive | None = option(
        None, 'maximum bytes stored in a cell, all replicas, such as "20 TB"; None = no such limit'
    )
    max_partitions: Count | None = option(
        None, "maximum partitions of a cell, replicas included; None = no such limit"
    )
    profile: str | None = option(
        None,
        'broker type of the cells, such as "express.m7g.xlarge", whose capacity limits a cell; None = no such limit',
    )
    max_brokers: Count | None = option(
        None, "maximum brokers of that type in a cell; None = MSK's quota for a cluster"
    )
    together: list[list[str]] = option(
        [], 'lists of topics that must share a cell, such as [["orders", "payments"]]'
    )
    apart: list[list[str]] = option([], "lists of topics that must all be in different cells")
    pinned: dict[str, str] = option({}, 'cell of a topic, such as {"orders": "cell-1"}', "--pin")
    ownership: str | None = option(None, _OWNERSHIP)
    flows: str | None = option(None, _FLOWS)
    previous: str | None = option(
        None, "cells.csv of the previous plan, which is kept but for a few topics; None = a new plan"
    )
    max_moved_share: Ratio = option(0.02, "share of the previous plan's topics that may change cells")
    peak: Peak = option(
        "p99", 'load to size brokers for: "p95" or "p99" of the intervals, or "peak" (the maximum)'
    )
    peak_ratio: Annotated[Multiple, Field(le=1000)] | None = option(
        None, "peak ÷ mean of the traffic; None = as measured, or 1 without measurements"
    )
    curve: list[Annotated[int, Field(ge=1, le=1000)]] = option(
        [1, 2, 3, 4, 6, 8], "numbers of cells to compare; [] = none"
    )
    weight_colocation: Weight = option(1.0, "penalty for 1 % of the clients needing an extra cell")
    weight_cross_cell_bytes: Weight = option(8.0, "penalty for 1 % of the bytes going between cells")
    weight_blast_radius: Weight = option(4.0, "penalty for 1 % of the clients in the worst cell")
    weight_cost: Weight = option(20.0, "penalty for 1 % of the cost; only decides the number of cells")
    seed: Seed = option(0, _SEED)
    top_n: Rows = option(15, "number of rows in rankings")

    @model_validator(mode="after")
    def _check_cells(self) -> Self:
        if self.cells is not None and self.cell_names:
            raise ParameterError("cells and cell_names both define the cells; give one of them")
        joined = next((name for name in self.cell_names if "," in name), None)
        if joined is not None:
            message = (
                f"cell name {joined!r} has a comma; give each name separately, such as --cell a --cell b"
            )
            raise ParameterError(message)
        if self.max_brokers is not None and self.profile is None:
            message = "max_brokers limits the brokers of a profile; give profile too"
            raise ParameterError(message)
        return self

    def plan_options(self) -> dict[str, Any]:
        """Return what ``plan.plan_source_splits`` is asked for, the plan before left out.

        Examples
        --------
        >>> ClusterSplitParameters(capture="c", cells=3, max_partitions=400).plan_options()["limits"]
        {'partitions': 400}
        """
        same = ("max_client_share", "max_clients", "profile", "max_brokers", "together", "apart", "pinned",
                "max_moved_share", "curve", "seed")  # fmt: skip
        limits = {name.removeprefix("max_"): getattr(self, name) for name in _CELL_LIMITS}
        return self.only(*same) | {
            "cells": tuple(self.cell_names) or self.cells,
            "limits": {name: value for name, value in limits.items() if value is not None} or None,
            "weights": {name: getattr(self, f"weight_{name}") for name in _WEIGHTS},
        }


class MskSizingParameters(SourceParameters):
    """Parameters of ``45_msk_sizing``: which peak, what is declared in its place, what the target has to stand."""

    notebook: ClassVar[str] = "45_msk_sizing"
    inputs: ClassVar[tuple[str, ...]] = ("partitions",)

    topics_exclude: list[str] = option(
        [], 'topics that do not move, as shell patterns, such as ["tmp-*"]', "--exclude-topic"
    )
    include_internal: bool = option(True, "include internal topics, which need room on the target too")
    partitions: Count | None = option(
        None,
        "number of partitions, without replicas, in place of a capture; then declare all rates and the retention",
        is_input=True,
    )
    peak: Peak = option("p99", 'load to size for: "p95" or "p99" of the intervals, or "peak" (the maximum)')
    declared_avg_in: Amount | None = option(
        None, 'average bytes in, such as "100 MB/s"; None = as measured', "--bytes-in-avg"
    )
    declared_avg_out: Amount | None = option(None, "average bytes out; None = as measured", "--bytes-out-avg")
    declared_peak_in: Positive | None = option(
        None,
        "peak bytes in; if declared, captures shorter than 7 days get a verdict; None = as measured",
        "--bytes-in-peak",
    )
    declared_peak_out: Amount | None = option(
        None, "peak bytes out; None = peak bytes in × measured fan-out", "--bytes-out-peak"
    )
    declared_retention_hours: Annotated[Hours, Field(gt=0)] | None = option(
        None, "retention of records; None = as configured, else as observed", "--retention-hours"
    )
    declared_connections: Annotated[int, Field(ge=0)] | None = option(
        None, "open connections; None = as measured", "--connections"
    )
    primary_retention_hours: Annotated[Hours, Field(gt=0)] | None = option(
        None, "retention on the brokers, the rest in tiered storage; None = all on the brokers"
    )
    replication_factor: Annotated[int, Field(ge=1, le=10)] = option(3, "replication factor on the target")
    growth: Factor = option(1.0, "growth factor on all bytes")
    compression: Factor = option(1.0, "factor on all bytes if producers change their compression")
    tolerates: Literal["nothing", "broker", "az"] = option(
        "nothing", 'failure during which the rest must carry the peak: "nothing", "broker" or "az"'
    )
    catch_up: Annotated[float, Field(ge=0, le=100)] = option(
        0.0, "bytes that consumers re-read from disk ÷ bytes in, at the peak"
    )
    replication_bytes_per_s: Amount = option(
        0.0, 'additional bytes in from a replicator during the migration, such as "50 MB/s"', "--replication"
    )
    availability_zones: Annotated[int, Field(ge=2, le=6)] = option(
        3, "availability zones, each with the same number of brokers"
    )
    metadata: Literal["kraft", "zookeeper"] = option("kraft", '"kraft" or "zookeeper": broker quotas differ')
    authentication: Literal["iam", "scram"] = option(
        "iam", '"iam" or "scram" (also for mutual TLS): connection limits differ'
    )
    catalogue: str | None = option(
        None, "CSV or folder with your own broker types, prices or quotas; None = built in"
    )
    top_n: Rows = option(10, "number of rows in rankings")

    @model_validator(mode="after")
    def _check_numbers(self) -> Self:
        needed = ("declared_avg_in", "declared_peak_in", "declared_avg_out", "declared_peak_out",
                  "declared_retention_hours")  # fmt: skip
        missing = [name for name in needed if getattr(self, name) is None]
        if self.capture is None and missing:
            message = f"{missing[0]} is missing; without a capture, give {', '.join(needed)} and partitions"
            raise ParameterError(message)
        return self

    def plan_options(self) -> dict[str, Any]:
        """Return what ``plan.size_clusters`` is asked for.

        Examples
        --------
        >>> MskSizingParameters(capture="data/sample", growth=1.5).plan_options()["growth"]
        1.5
        """
        common = {*NotebookParameters.model_fields, "catalogue", "top_n", "partitions"}
        return self.model_dump(exclude=common)


class MigrationWavesParameters(SourceParameters):
    """Parameters of ``48_migration_waves``: what moves where, what a wave may risk, and when it may cut over."""

    notebook: ClassVar[str] = "48_migration_waves"
    inputs: ClassVar[tuple[str, ...]] = ("topics", "flows")

    include_internal: bool = option(False, "also move internal topics of Kafka, MirrorMaker 2 and probes")
    topics: str | None = option(
        None,
        "CSV of topic, bytes_in_per_s, bytes_out_per_s, size_bytes (all replicas), in place of a capture",
        is_input=True,
    )
    cells: str | None = option(
        None,
        "CSV of topic and cell: cells.csv of plan split; None = the file beside the capture, if any",
    )
    flows: str | None = option(None, _FLOWS)
    ownership: str | None = option(None, _OWNERSHIP)
    first_copy: Moment | None = option(
        None, "earliest start of the first copy, UTC; None = the end of the window"
    )
    max_share_per_wave: Share = option(0.3, "maximum share of all bytes in for a wave", "--max-share")
    max_bytes_in_per_s_per_wave: Positive | None = option(
        None, 'maximum bytes in of a wave, such as "50 MB/s"; None = no such limit', "--max-bytes-in"
    )
    max_clients_per_wave: Count | None = option(
        None, "maximum clients affected by a wave; None = no such limit", "--max-clients"
    )
    max_topics_per_wave: Count | None = option(
        None, "maximum topics of a wave; None = no such limit", "--max-topics"
    )
    max_backfill_hours: Annotated[Hours, Field(gt=0)] | None = option(
        None, 'maximum copy time of a wave, such as "12h"; None = no such limit', "--max-backfill"
    )
    first_wave_share: Share | None = option(
        None,
        "pilot: maximum share of bytes in and of clients for the first wave, such as 0.05; None = no pilot",
    )
    move_last: list[Literal["low", "medium", "high", "critical"]] = option(
        ["critical"], "criticality levels whose topics move last"
    )
    together: list[list[str]] = option([], "lists of topics or clients that must move in the same wave")
    replication_bytes_per_s: Rate | None = option(
        None, 'bandwidth of the replicator, such as "100 MB/s"; None = unknown', "--replication-bandwidth"
    )
    replicate_in_parallel: bool = option(
        False, "copy the next wave while the previous one waits for its cut-over", "--parallel"
    )
    freezes: list[str] = option(
        [], 'periods without cut-overs, such as ["2026-12-20/2027-01-04"]', "--freeze"
    )
    cutover_length_hours: Annotated[Hours, Field(gt=0, le=168)] = option(
        2.0, "time allotted to each cut-over", "--cutover"
    )
    cutover_hours: list[Annotated[float, Field(ge=0, le=24)]] = option(
        [], "hours of the day for cut-overs, UTC, from and to, such as [22, 4]; [] = any"
    )
    cutover_days: list[str] = option(
        [], 'days on which those hours may start, such as ["Tue", "Wed"]; [] = any', "--cutover-day"
    )
    soak_hours: Annotated[Hours, Field(le=8760)] = option(
        24.0, "time between two cut-overs, during which the first can be rolled back", "--soak"
    )
    seed: Seed = option(0, _SEED)
    top_n: Rows = option(15, "number of rows in rankings")

    @model_validator(mode="after")
    def _check_calendar(self) -> Self:
        if len(self.cutover_hours) not in (0, 2):
            raise ParameterError("cutover_hours holds two hours of the day, such as [22, 4], or none")
        if self.capture is None and self.cells is None:
            raise ParameterError("cells is missing; without a capture, give the CSV of topic and cell")
        self.frozen()
        return self

    def frozen(self) -> list[tuple[datetime, datetime]]:
        """Return the freezes as pairs of moments, UTC.

        Examples
        --------
        >>> freezes = ["2026-12-20/2027-01-04"]
        >>> [str(moment) for moment in MigrationWavesParameters(capture="c", freezes=freezes).frozen()[0]]
        ['2026-12-20 00:00:00+00:00', '2027-01-04 00:00:00+00:00']
        """
        pairs = []
        for text in self.freezes:
            start, _, end = text.partition("/")
            try:
                pairs.append((read_moment(start), read_moment(end)))
            except ValueError:
                message = f"freezes holds {text!r}; write START/END, such as '2026-12-20/2027-01-04'"
                raise ParameterError(message) from None
        return pairs

    def plan_options(self) -> dict[str, Any]:
        """Return what ``plan.plan_source_waves`` is asked for, its start and ``together`` left out.

        Examples
        --------
        >>> MigrationWavesParameters(capture="c", cutover_days=["Tue"]).plan_options()["cutover_days"]
        ('Tue',)
        """
        same = ("max_share_per_wave", "max_bytes_in_per_s_per_wave", "max_clients_per_wave", "max_topics_per_wave",
                "first_wave_share", "replication_bytes_per_s", "replicate_in_parallel", "seed")  # fmt: skip
        backfill = self.max_backfill_hours
        options = self.only(*same) | {
            "freezes": self.frozen(),
            "cutover_s": self.cutover_length_hours * 3600,
            "soak_s": self.soak_hours * 3600,
            "move_last": tuple(self.move_last),
            "max_backfill_s": None if backfill is None else backfill * 3600,
        }
        calendar = {name: tuple(getattr(self, name)) for name in ("cutover_hours", "cutover_days")}
        return options | {name: value for name, value in calendar.items() if value}

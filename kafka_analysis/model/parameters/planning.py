"""Parameters of the notebooks that say what to do: rebalance, split, sizing, waves."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from kafka_analysis.model.errors import ParameterError
from kafka_analysis.model.parameters.common import NotebookParameters
from kafka_analysis.model.parameters.values import Amount, Moment, Ratio, read_moment
from kafka_analysis.model.resources import TOLERANCE

_LIMITS = ("max_bytes_in_per_s", "max_bytes_out_per_s", "max_size_bytes", "max_partitions")  # of a cell
_WEIGHTS = ("colocation", "cross_cell_bytes", "blast_radius", "cost")


class RebalancePlanning(NotebookParameters):
    """Parameters of ``30_rebalance_plan``: what is asked of the plan, its limits, and rows shown.

    ``tolerance``: fraction of its share by which a broker may carry more or less. ``max_moved_bytes``,
    ``max_movements``: at most so much; null means as much as it takes. ``leaders_only``: no replica moves.
    ``remove_brokers`` are emptied, ``add_brokers`` filled; both name brokers of the one ``cluster``.
    ``throttle_bytes_per_s``: null means that one is advised; ``max_concurrent_movements``: null means 5 for a broker,
    and more where its copies take less than a minute together. ``network_bytes_per_s``: what each broker's network
    carries, each way; null means unknown. Amounts may be written as text, such as ``"20 GB"``.
    """

    tolerance: Ratio = TOLERANCE
    max_moved_bytes: Amount | None = None
    max_movements: Annotated[int, Field(ge=0)] | None = None
    leaders_only: bool = False
    remove_brokers: list[Annotated[int, Field(ge=0)]] = Field(default_factory=list)
    add_brokers: list[Annotated[int, Field(ge=0)]] = Field(default_factory=list)
    throttle_bytes_per_s: Annotated[Amount, Field(ge=1)] | None = None
    network_bytes_per_s: Annotated[Amount, Field(ge=1)] | None = None
    max_concurrent_movements: Annotated[int, Field(ge=1, le=1000)] | None = None
    top_n: Annotated[int, Field(ge=1, le=1000)] = 10

    @model_validator(mode="after")
    def _check_brokers(self) -> Self:
        named = [name for name in ("remove_brokers", "add_brokers") if getattr(self, name)]
        both = sorted(set(self.remove_brokers) & set(self.add_brokers))
        if both:
            message = f"broker {both[0]} is in remove_brokers and in add_brokers; name it in one of them"
            raise ParameterError(message)
        if named and self.leaders_only:
            message = f"leaders_only moves no replica, so {named[0]} cannot be met; give one of the two"
            raise ParameterError(message)
        if named and self.cluster is None:
            message = f"{named[0]} names brokers of one cluster; say which with cluster"
            raise ParameterError(message)
        return self


class ClusterSplit(NotebookParameters):
    """Parameters of ``40_cluster_split``: how many cells, what one may carry, what stays together, what weighs.

    ``cells`` null: the cheapest number that fits, where limits, a profile or shares of clients say what fits; else as
    many as the capture has targets. ``max_*``: the most that a cell may carry; amounts may be written as text, such as
    ``"50 MB/s"``. ``profile``: broker type of the cells, of which one has at most ``max_brokers``. ``together``,
    ``apart``: lists of topics; ``pinned``: topic to cell. ``ownership``, ``flows``: CSV files; null means the one
    beside the capture, where there is one. ``previous``: cells.csv of the plan before, of whose topics at most
    ``max_moved_share`` move. ``peak``: what brokers are sized for. ``curve``: numbers of cells to compare with.
    """

    cells: Annotated[int, Field(ge=1, le=1000)] | None = None
    max_client_share: Annotated[float, Field(gt=0, le=1)] | None = None
    max_clients: Annotated[int, Field(ge=1)] | None = None
    max_bytes_in_per_s: Annotated[Amount, Field(gt=0)] | None = None
    max_bytes_out_per_s: Annotated[Amount, Field(gt=0)] | None = None
    max_size_bytes: Annotated[Amount, Field(gt=0)] | None = None
    max_partitions: Annotated[int, Field(ge=1)] | None = None
    profile: str | None = None
    max_brokers: Annotated[int, Field(ge=1)] | None = None
    together: list[list[str]] = Field(default_factory=list)
    apart: list[list[str]] = Field(default_factory=list)
    pinned: dict[str, str] = Field(default_factory=dict)
    ownership: str | None = None
    flows: str | None = None
    previous: str | None = None
    max_moved_share: Ratio = 0.02
    peak: Literal["p95", "p99", "peak"] = "p99"
    curve: list[Annotated[int, Field(ge=1, le=1000)]] = Field(default_factory=lambda: [1, 2, 3, 4, 6, 8])
    weight_colocation: Annotated[float, Field(ge=0, le=1e6)] = 1.0
    weight_cross_cell_bytes: Annotated[float, Field(ge=0, le=1e6)] = 8.0
    weight_blast_radius: Annotated[float, Field(ge=0, le=1e6)] = 4.0
    weight_cost: Annotated[float, Field(ge=0, le=1e6)] = 20.0
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    top_n: Annotated[int, Field(ge=1, le=1000)] = 15

    @model_validator(mode="after")
    def _check_profile(self) -> Self:
        if self.max_brokers is not None and self.profile is None:
            message = "max_brokers says how many of a profile's brokers a cell may have; give profile too"
            raise ParameterError(message)
        return self

    def asked(self) -> dict[str, Any]:
        """Return what ``plan.plan_source_splits`` is asked for, the plan before left out.

        Examples
        --------
        >>> ClusterSplit(capture="c", cells=3, max_partitions=400).asked()["limits"]
        {'partitions': 400}
        """
        same = ("cells", "max_client_share", "max_clients", "profile", "max_brokers", "together", "apart", "pinned",
                "max_moved_share", "curve", "seed")  # fmt: skip
        limits = {name.removeprefix("max_"): getattr(self, name) for name in _LIMITS}
        given = {name: value for name, value in limits.items() if value is not None}
        weights = {name: getattr(self, f"weight_{name}") for name in _WEIGHTS}
        return {name: getattr(self, name) for name in same} | {"limits": given or None, "weights": weights}


class MskSizing(NotebookParameters):
    """Parameters of ``45_msk_sizing``: which peak, what is declared in its place, what the target has to stand.

    ``peak``: ``"p95"``, ``"p99"`` of the intervals, or the highest, ``"peak"``. ``declared_*``: in place of what was
    measured; with a declared peak a short capture can be judged. ``primary_retention_hours``: kept on the brokers, the
    rest in tiered storage; null: all. ``growth``, ``compression``: factors on all bytes. ``tolerates``: what may be
    lost at the peak. ``catch_up``: bytes read again from disk ÷ bytes in. ``catalogue``: a CSV or folder with broker
    types, prices or quotas of one's own. Rates may be written as text, such as ``"150 MB/s"``.
    """

    include_internal: bool = True
    peak: Literal["p95", "p99", "peak"] = "p99"
    declared_avg_in: Amount | None = None
    declared_avg_out: Amount | None = None
    declared_peak_in: Annotated[Amount, Field(gt=0)] | None = None
    declared_peak_out: Amount | None = None
    declared_retention_hours: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    primary_retention_hours: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    replication_factor: Annotated[int, Field(ge=1, le=10)] = 3
    growth: Annotated[float, Field(gt=0, le=1000)] = 1.0
    compression: Annotated[float, Field(gt=0, le=1000)] = 1.0
    tolerates: Literal["nothing", "broker", "az"] = "nothing"
    catch_up: Annotated[float, Field(ge=0, le=100)] = 0.0
    replication_bytes_per_s: Amount = 0.0
    availability_zones: Annotated[int, Field(ge=2, le=6)] = 3
    metadata: Literal["kraft", "zookeeper"] = "kraft"
    authentication: Literal["iam", "scram"] = "iam"
    catalogue: str | None = None
    top_n: Annotated[int, Field(ge=1, le=1000)] = 10

    def asked(self) -> dict[str, Any]:
        """Return what ``plan.size_clusters`` is asked for.

        Examples
        --------
        >>> MskSizing(capture="data/sample", growth=1.5).asked()["growth"]
        1.5
        """
        common = {*NotebookParameters.model_fields, "catalogue", "top_n"}
        return self.model_dump(exclude=common)


class MigrationWaves(NotebookParameters):
    """Parameters of ``48_migration_waves``: what moves where, what a wave may risk, and when it may cut over.

    ``cells``, ``flows``, ``ownership``: CSV files; null means the one beside the capture, where there is one.
    ``first_copy``: when the first copy may begin, UTC; null means the end of the window. ``max_share_per_wave``: share
    of bytes in; ``first_wave_share``: of a pilot. ``replication_bytes_per_s``: what the replicator carries, such as
    ``"100 MB/s"``; null means unknown. ``freezes``: texts such as ``"2026-12-20/2027-01-04"``. ``cutover_hours``: two
    hours of the day, UTC, such as ``[22, 4]``; empty means any. ``cutover_days``: such as ``["Tue"]``; empty means any.
    """

    cells: str | None = None
    flows: str | None = None
    ownership: str | None = None
    first_copy: Moment | None = None
    max_share_per_wave: Annotated[float, Field(gt=0, le=1)] = 0.3
    max_clients_per_wave: Annotated[int, Field(ge=1)] | None = None
    first_wave_share: Annotated[float, Field(gt=0, le=1)] | None = None
    replication_bytes_per_s: Annotated[Amount, Field(ge=1)] | None = None
    replicate_in_parallel: bool = False
    freezes: list[str] = Field(default_factory=list)
    cutover_length_hours: Annotated[float, Field(gt=0, le=168)] = 2.0
    cutover_hours: list[Annotated[float, Field(ge=0, le=24)]] = Field(default_factory=list)
    cutover_days: list[str] = Field(default_factory=list)
    soak_hours: Annotated[float, Field(ge=0, le=8760)] = 24.0
    top_n: Annotated[int, Field(ge=1, le=1000)] = 15

    @model_validator(mode="after")
    def _check_calendar(self) -> Self:
        if len(self.cutover_hours) not in (0, 2):
            raise ParameterError("cutover_hours holds two hours of the day, such as [22, 4], or none")
        self.frozen()
        return self

    def frozen(self) -> list[tuple[datetime, datetime]]:
        """Return the freezes as pairs of moments, UTC.

        Examples
        --------
        >>> [str(moment) for moment in MigrationWaves(capture="c", freezes=["2026-12-20/2027-01-04"]).frozen()[0]]
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

    def asked(self) -> dict[str, Any]:
        """Return what ``plan.plan_source_waves`` is asked for, its start left out.

        Examples
        --------
        >>> MigrationWaves(capture="c", cutover_days=["Tue"]).asked()["cutover_days"]
        ['Tue']
        """
        same = ("max_share_per_wave", "max_clients_per_wave", "first_wave_share", "replication_bytes_per_s",
                "replicate_in_parallel")  # fmt: skip
        asked = {name: getattr(self, name) for name in same} | {"freezes": self.frozen()}
        asked |= {"cutover_s": self.cutover_length_hours * 3600, "soak_s": self.soak_hours * 3600}
        hours = {"cutover_hours": tuple(self.cutover_hours)} if self.cutover_hours else {}
        return asked | hours | ({"cutover_days": self.cutover_days} if self.cutover_days else {})

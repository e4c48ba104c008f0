"""What a cluster has to carry: the input of sizing, checked, and the demand that the models reckon with."""

from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.parameters import Amount
from kafka_analysis.plan.common.options import Options

MIB = 2**20
GIB = 2**30
Tolerated = Literal["nothing", "broker", "az"]
_Factor = Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)]
_Hours = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_Share = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class Workload(Options):
    """What a cluster has to carry, and what it has to stand.

    Bytes are decimal, per second (100 MiB/s is 100 · 2²⁰); a text such as ``"100 MB/s"`` is read too.
    ``bytes_in_per_s_*``: what producers write, one copy; ``bytes_out_per_s_*``: what consumers read, without
    replication. ``partitions`` counts replicas, as MSK does. ``primary_retention_hours``: kept on the brokers' volumes,
    the rest in tiered storage; None = all of it on the volumes. ``consumer_groups``: groups that each read everything,
    which S1 asks for, at least bytes out ÷ bytes in, which is what None means. ``connections``: of clients, open at
    once; ``partition_bytes_in_per_s``: into the busiest partition; None = unknown, so not checked.

    All that follows is neutral by default. ``growth`` and ``compression``: factors on all bytes. ``tolerates``: what
    may be lost while the rest carries the peak: nothing, a broker, an az. ``catch_up``: bytes that consumers read from
    disk again ÷ bytes in at the peak. ``replication_bytes_per_s``: what a replicator writes besides, while the
    migration runs. ``traffic_low``, ``traffic_high``: factors that bound traffic that is not known exactly.
    ``basis``: how the peak was chosen, in words.

    Raises
    ------
    InputError
        A value is wrong or contradicts another.
    """

    bytes_in_per_s_avg: Amount
    bytes_in_per_s_peak: Amount
    bytes_out_per_s_avg: Amount
    bytes_out_per_s_peak: Amount
    partitions: Annotated[int, Field(ge=1)]
    retention_hours: _Hours
    primary_retention_hours: _Hours | None = None
    consumer_groups: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    replication_factor: Annotated[int, Field(ge=1, le=10)] = 3
    connections: Annotated[int, Field(ge=0)] | None = None
    partition_bytes_in_per_s: Amount | None = None
    growth: _Factor = 1.0
    compression: _Factor = 1.0
    tolerates: Tolerated = "nothing"
    catch_up: _Share = 0.0
    replication_bytes_per_s: Amount = 0.0
    traffic_low: Annotated[float, Field(gt=0, le=1)] = 1.0
    traffic_high: Annotated[float, Field(ge=1, le=1000)] = 1.0
    basis: str = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.bytes_in_per_s_peak == 0:
            raise InputError("bytes_in_per_s_peak is 0; give the peak rate at which producers write, above 0")
        for flow in ("bytes_in_per_s", "bytes_out_per_s"):
            avg, peak = getattr(self, f"{flow}_avg"), getattr(self, f"{flow}_peak")
            if avg > peak:
                raise InputError(
                    f"{flow}_avg {avg:g} is above {flow}_peak {peak:g}; give a peak of at least the average"
                )
        primary = self.primary_retention_hours
        if primary is not None and primary > self.retention_hours:
            raise InputError(
                f"primary_retention_hours {primary:g} is above retention_hours {self.retention_hours:g}; "
                "give the hours that stay on the brokers, at most all"
            )
        return self


@dataclass(frozen=True)
class Demand:
    """What the models reckon with, growth and the like applied: MiB/s, hours, GiB.

    ``fanout``: all bytes out ÷ all bytes in at the peak; ``groups``: g of S1; ``read_back``: bytes read from disk again
    ÷ bytes in.
    """

    workload: Workload
    in_avg: float
    in_peak: float
    out_avg: float
    out_peak: float
    fanout: float
    groups: float
    read_back: float
    tiered: bool
    ebs_gib: float
    kept_gib: float
    tiered_gib: float


def demand_of(workload: Workload, *, factor: float = 1.0) -> Demand:
    """Work out what a workload asks of a cluster.

    Parameters
    ----------
    workload
        What is to be carried.
    factor
        On all traffic, for the ends of an interval.

    Notes
    -----
    S2: EBS GiB = average in · hours on the brokers · 3600 · RF / 1024 · 2; Express and tiered storage keep one copy.

    Examples
    --------
    >>> one = Workload(bytes_in_per_s_avg=100 * MIB, bytes_in_per_s_peak=500 * MIB, bytes_out_per_s_avg=200 * MIB,
    ...     bytes_out_per_s_peak=1000 * MIB, partitions=1000, retention_hours=720, primary_retention_hours=24)
    >>> demand_of(one).fanout, demand_of(one).ebs_gib
    (2.0, 50625.0)
    """
    scale = workload.growth * workload.compression * factor / MIB
    live, out = workload.bytes_in_per_s_peak * scale, workload.bytes_out_per_s_peak * scale
    again = workload.catch_up * live
    in_peak = live + workload.replication_bytes_per_s / MIB
    in_avg = workload.bytes_in_per_s_avg * scale
    hours = workload.retention_hours
    primary = hours if workload.primary_retention_hours is None else workload.primary_retention_hours
    kept_per_hour = in_avg * 3600 / 1024
    groups = workload.consumer_groups
    return Demand(
        workload=workload,
        in_avg=in_avg,
        in_peak=in_peak,
        out_avg=workload.bytes_out_per_s_avg * scale,
        out_peak=out + again,
        fanout=(out + again) / in_peak,
        groups=max(out / in_peak, groups or 0.0),  # at least what consumers read, whatever number is given
        read_back=again / in_peak,
        tiered=primary < hours,
        ebs_gib=kept_per_hour * primary * workload.replication_factor * 2,
        kept_gib=kept_per_hour * hours,
        tiered_gib=kept_per_hour * (hours - primary),
    )

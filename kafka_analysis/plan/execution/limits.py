"""What an execution keeps to: how much is copied at a time, how fast, and how full a broker may become."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.common.options import Options

FLAVOURS = ("msk-standard", "msk-express")
PARTITIONS_A_CALL = {"msk-standard": 10, "msk-express": 20}
_PARTITIONS_OTHERWISE = 1000
MOST_LONG = 5
_BRIEF_S = 1.0
_Count = Annotated[int, Field(ge=1, strict=True)]
_Rate = Annotated[float, Field(ge=1, allow_inf_nan=False)]
_Share = Annotated[float, Field(gt=0, le=1)]


def rules_of(flavour: str | None) -> str | None:
    """Return the flavour whose rules hold: MSK of an untold kind is held to those of Standard, which are stricter.

    Examples
    --------
    >>> rules_of("msk"), rules_of("msk-express"), rules_of("self-managed")
    ('msk-standard', 'msk-express', 'self-managed')
    """
    return "msk-standard" if flavour and flavour.startswith("msk") and flavour not in FLAVOURS else flavour


class ExecutionLimits(Options):
    """Limits of an execution, with cautious defaults.

    Parameters
    ----------
    max_partitions_per_batch
        Partitions in one call of the tool. None: 10 on MSK Standard and 20 on MSK Express (AWS's best practices for
        each), otherwise 1000 (Cruise Control's ``num.concurrent.leader.movements``).
    max_concurrent_movements
        Copies that arrive at or are sent by one broker in a batch. A rollback keeps to it too. None: 5 long ones
        (Cruise Control's ``num.concurrent.partition.movements.per.broker``). That limit keeps bytes from overwhelming
        disks and networks, so two kinds of copies are not counted: all of a broker, where together they take no longer
        than ``pause_s`` at the throttle; and brief ones, of a second each, up to that. What loads the controller is the
        number in the whole cluster: ``max_partitions_per_batch`` bounds it, as ``max.num.cluster.partition.movements``
        (1250) does in Cruise Control.
    throttle_bytes_per_s
        The throttle to use; None: advise one for each batch.
    default_throttle_bytes_per_s
        Advised where a broker's network limit or traffic is unknown (50 MB/s: the example of Kafka's documentation).
    network_share
        Advise at most this share of what a broker's network has left beside its present traffic (0.5: a choice, which
        leaves as much for a burst as for copying).
    arriving_share
        Share of the throttle that data arriving in the moving partitions may take (0.5: a choice, by which a copy takes
        at most twice as long as without that data). A partition that needs more moves alone on its brokers.
    disk_fill_max
        Share of a broker's disk that may be full at the worst moment (0.85: where AWS's best practices set the alarm).
    cpu_max
        Share of CPU above which no batch is to start (0.7: MSK's rule). It is written into the plan as a check.
    pause_s
        Seconds between batches for the checks (60: Kafka deletes a copy that is gone after ``file.delete.delay.ms``,
        one minute by default).

    Raises
    ------
    InputError
        A limit is out of bounds.

    Examples
    --------
    >>> ExecutionLimits().of_flavour("msk-standard").max_partitions_per_batch
    10
    """

    max_partitions_per_batch: _Count | None = None
    max_concurrent_movements: _Count | None = None
    throttle_bytes_per_s: _Rate | None = None
    default_throttle_bytes_per_s: _Rate = 50e6
    network_share: _Share = 0.5
    arriving_share: _Share = 0.5
    disk_fill_max: _Share = 0.85
    cpu_max: _Share = 0.7
    pause_s: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 60.0

    @property
    def brief_bytes(self) -> float:
        """Return the size up to which a copy is brief: a second at the throttle given, or else the default.

        Examples
        --------
        >>> ExecutionLimits().brief_bytes, ExecutionLimits(throttle_bytes_per_s=1e6).brief_bytes
        (50000000.0, 1000000.0)
        """
        given = self.throttle_bytes_per_s
        return _BRIEF_S * (self.default_throttle_bytes_per_s if given is None else given)

    def of_flavour(self, flavour: str | None) -> ExecutionLimits:
        """Return the limits with the number of partitions a call set, as the kind of cluster allows it.

        Raises
        ------
        InputError
            MSK has no such flavour, or the number given is more than it advises.
        """
        if flavour is not None and flavour.startswith("msk") and flavour not in FLAVOURS:
            raise InputError.unknown("flavour", flavour, FLAVOURS)
        most = PARTITIONS_A_CALL.get(flavour or "")
        given = self.max_partitions_per_batch
        if most is not None and given is not None and given > most:
            raise InputError(f"max_partitions_per_batch is {given}; it must be at most {most} on {flavour}")
        return self.model_copy(update={"max_partitions_per_batch": given or most or _PARTITIONS_OTHERWISE})

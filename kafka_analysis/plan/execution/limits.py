"""What an execution keeps to: how much is copied at a time, how fast, and how full a broker may become."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from kafka_analysis.model.errors import InputError

FLAVOURS = ("msk-standard", "msk-express")
PARTITIONS_A_CALL = {"msk-standard": 10, "msk-express": 20}
_PARTITIONS_OTHERWISE = 1000
MOST_LONG = 5
_BRIEF_S = 1.0


def rules_of(flavour: str | None) -> str | None:
    """Return the flavour whose rules hold: MSK of an untold kind is held to those of Standard, which are stricter.

    Examples
    --------
    >>> rules_of("msk"), rules_of("msk-express"), rules_of("self-managed")
    ('msk-standard', 'msk-express', 'self-managed')
    """
    return "msk-standard" if flavour and flavour.startswith("msk") and flavour not in FLAVOURS else flavour


@dataclass(frozen=True)
class ExecutionLimits:
    """Limits of an execution, with defaults for a night on which nobody wants to be surprised.

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

    max_partitions_per_batch: int | None = None
    max_concurrent_movements: int | None = None
    throttle_bytes_per_s: float | None = None
    default_throttle_bytes_per_s: float = 50e6
    network_share: float = 0.5
    arriving_share: float = 0.5
    disk_fill_max: float = 0.85
    cpu_max: float = 0.7
    pause_s: float = 60.0

    def __post_init__(self) -> None:
        for name in ("max_partitions_per_batch", "max_concurrent_movements"):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
                _refuse(name, value, "a whole number of at least 1")
        for name in ("throttle_bytes_per_s", "default_throttle_bytes_per_s"):
            value = getattr(self, name)
            if value is not None and not 1 <= value < math.inf:
                _refuse(name, value, "at least 1 byte/s")
        for name in ("network_share", "arriving_share", "disk_fill_max", "cpu_max"):
            if not 0 < getattr(self, name) <= 1:
                _refuse(name, getattr(self, name), "above 0 and at most 1")
        if not 0 <= self.pause_s < math.inf:
            _refuse("pause_s", self.pause_s, "0 or more seconds")

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
            _refuse("max_partitions_per_batch", given, f"at most {most} on {flavour}")
        return replace(self, max_partitions_per_batch=given or most or _PARTITIONS_OTHERWISE)


def _refuse(name: str, value: object, allowed: str) -> None:
    message = f"{name} is {value}; it must be {allowed}"
    raise InputError(message)

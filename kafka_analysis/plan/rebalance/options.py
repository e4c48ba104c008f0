"""Options of a rebalance plan, checked before anything is computed."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.resources import TOLERANCE
from kafka_analysis.plan.common.options import Options

RESOURCES = ("size_bytes", "bytes_in_per_s", "bytes_out_per_s", "replicas", "leaders")
COUNTS = ("replicas", "leaders")
MOVING = ("remove_brokers", "add_brokers", "replication_factor", "drain_above")  # ask replicas to move
_Fraction = Annotated[float, Field(ge=0, le=10)]


class RebalanceOptions(Options):
    """The options of :func:`kafka_analysis.plan.rebalance.plan.plan_rebalance`, which says what they mean.

    Examples
    --------
    >>> RebalanceOptions(tolerance=0.05).tolerance_of("size_bytes")
    0.05
    """

    resources: tuple[str, ...] | None = None
    tolerance: _Fraction | dict[str, _Fraction] = TOLERANCE
    max_moved_bytes: Annotated[float, Field(ge=0)] | None = None
    max_movements: Annotated[int, Field(ge=0)] | None = None
    leaders_only: bool = False
    include_topics: tuple[str, ...] | None = None
    exclude_topics: tuple[str, ...] = ()
    remove_brokers: frozenset[int] = frozenset()
    add_brokers: frozenset[int] = frozenset()
    drain_above: Annotated[float, Field(gt=0)] | None = None
    pinned: frozenset[tuple[str, int]] = frozenset()
    replication_factor: dict[str, Annotated[int, Field(ge=1)]] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    time_limit: Annotated[float, Field(gt=0)] | None = None

    @property
    def is_unlimited(self) -> bool:
        """Return whether no limit cuts the plan short: neither bytes, movements nor time."""
        return self.max_moved_bytes is None and self.max_movements is None and self.time_limit is None

    def tolerance_of(self, resource: str) -> float:
        """Return the fraction of the mean by which a broker may exceed or fall short of its share."""
        return self.tolerance.get(resource, TOLERANCE) if isinstance(self.tolerance, dict) else self.tolerance

    @model_validator(mode="after")
    def _check(self) -> Self:
        if both := self.add_brokers & self.remove_brokers:
            message = f"broker {min(both)} is in both add_brokers and remove_brokers; keep it in one of them"
            raise InputError(message)
        moving = next((name for name in MOVING if getattr(self, name)), None)
        if self.leaders_only and moving:
            message = f"leaders_only moves no replicas, which {moving} needs; give only one of the two"
            raise InputError(message)
        return self

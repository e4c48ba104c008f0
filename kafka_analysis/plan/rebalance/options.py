"""What may be asked of a rebalance plan, checked before anything is computed."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.resources import TOLERANCE

RESOURCES = ("size_bytes", "bytes_in_per_s", "bytes_out_per_s", "replicas", "leaders")
COUNTS = ("replicas", "leaders")
_Fraction = Annotated[float, Field(ge=0, le=10)]


class RebalanceOptions(BaseModel):
    """The options of :func:`kafka_analysis.plan.rebalance.plan.plan_rebalance`, which says what they mean."""

    model_config = ConfigDict(extra="forbid", frozen=True)

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


def read_options(**given: object) -> RebalanceOptions:
    """Check options and that they do not contradict each other.

    Raises
    ------
    InputError
        An option is wrong, or two cannot hold together.

    Examples
    --------
    >>> read_options(tolerance=0.05).tolerance_of("size_bytes")
    0.05
    >>> read_options(max_movements=-1)
    Traceback (most recent call last):
        ...
    kafka_analysis.model.errors.InputError: max_movements: Input should be greater than or equal to 0
    """
    try:
        options = RebalanceOptions.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        message = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise InputError(message) from None
    both = options.add_brokers & options.remove_brokers
    if both:
        message = (
            f"broker {min(both)} is to be added and removed; name it in one of add_brokers and remove_brokers"
        )
        raise InputError(message)
    moving = [
        name
        for name in ("remove_brokers", "add_brokers", "replication_factor", "drain_above")
        if getattr(options, name)
    ]
    if options.leaders_only and moving:
        message = f"leaders_only moves no replica, so {moving[0]} cannot be met; leave one of the two out"
        raise InputError(message)
    return options

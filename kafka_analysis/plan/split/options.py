"""What may be asked of a split, checked before anything is computed."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.parameters import Amount

RESOURCES = ("bytes_in_per_s", "bytes_out_per_s", "size_bytes", "partitions")
EVENNESS = 1.15  # of its even share a cell may carry where no limit is given
_Weight = Annotated[float, Field(ge=0, le=1e6)]
_Amount = Annotated[Amount, Field(gt=0)]
_MOST_CELLS = 1000


class SplitWeights(BaseModel):
    """How much each aim weighs, each a share: 1 % of one is worth as much as 1 % of another of the same weight.

    ``colocation``: clients in extra cells ÷ clients. ``cross_cell_bytes``: bytes that clients exchange with other cells
    than their home ÷ all bytes. ``blast_radius``: clients that touch the worst cell ÷ clients. ``cost``: dollars ÷
    those of the cheapest number of cells looked at; it decides between numbers of cells only.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    colocation: _Weight = 1.0
    cross_cell_bytes: _Weight = 8.0
    blast_radius: _Weight = 4.0
    cost: _Weight = 20.0


def _names(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class SplitOptions(BaseModel):
    """The options of :func:`kafka_analysis.plan.split.plan_split`, which says what they mean."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cells: Annotated[int, Field(ge=1, le=_MOST_CELLS)] | tuple[str, ...] | None = None
    limits: dict[str, _Amount | dict[str, _Amount]] | None = None
    profile: str | dict[str, str] | None = None
    max_brokers: Annotated[int, Field(ge=1)] | None = None
    peak_ratio: Annotated[float, Field(ge=1, le=1000)] = 1.0
    together: tuple[Annotated[tuple[str, ...], BeforeValidator(_names)], ...] = ()
    apart: tuple[Annotated[tuple[str, ...], BeforeValidator(_names)], ...] = ()
    pinned: dict[str, str] = Field(default_factory=dict)
    max_clients: Annotated[int, Field(ge=1)] | None = None
    max_client_share: Annotated[float, Field(gt=0, le=1)] | None = None
    weights: SplitWeights = SplitWeights()
    previous: dict[str, str] | None = None
    max_moved_share: Annotated[float, Field(ge=0, le=1)] = 0.02
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0

    @model_validator(mode="after")
    def _check(self) -> SplitOptions:
        if isinstance(self.cells, tuple) and (
            not self.cells or len(set(self.cells)) < len(self.cells) or "" in self.cells
        ):
            message = "cells must be a number, or names that differ"
            raise ValueError(message)
        why = (self.limits, self.profile, self.max_clients, self.max_client_share)
        if self.cells is None and not any(why):
            message = "cells is None, so limits, a profile, max_clients or max_client_share must say how many it takes"
            raise ValueError(message)
        if self.max_brokers is not None and self.profile is None:
            message = "max_brokers says how many of a profile's brokers a cell may have; give a profile too"
            raise ValueError(message)
        return self

    def names(self, count: int) -> tuple[str, ...]:
        """Return the names of so many cells: as given, then those of the previous plan, then numbers."""
        if isinstance(self.cells, tuple):
            return self.cells
        known = sorted({*(self.previous or {}).values(), *self.pinned.values()})
        width = len(str(max(count, len(known))))
        made = (f"cell-{number:0{width}d}" for number in range(1, count + len(known) + 1))
        return tuple([*known, *(name for name in made if name not in known)][: max(count, len(known))])


def read_options(**given: Any) -> SplitOptions:
    """Check options and that they do not contradict each other.

    Raises
    ------
    InputError
        An option is wrong, or two cannot hold together.

    Examples
    --------
    >>> read_options(cells=2).names(2)
    ('cell-1', 'cell-2')
    >>> read_options(cells=0)
    Traceback (most recent call last):
        ...
    kafka_analysis.model.errors.InputError: cells: Input should be greater than or equal to 1
    """
    for name in given:
        if name not in SplitOptions.model_fields:
            what = "option of a split"
            raise InputError.unknown(what, name, SplitOptions.model_fields)
    try:
        return SplitOptions.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = str(first["loc"][0]) + ": " if first["loc"] else ""
        message = f"{where}{first['msg'].removeprefix('Value error, ')}"
        raise InputError(message) from None

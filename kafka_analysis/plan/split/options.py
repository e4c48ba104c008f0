"""Options of a split, checked before anything is computed."""

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.parameters import Amount
from kafka_analysis.plan.common.options import Options

RESOURCES = ("bytes_in_per_s", "bytes_out_per_s", "size_bytes", "partitions")
EVENNESS = 1.15  # of its even share a cell may carry where no limit is given
_Weight = Annotated[float, Field(ge=0, le=1e6)]
_Amount = Annotated[Amount, Field(gt=0)]
_MOST_CELLS = 1000


class SplitWeights(Options):
    """How much each aim weighs, each a share: 1 % of one is worth as much as 1 % of another of the same weight.

    ``colocation``: clients in extra cells ÷ clients. ``cross_cell_bytes``: bytes that clients exchange with other cells
    than their home ÷ all bytes. ``blast_radius``: clients that touch the worst cell ÷ clients. ``cost``: dollars ÷
    those of the cheapest number of cells looked at; it decides between numbers of cells only.
    """

    colocation: _Weight = 1.0
    cross_cell_bytes: _Weight = 8.0
    blast_radius: _Weight = 4.0
    cost: _Weight = 20.0


def _names(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class SplitOptions(Options):
    """The options of :func:`kafka_analysis.plan.plan_split`, which says what they mean.

    Examples
    --------
    >>> SplitOptions(cells=2).names(2)
    ('cell-1', 'cell-2')
    """

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
    def _check(self) -> Self:
        if isinstance(self.cells, tuple) and (
            not self.cells or len(set(self.cells)) < len(self.cells) or "" in self.cells
        ):
            raise InputError("cells must be a number, or a list of different names")
        if self.cells is None and not any(
            (self.limits, self.profile, self.max_clients, self.max_client_share)
        ):
            raise InputError(
                "cells is None; give limits, a profile, max_clients or max_client_share: the number of cells follows "
                "from them"
            )
        if self.max_brokers is not None and self.profile is None:
            raise InputError("max_brokers limits the brokers of a profile; give profile too")
        return self

    def names(self, count: int) -> tuple[str, ...]:
        """Return the names of so many cells: as given, then those of the previous plan, then numbers."""
        if isinstance(self.cells, tuple):
            return self.cells
        taken = sorted({*(self.previous or {}).values(), *self.pinned.values()})
        width = len(str(max(count, len(taken))))
        made = (f"cell-{number:0{width}d}" for number in range(1, count + len(taken) + 1))
        return tuple([*taken, *(name for name in made if name not in taken)][: max(count, len(taken))])

"""Options of a planner, checked when they are made: one message for each kind of mistake."""

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from kafka_analysis.model.errors import InputError

_LONGEST = 60  # characters of a wrong value that a message shows


class Options(BaseModel):
    """Base of a planner's options: a wrong value is an :class:`~kafka_analysis.model.errors.InputError`.

    Raises
    ------
    InputError
        An option is unknown or missing, its value is wrong, or two contradict each other; one line names it.

    Examples
    --------
    >>> class Limits(Options):
    ...     most: int = 1
    >>> Limits(most="some")
    Traceback (most recent call last):
        ...
    kafka_analysis.model.errors.InputError: most should be a valid integer, ..., got 'some'
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise InputError(first_mistake(error, type(self))) from None


def first_mistake(error: ValidationError, model: type[BaseModel]) -> str:
    """Say in one line what is wrong with the first value that is.

    Examples
    --------
    >>> class Limits(BaseModel):
    ...     most: int
    >>> try:
    ...     Limits()
    ... except ValidationError as error:
    ...     first_mistake(error, Limits)
    'most is missing; give it'
    """
    mistake = error.errors(include_url=False)[0]
    name = str(mistake["loc"][0]) if mistake["loc"] else ""
    if mistake["type"] == "missing":
        return f"{name} is missing; give it"
    if mistake["type"] == "extra_forbidden":
        return str(InputError.unknown("option", name, model.model_fields))
    shown = repr(mistake["input"])
    shown = shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"
    return f"{name} {mistake['msg'].removeprefix('Value error, ').removeprefix('Input ')}, got {shown}"

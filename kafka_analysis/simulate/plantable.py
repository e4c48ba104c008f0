"""What can be planted in a simulated capture, and how it is written as text."""

import re
from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

_NUMBERS: dict[str, Callable[[str], Any]] = {
    "broker": int,
    "factor": float,
    "share": float,
    "change": lambda percent: round(float(percent) / 100, 12),
}


class StrictModel(BaseModel):
    """A model that takes no unknown name and no value of another type."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class _Planted(StrictModel):
    """What a plan may also give as text: ``pattern`` names its fields, ``spelling`` says how it is written."""

    pattern: ClassVar[str]
    spelling: ClassVar[str]

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        match = re.fullmatch(cls.pattern, value.strip(), re.ASCII)
        if match is None:
            raise ValueError(f"should be {cls.spelling}")
        return {name: _NUMBERS.get(name, str)(text) for name, text in match.groupdict().items()}


class HotBroker(_Planted):
    """A broker whose partitions take ``factor`` times the mean bytes in of a broker; as text ``3:2.5``."""

    pattern = r"(?P<broker>\d+):(?P<factor>\d+(?:\.\d+)?)"
    spelling = "BROKER:FACTOR such as 3:2.5"
    broker: Annotated[int, Field(ge=1)]
    factor: Annotated[float, Field(gt=0, allow_inf_nan=False)]


class SkewedTopic(_Planted):
    """A topic whose partition 0 takes ``share`` of its bytes, as a hot key does; as text ``topic-02:0.6``."""

    pattern = r"(?P<topic>[^:]+):(?P<share>\d*\.?\d+)"
    spelling = "TOPIC:SHARE such as topic-02:0.6"
    topic: str
    share: Annotated[float, Field(gt=0, lt=1)]


class Effect(_Planted):
    """A step in a phase: its bytes in (and records) change by a fraction; as text ``after:bytes_in=+10%``."""

    pattern = r"(?P<phase>\w+):(?P<metric>\w+)=(?P<change>[+-]\d+(?:\.\d+)?)\s*%"
    spelling = "PHASE:bytes_in=CHANGE such as after:bytes_in=+10%"
    phase: Literal["baseline", "after"]
    metric: Literal["bytes_in"] = "bytes_in"
    change: Annotated[float, Field(ge=-1, le=100)]
    topic: str | None = None

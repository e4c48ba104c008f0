"""What can be planted in a simulated capture, and how it is written as text."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

_HOT = re.compile(r"(\d+):(\d+(?:\.\d+)?)", re.ASCII)
_SKEWED = re.compile(r"([^:]+):(\d*\.?\d+)", re.ASCII)
_EFFECT = re.compile(r"(\w+):(\w+)=([+-]\d+(?:\.\d+)?)\s*%", re.ASCII)


class StrictModel(BaseModel):
    """A model that takes no unknown name and no value of another type."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class HotBroker(StrictModel):
    """A broker whose partitions take ``factor`` times the mean bytes in of a broker; as text ``3:2.5``."""

    broker: Annotated[int, Field(ge=1)]
    factor: Annotated[float, Field(gt=0, allow_inf_nan=False)]

    @model_validator(mode="before")
    @classmethod
    def _text(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        if (found := _HOT.fullmatch(value.strip())) is None:
            raise ValueError("should be BROKER:FACTOR such as 3:2.5")
        return {"broker": int(found[1]), "factor": float(found[2])}


class SkewedTopic(StrictModel):
    """A topic whose partition 0 takes ``share`` of its bytes, as a hot key does; as text ``topic-02:0.6``."""

    topic: str
    share: Annotated[float, Field(gt=0, lt=1)]

    @model_validator(mode="before")
    @classmethod
    def _text(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        if (found := _SKEWED.fullmatch(value.strip())) is None:
            raise ValueError("should be TOPIC:SHARE such as topic-02:0.6")
        return {"topic": found[1], "share": float(found[2])}


class Effect(StrictModel):
    """A step in a phase: its bytes in (and records) change by a fraction; as text ``after:bytes_in=+10%``."""

    phase: Literal["baseline", "after"]
    metric: Literal["bytes_in"] = "bytes_in"
    change: Annotated[float, Field(ge=-1, le=100)]
    topic: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _text(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        if (found := _EFFECT.fullmatch(value.strip())) is None:
            raise ValueError("should be PHASE:bytes_in=CHANGE such as after:bytes_in=+10%")
        return {"phase": found[1], "metric": found[2], "change": round(float(found[3]) / 100, 12)}

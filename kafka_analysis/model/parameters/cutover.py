"""Parameters of the cut-over check: which waves, at which gate, and what is required."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from kafka_analysis.model.errors import ParameterError
from kafka_analysis.model.parameters.describing import MirroredParameters
from kafka_analysis.model.parameters.values import Moment, Rows, Seconds, Share, option

Wave = Annotated[int, Field(ge=1)]
Records = Annotated[int, Field(ge=0)]
Stage = Literal["prepared", "producers stopped", "consumers stopped"]
Waivable = Literal[
    "brokers",
    "counts",
    "records",
    "read twice",
    "parity",
    "transactions",
    "retention",
    "timestamps",
    "headroom",
    "certificates",
]


class CutoverReadinessParameters(MirroredParameters):
    """Parameters of ``60_cutover_readiness``: the waves, the gate they stand at, and what may be waived."""

    notebook: ClassVar[str] = "60_cutover_readiness"

    end: Moment | None = option(
        None, "end of the window, UTC, exclusive; None = the recorded cut-over, else the end of the capture"
    )
    waves: str | None = option(
        None,
        "CSV of topic, cell, wave; None = the file beside the capture, if any, else all replicated topics",
        is_input=False,
    )
    wave: Wave | None = option(None, "wave number; None = all waves")
    stage: Stage = option(
        "prepared", 'last completed step: "prepared", "producers stopped" or "consumers stopped"'
    )
    waive: list[Waivable] = option([], 'checks to skip, such as ["headroom"]')
    most_read_twice: Records | None = option(
        None, "maximum records that a group may read twice; None = no limit"
    )
    groups_exclude: list[str] = option(
        [],
        'groups no longer in use, as shell patterns, such as ["console-consumer-*"]',
        "--exclude-group",
    )
    clients_translate: bool = option(
        False, "clients translate their offsets themselves, from the checkpoints of MirrorMaker 2"
    )
    may_lag: bool = option(False, "consumers may move before they have read everything at the source")
    needs_way_back: bool = option(False, "a wave may only move if it is also replicated back to the source")
    tied_topics: list[list[str]] = option(
        [], 'lists of topics written in one transaction, such as [["orders", "payments"]]'
    )
    move_s: Seconds = option(
        26 * 3600.0,
        'how long unread records must still be retained, to cut over and to roll back, such as "26h"',
    )
    certificate_s: Seconds = option(26 * 3600.0, 'how long certificates must still be valid, such as "26h"')
    broker_type: str | None = option(
        None, 'broker type of the cells, such as "m7g.large"; None = as recorded'
    )
    headroom: Share = option(0.8, "maximum utilization of a broker after the wave has moved")
    top_n: Rows = option(20, "number of rows in rankings")

    @model_validator(mode="after")
    def _check_tied_topics(self) -> Self:
        if any(len(set(topics)) < 2 for topics in self.tied_topics):
            raise ParameterError(
                "tied_topics takes lists of two topics or more that are written in one transaction"
            )
        return self

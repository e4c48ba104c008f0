"""Parameters of the cut-over check: which waves, at which gate, and what is asked of them."""

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
        None, "UTC, not included; None = a wave's recorded cut-over, else the end of the capture"
    )
    waves: str | None = option(
        None,
        "CSV of topic, cell, wave; None = the file beside the capture, where there is one, else all that is replicated",
        is_input=False,
    )
    wave: Wave | None = option(None, "one wave by number; None = all")
    stage: Stage = option(
        "prepared", '"prepared", "producers stopped" or "consumers stopped": what has been done already'
    )
    waive: list[Waivable] = option([], 'checks that are not asked, such as ["headroom"]')
    most_read_twice: Records | None = option(
        None, "so many records may a group read twice at most; None = any number"
    )
    groups_exclude: list[str] = option(
        [],
        'shell patterns of groups that nobody uses any more, such as ["console-consumer-*"]',
        "--exclude-group",
    )
    clients_translate: bool = option(
        False, "clients take their offsets from MirrorMaker's checkpoints themselves"
    )
    may_lag: bool = option(False, "consumers may move before they have read everything at the source")
    needs_way_back: bool = option(False, "a wave may move only if it is replicated back to the source too")
    tied_topics: list[list[str]] = option(
        [], 'topics that one transaction writes to, as owners say, such as [["orders", "payments"]]'
    )
    move_s: Seconds = option(
        26 * 3600.0,
        'so long unread records must be kept: the cut-over and the time to take it back, such as "26h"',
    )
    certificate_s: Seconds = option(26 * 3600.0, 'so long certificates must be good for, such as "26h"')
    broker_type: str | None = option(
        None, 'what brokers of the cells are, such as "m7g.large"; None = as recorded'
    )
    headroom: Share = option(0.8, "so much of what a broker carries may be used once the wave has moved")
    top_n: Rows = option(20, "rows shown in rankings")

    @model_validator(mode="after")
    def _check_tied_topics(self) -> Self:
        if any(len(set(topics)) < 2 for topics in self.tied_topics):
            raise ParameterError(
                "tied_topics: each is a list of two topics or more that one transaction writes to"
            )
        return self

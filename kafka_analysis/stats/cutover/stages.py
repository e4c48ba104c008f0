"""The gates of a cut-over in their order, and which checks each of them asks."""

from collections.abc import Collection
from typing import NamedTuple, get_args

from kafka_analysis.model.parameters.cutover import Stage
from kafka_analysis.stats.cutover.rows import CHECKS, Check

STAGES: tuple[Stage, ...] = get_args(Stage)


class Gate(NamedTuple):
    """What a gate opens, and the checks that are not asked there."""

    opens: str
    not_asked: tuple[Check, ...]


GATES: dict[Stage, Gate] = {
    "prepared": Gate("the producers may be stopped", ("producers", "consumers")),
    "producers stopped": Gate("the producers may start at the target", ("consumers",)),
    # Whoever writes at the target by then makes its log longer than the source's.
    "consumers stopped": Gate("the consumers may start at the target", ("counts",)),
}


def asked_checks(stage: Stage, waived: Collection[str] = ()) -> tuple[Check, ...]:
    """Return the checks that are asked at a gate, in their order, without those that are waived.

    Examples
    --------
    >>> asked_checks("prepared", ["headroom"])[:4], "producers" in asked_checks("producers stopped")
    (('clusters', 'brokers', 'replica', 'counts'), True)
    """
    return tuple(check for check in CHECKS if check not in GATES[stage].not_asked and check not in waived)

"""What a rule is: when it holds, what it says of a tool, and the fact that it cites."""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from kafka_analysis.model.parameters.replication import ReplicationRequirements


class Fit(StrEnum):
    """Whether a tool does what is asked; the worst one comes first."""

    NO = "does not fit"
    UNKNOWN = "unknown"
    CARE = "fits with care"
    YES = "fits"


Condition = Callable[[ReplicationRequirements], bool]


class Rule(NamedTuple):
    """One sentence about a tool and a requirement.

    ``holds`` says when; a condition that a requirement is unknown makes the verdict unknown, never that it does not
    fit, so that a further answer cannot bring a tool back. ``reason`` may be made of the requirements' numbers.
    """

    requirement: str
    holds: Condition
    fit: Fit
    fact: str
    reason: str | Callable[[ReplicationRequirements], str]


def always(_: ReplicationRequirements) -> bool:
    """Hold whatever else is asked.

    Examples
    --------
    >>> always(ReplicationRequirements())
    True
    """
    return True

"""One deadline for a whole exchange: from connecting to the last line that is understood."""

import time
from dataclasses import dataclass
from typing import Self

from kafka_analysis.model.errors import NoAnswerError


@dataclass(frozen=True)
class Deadline:
    """A moment of the monotonic clock, and the seconds it was set for."""

    seconds: float
    at: float

    @classmethod
    def after(cls, seconds: float) -> Self:
        """Return the deadline that many seconds from now.

        Examples
        --------
        >>> 9 < Deadline.after(10).left <= 10
        True
        """
        return cls(seconds, time.monotonic() + seconds)

    @property
    def left(self) -> float:
        """Return the seconds left, at least 0."""
        return max(self.at - time.monotonic(), 0.0)

    def check(self) -> None:
        """Do nothing before the deadline.

        Raises
        ------
        NoAnswerError
            It has passed.

        Examples
        --------
        >>> Deadline.after(0).check()
        Traceback (most recent call last):
        ...
        kafka_analysis.model.errors.NoAnswerError: no full answer within 0 s
        """
        if time.monotonic() >= self.at:
            raise self.passed()

    def passed(self) -> NoAnswerError:
        """Return the error that says that it has passed."""
        return NoAnswerError(f"no full answer within {self.seconds:g} s")

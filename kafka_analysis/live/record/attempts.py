"""Count the requests to a target and its answers, and make gaps of failures."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter

from kafka_analysis.model.manifest import Gap, LineCounts, SourceInfo


@dataclass
class Attempts:
    """The requests to one target: when each was made, and why it failed where it did.

    ``errors`` counts the failures that were this program's; ``slowest_s`` is the longest a good answer took.
    """

    outcomes: list[tuple[datetime, str | None]] = field(default_factory=list)
    lines: LineCounts | None = None
    dialect: str | None = None
    errors: int = 0
    slowest_s: float = 0.0

    @property
    def fails(self) -> bool:
        """Tell whether the last request failed."""
        return bool(self.outcomes) and self.outcomes[-1][1] is not None

    def info(
        self,
        kind: str,
        cluster: str,
        broker: int | None,
        address: str,
        *,
        end: datetime,
        interval_s: float | None,
    ) -> SourceInfo:
        """Return the target's entry in the manifest.

        Parameters
        ----------
        end
            When the recording ended: a failure nothing good came after is a gap up to then.
        interval_s
            Seconds between two requests; None for what is read at both ends only.
        """
        failed = sum(reason is not None for _, reason in self.outcomes)
        return SourceInfo(
            kind=kind,
            cluster=cluster,
            broker=broker,
            address=address,
            dialect=self.dialect,
            interval_s=interval_s,
            attempts=len(self.outcomes),
            ok=len(self.outcomes) - failed,
            failed=failed,
            errors=self.errors,
            gaps=gaps(self.outcomes, end=end),
            lines=self.lines,
        )


def gaps(outcomes: Sequence[tuple[datetime, str | None]], *, end: datetime) -> tuple[Gap, ...]:
    """Join failures in a row to gaps: from the first failure to the next good answer, with the first reason.

    Examples
    --------
    >>> t = [datetime(2026, 1, 1, 0, 0, s) for s in range(4)]
    >>> joined = gaps([(t[0], None), (t[1], "down"), (t[2], "down"), (t[3], None)], end=t[3])
    >>> [(g.start.second, g.end.second, g.reason) for g in joined]
    [(1, 3, 'down')]
    """
    joined: list[Gap] = []
    begun: tuple[datetime, str] | None = None
    ordered = sorted(outcomes, key=itemgetter(0))  # a late answer is noted after later requests
    for moment, reason in ordered:
        if reason is None and begun is not None:
            joined.append(Gap(start=begun[0], end=moment, reason=begun[1]))
            begun = None
        elif reason is not None and begun is None:
            begun = (moment, reason)
    if begun is not None:
        joined.append(Gap(start=begun[0], end=max(end, begun[0]), reason=begun[1]))
    return tuple(joined)

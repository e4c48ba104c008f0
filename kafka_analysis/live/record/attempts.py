"""Keep count of what was asked and answered, and make gaps of what was not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter

from kafka_analysis.live.record.targets import Target
from kafka_analysis.model.manifest import Gap, LineCounts, SourceInfo


@dataclass
class Attempts:
    """What came of asking one target: when it was asked, and why it failed where it did.

    ``errors`` counts the failures that were this program's; ``slowest_s`` is the longest a good answer took.
    """

    asked: list[tuple[datetime, str | None]] = field(default_factory=list)
    lines: LineCounts | None = None
    dialect: str | None = None
    errors: int = 0
    slowest_s: float = 0.0

    @property
    def fails(self) -> bool:
        """Tell whether the last answer was none."""
        return bool(self.asked) and self.asked[-1][1] is not None


def source_info(target: Target, attempts: Attempts, *, end: datetime, interval_s: float | None) -> SourceInfo:
    """Return a target's entry in the manifest.

    Parameters
    ----------
    end
        When the recording ended: a failure nothing good came after is a gap up to then.
    interval_s
        Seconds between two questions; None for what is asked at both ends only.
    """
    failed = sum(reason is not None for _, reason in attempts.asked)
    return SourceInfo(
        kind=target.kind,
        cluster=target.cluster,
        broker=target.broker,
        address=target.address,
        dialect=attempts.dialect,
        interval_s=interval_s,
        attempts=len(attempts.asked),
        ok=len(attempts.asked) - failed,
        failed=failed,
        errors=attempts.errors,
        gaps=gaps(attempts.asked, end=end),
        lines=attempts.lines,
    )


def gaps(asked: Sequence[tuple[datetime, str | None]], *, end: datetime) -> tuple[Gap, ...]:
    """Join failures in a row to gaps: from the first failure to the next good answer, with the first reason.

    Examples
    --------
    >>> t = [datetime(2026, 1, 1, 0, 0, s) for s in range(4)]
    >>> found = gaps([(t[0], None), (t[1], "down"), (t[2], "down"), (t[3], None)], end=t[3])
    >>> [(g.start.second, g.end.second, g.reason) for g in found]
    [(1, 3, 'down')]
    """
    found: list[Gap] = []
    begun: tuple[datetime, str] | None = None
    for moment, reason in sorted(
        asked, key=itemgetter(0)
    ):  # a late answer is noted after questions asked later
        if reason is None and begun is not None:
            found.append(Gap(start=begun[0], end=moment, reason=begun[1]))
            begun = None
        elif reason is not None and begun is None:
            begun = (moment, reason)
    if begun is not None:
        found.append(Gap(start=begun[0], end=max(end, begun[0]), reason=begun[1]))
    return tuple(found)

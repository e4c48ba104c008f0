"""Join what several recordings say about the same target: attempts add up, and what lies between them is a gap."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import reduce

from kafka_analysis.model.manifest import Gap, LineCounts, SourceInfo, Span

NOT_RECORDED = "not recorded: between two recordings"
_USUAL_INTERVAL_S = 15.0
_Target = tuple[str, str, int, str]
_Times = list[tuple[datetime, datetime]]


def join_sources(recordings: Sequence[tuple[Span, Iterable[SourceInfo]]]) -> tuple[SourceInfo, ...]:
    """Join the sources of several recordings.

    A target asked in different intervals keeps an entry for each. Of the time all recordings span together, what no
    recording of a target covers is a gap of it, unless no question was due in it.

    Parameters
    ----------
    recordings
        The window of each and its sources; those of an earlier join may be joined again.

    Examples
    --------
    >>> from datetime import UTC
    >>> def recording(hour, ok):
    ...     start = datetime(2026, 1, 1, hour, tzinfo=UTC)
    ...     one = SourceInfo(kind="jmx", cluster="c", broker=1, address="a", attempts=ok, ok=ok, failed=0)
    ...     return Span(start=start, end=start + timedelta(minutes=30)), [one]
    >>> joined, = join_sources([recording(1, 5), recording(2, 7)])
    >>> joined.attempts, [f"{gap.start:%H:%M} to {gap.end:%H:%M}" for gap in joined.gaps]
    (12, ['01:30 to 02:00'])
    """
    entries: dict[tuple[_Target, float], list[SourceInfo]] = {}
    covered: dict[_Target, _Times] = {}
    for window, sources in sorted(recordings, key=lambda r: (r[0].start, r[0].end)):
        gaps_of: dict[_Target, list[Gap]] = {}
        for source in sources:
            entries.setdefault((_target(source), source.interval_s or 0.0), []).append(source)
            gaps_of.setdefault(_target(source), []).extend(g for g in source.gaps if g.reason == NOT_RECORDED)
        for target, gaps in gaps_of.items():
            covered.setdefault(target, []).extend(_without(window, gaps))
    windows = [window for window, _ in recordings]
    hull = Span(start=min(w.start for w in windows), end=max(w.end for w in windows))
    joined, with_gaps = [], set()
    for (target, interval_s), parts in sorted(entries.items()):
        between = (
            [] if target in with_gaps else _between(hull, covered[target], interval_s or _USUAL_INTERVAL_S)
        )
        with_gaps.add(target)
        joined.append(_joined(parts, between))
    return tuple(joined)


def _target(source: SourceInfo) -> _Target:
    return source.kind, source.cluster, -1 if source.broker is None else source.broker, source.address


def _without(window: Span, gaps: Iterable[Gap]) -> _Times:
    """Return the stretches of a window outside of gaps."""
    stretches, begin = [], window.start
    for gap in sorted(gaps, key=lambda g: g.start):
        stretches.append((begin, gap.start))
        begin = max(begin, gap.end)
    return [(start, end) for start, end in [*stretches, (begin, window.end)] if start < end]


def _between(hull: Span, covered: _Times, interval_s: float) -> list[Gap]:
    """Return the stretches nothing covers, those left out in which no question was due."""
    gaps, reached = [], hull.start
    for start, end in [*sorted(covered), (hull.end, hull.end)]:
        if start - reached > timedelta(seconds=interval_s):
            gaps.append(Gap(start=reached, end=start, reason=NOT_RECORDED))
        reached = max(reached, end)
    return gaps


def _joined(parts: Sequence[SourceInfo], between: Iterable[Gap]) -> SourceInfo:
    lines = [part.lines for part in parts if part.lines is not None]
    gaps = {gap for part in parts for gap in part.gaps if gap.reason != NOT_RECORDED}
    return parts[0].model_copy(
        update={
            "dialect": next((part.dialect for part in reversed(parts) if part.dialect), None),
            "attempts": sum(part.attempts for part in parts),
            "ok": sum(part.ok for part in parts),
            "failed": sum(part.failed for part in parts),
            "errors": sum(part.errors for part in parts),
            "gaps": tuple(sorted({*gaps, *between}, key=lambda gap: (gap.start, gap.end, gap.reason))),
            "lines": reduce(LineCounts.__add__, lines) if lines else None,
        }
    )

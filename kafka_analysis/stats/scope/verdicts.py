"""Verdicts on a capture itself: grey where it does not carry a judgement."""

from collections.abc import Sequence

from kafka_analysis.model.findings import Coverage, Light, Verdict, not_judged
from kafka_analysis.model.units import counted, format_quantity
from kafka_analysis.stats.scope.windows import Window


def not_covered(coverage: Coverage | None) -> Verdict | None:
    """Return a grey verdict when the coverage is below what is required, else None; also for files, which have none.

    Examples
    --------
    >>> not_covered(Coverage(expected=10, seen=5)).sentence
    'no verdict: only 50 % of the expected scrapes are there; 95 % are required.'
    >>> not_covered(Coverage(expected=10, seen=10)) is None
    True
    """
    if coverage is None or coverage.sufficient:
        return None
    if coverage.ratio is None:
        return not_judged(coverage.worst or "nothing was scraped in the window")
    seen, required = format_quantity(coverage.ratio, "%"), format_quantity(coverage.required_ratio, "%")
    return not_judged(f"only {seen} of the expected {coverage.unit} are there; {required} are required")


def not_dated(windows: Sequence[Window]) -> Verdict | None:
    """Return a grey verdict when a window was guessed, else None.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> t = datetime(2026, 1, 1, tzinfo=UTC)
    >>> not_dated([Window(t, t, guessed=True)]).light.value
    'grey'
    >>> not_dated([Window(t, t)]) is None
    True
    """
    if not any(window.guessed for window in windows):
        return None
    return not_judged("no event marks the migration; give the windows before and after as parameters")


def capture_verdict(*, coverage: Coverage, gaps: int, missing: Sequence[str]) -> Verdict:
    """Judge whether a capture carries the analyses.

    Gaps do not make the verdict grey: how much is there is known. Without a single scrape nothing is.

    Parameters
    ----------
    gaps
        Number of gaps of all targets.
    missing
        Canonical metrics the analyses need and the capture does not hold.

    Examples
    --------
    >>> capture_verdict(coverage=Coverage(expected=9, seen=9), gaps=0, missing=[]).sentence
    'complete: every expected scrape and every metric that the analyses need is there.'
    >>> capture_verdict(coverage=Coverage(expected=10, seen=9), gaps=0, missing=[]).sentence
    'partial: 90 % of the expected scrapes are there; a verdict needs 95 % of its window.'
    """
    if not coverage.seen and (grey := not_covered(coverage)):
        return grey
    if missing:
        lacking = (
            f"{counted(len(missing), 'metric')} that the analyses need "
            f"{'is' if len(missing) == 1 else 'are'} missing"
        )
        return Verdict(light=Light.RED, sentence=f"{lacking}: {', '.join(missing)}.")
    ratio = format_quantity(coverage.ratio, "%")
    if gaps or coverage.seen < coverage.expected:
        about = f", with {counted(gaps, 'gap')}" if gaps else ""
        required = format_quantity(coverage.required_ratio, "%")
        how = "usable" if coverage.sufficient else "partial"
        limit = "" if coverage.sufficient else f"; a verdict needs {required} of its window"
        sentence = f"{how}: {ratio} of the expected {coverage.unit} are there{about}{limit}."
        return Verdict(light=Light.AMBER, sentence=sentence)
    return Verdict(
        light=Light.GREEN,
        sentence="complete: every expected scrape and every metric that the analyses need is there.",
    )

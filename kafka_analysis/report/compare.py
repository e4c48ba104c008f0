"""What changed since the newest earlier run of the same notebook and clusters."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kafka_analysis.model.changes import change_word
from kafka_analysis.model.findings import Figure, Finding, Light
from kafka_analysis.model.summary import SummaryResult
from kafka_analysis.model.units import format_quantity
from kafka_analysis.report.history import PastAnswer

# An amount in a title; the number of a broker, a partition or a wave says which one, and is no amount.
_AMOUNT = re.compile(
    r"(?<!brokers )(?<!broker )(?<!partition )(?<!wave )(?<!task )(?<!version )"
    r"(?<![\w.,:/-])\d[\d,.]*(?:[ \u00a0]?[kMGTP]?B(?:/s)?)?(?![\w-])"
)


@dataclass(frozen=True)
class FigureChange:
    """One figure then and now.

    ``word`` is 'better', 'worse', 'about the same' (a change below ``model.changes.LEAST_CHANGE``), or '' when neither
    direction is better or a value is unknown.
    """

    label: str
    before: str
    now: str
    word: str


@dataclass(frozen=True)
class Change:
    """The change of one cluster's answer since an earlier run, named and dated.

    ``appeared`` and ``vanished`` are titles of findings; where one of the two answers was not judged, nothing is said
    of what it did not look for.
    """

    since: str
    made_at: datetime
    before: Light
    now: Light
    figures: tuple[FigureChange, ...]
    appeared: tuple[str, ...] = ()
    vanished: tuple[str, ...] = ()

    @property
    def light_changed(self) -> bool:
        """Return whether the verdict has another light than before."""
        return self.before is not self.now

    @property
    def unchanged(self) -> bool:
        """Return whether neither the light nor any finding, nor any figure as shown, differs."""
        return not (self.light_changed or self.figures or self.appeared or self.vanished)


def compare(before: PastAnswer, now: SummaryResult) -> Change | None:
    """Compare two answers for a cluster; None where the earlier one was a failure.

    Figures are matched by name, those that read the same left out; findings by their title without its amounts.
    """
    if before.verdict is None:
        return None
    earlier = {figure.name: figure for figure in before.figures}
    pairs = ((earlier[figure.name], figure) for figure in now.figures if figure.name in earlier)
    changes = (_compare_figure(old, new) for old, new in pairs if old.unit == new.unit)
    different = tuple(change for change in changes if change.before != change.now)
    lights = before.verdict.light, now.verdict.light
    appeared = _unmatched(now.findings, before.findings) if lights[0] is not Light.GREY else ()
    vanished = _unmatched(before.findings, now.findings) if lights[1] is not Light.GREY else ()
    return Change(before.run_id, before.made_at, *lights, different, appeared, vanished)


def _compare_figure(before: Figure, now: Figure) -> FigureChange:
    shown = format_quantity(before.value, before.unit), format_quantity(now.value, now.unit)
    return FigureChange(now.label, *shown, change_word(before.value, now.value, now.better))


def _unmatched(findings: Sequence[Finding], others: Sequence[Finding]) -> tuple[str, ...]:
    """Return the titles of findings, but good ones, that have no counterpart among others."""
    known = {_without_amounts(other.title) for other in others}
    titles = (finding.title for finding in findings if finding.light is not Light.GREEN)
    return tuple(title for title in titles if _without_amounts(title) not in known)


def _without_amounts(title: str) -> str:
    """Return a title in which all amounts read alike.

    Examples
    --------
    >>> _without_amounts("3 of 1,150 partitions of orders-2 lag by 1.5 GB"), _without_amounts("broker 3 is down")
    ('# of # partitions of orders-2 lag by #', 'broker 3 is down')
    """
    return _AMOUNT.sub("#", title)

"""What changed since the newest completed run of the same notebook and clusters."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from kafka_analysis.model.findings import Figure, Light
from kafka_analysis.model.summary import Summary, SummaryResult
from kafka_analysis.model.units import format_quantity

LEAST_CHANGE = 0.05  # of the larger value: below it, two windows of one cluster differ by chance


@dataclass(frozen=True)
class FigureChange:
    """One figure then and now.

    ``word`` is 'better', 'worse', 'about the same' (a change below ``LEAST_CHANGE``), or '' when neither direction is
    better or a value is unknown.
    """

    label: str
    before: str
    now: str
    word: str


@dataclass(frozen=True)
class Change:
    """The change of one cluster's answer since an earlier run, named and dated."""

    since: str
    made_at: datetime
    before: Light
    now: Light
    figures: tuple[FigureChange, ...]

    @property
    def light_changed(self) -> bool:
        """Return whether the verdict has another light than before."""
        return self.before is not self.now

    @property
    def unchanged(self) -> bool:
        """Return whether neither the light nor any figure differs as shown."""
        return not self.light_changed and not self.figures


def newest_before(out: Path, current: Summary) -> tuple[str, Summary] | None:
    """Return the newest completed run (id, summary) of the same notebook and clusters, or None.

    Parameters
    ----------
    out
        Folder of all reports, complete runs only.
    current
        The summary to find a predecessor of.
    """
    candidates = [
        (summary.created_at, run_id, summary)
        for run_id, summary in _completed(out, current.notebook)
        if set(summary.clusters) == set(current.clusters) and summary.created_at < current.created_at
    ]
    if not candidates:
        return None
    _, run_id, summary = max(candidates, key=lambda entry: (entry[0], entry[1]))
    return run_id, summary


def compare(since: str, made_at: datetime, before: SummaryResult, now: SummaryResult) -> Change:
    """Compare two answers for a cluster; figures are matched by name, those that read the same left out."""
    earlier = {figure.name: figure for figure in before.figures}
    pairs = ((earlier[figure.name], figure) for figure in now.figures if figure.name in earlier)
    changes = (_compare_figure(old, new) for old, new in pairs if old.unit == new.unit)
    different = tuple(change for change in changes if change.before != change.now)
    return Change(since, made_at, before.verdict.light, now.verdict.light, different)


def _compare_figure(before: Figure, now: Figure) -> FigureChange:
    shown = format_quantity(before.value, before.unit), format_quantity(now.value, now.unit)
    return FigureChange(now.label, *shown, _word(before.value, now.value, now.better))


def _word(before: float | None, now: float | None, better: str) -> str:
    if before is None or now is None or better == "neither":
        return ""
    if abs(now - before) < LEAST_CHANGE * max(abs(now), abs(before)):
        return "about the same"
    return "better" if (now < before) == (better == "lower") else "worse"


def _completed(out: Path, notebook: str) -> Iterator[tuple[str, Summary]]:
    for run_file in out.glob("[!.]*/run.json"):
        if run_file.parent.is_symlink():
            continue
        try:
            run = json.loads(run_file.read_text(encoding="utf-8"))
            for outcome in run["notebooks"]:
                is_done = outcome["notebook"] == notebook and outcome["status"] == "completed"
                if is_done and outcome["summary"]:
                    yield run_file.parent.name, Summary.read(run_file.parent / outcome["summary"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError, ValidationError):
            continue  # a run of another version or a damaged one is no predecessor

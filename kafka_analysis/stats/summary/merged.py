"""Findings of all clusters together: the same finding of several clusters is one, with the clusters named."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from kafka_analysis.model.findings import Finding, Light
from kafka_analysis.model.summary import Summary, SummaryResult
from kafka_analysis.stats.summary.order import is_wave_under_way, reading_order, worst


@dataclass(frozen=True)
class Found:
    """Findings that are one to a reader: ``finding`` is the worst of them, ``of`` the results they stand in."""

    notebook: str
    finding: Finding
    of: tuple[SummaryResult, ...]
    titles: tuple[str, ...]

    @property
    def clusters(self) -> tuple[str, ...]:
        """Return the clusters it is about, each once, in the order of the findings."""
        return tuple(dict.fromkeys(result.cluster for result in self.of))

    @property
    def why(self) -> str:
        """Return the title of the worst, and how many others are like it."""
        more = len(self.titles) - 1
        return self.finding.title + (f" (and {more} more like it)" if more else "")


def merged_findings(
    summaries: Sequence[Summary], *, which: Callable[[Finding], bool], key: Callable[[Finding], Hashable]
) -> list[Found]:
    """Return the findings chosen, those of one notebook with the same key together, in reading order.

    Parameters
    ----------
    summaries
        Of a run, each notebook once.
    which
        Which findings are looked at.
    key
        What is the same of findings that are one: the title, say, or the action.

    Examples
    --------
    >>> merged_findings([], which=lambda finding: True, key=lambda finding: finding.title)
    []
    """
    groups: dict[tuple[str, Hashable], list[tuple[Finding, SummaryResult]]] = {}
    for summary in summaries:
        for result in summary.results:
            for finding in result.findings:
                if which(finding):
                    groups.setdefault((summary.notebook, key(finding)), []).append((finding, result))
    cutover_first = is_wave_under_way(summaries)
    found = [_found(notebook, pairs) for (notebook, _), pairs in groups.items()]
    return sorted(
        found, key=lambda one: reading_order(one.finding.light, one.notebook, cutover_first=cutover_first)
    )


def _found(notebook: str, pairs: Sequence[tuple[Finding, SummaryResult]]) -> Found:
    light: Light = worst(finding.light for finding, _ in pairs)
    first = next(finding for finding, _ in pairs if finding.light is light)
    ordered = sorted(pairs, key=lambda pair: pair[0].light is not light)
    titles = dict.fromkeys(finding.title for finding, _ in ordered)
    return Found(notebook, first, tuple(result for _, result in ordered), tuple(titles))

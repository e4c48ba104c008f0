"""The result of each cluster that a page shows: verdict, figures and findings of its plan, or why there is none."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from kafka_analysis.model.findings import NOT_SCRAPED, Coverage, Figure, Finding, Light, Result, Verdict
from kafka_analysis.model.units import capitalized
from kafka_analysis.plan.common.outcome import Outcome, Plan
from kafka_analysis.stats.scope.verdicts import not_covered

_IMPOSSIBLE = "no plan is possible"


def results_of(
    outcomes: Sequence[Outcome[Plan]],
    coverage: Mapping[str, Coverage],
    *,
    verdict: Callable[[Outcome[Plan], Coverage], Verdict],
    figures: Sequence[Figure],
    values: Callable[[Outcome[Plan]], Mapping[str, Mapping[str, Any]]],
    findings: Callable[[Outcome[Plan], Verdict], Iterable[Finding]],
    impossible: str = _IMPOSSIBLE,
) -> list[Result]:
    """Return the result of each cluster.

    Parameters
    ----------
    outcomes
        Result of a planner.
    coverage
        Scrapes seen of those expected, by cluster; a cluster that is not named was not scraped.
    verdict
        Of an outcome, with its coverage.
    figures
        As they are without a plan.
    values
        Fields of each figure by its name; asked for where there is a plan.
    findings
        Of an outcome and its verdict; asked for where there is a plan.
    impossible
        The title of the finding where a limit or rule cannot be kept.

    Examples
    --------
    >>> nothing = [Outcome("c", unknown="its partitions were not recorded")]
    >>> (result,) = results_of(nothing, {"c": Coverage(expected=1, seen=1)}, verdict=no_plan, figures=[],
    ...     values=lambda outcome: {}, findings=lambda outcome, verdict: [])
    >>> result.verdict.sentence
    'not planned: its partitions were not recorded.'
    """
    results = []
    for outcome in outcomes:
        seen = coverage.get(outcome.cluster, NOT_SCRAPED)
        judged = verdict(outcome, seen)
        if outcome.plan is None:
            changes, raised = {}, _cannot(outcome, impossible)
        else:
            changes, raised = values(outcome), findings(outcome, judged)
        shown = tuple(figure.model_copy(update=dict(changes.get(figure.name, {}))) for figure in figures)
        results.append(
            Result(
                cluster=outcome.cluster, verdict=judged, figures=shown, findings=tuple(raised), coverage=seen
            )
        )
    return results


def no_plan(outcome: Outcome[Plan], coverage: Coverage, *, impossible: str = _IMPOSSIBLE) -> Verdict | None:
    """Return the verdict where too little was scraped or there is no plan, else None.

    Parameters
    ----------
    impossible
        How the sentence begins where a limit or rule cannot be kept: the light is red then, else grey.

    Examples
    --------
    >>> seen = Coverage(expected=1, seen=1)
    >>> no_plan(Outcome("c", impossible="capacity: broker 1 would be full"), seen).sentence
    'no plan is possible: capacity: broker 1 would be full.'
    >>> no_plan(Outcome("c", plan=object()), seen) is None
    True
    """
    grey = not_covered(coverage)
    if grey or outcome.plan is not None:
        return grey
    if outcome.impossible:
        return Verdict(light=Light.RED, sentence=f"{impossible}: {outcome.impossible}.")
    return Verdict(light=Light.GREY, sentence=f"not planned: {outcome.unknown}.")


def _cannot(outcome: Outcome[Plan], title: str) -> list[Finding]:
    if not outcome.impossible:
        return []
    detail = f"{capitalized(outcome.impossible)}."
    action = "Make the change named in that sentence, and plan again."
    return [Finding(light=Light.RED, title=title, detail=detail, action=action)]

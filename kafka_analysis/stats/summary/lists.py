"""What to do, what is at risk, what is not known: every finding that is not green is in exactly one of the lists."""

from collections.abc import Iterator, Mapping, Sequence

from kafka_analysis.model.executive import Action, Risk, Unknown
from kafka_analysis.model.findings import Finding, Light
from kafka_analysis.model.summary import Summary, SummaryResult
from kafka_analysis.stats.summary.how import how_to, known_by
from kafka_analysis.stats.summary.merged import Found, merged_findings
from kafka_analysis.stats.summary.order import is_wave_under_way, reading_order
from kafka_analysis.stats.summary.owners import owners_of

Mends = Mapping[str, tuple[str, str]]
_RAISED = (Light.RED, Light.AMBER)
_SKEW, _PLAN, _REBALANCE = "20_partition_skew", "30_rebalance_plan", "kafka-analysis plan rebalance"


def actions(
    summaries: Sequence[Summary], *, mends: Mends | None = None, teams: Mapping[str, str] | None = None
) -> tuple[Action, ...]:
    """Return what to do next: the red and amber findings whose notebook, or ``mends``, says what to do.

    Parameters
    ----------
    summaries
        Of a run, each notebook once.
    mends
        Title of a finding → what to do and how to take it back, for findings without an action of their own.
    teams
        Name of a topic or client → team; the teams of the names in a finding are its owners.

    Returns
    -------
    tuple of Action
        The same action of one notebook once, with its clusters; red before amber, the cut-over before the rest while
        a wave is under way; to plan a rebalance comes last where the plan is ready already. An owner that is not known
        is ``unknown``.

    Examples
    --------
    >>> actions([])
    ()
    """
    known = mends or {}

    def what(finding: Finding) -> str:
        return finding.action or known.get(finding.title, ("", ""))[0]

    found = merged_findings(summaries, which=lambda one: one.light in _RAISED and bool(what(one)), key=what)
    made = [_action(one, what(one.finding), known, teams or {}) for one in found]
    ready = {cluster for one in made if _is_plan(one) for cluster in one.clusters}
    return tuple(sorted(made, key=lambda one: _asks_for_plan(one) and ready.issuperset(one.clusters)))


def _is_plan(action: Action) -> bool:
    return action.notebook == _PLAN and "plan.md" in action.what


def _asks_for_plan(action: Action) -> bool:
    return action.notebook == _SKEW and action.command.startswith(_REBALANCE)


def risks(summaries: Sequence[Summary], *, mends: Mends | None = None) -> tuple[Risk, ...]:
    """Return the red and amber findings without an action of their own, the same title of one notebook once.

    Examples
    --------
    >>> risks([])
    ()
    """
    known = mends or {}

    def is_open(finding: Finding) -> bool:
        return finding.light in _RAISED and not finding.action and not known.get(finding.title, ("", ""))[0]

    return tuple(
        Risk(
            light=one.finding.light,
            notebook=one.notebook,
            clusters=one.clusters,
            title=one.why,
            detail=one.finding.detail,
        )
        for one in merged_findings(summaries, which=is_open, key=lambda finding: finding.title)
    )


def unknowns(
    summaries: Sequence[Summary], *, failed: Mapping[str, str] | None = None, mends: Mends | None = None
) -> tuple[Unknown, ...]:
    """Return what is not known and what would make it known: failed notebooks, then grey findings and answers.

    Parameters
    ----------
    summaries
        Of a run, each notebook once.
    failed
        Notebook → why it gave no answer.
    mends
        Title of a finding → what to do and how to take it back.

    Returns
    -------
    tuple of Unknown
        What would make one thing known is one line of its notebook. A grey answer stands for its grey findings where
        none of them says what to do.

    Examples
    --------
    >>> unknowns([], failed={"10_inventory": "it gave no answer"})[0].how
    'Read its page, and run it again: kafka-analysis report CAPTURE --only 10_inventory'
    """
    again = "Read its page, and run it again: kafka-analysis report CAPTURE --only {}"
    missing = [
        Unknown(notebook=name, clusters=(), what=why, how=again.format(name))
        for name, why in sorted((failed or {}).items())
    ]
    first = is_wave_under_way(summaries)
    ordered = sorted(summaries, key=lambda s: reading_order(Light.GREY, s.notebook, cutover_first=first))
    lines = [line for summary in ordered for line in _of_notebook(summary, mends or {})]
    return (*missing, *lines)


def _action(found: Found, what: str, mends: Mends, teams: Mapping[str, str]) -> Action:
    finding, several = found.finding, len(found.clusters) > 1
    how = how_to(found.notebook, what, found.of[0], several=several)
    undo = how.undo if finding.action else mends.get(finding.title, ("", ""))[1]
    return Action(
        light=finding.light,
        notebook=found.notebook,
        clusters=found.clusters,
        what=what.replace(".md below", ".md"),  # below on the notebook's own page
        why=found.why,
        command=how.command,
        effect=how.effect,
        undo=undo,
        owner=owners_of([finding.title, finding.detail], teams),
    )


def _of_notebook(summary: Summary, mends: Mends) -> Iterator[Unknown]:
    """Yield a line for each grey finding; a grey answer whose findings say nothing to do stands for them."""

    def told(finding: Finding) -> str:
        return finding.action or mends.get(finding.title, ("", ""))[0]

    def is_told(result: SummaryResult) -> bool:
        return any(told(finding) for finding in result.findings if finding.light is Light.GREY)

    def how(finding: Finding) -> str:
        return told(finding) or known_by(summary.notebook, f"{finding.title} {finding.detail}")

    if not summary.results:
        yield _unknown(summary, (), ["it gave no verdict"], known_by(summary.notebook, ""))
    grey = [r for r in summary.results if r.verdict.light is Light.GREY and not is_told(r)]
    others = tuple(result for result in summary.results if result not in grey)
    rest = summary.model_copy(update={"results": others})
    for one in merged_findings([rest], which=lambda finding: finding.light is Light.GREY, key=how):
        yield _unknown(summary, one.clusters, one.titles, how(one.finding))
    yield from _grey_answers(summary, grey)


def _grey_answers(summary: Summary, grey: Sequence[SummaryResult]) -> Iterator[Unknown]:
    by_how: dict[str, list[SummaryResult]] = {}
    for result in grey:
        by_how.setdefault(known_by(summary.notebook, result.verdict.sentence), []).append(result)
    for how, of in by_how.items():
        sentences = dict.fromkeys(result.verdict.sentence.rstrip(".") for result in of)
        yield _unknown(summary, [result.cluster for result in of], tuple(sentences), how)


def _unknown(summary: Summary, clusters: Sequence[str], texts: Sequence[str], how: str) -> Unknown:
    """Write one line: the first text, and how many others are like it."""
    more = f" (and {len(texts) - 1} more like it)" if len(texts) > 1 else ""
    named = tuple(dict.fromkeys(clusters))
    return Unknown(notebook=summary.notebook, clusters=named, what=texts[0] + more, how=how)

"""Put the executive summary together: a run's summaries in, the page out."""

from collections.abc import Mapping, Sequence

from kafka_analysis.model.executive import Executive
from kafka_analysis.model.findings import Light
from kafka_analysis.model.summary import Summary
from kafka_analysis.stats.summary.changes import changes
from kafka_analysis.stats.summary.in_short import risks_in_short, unknown_in_short
from kafka_analysis.stats.summary.key_figures import costs, key_figures
from kafka_analysis.stats.summary.lists import Mends, actions, risks, unknowns
from kafka_analysis.stats.summary.order import worst
from kafka_analysis.stats.summary.sentence import state_sentence


def executive_page(
    summaries: Sequence[Summary],
    *,
    failed: Mapping[str, str] | None = None,
    before: Sequence[Summary] = (),
    compared_with: str = "",
    mends: Mends | None = None,
    teams: Mapping[str, str] | None = None,
    required_ratio: float = 0.95,
    notes: Sequence[str] = (),
) -> Executive:
    """Say on one page what the summaries of a run come to.

    Parameters
    ----------
    summaries
        Of the run, each notebook once, the executive summary's own left out.
    failed
        Notebook → why it gave no answer.
    before, compared_with
        Summaries of an earlier run, and its name.
    mends
        Title of a finding → what to do and how to take it back, for findings without an action of their own.
    teams
        Name of a topic or client → team.
    required_ratio
        Share of the notebooks that must have answered; below it the page is not green.
    notes
        What else a reader must know.

    Returns
    -------
    Executive
        Its light is the worst of all answers; a notebook without an answer is grey.

    Examples
    --------
    >>> page = executive_page([], failed={"10_inventory": "it gave no answer"})
    >>> page.light.value, page.asked, page.answered, len(page.unknown)
    ('grey', 1, 0, 1)
    """
    missing = failed or {}
    lights = [result.verdict.light for summary in summaries for result in summary.results]
    asked = len(summaries) + len(missing)
    lacking = [Light.GREY] if missing and len(summaries) < required_ratio * asked else []
    all_risks, all_unknown = risks(summaries, mends=mends), unknowns(summaries, failed=missing, mends=mends)
    return Executive(
        light=worst([*lights, *lacking]),
        sentence=state_sentence(summaries, failed=missing),
        asked=asked,
        answered=len(summaries),
        answers=len(lights),
        judged=sum(light is not Light.GREY for light in lights),
        figures=key_figures(summaries),
        actions=actions(summaries, mends=mends, teams=teams),
        risks=all_risks,
        unknown=all_unknown,
        risks_in_short=risks_in_short(all_risks),
        unknown_in_short=unknown_in_short(all_unknown),
        changes=changes(before, summaries),
        costs=costs(summaries),
        compared_with=compared_with,
        notes=tuple(notes),
    )

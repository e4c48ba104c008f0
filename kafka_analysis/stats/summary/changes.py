"""What is not what it was in the run before: lights first, then figures, worse before better."""

from collections.abc import Iterator, Sequence

from kafka_analysis.model.changes import change_word
from kafka_analysis.model.executive import Changed
from kafka_analysis.model.findings import Light
from kafka_analysis.model.summary import Summary, SummaryResult
from kafka_analysis.model.units import format_quantity
from kafka_analysis.stats.summary.order import reading_order, worst

_GAP = "–"
_ORDER = ("worse", "gone", "better", "new", "")


def changes(before: Sequence[Summary], now: Sequence[Summary]) -> tuple[Changed, ...]:
    """Return what changed between two runs, answer by answer (notebook and cluster).

    Parameters
    ----------
    before, now
        Summaries of the two runs, each notebook once. A notebook that only one of them ran is left out: that says
        what was asked, not how the clusters are.

    Returns
    -------
    tuple of Changed
        Lights that changed and answers that appeared or vanished, then figures that are better or worse by at least
        5 % of the larger value. To grey, and from grey, a light is neither better nor worse.

    Examples
    --------
    >>> changes([], [])
    ()
    """
    earlier = {summary.notebook: summary for summary in before}
    pairs = [(earlier[summary.notebook], summary) for summary in now if summary.notebook in earlier]
    of_lights = [line for old, new in pairs for line in _lights(old, new)]
    of_figures = [line for old, new in pairs for line in _figures(old, new)]
    return (*_sorted(of_lights), *_sorted(of_figures))


def _sorted(lines: Sequence[Changed]) -> list[Changed]:
    return sorted(lines, key=lambda one: (_ORDER.index(one.word), reading_order(Light.GREY, one.notebook)))


def _by_cluster(summary: Summary) -> dict[str, SummaryResult]:
    return {result.cluster: result for result in summary.results}


def _lights(old: Summary, new: Summary) -> Iterator[Changed]:
    before, now = _by_cluster(old), _by_cluster(new)
    for cluster in dict.fromkeys([*before, *now]):
        pair = [of[cluster].verdict.light if cluster in of else None for of in (before, now)]
        if pair[0] is not pair[1]:
            words = [_GAP if light is None else light.word for light in pair]
            yield Changed(
                notebook=new.notebook, cluster=cluster, what="light", before=words[0], now=words[1],
                word=_light_word(*pair),
            )  # fmt: skip


def _light_word(before: Light | None, now: Light | None) -> str:
    if before is None:
        return "new"
    if now is None:
        return "gone"
    if Light.GREY in (before, now):
        return ""
    return "worse" if worst([before, now]) is now else "better"


def _figures(old: Summary, new: Summary) -> Iterator[Changed]:
    before = _by_cluster(old)
    for result in new.results:
        earlier = before.get(result.cluster)
        of = {figure.name: figure for figure in earlier.figures} if earlier else {}
        for figure in result.figures:
            past = of.get(figure.name)
            if past is None or past.unit != figure.unit:
                continue
            word = change_word(past.value, figure.value, figure.better)
            if word in ("better", "worse"):
                yield Changed(
                    notebook=new.notebook, cluster=result.cluster, what=figure.label,
                    before=format_quantity(past.value, past.unit),
                    now=format_quantity(figure.value, figure.unit), word=word,
                )  # fmt: skip

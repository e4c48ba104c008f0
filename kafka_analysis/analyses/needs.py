"""Grey verdicts where a capture lacks what a question needs: the same judgement as ``kafka-analysis inspect`` makes."""

from collections.abc import Sequence

from kafka_analysis.capture.capture import Capture
from kafka_analysis.model.findings import Light, Result, Verdict
from kafka_analysis.model.parameters import NotebookParameters
from kafka_analysis.model.questions import QUESTIONS, Question, lacking


def with_needs(
    results: Sequence[Result], parameters: NotebookParameters, capture: Capture | None
) -> tuple[Result, ...]:
    """Return the results, grey for each cluster of which the capture lacks what the question needs.

    Parameters
    ----------
    results
        One for each cluster, or one for all of them.
    parameters
        They name the notebook that asks the question, and what it does without.
    capture
        None: files were given in place of a capture, and hold what is needed.
    """
    question = next((q for q in QUESTIONS if q.notebook == parameters.notebook), None)
    if question is None or capture is None:
        return tuple(results)
    held = _held(capture, question)
    of = {} if question.across else held
    return tuple(
        result
        if question.keeps_red and result.verdict.light is Light.RED
        else _grey_without(
            result, lacking(question, of.get(result.cluster, held[""]) | parameters.not_needed)
        )
        for result in results
    )


def _grey_without(result: Result, missing: Sequence[str]) -> Result:
    if not missing:
        return result
    sentence = f"no verdict: the capture holds no {', and no '.join(missing)} of it."
    return result.model_copy(update={"verdict": Verdict(light=Light.GREY, sentence=sentence)})


def _held(capture: Capture, question: Question) -> dict[str, set[str]]:
    """Return the metrics and tables a question needs that the capture holds, by cluster; of all together at ""."""
    needed = {name for names in question.needs for name in names}
    tables = {name for name in needed if name.startswith("table:")}
    clusters = capture.cluster_table["cluster"].to_list()
    held: dict[str, set[str]] = {name: set() for name in ("", *clusters)}
    pairs = [
        (cluster, name)
        for name in sorted(tables)
        for cluster in capture.table(name.removeprefix("table:"))["cluster"].unique()
    ]
    if needed > tables:
        seen = capture.samples(*sorted(needed - tables)).select("cluster", "metric").unique()
        pairs += seen.collect(engine="streaming").rows()
    for cluster, name in pairs:
        held[""].add(name)
        held.setdefault(cluster, set()).add(name)
    return held

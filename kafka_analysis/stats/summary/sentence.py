"""The state of a migration in one sentence, which says no more than the lights do."""

from collections.abc import Collection, Iterator, Sequence

from kafka_analysis.model.findings import Evidence, Light
from kafka_analysis.model.summary import Summary, SummaryResult
from kafka_analysis.model.units import capitalized, counted, format_quantity, shortened
from kafka_analysis.stats.cutover.results import BEGUN_WAVES
from kafka_analysis.stats.summary.order import CUTOVER

THROUGHPUT = "70_throughput_before_after"
PROGRESS = "share_on_targets"
_NAMED, _LETTERS = 3, 40
_NOT_GOOD = {
    Light.RED: ("needs action", "need action"),
    Light.AMBER: ("needs watching", "need watching"),
}
_GREY = ("lacks data", "lack data")


def state_sentence(summaries: Sequence[Summary], *, failed: Collection[str] = ()) -> str:
    """Return one sentence: how far the migration is, whether what is left may cut over, how the rest stands.

    Parameters
    ----------
    summaries
        Of a run, each notebook once.
    failed
        Notebooks without an answer.

    Examples
    --------
    >>> state_sentence([])
    'Nothing is known: no notebook has given an answer.'
    """
    if not summaries:
        return "Nothing is known: no notebook has given an answer."
    parts = [*_progress(summaries), *_cutover(summaries, failed), *_rest(summaries), *_missing(failed)]
    return capitalized("; ".join(parts)) + "."


def names_of(clusters: Sequence[str]) -> str:
    """Return names as a person lists them: the first three, each cut to 40 characters, and how many more.

    Examples
    --------
    >>> names_of(["a"]), names_of(["a", "b", "c"]), names_of(["a", "b", "c", "d", "e"])
    ('a', 'a, b and c', 'a, b, c and 2 more')
    """
    shown = [shortened(name, _LETTERS) for name in clusters[:_NAMED]]
    last = f"{len(clusters) - _NAMED:,} more" if len(clusters) > _NAMED else shown.pop() if shown else ""
    return f"{', '.join(shown)} and {last}" if shown else last


def _progress(summaries: Sequence[Summary]) -> Iterator[str]:
    for result in _results(summaries, THROUGHPUT):
        share = next((figure for figure in result.figures if figure.name == PROGRESS), None)
        if result.verdict.light is Light.GREY or share is None or share.value is None:
            continue
        evidence = "" if share.evidence is Evidence.MEASURED else f" ({share.evidence})"
        yield f"{format_quantity(share.value, share.unit)} of the business traffic is on the targets{evidence}"
        return


def _cutover(summaries: Sequence[Summary], failed: Collection[str]) -> Iterator[str]:
    results = _results(summaries, CUTOVER)
    if CUTOVER in failed:
        yield f"whether anything can cut over is unknown, because {CUTOVER} gave no answer"
    if not results:
        return
    begun = [result.cluster for result in results if _has_begun(result)]
    of = {
        light: [r.cluster for r in results if r.verdict.light is light and r.cluster not in begun]
        for light in Light
    }
    said = {
        Light.RED: "the cut-over is blocked for {}",
        Light.GREY: "whether {} can cut over is not known yet",
        Light.AMBER: "{} can cut over, but only if somebody watches",
        Light.GREEN: "{} can cut over",
    }
    if begun:
        yield f"the cut-over to {names_of(begun)} has begun for every wave"
    if open_parts := [text.format(names_of(of[light])) for light, text in said.items() if of[light]]:
        yield ", ".join(open_parts)


def _has_begun(result: SummaryResult) -> bool:
    share = next((figure.value for figure in result.figures if figure.name == BEGUN_WAVES), None)
    return share == 1


def _rest(summaries: Sequence[Summary]) -> Iterator[str]:
    others = [result for s in summaries if s.notebook != CUTOVER for result in s.results]
    if not others:
        return
    lights = [result.verdict.light for result in others]
    every = "the other" if len(others) < sum(len(s.results) for s in summaries) else "all"
    count = counted(len(others), "answer")
    if set(lights) == {Light.GREEN}:
        yield f"{every} {count} {'is' if len(others) == 1 else 'are'} good"
        return
    parts = []
    for light, (one, many) in (*_NOT_GOOD.items(), (Light.GREY, _GREY)):
        number = lights.count(light)
        if number:
            parts.append(f"{number:,} {one if number == 1 else many}")
    yield f"of {every} {count}, {_joined(parts)}"


def _missing(failed: Collection[str]) -> Iterator[str]:
    if failed:
        yield f"{counted(len(failed), 'notebook')} gave no answer"


def _joined(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _results(summaries: Sequence[Summary], notebook: str) -> list[SummaryResult]:
    return [result for summary in summaries if summary.notebook == notebook for result in summary.results]

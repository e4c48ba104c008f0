"""What a notification tells: every answer of a run, the worst first, and what is new since the run before."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Literal

import polars as pl
from pydantic import Field

from kafka_analysis.model.findings import UNIT, VALUE, Light
from kafka_analysis.model.frozen import Frozen
from kafka_analysis.model.summary import Summary, SummaryResult
from kafka_analysis.report.actions import action_of
from kafka_analysis.report.earlier import Earlier, earlier_of
from kafka_analysis.report.history import PastAnswer, past_of
from kafka_analysis.report.outcome import NotebookOutcome, Run

MOST_ANSWERS, MOST_TEXT, MOST_TITLES, MOST_FIGURES = 100, 300, 5, 3
State = Literal["failed", "red", "amber", "grey", "none", "green"]
_ORDER: tuple[State, ...] = ("failed", "red", "amber", "grey", "none", "green")


class DigestFigure(Frozen):
    """One figure; ``value`` is null when it is not known."""

    name: str
    label: str
    value: float | None = Field(description=VALUE)
    unit: str = Field(default="", description=UNIT)


class DigestAnswer(Frozen):
    """The answer of a notebook for a cluster; of one that failed, or answered for none, ``cluster`` is null.

    ``state_before``: that of the run before, null in a first run. ``page``: relative to the folder of the run.
    """

    notebook: str
    title: str
    page: str
    cluster: str | None = None
    state: State
    state_before: State | None = None
    since: datetime | None = Field(
        default=None, description="when the first of the runs with this light was made"
    )
    sentence: str
    action: str = ""
    appeared: tuple[str, ...] = ()
    vanished: tuple[str, ...] = ()
    figures: tuple[DigestFigure, ...] = ()

    @property
    def is_news(self) -> bool:
        """Return whether the state or a finding is another than in the run before."""
        return self.state != self.state_before or bool(self.appeared or self.vanished)


class Digest(Frozen):
    """What is sent to a webhook: a run in short. ``left_out`` counts the answers beyond the first 100."""

    schema_version: Literal[1] = 1
    run_id: str
    made_at: datetime
    capture_id: str
    capture_name: str = ""
    synthetic: bool = False
    tool_version: str
    changed: bool = Field(description="whether a state or a finding is another than in the run before")
    counts: Mapping[State, int]
    answers: tuple[DigestAnswer, ...]
    left_out: int = 0


def digest_of(run: Run, summaries: Mapping[str, Summary], history: pl.DataFrame) -> Digest:
    """Return a run in short.

    Parameters
    ----------
    run
        The finished run.
    summaries
        Summary of every completed notebook, by its name.
    history
        Rows of earlier runs.

    Returns
    -------
    Digest
        Answers the worst first; of texts the first 300 characters, without line breaks.
    """
    answers = [
        answer
        for outcome in run.notebooks
        for answer in _answers(outcome, summaries.get(outcome.notebook), history, run.started_at)
    ]
    answers.sort(key=lambda answer: _ORDER.index(answer.state))
    return Digest(
        run_id=run.run_id,
        made_at=run.started_at,
        capture_id=_short(run.capture.id),
        capture_name=_short(run.capture.name),
        synthetic=run.capture.synthetic,
        tool_version=run.tool_version,
        changed=any(answer.is_news for answer in answers),
        counts=Counter(answer.state for answer in answers),
        answers=tuple(answers[:MOST_ANSWERS]),
        left_out=max(len(answers) - MOST_ANSWERS, 0),
    )


def digest_schema() -> str:
    """Return the JSON schema of what is sent, as published in ``docs/notification.schema.json``.

    Examples
    --------
    >>> "answers" in json.loads(digest_schema())["required"]
    True
    """
    schema = Digest.model_json_schema(mode="serialization")
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _answers(
    outcome: NotebookOutcome, summary: Summary | None, history: pl.DataFrame, made_at: datetime
) -> Iterator[DigestAnswer]:
    past = [answer for answer in past_of(history, outcome.notebook) if answer.made_at < made_at]
    last = [
        answer for answer in past if (answer.made_at, answer.run_id) == (past[-1].made_at, past[-1].run_id)
    ]
    before = min((_state_of(answer) for answer in last), key=_ORDER.index, default=None)
    about = {"notebook": outcome.notebook, "title": _short(outcome.title), "page": outcome.page}
    if summary is None or not summary.results:
        state: State = "failed" if summary is None else "none"
        yield DigestAnswer(**about, state=state, state_before=before, sentence=_short(outcome.reason))
        return
    earlier = earlier_of(history, summary, made_at=made_at)
    for result in summary.results:
        yield DigestAnswer(**about, **_answer(result, earlier, had_failed=before == "failed"))


def _state_of(answer: PastAnswer) -> State:
    if answer.status == "failed":
        return "failed"
    return "none" if answer.verdict is None else answer.verdict.light.value


def _answer(result: SummaryResult, earlier: Earlier, *, had_failed: bool) -> dict[str, object]:
    change = earlier.change(result)
    before = "failed" if had_failed else None if change is None else change.before
    figures = [
        DigestFigure(name=figure.name, label=_short(figure.label), value=figure.value, unit=figure.unit)
        for figure in result.figures[:MOST_FIGURES]
    ]
    return {
        "cluster": _short(result.cluster),
        "state": result.verdict.light.value,
        "state_before": before.value if isinstance(before, Light) else before,
        "since": earlier.course(result).since,
        "sentence": _short(result.verdict.sentence),
        "action": _short(action_of(result)),
        "appeared": _titles(change.appeared if change else ()),
        "vanished": _titles(change.vanished if change else ()),
        "figures": tuple(figures),
    }


def _titles(titles: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_short(title) for title in titles[:MOST_TITLES])


def _short(text: str) -> str:
    r"""Return a text on one line, cut where it is long.

    Examples
    --------
    >>> _short("a\n b"), len(_short("x" * 1000))
    ('a b', 300)
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= MOST_TEXT else f"{line[: MOST_TEXT - 1]}…"

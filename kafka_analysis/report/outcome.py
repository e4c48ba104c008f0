"""What a run of notebooks came to: kept as ``run.json``, shown as ``index.html``."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from kafka_analysis.model.findings import Light
from kafka_analysis.model.frozen import Frozen
from kafka_analysis.model.summary import Summary, SummaryCapture

FailOn = Literal["red", "amber", "grey"]
_REACHED_BY: Mapping[str, tuple[Light, ...]] = {
    "red": (Light.RED,),
    "amber": (Light.RED, Light.AMBER),
    "grey": (Light.RED, Light.AMBER, Light.GREY),
}


class NotebookOutcome(Frozen):
    """One notebook of a run: completed with a summary, or failed for a reason; files relative to the run."""

    notebook: str
    title: str
    question: str = ""
    status: Literal["completed", "failed"]
    kind: str = ""
    reason: str = ""
    duration_s: float
    parameters: Mapping[str, Any] = Field(default_factory=dict)
    page: str
    ipynb: str
    summary: str | None = None
    compared_with: str | None = None


class Notified(Frozen):
    """What came of telling one target of a run; the reason holds no secret and no address."""

    target: str
    ok: bool
    reason: str = ""


class Run(Frozen):
    """Content of ``run.json``: inputs, versions, durations, statuses and the exit code."""

    schema_version: Literal[1] = 1
    run_id: str
    started_at: datetime
    finished_at: datetime
    tool_version: str
    versions: Mapping[str, str] = Field(default_factory=dict)
    capture: SummaryCapture
    command: str
    fail_on: FailOn | None = None
    notebooks: tuple[NotebookOutcome, ...]
    exit_code: int
    notified: tuple[Notified, ...] = ()


class RunOutcome(Frozen):
    """A finished report: where it is and what the command line shall return.

    ``notes``: what is to be said of the folder of reports, such as a history that could not be read.
    """

    path: Path
    run: Run
    summaries: Mapping[str, Summary]
    notes: tuple[str, ...] = ()

    @property
    def index(self) -> Path:
        """Return the page to open first."""
        return self.path / "index.html"

    @property
    def exit_code(self) -> int:
        """Return 0 done, 1 a notebook failed, 3 a verdict reached ``fail_on``."""
        return self.run.exit_code

    @property
    def failed(self) -> tuple[NotebookOutcome, ...]:
        """Return the notebooks that failed."""
        return tuple(outcome for outcome in self.run.notebooks if outcome.status == "failed")


def exit_code(
    outcomes: Iterable[NotebookOutcome], summaries: Iterable[Summary], fail_on: FailOn | None
) -> int:
    """Return 1 when a notebook failed, else 3 when a verdict reached ``fail_on``, else 0.

    ``red`` is reached by red; ``amber`` also by amber; ``grey`` by everything that is not green.

    Examples
    --------
    >>> exit_code([], [], "red")
    0
    """
    if any(outcome.status == "failed" for outcome in outcomes):
        return 1
    reached = _REACHED_BY.get(fail_on or "", ())
    lights = (result.verdict.light for summary in summaries for result in summary.results)
    return 3 if any(light in reached for light in lights) else 0

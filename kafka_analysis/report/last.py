"""Run the executive summary after all other notebooks, over the folder in which they have left their summaries."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from kafka_analysis.model.parameters.executive import ExecutiveSummaryParameters
from kafka_analysis.report.check import Job
from kafka_analysis.report.earlier import Earlier
from kafka_analysis.report.outcome import NotebookOutcome
from kafka_analysis.report.pool import OnProgress

LAST = ExecutiveSummaryParameters.notebook
_LEFT_BEHIND = ("html", "ipynb", "summary.json")


def split_last(jobs: Sequence[Job]) -> tuple[list[Job], list[Job]]:
    """Return the jobs that run side by side, and the one that reads what they leave, if it is among them.

    Examples
    --------
    >>> split_last([])
    ([], [])
    """
    return [job for job in jobs if job.notebook.name != LAST], [
        job for job in jobs if job.notebook.name == LAST
    ]


def over_run(job: Job, folder: Path, *, before: Mapping[str, Earlier], root: Path) -> Job:
    """Return the job with the folder of the run, and that of an earlier one, where it names none itself."""
    parameters = job.parameters
    if getattr(parameters, "summaries", None) is not None:
        return job
    given, newest = getattr(parameters, "previous", None), newest_run(before)
    previous = given if given is not None or newest is None else str(root / newest)
    filled = {"summaries": str(folder), "previous": previous}
    return replace(job, parameters=parameters.model_copy(update=filled))


def newest_run(before: Mapping[str, Earlier]) -> str | None:
    """Return the name of the newest of the runs that notebooks are compared with, of those whose folders are kept.

    Examples
    --------
    >>> newest_run({}) is None
    True
    """
    compared = [earlier.before for earlier in before.values() if earlier.before and earlier.is_kept]
    return max(compared, key=lambda one: (one.made_at, one.run_id)).run_id if compared else None


def with_name(outcome: NotebookOutcome, folder: Path, name: str) -> NotebookOutcome:
    """Name the run in what the notebook has left as it is called from now on: it ran in a folder not yet finished."""

    def renamed(text: str) -> str:
        return text.replace(folder.name, name)

    for suffix in _LEFT_BEHIND:
        path = folder / f"{outcome.notebook}.{suffix}"
        if path.exists():
            path.write_text(renamed(path.read_text(encoding="utf-8")), encoding="utf-8")
    texts = {
        key: renamed(value) if isinstance(value, str) else value for key, value in outcome.parameters.items()
    }
    return outcome.model_copy(update={"parameters": texts, "reason": renamed(outcome.reason)})


def counting(on_progress: OnProgress | None, *, before: int, of: int) -> Callable[..., None] | None:
    """Return a callback for some of a run's notebooks that counts all of them."""
    if on_progress is None:
        return None
    return lambda outcome, done, _: on_progress(outcome, before + done, of)

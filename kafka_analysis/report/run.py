"""Run notebooks over a capture and write a report: pages, notebooks, summaries, tables, index."""

import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import nbformat
import polars as pl

from kafka_analysis.capture.capture import Capture
from kafka_analysis.capture.identity import tool_version
from kafka_analysis.model.errors import PlaceError
from kafka_analysis.model.summary import Summary
from kafka_analysis.model.whole_files import write_atomically
from kafka_analysis.report.check import plan_jobs
from kafka_analysis.report.config import Parameters, ReportConfig, merge_parameters
from kafka_analysis.report.earlier import Earlier, earlier_of
from kafka_analysis.report.execute import Execution, execute
from kafka_analysis.report.folder import choose_run_id, unfinished_run
from kafka_analysis.report.history import rows_of
from kafka_analysis.report.history_file import publish_history, read_history, stage_history
from kafka_analysis.report.index import render_index
from kafka_analysis.report.last import LAST, counting, over_run, split_last, with_name
from kafka_analysis.report.notebooks import cleaned, left_out
from kafka_analysis.report.outcome import FailOn, NotebookOutcome, Notified, Run, RunOutcome, exit_code
from kafka_analysis.report.pool import OnProgress, run_jobs
from kafka_analysis.report.prune import newest_runs, prune
from kafka_analysis.report.scratch import scratch_folder
from kafka_analysis.report.summary import describe_capture, report_command

TIMEOUT_S = 600.0
Notify = Callable[[Run, Mapping[str, Summary], pl.DataFrame], tuple[Notified, ...]]


def run_report(
    capture_path: str | Path,
    *,
    out: str | Path,
    only: Sequence[str] | None = None,
    parameters: Parameters | None = None,
    config: ReportConfig | None = None,
    run_id: str | None = None,
    workers: int | None = None,
    timeout_s: float | None = None,
    fail_on: FailOn | None = None,
    keep: int | None = None,
    wait_s: float | None = None,
    notify: Notify | None = None,
    notebooks: Path | None = None,
    on_progress: OnProgress | None = None,
    on_notice: Callable[[str], None] | None = None,
) -> RunOutcome:
    """Run notebooks over a capture, each in a process of its own, and write ``<out>/<run>/``.

    Parameters
    ----------
    capture_path
        Folder of the capture.
    out
        Folder of all reports; locked while this one is written.
    only
        Names of the notebooks to run; by default those of the configuration, else all.
    parameters
        Parameters by notebook name, ``all`` for every notebook; they go over the configuration's.
    config
        Content of ``reports.yaml``, for what is not given otherwise.
    run_id
        Name of the run; by default UTC time and capture id.
    workers
        Notebooks at once; by default as many as there are processors.
    timeout_s
        Seconds each notebook may take (600).
    fail_on
        The light that makes the exit code 3.
    keep
        How many runs stay in the folder, this one among them; by default all.
    wait_s
        Seconds to wait for another run that is writing to the folder (0).
    notify
        Called with the run, its summaries and the history when all is in its place; raises nothing.
    notebooks
        Folder of notebooks other than the package's own.
    on_progress
        Called with the outcome, how many are done and how many there are, whenever a notebook is done.
    on_notice
        Called with a sentence for those who wait: that a notebook compiles, which may take a while.

    Returns
    -------
    RunOutcome
        Where the report is and its exit code; a failed notebook has a page that says why.

    Raises
    ------
    InputError
        The capture, a notebook, a parameter, a window or the run id is wrong, or another report is being
        written (BusyError); nothing was written.
    """
    settings = config or ReportConfig()
    started = datetime.now(UTC)
    capture = _open(Path(capture_path))
    given = merge_parameters(settings.parameters, parameters or {})
    chosen = settings.only if only is None else only
    jobs = plan_jobs(str(capture_path), capture, only=chosen, parameters=given, folder=notebooks)
    about = describe_capture(capture)
    root = Path(out)
    name = choose_run_id(run_id, out=root, capture_id=about.id, now=started)
    level, most = fail_on or settings.fail_on, keep or settings.keep
    notes = _left_out(() if chosen else left_out(notebooks))

    def finish() -> None:
        publish_history(root, name)
        if most is not None:
            notes.extend(prune(root, keep=most, current=name).notes)

    patience = (settings.wait_s or 0.0) if wait_s is None else wait_s
    with unfinished_run(root, name, wait_s=patience, then=finish) as folder:
        history = read_history(root)
        notes += filter(None, [history.note])
        kept = newest_runs(root, None if most is None else most - 1)
        look_up = partial(earlier_of, history.rows, made_at=started, kept=kept)
        run_some = partial(
            run_jobs,
            about=about,
            among=jobs,
            earlier=look_up,
            workers=workers or settings.workers or _processors(),
            timeout_s=timeout_s or settings.timeout_s or TIMEOUT_S,
            folder=folder,
            created_at=started,
            on_notice=on_notice,
        )
        others, last = split_last(jobs)
        outcomes = run_some(
            others,
            on_progress=counting(on_progress, before=0, of=len(jobs)),
            verify=partial(_verify, Path(capture_path)),
        )
        summaries = _summaries(outcomes, folder)
        before = {book: look_up(summary) for book, summary in summaries.items()}
        after = run_some(
            [over_run(job, root / folder.name, before=before, root=root) for job in last],
            on_progress=counting(on_progress, before=len(others), of=len(jobs)),
            verify=_nothing,
        )
        outcomes += [with_name(outcome, folder, name) for outcome in after]
        for book, summary in _summaries(outcomes[len(others) :], folder).items():
            summaries[book], before[book] = summary, look_up(summary)
        run = Run(
            run_id=name,
            started_at=started,
            finished_at=datetime.now(UTC),
            tool_version=tool_version(),
            versions=_versions(),
            capture=about,
            command=report_command(
                str(capture_path), only=[job.notebook.name for job in jobs], parameters=given
            ),
            fail_on=level,
            notebooks=tuple(_compared(outcome, before) for outcome in outcomes),
            exit_code=exit_code(
                outcomes, [summary for book, summary in summaries.items() if book != LAST], level
            ),
        )
        (folder / "run.json").write_text(run.model_dump_json(indent=2) + "\n", encoding="utf-8")
        (folder / "index.html").write_text(render_index(run, summaries, before), encoding="utf-8")
        stage_history(root, pl.concat([history.rows, rows_of(run, summaries)]))
    if notify is not None:
        run = run.model_copy(update={"notified": notify(run, summaries, history.rows)})
        with suppress(PlaceError):
            write_atomically(root / name / "run.json", run.model_dump_json(indent=2) + "\n")
    return RunOutcome(path=root / name, run=run, summaries=summaries, notes=tuple(notes))


def execute_in_place(
    capture_path: str,
    *,
    only: Sequence[str] = (),
    notebooks: Path | None = None,
    timeout_s: float = TIMEOUT_S,
) -> dict[str, Execution]:
    """Execute notebooks where they lie and save them with outputs, fit to be committed.

    Metadata that differs from run to run (times, paths) is left out, parameters stay the notebook's defaults.
    A notebook that fails is left as it was.

    Parameters
    ----------
    capture_path
        The capture, to check that there is one; the notebooks read the one their parameters name.
    only
        Names of the notebooks; none means all.
    notebooks
        Folder of notebooks other than the package's own.
    timeout_s
        Seconds each notebook may take.

    Returns
    -------
    dict[str, Execution]
        What became of each notebook, by name.
    """
    jobs = plan_jobs(capture_path, _open(Path(capture_path)), only=only, folder=notebooks)
    done: dict[str, Execution] = {}
    with scratch_folder() as scratch:
        for job in jobs:
            path = job.notebook.path
            done[job.notebook.name] = execution = execute(
                job,
                inject=False,
                scratch=scratch / job.notebook.name,
                summaries=None,
                cwd=path.parent,
                timeout_s=timeout_s,
                stop=threading.Event(),
            )
            if execution.ok:
                nbformat.write(cleaned(execution.notebook), path)
    return done


def _summaries(outcomes: Sequence[NotebookOutcome], folder: Path) -> dict[str, Summary]:
    return {
        outcome.notebook: Summary.read(folder / outcome.summary) for outcome in outcomes if outcome.summary
    }


def _compared(outcome: NotebookOutcome, earlier: Mapping[str, Earlier]) -> NotebookOutcome:
    before = earlier[outcome.notebook].before if outcome.notebook in earlier else None
    return outcome if before is None else outcome.model_copy(update={"compared_with": before.run_id})


def _left_out(names: Sequence[str]) -> list[str]:
    """Say which notebooks are not in the report, if there are any."""
    return (
        [f"not in the report: {', '.join(names)}; give them names of their own to run them"] if names else []
    )


def _nothing() -> None:
    """Verify nothing: the capture was verified beside the notebooks before."""


def _open(path: Path) -> Capture:
    from kafka_analysis.capture.read import read_capture

    return read_capture(path, verify=False)


def _verify(path: Path) -> None:
    from kafka_analysis.capture.read import read_capture

    read_capture(path)


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    names = ("polars", "papermill", "nbconvert", "matplotlib")
    return {"python": sys.version.split()[0], **{name: version(name) for name in names}}


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

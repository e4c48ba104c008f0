"""Run notebooks side by side, each in a process of its own, and write what each came to."""

import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import nbformat

from kafka_analysis.model.summary import Summary, SummaryCapture
from kafka_analysis.report.check import Job
from kafka_analysis.report.earlier import Earlier
from kafka_analysis.report.execute import Execution, execute
from kafka_analysis.report.notebooks import cleaned
from kafka_analysis.report.outcome import NotebookOutcome
from kafka_analysis.report.render import LARGEST_PAGE, Neighbours, render_failure, render_notebook
from kafka_analysis.report.scratch import scratch_folder
from kafka_analysis.report.summary import command_again

OnProgress = Callable[[NotebookOutcome, int, int], None]
LookUp = Callable[[Summary], Earlier]


@dataclass(frozen=True)
class _Inputs:
    """What all notebooks of a run share."""

    capture: SummaryCapture
    folder: Path
    scratch: Path
    timeout_s: float
    stop: threading.Event
    created_at: datetime
    earlier: LookUp
    neighbours: Mapping[str, Neighbours]
    on_notice: Callable[[str], None] | None


def run_jobs(
    jobs: Sequence[Job],
    about: SummaryCapture,
    *,
    workers: int,
    timeout_s: float,
    folder: Path,
    created_at: datetime,
    earlier: LookUp,
    among: Sequence[Job] = (),
    on_progress: OnProgress | None,
    on_notice: Callable[[str], None] | None = None,
    verify: Callable[[], object],
) -> list[NotebookOutcome]:
    """Run the jobs at most ``workers`` at once, and ``verify`` their capture beside them.

    ``earlier`` looks up what earlier runs say of a notebook, for its page; ``among`` has all jobs of the run, of which
    these may be some.

    When interrupted, or as soon as ``verify`` raises, every process is ended before going on.
    """
    stop = threading.Event()
    done: dict[str, NotebookOutcome] = {}
    with scratch_folder() as scratch:
        inputs = _Inputs(
            about,
            folder,
            scratch,
            timeout_s,
            stop,
            created_at,
            earlier,
            _neighbours(among or jobs),
            on_notice,
        )
        threads, beside = ThreadPoolExecutor(max_workers=workers), ThreadPoolExecutor(1)
        try:
            verifying = beside.submit(verify)
            for future in as_completed([verifying, *(threads.submit(_run_one, job, inputs) for job in jobs)]):
                outcome = future.result()
                if future is verifying:
                    continue
                done[outcome.notebook] = outcome
                if on_progress:
                    on_progress(outcome, len(done), len(jobs))
        except BaseException:
            stop.set()
            raise
        finally:
            threads.shutdown(cancel_futures=True)
            beside.shutdown()
    return [done[job.notebook.name] for job in jobs]


def _neighbours(jobs: Sequence[Job]) -> dict[str, Neighbours]:
    """Return the page before and the page after that of each job, by name."""
    pages = [(job.notebook.title, f"{job.notebook.name}.html") for job in jobs]
    around = zip([None, *pages[:-1]], [*pages[1:], None], strict=True)
    return {job.notebook.name: Neighbours(*pair) for job, pair in zip(jobs, around, strict=True)}


def _run_one(job: Job, inputs: _Inputs) -> NotebookOutcome:
    name = job.notebook.name
    scratch = inputs.scratch / name
    summaries = inputs.scratch / f"{name}.summaries"
    summaries.mkdir()
    execution = execute(
        job,
        scratch=scratch,
        summaries=summaries,
        cwd=Path.cwd(),
        timeout_s=inputs.timeout_s,
        stop=inputs.stop,
        verified=inputs.capture.sha256,
        on_notice=inputs.on_notice,
    )
    outcome, summary = _conclude(job, execution, summaries / f"{name}.summary.json")
    nbformat.write(cleaned(execution.notebook), inputs.folder / outcome.ipynb)
    if summary is not None:
        page = render_notebook(
            execution.notebook,
            outcome=outcome,
            summary=summary,
            created_at=inputs.created_at,
            earlier=inputs.earlier(summary),
            neighbours=inputs.neighbours[name],
        )
        if len(page.encode()) > LARGEST_PAGE:
            outcome, summary = _too_large(outcome, len(page.encode())), None
        else:
            _keep(summary, summaries, inputs.folder, outcome)
    if summary is None:
        page = render_failure(
            outcome,
            capture=inputs.capture,
            traceback=execution.traceback,
            command=command_again(name, job.parameters),
            created_at=inputs.created_at,
            neighbours=inputs.neighbours[name],
        )
    (inputs.folder / outcome.page).write_text(page, encoding="utf-8")
    return outcome


def _conclude(job: Job, execution: Execution, written: Path) -> tuple[NotebookOutcome, Summary | None]:
    book = job.notebook
    recorded = execution.ok and written.exists()
    kind = execution.kind or ("" if recorded else "unrecorded")
    unrecorded = (
        f"finished without recording a summary as {book.name!r}: its last cell must call record_summary"
    )
    outcome = NotebookOutcome(
        notebook=book.name,
        title=book.title,
        question=book.question,
        status="completed" if recorded else "failed",
        kind=kind,
        reason=unrecorded if kind == "unrecorded" else execution.reason,
        duration_s=round(execution.seconds, 2),
        parameters=job.parameters.model_dump(mode="json"),
        page=f"{book.name}.html",
        ipynb=f"{book.name}.ipynb",
        summary=f"{book.name}.summary.json" if recorded else None,
    )
    if not recorded:
        return outcome, None
    titled = {"title": book.title, "question": book.question}
    return outcome, Summary.read(written).model_copy(update=titled)


def _too_large(outcome: NotebookOutcome, size: int) -> NotebookOutcome:
    reason = (
        f"its page would take {size / 1e6:.1f} MB, more than {LARGEST_PAGE / 1e6:.0f} MB; show fewer rows"
    )
    failed = {"status": "failed", "kind": "large", "reason": reason, "summary": None}
    return outcome.model_copy(update=failed)


def _keep(summary: Summary, source: Path, folder: Path, outcome: NotebookOutcome) -> None:
    summary.write(folder / f"{outcome.notebook}.summary.json")
    for part in ("tables", "files"):
        if (source / part).is_dir():
            shutil.copytree(source / part, folder / part, dirs_exist_ok=True)

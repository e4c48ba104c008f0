"""Remove old runs from a folder of reports: only whole runs of ours, and never the newest that is complete."""

import re
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kafka_analysis.model.whole_files import write_atomically
from kafka_analysis.report.folder import UNFINISHED
from kafka_analysis.report.outcome import Run
from kafka_analysis.report.run_folders import run_folders

_OURS = {"index.html", "run.json", "tables", "files", ".ipynb_checkpoints"}


@dataclass(frozen=True)
class Pruned:
    """Names of the runs that were removed, and why others that are as old were left."""

    removed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def newest_runs(out: Path, count: int | None) -> frozenset[str]:
    """Return the names of the newest runs in a folder of reports; of all of them where ``count`` is None."""
    runs = sorted((run.started_at, run.run_id) for _, run in run_folders(out))
    newest = runs if count is None else runs[max(len(runs) - count, 0) :]
    return frozenset(name for _, name in newest)


def prune(out: Path, *, keep: int, current: str) -> Pruned:
    """Remove all but the newest runs, and the links to them in the pages of the others.

    The current run is never removed, nor the newest in which no notebook failed, nor a folder that holds anything
    besides what a report writes. Links are not followed. The history keeps what the runs said.

    Parameters
    ----------
    out
        Folder of all reports, locked.
    keep
        How many runs stay, the current one among them; at least 1.
    current
        Name of the run that has just been made.
    """
    runs = sorted(run_folders(out), key=lambda pair: (pair[1].started_at, pair[1].run_id), reverse=True)
    sound = next((run.run_id for _, run in runs if not _has_failed(run)), current)
    runs.sort(key=lambda pair: pair[1].run_id != current)  # whatever the clock says
    removed, notes = [], []
    for folder, run in runs[max(keep, 1) :]:
        if run.run_id == sound:
            continue
        reason = _remove(folder, run, out)
        if reason:
            notes.append(f"run {run.run_id} was not pruned: {reason}")
        else:
            removed.append(run.run_id)
    for name in removed:
        _unlink(name, (pair for pair in runs if pair[1].run_id not in removed))
    return Pruned(tuple(removed), tuple(notes))


def _has_failed(run: Run) -> bool:
    return any(outcome.status == "failed" for outcome in run.notebooks)


def _remove(folder: Path, run: Run, out: Path) -> str:
    """Remove a run, out of sight at once; return why not, if not."""
    written = {name for o in run.notebooks for name in (o.page, o.ipynb, o.summary) if name}
    try:
        strange = sorted(path.name for path in folder.iterdir() if path.name not in _OURS | written)
        if strange:
            return (
                f"it holds {strange[0]!r}, which no report writes; move that away, or remove the run yourself"
            )
        hidden = out / f"{UNFINISHED}pruned-{folder.name}"
        folder.replace(hidden)
    except OSError as error:
        return error.strerror or type(error).__name__
    shutil.rmtree(hidden, ignore_errors=True)  # what is left of it is removed by the next run
    return ""


def _unlink(name: str, runs: Iterable[tuple[Path, Run]]) -> None:
    """Let links to a run that is gone become plain text, in the pages that compare with it."""
    link = re.compile(rf'<a class="run" href="\.\./{re.escape(name)}/[^"]*">([^<]*)</a>')
    for folder, run in runs:
        compared = [outcome.page for outcome in run.notebooks if outcome.compared_with == name]
        for page in ["index.html", *compared] if compared else ():
            file = folder / Path(page).name
            with suppress(OSError, ValueError):
                text = file.read_text(encoding="utf-8")
                changed = link.sub(r"\1", text)
                if changed != text and not file.is_symlink():
                    write_atomically(file, changed)

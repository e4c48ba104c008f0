"""Find the runs in a folder of reports: those that this program wrote, whole, under the names it gave them."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from kafka_analysis.report.outcome import Run

RUN_FILE = "run.json"
_LARGEST = 20_000_000


def run_folders(out: Path) -> Iterator[tuple[Path, Run]]:
    """Yield folder and content of ``run.json`` of every run in a folder of reports.

    Links, hidden folders, folders without a ``run.json`` that can be read, and those that were renamed or copied, so
    that the name is not the run's, are no runs of ours.

    Parameters
    ----------
    out
        Folder of all reports.
    """
    for folder in sorted(out.iterdir()) if out.is_dir() else ():
        run = None if folder.name.startswith(".") or folder.is_symlink() else read_run(folder)
        if run is not None and run.run_id == folder.name:
            yield folder, run


def read_run(folder: Path) -> Run | None:
    """Return the content of a folder's ``run.json``; None where there is none that can be read."""
    file = folder / RUN_FILE
    with suppress(OSError, ValueError):
        if not file.is_symlink() and file.is_file() and file.stat().st_size <= _LARGEST:
            return Run.model_validate_json(file.read_text(encoding="utf-8"))
    return None

"""Keep the history of reports in ``history.parquet``: read it, complete it from the runs there, replace it whole."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from kafka_analysis.model.findings import Evidence, Light
from kafka_analysis.model.places import PRIVATE_FILE
from kafka_analysis.model.summary import Summary
from kafka_analysis.model.whole_files import replace_safely
from kafka_analysis.report.history import RUN_KEY, SCHEMA, rows_of
from kafka_analysis.report.run_folders import run_folders

HISTORY = "history.parquet"
_DRAFT = ".unfinished-history"
_LARGEST = 200_000_000
_ALWAYS = ("run_id", "made_at", "notebook", "status", "sentence", "figures", "findings")
_UNREADABLE = (OSError, ValueError, pa.ArrowException, pl.exceptions.PolarsError)


@dataclass(frozen=True, eq=False)
class History:
    """The rows of earlier runs, and what is to be said of the file they were read from."""

    rows: pl.DataFrame
    note: str = ""


def read_history(out: Path) -> History:
    """Read the history of a folder of reports, and take in the runs that it does not know yet.

    Parameters
    ----------
    out
        Folder of all reports, locked.

    Returns
    -------
    History
        Rows of the file and of the runs beside it that are not in the file. A file that cannot be read, or is of
        something else, counts as none: ``note`` says so.
    """
    place = out / HISTORY
    kept = _read(place)
    there = place.exists() or place.is_symlink()
    rows = SCHEMA.to_frame() if kept is None else kept
    known = set(rows.select(RUN_KEY).unique().iter_rows())
    rows = pl.concat([rows, *_unknown_runs(out, known)])
    if kept is not None or not there:
        return History(rows)
    count = rows.select(RUN_KEY).n_unique()
    note = (
        f"{place} cannot be read as a history of reports: it is kept under another name, and a new history begins "
        f"with the {count} runs that are there"
    )
    return History(rows, note)


def stage_history(out: Path, rows: pl.DataFrame) -> None:
    """Write a history as a draft beside its place, so that a full disk is seen before the run is in its place."""
    draft = out / _DRAFT
    draft.unlink(missing_ok=True)
    draft.touch(mode=PRIVATE_FILE)
    table = _arrow(rows.sort(*reversed(RUN_KEY), maintain_order=True))
    pq.write_table(table, draft, compression="zstd", write_page_checksum=True)


def publish_history(out: Path, run_id: str) -> None:
    """Put the draft in its place; what lies there and is no history is moved aside, named after the run.

    A failure is passed over: the next run takes this one in from its summaries.
    """
    place, draft = out / HISTORY, out / _DRAFT
    with suppress(OSError):
        if (place.exists() or place.is_symlink()) and _read(place) is None:
            place.replace(out / f"{HISTORY}.foreign-{run_id}")
        rights = (place if place.exists() else out).stat().st_mode
        draft.chmod(rights & 0o666)
        replace_safely(draft, place)


def _read(place: Path) -> pl.DataFrame | None:
    """Return the rows of the file, None unless it is one of ours: links, folders and other tables are not."""
    try:
        if place.is_symlink() or not place.is_file() or place.stat().st_size > _LARGEST:
            return None
        with place.open("rb") as opened:
            table = pq.ParquetFile(opened, page_checksum_verification=True).read()
        table.validate(full=True)
    except _UNREADABLE:
        return None
    if not table.schema.equals(
        _arrow(SCHEMA.to_frame()).schema
    ):  # Polars would panic on names that are no text
        return None
    rows = pl.DataFrame(table, schema=SCHEMA)
    return rows if _is_sound(rows) else None


def _arrow(rows: pl.DataFrame) -> pa.Table:
    return rows.to_arrow(compat_level=pl.CompatLevel.oldest())


def _is_sound(rows: pl.DataFrame) -> bool:
    """Tell whether the rows hold only what this version can have written."""
    figures = rows["figures"].explode().drop_nulls().struct.unnest()
    findings = rows["findings"].explode().drop_nulls().struct.unnest()
    words = (
        (rows["light"], list(Light)),
        (rows["status"], ["completed", "failed"]),
        (figures["better"], ["lower", "higher", "neither"]),
        (figures["evidence"], list(Evidence)),
        (findings["light"], list(Light)),
    )
    known = all(set(column.drop_nulls()) <= set(map(str, allowed)) for column, allowed in words)
    required = (rows.select(_ALWAYS), figures.drop("value"), findings)
    return known and not any(sum(frame.null_count().row(0)) for frame in required)


def _unknown_runs(out: Path, known: set[tuple[object, ...]]) -> Iterator[pl.DataFrame]:
    for folder, run in run_folders(out):
        if (run.run_id, run.started_at) in known:
            continue
        with suppress(OSError, ValueError):  # a damaged summary: nothing is known of that run
            summaries = {
                outcome.notebook: Summary.read(folder / outcome.summary)
                for outcome in run.notebooks
                if outcome.summary and outcome.status == "completed"
            }
            yield rows_of(run, summaries)

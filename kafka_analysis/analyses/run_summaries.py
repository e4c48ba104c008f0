"""Read the summaries in the folder of a run: untrusted files, of which none is taken for more than it is."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import polars as pl
from pydantic import ValidationError

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.places import reading
from kafka_analysis.model.summary import SCHEMA_VERSION, Summary, SummaryTable

SUFFIX = ".summary.json"
_NO_ANSWER = "it gave no answer"
_MOST_BYTES = 50_000_000
_NAMED_BY = ("topic", "client", "group")


@dataclass(frozen=True)
class RunSummaries:
    """What a run has to say: summaries of its notebooks, and why others gave none.

    ``teams``: name of a topic or client → team, from the tables beside the summaries.
    """

    summaries: tuple[Summary, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)
    teams: Mapping[str, str] = field(default_factory=dict)


def read_run(folder: str | Path, *, leave_out: str) -> RunSummaries:
    """Read every summary of a run but one.

    Parameters
    ----------
    folder
        Of the run: ``<notebook>.summary.json``, the executed notebooks beside them, ``tables/``.
    leave_out
        The notebook whose own summary is not read.

    Returns
    -------
    RunSummaries
        A notebook that was executed and has no summary, or one that cannot be read, is among ``failed``.

    Raises
    ------
    InputError
        There is no such folder, or it holds summaries of several captures.
    """
    place = Path(folder)
    if not place.is_dir():
        raise InputError(
            f"there is no folder of summaries {str(folder)!r}; give the folder of a run, such as reports/latest"
        )
    with reading(place):
        paths = sorted(place.glob(f"[!.]*{SUFFIX}"))
        executed = [path.stem for path in place.glob("[!.]*.ipynb")]
    read = {path.name.removesuffix(SUFFIX): _read(path) for path in paths}
    read.pop(leave_out, None)
    summaries = tuple(entry for entry in read.values() if isinstance(entry, Summary))
    failed = {name: entry for name, entry in read.items() if isinstance(entry, str)}
    failed |= {name: _NO_ANSWER for name in executed if name not in read and name != leave_out}
    _check_captures(place, summaries)
    return RunSummaries(summaries, failed, dict(_teams(place, summaries)))


def _read(path: Path) -> Summary | str:
    """Return a summary, or why it cannot be read."""
    with reading(path):
        if path.stat().st_size > _MOST_BYTES:
            return f"its summary is larger than {_MOST_BYTES / 1e6:.0f} MB"
        data = path.read_bytes()
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return "its summary is not whole: it is no JSON document"
    version = document.get("schema_version") if isinstance(document, dict) else None
    if version != SCHEMA_VERSION:
        return f"its summary is of schema version {version!r:.20}; this version reads {SCHEMA_VERSION}"
    try:
        summary = Summary.model_validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        return f"its summary is not one: {'.'.join(map(str, first['loc']))[:80]}: {first['msg'][:120]}"
    name = path.name.removesuffix(SUFFIX)
    return summary if summary.notebook == name else f"its summary calls itself {summary.notebook!r:.80}"


def _check_captures(place: Path, summaries: Sequence[Summary]) -> None:
    of = {(summary.capture.id, summary.capture.sha256): summary for summary in summaries}
    if len(of) > 1:
        one, other, *_ = of.values()
        raise InputError(
            f"{place} holds summaries of several captures: {one.notebook} rests on {one.capture.id}, "
            f"{other.notebook} on {other.capture.id}; give the folder of one run"
        )


def _teams(place: Path, summaries: Sequence[Summary]) -> Iterator[tuple[str, str]]:
    for summary in summaries:
        for table in summary.tables:
            names = [name for name in _NAMED_BY if name in table.columns]
            if "team" in table.columns and names:
                rows = _table(place, table)
                yield from rows.select(pl.col(names[0], "team").cast(pl.String)).drop_nulls().iter_rows()


def _table(place: Path, table: SummaryTable) -> pl.DataFrame:
    """Return a table that lies below the folder of the run; one that does not, or is none, is empty."""
    for file in table.files:
        path = place / PurePosixPath(file)
        is_below = path.resolve().is_relative_to(place.resolve())
        if path.suffix == ".parquet" and is_below and path.is_file() and path.stat().st_size <= _MOST_BYTES:
            with suppress(OSError, pl.exceptions.PolarsError):
                return pl.read_parquet(path, columns=list(table.columns))
    return pl.DataFrame(schema=dict.fromkeys(table.columns, pl.String))

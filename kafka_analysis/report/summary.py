"""The last cell of a notebook: show where its numbers come from and write them down for programs."""

import hashlib
import json
import os
import shlex
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import yaml

from kafka_analysis.capture.capture import Capture
from kafka_analysis.capture.identity import tool_version
from kafka_analysis.model.findings import Result
from kafka_analysis.model.markup import block, card, element, facts_table
from kafka_analysis.model.parameters import NotebookParameters
from kafka_analysis.model.summary import Summary, SummaryCapture, SummaryResult, SummaryTable, safe_name
from kafka_analysis.model.units import format_time
from kafka_analysis.report.blocks import Block

SUMMARY_DIR = "KAFKA_ANALYSIS_SUMMARY_DIR"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def record_summary(
    results: Sequence[Result],
    *,
    notebook: str,
    parameters: NotebookParameters,
    capture: Capture,
    tables: Mapping[str, pl.DataFrame] | None = None,
) -> Block:
    """Show the provenance of a notebook and, when run by ``kafka-analysis report``, write its summary.

    Parameters
    ----------
    results
        The answers, one per cluster or pair of windows.
    notebook
        Name of the notebook without ``.ipynb``.
    parameters
        The validated parameters it ran with.
    capture
        The capture it read.
    tables
        Frames worth keeping, by name; written as Parquet (exact) and CSV (for spreadsheets: lists joined by
        ``;``, and text that a spreadsheet would run as a formula led by an apostrophe).

    Returns
    -------
    Block
        Capture id, window, hash of its manifest, tool version, and the command to run the notebook again.

    Notes
    -----
    The folder to write to is named by the environment variable ``KAFKA_ANALYSIS_SUMMARY_DIR``; without it,
    as in JupyterLab, nothing is written.
    """
    about = describe_capture(capture)
    folder = os.environ.get(SUMMARY_DIR)
    if folder:
        written = [
            _write_table(name, frame, Path(folder), notebook) for name, frame in (tables or {}).items()
        ]
        Summary(
            notebook=notebook,
            created_at=datetime.now(UTC),
            tool_version=tool_version(),
            capture=about,
            parameters=parameters.model_dump(mode="json", exclude=set(parameters.places)),
            results=tuple(SummaryResult.of(result) for result in results),
            tables=tuple(written),
        ).write(Path(folder) / f"{safe_name(notebook)}.summary.json")
    return _provenance(about, command_again(notebook, parameters))


def describe_capture(capture: Capture) -> SummaryCapture:
    """Return what identifies a capture, without saying where it lies."""
    path = Path(capture.path)
    manifest = path / "manifest.json"
    digest = hashlib.sha256(manifest.read_bytes()).hexdigest() if manifest.is_file() else ""
    return SummaryCapture(
        id=str(capture.id),
        name=path.name,
        start=capture.start,
        end=capture.end,
        sha256=digest,
        synthetic=capture.manifest.synthetic,
    )


def command_again(notebook: str, parameters: NotebookParameters) -> str:
    """Return the command line that runs a notebook again with the same parameters.

    Examples
    --------
    >>> from kafka_analysis.model.parameters.describing import PartitionSkewParameters
    >>> command_again("20_partition_skew", PartitionSkewParameters(capture="data/sample", top_n=5))
    'kafka-analysis report data/sample --only 20_partition_skew -p 20_partition_skew:top_n=5'
    """
    return report_command(parameters.capture, only=[notebook], parameters={notebook: parameters.given()})


def report_command(
    capture: str, *, only: Sequence[str], parameters: Mapping[str, Mapping[str, object]]
) -> str:
    """Return the command line that makes a whole report again.

    Examples
    --------
    >>> report_command("data/sample", only=["10_inventory"], parameters={"all": {"cluster": "monolith"}})
    'kafka-analysis report data/sample --only 10_inventory -p all:cluster=monolith'
    """
    words = ["kafka-analysis", "report", capture]
    for notebook in only:
        words += ["--only", notebook]
    for notebook, values in parameters.items():
        for name, value in values.items():
            words += ["-p", f"{notebook}:{name}={_as_yaml(value)}"]
    return shlex.join(words)


def _as_yaml(value: object) -> str:
    if isinstance(value, str) and yaml.safe_load(value) == value:
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def _write_table(name: str, frame: pl.DataFrame, folder: Path, notebook: str) -> SummaryTable:
    relative = Path("tables") / safe_name(notebook) / safe_name(name)
    stem = folder / relative
    stem.parent.mkdir(parents=True, exist_ok=True)
    frame.write_parquet(stem.with_name(stem.name + ".parquet"))
    for_spreadsheets(frame).write_csv(stem.with_name(stem.name + ".csv"))
    return SummaryTable(
        name=name,
        rows=frame.height,
        columns=tuple(frame.columns),
        files=(f"{relative.as_posix()}.parquet", f"{relative.as_posix()}.csv"),
    )


def for_spreadsheets(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame as CSV can hold it: lists as text, and no text that a spreadsheet takes for a formula.

    Examples
    --------
    >>> for_spreadsheets(pl.DataFrame({"topic": ["=1+1"], "replicas": [[1, 2]]})).row(0)
    ("'=1+1", '1;2')
    """
    flat = [
        pl.col(name).cast(pl.List(pl.String)).list.join(";") if dtype.base_type() is pl.List else pl.col(name)
        for name, dtype in frame.schema.items()
        if dtype.base_type() not in (pl.Struct, pl.Object, pl.Array)
    ]
    flattened = frame.select(flat)
    texts = [name for name, dtype in flattened.schema.items() if dtype == pl.String]
    harmless = [
        pl.when(pl.any_horizontal(pl.col(name).str.starts_with(start) for start in _FORMULA_STARTS))
        .then("'" + pl.col(name))
        .otherwise(pl.col(name))
        .alias(name)
        for name in texts
    ]
    return flattened.with_columns(harmless)


def _provenance(about: SummaryCapture, command: str) -> Block:
    facts = {
        "Capture": about.id + (" (synthetic)" if about.synthetic else ""),
        "Window": f"{format_time(about.start)} to {format_time(about.end)}, end excluded",
        "SHA-256 of its manifest": about.sha256 or "unknown",
        "Computed by": f"kafka-analysis {tool_version()}",
    }
    again = element(
        "pre", element("code", command), style="white-space:pre-wrap;overflow-wrap:break-word;margin:0"
    )
    box = card(
        facts_table(facts.items()),
        element("div", "Run it again:", style="margin:8px 0 2px"),
        again,
        css="ka-box",
    )
    plain = "\n".join([*(f"{name}: {value}" for name, value in facts.items()), f"Run it again: {command}"])
    return Block(html=block(box, css="ka-provenance"), plain=plain)

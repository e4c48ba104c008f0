"""The evidence of a check: a folder that can be kept, read without a program, and compared byte by byte."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any, NamedTuple

import polars as pl
from markupsafe import Markup

from kafka_analysis.capture.identity import tool_version
from kafka_analysis.model.findings import Result
from kafka_analysis.model.summary import SummaryCapture
from kafka_analysis.report.blocks import findings, first_screen
from kafka_analysis.report.render import fill
from kafka_analysis.report.summary import for_spreadsheets

MANIFEST = "manifest.json"


class Section(NamedTuple):
    """A part of the page: its heading and what stands below, HTML in which all text of clusters is escaped."""

    heading: str
    html: str


def evidence_files(
    *,
    title: str,
    question: str,
    results: Sequence[Result],
    sections: Sequence[Section],
    tables: Mapping[str, pl.DataFrame],
    whole: Mapping[str, pl.DataFrame],
    capture: SummaryCapture,
    parameters: Mapping[str, Any],
    notes: Sequence[str] = (),
) -> dict[str, bytes]:
    """Return the files of the evidence of a check, by name; the same capture and parameters give the same bytes.

    Parameters
    ----------
    title, question
        Of the page.
    results
        Verdicts, figures and findings.
    sections
        What stands below them.
    tables, whole
        Frames as CSV, and as Parquet those that are long.
    capture
        What all of it was computed from: named with its hash, so that anybody can compute it again.
    parameters
        What was asked, as JSON values.
    notes
        Sentences a reader must know.

    Returns
    -------
    dict of str to bytes
        ``index.html`` (no script, no other file), ``verdict.json``, the tables, and ``manifest.json``: the size and
        SHA-256 of each of the others. No time of day is in them but the capture's.

    Examples
    --------
    >>> about = SummaryCapture(id="c", start=None, end=None, sha256="")
    >>> files = evidence_files(title="t", question="q", results=[], sections=[], tables={}, whole={}, capture=about,
    ...     parameters={})
    >>> sorted(files)
    ['index.html', 'manifest.json', 'verdict.json']
    """
    page = fill(
        "evidence.html.j2",
        title=title,
        question=question,
        capture=capture,
        notes=list(notes),
        cards=[Markup(first_screen(results).html), Markup(findings(results).html)],  # noqa: S704 - escaped there
        sections=[(part.heading, Markup(part.html)) for part in sections],  # noqa: S704 - escaped there
        files=[f"{name}.csv" for name in tables] + [f"{name}.parquet" for name in whole],
    )
    verdict = {
        "capture": capture.model_dump(mode="json"),
        "parameters": dict(parameters),
        "tool_version": tool_version(),
        "results": [result.model_dump(mode="json") for result in results],
        "notes": list(notes),
    }
    files = {"index.html": page.encode(), "verdict.json": _json(verdict)}
    files |= {f"{name}.csv": for_spreadsheets(frame).write_csv().encode() for name, frame in tables.items()}
    files |= {f"{name}.parquet": _parquet(frame) for name, frame in whole.items()}
    listed = [
        {"path": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in sorted(files.items())
    ]
    return files | {
        MANIFEST: _json({"capture": capture.id, "capture_sha256": capture.sha256, "files": listed})
    }


def _json(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True, default=str) + "\n").encode()


def _parquet(frame: pl.DataFrame) -> bytes:
    file = BytesIO()
    frame.write_parquet(file, compression="zstd", statistics=False)
    return file.getvalue()

"""Files the user writes beside a capture: who owns topics and clients, and which client writes or reads what."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from kafka_analysis.model.errors import InputError

KINDS = ("topic", "producer", "group", "client")
CRITICALITIES = ("low", "medium", "high", "critical")
EVIDENCE = ("declared", "estimated", "measured")
OWNERSHIP = dict.fromkeys(("pattern", "kind", "team", "criticality", "application"), pl.String)
FLOWS: dict[str, type[pl.DataType]] = {
    "client": pl.String, "kind": pl.String, "topic": pl.String, "bytes_per_s": pl.Float64, "evidence": pl.String,
    "transactional_id": pl.String, "team": pl.String, "criticality": pl.String, "application": pl.String,
}  # fmt: skip
Check = Callable[[str], Any]


def file_beside(capture: str | Path, what: str) -> Path:
    """Return the path of a file of the user's beside a capture.

    Examples
    --------
    >>> file_beside("data/sample", "ownership").as_posix()
    'data/sample.ownership.csv'
    """
    path = Path(capture)
    named = path if path.name not in ("", "..") else path.resolve()
    return named.with_name(f"{named.name}.{what}.csv")


def table_beside(
    beside: Path,
    path: str | Path | None,
    read: Callable[[str | Path], pl.DataFrame],
    schema: Mapping[str, type[pl.DataType]],
) -> pl.DataFrame:
    """Read the file that is named, or else the one beside a capture; without either there is no row.

    Examples
    --------
    >>> table_beside(Path("no/such.flows.csv"), None, read_flows, FLOWS).is_empty()
    True
    """
    if path is None and not beside.exists():
        return pl.DataFrame(schema=dict(schema))
    return read(path or beside)


def ownership_of(capture: str | Path, path: str | Path | None = None) -> pl.DataFrame:
    """Read an ownership file; None = the one beside the capture, where there is one, else nobody is known to own.

    Examples
    --------
    >>> ownership_of("no/such/capture").columns
    ['pattern', 'kind', 'team', 'criticality', 'application']
    """
    return table_beside(file_beside(capture, "ownership"), path, read_ownership, OWNERSHIP)


def flows_of(capture: str | Path, path: str | Path | None = None) -> pl.DataFrame:
    """Read a file of declared flows; None = the one beside the capture, where there is one, else none are declared.

    Examples
    --------
    >>> flows_of("no/such/capture").is_empty()
    True
    """
    return table_beside(file_beside(capture, "flows"), path, read_flows, FLOWS)


def read_ownership(path: str | Path) -> pl.DataFrame:
    r"""Read who owns what from CSV: a shell pattern of names a line, the first that matches counts.

    Parameters
    ----------
    path
        A file with the columns ``pattern``, ``kind`` (topic, producer, group, or client = both kinds of client),
        ``team``, ``criticality`` (low, medium, high, critical) and, where wanted, ``application``; the last two may be
        left empty.

    Returns
    -------
    polars.DataFrame
        These columns, in the order of the file; null where nothing is written.

    Raises
    ------
    InputError
        When the file cannot be read, or a line is not what it should be; the line is named.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "ownership.csv"
    >>> _ = file.write_text("pattern,kind,team,criticality\norders.*,topic,orders,high\n", encoding="utf-8")
    >>> read_ownership(file).rows()
    [('orders.*', 'topic', 'orders', 'high', None)]
    """
    checks: dict[str, Check] = {"kind": _one_of(KINDS), "criticality": _one_of(CRITICALITIES)}
    needed = ("pattern", "kind", "team")
    return _read(Path(path), OWNERSHIP, columns=(*needed, "criticality"), needed=needed, checks=checks)


def read_flows(path: str | Path) -> pl.DataFrame:
    r"""Read which client writes or reads which topic from CSV.

    Parameters
    ----------
    path
        A file with the columns ``client``, ``kind`` (producer or group), ``topic`` and, where known, ``bytes_per_s``
        (empty = not known), ``evidence`` (declared when empty), ``transactional_id``, ``team``, ``criticality``,
        ``application``.

    Returns
    -------
    polars.DataFrame
        All of these columns; null where nothing is written.

    Raises
    ------
    InputError
        When the file cannot be read, a line is not what it should be, or a flow comes twice; the line is named.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "flows.csv"
    >>> _ = file.write_text("client,kind,topic,bytes_per_s\nshop,producer,orders,1200\n", encoding="utf-8")
    >>> read_flows(file).select("client", "topic", "bytes_per_s", "evidence").rows()
    [('shop', 'orders', 1200.0, 'declared')]
    """
    checks: dict[str, Check] = {
        "kind": _one_of(("producer", "group")), "bytes_per_s": _amount, "evidence": _one_of(EVIDENCE),
        "criticality": _one_of(CRITICALITIES),
    }  # fmt: skip
    needed = ("client", "kind", "topic")
    flows = _read(Path(path), FLOWS, columns=needed, needed=needed, checks=checks, once=needed)
    return flows.with_columns(pl.col("evidence").fill_null("declared"))


def _read(
    path: Path,
    schema: Mapping[str, Any],
    *,
    columns: tuple[str, ...],
    needed: tuple[str, ...],
    checks: Mapping[str, Check],
    once: tuple[str, ...] = (),
) -> pl.DataFrame:
    """Read a CSV whose header has ``columns`` and none beyond the schema's, and whose lines all hold ``needed``."""
    rows: list[dict[str, Any]] = []
    seen: dict[tuple[Any, ...], int] = {}
    for line, texts in _lines(path, tuple(schema), columns):
        row = {}
        for name, text in texts.items():
            row[name] = _value(text, name, needed, checks, f"{path}, line {line}")
        key = tuple(row[name] for name in once)
        if once and key in seen:
            message = (
                f"{path}, line {line}: the same {', '.join(once)} as in line {seen[key]}; keep one of the two"
            )
            raise InputError(message)
        seen[key] = line
        rows.append(row)
    return pl.DataFrame(rows, schema=dict(schema), orient="row")


def _lines(
    path: Path, allowed: tuple[str, ...], columns: tuple[str, ...]
) -> list[tuple[int, dict[str, str]]]:
    """Return each line's number and its texts by column."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = [name.strip() for name in next(reader, [])]
            _check_header(path, header, allowed, columns)
            lines = [(reader.line_num, texts) for texts in reader if any(text.strip() for text in texts)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        message = f"{path} cannot be read ({error}); it must be CSV in UTF-8 with {', '.join(columns)}"
        raise InputError(message) from None
    for number, texts in lines:
        if len(texts) != len(header):
            message = (
                f"{path}, line {number}: {len(texts)} values where the header has {len(header)}; "
                "put values that hold a comma in double quotes"
            )
            raise InputError(message)
    return [(number, dict(zip(header, texts, strict=True))) for number, texts in lines]


def _check_header(path: Path, header: list[str], allowed: tuple[str, ...], columns: tuple[str, ...]) -> None:
    for name in header:
        if name not in allowed:
            what = f"column in {path}"
            raise InputError.unknown(what, name, allowed)
        if header.count(name) > 1:
            message = f"{path}: the column {name!r} comes twice; keep one of the two"
            raise InputError(message)
    missing = [name for name in columns if name not in header]
    if missing:
        message = (
            f"{path}: the column {missing[0]!r} is missing; the first line must name {', '.join(columns)}"
        )
        raise InputError(message)


def _value(text: str, name: str, needed: tuple[str, ...], checks: Mapping[str, Check], place: str) -> Any:
    stripped = text.strip()
    if not stripped:
        if name in needed:
            message = f"{place}: {name} is empty; every line needs {', '.join(needed)}"
            raise InputError(message)
        return None
    try:
        return checks[name](stripped) if name in checks else stripped
    except ValueError as error:
        message = f"{place}: {name} is {stripped!r}; it must be {error}"
        raise InputError(message) from None


def _one_of(words: tuple[str, ...]) -> Check:
    def check(text: str) -> str:
        if text not in words:
            message = f"one of {', '.join(words)}"
            raise ValueError(message)
        return text

    return check


def _amount(text: str) -> float:
    message = "a number of at least 0, or empty where it is not known"
    try:
        value = float(text)
    except ValueError:
        raise ValueError(message) from None
    if not math.isfinite(value) or value < 0:
        raise ValueError(message)
    return value

"""Files the user writes beside a capture: who owns topics and clients, and which client writes or reads what."""

import csv
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

import polars as pl
from pydantic import BaseModel, Field, ValidationError

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.strict_files import one_line

Criticality = Literal["low", "medium", "high", "critical"]


class _Owner(BaseModel):
    pattern: str
    kind: Literal["topic", "producer", "group", "client"]
    team: str
    criticality: Criticality | None = None
    application: str | None = None


class _Flow(BaseModel):
    client: str
    kind: Literal["producer", "group"]
    topic: str
    bytes_per_s: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    evidence: Literal["declared", "estimated", "measured"] = "declared"
    transactional_id: str | None = None
    team: str | None = None
    criticality: Criticality | None = None
    application: str | None = None


OWNERSHIP = dict.fromkeys(_Owner.model_fields, pl.String)
FLOWS: dict[str, type[pl.DataType]] = dict.fromkeys(_Flow.model_fields, pl.String) | {
    "bytes_per_s": pl.Float64
}


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
    return _read(Path(path), _Owner, OWNERSHIP, columns=("pattern", "kind", "team", "criticality"))


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
    needed = ("client", "kind", "topic")
    return _read(Path(path), _Flow, FLOWS, columns=needed, once=needed)


def _read(
    path: Path,
    kind: type[BaseModel],
    schema: Mapping[str, type[pl.DataType]],
    *,
    columns: tuple[str, ...],
    once: tuple[str, ...] = (),
) -> pl.DataFrame:
    """Read a CSV whose header has ``columns`` and none beyond the schema's, and whose lines are of a kind."""
    rows: list[dict[str, object]] = []
    seen: dict[tuple[object, ...], int] = {}
    for line, texts in _lines(path, tuple(schema), columns):
        try:
            row = dict(kind.model_validate(texts))
        except ValidationError as error:
            raise InputError(f"{path}, line {line}: {_fault(error)}") from None
        first = seen.setdefault(tuple(row[name] for name in once), line)
        if once and first != line:
            raise InputError(
                f"{path}, line {line}: the same {', '.join(once)} as in line {first}; keep one of the two"
            )
        rows.append(row)
    return pl.DataFrame(rows, schema=dict(schema), orient="row")


def _fault(error: ValidationError) -> str:
    first = error.errors()[0]
    name = first["loc"][0]
    if first["type"] == "missing":
        return f"{name} is empty; every line needs it"
    return f"{name} is {first['input']!r}; {first['msg'].replace('Input should', 'it should')}"


def _lines(
    path: Path, allowed: tuple[str, ...], columns: tuple[str, ...]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield each line's number and its texts by column, without the empty ones."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = [name.strip() for name in next(reader, [])]
            _check_header(path, header, allowed, columns)
            lines = [(reader.line_num, texts) for texts in reader if any(text.strip() for text in texts)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        message = (
            f"{path} cannot be read ({one_line(error)}); it must be CSV in UTF-8 with {', '.join(columns)}"
        )
        raise InputError(message) from None
    for number, texts in lines:
        if len(texts) != len(header):
            raise InputError(
                f"{path}, line {number}: {len(texts)} values where the header has {len(header)}; "
                "put values with a comma in double quotes"
            )
        yield number, {name: text.strip() for name, text in zip(header, texts, strict=True) if text.strip()}


def _check_header(path: Path, header: list[str], allowed: tuple[str, ...], columns: tuple[str, ...]) -> None:
    for name in header:
        if name not in allowed:
            what = f"column in {path}"
            raise InputError.unknown(what, name, allowed)
        if header.count(name) > 1:
            raise InputError(f"{path}: the column {name!r} is repeated; keep one of the two")
    missing = next((name for name in columns if name not in header), None)
    if missing is not None:
        message = f"{path}: the column {missing!r} is missing; the first line must name {', '.join(columns)}"
        raise InputError(message)

"""Write a capture: rows are spooled while they come, sorted at the end, and the manifest comes last."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType
from typing import Self

import dataframely as dy
import polars as pl

from kafka_analysis.model.errors import CaptureError, CaptureExistsError
from kafka_analysis.model.manifest import ClusterInfo, FileInfo, Manifest, SourceInfo, Span
from kafka_analysis.model.samples import SERIES, Rejected, Samples
from kafka_analysis.model.tables import TABLES, table_schema

SPOOL_ROWS = 500_000
ROWS_PER_FILE = 10_000_000  # sorted and compressed well under 128 MB
ROWS_PER_GROUP = 50_000
TEXT_LIMIT = 500
_SPOOL = ".spool"


class CaptureWriter:
    """Collect the rows of a capture and finish it; use it as a context manager.

    Parameters
    ----------
    out
        Folder of the new capture; it must be absent or empty.
    synthetic
        Whether the rows were made up rather than recorded.
    notes
        Sentences a reader of any report on this capture must know.

    Raises
    ------
    CaptureExistsError
        When the folder holds anything.

    Notes
    -----
    Left by an error before any row came, the folder is removed. Later it stays without a manifest: incomplete, and
    named so by ``read_capture``.
    """

    def __init__(self, out: str | Path, *, synthetic: bool = False, notes: Iterable[str] = ()) -> None:
        self.path = Path(out)
        self._synthetic = synthetic
        self._notes = tuple(notes)
        self._buffers: dict[str, list[pl.DataFrame]] = {}
        self._spooled: dict[str, list[Path]] = {}
        self._made = not self.path.exists()
        self._finished = False
        if self.path.exists() and (not self.path.is_dir() or any(self.path.iterdir())):
            message = f"{self.path} exists and is not empty; choose another folder or remove it"
            raise CaptureExistsError(message)
        (self.path / _SPOOL).mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        """Return the writer."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove the folder when nothing came into it."""
        if not self._finished and not self._buffers:
            shutil.rmtree(self.path / _SPOOL, ignore_errors=True)
            if self._made:
                shutil.rmtree(self.path, ignore_errors=True)

    def add_samples(self, rows: pl.DataFrame) -> None:
        """Append samples; the columns must be those of the contract."""
        for (cluster,), part in _checked(Samples, rows, "samples").group_by("cluster"):
            self._add(f"samples/{cluster}", part)

    def add_table(self, name: str, rows: pl.DataFrame) -> None:
        """Append rows to a metadata table; the columns must be those of the contract."""
        self._add(f"tables/{name}", _checked(table_schema(name), rows, f"table {name}"))

    def add_rejected(self, rows: pl.DataFrame) -> None:
        """Append input lines that were not understood; long ones are cut."""
        checked = _checked(Rejected, rows, "rejected rows")
        self._add("rejected", checked.with_columns(pl.col("text").str.slice(0, TEXT_LIMIT)))

    def _add(self, name: str, rows: pl.DataFrame) -> None:
        buffer = self._buffers.setdefault(name, [])
        if len(rows):
            buffer.append(rows)
        if sum(map(len, buffer)) >= SPOOL_ROWS:
            self._spool(name)

    def _spool(self, name: str) -> None:
        if self._buffers[name]:
            parts = self._spooled.setdefault(name, [])
            part = self.path / _SPOOL / f"{name.replace('/', '-')}-{len(parts)}.parquet"
            pl.concat(self._buffers[name]).write_parquet(part)
            parts.append(part)
            self._buffers[name] = []

    def finish(
        self,
        *,
        window: tuple[datetime, datetime],
        clusters: Iterable[ClusterInfo] = (),
        sources: Iterable[SourceInfo] = (),
        capture_id: str | None = None,
    ) -> Manifest:
        """Sort and write all files, then the manifest, atomically; return the manifest.

        Parameters
        ----------
        window
            When recording began and ended, UTC.
        clusters, sources
            What was recorded, and from where.
        capture_id
            The id to give, for what is made up; by default a new one.
        """
        written = [self._write(name) for name in sorted(self._buffers)]
        manifest = Manifest(
            capture_id=capture_id or _new_id(window[0]),
            created_at=datetime.now(UTC),
            tool_version=_tool_version(),
            synthetic=self._synthetic,
            window=Span(start=window[0], end=window[1]),
            clusters=tuple(clusters),
            sources=tuple(sources),
            files=tuple(_describe(self.path, file) for files in written for file in files),
            notes=self._notes,
        )
        shutil.rmtree(self.path / _SPOOL)
        _write_atomically(self.path / "manifest.json", manifest.model_dump_json(indent=2) + "\n")
        self._finished = True
        return manifest

    def _write(self, name: str) -> list[Path]:
        parts = [pl.scan_parquet(self._spooled[name])] if name in self._spooled else []
        rows = (
            pl.concat([*parts, *[frame.lazy() for frame in self._buffers[name]]]) if self._has(name) else None
        )
        if rows is None:
            return []
        kind, _, rest = name.partition("/")
        (self.path / kind).mkdir(exist_ok=True) if rest else None
        if kind == "samples":
            return self._write_samples(rest, rows.sort(*SERIES, "ts").collect())
        target = self.path / f"{name}.parquet"
        key = ["source", "position"] if kind == "rejected" else _table_order(rest)
        rows.sort(key, maintain_order=True).collect().write_parquet(
            target, compression="zstd", row_group_size=ROWS_PER_GROUP
        )
        return [target]

    def _has(self, name: str) -> bool:
        return bool(self._spooled.get(name) or self._buffers[name])

    def _write_samples(self, cluster: str, rows: pl.DataFrame) -> list[Path]:
        files = []
        for number, part in enumerate(rows.iter_slices(ROWS_PER_FILE), start=1):
            target = self.path / "samples" / f"{cluster}-{number}.parquet"
            part.write_parquet(target, compression="zstd", statistics=True, row_group_size=ROWS_PER_GROUP)
            files.append(target)
        return files


def _table_order(name: str) -> list[str]:
    schema = TABLES[name].create_empty().schema
    named = [c for c in ("topic", "broker", "group", "partition", "name") if c in schema]
    return ["cluster", "ts"] if name in ("events", "truth") else ["cluster", *named, "ts"]


def _checked(schema: type[dy.Schema], rows: pl.DataFrame, what: str) -> pl.DataFrame:
    try:
        return schema.validate(rows, cast=True)
    except (dy.exc.SchemaError, dy.exc.ValidationError, pl.exceptions.PolarsError) as error:
        lines = [line.strip(" -") for line in str(error).splitlines() if line.strip(" -")]
        message = f"{what} break the contract: {'; '.join(lines)[:TEXT_LIMIT]}"
        raise CaptureError(message) from None


def _describe(root: Path, file: Path) -> FileInfo:
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    rows = pl.scan_parquet(file).select(pl.len()).collect().item()
    return FileInfo(
        path=file.relative_to(root).as_posix(), rows=rows, bytes=file.stat().st_size, sha256=digest
    )


def _write_atomically(target: Path, text: str) -> None:
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    with draft.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(target)


def _new_id(start: datetime) -> str:
    return f"{start.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def _tool_version() -> str:
    try:
        return version("kafka-analysis")
    except PackageNotFoundError:
        return "0+unknown"

"""Open a capture: checked before any number is made of it."""

import hashlib
import json
import os
from datetime import UTC
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kafka_analysis.capture.capture import Capture
from kafka_analysis.capture.manifest_faults import manifest_fault, same_file_twice
from kafka_analysis.capture.parquet import content_fault
from kafka_analysis.capture.spool import SPOOL, clear_spool, read_state, unfinished_copy
from kafka_analysis.capture.streams import stream_of
from kafka_analysis.model.errors import (
    CaptureDamagedError,
    CaptureError,
    CaptureIncompleteError,
    CaptureNotFoundError,
    CaptureSchemaError,
)
from kafka_analysis.model.manifest import SCHEMA_VERSION, FileInfo, Manifest
from kafka_analysis.model.places import as_argument, reading

__all__ = ["Capture", "read_capture"]
VERIFIED = "KAFKA_ANALYSIS_VERIFIED"


def read_capture(path: str | Path, *, verify: bool = True) -> Capture:
    """Open a capture.

    Parameters
    ----------
    path
        Folder of the capture.
    verify
        Compare every file with the sha256 of the manifest, and read it to its end: about 30 ms per million rows.
        Left out in the notebooks of a report, which does so beside them and ends them where a file is damaged: the
        environment variable ``KAFKA_ANALYSIS_VERIFIED`` holds the sha256 of the manifest.
        Presence, size and columns are always checked.

    A spool that a writer left behind after it had finished is removed, where that is possible.

    Returns
    -------
    Capture
        Its manifest is read; tables and samples are read when they are asked for.

    Raises
    ------
    CaptureNotFoundError, CaptureIncompleteError, CaptureDamagedError, CaptureSchemaError
        There is none; its writer did not finish; a file is missing, altered or unreadable; a newer version wrote it.

    Examples
    --------
    >>> read_capture("no/such/folder")
    Traceback (most recent call last):
    ...
    kafka_analysis.model.errors.CaptureNotFoundError: no capture at no/such/folder: the folder does not exist; ...
    """
    root = Path(path)
    manifest = read_manifest(root)
    verify = verify and not _is_verified(root)
    for file in manifest.files:
        fault = file_fault(root, file, verify=verify)
        if fault is not None:
            raise _damaged(root, f"{file.path} {fault}")
    twice = same_file_twice(root, manifest.files)
    if twice is not None:
        raise _damaged(root, twice)
    clear_spool(root)
    window = manifest.window
    return Capture(root, manifest, window.start.astimezone(UTC), window.end.astimezone(UTC))


def _is_verified(root: Path) -> bool:
    """Return whether the report that started this process compares the files with this very manifest itself."""
    digest = hashlib.sha256((root / "manifest.json").read_bytes()).hexdigest()
    return os.environ.get(VERIFIED) == digest


def _damaged(root: Path, what: str) -> CaptureDamagedError:
    return CaptureDamagedError(f"capture {root} is damaged: {what}")


def read_manifest(root: Path) -> Manifest:
    """Read the manifest of a capture, its files unchecked.

    Raises
    ------
    CaptureNotFoundError, CaptureIncompleteError, CaptureDamagedError, CaptureSchemaError
        There is none; its writer did not finish; it cannot be read; a newer version wrote it.

    Examples
    --------
    >>> read_manifest(Path("no/such/folder"))
    Traceback (most recent call last):
    ...
    kafka_analysis.model.errors.CaptureNotFoundError: no capture at no/such/folder: the folder does not exist; ...
    """
    file = root / "manifest.json"
    if not root.is_dir():
        what = "it is a file" if root.exists() else "the folder does not exist"
        raise CaptureNotFoundError(f"no capture at {root}: {what}; give the folder that holds manifest.json")
    if not file.is_file():
        raise _unfinished(root)
    content = _json(file)
    found = content.get("schema_version")
    if isinstance(found, int) and found > SCHEMA_VERSION:
        message = f"capture {root} has schema version {found:.4g}, this version reads up to {SCHEMA_VERSION}; upgrade"
        raise CaptureSchemaError(message)
    try:
        manifest = Manifest.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        fault: str | None = f"{where}: {first['msg']}"
    else:
        fault = manifest_fault(manifest)
    if fault is not None:
        raise CaptureDamagedError(f"{file} is damaged: {fault}; restore the capture from a copy")
    return manifest


def _unfinished(root: Path) -> CaptureError:
    """Say why there is no manifest: nothing is there, or it was not finished."""
    state = read_state(root)
    if state is not None and not state.keep:
        return CaptureIncompleteError(unfinished_copy(root))
    if any((root / part).exists() for part in (SPOOL, "samples", "tables", "rejected.parquet")):
        return CaptureIncompleteError(
            f"capture {root} has no manifest.json: its recording did not finish; "
            f"save what was recorded with: kafka-analysis captures repair {as_argument(root)}"
        )
    return CaptureNotFoundError(
        f"no capture at {root}: there is no manifest.json; give the folder that holds it"
    )


def _json(file: Path) -> dict[str, Any]:
    try:
        with reading(file):
            text = file.read_text(encoding="utf-8")
        content = json.loads(text)
        json.dumps(content, ensure_ascii=False).encode()  # half a character cannot be written anywhere
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        message = f"{file} is damaged: it is not a JSON object; restore the capture from a copy"
        raise CaptureDamagedError(message)
    return content


def file_fault(root: Path, file: FileInfo, *, verify: bool) -> str | None:
    """Return what is wrong with a file of a capture, and how to mend it; None when it is the one that was recorded.

    Parameters
    ----------
    verify
        Compare its sha256, and read it to its end, too.

    Examples
    --------
    >>> file_fault(Path("no/such/folder"), FileInfo(path="a", rows=0, bytes=0, sha256="0" * 64), verify=True)
    'is missing; restore it from a copy'
    """
    path, stream = root / file.path, stream_of(file.path)
    with reading(path):
        if not path.resolve().is_relative_to(root.resolve()):
            return "lies outside the capture; do not trust its manifest"
        if not path.is_file():
            return "is missing; restore it from a copy"
        altered = path.stat().st_size != file.bytes
        if verify and not altered:
            with path.open("rb") as opened:
                altered = hashlib.file_digest(opened, "sha256").hexdigest() != file.sha256
    if altered:
        return "is not the file that was recorded; restore it from a copy"
    wrong = None if stream is None else content_fault(path, stream, rows=file.rows, decode=verify)
    return None if wrong is None else f"{wrong}; restore it from a copy"

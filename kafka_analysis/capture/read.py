"""Open a capture: checked before any number is made of it."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kafka_analysis.capture.capture import Capture
from kafka_analysis.model.errors import (
    CaptureDamagedError,
    CaptureIncompleteError,
    CaptureNotFoundError,
    CaptureSchemaError,
)
from kafka_analysis.model.manifest import SCHEMA_VERSION, FileInfo, Manifest

__all__ = ["Capture", "read_capture"]


def read_capture(path: str | Path, *, verify: bool = True) -> Capture:
    """Open a capture.

    Parameters
    ----------
    path
        Folder of the capture.
    verify
        Compare every file with the sha256 of the manifest (about a second per GB). Presence and size are always
        checked.

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
    for file in manifest.files:
        fault = file_fault(root, file, verify=verify)
        if fault is not None:
            message = f"capture {root} is damaged: {file.path} {fault}"
            raise CaptureDamagedError(message)
    window = manifest.window
    return Capture(root, manifest, window.start.astimezone(UTC), window.end.astimezone(UTC))


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
        message = f"no capture at {root}: {what}; give the folder that holds manifest.json"
        raise CaptureNotFoundError(message)
    if not file.is_file():
        begun = any((root / part).exists() for part in (".spool", "samples", "tables", "rejected.parquet"))
        if begun:
            message = (
                f"capture {root} has no manifest.json: its recording did not finish; "
                f"save what was recorded with: kafka-analysis captures repair {root}"
            )
            raise CaptureIncompleteError(message)
        message = f"no capture at {root}: there is no manifest.json; give the folder that holds it"
        raise CaptureNotFoundError(message)
    try:
        content: Any = json.loads(file.read_text(encoding="utf-8"))
        found = content.get("schema_version")
    except (OSError, ValueError, AttributeError):
        message = f"{file} is damaged: it is not a JSON object; restore the capture from a copy"
        raise CaptureDamagedError(message) from None
    if isinstance(found, int) and found > SCHEMA_VERSION:
        message = (
            f"capture {root} has schema version {found}, this version reads up to {SCHEMA_VERSION}; upgrade"
        )
        raise CaptureSchemaError(message)
    try:
        return Manifest.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        message = f"{file} is damaged: {where}: {first['msg']}; restore the capture from a copy"
        raise CaptureDamagedError(message) from None


def file_fault(root: Path, file: FileInfo, *, verify: bool) -> str | None:
    """Return what is wrong with a file of a capture, and how to mend it; None when it is the one that was recorded.

    Parameters
    ----------
    verify
        Compare its sha256 too.

    Examples
    --------
    >>> file_fault(Path("no/such/folder"), FileInfo(path="a", rows=0, bytes=0, sha256="0" * 64), verify=True)
    'is missing; restore it from a copy'
    """
    path = root / file.path
    if not path.resolve().is_relative_to(root.resolve()):
        return "lies outside the capture; do not trust its manifest"
    if not path.is_file():
        return "is missing; restore it from a copy"
    altered = path.stat().st_size != file.bytes
    if verify and not altered:
        with path.open("rb") as stream:
            altered = hashlib.file_digest(stream, "sha256").hexdigest() != file.sha256
    return "is not the file that was recorded; restore it from a copy" if altered else None

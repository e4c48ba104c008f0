"""Figures of proofs on disk: a JSON file for each proof, from which the report is written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from testbed.errors import TestbedError


def keep(folder: Path, proof: str, figures: Sequence[Any]) -> None:
    """Write dataclasses as JSON."""
    text = json.dumps([asdict(one) for one in figures], indent=2, default=str)
    (folder / f"{proof}.json").write_text(text + "\n", encoding="utf-8")


def kept(folder: Path, proof: str, *, of: str = "mirror_proofs") -> list[dict[str, Any]]:
    """Return the figures of a proof; ``of``: the package that runs it.

    Raises
    ------
    TestbedError
        If it was not run.
    """
    path = folder / f"{proof}.json"
    if not path.exists():
        message = f"{path} is missing: run `python -m testbed.{of} {proof} {folder}` first"
        raise TestbedError(message)
    return json.loads(path.read_text(encoding="utf-8"))

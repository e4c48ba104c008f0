"""The folder a plan is written to: absent or empty before, whole or absent after."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from kafka_analysis.model.errors import InputError


def check_folder(out: Path) -> None:
    """Check that a folder is absent or empty.

    Raises
    ------
    InputError
        It holds something.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        message = f"--out {out} is not empty; name a folder that is absent or empty"
        raise InputError(message)


def write_folder(out: Path, files: Mapping[str, str]) -> None:
    """Write files into a folder as a whole, or not at all.

    Raises
    ------
    InputError
        It cannot be written.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as draft:
            whole = Path(draft) / "plan"
            whole.mkdir()
            for name, text in files.items():
                (whole / name).write_text(text, encoding="utf-8")
            whole.replace(out)
    except OSError as error:
        message = f"cannot write {out}: {error.strerror}; name another folder"
        raise InputError(message) from None

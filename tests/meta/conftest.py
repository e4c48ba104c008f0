"""What the tests about the project itself share: where it is, and which of its files are committed."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the folder of the checkout."""
    return Path(__file__).parents[2]


@pytest.fixture(scope="session")
def committed(root: Path) -> Callable[..., list[Path]]:
    """Return a function that lists files known to git, of some endings; every file of an unpacked archive."""

    def files(*endings: str) -> list[Path]:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=False
        )
        names = listed.stdout.split("\0") if listed.returncode == 0 else map(str, root.rglob("*"))
        paths = [root / name for name in names if not endings or name.endswith(endings)]
        return [path for path in paths if path.is_file()]

    return files

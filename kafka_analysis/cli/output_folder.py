"""The folder a plan is written to: absent or empty before, whole or absent after."""

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import psutil

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.places import PRIVATE_FOLDER, narrow_rights, writing


def check_folder(out: Path) -> None:
    """Check that a folder is absent or empty.

    Raises
    ------
    InputError
        It holds something, or cannot be looked into.
    """
    with writing(out):
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise InputError(
                f"--out {out} is not empty; name an empty folder, or one that does not exist yet"
            )


def write_folder(out: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files into a folder as a whole, or not at all; only its owner may read a new one.

    Raises
    ------
    PlaceError
        It cannot be written.
    """
    from kafka_analysis.capture.files import removed_on_error
    from kafka_analysis.model.whole_files import sync

    place = out if out.name else out.resolve()
    draft = place.with_name(f".{place.name}.{os.getpid()}.unfinished")
    contents = {name: data.encode() if isinstance(data, str) else data for name, data in files.items()}
    needed = sum(map(len, contents.values()))
    with writing(out, needed_bytes=needed), removed_on_error(draft):
        place.parent.mkdir(parents=True, exist_ok=True)
        _clear_drafts(place)
        draft.mkdir(mode=PRIVATE_FOLDER)
        for name, data in contents.items():
            (draft / name).parent.mkdir(exist_ok=True)
            (draft / name).write_bytes(data)
            sync(draft / name)
        if place.is_dir():  # the rights its owner chose
            draft.chmod(place.stat().st_mode)
        narrow_rights(draft)
        draft.replace(place)


def _clear_drafts(place: Path) -> None:
    """Remove drafts that processes which were killed have left."""
    named = re.compile(rf"\.{re.escape(place.name)}\.(\d+)\.unfinished")
    for path in place.parent.iterdir():
        found = named.fullmatch(path.name)
        if found is not None and (int(found[1]) == os.getpid() or not psutil.pid_exists(int(found[1]))):
            shutil.rmtree(path, ignore_errors=True)

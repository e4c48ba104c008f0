"""Load the connection profile, kafka-analysis.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kafka_analysis.model.addresses import without_credentials
from kafka_analysis.model.errors import InputError, ProfileError
from kafka_analysis.model.profile import Profile
from kafka_analysis.sources.spelling.dialects import SUFFIX, find_dialect

DEFAULT_NAME = "kafka-analysis.toml"
_WITH_FILES = ("security", "prometheus")
_PLAIN = re.compile(r"[\w.-]{1,100}")
_NO_DIALECT = (
    "an endpoint's dialect is unknown, and like no other; see `kafka-analysis inspect` for those there are"
)
_PATHS = ("ca_file", "cert_file", "key_file")


def load_profile(path: str | Path) -> Profile:
    """Read and check a profile; relative paths in it are relative to the profile.

    Raises
    ------
    ProfileError
        The file is missing, not TOML, or an entry is unknown or wrong, a dialect's name or file among them; no secret
        is ever in the message.

    Examples
    --------
    >>> load_profile("missing.toml")
    Traceback (most recent call last):
    ...
    kafka_analysis.model.errors.ProfileError: no profile at missing.toml; write one (see the README) or give --profile
    """
    file = Path(path)
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        message = f"no profile at {file}; write one (see the README) or give --profile"
        raise ProfileError(message) from None
    except (OSError, UnicodeDecodeError) as error:
        message = (
            f"profile {file} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8 text'}"
        )
        raise ProfileError(message) from None
    except tomllib.TOMLDecodeError as error:
        message = f"profile {file} is not TOML: {error}"
        raise ProfileError(message) from None
    try:
        profile = Profile.model_validate(_anchored(content, file.resolve().parent))
    except ValidationError as error:
        message = f"profile {file}: " + "; ".join(
            _explained(entry) for entry in error.errors(include_input=False)
        )
        raise ProfileError(message) from None
    _check_dialects(profile, file)
    return profile


def _check_dialects(profile: Profile, file: Path) -> None:
    for word in {e.dialect for cluster in profile.clusters for e in cluster.endpoints if e.dialect}:
        try:
            find_dialect(word)
        except InputError as error:
            said = str(error) if word.endswith(SUFFIX) or "did you mean" in str(error) else _NO_DIALECT
            message = f"profile {file}: {said}"
            raise ProfileError(message) from None


def _explained(entry: Any) -> str:
    where = ".".join(_shown(part) for part in entry["loc"]) or "the whole"
    if entry["type"] == "extra_forbidden":
        return f"{where} is not known; see the README for what a profile may hold"
    if entry["type"] == "missing":
        return f"{where} is missing"
    return f"{where}: {without_credentials(entry['msg'].removeprefix('Value error, '))}"


def _shown(part: object) -> str:
    """Return a part of an entry's place; a key that is no plain name may be an address with a login."""
    return str(part) if _PLAIN.fullmatch(str(part)) else "(a name that is not shown)"


def _anchored(content: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return the content with relative file names joined to the profile's folder."""
    clusters = content.get("clusters")
    if not isinstance(clusters, list):
        return content
    return {**content, "clusters": [_anchored_cluster(c, folder) for c in clusters]}


def _anchored_cluster(cluster: Any, folder: Path) -> Any:
    if not isinstance(cluster, dict):
        return cluster
    endpoints = cluster.get("endpoints")
    if isinstance(endpoints, list):
        cluster = {**cluster, "endpoints": [_anchored_endpoint(e, folder) for e in endpoints]}
    parts = {name: cluster[name] for name in _WITH_FILES if isinstance(cluster.get(name), dict)}
    return {**cluster, **{name: _anchored_part(part, folder) for name, part in parts.items()}}


def _anchored_part(part: dict[str, Any], folder: Path) -> dict[str, Any]:
    joined: dict[str, Any] = {}
    for name, value in part.items():
        if name in _PATHS and isinstance(value, str):
            joined[name] = str(folder / Path(value).expanduser())
        elif isinstance(value, dict) and isinstance(value.get("file"), str):
            joined[name] = {**value, "file": str(folder / Path(value["file"]).expanduser())}
        else:
            joined[name] = value
    return joined


def _anchored_endpoint(endpoint: Any, folder: Path) -> Any:
    dialect = endpoint.get("dialect") if isinstance(endpoint, dict) else None
    if not isinstance(dialect, str) or not dialect.endswith(SUFFIX):
        return endpoint
    return {**endpoint, "dialect": str(folder / Path(dialect).expanduser())}

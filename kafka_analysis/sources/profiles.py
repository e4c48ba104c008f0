"""Load the connection profile, kafka-analysis.toml."""

import re
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kafka_analysis.model.addresses import without_credentials
from kafka_analysis.model.errors import InputError, ProfileError
from kafka_analysis.model.profile import Profile
from kafka_analysis.model.strict_files import load_toml
from kafka_analysis.sources.spelling.dialects import SUFFIX, find_dialect

DEFAULT_NAME = "kafka-analysis.toml"
_MOST_SHOWN = 5
_PLAIN = re.compile(r"[\w.-]{1,100}")
_NO_DIALECT = (
    "an endpoint's dialect is unknown, and like no other; see `kafka-analysis inspect` for those there are"
)


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
        content = load_toml(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ProfileError(f"no profile at {file}; write one (see the README) or give --profile") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileError(
            f"profile {file} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8 text'}"
        ) from None
    except ValueError as error:
        raise ProfileError(f"profile {file} is not TOML: {error}") from None
    try:
        profile = Profile.model_validate(content, context=file.resolve().parent)
    except ValidationError as error:
        # A cluster that is wrong is left out, so that there seem to be too few.
        wrong = [entry for entry in error.errors(include_input=False) if entry["type"] != "too_short"]
        explained = [_explained(entry) for entry in wrong or error.errors(include_input=False)]
        more = [f"and {len(explained) - _MOST_SHOWN} more"] if len(explained) > _MOST_SHOWN else []
        message = f"profile {file}: " + "; ".join([*explained[:_MOST_SHOWN], *more])
        raise ProfileError(message) from None
    _check_dialects(profile, file)
    return profile


def _check_dialects(profile: Profile, file: Path) -> None:
    for word in {e.dialect for cluster in profile.clusters for e in cluster.endpoints if e.dialect}:
        try:
            find_dialect(word)
        except InputError as error:
            reason = str(error) if word.endswith(SUFFIX) or "did you mean" in str(error) else _NO_DIALECT
            raise ProfileError(f"profile {file}: {reason}") from None


def _explained(entry: Any) -> str:
    where = ".".join(_shown(part) for part in entry["loc"]) or "the whole"
    if entry["type"] == "extra_forbidden":
        return f"{where} is unknown; see the README for the entries of a profile"
    if entry["type"] == "missing":
        return f"{where} is missing"
    return f"{where}: {without_credentials(entry['msg'].removeprefix('Value error, '))}"


def _shown(part: object) -> str:
    """Return a part of an entry's place; a key that is no plain name may be an address with a login."""
    return str(part) if _PLAIN.fullmatch(str(part)) else "(a name that is not shown)"

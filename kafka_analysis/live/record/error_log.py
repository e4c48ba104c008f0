"""Write down errors of this program beside the capture they happened in: tracebacks, without secrets, bounded."""

import base64
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

from pydantic import AnyUrl, BaseModel

from kafka_analysis.live.record.outcomes import Failure
from kafka_analysis.model.errors import ProfileError
from kafka_analysis.model.profile import Profile, SecretRef

ERRORS_LOG = "errors.log"
LARGEST_LOG = 1_000_000
LONGEST_ENTRY = 20_000
_MASK = "***"
_USERINFO = re.compile(r"(?<=://)[^/\s@'\"]*@")
_QUERY = re.compile(r"(?<=://)([^\s?'\"]*)\?[^\s'\"]*")
_LOGIN = re.compile(r"\b(Bearer|Basic)\s+[^\s'\"]+", re.IGNORECASE)


@dataclass
class ErrorLog:
    """The file ``errors.log`` of a capture; the same traceback is written once.

    ``secrets`` returns the texts that must not be in it; it is called when something is written.
    """

    folder: Path
    secrets: Callable[[], tuple[str, ...]] = tuple
    seen: set[str] = field(default_factory=set)

    def note(self, what: str, failure: Failure) -> str:
        """Append the traceback that a failure has, if any, and return its reason."""
        if failure.trace is not None:
            self.write(what, failure.trace)
        return failure.reason

    def write(self, what: str, trace: str) -> None:
        """Append a traceback with the moment and the request; what cannot be written is passed over."""
        if trace in self.seen:
            return
        self.seen.add(trace)
        entry = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {what}\n{trace[-LONGEST_ENTRY:]}\n"
        text = without_secrets(entry, self.secrets()).encode("utf-8", errors="backslashreplace")
        path = self.folder / ERRORS_LOG
        with suppress(OSError):
            size = path.stat().st_size if path.exists() else 0
            if size + len(text) <= LARGEST_LOG:
                with path.open("ab") as log:
                    log.write(text)


def without_secrets(text: str, hidden: tuple[str, ...]) -> str:
    """Mask secrets, and whatever looks like one: the login of an address, its query, a header's token.

    Examples
    --------
    >>> without_secrets("at http://ann:pw@h/m?key=1 with hush", ("hush",))
    'at http://***h/m?*** with ***'
    """
    for secret in sorted(hidden, key=len, reverse=True):
        text = text.replace(secret, _MASK)
    text = _USERINFO.sub(_MASK, text)
    text = _QUERY.sub(rf"\1?{_MASK}", text)
    return _LOGIN.sub(rf"\1 {_MASK}", text)


def secrets_of(profile: Profile) -> tuple[str, ...]:
    """Return every secret a profile refers to, also as addresses and headers spell it; read when it is needed.

    Examples
    --------
    >>> cluster = {"name": "c", "bootstrap_servers": "h:1", "endpoints": [{"url": "http://ann:p%40w@h/"}]}
    >>> sorted(secrets_of(Profile.model_validate({"clusters": [cluster]})))
    ['YW5uOnBAdw==', 'p%40w', 'p@w']
    """
    return tuple({secret for secret in _secrets(profile) if secret})


def _secrets(part: object) -> Iterator[str]:
    if isinstance(part, SecretRef):
        with suppress(ProfileError):
            yield part.read()
    elif isinstance(part, AnyUrl):
        if part.password:
            login = f"{unquote(part.username or '')}:{unquote(part.password)}"
            yield from (part.password, unquote(part.password), base64.b64encode(login.encode()).decode())
        yield part.query or ""
        yield unquote(part.query or "")
    elif isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from _secrets(getattr(part, name))
    elif isinstance(part, tuple | list):
        for element in part:
            yield from _secrets(element)

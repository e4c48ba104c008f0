"""What a capture is called, and what wrote it."""

import secrets
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version


def new_id(start: datetime, *, token: str | None = None) -> str:
    """Return the id of a capture: when it begins, UTC, and a token; a new one by default.

    Examples
    --------
    >>> new_id(datetime(2026, 1, 1, 12, tzinfo=UTC), token="3fa9c1")
    '20260101T120000Z-3fa9c1'
    """
    return f"{start.astimezone(UTC):%Y%m%dT%H%M%SZ}-{token or secrets.token_hex(3)}"


def tool_version() -> str:
    """Return the version of this package.

    Examples
    --------
    >>> tool_version() > ""
    True
    """
    try:
        return version("kafka-analysis")
    except PackageNotFoundError:
        return "0+unknown"

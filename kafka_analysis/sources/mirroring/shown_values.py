"""Show values of settings without the secrets they may hold."""

import re

from kafka_analysis.model.addresses import without_credentials

MOST_CHARACTERS = 65_536
_MOST_SEARCHED = 4_096  # of a value with addresses in it
_SECRET_NAME = re.compile(
    r"password|passwd|passphrase|pwd|secret|token|jaas|credential|basic\.auth|user\.info|oauth", re.IGNORECASE
)
_KEY = re.compile(r"key", re.IGNORECASE)
_NOT_OF_SECRETS = re.compile(
    r"(?:.*\.)?key\.(?:converter(?:\.schemas\.enable)?|serializer|deserializer)|ssl\.key(?:store\.type|manager\.algorithm)"
    r"|(?:.*\.)ssl\.key(?:store\.type|manager\.algorithm)"
)
_SECRET_VALUE = re.compile(
    r"-----BEGIN|(?:password|passwd|pwd|secret|token|access_?key|account_?key|api_?key|signature)\s*[=:]",
    re.IGNORECASE,
)


def is_sensitive(name: str) -> bool:
    """Tell whether a setting may hold a secret, by its name; when in doubt, it may.

    Examples
    --------
    >>> [is_sensitive(n) for n in ("ssl.key.password", "sasl.jaas.config", "api.key", "key.converter", "topics")]
    [True, True, True, False, False]
    """
    if _SECRET_NAME.search(name):
        return True
    return _KEY.search(name) is not None and _NOT_OF_SECRETS.fullmatch(name) is None


def shown_value(name: str, value: str) -> str | None:
    """Return the value of a setting as it may be kept: None where it is or holds a secret, or is too long to tell.

    Examples
    --------
    >>> shown_value("topics", "orders,clicks"), shown_value("sasl.jaas.config", "…")
    ('orders,clicks', None)
    >>> shown_value("proxy", "http://ann:secret@proxy:3128/x")
    'http://proxy:3128/x'
    """
    if is_sensitive(name) or len(value) > MOST_CHARACTERS or _SECRET_VALUE.search(value):
        return None
    if "@" not in value and "://" not in value:
        return value
    return without_credentials(value) if len(value) <= _MOST_SEARCHED else None

"""Read the small files that people write (YAML, TOML), so that no content of theirs costs more than a line of refusal.

A few bytes of YAML can stand for gigabytes (aliases), and a few thousand brackets or digits end a reader with an error
of Python's own. Nobody writes such a file on purpose; whoever sends one gets one line.
"""

import tomllib
from typing import Any

import yaml

MOST_NESTED = 20
MOST_CHARACTERS = 2_000_000
_MOST_BITS = 64
_LONGEST = 200
_TOO_MANY = f"a number has more than {_MOST_BITS} bits"
_YAML: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where PyYAML has it


def load_yaml(text: str, *, most_nested: int = MOST_NESTED) -> Any:
    """Return what YAML says that a person could have written.

    Parameters
    ----------
    most_nested
        How deep lists and mappings may be nested.

    Raises
    ------
    ValueError
        It is not YAML, is too large or nested too deeply, has an alias, or a number of more than 64 bits. The text of
        the error is one short line.

    Examples
    --------
    >>> load_yaml("top_n: 5")
    {'top_n': 5}
    >>> load_yaml("[&a [1, 1], *a]")
    Traceback (most recent call last):
    ...
    ValueError: it has an alias (*name); write every value out
    """
    _check_size(text)
    try:
        check_yaml(text, most_nested=most_nested)
        content = yaml.load(text, Loader=_YAML)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise ValueError(reason_of_yaml(error)) from None
    except ValueError as error:
        raise ValueError(_of_python(error)) from None
    except (
        AttributeError,
        LookupError,
        TypeError,
    ):  # of PyYAML, where a tag such as !!timestamp stands at a wrong value
        raise ValueError("a value does not fit its tag (!!…)") from None
    check_numbers(content)
    return content


def check_yaml(text: str, *, most_nested: int = MOST_NESTED) -> None:
    """Look at YAML before it is loaded: it is not nested deeply, and has no alias, which multiplies what it names.

    Raises
    ------
    ValueError, yaml.YAMLError
        It is nested too deeply or has an alias; it is not YAML.

    Examples
    --------
    >>> check_yaml("[[[1]]]", most_nested=2)
    Traceback (most recent call last):
    ...
    ValueError: it is nested deeper than 2 levels
    """
    depth = 0
    for event in yaml.parse(text, Loader=_YAML):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > most_nested:
            raise ValueError(_nested(most_nested))
        is_alias = isinstance(event, yaml.AliasEvent)
        if is_alias:
            raise ValueError("it has an alias (*name); write every value out")


def load_toml(text: str) -> dict[str, Any]:
    """Return what TOML says that a person could have written.

    Raises
    ------
    ValueError
        It is not TOML, is too large or nested too deeply, or has a number of more than 64 bits. The text of the error
        is one short line, and has nothing of the content, which may be secret.

    Examples
    --------
    >>> load_toml("n = 1")
    {'n': 1}
    >>> load_toml("n = " + "1" * 5000)
    Traceback (most recent call last):
    ...
    ValueError: a number has more than 64 bits
    """
    _check_size(text)
    try:
        content = tomllib.loads(text)
    except RecursionError:
        raise ValueError(_nested(MOST_NESTED)) from None
    except ValueError as error:
        raise ValueError(_of_python(error)) from None
    check_numbers(content)
    return content


def check_numbers(content: object) -> None:
    """Refuse whole numbers of more than 64 bits: no figure here has so many, and Python does not print them all.

    Raises
    ------
    ValueError
        There is one, or the content is nested too deeply to look at.

    Examples
    --------
    >>> check_numbers({"a": [1, 2**64]})
    Traceback (most recent call last):
    ...
    ValueError: a number has more than 64 bits
    """
    waiting = [content]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            waiting += [*part.keys(), *part.values()]
        elif isinstance(part, list | tuple | set):
            waiting += part
        elif isinstance(part, int) and part.bit_length() > _MOST_BITS:
            raise ValueError(_TOO_MANY)


def reason_of_yaml(error: yaml.YAMLError) -> str:
    """Return in one short line what is wrong with YAML, and where.

    Examples
    --------
    >>> try:
    ...     _ = yaml.safe_load("a: [")
    ... except yaml.YAMLError as error:
    ...     reason_of_yaml(error)
    "expected the node content, but found '<stream end>' in line 1"
    """
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"{one_line(error.problem or error.context)} in line {error.problem_mark.line + 1}"
    return one_line(error)


def one_line(error: object) -> str:
    r"""Return a text as one short line.

    Examples
    --------
    >>> one_line("a\n  b" + "c" * 500)[:5], len(one_line("c" * 500))
    ('a bcc', 201)
    """
    text = " ".join(str(error)[: 10 * _LONGEST].split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _of_python(error: ValueError) -> str:
    """Return what is wrong with a number or date as Python says it, but for its advice on digits."""
    return _TOO_MANY if "int_max_str_digits" in str(error) else one_line(error)


def _check_size(text: str) -> None:
    if len(text) > MOST_CHARACTERS:
        message = f"it has {len(text):,} characters, more than {MOST_CHARACTERS:,}"
        raise ValueError(message)


def _nested(most: int) -> str:
    return f"it is nested deeper than {most} levels"

"""Fill the Markdown templates of plans that people follow: their prose stands in ``*.md.jinja``."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from kafka_analysis.model.units import counted, format_duration, format_quantity, format_time

_MEANING = re.compile(r"([\\`*_\[\]<>|~&$#])")


def escaped(text: str) -> str:
    r"""Return text read from a cluster without meaning to Markdown or HTML, on one line.

    Examples
    --------
    >>> print(escaped("a_b|<i>\n# x"))
    a\_b\|\<i\> \# x
    """
    line = "".join(letter if letter.isprintable() else " " for letter in text)
    return _MEANING.sub(r"\\\1", line)


def filled(template: str, **values: Any) -> str:
    """Return a template of this package with values in it; a value that is not given is an error.

    Parameters
    ----------
    template
        Its path within ``kafka_analysis/plan``; filters are ``escaped``, ``counted``, ``duration``, ``quantity`` and
        ``time``.
    """
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    made = Environment(  # noqa: S701 - Markdown, no HTML: names are escaped for it
        loader=FileSystemLoader(Path(__file__).parents[1]), undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    made.filters |= {
        "counted": counted, "duration": format_duration, "escaped": escaped, "quantity": format_quantity,
        "time": format_time,
    }  # fmt: skip
    return made

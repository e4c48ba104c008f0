"""Lists short enough for a first screen: one line for each notebook."""

from collections.abc import Sequence

from kafka_analysis.model.executive import Risk, Unknown
from kafka_analysis.model.units import listed
from kafka_analysis.stats.summary.how import known_by

_TOGETHER = 4


def risks_in_short(risks: Sequence[Risk]) -> tuple[Risk, ...]:
    """Return the first risk of each notebook and light, with how many more there are of it.

    Examples
    --------
    >>> from kafka_analysis.model.findings import Light
    >>> two = [Risk(light=Light.RED, notebook="n", clusters=(name,), title=name) for name in ("a", "b")]
    >>> [(risk.title, risk.clusters) for risk in risks_in_short(two)]
    [('a (and 1 more)', ('a', 'b'))]
    """
    groups: dict[tuple[str, str], list[Risk]] = {}
    for risk in risks:
        groups.setdefault((risk.notebook, risk.light), []).append(risk)
    return tuple(
        of[0].model_copy(update={"title": of[0].title + _more(of), "clusters": _clusters(of)})
        for of in groups.values()
    )


def unknown_in_short(unknown: Sequence[Unknown]) -> tuple[Unknown, ...]:
    """Return one line for each notebook: what is not known, the first four named, and what would make it known.

    Examples
    --------
    >>> two = [Unknown(notebook="n", clusters=("a",), what=name, how="Ask.") for name in ("x", "y")]
    >>> [(line.what, line.how) for line in unknown_in_short(two)]
    [('x, y', 'Ask.')]
    """
    groups: dict[str, list[Unknown]] = {}
    for line in unknown:
        groups.setdefault(line.notebook, []).append(line)
    return tuple(_together(name, of) for name, of in groups.items())


def _together(notebook: str, of: Sequence[Unknown]) -> Unknown:
    hows = {line.how for line in of}
    how = of[0].how if len(hows) == 1 else known_by(notebook, "")
    what = listed([line.what for line in of], _TOGETHER)
    return Unknown(notebook=notebook, clusters=_clusters(of), what=what, how=how)


def _more(of: Sequence[Risk]) -> str:
    return f" (and {len(of) - 1} more)" if len(of) > 1 else ""


def _clusters(of: Sequence[Risk] | Sequence[Unknown]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for line in of for name in line.clusters))

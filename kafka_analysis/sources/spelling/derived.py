"""Make the families of a dialect from those of another one that has the same metrics under other names."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kafka_analysis.sources.spelling.families import NAME, Dialect, Family

_MBEAN = "name"  # the label in which the exporter without rules tells an MBean's name
_METER = "PerSec"
_OTHERS = "*"


def derived(dialect: Dialect, model: Dialect) -> Dialect:
    """Return a dialect complete: with the families of its model under its own names.

    Parameters
    ----------
    dialect
        It has ``lowercase_of`` or ``like``.
    model
        The dialect that one of them names.

    Examples
    --------
    >>> def made(**entries):
    ...     return Dialect.model_validate({"name": "d", "title": "D", "kind": "jmx", "source": "a test", **entries})
    >>> led = {"metrics": {"kafka_server_ReplicaManager_Value": ""}, "key": "name"}
    >>> led["to"] = {"LeaderCount": "leader_count"}
    >>> names = {"Value": ["my_{type}_{name}"]}
    >>> complete = derived(made(like="m", names=names, lowercase=True), made(families=[led]))
    >>> complete.families[0].to
    {'my_kafka_server_replicamanager_leadercount': 'leader_count'}
    """
    if dialect.lowercase_of is not None:
        made: Iterable[Family | None] = map(_lower, model.families)
    elif dialect.without_total:
        made = (_renamed(family, _without_total) for family in model.families)
    else:
        spelled = (_spelled(family, dialect.names) for family in model.families)
        made = (family and _lower(family) for family in spelled) if dialect.lowercase else spelled
    families = (*dialect.families, *(family for family in made if family is not None))
    return dialect.model_copy(update={"families": families})


def _spelled(family: Family, patterns: Mapping[str, Sequence[str]]) -> Family | None:
    """Put the names of a family's MBeans together by patterns; None when there are none for its attributes."""
    if family.key != _MBEAN or isinstance(family.to, str):
        return family  # its names are not put together from an MBean's name
    metrics: dict[str, str] = {}
    to: dict[str, str] = {}
    for page_name, stat in family.metrics.items():
        kind, _, attribute = page_name.rpartition("_")
        for pattern in patterns.get(attribute, patterns.get(_OTHERS, ())):
            for name, metric in family.to.items():
                if "{meter}" in pattern and not name.endswith(_METER):
                    continue
                parts = {
                    "type": kind,
                    "domain": kind.rpartition("_")[0],
                    "name": name,
                    "attribute": attribute,
                }
                made = pattern.format(**parts, meter=name.removesuffix(_METER))
                metrics[made] = stat
                to[made] = metric
    return _changed(family, {"metrics": metrics, "key": NAME, "to": to}) if metrics else None


def _lower(family: Family) -> Family:
    return _renamed(family, str.lower)


def _without_total(name: str) -> str:
    return name.removesuffix("_total")


def _renamed(family: Family, rename: Any) -> Family:
    changes: dict[str, Any] = {"metrics": {rename(name): stat for name, stat in family.metrics.items()}}
    if family.key == NAME and not isinstance(family.to, str):
        changes["to"] = {rename(name): metric for name, metric in family.to.items()}
    return _changed(family, changes)


def _changed(family: Family, changes: dict[str, Any]) -> Family:
    return Family.model_validate(family.model_dump() | changes)

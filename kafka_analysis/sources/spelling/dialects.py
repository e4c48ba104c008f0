"""How exporters spell Kafka's metrics: each dialect is a TOML file, ours beside this module, a user's anywhere."""

from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kafka_analysis.model.brief_text import brief
from kafka_analysis.model.errors import InputError
from kafka_analysis.model.metrics import METRICS
from kafka_analysis.model.strict_files import load_toml
from kafka_analysis.sources.spelling.derived import derived
from kafka_analysis.sources.spelling.families import STATS, Dialect, Family

SUFFIX = ".toml"
LARGEST = 1_000_000
_WITH_STATES = frozenset({"link_state", "link_mirror_topics"})  # their stat is a state, in Confluent's words


@cache
def _own() -> tuple[Dialect, ...]:
    folder = files("kafka_analysis.sources.spelling") / "toml"
    texts = {f.name: f.read_text(encoding="utf-8") for f in folder.iterdir() if f.name.endswith(SUFFIX)}
    return _resolved([_parsed(text, name) for name, text in sorted(texts.items())])


def dialects(extra: Sequence[Path] = ()) -> tuple[Dialect, ...]:
    """Return all dialects known, by name.

    Parameters
    ----------
    extra
        TOML files of the user's own dialects.

    Raises
    ------
    InputError
        A file cannot be read, is not TOML, names a metric the catalogue does not have, gives it a label it does
        not have, or takes a name that is taken.

    Examples
    --------
    >>> [dialect.name for dialect in dialects()][:4]
    ['aiven', 'bitnami', 'cluster_linking', 'confluent']
    """
    built_in = _own()
    if not extra:
        return built_in
    added = [_parsed(_text(path), str(path)) for path in extra]
    names = [dialect.name for dialect in (*built_in, *added)]
    for dialect, path in zip(added, extra, strict=True):
        if names.count(dialect.name) > 1:
            raise InputError(f"dialect file {path}: the name {dialect.name!r} is taken; choose another")
    return _resolved([*built_in, *added])


def find_dialect(word: str) -> Dialect:
    """Return the dialect of that name, or the one in that TOML file.

    Parameters
    ----------
    word
        A dialect's name, or a path that ends in ``.toml``.

    Raises
    ------
    InputError
        There is no such dialect (the nearest is suggested), or the file is wrong.

    Examples
    --------
    >>> find_dialect("msk").title
    'Amazon MSK Open Monitoring (JMX exporter without rules)'
    >>> find_dialect("strimzy")
    Traceback (most recent call last):
    ...
    kafka_analysis.model.errors.InputError: unknown dialect 'strimzy'; did you mean 'strimzi_canary'? Allowed: ...
    """
    if word.lower().endswith(SUFFIX):
        built_in = {dialect.name for dialect in _own()}
        return next(dialect for dialect in dialects([Path(word)]) if dialect.name not in built_in)
    by_name = {dialect.name: dialect for dialect in _own()}
    if word not in by_name:
        unknown = InputError.unknown("dialect", brief(word), by_name)
        raise InputError(f"{unknown}; or a file of your own that ends in {SUFFIX}")
    return by_name[word]


def _text(path: Path) -> str:
    try:
        with path.open(encoding="utf-8-sig") as stream:  # Windows writes a mark
            text = stream.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise InputError(f"dialect file {path} cannot be read: {reason}") from None
    if len(text) > LARGEST:
        raise InputError(f"dialect file {path} is larger than a megabyte; a dialect is smaller")
    return text


def _parsed(text: str, where: str) -> Dialect:
    try:
        dialect = Dialect.model_validate(load_toml(text))
    except ValidationError as error:  # before ValueError, which it is too
        raise _explained(error.errors(include_input=False)[0], where) from None
    except ValueError as error:
        raise InputError(f"dialect file {where} is not TOML: {error}") from None
    for family in dialect.families:
        _check_metrics(family, where)
        _check_stats(family, where)
    return dialect


def _explained(entry: Any, where: str) -> InputError:
    """Say in one line what is wrong with a dialect file."""
    place = brief(".".join(str(part) for part in entry["loc"]) or "the whole")
    if entry["type"] == "extra_forbidden":
        allowed = Family.model_fields if len(entry["loc"]) > 1 else Dialect.model_fields
        return InputError.unknown(f"entry in dialect file {where}", brief(str(entry["loc"][-1])), allowed)
    what = "is missing" if entry["type"] == "missing" else entry["msg"].removeprefix("Value error, ")
    return InputError(f"dialect file {where}: {place}: {what}")


def _check_metrics(family: Family, where: str) -> None:
    for name in family.canonical:
        if name not in METRICS:
            what = f"metric in dialect file {where}"
            raise InputError.unknown(what, brief(name), METRICS)
        metric = METRICS[name]
        allowed = {*metric.labels, *(["entity"] if metric.entity else [])}
        extra = (family.columns | ({"entity"} if family.entity else set())) - allowed
        if extra:
            raise InputError(
                f"dialect file {where}: {name} cannot have {', '.join(sorted(extra))}; "
                f"allowed: {', '.join(sorted(allowed)) or 'only cluster and broker'}"
            )


def _check_stats(family: Family, where: str) -> None:
    if set(family.canonical) <= _WITH_STATES:
        return
    for stat in (*family.metrics.values(), *family.stats.values()):
        if not STATS.fullmatch(stat):
            raise InputError(
                f"dialect file {where}: unknown stat {brief(stat)!r}; allowed: mean, mean_since_start, max, min, "
                "stddev, and p with the digits of a percentile (p50, p99, p999)"
            )


def _resolved(parsed: Iterable[Dialect]) -> tuple[Dialect, ...]:
    """Give each dialect that is made of another one that one's families; sort by name."""
    by_name = {dialect.name: dialect for dialect in parsed}
    return tuple(_complete(by_name[name], by_name) for name in sorted(by_name))


def _complete(dialect: Dialect, by_name: dict[str, Dialect], seen: tuple[str, ...] = ()) -> Dialect:
    field = "like" if dialect.like is not None else "lowercase_of"
    model = dialect.like or dialect.lowercase_of
    if model is None:
        return dialect
    if model not in by_name:
        raise InputError.unknown(f"{field} in dialect {dialect.name}", model, by_name)
    if dialect.name in seen:
        raise InputError(
            f"dialect {dialect.name}: {field} = {model!r} refers back to itself; name another one"
        )
    return derived(dialect, _complete(by_name[model], by_name, (*seen, dialect.name)))

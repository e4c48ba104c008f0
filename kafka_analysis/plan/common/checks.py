"""Check the frames a plan is made from: what is wrong is named, what is missing is never taken for 0."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.frames import Frame, to_polars

KEYS = ["topic", "partition"]
_FLAGS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_HAVE, _ARE = ("has", "have"), ("is", "are")
_LIMITS = ("disk_bytes", "network_bytes_per_s", "cordoned")


def check_partitions(partitions: Frame) -> pl.DataFrame:
    """Return the partitions by topic and partition.

    Raises
    ------
    InputError
        There is none, a column is missing, or a partition comes twice, has no replica or a broker twice.

    Examples
    --------
    >>> rows = pl.DataFrame({"topic": ["b", "a"], "partition": [0, 0], "replicas": [[1], [2]]})
    >>> check_partitions(rows)["topic"].to_list()
    ['a', 'b']
    """
    frame = with_columns_needed(partitions, "partitions", [*KEYS, "replicas"])
    if frame.is_empty():
        raise InputError("no partitions to plan for; give a cluster with at least one partition")
    rows = frame.with_columns(pl.col("partition").cast(pl.Int32), pl.col("replicas").cast(pl.List(pl.Int32)))
    check_replicas(rows)
    return rows.sort(*KEYS)


def check_replicas(rows: pl.DataFrame, *, of: str = "the cluster") -> None:
    """Check that every partition comes once, with a list of different brokers.

    Raises
    ------
    InputError
        One does not; ``of`` is whose partitions they are.

    Examples
    --------
    >>> check_replicas(pl.DataFrame({"topic": ["t"], "partition": [0], "replicas": [[2, 1]]}))
    """
    count = pl.col("replicas").list.len().fill_null(0)
    for wrong, verbs, what in (
        (rows.select(pl.any_horizontal(pl.col(KEYS).is_null())).to_series(), _HAVE, "no topic or no number"),
        (rows.select(KEYS).is_duplicated(), _ARE, "listed twice"),
        (rows.select(count == 0).to_series(), _HAVE, "no replica"),
        (
            rows.select(pl.col("replicas").list.contains(None)).to_series(),
            _HAVE,
            "a replica without a broker",
        ),
        (
            rows.select(pl.col("replicas").list.n_unique() < count).to_series(),
            _HAVE,
            "two replicas on one broker",
        ),
    ):
        if wrong.any():
            names = named(rows.filter(wrong), *(f" of {of} {verb} {what}" for verb in verbs))
            raise InputError(f"{names}; list each partition once, with a list of different brokers")


def check_brokers(brokers: Frame) -> pl.DataFrame:
    """Return the brokers by number, each once, with what a plan looks at; a missing rack is unknown.

    Raises
    ------
    InputError
        There is none, or a broker comes twice and is told differently.

    Examples
    --------
    >>> check_brokers(pl.DataFrame({"broker": [2, 1]})).rows()
    [(1, None), (2, None)]
    """
    frame = with_columns_needed(brokers, "brokers", ["broker"])
    frame = with_absent(frame, {"rack": pl.String})
    limits = [name for name in frame.columns if name in _LIMITS or name.endswith("_capacity")]
    kept = ["broker", "rack", *limits]
    rows = (
        frame.select(kept)
        .with_columns(pl.col("broker").cast(pl.Int32), *_flags(frame))
        .unique()
        .sort("broker")
    )
    if rows.is_empty() or rows["broker"].null_count():
        raise InputError("no brokers are known; list the brokers of the cluster with their ids")
    twice = rows.filter(rows["broker"].is_duplicated())["broker"]
    if len(twice):
        raise InputError(f"broker {twice[0]} is listed twice with different values; list each broker once")
    return rows


def _flags(frame: pl.DataFrame) -> list[pl.Series]:
    """Return whether brokers are cordoned as true, false or null, also where a file says it in words.

    Raises
    ------
    InputError
        It is something else.
    """
    if "cordoned" not in frame.columns:
        return []
    said = frame["cordoned"].cast(pl.String).str.strip_chars().str.to_lowercase()
    flags = said.replace_strict(_FLAGS, default=None, return_dtype=pl.Boolean)
    wrong = said.filter(flags.is_null() & said.is_not_null() & (said != ""))
    if len(wrong):
        message = f"cordoned is {wrong[0]!r}; it must be true or false, or empty if unknown"
        raise InputError(message)
    return [flags.alias("cordoned")]


def check_amounts(rows: pl.DataFrame, name: str) -> pl.Series:
    """Return a column of loads as numbers, all known.

    Raises
    ------
    InputError
        It is missing, or a number is unknown, negative or not finite.

    Examples
    --------
    >>> check_amounts(pl.DataFrame({"topic": ["t"], "partition": [0], "size_bytes": [-1]}), "size_bytes")
    Traceback (most recent call last):
        ...
    kafka_analysis.model.errors.InputError: size_bytes of partition t-0: negative or not a number; give 0 or more
    """
    with_columns_needed(rows, "partitions", [name])
    try:
        amounts = rows[name].cast(pl.Float64)
    except pl.exceptions.PolarsError:
        raise InputError(f"{name} is not a column of numbers; give numbers of 0 or more") from None
    wrong = (amounts < 0) | ~amounts.is_finite()
    if wrong.any():
        raise InputError(f"{name} of {named(rows.filter(wrong))}: negative or not a number; give 0 or more")
    if amounts.null_count():
        unknown = rows.filter(amounts.is_null())
        message = f"{name} of {named(unknown)}{led_by(unknown)} is unknown; measure it, or plan without it"
        raise InputError(message)
    return amounts


def named(rows: pl.DataFrame, singular: str = "", plural: str = "") -> str:
    """Name partitions, the first few of them; the words that follow differ for one and for several.

    Examples
    --------
    >>> rows = pl.DataFrame({"topic": ["t"] * 5, "partition": [0, 1, 2, 3, 4]})
    >>> named(rows), named(rows.head(1), " is unknown", " are unknown")
    ('partitions t-0, t-1, t-2 and 2 more', 'partition t-0 is unknown')
    """
    is_one = rows.select(KEYS).n_unique() == 1
    return f"partition{'' if is_one else 's'} {names_of(rows)}{singular if is_one else plural}"


def names_of(rows: pl.DataFrame) -> str:
    """Name partitions without saying what they are.

    Examples
    --------
    >>> names_of(pl.DataFrame({"topic": ["t", "t"], "partition": [1, 0]}))
    't-0, t-1'
    """
    distinct = rows.select(KEYS).unique().sort(KEYS)
    return first_few([f"{topic}-{partition}" for topic, partition in distinct.iter_rows()])


def led_by(rows: pl.DataFrame) -> str:
    """Name the brokers that lead partitions, in brackets, where that is known.

    Examples
    --------
    >>> led_by(pl.DataFrame({"leader": [2, 1, 2]}))
    ' (led by brokers 1, 2)'
    """
    leaders = rows["leader"].drop_nulls().unique().sort().to_list() if "leader" in rows.columns else []
    return f" (led by {broker_names(leaders)})" if leaders else ""


def broker_names(numbers: Sequence[int], *, most: int = 10) -> str:
    """Name brokers, the first few of them.

    Examples
    --------
    >>> broker_names([3, 1], most=1)
    'brokers 1 and 1 more'
    """
    return f"broker{'s' if len(numbers) > 1 else ''} {first_few(sorted(numbers), most=most)}"


def first_few(names: Sequence[object], *, most: int = 3) -> str:
    """Join the first few of some names, and say how many more there are.

    Examples
    --------
    >>> first_few(["a", "b", "c", "d"])
    'a, b, c and 1 more'
    """
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(map(str, names[:most])) + more


def refuse(rows: pl.DataFrame, wrong: pl.Expr, what: str, mend: str, *, column: str = "topic") -> None:
    """Refuse rows that are wrong, the first few named by a column.

    Examples
    --------
    >>> refuse(pl.DataFrame({"topic": ["a", "a"]}), pl.col("topic").is_duplicated(), "topics: twice", "give each once")
    Traceback (most recent call last):
    kafka_analysis.model.errors.InputError: topics: twice: 'a'; give each once
    """
    names = rows.filter(wrong)[column].unique().sort()
    if len(names):
        raise InputError(f"{what}: {first_few([repr(name) for name in names])}; {mend}")


def typed_columns(
    frame: Frame, what: str, needs: Mapping[str, Any], extras: Mapping[str, Any] | None = None
) -> pl.DataFrame:
    """Return the columns needed, and others that are null where they are absent, each of its type.

    Examples
    --------
    >>> typed_columns(pl.DataFrame({"a": [1]}), "frame", {"a": pl.Float64}, {"b": pl.String}).rows()
    [(1.0, None)]
    """
    rows, kinds = with_columns_needed(frame, what, list(needs)), {**needs, **(extras or {})}
    try:
        return with_absent(rows, kinds).select(pl.col(name).cast(kind) for name, kind in kinds.items())
    except pl.exceptions.PolarsError as error:
        message = f"{what}: {str(error).splitlines()[0]}; {', '.join(needs)} must hold names and numbers"
        raise InputError(message) from None


def with_absent(rows: pl.DataFrame, kinds: Mapping[str, Any]) -> pl.DataFrame:
    """Add the columns that are absent, null in every row.

    Examples
    --------
    >>> with_absent(pl.DataFrame({"a": [1]}), {"a": pl.Int64, "b": pl.String}).rows()
    [(1, None)]
    """
    absent = [pl.lit(None, kind).alias(name) for name, kind in kinds.items() if name not in rows.columns]
    return rows.with_columns(absent)


def with_columns_needed(frame: Frame, what: str, columns: Sequence[str]) -> pl.DataFrame:
    """Return a frame as Polars; ``what`` is what a message calls it.

    Raises
    ------
    InputError
        A column is missing.

    Examples
    --------
    >>> with_columns_needed(pl.DataFrame({"topic": ["t"]}), "cells", ["topic", "cell"])
    Traceback (most recent call last):
        ...
    kafka_analysis.model.errors.InputError: cells: the column 'cell' is missing; give topic, cell
    """
    rows = to_polars(frame)
    missing = [name for name in columns if name not in rows.columns]
    if missing:
        raise InputError(f"{what}: the column {missing[0]!r} is missing; give {', '.join(columns)}")
    return rows

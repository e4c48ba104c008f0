"""Read assignments as people have them: files of Kafka's tools, what the tools print, and plans of this package."""

import json
import re
from typing import Any, NamedTuple

import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.units import counted
from kafka_analysis.plan.common.checks import KEYS, named
from kafka_analysis.plan.files import printed
from kafka_analysis.plan.files.reassignment import ASSIGNMENT, read_reassignment

_ANY = "any"
_DESCRIBED = re.compile(
    r"^\s*Topic:\s*(\S+)\s+Partition:\s*(\d+)\s+Leader:\s*(\S+)\s+Replicas:\s*([\d,]+)\s+Isr:[ \t]*([\d,]*)",
    re.MULTILINE,
)
_STATE = ASSIGNMENT | {"leader": pl.Int32, "isr": pl.List(pl.Int32)}
_GIVE_CURRENT = (
    "give the current assignment: output of kafka-reassign-partitions --generate or kafka-topics --describe"
)


class Planned(NamedTuple):
    """An assignment as it is to be, and what of the file is not judged, in sentences."""

    assignment: pl.DataFrame
    not_judged: tuple[str, ...]


def read_current(data: str | bytes, *, what: str = "assignment") -> pl.DataFrame:
    r"""Read how a cluster is assigned now.

    Parameters
    ----------
    data
        A reassignment JSON; what ``kafka-reassign-partitions`` prints (``--generate`` or ``--execute``), of which the
        block *Current partition replica assignment* is taken and never the proposed one; or what
        ``kafka-topics --describe`` prints.
    what
        The name of the file in messages.

    Returns
    -------
    polars.DataFrame
        ``topic``, ``partition``, ``replicas``, by topic and partition; of ``kafka-topics`` also ``leader`` (−1: none)
        and ``isr``.

    Raises
    ------
    InputError
        It is something else, or says which assignment is proposed and not which is current.

    Examples
    --------
    >>> shown = '''Current partition replica assignment
    ... {"version":1,"partitions":[{"topic":"t","partition":0,"replicas":[1,2],"log_dirs":["any","any"]}]}
    ...
    ... Proposed partition reassignment configuration
    ... {"version":1,"partitions":[{"topic":"t","partition":0,"replicas":[2,1],"log_dirs":["any","any"]}]}
    ... '''
    >>> read_current(shown).rows()
    [('t', 0, [1, 2])]
    """
    text = printed.decoded(what, data)
    objects = printed.documents(what, text)
    assigned = [
        document
        for document in objects
        if printed.is_assignment(document.content) and not printed.is_plan(document.content)
    ]
    current = [document for document in assigned if document.heading == printed.CURRENT] or _alone(
        what, assigned, not_headed=printed.PROPOSED
    )
    if current:
        return read_reassignment(_together(current))
    if assigned:
        raise InputError(f"{what}: has only the proposed assignment; {_GIVE_CURRENT}")
    if described := _DESCRIBED.findall(text):
        return _of_description(described)
    return _refused(what, text, objects, _GIVE_CURRENT)


def read_planned(data: str | bytes, *, what: str = "plan") -> Planned:
    """Read how a cluster is to be assigned, to judge it.

    Parameters
    ----------
    data
        A reassignment JSON, the plan.json of an execution (where its last batch ends), or what
        ``kafka-reassign-partitions --generate`` prints, of which the proposed block is taken.
    what
        The name of the file in messages.

    Raises
    ------
    InputError
        It is something else, or a partition names more or fewer log directories than replicas.

    Examples
    --------
    >>> read_planned('{"version": 1, "partitions": [{"topic": "t", "partition": 0, "replicas": [2, 1]}]}')[0].rows()
    [('t', 0, [2, 1])]
    """
    text = printed.decoded(what, data)
    objects = printed.documents(what, text)
    plan = next((document.content for document in objects if printed.is_plan(document.content)), None)
    if plan is not None:
        return Planned(_ends_of(what, plan), ())
    assigned = [document for document in objects if printed.is_assignment(document.content)]
    proposed = [document for document in assigned if document.heading == printed.PROPOSED] or _alone(
        what, assigned, not_headed=printed.CURRENT
    )
    if proposed:
        together = _together(proposed)
        assignment = read_reassignment(together)
        return Planned(assignment, _of_log_dirs(what, json.loads(together)["partitions"]))
    give = "give a reassignment JSON, plan.json, or the output of kafka-reassign-partitions --generate"
    if assigned:
        raise InputError(f"{what}: has only the current assignment and no proposed one; {give}")
    return Planned(_refused(what, text, objects, give), ())


def _alone(what: str, assigned: list[printed.Document], *, not_headed: str) -> list[printed.Document]:
    """Return the only assignment that has no heading; several are ambiguous."""
    plain = [document for document in assigned if document.heading == ""]
    if len(plain) > 1:
        message = (
            f"{what}: has {len(plain)} assignments without the headings that say which is current; keep one"
        )
        raise InputError(message)
    return (
        []
        if not plain and assigned and all(document.heading == not_headed for document in assigned)
        else plain
    )


def _together(some: list[printed.Document]) -> str:
    """Put the blocks of several runs of the tool into one."""
    first = some[0].content
    return json.dumps(
        first | {"partitions": [row for document in some for row in document.content["partitions"]]}
    )


def _of_description(rows: list[tuple[str, str, str, str, str]]) -> pl.DataFrame:
    parsed = [
        (topic, int(number), _numbers(replicas), int(leader) if leader.isdecimal() else -1, _numbers(isr))
        for topic, number, leader, replicas, isr in rows
    ]
    frame = pl.DataFrame(parsed, schema=_STATE, orient="row").sort(KEYS)
    twice = frame.filter(frame.select(KEYS).is_duplicated())
    if len(twice):
        names = named(twice, " is", " are")
        raise InputError(f"assignment: {names} listed twice; give one description of the cluster")
    return frame


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",") if number]


def _ends_of(what: str, plan: dict[str, Any]) -> pl.DataFrame:
    """Return the assignment in which a plan ends."""
    last: dict[tuple[str, int], dict[str, Any]] = {}
    try:
        for step in sorted(plan["steps"], key=lambda step: step["batch"]):
            key = {"topic": step["topic"], "partition": step["partition"]}
            last[tuple(key.values())] = {**key, "replicas": step["replicas_after"]}
        return read_reassignment(json.dumps({"version": 1, "partitions": list(last.values())}))
    except (KeyError, TypeError):
        raise InputError(
            f"{what}: the steps of this plan.json were edited; give the file as it was written, or reassignment.json"
        ) from None


def _of_log_dirs(what: str, partitions: list[dict[str, Any]]) -> tuple[str, ...]:
    """Say which partitions are to be in certain log directories: that is not judged."""
    rows = [row for row in partitions if isinstance(row.get("log_dirs"), list)]
    uneven = [row for row in rows if len(row["log_dirs"]) != len(row["replicas"])]
    if uneven:
        name = f"{uneven[0]['topic']}-{uneven[0]['partition']}"
        message = (
            f"{what}: {name} has more or fewer log_dirs than replicas; give one for each replica, or 'any'"
        )
        raise InputError(message)
    directed = [row for row in rows if any(path != _ANY for path in row["log_dirs"])]
    if not directed:
        return ()
    which = named(pl.DataFrame([{key: row[key] for key in KEYS} for row in directed]))
    sentence = (
        f"The log directories that {counted(len(directed), 'partition')} of the plan name ({which}) are not judged: "
        "copies from one log directory of a broker to another are counted nowhere above."
    )
    return (sentence,)


def _refused(what: str, text: str, objects: list[printed.Document], give: str) -> pl.DataFrame:
    contents = [document.content for document in objects] or [None]
    kind = next(filter(None, (printed.kind_of(text, content) for content in contents)), "")
    if kind:
        raise InputError(f"{what}: this is {kind}; {give}")
    return read_reassignment(text)

"""Commands of Kafka's own tools that make a target like its source, and those that take this back.

A value with a comma or an equals sign is put in brackets, which ``kafka-configs.sh`` removes: a value with brackets of
its own cannot be given to it. ``kafka-acls.sh`` cuts blanks off names. What no command can do is said in words.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.plan.waves.commands import at_end, quoted, variables

PASSWORD_FILE = "PASSWORD_FILE"  # noqa: S105 - the name of a variable
MENDS = {"mend": pl.String, "is_command": pl.Boolean, "undo": pl.String}
_NAME = re.compile(r"[\w.-]+", re.ASCII)
_PLAIN_VALUE = re.compile(r"[^,=\[\]]*")
_KINDS_MENDED = ("must fix", "harmless")
_RESOURCES = {
    "TOPIC": "--topic",
    "GROUP": "--group",
    "TRANSACTIONAL_ID": "--transactional-id",
    "DELEGATION_TOKEN": "--delegation-token",
    "USER": "--user-principal",
}
_ENTITIES = {"user": "users", "client_id": "clients", "ip": "ips"}
# Settings of all brokers that can be changed while they run (Apache Kafka documentation, dynamic broker configs).
_DYNAMIC = re.compile(
    r"message\.max\.bytes|min\.insync\.replicas|compression\.\S+|max\.connections\S*|max\.connection\.creation\.rate"
    r"|producer\.id\.expiration\.ms|log\.(?:retention|segment|roll|local\.retention|message\.timestamp|index)\.\S+"
    r"|log\.cleanup\.policy|log\.preallocate|log\.flush\.interval\.\S+"
)


class Mend(NamedTuple):
    """What to do: a command, or a sentence where no command can; and the command that takes it back."""

    mend: str | None = None
    is_command: bool | None = None
    undo: str | None = None


@same_kind
def parity_mends(parity: Frame, *, ends: Mapping[str, str] | None = None) -> Frame:
    """Add to each difference how to mend it at the target.

    Commands name the target by two variables, its bootstrap servers and a properties file: ``CELL_1`` and
    ``CELL_1_CLIENT``. One that gives a user a password reads it from the file in ``PASSWORD_FILE``, which holds
    ``SCRAM-SHA-512=password=…``, so that it stands in no command.

    Parameters
    ----------
    parity
        ``differences`` of :func:`kafka_analysis.stats.measure_parity`.
    ends
        The variable of each target; None: made of their names.

    Returns
    -------
    frame of the kind given
        ``mend`` is a command where ``is_command``, else a sentence; null where nothing is to be done: the row is
        unknown, MSK decides, or the target has more than it needs and no way back. ``undo`` is a command, or null.

    Examples
    --------
    >>> row = {"source": "a", "target": "cell-1", "what": "configuration", "topic": "t", "remote_topic": "t",
    ...     "name": "cleanup.policy", "at_source": "compact,delete", "at_target": "delete", "kind": "must fix",
    ...     "entity": '{"is_set": false, "is_known": true, "flavour": null}'}
    >>> found = parity_mends(pl.DataFrame([row]))
    >>> found["mend"].item().partition("--alter ")[2]
    "--entity-type topics --entity-name t --add-config 'cleanup.policy=[compact,delete]'"
    >>> found["undo"].item().partition("--alter ")[2]
    '--entity-type topics --entity-name t --delete-config cleanup.policy'
    """
    names = ends or variables(parity["target"].drop_nulls().unique())
    found = [_mend(row, names.get(row["target"])) for row in parity.iter_rows(named=True)]
    return pl.concat([parity, pl.DataFrame(found, schema=MENDS, orient="row")], how="horizontal")


def _mend(row: Mapping[str, Any], variable: str | None) -> Mend:
    if row["kind"] not in _KINDS_MENDED or variable is None:
        return Mend()
    known = json.loads(row["entity"]) if row["entity"] else {}
    mended = _MENDERS[row["what"]](row, known)
    if not mended.is_command:
        return mended
    commands = (
        None if command is None else at_end(command, variable) for command in (mended.mend, mended.undo)
    )
    mend, undo = commands
    return Mend(mend, is_command=True, undo=undo)


def _topic(row: Mapping[str, Any], known: Mapping[str, Any]) -> Mend:
    name, remote = row["name"], row["remote_topic"]
    if row["at_source"] is None:
        return _by_hand("Take the topic out of the wave, or correct its name at the source.")
    if remote is None:
        return _by_hand("Create the topic at the target; its name there is not known.")
    pattern = quoted(remote.replace(".", "[.]"))
    if name == "topic":
        size = f"--partitions {known['count']} --replication-factor {known['copies']}"
        return _command(
            f"kafka-topics.sh --create --topic {quoted(remote)} {size}",
            f"kafka-topics.sh --delete --topic {pattern}",
        )
    at_source, at_target = int(row["at_source"]), int(row["at_target"])
    if name == "partitions" and at_source > at_target:
        return _command(f"kafka-topics.sh --alter --topic {pattern} --partitions {at_source}", None)
    if name == "partitions":
        return _by_hand(
            f"Delete the topic at the target and create it again with {at_source} partitions, before anything is "
            "copied: Kafka cannot remove partitions."
        )
    return _by_hand(
        f"Reassign its partitions to {at_source} replicas each, with kafka-reassign-partitions.sh: no other tool "
        "changes the replication factor."
    )


def _configuration(row: Mapping[str, Any], known: Mapping[str, Any]) -> Mend:
    entity = f"--entity-type topics --entity-name {quoted(row['remote_topic'])}"
    if not known["is_known"]:
        return _by_hand(
            f"The target does not know {row['name']}: see what replaces it in its version of Kafka."
        )
    if row["name"].endswith(".replication.throttled.replicas"):
        # a list of the source's own brokers and partitions
        is_left = known["is_set"] and row["at_target"]
        return _altered(entity, row["name"], None, row["at_target"]) if is_left else Mend()
    return _altered(entity, row["name"], row["at_source"], row["at_target"] if known["is_set"] else None)


def _broker(row: Mapping[str, Any], known: Mapping[str, Any]) -> Mend:
    name, wanted = row["name"], row["at_source"]
    if not known["is_known"] or wanted is None:
        return _by_hand(f"One end does not know {name}: see what its version of Kafka has instead.")
    flavour = known["flavour"]
    if flavour is not None and flavour.startswith("msk"):
        return _by_hand(
            f"Set {name} to {_shown(wanted)} in the MSK configuration of the cluster, if MSK lets you."
        )
    if _DYNAMIC.fullmatch(name) and ", " not in wanted and ", " not in (row["at_target"] or ""):
        entity = "--entity-type brokers --entity-default"
        return _altered(entity, name, wanted, row["at_target"] if known["is_set"] else None)
    return _by_hand(
        f"Set {name} to {_shown(wanted)} on every broker of the target, and restart them one by one."
    )


def _altered(entity: str, name: str, wanted: str | None, before: str | None) -> Mend:
    """Set or delete a configuration, and the reverse: None means that there is none of its own."""
    alter = f"kafka-configs.sh --alter {entity}"
    options = [_option(name, value) for value in (wanted, before)]
    if options[0] is None:
        return _by_hand(
            f"Set {_shown(name)} to {_shown(wanted or '')} with the Admin API: kafka-configs.sh cannot express this."
        )
    return _command(f"{alter} {options[0]}", None if options[1] is None else f"{alter} {options[1]}")


def _option(name: str, value: str | None) -> str | None:
    """Return the option that sets or deletes a configuration; None where the tool cannot be given it."""
    if _NAME.fullmatch(name) is None:
        return None
    if value is None:
        return f"--delete-config {quoted(name)}"
    if value != value.strip() or re.search(r"[\[\]]", value):
        return None
    given = value if _PLAIN_VALUE.fullmatch(value) else f"[{value}]"
    return f"--add-config {quoted(f'{name}={given}')}"


def _entry(row: Mapping[str, Any], known: Mapping[str, Any]) -> Mend:
    if not known:
        return _by_hand("Enable the authorizer on both clusters, or on neither.")
    options = _entry_options(known)
    if options is None:
        return _by_hand(
            f"Do this with the Admin API: {row['at_source'] or row['at_target']}. kafka-acls.sh cannot express it."
        )
    add, remove = f"kafka-acls.sh --add {options}", f"kafka-acls.sh --remove --force {options}"
    return _command(add, remove) if row["at_target"] is None else _command(remove, add)


def _entry_options(entry: Mapping[str, str]) -> str | None:
    """Return the options that name an entry; None where the tool has none, or would cut a name."""
    names = [entry["principal"], entry["host"], entry["resource_name"]]
    kind, pattern = entry["resource_type"], entry["pattern_type"]
    is_known = kind == "CLUSTER" or kind in _RESOURCES
    is_plain = all(name and name == name.strip(_BLANKS) for name in names)
    unknown = any(word.startswith("UNKNOWN") for word in (entry["operation"], entry["permission"], pattern))
    if not is_known or not is_plain or unknown or pattern not in ("LITERAL", "PREFIXED"):
        return None
    who = entry["permission"].lower()
    host = "" if entry["host"] == "*" else f" --{who}-host {quoted(entry['host'])}"
    operation = "".join(word.capitalize() for word in entry["operation"].split("_"))
    what = "--cluster" if kind == "CLUSTER" else f"{_RESOURCES[kind]} {quoted(entry['resource_name'])}"
    prefixed = " --resource-pattern-type prefixed" if pattern == "PREFIXED" else ""
    return f"--{who}-principal {quoted(entry['principal'])}{host} --operation {operation} {what}{prefixed}"


_BLANKS = "".join(map(chr, range(33)))  # what Java's trim cuts off


def _quota(row: Mapping[str, Any], known: Mapping[str, Any]) -> Mend:  # noqa: ARG001 - all is known of it
    parts = [
        f"--entity-type {kind} "
        + ("--entity-default" if known[column] is None else f"--entity-name {quoted(known[column])}")
        for column, kind in _ENTITIES.items()
        if known[column] is not None or column in known["defaults"]
    ]
    values = [None if value is None else _number(value) for value in (known["wanted"], known["held"])]
    return _altered(" ".join(parts), known["quota"], *values)


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(value)


def _user(row: Mapping[str, Any], known: Mapping[str, Any]) -> Mend:
    if not known:
        return _by_hand(
            f"Give the clients that log in by {_shown(row['name'])} another mechanism, and its settings."
        )
    if row["at_source"] is None:
        return Mend()
    if known["is_msk"]:
        return _by_hand(
            f"Make a secret of {_shown(known['user'])} and its password in AWS Secrets Manager, by a name that begins "
            "with AmazonMSK_, and associate it with the cluster; clients log in by SCRAM-SHA-512."
        )
    mechanism = known["mechanism"]
    if mechanism not in ("SCRAM-SHA-256", "SCRAM-SHA-512"):
        return _by_hand(
            f"Give {_shown(known['user'])} a password by {_shown(mechanism or 'SCRAM')} at the target."
        )
    alter = f"kafka-configs.sh --alter --entity-type users --entity-name {quoted(known['user'])}"
    return _command(
        f'{alter} --add-config-file "${PASSWORD_FILE}"', f"{alter} --delete-config {quoted(mechanism)}"
    )


def _schema(row: Mapping[str, Any], known: Mapping[str, Any]) -> Mend:  # noqa: ARG001 - one for all rows
    if row["kind"] == "harmless":
        return Mend()
    if row["name"] == "ids" and row["topic"] is None:
        return _by_hand(
            "Give consumers a deserialiser for each registry, or translate the ids while copying."
        )
    return _by_hand("Register it in the target's registry, with the compatibility of the source.")


def _by_hand(sentence: str) -> Mend:
    return Mend(sentence, is_command=False)


def _command(mend: str, undo: str | None) -> Mend:
    return Mend(mend, is_command=True, undo=undo)


def _shown(text: str) -> str:
    """Return a value in a sentence, where no letter of it does anything."""
    return json.dumps(text, ensure_ascii=not text.isprintable())


_MENDERS: dict[str, Callable[[Mapping[str, Any], Mapping[str, Any]], Mend]] = {
    "topic": _topic,
    "configuration": _configuration,
    "broker configuration": _broker,
    "access control entry": _entry,
    "quota": _quota,
    "user": _user,
    "schema": _schema,
}

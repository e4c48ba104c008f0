"""The rights a recording needs of a cluster, what stays unknown without each, and how to grant it."""

import shlex
from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel

Operation = Literal["Describe", "DescribeConfigs"]
Resource = Literal["cluster", "topics", "groups"]

_HIDES: dict[tuple[Operation, Resource], str] = {
    ("Describe", "cluster"): "sizes of log dirs, the controller, ACLs, "
    "names of SCRAM users, and groups that no other right shows",
    ("DescribeConfigs", "cluster"): "configurations of brokers and quotas",
    (
        "Describe",
        "topics",
    ): "topics, their partitions, offsets and sizes of log dirs, and what groups committed there",
    ("DescribeConfigs", "topics"): "configurations of topics",
    ("Describe", "groups"): "state, members and committed offsets of groups",
}
NO_AUTHORIZER = "no authorizer: no rights are checked, and there are no ACLs"
_OPTIONS: dict[Resource, str] = {"cluster": "--cluster", "topics": "--topic '*'", "groups": "--group '*'"}


_GRANT = "kafka-acls --bootstrap-server HOST:PORT --command-config admin.properties --add --allow-principal User:NAME"


def command_to_read(topics: Iterable[str]) -> str:
    """Return the command that grants Read on some topics.

    Examples
    --------
    >>> print(command_to_read(["a.checkpoints.internal", "odd name"])[-66:])
    --operation Read --topic a.checkpoints.internal --topic 'odd name'
    """
    return f"{_GRANT} --operation Read {' '.join(f'--topic {shlex.quote(topic)}' for topic in topics)}"


class MissingRight(BaseModel, frozen=True):
    """A right that the user of a recording does not have on the cluster, or on all topics or groups of it."""

    operation: Operation
    resource: Resource

    @property
    def name(self) -> str:
        """Return the right in words.

        Examples
        --------
        >>> MissingRight(operation="Describe", resource="topics").name
        'Describe on all topics'
        """
        where = "the cluster" if self.resource == "cluster" else f"all {self.resource}"
        return f"{self.operation} on {where}"

    @property
    def hides(self) -> str:
        """Return what is unknown without it.

        Examples
        --------
        >>> MissingRight(operation="DescribeConfigs", resource="topics").hides
        'configurations of topics'
        """
        return _HIDES[self.operation, self.resource]

    @property
    def mend(self) -> str:
        """Return the command that grants it.

        Examples
        --------
        >>> print(MissingRight(operation="Describe", resource="groups").mend[-66:])
        --add --allow-principal User:NAME --operation Describe --group '*'
        """
        return f"{_GRANT} --operation {self.operation} {_OPTIONS[self.resource]}"


RIGHTS = tuple(MissingRight(operation=operation, resource=resource) for operation, resource in _HIDES)


def describe_missing(cluster: str, missing: Iterable[MissingRight]) -> list[str]:
    """Say what the reader of a report must know: that what is absent is unknown, and not none.

    Examples
    --------
    >>> describe_missing("c", RIGHTS[3:4])
    ['c: no right to DescribeConfigs on all topics: configurations of topics are unknown where absent, not none']
    """
    return [
        f"{cluster}: no right to {right.name}: {right.hides} are unknown where absent, not none"
        for right in missing
    ]


def joined_rights(*recordings: tuple[MissingRight, ...] | None) -> tuple[MissingRight, ...] | None:
    """Return what was missing in any of several recordings of a cluster; None where none of them looked.

    Examples
    --------
    >>> joined_rights(None, RIGHTS[:1], RIGHTS[:2]) == RIGHTS[:2], joined_rights(None, None)
    (True, None)
    """
    looked = [rights for rights in recordings if rights is not None]
    return tuple(r for r in RIGHTS if any(r in rights for rights in looked)) if looked else None

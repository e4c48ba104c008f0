"""Access control entries: what each is about, and whether others say as much, as Kafka's authorizer reads them."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

ALL = "ALL"
ANY_HOST = ANY_NAME = "*"
EVERYONE = "User:*"
LITERAL, PREFIXED = "LITERAL", "PREFIXED"
_LAST = chr(0x10FFFF)
# AclAuthorizer and StandardAuthorizer: who may do the one may do the other; it is so of ALLOW only.
_IMPLIED_BY = {
    "DESCRIBE": ("READ", "WRITE", "DELETE", "ALTER"),
    "DESCRIBE_CONFIGS": ("ALTER_CONFIGS",),
}
_OF_A_COPY = ("READ", "DESCRIBE", "DESCRIBE_CONFIGS")  # nobody is meant to write to a copy of another name


class Entry(NamedTuple):
    """An access control entry, in the words of the capture."""

    principal: str
    host: str
    resource_type: str
    resource_name: str
    pattern_type: str
    operation: str
    permission: str

    @property
    def is_allow(self) -> bool:
        """Tell whether it gives a right; else it takes one away."""
        return self.permission == "ALLOW"

    @property
    def words(self) -> str:
        """Return the entry without its principal.

        Examples
        --------
        >>> Entry("User:a", "*", "TOPIC", "t", "LITERAL", "READ", "ALLOW").words
        'ALLOW READ on TOPIC t, LITERAL, host *'
        """
        what = f"{self.permission} {self.operation} on {self.resource_type} {self.resource_name}"
        return f"{what}, {self.pattern_type}, host {self.host}"


class Names(NamedTuple):
    """Topics of a wave: their names in order, and the name of each at the target."""

    ordered: Sequence[str]
    remote: Mapping[str, str]

    def about(self, entry: Entry) -> Sequence[str]:
        """Return the topics that an entry is about, by their names here.

        Examples
        --------
        >>> names = names_of({"orders.eu": "orders.eu", "pay": "pay"})
        >>> names.about(Entry("User:a", "*", "TOPIC", "orders.", "PREFIXED", "READ", "ALLOW"))
        ['orders.eu']
        """
        name = entry.resource_name
        if entry.pattern_type == PREFIXED:
            return self.ordered[bisect_left(self.ordered, name) : bisect_left(self.ordered, name + _LAST)]
        if name == ANY_NAME:
            return self.ordered
        return [name] if name in self.remote else []


def names_of(remote: Mapping[str, str]) -> Names:
    """Return names by which entries are looked up.

    Examples
    --------
    >>> names_of({"b": "b", "a": "x.a"}).ordered
    ['a', 'b']
    """
    return Names(sorted(remote), remote)


def expected(entry: Entry, names: Names) -> Iterator[Entry]:
    """Yield the entries that say at the target what one of the source says of topics.

    A prefix stays one where the target's names are the source's, or all begin with the same alias; else each topic has
    its own. Of a copy of another name only rights to read are expected.

    Examples
    --------
    >>> names = names_of({"orders.eu": "a.orders.eu", "orders.us": "a.orders.us"})
    >>> entry = Entry("User:a", "*", "TOPIC", "orders.", "PREFIXED", "ALL", "ALLOW")
    >>> [(found.resource_name, found.operation) for found in expected(entry, names)]
    [('a.orders.', 'READ')]
    """
    about = names.about(entry)
    renamed = [name for name in about if names.remote[name] != name]
    if not renamed:
        yield entry
        return
    if entry.is_allow and len(renamed) == len(about):
        if entry.operation not in (ALL, *_OF_A_COPY):
            return
        entry = entry._replace(operation="READ" if entry.operation == ALL else entry.operation)
    if entry.resource_name == ANY_NAME and entry.pattern_type == LITERAL:
        yield entry
        return
    alias = _alias(names.remote, about)
    if entry.pattern_type == PREFIXED and alias is not None:
        yield entry._replace(resource_name=alias + entry.resource_name)
        return
    yield from (entry._replace(resource_name=names.remote[name], pattern_type=LITERAL) for name in about)


def _alias(remote: Mapping[str, str], about: Sequence[str]) -> str | None:
    """Return what all these names begin with at the target, None where they differ in more than that."""
    found = {remote[name].removesuffix(name) if remote[name].endswith(name) else None for name in about}
    return next(iter(found)) if len(found) == 1 else None


Index = Mapping[tuple[str, str, str, str], set[tuple[str, str, str]]]


class Held(NamedTuple):
    """Entries of a cluster, by what they are about; and how long the prefixes of each type are."""

    index: Index
    lengths: Mapping[str, Sequence[int]]

    def covers(self, entry: Entry) -> bool:
        """Tell whether an entry adds nothing to these.

        Examples
        --------
        >>> held = held_of([Entry("User:a", "*", "TOPIC", "orders.", "PREFIXED", "ALL", "ALLOW")])
        >>> held.covers(Entry("User:a", "10.0.0.1", "TOPIC", "orders.eu", "LITERAL", "DESCRIBE", "ALLOW"))
        True
        """
        implied = _IMPLIED_BY.get(entry.operation, ()) if entry.is_allow else ()
        wanted = [
            (principal, host, operation)
            for principal in dict.fromkeys((entry.principal, EVERYONE))
            for host in dict.fromkeys((entry.host, ANY_HOST))
            for operation in dict.fromkeys((entry.operation, ALL, *implied))
        ]
        return any(
            given in said
            for pattern, name in self._patterns(entry)
            if (said := self.index.get((entry.permission, entry.resource_type, pattern, name)))
            for given in wanted
        )

    def has_any_of(self, entry: Entry) -> bool:
        """Tell whether any entry is about the resource of another one.

        Examples
        --------
        >>> deny = Entry("User:b", "*", "TOPIC", "t", "LITERAL", "READ", "DENY")
        >>> held_of([deny]).has_any_of(deny._replace(permission="ALLOW"))
        True
        """
        return any(
            (permission, entry.resource_type, pattern, name) in self.index
            for permission in ("ALLOW", "DENY")
            for pattern, name in self._patterns(entry)
        )

    def _patterns(self, entry: Entry) -> Iterator[tuple[str, str]]:
        """Yield the patterns whose entries are about all that this one is about."""
        name = entry.resource_name
        if entry.pattern_type == LITERAL:
            yield LITERAL, name
            if name == ANY_NAME:
                return
        yield LITERAL, ANY_NAME
        yield from (
            (PREFIXED, name[:length])
            for length in self.lengths.get(entry.resource_type, ())
            if length <= len(name)
        )


def held_of(entries: Iterable[Entry]) -> Held:
    """Return entries in such a way that it is quickly told what they cover.

    Examples
    --------
    >>> held_of([]).covers(Entry("User:a", "*", "TOPIC", "t", "LITERAL", "READ", "ALLOW"))
    False
    """
    index: dict[tuple[str, str, str, str], set[tuple[str, str, str]]] = {}
    lengths: dict[str, set[int]] = {}
    for entry in entries:
        key = (entry.permission, entry.resource_type, entry.pattern_type, entry.resource_name)
        index.setdefault(key, set()).add((entry.principal, entry.host, entry.operation))
        if entry.pattern_type == PREFIXED:
            lengths.setdefault(entry.resource_type, set()).add(len(entry.resource_name))
    return Held(index, {kind: sorted(found) for kind, found in lengths.items()})

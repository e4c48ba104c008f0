"""Routing tables as files: written whole or not at all, read when they change, followed version by version."""

import time
from collections.abc import Callable
from pathlib import Path

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.places import PRIVATE_FILE, reading
from kafka_analysis.model.whole_files import write_atomically
from kafka_analysis.plan.routing.paths import Paths, paths_of
from kafka_analysis.plan.routing.table import RoutingTable
from kafka_analysis.plan.routing.text import MOST_BYTES, parse_routing, routing_json, routing_yaml
from kafka_analysis.plan.routing.validate import validate_routing

ReadTable = Callable[[], RoutingTable]
_YAML = (".yaml", ".yml")


def read_routing(path: str | Path) -> RoutingTable:
    """Read a routing table from a JSON or YAML file.

    Raises
    ------
    InputError
        It cannot be read, is too large, or is no routing table.

    Examples
    --------
    >>> read_routing("missing.json")
    Traceback (most recent call last):
    ...
    kafka_analysis.model.errors.PlaceError: cannot read missing.json: no such file or folder; check the name
    """
    file = Path(path)
    with reading(file), file.open("rb") as stream:
        text = stream.read(MOST_BYTES + 1)
    return parse_routing(text, name=str(file))


def write_routing(table: RoutingTable, path: str | Path) -> Path:
    """Write a routing table as YAML (``.yaml``, ``.yml``) or JSON, so that at any moment a whole one is there.

    Raises
    ------
    InputError
        The file holds a version that is not lower: whoever follows it would not heed this one.

    Examples
    --------
    >>> import tempfile
    >>> from kafka_analysis.plan.routing.table import RoutedSource
    >>> source = RoutedSource(cluster="old", bootstrap_servers="old:9092")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write_routing(RoutingTable(source=source, cells={}, topics=()), Path(folder) / "routing.yaml")
    ...     read_routing(path).version
    1
    """
    file = Path(path)
    if file.exists():
        before = read_routing(file)
        if before != table and before.version >= table.version:
            message = f"{file} has version {before.version}; write a higher version, not {table.version}"
            raise InputError(message)
    text = routing_yaml(table) if file.suffix.lower() in _YAML else routing_json(table)
    write_atomically(file, text, mode=PRIVATE_FILE)
    return file


def table_file(path: str | Path) -> ReadTable:
    """Return a function that returns a file's table, and reads it again only when the file has changed.

    Examples
    --------
    >>> read = table_file("routing.json")
    >>> callable(read)
    True
    """
    file = Path(path)
    latest: list[tuple[tuple[int, int, int], RoutingTable]] = []

    def read() -> RoutingTable:
        with reading(file):
            now = file.stat()
        stamp = (now.st_mtime_ns, now.st_size, now.st_ino)
        if not latest or latest[0][0] != stamp:
            latest[:] = [(stamp, read_routing(file))]
        return latest[0][1]

    return read


class Follower:
    """The newest good table: looked for every so often, and kept while what is found instead is wrong.

    A table that cannot be read, breaks a rule, or has a version that is not higher changes nothing; ``problem`` says so
    until a good one comes. Only the very first must be good.

    Parameters
    ----------
    read
        Returns the table there is now: :func:`table_file`, or anything else that can tell.
    every_s
        Seconds between two looks, at least.
    clock
        Tells seconds.

    Raises
    ------
    InputError
        The first table cannot be read or breaks a rule.
    """

    def __init__(
        self, read: ReadTable, *, every_s: float = 1.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._read = read
        self._every_s = every_s
        self._clock = clock
        self.problem: str | None = None
        self.paths: Paths = paths_of(_good(read()))
        self._looked_at = clock()

    def look(self, *, now: bool = False) -> Paths:
        """Return the newest good table with its ways, looked for now or when it is time again."""
        if now or self._clock() - self._looked_at >= self._every_s:
            self._looked_at = self._clock()
            self._take()
        return self.paths

    def _take(self) -> None:
        try:
            table = self._read()
            if table is self.paths.table or table == self.paths.table:
                self.problem = None
                return
            if table.version <= self.paths.table.version:
                raise InputError(  # noqa: TRY301 - told in the same place as what cannot be read
                    f"version {table.version} is not above version {self.paths.table.version}, which is in use; "
                    "give a higher version"
                )
            self.paths = paths_of(_good(table))
            self.problem = None
        except InputError as error:
            self.problem = str(error)


def _good(table: RoutingTable) -> RoutingTable:
    wrong = [problem for problem in validate_routing(table) if problem.severity == "error"]
    if wrong:
        message = (
            f"version {table.version} of the routing table is not used: {wrong[0].subject} {wrong[0].message}"
        )
        raise InputError(message)
    return table

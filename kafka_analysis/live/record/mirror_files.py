"""Settings of MirrorMaker 2 from its properties files, for where those that it keeps in the cluster cannot be read."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from kafka_analysis.model.errors import InputError, ProfileError, SourceError
from kafka_analysis.model.profile import ClusterProfile
from kafka_analysis.model.units import counted
from kafka_analysis.sources.kafka.metadata import table
from kafka_analysis.sources.mirroring.file_connectors import connector_rows, flows_into
from kafka_analysis.sources.mirroring.properties_file import MOST_BYTES, Flow, read_mirror_file
from kafka_analysis.sources.mirroring.records import Row
from kafka_analysis.sources.saved.files import read_beginning

WRITE_EVERY_S = 55.0  # a minute, less what rounds may be early
_MOST_NAMED, _MOST_CHARACTERS = 3, 60


@dataclass(frozen=True)
class FileFlow:
    """A flow into a cluster, and the name of the file that it stands in."""

    file: str
    flow: Flow


def flows_of_files(cluster: ClusterProfile) -> tuple[FileFlow, ...]:
    """Read the files that a profile names for a cluster, and return the flows into it.

    Raises
    ------
    ProfileError
        A file is missing, too large, no properties file, or has no flow into the cluster; or two have the same flow.
    """
    found = [one for path in cluster.mirror_properties for one in _flows_of(cluster, path)]
    sources = [one.flow.source for one in found]
    twice = sorted({source for source in sources if sources.count(source) > 1})
    if twice:
        files = ", ".join(one.file for one in found if one.flow.source == twice[0])
        raise ProfileError(
            f"cluster {cluster.name}: mirror_properties has the flow from {twice[0]!r} twice ({files}); "
            "name one file for each flow"
        )
    return tuple(found)


def _flows_of(cluster: ClusterProfile, path: Path) -> list[FileFlow]:
    about = f"cluster {cluster.name}: mirror_properties {path}"
    try:
        file = read_mirror_file(read_beginning(path, MOST_BYTES + 1))
        flows = flows_into(file, cluster.name, cluster.bootstrap_servers or "")
    except SourceError as error:
        # A name that is no file may be a secret in the wrong place: it is not said.
        reason = str(error).replace(str(path), "").lstrip(": ")
        raise ProfileError(
            f"cluster {cluster.name}: mirror_properties names a file that {reason}; "
            "correct the name in the profile, or drop it"
        ) from None
    except InputError as error:
        raise ProfileError(f"{about}: {error}") from None
    return [FileFlow(path.name, flow) for flow in flows]


@dataclass
class MirrorSettings:
    """The settings of the flows into a cluster as their files have them; what MirrorMaker keeps in the cluster wins.

    Once a flow's settings were read from the cluster, the file is not used for it any more.
    """

    cluster: str
    flows: tuple[FileFlow, ...]
    _kept: set[str] = field(default_factory=set)
    _written_at: float | None = None

    def added_to(self, tables: Mapping[str, pl.DataFrame]) -> tuple[dict[str, pl.DataFrame], tuple[str, ...]]:
        """Return the tables of an answer with the settings of files, and what is to be noted of them.

        Parameters
        ----------
        tables
            What was read from the cluster's own topics; without ``connectors``, settings are added once a minute.
        """
        own = tables.get("connectors")
        is_due = self._written_at is None or time.monotonic() - self._written_at >= WRITE_EVERY_S
        if not self.flows or (own is None and not is_due):
            return dict(tables), ()
        self._written_at = time.monotonic()
        kept = {} if own is None else _settings(own)
        self._kept |= {source for source, _, _ in kept}
        used = [one for one in self.flows if one.flow.source not in self._kept]
        rows = [row for one in used for row in connector_rows(one.flow)]
        read_now = {source for source, _, _ in kept}
        notes = tuple(
            _note(self.cluster, one, kept, is_used=one in used)
            for one in self.flows
            if one in used or one.flow.source in read_now
        )
        if not rows:
            return dict(tables), notes
        stamp = None if own is None or own.is_empty() else own["ts"][0]
        added = table("connectors", self.cluster, rows, ts=stamp)
        return {**tables, "connectors": added if own is None else pl.concat([own, added])}, notes


def _settings(connectors: pl.DataFrame) -> dict[tuple[str, str, str], str]:
    """Return the settings that were read of connectors, by source, the connector's class and the setting's name."""
    of = ["peer", "connector"]
    rows = connectors.filter(pl.col("task").is_null(), pl.col("kind") == "config").drop_nulls("value")
    found: dict[tuple[str, str, str], str] = {}
    for (peer, connector), part in rows.group_by(of):
        own = dict(part.select("name", "value").iter_rows())
        source = own.get("source.cluster.alias", peer)
        kind = own.get("connector.class", str(connector)).rpartition(".")[2]
        found |= {(source, kind, name): value for name, value in own.items() if source is not None}
    return found


def _note(cluster: str, one: FileFlow, kept: Mapping[tuple[str, str, str], str], *, is_used: bool) -> str:
    flow = f"{cluster}: settings of MirrorMaker's flow {one.flow.source} → {one.flow.target}"
    if is_used:
        return f"{flow} are those of {one.file}: MirrorMaker's own copy in the cluster was not read"
    differing = list(_differing(connector_rows(one.flow), kept))
    words = f"differs in {_named(differing)}" if differing else "does not differ"
    return f"{flow} are those in the cluster; {one.file} {words}"


def _differing(rows: Iterable[Row], kept: Mapping[tuple[str, str, str], str]) -> Iterable[str]:
    """Say in which settings a file and the cluster differ, each once."""
    said = {}
    for row in rows:
        value, own = row["value"], kept.get((row["peer"], row["connector"], row["name"]))
        if None not in (value, own) and value != own:
            said.setdefault(
                row["name"], f"{row['name']} ({_short(value)} in the file, {_short(own)} in the cluster)"
            )
    return said.values()


def _named(differing: list[str]) -> str:
    more = len(differing) - _MOST_NAMED
    return ", ".join(differing[:_MOST_NAMED]) + (f" and {counted(more, 'more setting')}" if more > 0 else "")


def _short(value: str) -> str:
    return value if len(value) <= _MOST_CHARACTERS else f"{value[:_MOST_CHARACTERS]}…"

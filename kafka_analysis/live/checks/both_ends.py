"""Read both ends of replications for a cut-over check: only reads, within a time and a number of bytes."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from itertools import groupby
from threading import Event

import polars as pl

from kafka_analysis.live.checks.around import Around, read_around
from kafka_analysis.live.checks.end_of_pair import End
from kafka_analysis.live.checks.one_pair import (
    PairReading,
    StretchOf,
    read_pair,
    rows_of_checks,
    rows_of_reads,
)
from kafka_analysis.live.record.outcomes import SEE_LOG, Failure, all_outcomes
from kafka_analysis.model.clock import now
from kafka_analysis.model.errors import InputError
from kafka_analysis.model.parameters.cutover_reads import CutoverReads
from kafka_analysis.model.profile import Profile
from kafka_analysis.model.tables import empty_table
from kafka_analysis.sources.http.deadline import Deadline
from kafka_analysis.sources.kafka.metadata import table
from kafka_analysis.sources.kafka.stretches import Place

PAIR_COLUMNS = ("source", "source_topic", "target", "topic")
POSITIONS = ("source", "target", "topic", "partition", "committed_offset")
COMMITTED: Mapping[str, pl.DataType] = {
    "source": pl.String(),
    "group": pl.String(),
    "source_topic": pl.String(),
    "partition": pl.Int32(),
    "committed_offset": pl.Int64(),
}


@dataclass(frozen=True)
class BothEnds:
    """Tables of what was read at both ends, and words: what is missing, what was left out, what it cost.

    ``answered``: of each table of clusters, those that answered, be it with no row. ``lacking``: of each table of
    clusters, what those lack of it that did not answer it as a whole.
    """

    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    answered: Mapping[str, frozenset[str]] = field(default_factory=dict)
    lacking: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def read_both_ends(
    profile: Profile,
    pairs: pl.DataFrame,
    *,
    committed: pl.DataFrame | None = None,
    positions: pl.DataFrame | None = None,
    clusters: Collection[str] = (),
    options: CutoverReads | None = None,
) -> BothEnds:
    """Read both ends of replications: offsets at the same times, and hashes of the same records.

    Nothing is written or committed and no group is joined. Replications are read side by side, each with an equal
    part of ``options.bytes_at_most``; all of it ends after ``options.seconds``, but for a second or two.

    Parameters
    ----------
    profile
        Has all clusters that ``pairs`` name.
    pairs
        ``source``, ``source_topic``, ``target``, ``topic``: what is replicated from where to where; ``topic`` is its
        name at the target.
    committed
        ``source``, ``group``, ``source_topic``, ``partition``, ``committed_offset``: offsets of groups to look for at
        the target; None = none.
    positions
        ``source``, ``target``, ``topic`` (at the source), ``partition``, ``committed_offset``: where replicators stand;
        what lies behind that is read at the source too: it may be markers alone. None = not known.
    clusters
        More clusters to look at besides: one that does not answer has no pair, and its certificate may be why.
    options
        What is read, and how much of it.

    Returns
    -------
    BothEnds
        Tables ``offsets_at``, ``record_reads``, ``record_checks``, and of the topics ``offsets`` and ``topic_configs``;
        ``transactions``, ``active_producers`` and ``certificates`` where a cluster answered: absent is unknown.
        A stretch has the same number at both ends. Records that the source has in a stretch and the target has not
        are missing there only where the target's stretch ended as ``enough``, or as ``end of log``: then they are not
        there yet. ``wanted_offset`` is, at both ends, the offset that was committed at the source.

    Raises
    ------
    InputError
        A column is missing, or a cluster that is named is not in the profile.
    ProfileError
        When a secret cannot be read or a setting is refused.
    """
    chosen = options or CutoverReads()
    known = empty_committed() if committed is None else committed
    _check(pairs, PAIR_COLUMNS, "pairs")
    _check(known, tuple(COMMITTED), "committed")
    if positions is not None:
        _check(positions, POSITIONS, "positions")
    ends = _ends(profile, pairs, clusters)
    deadline, sealed_until = Deadline.after(chosen.seconds), now() - timedelta(seconds=chosen.seal_s)
    of_clusters = _by_clusters(pairs)
    asks = [
        (
            partial(
                read_pair,
                ends[source],
                ends[target],
                topics,
                known.filter(source=source),
                options=chosen,
                sealed_until=sealed_until,
                deadline=deadline,
                most_bytes=round(chosen.bytes_at_most / len(of_clusters)),
                positions=_positions(positions, source, target),
            ),
            chosen.seconds + 1,
        )
        for (source, target), topics in of_clusters.items()
    ]
    names = [f"{source} to {target}" for source, target in of_clusters] + sorted(ends)
    asks += [
        (
            partial(
                read_around,
                ends[name],
                _topics_of(name, pairs),
                options=chosen,
                timeout_s=profile.admin_timeout_s,
                deadline=deadline,
            ),
            chosen.seconds + 1,
        )
        for name in sorted(ends)
    ]
    outcomes = all_outcomes(asks, Event())
    found = [outcome for outcome in outcomes if isinstance(outcome, PairReading)]
    named = [
        (name, outcome) for name, outcome in zip(names, outcomes, strict=True) if isinstance(outcome, Around)
    ]
    around = [outcome for _, outcome in named]
    of_tables = {name for each in around for name in each.tables}
    answered = {of: frozenset(name for name, each in named if of in each.tables) for of in of_tables}
    lacking = {
        of: {name: each.lacking[of] for name, each in named if of in each.lacking}
        for of in {of for each in around for of in each.lacking}
    }
    failed = [
        f"{name}: {_scrubbed(profile, outcome.reason.removesuffix(SEE_LOG))}"
        for name, outcome in zip(names, outcomes, strict=True)
        if isinstance(outcome, Failure)
    ]
    notes = dict.fromkeys([*failed, *(note for reading in [*found, *around] for note in reading.notes)])
    return BothEnds(_tables(found) | _tables_around(around), tuple(notes), answered, lacking)


def empty_committed() -> pl.DataFrame:
    """Return no offsets of groups.

    Examples
    --------
    >>> empty_committed().columns
    ['source', 'group', 'source_topic', 'partition', 'committed_offset']
    """
    return pl.DataFrame(schema=dict(COMMITTED))


def _positions(positions: pl.DataFrame | None, source: str, target: str) -> dict[Place, int]:
    """Return where the furthest replicator of each partition of a pair stands."""
    if positions is None:
        return {}
    rows = positions.filter(source=source, target=target).drop_nulls("committed_offset")
    furthest = rows.group_by("topic", "partition").agg(pl.col("committed_offset").max())
    return {(topic, number): offset for topic, number, offset in furthest.iter_rows()}


def _scrubbed(profile: Profile, text: str) -> str:
    for cluster in profile.clusters:
        text = cluster.scrub(text)
    return text


def _check(rows: pl.DataFrame, columns: Sequence[str], name: str) -> None:
    lacking = [column for column in columns if column not in rows.columns]
    if lacking:
        message = f"{name} has no column {', '.join(lacking)}; required: {', '.join(columns)}"
        raise InputError(message)


def _ends(profile: Profile, pairs: pl.DataFrame, others: Collection[str]) -> dict[str, End]:
    clusters = {cluster.name: cluster for cluster in profile.clusters}
    named = sorted({*pairs["source"], *pairs["target"], *others})
    unknown = [name for name in named if name not in clusters]
    if unknown:
        message = f"the profile has no cluster {unknown[0]!r}; it has {', '.join(sorted(clusters))}"
        raise InputError(message)
    return {name: End.of(clusters[name]) for name in named}


def _by_clusters(pairs: pl.DataFrame) -> dict[tuple[str, str], list[tuple[str, str]]]:
    rows = pairs.select("source", "target", "source_topic", "topic").unique().sort(pl.all()).rows()
    return {key: [row[2:] for row in of] for key, of in groupby(rows, key=lambda row: row[:2])}


def _topics_of(cluster: str, pairs: pl.DataFrame) -> list[str]:
    at_source = pairs.filter(source=cluster)["source_topic"]
    return sorted({*at_source, *pairs.filter(target=cluster)["topic"]})


def _tables(found: Sequence[PairReading]) -> dict[str, pl.DataFrame]:
    """Join the tables of all pairs; what two pairs asked of the same cluster stands once."""
    asked = {
        name: pl.concat([empty_table(name), *(rows for each in found for rows in each.tables.get(name, ()))])
        for name in ("offsets_at", "offsets", "topic_configs")
    }
    keys = {
        "offsets_at": ["cluster", "topic", "partition", "at"],
        "offsets": ["cluster", "topic", "partition"],
        "topic_configs": ["cluster", "topic", "name"],
    }
    # One moment for each cluster: who takes a cluster's last answers must not lose those of another pair.
    once = {
        name: rows.unique(keys[name], keep="first")
        .sort(keys[name])
        .with_columns(ts=pl.col("ts").max().over("cluster"))
        for name, rows in asked.items()
    }
    stretches = list(_numbered(found))
    return {
        **once,
        "record_reads": table("record_reads", "", rows_of_reads(stretches)),
        "record_checks": table("record_checks", "", rows_of_checks(stretches)),
    }


def _tables_around(around: Sequence[Around]) -> dict[str, pl.DataFrame]:
    """Join the tables of clusters; one that no cluster answered is absent: unknown."""
    names = {name: None for each in around for name in each.tables}
    return {name: pl.concat([each.tables[name] for each in around if name in each.tables]) for name in names}


def _numbered(found: Iterable[PairReading]) -> Iterator[StretchOf]:
    """Yield the stretches of all pairs, numbered through."""
    first = 0
    for reading in found:
        yield from (replace(of, number=first + of.number) for of in reading.stretches)
        first += 1 + max((of.number for of in reading.stretches), default=-1)

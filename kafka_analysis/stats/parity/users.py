"""Users that log in by SCRAM, and mechanisms that clients log in by, at both ends."""

from collections.abc import Collection, Mapping
from typing import Any

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.stats.parity.rows import (
    PARITY,
    Known,
    Parity,
    count_rows,
    ends_of,
    entity,
    parity_rows,
    split_by_sight,
)

MSK_MECHANISM = "SCRAM-SHA-512"
_ENABLED = "sasl.enabled.mechanisms"
_MSK = "MSK developer guide (authentication and authorization)"
_SCRAM = "Apache Kafka documentation (authentication using SASL/SCRAM)"
_MISSING = "It cannot log in at the target. Kafka never shows passwords: whoever knows this one must set it there too."
_TO_512 = (
    "MSK takes no SCRAM-SHA-256: give the user SCRAM-SHA-512 there, and set sasl.mechanism of its clients."
)


def user_parity(
    pairs: Frame,
    *,
    users: Frame,
    known: Known,
    broker_configs: Frame | None = None,
    flavours: Mapping[str, str | None] | None = None,
    names: Collection[str] | None = None,
) -> Parity:
    """Compare who may log in by SCRAM at both ends, by name and mechanism, and which mechanisms brokers offer.

    Whether passwords are the same cannot be seen.

    Parameters
    ----------
    pairs
        ``source``, ``target`` of topics that move.
    users
        One snapshot of the capture's ``users``.
    known
        Pairs of a cluster and a table that was read with the right to see all.
    broker_configs
        One snapshot of the capture's table, for the mechanisms that brokers offer (``sasl.enabled.mechanisms``, also of
        single listeners); those that are only a default are left out.
    flavours
        Of the clusters: MSK takes SCRAM-SHA-512, certificates and IAM.
    names
        Names of the users of the wave; None: all.

    Returns
    -------
    Parity
        ``name`` is the user, ``at_source`` and ``at_target`` its mechanism; of a mechanism that brokers offer, its name
        and ``offered``. Counted are pairs of a user and a mechanism, and mechanisms offered.

    Examples
    --------
    >>> pair = pl.DataFrame({"source": ["a"], "target": ["b"]})
    >>> rows = pl.DataFrame({"cluster": ["a", "b"], "user": "u", "mechanism": ["SCRAM-SHA-256", "SCRAM-SHA-512"]})
    >>> found = user_parity(pair, users=rows, known={("a", "users"), ("b", "users")}, flavours={"b": "msk"})
    >>> found.differences.select("name", "at_source", "at_target", "kind").rows()
    [('u', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'MSK decides')]
    """
    seen, unknown = split_by_sight("user", ends_of(to_polars(pairs)), known)
    held = to_polars(users).select("cluster", "user", "mechanism")
    held = held if names is None else held.filter(pl.col("user").is_in(list(names)))
    offered = _offered(None if broker_configs is None else to_polars(broker_configs))
    rows: list[dict[str, Any]] = []
    counts = []
    for source, target in seen.iter_rows():
        flavour = (flavours or {}).get(target)
        is_msk = flavour is not None and flavour.startswith("msk")
        ours, theirs = (_of(held, cluster) for cluster in (source, target))
        found = [*_users(ours, theirs, is_msk=is_msk)]
        mechanisms = _mechanisms(offered.get(source), offered.get(target), is_msk=is_msk)
        compared = len(ours | theirs) + len(mechanisms)
        found += [row for row in mechanisms.values() if row is not None]
        counts.append((source, target, compared, compared - len(found)))
        rows += [{"source": source, "target": target, **row} for row in found]
    differences = parity_rows("user", pl.DataFrame(rows, schema=PARITY))
    return Parity(pl.concat([differences, unknown]), count_rows("user", counts))


def _of(held: pl.DataFrame, cluster: str) -> set[tuple[str, str | None]]:
    return set(held.filter(cluster=cluster).select("user", "mechanism").iter_rows())


def _users(
    ours: set[tuple[str, str | None]], theirs: set[tuple[str, str | None]], *, is_msk: bool
) -> list[dict[str, Any]]:
    rows = []
    for user, mechanism in sorted(ours - theirs, key=str):
        known = entity(user=user, mechanism=mechanism, is_msk=is_msk)
        row = {"name": user, "at_source": mechanism, "entity": known, "kind": "must fix"}
        if not is_msk or mechanism == MSK_MECHANISM:
            row |= {"why": _MISSING, "fact_source": _SCRAM}
        elif (user, MSK_MECHANISM) in theirs:
            row |= {"why": _TO_512, "fact_source": _MSK, "kind": "MSK decides", "at_target": MSK_MECHANISM}
        else:
            row |= {"why": _TO_512, "fact_source": _MSK}
        rows.append(row)
    moved = {user for user, mechanism in ours - theirs if is_msk and mechanism != MSK_MECHANISM}
    for user, mechanism in sorted(theirs - ours, key=str):
        if (user, mechanism) in {(name, MSK_MECHANISM) for name in moved}:
            continue
        rows.append(
            {
                "name": user,
                "at_target": mechanism,
                "entity": entity(user=user, mechanism=mechanism, is_msk=is_msk),
                "kind": "harmless",
                "why": "It may log in at the target but not at the source; nobody loses access.",
                "fact_source": _SCRAM,
            }
        )
    return rows


def _offered(broker_configs: pl.DataFrame | None) -> dict[str, set[str]]:
    """Return the mechanisms that brokers of each cluster were told to offer."""
    if broker_configs is None:
        return {}
    told = broker_configs.filter(
        pl.col("name").str.to_lowercase().str.ends_with(_ENABLED), ~pl.col("is_default")
    ).drop_nulls("value")
    offered: dict[str, set[str]] = {}
    for cluster, value in told.select("cluster", "value").iter_rows():
        offered.setdefault(cluster, set()).update(
            item.strip() for item in value.strip("[] ").split(",") if item.strip()
        )
    return offered


def _mechanisms(
    ours: set[str] | None, theirs: set[str] | None, *, is_msk: bool
) -> dict[str, dict[str, Any] | None]:
    """Return each mechanism that an end offers, with the row of one that clients lack at the target."""
    if ours is None and theirs is None:
        return {}
    found: dict[str, dict[str, Any] | None] = {}
    for mechanism in sorted((ours or set()) | (theirs or set())):
        here, there = mechanism in (ours or set()), mechanism in (theirs or set())
        if here and not there and is_msk and mechanism == MSK_MECHANISM:
            found[mechanism] = None  # MSK need not show what it offers
        elif here and not there and (is_msk or theirs is not None):
            found[mechanism] = _lacking(mechanism, is_msk=is_msk)
        elif there and not here and ours is not None:
            found[mechanism] = {
                "name": mechanism,
                "at_target": "offered",
                "kind": "harmless",
                "why": "The target offers an additional mechanism; nobody loses one.",
                "fact_source": _SCRAM,
            }
        elif here and there:
            found[mechanism] = None
    return found


def _lacking(mechanism: str, *, is_msk: bool) -> dict[str, Any]:
    return {
        "name": mechanism,
        "at_source": "offered",
        "kind": "must fix",
        "why": f"MSK takes no clients by {mechanism}: each needs SCRAM-SHA-512, a certificate or IAM, and the settings."
        if is_msk
        else f"The target takes no clients by {mechanism}: each needs another mechanism, and the settings.",
        "fact_source": _MSK if is_msk else _SCRAM,
    }

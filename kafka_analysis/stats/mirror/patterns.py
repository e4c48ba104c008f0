"""Which pattern of replication each flow is part of."""

from collections import Counter

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.model.units import counted

ACTIVE_PASSIVE, ACTIVE_ACTIVE = "active/passive", "active/active"
AGGREGATION, FAN_OUT, GEO_LOCALITY = "aggregation", "fan-out", "geo-locality"


@same_kind
def replication_patterns(flows: Frame, *, local_groups: Frame) -> Frame:
    """Recognise the pattern of replication from what replicates what.

    Parameters
    ----------
    flows
        ``source``, ``target`` of each flow, and ``consumed_per_s``: records per second that it copies.
    local_groups
        ``source``, ``target``, ``group``: groups with members that read copied topics at the target.

    Returns
    -------
    frame of the kind given
        ``flows`` with ``pattern``: names joined by ``, ``, and ``pattern_because``. A flow is part of

        - ``active/active``: another flow goes the other way; else ``active/passive``;
        - ``aggregation``: its target has several sources;
        - ``fan-out``: its source has several targets;
        - ``geo-locality``: it copies on, and groups at the target read the copy.

    Notes
    -----
    Apache Kafka documentation, Geo-Replication: "Active/Passive", "Active/Active", "Aggregation", "Fan-out".

    Examples
    --------
    >>> flows = pl.DataFrame({"source": ["a", "a"], "target": ["b", "c"], "consumed_per_s": 0.0})
    >>> none = pl.DataFrame(schema={"source": pl.String, "target": pl.String, "group": pl.String})
    >>> replication_patterns(flows, local_groups=none)["pattern"].to_list()
    ['active/passive, fan-out', 'active/passive, fan-out']
    """
    pairs = {(source, target) for source, target in flows.select("source", "target").iter_rows()}
    into, out_of = Counter(target for _, target in pairs), Counter(source for source, _ in pairs)
    readers = local_groups.group_by("source", "target").agg(pl.col("group").n_unique())
    reading = {(source, target): n for source, target, n in readers.iter_rows()}
    names, reasons = [], []
    for source, target, per_s in flows.select("source", "target", "consumed_per_s").iter_rows():
        is_both = (target, source) in pairs
        found = [
            (ACTIVE_ACTIVE, f"{target} is copied to {source} too")
            if is_both
            else (ACTIVE_PASSIVE, "one direction")
        ]
        if into[target] > 1:
            found.append((AGGREGATION, f"{counted(into[target], 'source')} of {target}"))
        if out_of[source] > 1:
            found.append((FAN_OUT, f"{counted(out_of[source], 'target')} of {source}"))
        if (per_s or 0) > 0 and (n := reading.get((source, target))):
            found.append((GEO_LOCALITY, f"{counted(n, 'group')} read the copy"))
        names.append(", ".join(name for name, _ in found))
        reasons.append("; ".join(reason for _, reason in found))
    return flows.with_columns(
        pattern=pl.Series(names, dtype=pl.String), pattern_because=pl.Series(reasons, dtype=pl.String)
    )

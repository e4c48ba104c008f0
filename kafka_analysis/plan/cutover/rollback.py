"""The way back: files with which Kafka's own tool sets groups to the offsets that they had."""

import csv
import io
from collections.abc import Mapping, Sequence

import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.model.units import counted
from kafka_analysis.plan.common.templates import filled
from kafka_analysis.plan.waves.commands import at_end, block, octal

_VARIABLE = "CLUSTER"


def rollback_files(snapshot: Frame, *, cluster: str) -> dict[str, str]:
    r"""Return the files that set the groups of one cluster to the offsets of a snapshot.

    Parameters
    ----------
    snapshot
        Result of :func:`~kafka_analysis.plan.cutover.snapshot.offsets_snapshot`.
    cluster
        The cluster to go back to.

    Returns
    -------
    dict of str to str
        ``group-<n>.csv`` for each group, as ``kafka-consumer-groups.sh --reset-offsets --from-file`` takes it
        (``topic,partition, offset``), and ``rollback.md``: what to do in which order.

    Raises
    ------
    InputError
        The snapshot has no offsets of this cluster.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": ["a"], "group": "g", "topic": "t", "partition": 0, "offset": 9})
    >>> rollback_files(rows, cluster="a")["group-1.csv"]
    '"t",0,9\n'
    """
    rows = to_polars(snapshot)
    own = rows.filter(cluster=cluster).sort("group", "topic", "partition")
    if own.is_empty():
        raise InputError.unknown("cluster", cluster, rows["cluster"].unique().sort())
    groups = own["group"].unique(maintain_order=True).to_list()
    names = {group: f"group-{number}.csv" for number, group in enumerate(groups, start=1)}
    files = {names[group]: _offsets(own.filter(group=group)) for group in groups}
    text = filled(
        "cutover/rollback.md.jinja",
        cluster=cluster,
        variable=_VARIABLE,
        groups=[(group, names[group], own.filter(group=group).height) for group in groups],
        dry_run=_commands(names, _VARIABLE, "--dry-run"),
        execute=_commands(names, _VARIABLE, "--execute"),
        look=_commands(names, _VARIABLE, None),
        count=counted(len(groups), "group"),
    )
    return files | {"rollback.md": text}


def _offsets(rows: pl.DataFrame) -> str:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerows(rows.select("topic", "partition", "offset").iter_rows())
    return text.getvalue()


def _commands(names: Mapping[str, str], variable: str, what: str | None) -> str:
    """Return a block that asks for, or sets, the offsets of every group; its failures are noted."""
    lines: list[str] = []
    for group, file in names.items():
        lines += [f"group=$(printf '{octal(group)}.'); group=${{group%.}}", *_call(variable, file, what)]
    return block(*lines)


def _call(variable: str, file: str, what: str | None) -> Sequence[str]:
    call = (
        f'kafka-consumer-groups.sh --reset-offsets --group "$group" --from-file {file} {what}'
        if what
        else 'kafka-consumer-groups.sh --describe --group "$group"'
    )
    # The tool ends with 0 whatever happened; what it did is a table that begins with GROUP.
    checked = (
        at_end(call, variable)
        + " 2>&1 | awk '1; /^GROUP / { known = 1 } /^Error/ { wrong = 1 } END { exit wrong || !known }' ||"
    )
    return (checked, f'  failed="$failed [{file} at {variable}]"')

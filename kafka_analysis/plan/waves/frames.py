"""The waves of a source as files, and of all sources as frames and files: what people follow and programs read."""

import json
from collections.abc import Iterable, Sequence
from operator import attrgetter

import polars as pl

from kafka_analysis.plan.common.outcome import Outcome, plans_of, stacked
from kafka_analysis.plan.waves.checklist import Names
from kafka_analysis.plan.waves.commands import is_line, variables
from kafka_analysis.plan.waves.plan import WavePlan
from kafka_analysis.plan.waves.wave_contents import CLIENT_WAVES, RETENTION, STEPS, TOPIC_WAVES, WAVES

_FRAMES = {"topic_waves": TOPIC_WAVES, "client_waves": CLIENT_WAVES, "waves": WAVES, "steps": STEPS,
           "retention": RETENTION}  # fmt: skip


PLAN_SCHEMA_VERSION = 1


def wave_files(plan: WavePlan) -> dict[str, str]:
    """Return the files of a plan of waves: name → text. Nothing is written.

    Parameters
    ----------
    plan
        Result of :func:`kafka_analysis.plan.waves.plan.plan_waves`.

    Returns
    -------
    dict of str to str
        For each wave N: ``wave-N.md`` to follow, ``wave-N-topics.csv``, ``wave-N-clients.csv`` and lists that the
        commands read: of each cell's topics and groups, of topics whose retention is too short. Of all:
        ``topic_waves.csv``, ``client_waves.csv``, ``waves.csv``, and ``waves.json`` for programs: ``schema_version``
        (1), ``options``, ``bridged_waves``, ``warnings``, ``assumptions``, ``waves`` and ``retention``.

    Examples
    --------
    >>> from kafka_analysis.plan.waves.plan import plan_waves
    >>> topics = pl.DataFrame({"topic": ["a"], "bytes_in_per_s": 1e6, "bytes_out_per_s": 1e6, "size_bytes": 3e9})
    >>> flows = pl.DataFrame({"client": ["x"], "kind": "group", "topic": ["a"]})
    >>> plan = plan_waves(topics.select("topic", cell=pl.lit("cell-1")), flows, topics, start="2026-01-05",
    ...     max_share_per_wave=None)
    >>> list(wave_files(plan))
    ['wave-1.md', 'wave-1-topics.csv', 'wave-1-clients.csv', 'wave-1-CELL_1.txt', 'wave-1-CELL_1-groups.txt',
     'topic_waves.csv', 'client_waves.csv', 'waves.csv', 'waves.json']
    """
    files: dict[str, str] = {}
    for wave, text in plan.checklists.items():
        files |= {f"wave-{wave}.md": text} | _of_wave(plan, wave)
    whole = {"topic_waves": plan.topic_waves, "client_waves": _flat(plan.client_waves), "waves": plan.waves}
    return (
        files
        | {f"{name}.csv": frame.write_csv() for name, frame in whole.items()}
        | {"waves.json": _json(plan)}
    )


def _of_wave(plan: WavePlan, wave: int) -> dict[str, str]:
    topics = plan.topic_waves.filter(wave=wave)
    clients = plan.client_waves.filter(pl.col("waves").list.contains(wave))
    places = variables(plan.topic_waves["cell"].unique())
    names = Names(wave, {cell: places[cell] for cell in topics["cell"].unique().sort()}, {})
    gaps = plan.retention.filter(wave=wave)["topic"]
    groups = _groups(plan.group_cells.filter(wave=wave))
    lists = {names.list_file(cell): _lines(topics.filter(cell=cell)["topic"]) for cell in names.cells}
    return {
        names.topics_file: topics.write_csv(),
        names.clients_file: _flat(clients).write_csv(),
        **lists,
        **{names.groups_file(cell): _lines(listed) for cell, listed in groups.items()},
        **({names.retention_file: _lines(gaps)} if len(gaps) else {}),
    }


def _groups(rows: pl.DataFrame) -> dict[str, list[str]]:
    """Return the groups of each cell whose names can be lines of a file; the text names the others."""
    lists: dict[str, list[str]] = {cell: [] for cell in rows["cell"].unique().sort()}
    for cell, group in rows.select("cell", "group").iter_rows():
        lists[cell] += [group] if is_line(group) else []
    return {cell: groups for cell, groups in lists.items() if groups}


def _lines(names: Iterable[str]) -> str:
    return "".join(f"{name}\n" for name in names)


def _flat(clients: pl.DataFrame) -> pl.DataFrame:
    """Write the waves of a client as text, because CSV knows no lists."""
    return clients.with_columns(pl.col("waves").cast(pl.List(pl.String)).list.join(" "))


def _json(plan: WavePlan) -> str:
    together = [sorted(names) for names in plan.options.together]
    document = {
        "schema_version": PLAN_SCHEMA_VERSION,
        "options": plan.options.model_dump(mode="json") | {"together": together},
        "bridged_waves": plan.bridged_waves,
        "warnings": list(plan.warnings),
        "assumptions": list(plan.assumptions),
        "waves": plan.waves.to_dicts(),
        "retention": plan.retention.to_dicts(),
    }
    return json.dumps(document, indent=2, ensure_ascii=False, default=str) + "\n"


def wave_frames(outcomes: Sequence[Outcome[WavePlan]]) -> dict[str, pl.DataFrame]:
    """Return the plans of all sources as frames, each with ``cluster`` first: what figures and tables are made of.

    Examples
    --------
    >>> frames = wave_frames([Outcome("c", unknown="no cells are given")])
    >>> list(frames), frames["waves"].height
    (['topic_waves', 'client_waves', 'waves', 'steps', 'retention'], 0)
    """
    return {name: stacked(outcomes, attrgetter(name), schema) for name, schema in _FRAMES.items()}


def source_wave_files(outcomes: Sequence[Outcome[WavePlan]]) -> dict[str, dict[str, str]]:
    """Return the files of every source that has a plan: cluster → name → text.

    Examples
    --------
    >>> source_wave_files([Outcome("c", unknown="no cells are given")])
    {}
    """
    return {cluster: wave_files(plan) for cluster, plan in plans_of(outcomes).items()}


def wave_notes(outcomes: Sequence[Outcome[WavePlan]]) -> list[str]:
    """Return what the plans take for granted, a sentence each.

    Examples
    --------
    >>> wave_notes([Outcome("c", unknown="no cells are given")])
    []
    """
    return list(dict.fromkeys(note for plan in plans_of(outcomes).values() for note in plan.assumptions))

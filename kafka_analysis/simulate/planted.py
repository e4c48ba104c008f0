"""Files beside a simulated capture: what was planted, for tests, and what the clusters' users would declare."""

import csv
import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from kafka_analysis.capture.ownership import file_beside
from kafka_analysis.model.places import PRIVATE_FILE
from kafka_analysis.model.whole_files import write_atomically
from kafka_analysis.simulate.cluster import SimulatedCluster
from kafka_analysis.simulate.community import Community
from kafka_analysis.simulate.demand import season, steps_of
from kafka_analysis.simulate.layout import SOURCE, Business
from kafka_analysis.simulate.plan import Plan
from kafka_analysis.simulate.schedule import Schedule
from kafka_analysis.simulate.teams import numbered

Event = tuple[datetime, str, str, int | None, str]


OWNERSHIP = ("pattern", "kind", "team", "criticality", "application")
FLOWS = ("client", "kind", "topic", "bytes_per_s")


def declared_files(capture: Path, business: Business) -> list[Path]:
    """Return the files that say what the users of a simulated cluster would declare; none where there are no teams.

    Examples
    --------
    >>> from kafka_analysis.simulate.layout import draw_business
    >>> from kafka_analysis.simulate.plan import plan_of
    >>> declared_files(Path("c"), draw_business(plan_of({"brokers": 3, "partitions": 30})))
    []
    """
    return (
        [] if business.community is None else [file_beside(capture, what) for what in ("ownership", "flows")]
    )


def write_declared(capture: Path, plan: Plan, business: Business) -> list[Path]:
    """Write who owns what and which producer writes what beside a capture; nothing where a plan has no teams.

    Returns
    -------
    list
        The files written.

    Examples
    --------
    >>> import tempfile
    >>> from kafka_analysis.simulate.layout import draw_business
    >>> from kafka_analysis.simulate.plan import plan_of
    >>> plan = plan_of({"brokers": 3, "partitions": 30, "teams": 2})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in write_declared(Path(folder) / "c", plan, draw_business(plan))]
    ['c.ownership.csv', 'c.flows.csv']
    """
    files = declared_files(capture, business)
    if business.community is None:
        return files
    ownership, flows = files
    _write(ownership, OWNERSHIP, _owners(plan, business.community))
    _write(flows, FLOWS, _flows(plan, business, business.community))
    return files


def _owners(plan: Plan, community: Community) -> list[tuple[str, ...]]:
    """Name each client's application, then give each team what begins with its name."""
    teams = numbered("team", plan.teams)
    critical = dict(zip(teams, community.criticality, strict=True))
    clients = sorted({*plan.group_names, *(written.client for written in community.writes)})
    of_clients = [
        (name, "client", team, critical[team], name) for name in clients if (team := name.partition(".")[0])
    ]
    of_topics = [(f"{team}.*", "topic", team, critical[team], "") for team in teams]
    return [*of_topics, *of_clients]


def _flows(plan: Plan, business: Business, community: Community) -> list[tuple[str, ...]]:
    """Return what each producer says it writes, as people say it: to three digits."""
    bytes_per_s = np.bincount(business.topic, weights=business.records_per_s * business.record_bytes)
    usual = float(np.mean([season(plan, step - 0.5) for step in range(1, plan.steps + 1)]))
    names = plan.topic_names
    return [
        (
            written.client,
            "producer",
            names[written.topic],
            f"{written.share * bytes_per_s[written.topic] * usual:.3g}",
        )
        for written in sorted(community.writes, key=lambda written: (written.client, written.topic))
    ]


def _write(path: Path, header: tuple[str, ...], lines: Iterable[tuple[str, ...]]) -> None:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *lines])
    write_atomically(path, text.getvalue(), mode=PRIVATE_FILE)


def planted_file(capture: str | Path) -> Path:
    """Return the file beside a simulated capture that says what was planted in it.

    Examples
    --------
    >>> planted_file("captures/made-up").as_posix()
    'captures/made-up.planted.json'
    """
    path = Path(capture)
    named = path if path.name else path.resolve()
    return named.with_name(f"{named.name}.planted.json")


def capture_id(plan: Plan) -> str:
    """Return the id of a plan's capture: when it starts, and a hash of the plan.

    Examples
    --------
    >>> from kafka_analysis.simulate.plan import plan_of
    >>> one, other = (plan_of({"brokers": 3, "partitions": 30, "seed": seed}) for seed in (1, 2))
    >>> capture_id(one)[:17], capture_id(one) == capture_id(one), capture_id(one) == capture_id(other)
    ('20260105T000000Z-', True, False)
    """
    text = json.dumps(plan.model_dump(mode="json"), sort_keys=True)
    return f"{plan.start:%Y%m%dT%H%M%SZ}-{hashlib.sha256(text.encode()).hexdigest()[:6]}"


def timeline(plan: Plan, schedule: Schedule) -> list[Event]:
    """Return the events of the source: time, name, kind, wave, detail.

    Examples
    --------
    >>> from kafka_analysis.simulate.plan import plan_of
    >>> from kafka_analysis.simulate.schedule import draw_schedule
    >>> plan = plan_of({"brokers": 3, "partitions": 30, "effects": ["after:bytes_in=+10%"]})
    >>> [(name, detail) for _, name, _, _, detail in timeline(plan, draw_schedule(plan))][2]
    ('after:start', 'simulated: bytes_in of all topics +10 %')
    """
    return sorted(_events(plan, schedule), key=lambda event: event[:2])


def _events(plan: Plan, schedule: Schedule) -> Iterator[Event]:
    phases = (("baseline", schedule.baseline), ("after", schedule.after)) if plan.with_phases else ()
    for phase, (start, end) in phases:
        changes = [e for e in plan.effects if e.phase == phase]
        effects = "; ".join(f"{e.metric} of {e.topic or 'all topics'} {e.change * 100:+g} %" for e in changes)
        yield plan.moment(start), f"{phase}:start", "load", None, f"simulated: {effects or 'steady load'}"
        yield plan.moment(end), f"{phase}:end", "load", None, "simulated"
    if schedule.mirror_from is not None:
        detail = "simulated: from here on, not what was there before"
        yield plan.moment(schedule.mirror_from), "mirror start", "replication", None, detail
    for wave, (step, cell) in enumerate(zip(schedule.cutovers, numbered("cell", plan.cells), strict=True), 1):
        detail = f"simulated: its topics move to {cell}"
        yield plan.moment(step), f"cutover to {cell}", "cutover", wave, detail
    for restart in schedule.restarts:
        gone, back = (plan.moment(n - 1 + schedule.fraction[n]) for n in (restart.first, restart.last))
        name = f"broker {restart.broker + 1}"
        yield gone, f"{name} restarts", "fault", None, "simulated: its counters begin at 0"
        yield back, f"{name} leads again", "recovery", None, "simulated"


def describe_planted(
    plan: Plan, schedule: Schedule, business: Business, clusters: list[SimulatedCluster]
) -> dict[str, Any]:
    """Say what was planted, where and when, as JSON values; called when the simulation is over.

    Examples
    --------
    >>> from kafka_analysis.simulate.layout import draw_business
    >>> from kafka_analysis.simulate.plan import plan_of
    >>> from kafka_analysis.simulate.schedule import draw_schedule
    >>> plan = plan_of({"brokers": 3, "partitions": 30, "hot_brokers": ["2:1.5"]})
    >>> describe_planted(plan, draw_schedule(plan), draw_business(plan), [])["hot_brokers"]
    [{'cluster': 'monolith', 'broker': 2, 'factor': 1.5}]
    """
    moments = plan.moment
    return {
        "plan": plan.model_dump(mode="json"),
        "hot_brokers": [{"cluster": SOURCE, **hot.model_dump()} for hot in plan.hot_brokers],
        "skewed_topics": [{"partition": 0, **planted.model_dump()} for planted in plan.skewed_topics],
        "resets": [
            {
                "cluster": SOURCE,
                "broker": planted.broker + 1,
                "last_scrape_before": moments(planted.first - 1).isoformat(),
                "first_scrape_after": moments(planted.first).isoformat(),
                "leads_again_by": moments(planted.last).isoformat(),
            }
            for planted in schedule.restarts
        ],
        "gaps": [
            {
                "cluster": SOURCE,
                "broker": planted.broker + 1,
                "first_missed": moments(planted.first).isoformat(),
                "last_missed": moments(planted.last).isoformat(),
                "scrapes": planted.last - planted.first + 1,
            }
            for planted in schedule.missed
        ],
        "lagging_groups": [row for cluster in clusters for row in _lagging(plan, business, cluster)],
        "effects": [
            {
                **effect.model_dump(),
                "start": moments(steps_of(effect, schedule)[0]).isoformat(),
                "end": moments(steps_of(effect, schedule)[1]).isoformat(),
            }
            for effect in plan.effects
        ],
        **_community(plan, business, clusters),
    }


def _community(plan: Plan, business: Business, clusters: list[SimulatedCluster]) -> dict[str, Any]:
    """Say which teams are neighbours, and what each group read and each producer wrote of each topic."""
    drawn = business.community
    if drawn is None:
        return {}
    topics, groups = plan.topic_names, plan.group_names
    return {
        "neighbourhoods": dict(
            zip(numbered("team", plan.teams), (drawn.neighbourhood + 1).tolist(), strict=True)
        ),
        "wide_groups": [groups[group] for group in drawn.wide],
        "writes": [[written.client, topics[written.topic], written.share] for written in drawn.writes],
        "reads": [row for cluster in clusters for row in _reads(cluster, groups)],
    }


def _reads(cluster: SimulatedCluster, groups: list[str]) -> list[list[Any]]:
    """Return cluster, group, topic, and the bytes the group read of it from the first to the last scrape."""
    layout, place = cluster.layout, cluster.pair_place
    sizes = cluster.read_records * layout.record_bytes[place]
    keys, which = np.unique(
        cluster.pair_group * len(layout.topics) + layout.topic[place], return_inverse=True
    )
    read = np.bincount(which, weights=sizes, minlength=len(keys))
    return [
        [layout.name, groups[key // len(layout.topics)], layout.topics[key % len(layout.topics)], float(size)]
        for key, size in zip(keys.tolist(), read, strict=True)
    ]


def _lagging(plan: Plan, business: Business, cluster: SimulatedCluster) -> list[dict[str, Any]]:
    names, lag = plan.group_names, cluster.lag_at_end()
    groups = sorted({int(g) for g in cluster.pair_group if business.lagging[g]})
    return [
        {
            "cluster": cluster.layout.name,
            "group": names[group],
            "share_read": plan.lagging_share,
            "lag_records_at_end": int(lag[cluster.pair_group == group].sum()),
        }
        for group in groups
    ]


def write_planted(capture: Path, planted: dict[str, Any]) -> Path:
    """Write what was planted beside a capture, whole or not at all; return the file.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_planted(Path(folder) / "c", {"gaps": []}).name
    'c.planted.json'
    """
    target = planted_file(capture)
    write_atomically(target, json.dumps(planted, indent=2, ensure_ascii=False) + "\n", mode=PRIVATE_FILE)
    return target

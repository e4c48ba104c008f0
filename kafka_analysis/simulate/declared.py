"""What the users of a simulated cluster would declare: files beside the capture, as people write them by hand."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO
from pathlib import Path

import numpy as np

from kafka_analysis.capture.ownership import file_beside
from kafka_analysis.model.places import PRIVATE_FILE
from kafka_analysis.model.whole_files import write_atomically
from kafka_analysis.simulate.community import Community
from kafka_analysis.simulate.demand import season
from kafka_analysis.simulate.layout import Business
from kafka_analysis.simulate.plan import Plan
from kafka_analysis.simulate.teams import numbered

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

"""What the sample's users would declare: who owns topics and clients, and which producer writes what.

`python -m testbed.declared data/sample` writes both files beside the capture. Groups are measured, not declared.
"""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

from kafka_analysis.capture.ownership import file_beside
from testbed.scenario import Scenario, load_scenario

CRITICALITY = {
    "payments": "critical",
    "orders": "critical",
    "logistics": "high",
    "web": "medium",
    "search": "medium",
    "platform": "low",
}
OWNERSHIP = ("pattern", "kind", "team", "criticality", "application")
FLOWS = ("client", "kind", "topic", "bytes_per_s", "transactional_id")


def ownership_lines(scenario: Scenario) -> list[tuple[str, ...]]:
    """Return a line for each topic and group of the scenario, and one for each team's producers, named after it.

    Examples
    --------
    >>> ownership_lines(load_scenario("full"))[0]
    ('orders.created', 'topic', 'orders', 'critical', '')
    """
    topics = [(t.name, "topic", t.team, CRITICALITY.get(t.team, ""), "") for t in scenario.topics]
    groups = [(g.name, "group", g.team, CRITICALITY.get(g.team, ""), g.name) for g in scenario.groups]
    teams = sorted({topic.team for topic in scenario.topics})
    producers = [(f"{team}.*", "producer", team, CRITICALITY.get(team, ""), "") for team in teams]
    return [*topics, *groups, *producers]


def flow_lines(scenario: Scenario) -> list[tuple[str, ...]]:
    """Return a line for each topic's producer: its client id, what it is meant to write, its transactional id.

    Examples
    --------
    >>> flow_lines(load_scenario("full"))[0]
    ('orders.orders.created.producer', 'producer', 'orders.created', '120000', '')
    """
    lines = []
    for topic in scenario.topics:
        client = f"{topic.team}.{topic.name}.producer"
        transactional = client if topic.shape == "transactional" else ""
        lines.append((client, "producer", topic.name, f"{topic.bytes_per_s:g}", transactional))
    return lines


def as_csv(header: tuple[str, ...], lines: list[tuple[str, ...]]) -> str:
    r"""Return lines as CSV.

    Examples
    --------
    >>> as_csv(("client", "topic"), [("a,b", "t")])
    'client,topic\n"a,b",t\n'
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *lines])
    return text.getvalue()


def declared_files(scenario: Scenario, capture: Path) -> dict[Path, str]:
    """Return the files beside a capture of a scenario, and what they hold."""
    return {
        file_beside(capture, "ownership"): as_csv(OWNERSHIP, ownership_lines(scenario)),
        file_beside(capture, "flows"): as_csv(FLOWS, flow_lines(scenario)),
    }


if __name__ == "__main__":
    for path, text in declared_files(load_scenario("full"), Path(sys.argv[1])).items():
        path.write_text(text, encoding="utf-8")

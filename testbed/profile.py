"""Write the profile with which `kafka-analysis capture` reads the running testbed."""

from __future__ import annotations

import json
from pathlib import Path

from testbed.clusters import Cluster, State
from testbed.jars import POMS, kafka_version
from testbed.ports import HOST

PROFILE = "kafka-analysis.toml"
LEAST_SCRAPE_S = 10.0


def profile_text(state: State) -> str:
    """Return the profile as TOML: clusters, every broker's agent, the replicator's metrics with the source."""
    patience = f"scrape_timeout_s = {max(LEAST_SCRAPE_S, state.scenario.scrape_interval_s)}\n"
    return "\n".join([patience, *(_cluster_text(state, cluster) for cluster in state.clusters)])


def _cluster_text(state: State, cluster: Cluster) -> str:
    endpoints = [
        f'  {{broker = {node.id}, kind = "jmx", url = "{node.agent_url}"}},' for node in cluster.nodes
    ]
    if cluster.role == "source":
        endpoints.append(f'  {{kind = "jmx", url = "{mirror_url(state)}"}},  # the replicator')
    fields = {
        "name": cluster.name,
        "role": cluster.role,
        "flavour": cluster.flavour,
        **({"instance_type": spec.instance_type} if (spec := state.spec(cluster)).instance_type else {}),
        "kafka_version": kafka_version(pom=POMS[state.spec(cluster).kafka]),
        "bootstrap_servers": cluster.bootstrap,
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in fields.items()]
    return "\n".join(["[[clusters]]", *lines, "endpoints = [", *endpoints, "]", ""])


def mirror_url(state: State) -> str:
    """Return the address of the replicator's metrics (it answers only while MirrorMaker, or a Flink job, runs)."""
    return f"http://{HOST}:{state.mirror_agent_port}/metrics"


def write_profile(state: State) -> Path:
    """Write the profile into the run folder and return its path."""
    path = state.run_dir / PROFILE
    path.write_text(profile_text(state), encoding="utf-8")
    return path

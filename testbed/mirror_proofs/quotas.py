"""A client quota that makes a mirror slow, as operators set one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from testbed.clusters import Cluster, State
from testbed.tools import CONFIGS, run_tool

QUOTA = "producer_byte_rate"


@contextmanager
def producers_slowed(state: State, cluster: Cluster, bytes_per_s: int) -> Iterator[None]:
    """Let each client id send so many bytes a second to each broker of a cluster for the time of a block."""
    where = [
        "--bootstrap-server",
        cluster.bootstrap,
        "--alter",
        "--entity-type",
        "clients",
        "--entity-default",
    ]
    run_tool(state, CONFIGS, [*where, "--add-config", f"{QUOTA}={bytes_per_s}"])
    try:
        yield
    finally:
        run_tool(state, CONFIGS, [*where, "--delete-config", QUOTA])

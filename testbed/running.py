"""Bring the testbed up, tell what runs, and take it down again, whatever happened before."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from testbed import brokers, processes
from testbed.admin import Admin
from testbed.clusters import MARKER, Cluster, State, lay_out, load_state, ports_needed
from testbed.errors import TestbedError
from testbed.jars import ensure_jars, jars_of, java
from testbed.ports import free_ports
from testbed.profile import write_profile
from testbed.scenario import Scenario

Say = Callable[[str], None]


def up(scenario: Scenario, *, run_dir: Path, first_port: int | None = None, say: Say) -> State:
    """Start all clusters of a scenario and create the source's topics.

    Nothing is left running if this fails or is interrupted.

    Raises
    ------
    TestbedError
        If one is running already, a tool or port is missing, or a broker does not start.
    """
    refuse_second(run_dir)
    java()
    ports = free_ports(ports_needed(scenario), first=first_port)
    lib = ensure_jars()
    has_older = any(spec.kafka == "3.9" for spec in scenario.clusters)
    older_lib = jars_of("3.9") if has_older else None
    _clear(run_dir)
    state = lay_out(scenario, ports, run_dir=run_dir, lib=lib, older_lib=older_lib)
    with taken_down_on_failure(run_dir):
        state.save()
        say(f"formatting {sum(len(c.nodes) for c in state.clusters)} brokers")
        brokers.prepare(state)
        say("starting them")
        brokers.start_all(state)
        create_topics(state)
        profile = write_profile(state)
    say(f"up: {', '.join(f'{c.name} at {c.bootstrap}' for c in state.clusters)}")
    say(f"profile for `kafka-analysis capture --profile`: {profile}")
    return state


def refuse_second(run_dir: Path) -> None:
    """Raise an error that names what runs, if anything does."""
    alive = processes.running(run_dir)
    if alive:
        names = ", ".join(f"{child.name} (pid {child.pid})" for child in alive)
        message = f"a testbed is running in {run_dir}: {names}; end it with `python -m testbed down`"
        raise TestbedError(message)


def _clear(run_dir: Path) -> None:
    if run_dir.exists() and any(run_dir.iterdir()) and not (run_dir / MARKER).exists():
        message = f"{run_dir} holds something else: choose an empty --run-dir"
        raise TestbedError(message)
    shutil.rmtree(run_dir, ignore_errors=True)
    run_dir.mkdir(parents=True)
    (run_dir / MARKER).touch()


@contextmanager
def taken_down_on_failure(run_dir: Path) -> Iterator[None]:
    """Stop every process of the run folder if the block fails or is interrupted; logs stay."""
    try:
        yield
    except BaseException:
        processes.stop(processes.running(run_dir), patience_s=5)
        raise


def create_topics(state: State) -> None:
    """Create the source's topics with their hand-made assignments."""
    admin = Admin(state.source.bootstrap)
    for topic in state.scenario.topics:
        admin.create(topic.name, topic.assignment(), topic.configs)


def down(run_dir: Path, *, keep: bool) -> int:
    """Stop everything of the run folder, delete it unless `keep`, and return how many processes that were."""
    alive = processes.running(run_dir)
    clients = [child for child in alive if not _is_broker(child) and not _is_zookeeper(child)]
    processes.stop(clients, patience_s=10)
    processes.stop([child for child in alive if _is_broker(child)])
    processes.stop(processes.running(run_dir))
    if not keep and (run_dir / MARKER).exists():
        shutil.rmtree(run_dir)
    return len(alive)


def _is_broker(child: processes.Child) -> bool:
    return child.name.rpartition("-")[2].isdigit()


def _is_zookeeper(child: processes.Child) -> bool:  # a broker that stops still needs it
    return child.name.endswith(f"-{brokers.ZOOKEEPER}")


def status(run_dir: Path) -> list[str]:
    """Return one line per process that runs, and per broker that should and does not."""
    state = load_state(run_dir)
    lines = [f"{child.name}: pid {child.pid}" for child in processes.running(run_dir)]
    return lines + [line for cluster in state.clusters for line in _missing(state, cluster)]


def _missing(state: State, cluster: Cluster) -> list[str]:
    names = [brokers.name_of(cluster, node.id) for node in cluster.nodes]
    return [f"{name}: not running" for name in names if processes.find(state.run_dir, name) is None]

"""Compile and start the job of `Copy.java`, and kill it."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterable
from pathlib import Path

from testbed import processes
from testbed.admin import Admin
from testbed.brokers import JVM, answers
from testbed.clusters import Cluster, State
from testbed.errors import TestbedError
from testbed.jars import CACHE, ensure_jars, java, javac
from testbed.profile import mirror_url
from testbed.waiting import wait_for

NAME = "flink"
SOURCES = Path(__file__).parent
READY_WITHIN_S = 120
COMPILE_WITHIN_S = 120
CHECKPOINT_S = 5.0  # as Copy.java has it
HEAP_MB = 192
_REPORTER = "org.apache.flink.metrics.prometheus.LoopbackReporterFactory"


def flink_jars() -> Path:
    """Return the folder with Flink's jars, fetched first where they are not there."""
    return ensure_jars(cache=CACHE.with_name("lib-flink"), pom=SOURCES / "pom.xml")


def compile_job(lib: Path, classes: Path) -> None:
    """Compile the job; as a single source file the mini cluster would not find its classes.

    Raises
    ------
    TestbedError
        If there is no compiler or it refuses the job.
    """
    services = classes / "META-INF" / "services"
    services.mkdir(parents=True, exist_ok=True)
    service = services / "org.apache.flink.metrics.reporter.MetricReporterFactory"
    service.write_text(f"{_REPORTER}\n", encoding="utf-8")
    sources = [str(path) for path in sorted(SOURCES.glob("*.java"))]
    command = [javac(), "-nowarn", "-d", str(classes), "-cp", f"{lib}/*", *sources]
    done = subprocess.run(command, capture_output=True, text=True, timeout=COMPILE_WITHIN_S, check=False)
    if done.returncode != 0:
        message = f"the Flink job does not compile: {' '.join(done.stderr.split())[:300]}"
        raise TestbedError(message)


def create_topics(state: State, target: Cluster) -> None:
    """Create the source's topics at the target as well: the job copies records only."""
    admin, brokers = Admin(target.bootstrap), [node.id for node in target.nodes]
    for topic in state.scenario.topics:
        copies = brokers[: topic.replication_factor]
        admin.create(topic.name, [copies] * topic.partitions, topic.configs)


def start_job(state: State, target: Cluster, topics: Iterable[str]) -> processes.Child:
    """Start the job, which goes on where its last checkpoint left off, and wait until its metrics answer."""
    folder, lib = state.run_dir / NAME, flink_jars()
    classes, temporary = folder / "classes", folder / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    if not classes.exists():
        compile_job(lib, classes)
    options = [f"-Xmx{HEAP_MB}m", *JVM, f"-Djava.io.tmpdir={temporary}", "-cp", f"{classes}:{lib}/*"]
    ends = [state.source.bootstrap, target.bootstrap]
    command = [java(), *options, "Copy", NAME, *ends, ",".join(topics), str(state.mirror_agent_port)]
    child = processes.start(
        NAME, command, run_dir=state.run_dir, log=folder / "flink.log", nice=processes.NICE
    )

    def ready() -> bool:
        if not child.alive():
            message = f"the Flink job ended while starting: see {folder / 'flink.log'}"
            raise TestbedError(message)
        return answers(mirror_url(state))

    wait_for(ready, "the start of the Flink job", within_s=READY_WITHIN_S, where=folder)
    return child


def kill_job(child: processes.Child) -> None:
    """Kill the job without warning, as a lost machine would go."""
    processes.kill(child, signal.SIGKILL)
    processes.stop([child])

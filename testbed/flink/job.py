"""Compile and start the job of `Copy.java`, and kill it."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterable
from pathlib import Path

from testbed import processes
from testbed.admin import Admin
from testbed.brokers import JVM
from testbed.clusters import Cluster, State
from testbed.errors import TestbedError
from testbed.jars import CACHE, ensure_jars, java, javac

NAME = "flink"
SOURCES = Path(__file__).parent
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


def prepare(state: State) -> None:
    """Compile the job into the run folder."""
    compile_job(flink_jars(), state.run_dir / NAME / "classes")


def launch(state: State, target: Cluster, topics: Iterable[str]) -> processes.Child:
    """Start the prepared job, which goes on where its last checkpoint left off; it does not copy yet.

    Its metrics are at the address that MirrorMaker's have otherwise.
    """
    folder = state.run_dir / NAME
    temporary = folder / "tmp"  # it leaves files behind
    temporary.mkdir(exist_ok=True)
    options = [f"-Xmx{HEAP_MB}m", *JVM, f"-Djava.io.tmpdir={temporary}"]
    ends = [state.source.bootstrap, target.bootstrap]
    command = [java(), *options, "-cp", f"{folder / 'classes'}:{flink_jars()}/*", "Copy", NAME, *ends]
    return processes.start(
        NAME,
        [*command, ",".join(topics), str(state.mirror_agent_port)],
        run_dir=state.run_dir,
        log=folder / "flink.log",
        nice=processes.NICE,
    )


def kill_job(child: processes.Child) -> None:
    """Kill the job without warning, as a lost machine would go."""
    processes.kill(child, signal.SIGKILL)
    processes.stop([child])

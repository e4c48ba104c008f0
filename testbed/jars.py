"""Fetch the servers' jars once from Maven Central, as testbed/pom.xml pins them."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from pathlib import Path

from filelock import FileLock

from testbed.errors import TestbedError
from testbed.scenario import Kafka

POM = Path(__file__).with_name("pom.xml")
CACHE = Path(__file__).parents[1] / ".testbed" / "lib"
POMS: dict[Kafka, Path] = {"newest": POM, "3.9": POM.with_name("kafka-3.9.xml")}
CACHES: dict[Kafka, Path] = {"newest": CACHE, "3.9": CACHE.with_name("lib-3.9")}
AGENT = "jmx_prometheus_javaagent-0.12.0.jar"
MAVEN_TIMEOUT_S = 600


def java() -> str:
    """Return the path of the Java launcher.

    Raises
    ------
    TestbedError
        If there is none.
    """
    return _tool("java", "install a JDK 17 or newer")


def javac() -> str:
    """Return the path of the Java compiler.

    Raises
    ------
    TestbedError
        If there is none.
    """
    return _tool("javac", "install a JDK 17 or newer; a runtime alone has no compiler")


def kafka_version(*, pom: Path = POM) -> str:
    """Return the version of Kafka that the pom pins."""
    found = re.search(r"<kafka\.version>([^<]+)</kafka\.version>", pom.read_text(encoding="utf-8"))
    if found is None:
        message = f"{pom} does not pin <kafka.version>; restore it"
        raise TestbedError(message)
    return found[1]


def jars_of(kafka: Kafka) -> Path:
    """Return the folder with the jars of a version of Kafka, fetched first where they are not there."""
    return ensure_jars(cache=CACHES[kafka], pom=POMS[kafka])


def ensure_jars(*, cache: Path = CACHE, pom: Path = POM) -> Path:
    """Return the folder with all jars, copied there first unless the stamp of `pom` is already in it.

    Of several processes one fetches, and the others wait for it.
    """
    cache.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(cache.parent / "jars.lock", timeout=2 * MAVEN_TIMEOUT_S):
        return _ensured(cache, pom)


def _ensured(cache: Path, pom: Path) -> Path:
    stamp = cache / "pom.sha256"
    wanted = hashlib.sha256(pom.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return cache
    maven = _tool("mvn", "install Apache Maven 3.8 or newer")
    shutil.rmtree(cache, ignore_errors=True)
    command = [
        maven,
        "-q",
        "-B",
        "-f",
        str(pom),
        "dependency:copy-dependencies",
        f"-DoutputDirectory={cache}",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=MAVEN_TIMEOUT_S, check=False)
    if done.returncode != 0:
        lines = [line for line in done.stdout.splitlines() if line.strip()] or [
            f"exit status {done.returncode}"
        ]
        message = f"maven could not fetch the jars of {pom.name}: {lines[0]}"
        raise TestbedError(message)
    stamp.write_text(wanted)
    (cache.parent / ".gitignore").write_text("*\n")
    return cache


def _tool(name: str, hint: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise TestbedError.tool_missing(name, hint)
    return found

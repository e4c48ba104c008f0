"""A real Prometheus on the loopback, from Debian's package, and pages for it to scrape."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest


@contextmanager
def prometheus(program: str, folder: Path, *, targets: tuple[str, ...] = ()) -> Iterator[str]:
    """Run a server that scrapes targets every second and keeps its data below a folder; yield its address."""
    address = f"127.0.0.1:{_free_port()}"
    config = folder / "prometheus.yml"
    listed = ", ".join(f'"{target}"' for target in targets)
    config.write_text(
        "global: {scrape_interval: 1s, scrape_timeout: 1s}\n"
        f"scrape_configs: [{{job_name: kafka, static_configs: [{{targets: [{listed}]}}]}}]\n"
    )
    command = [
        program,
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'data'}",
        "--storage.tsdb.retention.time=20y",
        f"--web.listen-address={address}",
        "--log.level=warn",
    ]
    log = folder / "prometheus.log"
    with log.open("w") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            until(lambda: _answers(f"http://{address}/-/ready"), f"no ready Prometheus; see {log}", process)
            yield f"http://{address}"
        finally:
            process.terminate()


def ask(url: str, query: str) -> list[float]:
    """Return the values of an instant query now."""
    found = httpx.get(f"{url}/api/v1/query", params={"query": query}, trust_env=False, timeout=10).json()
    return [float(one["value"][1]) for one in found["data"]["result"]]


def until(holds: Callable[[], bool], what: str, process: subprocess.Popen | None = None) -> None:
    """Ask again and again whether something holds; fail after a minute, or when the process has ended."""
    deadline = time.monotonic() + 60
    while not holds():
        if time.monotonic() > deadline or (process is not None and process.poll() is not None):
            pytest.fail(what)
        time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False, timeout=1).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def pages_of(page: Callable[[int], str | None]) -> Iterator[str]:
    """Serve page(0), page(1), … one a scrape, and errors from the first None on; yield host and port."""

    class Handler(BaseHTTPRequestHandler):
        served = 0

        def do_GET(self) -> None:
            text = page(Handler.served)
            Handler.served += text is not None
            body = (text or "down").encode()
            self.send_response(500 if text is None else 200)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

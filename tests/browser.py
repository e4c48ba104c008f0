"""A headless Chromium, driven over its DevTools protocol, and a JupyterLab on the loopback for it to open."""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
from websocket import WebSocket, create_connection

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome")
PATIENCE_S = 90


def chromium() -> str | None:
    """Return the path of a browser that can be driven, or None."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


class Page:
    """One page of a browser: go somewhere, evaluate JavaScript, take a picture."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket, self._number = socket, 0

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol and return its result."""
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while (answer := json.loads(self._socket.recv())).get("id") != self._number:
            pass
        assert "error" not in answer, answer
        return answer["result"]

    def evaluate(self, script: str) -> Any:
        """Return the value of an expression, awaited."""
        answer = self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def until(self, script: str) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + PATIENCE_S
        while not self.evaluate(script):
            assert time.monotonic() < end, f"never true: {script}"
            time.sleep(0.1)

    def go(self, address: str, *, width: int = 1280, height: int = 900) -> None:
        """Open an address in a window of a size in pixels."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        self.send("Page.navigate", url=address)
        self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    def picture(self, path: Path) -> None:
        """Write what is seen as PNG."""
        path.write_bytes(base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"]))


@contextmanager
def browsing(program: str, folder: Path) -> Iterator[Page]:
    """Run a browser whose profile is below a folder; yield its page."""
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
    places = ["--remote-debugging-port=0", f"--user-data-dir={folder}", "about:blank"]
    quiet = subprocess.DEVNULL
    with subprocess.Popen([program, *options, *places], stdout=quiet, stderr=quiet) as process:
        try:
            port = _wait_for(folder / "DevToolsActivePort").splitlines()[0]
            pages = httpx.get(f"http://127.0.0.1:{port}/json").json()
            address = next(page["webSocketDebuggerUrl"] for page in pages if page["type"] == "page")
            with closing(create_connection(address, timeout=PATIENCE_S, suppress_origin=True)) as socket:
                yield Page(socket)
        finally:
            process.terminate()


@contextmanager
def jupyterlab(folder: Path, data: Path) -> Iterator[str]:
    """Run JupyterLab over a folder, its settings and signatures below ``data``; yield the address to open."""
    token = secrets.token_hex(16)
    places = {name: str(data / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR")}
    lab = {f"JUPYTERLAB_{name}_DIR": str(data / name.lower()) for name in ("SETTINGS", "WORKSPACES")}
    environment = {**os.environ, **places, **lab, "JUPYTER_DATA_DIR": str(data)}
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser"),
        *("--ServerApp.ip=127.0.0.1", "--ServerApp.port=0", f"--IdentityProvider.token={token}"),
        *(
            f"--ServerApp.root_dir={folder}",
            "--LabApp.news_url=",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        ),
    ]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet) as process:
        try:
            server = json.loads(
                _wait_for(Path(places["JUPYTER_RUNTIME_DIR"]) / f"jpserver-{process.pid}.json")
            )
            yield f"{server['url']}lab?token={token}"
        finally:
            process.terminate()


def _wait_for(file: Path) -> str:
    """Return the text of a file once a program has written it."""
    end = time.monotonic() + PATIENCE_S
    while not (file.is_file() and file.read_text(encoding="utf-8").strip()):
        assert time.monotonic() < end, f"{file.name} was never written"
        time.sleep(0.05)
    return file.read_text(encoding="utf-8")

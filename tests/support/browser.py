"""A headless Chromium, driven through chromedriver's own HTTP protocol: no more than the report's tests need.

Two programs must be on the PATH: the browser (`chromium`, `chromium-browser` or `google-chrome`) and `chromedriver`,
which Debian has in a package of its own: apt install chromium chromium-driver. Where one of them is missing, tests in a
browser are skipped and say which; with SWAPCHARGE_BROWSER_REQUIRED=1, as in .ci/run, they fail.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from patience import PATIENCE

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
DRIVER = "chromedriver"
REQUIRED = "SWAPCHARGE_BROWSER_REQUIRED"
OPTIONS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
    "--disable-default-apps", "--hide-scrollbars",
)  # fmt: skip


def missing() -> str:
    """Which of the two programs this machine lacks, in words; "" if neither."""
    lacking = [] if any(map(shutil.which, CHROMIUM)) else [f"a browser ({', '.join(CHROMIUM)})"]
    lacking += [] if shutil.which(DRIVER) else [DRIVER]
    return f"not on the PATH: {' and '.join(lacking)} (Debian: apt install chromium chromium-driver)" if lacking else ""


needs_browser = pytest.mark.skipif(
    bool(missing()) and os.environ.get(REQUIRED, "") in ("", "0"),
    reason=f"{missing()}; {REQUIRED}=1 makes that a failure",
)


class Browser:
    """One window. `run` evaluates the body of a JavaScript function, `devtools` speaks Chrome's own protocol."""

    def __init__(self, port: int, binary: str, profile: Path) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self._wait()
        chrome = {"binary": binary, "args": [*OPTIONS, f"--user-data-dir={profile}"]}
        wanted = {"goog:chromeOptions": chrome, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
        session = self._send("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self.session = f"/session/{session['sessionId']}"

    def _wait(self) -> None:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                if self._send("GET", "/status")["ready"]:
                    return
            except OSError:
                if time.monotonic() > until:
                    raise
            time.sleep(0.05)

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from None

    def open(self, page: Path) -> None:
        """Load a file; the logs begin anew."""
        self.log("performance")
        self.log("browser")
        self._send("POST", f"{self.session}/url", {"url": page.resolve().as_uri()})

    def run(self, script: str) -> Any:
        """What the body of a function returns in the page."""
        return self._send("POST", f"{self.session}/execute/sync", {"script": script, "args": []})

    def devtools(self, command: str, **parameters: Any) -> Any:
        """Send a command of the DevTools protocol."""
        return self._send("POST", f"{self.session}/goog/cdp/execute", {"cmd": command, "params": parameters})

    def log(self, kind: str) -> list[dict[str, Any]]:
        """The entries of a log ("browser" or "performance") since it was last asked for."""
        entries: list[dict[str, Any]] = self._send("POST", f"{self.session}/se/log", {"type": kind})
        return entries

    def requested(self) -> list[str]:
        """Every address that was asked for since the page was opened."""
        messages = [json.loads(entry["message"])["message"] for entry in self.log("performance")]
        sent = [one["params"] for one in messages if one["method"] == "Network.requestWillBeSent"]
        return [one["request"]["url"] for one in sent]

    def size(self, width: int, height: int, *, mobile: bool = False) -> None:
        """Set the size of the window's inside, in CSS pixels."""
        scale = 2 if mobile else 1
        self.devtools(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=mobile
        )

    def scheme(self, name: str, media: str = "") -> None:
        """Say which colours the system prefers, and whether the page is shown or printed."""
        features = [{"name": "prefers-color-scheme", "value": name}]
        self.devtools("Emulation.setEmulatedMedia", media=media, features=features)

    def picture(self, *, whole: bool = True) -> bytes:
        """The page as PNG."""
        shot = self.devtools("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        return base64.b64decode(shot["data"])

    def quit(self) -> None:
        """Close the window."""
        self._send("DELETE", self.session)


@contextmanager
def browsing(folder: Path) -> Iterator[Browser]:
    """A browser with a profile of its own in `folder`."""
    assert not missing(), missing()
    binary = next(path for name in CHROMIUM if (path := shutil.which(name)))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    driver = subprocess.Popen([str(shutil.which(DRIVER)), f"--port={port}"], **quiet)
    try:
        browser = Browser(port, binary, folder / "profile")
        try:
            yield browser
        finally:
            browser.quit()
    finally:
        driver.terminate()
        driver.wait(PATIENCE)

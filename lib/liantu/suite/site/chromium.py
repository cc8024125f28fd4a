"""A headless Chromium that prints pages, driven over its own pipe: no port is open, and it never outlives this process."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from liantu.errors import LiantuError

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge",
            "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium")
VARIABLE = "LIANTU_CHROMIUM"
PAGE_LIMIT_SECONDS = 60.0
"""How long one page may take to open or to print."""
_FLAGS = ("--headless=new", "--remote-debugging-pipe", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
          "--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-breakpad", "--no-first-run",
          "--no-default-browser-check", "--metrics-recording-only", "--mute-audio", "--password-store=basic", "--use-mock-keychain",
          # pages ask no host; nor shall the browser itself
          "--host-resolver-rules=MAP * ~NOTFOUND", "--no-proxy-server", "--disable-quic")

_LONGEST_FOLDER = 40
# shells take only small numbers for descriptors, and code between fork and exec is not safe beside threads
_BECOME = "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); os.execv(sys.argv[3], sys.argv[3:])"


def chromium_program() -> str:
    """The Chromium, Chrome or Edge to use: what LIANTU_CHROMIUM names, else the first of `PROGRAMS` on this machine.

    Raises LiantuError that names LIANTU_CHROMIUM and says what to install.
    """
    if os.name == "nt":
        raise LiantuError("liantu prints on Linux and macOS; elsewhere open the page and print it from the browser")
    named = os.environ.get(VARIABLE)
    if named:
        found = shutil.which(Path(named).expanduser())
        if not found:
            raise LiantuError(f"{VARIABLE}={named}: there is no such program; let it name a Chromium or Chrome, or unset it")
        return found
    found = next((path for name in PROGRAMS if (path := shutil.which(name))), None)
    if not found:
        raise LiantuError(f"PDF needs Chromium and none is on this machine: install it (Debian, Ubuntu: apt install chromium; macOS: brew "
                          f"install --cask chromium), or let {VARIABLE} name a Chromium or Chrome")
    return found


class Browser:
    """One running browser with one tab. Messages are JSON objects, each ended by a zero byte (the Chrome DevTools Protocol)."""

    def __init__(self, process: subprocess.Popen[bytes], reading: int, writing: int) -> None:
        self._process, self._reading, self._writing = process, reading, writing
        self._number, self._buffer = 0, bytearray()
        self._events: list[dict[str, Any]] = []
        target = self._ask("Target.createTarget", {"url": "about:blank"}, session="")["targetId"]
        self._session = self._ask("Target.attachToTarget", {"targetId": target, "flatten": True}, session="")["sessionId"]
        self._ask("Page.enable", {})

    def open(self, path: Path) -> None:
        """Open a file and wait until it, its pictures and its fonts are there."""
        self._events.clear()
        answer = self._ask("Page.navigate", {"url": path.resolve().as_uri()})
        if answer.get("errorText"):
            raise LiantuError(f"{path}: Chromium could not open it: {answer['errorText']}")
        until = time.monotonic() + PAGE_LIMIT_SECONDS
        while not any(event.get("method") == "Page.loadEventFired" for event in self._events):
            self._read(until, f"opening {path.name}")

    def run(self, script: str) -> Any:
        """The value of a JavaScript expression in the page, awaited."""
        answer = self._ask("Runtime.evaluate", {"expression": script, "awaitPromise": True, "returnByValue": True})
        if "exceptionDetails" in answer:
            raise LiantuError(f"Chromium: {answer['exceptionDetails'].get('exception', {}).get('description', 'a script failed')}")
        return answer["result"].get("value")

    def pdf(self) -> bytes:
        """The page as PDF: paper and margins as its style sheets say, else A4."""
        options = {"preferCSSPageSize": True, "printBackground": True, "paperWidth": 8.27, "paperHeight": 11.69, "generateTaggedPDF": True,
                   "generateDocumentOutline": True}
        return base64.b64decode(self._ask("Page.printToPDF", options)["data"])

    def _ask(self, method: str, parameters: dict[str, Any], session: str | None = None) -> dict[str, Any]:
        self._number += 1
        asked: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if session is None:
            asked["sessionId"] = self._session
        try:
            os.write(self._writing, json.dumps(asked).encode() + b"\0")
        except BrokenPipeError:
            raise LiantuError(f"Chromium ended while it was asked for {method}") from None
        until = time.monotonic() + PAGE_LIMIT_SECONDS
        while (answer := self._read(until, method)).get("id") != self._number:
            pass
        if "error" in answer:
            raise LiantuError(f"Chromium: {method}: {answer['error'].get('message')}")
        return answer["result"]

    def _read(self, until: float, what: str) -> dict[str, Any]:
        """The next message; events are kept."""
        while (end := self._buffer.find(b"\0")) < 0:
            ready, _, _ = select.select([self._reading], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                raise LiantuError(f"Chromium did not answer within {PAGE_LIMIT_SECONDS:.0f} s ({what})")
            received = os.read(self._reading, 1 << 20)
            if not received:
                raise LiantuError(f"Chromium ended with code {self._process.wait()} ({what}); {VARIABLE} may name another one")
            self._buffer += received
        message = json.loads(self._buffer[:end])
        del self._buffer[:end + 1]
        if "method" in message:
            self._events.append(message)
        return message


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser with a profile of its own; afterwards neither its processes nor the profile are left, whatever happened."""
    program = chromium_program()
    with tempfile.TemporaryDirectory(prefix="liantu-chromium-", dir=_short_folder(), ignore_cleanup_errors=True) as profile:
        process, reading, writing = _start(program, profile)
        try:
            yield Browser(process, reading, writing)
        finally:
            # the pipe's end tells the browser to go; what has not gone after a moment is killed, with all of its group
            os.close(writing)
            with suppress(subprocess.TimeoutExpired):
                process.wait(2)
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            os.close(reading)


def _short_folder() -> str:
    """Where the profile goes: Chromium makes a socket in it, and the path of a socket has at most some hundred characters."""
    usual = tempfile.gettempdir()
    return usual if len(usual) <= _LONGEST_FOLDER or not os.access("/tmp", os.W_OK) else "/tmp"


def _start(program: str, profile: str) -> tuple[subprocess.Popen[bytes], int, int]:
    """The process, which reads its orders from descriptor 3 and answers on 4, and our ends of both pipes."""
    import fcntl  # there is none on Windows, where chromium_program() has said so

    orders, writing = os.pipe()
    reading, answers = os.pipe()
    # numbers above 4, so that they can become 3 and 4 in any order
    theirs = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, 5) for descriptor in (orders, answers)]
    os.close(orders)
    os.close(answers)
    flags = [*_FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else []), f"--user-data-dir={profile}"]
    try:
        process = subprocess.Popen(
            # the socket's folder goes with the profile
            [sys.executable, "-ISc", _BECOME, *map(str, theirs), program, *flags], pass_fds=theirs, start_new_session=True,
            env={**os.environ, "TMPDIR": profile}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    finally:
        for descriptor in theirs:
            os.close(descriptor)
    return process, reading, writing

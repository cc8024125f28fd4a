"""Kernels for pages: bounded in memory and threads, their last words, and a way to end every one that runs."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

from jupyter_client.manager import AsyncKernelManager

from liantu.suite.kernels.environment import FOLDER_PREFIX, kernel_environment
from liantu.suite.kernels.memory import cap

_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
_GONE_SECONDS = 5.0
_STEP_SECONDS = 0.005


class PageKernel(AsyncKernelManager):
    """One page's kernel; `running` is the run that it belongs to, `cap` its cap of memory in bytes (0: none)."""

    running: ClassVar[RunningKernels]
    cap: int = 0
    _words: Path | None = None

    async def start_kernel(self, **options: Any) -> None:
        """Start the kernel with the run's environment and memory cap; RuntimeError when the run has ended."""
        base = self.running.connect(self)
        self._words = base.with_suffix(".words")
        self.running.enter(self)
        with self._words.open("wb") as words:
            # what a cell prints is in the notebook; the kernel's own words would break the progress bar
            settled = {"env": self.running.environment(), "stdout": subprocess.DEVNULL, "stderr": words}
            await super().start_kernel(**{**settled, **options})
        if self.running.memory_limit and self.process:
            self.cap = cap(self.process, self.running.memory_limit)
        # a kernel that was on its way while the run ended had no process to kill yet
        if self.running.ended:
            kill(self)

    @property
    def process(self) -> int | None:
        """The number of the kernel's process, None before it has one."""
        return getattr(self.provisioner, "pid", None)

    async def exit_code(self) -> int | None:
        """The code with which the process ended (a signal's number below 0), None while it lives."""
        return await self.provisioner.poll() if self.provisioner else 0

    def last_words(self) -> str:
        """What the process itself wrote on standard error when it ended, in one line; empty when nothing."""
        with contextlib.suppress(OSError, AttributeError):
            lines = [line.strip() for line in self._words.read_bytes()[-20_000:].decode(errors="replace").splitlines() if line.strip()]
            fatal = [line for line in lines if line.startswith("Fatal Python error")]
            return (fatal or lines or [""])[-1][:300]
        return ""

    async def shutdown_kernel(self, now: bool = False, restart: bool = False) -> None:
        """Stop the kernel; `now` kills it and sees it gone within milliseconds, where jupyter_client looks ten times a second."""
        if not now or restart:
            await super().shutdown_kernel(now=now, restart=restart)
            return
        if self.provisioner and self.has_kernel:
            await self.provisioner.kill()
            tries = range(round(_GONE_SECONDS / _STEP_SECONDS))
            for _ in tries:
                if await self.provisioner.poll() is not None:
                    break
                await asyncio.sleep(_STEP_SECONDS)
        await self.cleanup_resources()

    async def cleanup_resources(self, restart: bool = False) -> None:
        """Forget the kernel once it is gone."""
        self.running.leave(self)
        await super().cleanup_resources(restart)


class RunningKernels:
    """The kernels of one run: `manager` makes the class that papermill asks for each, and `end` kills those still alive.

    `memory_limit` is in bytes, 0 for none; `environment` goes before this process's own.
    """

    def __init__(self, jobs: int, memory_limit: int = 0, environment: Mapping[str, str] | None = None) -> None:
        self.memory_limit = memory_limit
        self.ended = False
        self._environment = {**kernel_environment(jobs), **(environment or {})}
        self._alive: set[PageKernel] = set()
        self._cancels: set[Callable[[], object]] = set()
        self._lock = threading.Lock()
        self._folder = tempfile.TemporaryDirectory(prefix=f"{FOLDER_PREFIX}{os.getpid()}-", ignore_cleanup_errors=True)
        self._numbers = count(1)

    def manager(self) -> type[PageKernel]:
        """A kernel manager class whose kernels belong to this run."""
        return type("PageKernelOfRun", (PageKernel,), {"running": self})

    def environment(self) -> dict[str, str]:
        """A kernel's environment, a copy."""
        return dict(self._environment)

    def connect(self, kernel: PageKernel) -> Path:
        """Sockets in a folder only this user can read, where the system has them: a race for TCP ports is impossible so.

        Returns the stem of the kernel's files.
        """
        base = Path(self._folder.name) / f"k{next(self._numbers)}"
        kernel.connection_file = f"{base}.json"
        if os.name == "posix" and len(str(base)) < 90:
            kernel.transport, kernel.ip = "ipc", str(base)
        return base

    def enter(self, kernel: PageKernel) -> None:
        """Count a kernel that is about to start; RuntimeError when the run has ended."""
        with self._lock:
            if self.ended:
                raise RuntimeError("the run has ended")
            self._alive.add(kernel)

    def leave(self, kernel: PageKernel) -> None:
        """Forget a kernel that is gone."""
        with self._lock:
            self._alive.discard(kernel)

    @contextlib.contextmanager
    def cancelling(self, cancel: Callable[[], object]) -> Iterator[None]:
        """Within, `end` calls `cancel` from its own thread; at once when the run has ended already."""
        with self._lock:
            self._cancels.add(cancel)
            ended = self.ended
        try:
            if ended:
                cancel()
            yield
        finally:
            with self._lock:
                self._cancels.discard(cancel)

    def end(self) -> None:
        """Kill every kernel that is alive, cancel the pages that wait for one, and let none start any more."""
        with self._lock:
            self.ended = True
            alive, cancels = list(self._alive), list(self._cancels)
        for kernel in alive:
            kill(kernel)
        for cancel in cancels:
            with contextlib.suppress(RuntimeError):  # its loop closed in the meantime: the page is over
                cancel()

    def close(self) -> None:
        """Remove the folder of the sockets."""
        self._folder.cleanup()


def kill(kernel: PageKernel) -> None:
    """Kill a kernel with what it started: it leads a session of its own, so Ctrl-C at the terminal does not reach it."""
    process = getattr(kernel.provisioner, "process", None)
    if process is None or process.poll() is not None:  # its number may be another's by now
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg") and os.getpgid(process.pid) == process.pid:
            os.killpg(process.pid, _KILL)
        else:
            os.kill(process.pid, _KILL)

"""Kernels for pages: a bounded environment, and a way to end every one that runs."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import tempfile
import threading
from itertools import count
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import ensure_event_loop

_DROPPED = ("PYTHONDONTWRITEBYTECODE", "MPLBACKEND")
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "OMP_THREAD_LIMIT", "ARROW_IO_THREADS")


def kernel_environment(jobs: int) -> dict[str, str]:
    """This process's environment for one of `jobs` kernels at a time.

    Each gets its share of the cores for BLAS, OpenMP and Arrow. Without PYTHONDONTWRITEBYTECODE, which would make every kernel
    compile every import again, and without MPLBACKEND, which would keep figures from showing inline.
    """
    share = str(max(1, (os.cpu_count() or 1) // max(1, jobs)))
    kept = {name: value for name, value in os.environ.items() if name not in _DROPPED}
    return {**kept, **dict.fromkeys(_THREADS, share), "PYDEVD_DISABLE_FILE_VALIDATION": "1"}


def settle_loop() -> None:
    """Cancel what a dead or stopped kernel's client left pending in this thread's event loop."""
    loop = ensure_event_loop()
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))


class RunningKernels:
    """The kernels of one run: papermill asks the class made by `manager` for each, and `end` kills those still alive."""

    def __init__(self, jobs: int) -> None:
        self._environment = kernel_environment(jobs)
        self._alive: set[AsyncKernelManager] = set()
        self._lock = threading.Lock()
        self._folder = tempfile.TemporaryDirectory(prefix="liantu-")
        self._numbers = count(1)
        self.ended = False

    def _connect(self, kernel: AsyncKernelManager) -> None:
        """Sockets in a folder only this user can read, where the system has them; a race for TCP ports is impossible so."""
        base = Path(self._folder.name) / f"k{next(self._numbers)}"
        kernel.connection_file = f"{base}.json"
        if os.name == "posix" and len(str(base)) < 90:
            kernel.transport, kernel.ip = "ipc", str(base)

    def close(self) -> None:
        """Remove the folder of the sockets."""
        self._folder.cleanup()

    def manager(self) -> type[AsyncKernelManager]:
        """A kernel manager class that starts kernels with this run's environment."""
        owner = self

        class PageKernel(AsyncKernelManager):
            async def start_kernel(self, **options: Any) -> None:
                # what a cell prints is in the notebook; the kernel's own words would break the progress bar
                options = {"env": dict(owner._environment), "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **options}
                owner._connect(self)
                with owner._lock:
                    if owner.ended:
                        raise RuntimeError("cancelled")
                    owner._alive.add(self)
                await super().start_kernel(**options)
                # a kernel that was on its way while the run ended had no process to kill yet
                if owner.ended:
                    _kill(self)

            async def cleanup_resources(self, restart: bool = False) -> None:
                with owner._lock:
                    owner._alive.discard(self)
                await super().cleanup_resources(restart)

        return PageKernel

    def end(self) -> None:
        """Kill every kernel that is alive and let none start any more."""
        with self._lock:
            self.ended = True
            alive = list(self._alive)
        for kernel in alive:
            _kill(kernel)


def _kill(kernel: AsyncKernelManager) -> None:
    """Kill a kernel's process, if it has one: it leads a session of its own, so Ctrl-C at the terminal does not reach it."""
    process = getattr(kernel.provisioner, "pid", None)
    if process:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(process, getattr(signal, "SIGKILL", signal.SIGTERM))

"""The kernel provisioner of the kernelspec `liantu`: kernels forked from the nursery, ordinary ones where that cannot be."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

from liantu.suite.kernels import asking

Result = TypeVar("Result")
_BOUND_SECONDS = 10.0
_GONE_SECONDS = 1.0
_KNOWN = {"env", "cwd", "stdin", "stdout", "stderr", "independent"}
_SAID: set[str] = set()


class WarmProvisioner(LocalProvisioner):
    """Starts a kernel by asking the nursery to fork one, and treats it afterwards as LocalProvisioner treats its processes."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork the kernel that `cmd` describes, and return when its sockets are bound, so that no client has to try again.

        Where it cannot be forked, an ordinary kernel is started, with one warning for each reason.
        """
        asked = LocalProvisioner._scrub_kwargs(kwargs)
        reason = _unlike(cmd, asked)
        if not reason:
            try:
                self.process = await _aside(lambda: _forked(cmd, asked))
            except (asking.NurseryError, OSError) as problem:
                reason = str(problem)
        if reason:
            if reason not in _SAID:
                _SAID.add(reason)
                self.log.warning("an ordinary kernel is started, not a warm one: %s", reason)
            return await super().launch_kernel(cmd, **kwargs)
        self.pid = self.pgid = self.process.pid
        self.cwd = kwargs.get("cwd", Path.cwd())
        await _until(lambda: self.process.poll() is not None or self.process.ready, _BOUND_SECONDS)
        return self.connection_info

    async def wait(self) -> int | None:
        """Wait for the kernel's end, looking more often than LocalProvisioner does: a page should not wait for it."""
        if isinstance(self.process, asking.ForkedProcess):
            process = self.process
            await _until(lambda: process.poll() is not None)
            self.process = None
            return process.returncode
        return await super().wait()

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel and wait until it is gone, which takes a few milliseconds."""
        process = self.process
        await super().kill(restart)
        if isinstance(process, asking.ForkedProcess):
            await _until(lambda: process.poll() is not None, _GONE_SECONDS)


def _unlike(cmd: list[str], asked: dict[str, Any]) -> str:
    """Why a command cannot be run by forking; empty when it can."""
    if cmd[1:3] != ["-m", "ipykernel_launcher"] or not _same_python(cmd[0]):
        return f"the kernelspec runs {' '.join(cmd[:3])}, not `python -m ipykernel_launcher` of {sys.executable}"
    unknown = [name for name in asked if name not in _KNOWN and asked[name] is not None]
    piped = [name for name in ("stdin", "stdout", "stderr") if asked.get(name) == subprocess.PIPE]
    if unknown or piped or asked.get("independent"):
        return f"a forked kernel cannot be given {', '.join([*unknown, *piped] or ['independent'])}"
    return ""


def _same_python(program: str) -> bool:
    # links are not followed: the python of a virtual environment is one, and another environment's links to the same program
    return Path(program).absolute() == Path(sys.executable).absolute()


def _forked(cmd: list[str], asked: dict[str, Any]) -> asking.ForkedProcess:
    with contextlib.ExitStack() as opened:
        stdout = _file(asked.get("stdout"), 1, opened)
        stderr = stdout if asked.get("stderr") == subprocess.STDOUT else _file(asked.get("stderr"), 2, opened)
        env = asked.get("env")
        arguments = [str(Path(part).expanduser()) if part.startswith("~") else part for part in cmd[3:]]
        return asking.ask(arguments, os.environ if env is None else env, str(Path(asked.get("cwd") or ".").absolute()), stdout, stderr)


def _file(wanted: Any, own: int, opened: contextlib.ExitStack) -> int:
    """The descriptor of a stream as subprocess.Popen takes it; none means this process's own, or nothing where that is closed."""
    if wanted is None:
        try:
            os.fstat(own)
        except OSError:
            wanted = subprocess.DEVNULL
        else:
            return own
    if wanted == subprocess.DEVNULL:
        nothing = os.open(os.devnull, os.O_WRONLY)
        opened.callback(os.close, nothing)
        return nothing
    return wanted if isinstance(wanted, int) else wanted.fileno()


async def _aside(work: Callable[[], Result]) -> Result:
    """The result of `work`, done in a thread of its own: the loop goes on, and leaving Python does not wait for it."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Result] = loop.create_future()

    def settle(result: Any, problem: BaseException | None) -> None:
        if not future.done():
            if problem is None:
                future.set_result(result)
            else:
                future.set_exception(problem)

    def run() -> None:
        result, problem = None, None
        try:
            result = work()
        except BaseException as raised:
            problem = raised
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, result, problem)

    threading.Thread(target=run, name="nursery", daemon=True).start()
    return await future


async def _until(done: Callable[[], bool], seconds: float | None = None) -> None:
    """Wait until `done()`, looking each millisecond at first and each 20 later, at most `seconds`."""
    loop, pause = asyncio.get_running_loop(), 0.001
    ends = None if seconds is None else loop.time() + seconds
    while not done() and (ends is None or loop.time() < ends):
        await asyncio.sleep(pause)
        pause = min(pause * 1.2, 0.02)

"""The client's side of the nursery: starts it with the first kernel that is asked for, and asks it for kernels."""

from __future__ import annotations

import atexit
import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from liantu.suite.kernels import forks, wire

_READY_SECONDS = 120.0
_ANSWER_SECONDS = 30.0
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
# read when Python, C or a library starts: kernels that differ in one of them need another nursery
_AT_START = ("PYTHON", "LD_", "LC_", "LANG", "MALLOC_", "GLIBC_", "ARROW_", "OPENBLAS_", "NPY_", "MPLCONFIGDIR", "MATPLOTLIBRC", "HOME",
             "XDG_", "LIANTU_NURSERY")
_IN_KERNEL = (*_THREADS, "ARROW_IO_THREADS", "PYTHONDONTWRITEBYTECODE", "XDG_RUNTIME_DIR", "XDG_SESSION_ID")


class NurseryError(RuntimeError):
    """No kernel can be forked; the message says why."""


class NurseryGoneError(NurseryError):
    """The nursery has died since its last answer; another one may serve."""


class NurseryRefusesError(NurseryError):
    """The nursery may not fork; another one would not either."""


class ForkedProcess:
    """A forked kernel, as subprocess.Popen shows a process: it is the nursery's child, which tells of its end through a pipe."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, told: int, arguments: list[str]) -> None:
        self.pid, self.args = pid, arguments
        self.returncode: int | None = None
        self.ready = False
        self._told, self._text = told, b""
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        """The exit code (negative: the signal that ended it), or None while it runs."""
        self._listen(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; raises subprocess.TimeoutExpired after `timeout` seconds."""
        ends = None if timeout is None else time.monotonic() + timeout
        while self.poll() is None:
            left = 1.0 if ends is None else ends - time.monotonic()
            if left <= 0:
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
            self._listen(min(left, 1.0))
        return self.returncode or 0

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def _listen(self, seconds: float) -> None:
        """Read what the pipe tells; its end without a word is the nursery's own death, which kills its kernels."""
        with self._lock:
            while self.returncode is None and select.select([self._told], [], [], seconds)[0]:
                part = os.read(self._told, 512)
                self._text += part
                self.ready = self.ready or b"ready" in self._text
                words = self._text.split(b"ended ", 1)
                if len(words) == 2 and words[1].endswith(b"\n"):
                    self.returncode = int(words[1])
                elif not part:
                    self.returncode = -signal.SIGKILL
                seconds = 0
            if self.returncode is not None and self._told >= 0:
                os.close(self._told)
                self._told = -1

    def __del__(self) -> None:
        if getattr(self, "_told", -1) >= 0:
            os.close(self._told)


class Nursery:
    """One nursery process and the line to it; safe to ask from several threads."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._lock = threading.Lock()
        self._line, theirs = socket.socketpair()
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "liantu.suite.kernels.nursery", "--socket", str(theirs.fileno())], pass_fds=[theirs.fileno()],
                env=_nursery_environment(env), cwd=os.sep, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=_log())
        finally:
            theirs.close()
        self._ready = False

    def ask(self, arguments: list[str], env: Mapping[str, str], cwd: str, stdout: int, stderr: int) -> ForkedProcess | None:
        """A kernel process run with the launcher's `arguments`; None when the code has changed since this nursery imported it.

        Raises NurseryError when the nursery has died, or cannot fork.
        """
        with self._lock:
            if not self._ready:
                self._said(_READY_SECONDS)
                self._ready = True
            try:
                wire.send(self._line, {"arguments": arguments, "env": dict(env), "cwd": cwd}, [stdout, stderr])
            except OSError as problem:
                raise NurseryGoneError(f"the process that kernels are forked from has gone: {problem}") from problem
            answer, files = self._said(_ANSWER_SECONDS)
        return ForkedProcess(answer["pid"], files[0], arguments) if "pid" in answer else None

    def _said(self, seconds: float) -> tuple[dict[str, Any], list[int]]:
        self._line.settimeout(seconds)
        try:
            answer, files = wire.receive(self._line)
        except OSError as problem:
            raise NurseryError(f"the process that kernels are forked from gave no answer: {problem}") from problem
        if answer is None:
            kind = NurseryGoneError if self._ready else NurseryError
            raise kind(f"the process that kernels are forked from ended (status {self.process.wait()})")
        if "refused" in answer:
            raise NurseryRefusesError(answer["refused"])
        return answer, files

    def leave(self) -> None:
        """Close the line without killing: the nursery ends, and its kernels with it."""
        self._line.close()

    def kill(self) -> None:
        """Kill it; its kernels die with it."""
        self.process.kill()
        self.process.wait()
        self._line.close()


_LOCK = threading.Lock()
_NURSERIES: dict[frozenset[tuple[str, str]], Nursery] = {}
_REPLACED: list[Nursery] = []
_REFUSED: dict[frozenset[tuple[str, str]], str] = {}


def ask(arguments: list[str], env: Mapping[str, str], cwd: str, stdout: int, stderr: int) -> ForkedProcess:
    """A kernel from this process's nursery, which is started by the first that asks; raises NurseryError where that cannot be.

    Kernels that differ in what is read when Python starts (PYTHONPATH, locale) get nurseries of their own. A nursery whose code has
    changed on disk is replaced; its kernels go on.
    """
    if not forks():
        raise NurseryError("this system cannot fork kernels")
    if any(part and not Path(part).is_absolute() for part in env.get("PYTHONPATH", "").split(os.pathsep)):
        raise NurseryError("PYTHONPATH names a relative folder, which depends on where a kernel starts")
    key = _at_start(env)
    for _ in range(3):
        nursery = _nursery(key, env)
        try:
            kernel = nursery.ask(arguments, env, cwd, stdout, stderr)
        except NurseryGoneError:
            _drop(key, nursery)
            continue
        except NurseryRefusesError as problem:
            _REFUSED[key] = str(problem)
            _drop(key, nursery)
            raise
        except NurseryError:
            _drop(key, nursery)
            raise
        if kernel is not None:
            return kernel
        _drop(key, nursery)
    raise NurseryError("the code keeps changing while it is imported, or the process that kernels are forked from keeps dying")


def prepare(env: Mapping[str, str]) -> None:
    """Start the nursery for kernels of this environment, without waiting for it: its imports run beside other work."""
    if forks():
        with contextlib.suppress(NurseryError, OSError):
            _nursery(_at_start(env), env)


def end_nurseries() -> None:
    """Kill every nursery of this process, and so every forked kernel."""
    for nursery in (*_NURSERIES.values(), *_REPLACED):
        nursery.kill()
    _NURSERIES.clear()
    _REPLACED.clear()


def _nursery(key: frozenset[tuple[str, str]], env: Mapping[str, str]) -> Nursery:
    with _LOCK:
        if key in _REFUSED:
            raise NurseryError(_REFUSED[key])
        if key not in _NURSERIES:
            _NURSERIES[key] = Nursery(env)
        return _NURSERIES[key]


def _drop(key: frozenset[tuple[str, str]], nursery: Nursery) -> None:
    """Let the next request start another nursery; the kernels that this one may still have go on."""
    with _LOCK:
        if _NURSERIES.get(key) is nursery:
            del _NURSERIES[key]
            _REPLACED.append(nursery)


def _at_start(env: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    return frozenset((name, value) for name, value in env.items() if name.startswith(_AT_START) and name not in _IN_KERNEL)


def _nursery_environment(env: Mapping[str, str]) -> dict[str, str]:
    """One thread in every library, whose pools are set in each kernel; no thread of the allocators; no backend chosen."""
    kept = {name: value for name, value in env.items() if name not in ("PYTHONDONTWRITEBYTECODE", "MPLBACKEND", "JPY_PARENT_PID")}
    return {**kept, **dict.fromkeys((*_THREADS, "ARROW_IO_THREADS"), "1"), "JE_ARROW_MALLOC_CONF": "background_thread:false",
            "PYDEVD_DISABLE_FILE_VALIDATION": "1"}


def _log() -> Any:
    path = os.environ.get("LIANTU_NURSERY_LOG")
    return Path(path).open("ab") if path else subprocess.DEVNULL


def _forget() -> None:
    """In a forked child of the client: the nurseries are the parent's."""
    global _LOCK
    _LOCK = threading.Lock()
    for nursery in (*_NURSERIES.values(), *_REPLACED):
        nursery.leave()
        # it is not this process's child: nothing to wait for, nothing to warn of
        nursery.process.returncode = 0
    _NURSERIES.clear()
    _REPLACED.clear()


atexit.register(end_nurseries)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)

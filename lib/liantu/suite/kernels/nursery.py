"""The process that kernels are forked from: `python -m liantu.suite.kernels.nursery` does the imports once and forks on request.

It imports and does nothing else: no thread runs before a fork (it refuses to fork otherwise), no data are read. It ends, with all its
kernels, when the process that started it closes the socket or is gone. `--check` prints what it imports and whether it could fork.
"""

from __future__ import annotations

import contextlib
import gc
import os
import selectors
import signal
import socket
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_LOOK_SECONDS = 1.0


@dataclass
class _Served:
    """What the nursery holds open: the line to its client, and for each kernel the pipe that tells how it ended."""

    line: socket.socket
    parent: int
    stamp: dict[str, int]
    ends: dict[int, int] = field(default_factory=dict)
    wakes: tuple[int, int] = (-1, -1)


def main(arguments: list[str]) -> int:
    """Serve the socket whose descriptor is given as `--socket N`, or print the `--check`."""
    # `python -m` put the current folder first; an ordinary kernel's launcher takes it away before it imports
    if sys.path and Path(sys.path[0] or ".").resolve() == Path.cwd():
        del sys.path[0]
    if arguments == ["--check"]:
        return _check()
    if len(arguments) != 2 or arguments[0] != "--socket":
        print("usage: python -m liantu.suite.kernels.nursery --check (the kernel provisioner starts it with --socket)", file=sys.stderr)
        return 2
    from liantu.suite.kernels import forked, preparing, wire

    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    line, parent = socket.socket(fileno=int(arguments[1])), os.getppid()
    stamp = preparing.stamp()
    gc.disable()
    prepared = preparing.prepare()
    tools = forked.tools()
    refusal = _refusal()
    wire.send(line, {"refused": refusal} if refusal else {"ready": len(sys.modules), "left": prepared.left})
    if refusal:
        return 1
    gc.collect()
    gc.freeze()
    gc.enable()
    request = _serve(_Served(line, parent, stamp))
    # a forked kernel comes back here with its request, and goes on as a process of its own
    return forked.become_kernel(request, prepared, tools) if request else 0


def _refusal() -> str:
    """Why this process may not be forked; empty when it may."""
    from liantu.suite.kernels.preparing import threads

    running = threads()
    return "" if len(running) == 1 else f"threads run after the imports, a fork would lose them: {', '.join(sorted(running))}"


def _serve(served: _Served) -> dict[str, Any] | None:
    """Fork a kernel for each request until the client's end of the socket closes; a forked child returns with its request."""
    served.wakes = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(served.wakes[1], warn_on_full_buffer=False)
    with selectors.DefaultSelector() as selector:
        selector.register(served.line, selectors.EVENT_READ)
        selector.register(served.wakes[0], selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in selector.select(_LOOK_SECONDS)}
            _reap(served)
            # another process that the client forked may hold its end of the socket open after its death
            if os.getppid() != served.parent:
                return _end(served)
            if served.line in ready:
                try:
                    request = _request(served)
                except OSError:
                    return _end(served)
                if request is None:
                    return _end(served)
                if request:
                    # the parent's selector goes with the kernel's first act, the closing of what it inherited
                    return request


def _request(served: _Served) -> dict[str, Any] | None:
    """Answer one request: {} in the nursery, the request in the forked child, None when the client has left."""
    from liantu.suite.kernels import wire
    from liantu.suite.kernels.preparing import stamp

    message, files = wire.receive(served.line)
    if message is None:
        return None
    now = stamp()
    refusal = _refusal()
    if now != served.stamp:
        wire.send(served.line, {"changed": "code or packages changed since the imports"})
    elif refusal:
        wire.send(served.line, {"refused": refusal})
    elif _fork(served, files):
        return {**message, "files": files, "said": served.wakes[1]}
    for file in files:
        os.close(file)
    return {}


def _fork(served: _Served, files: list[int]) -> bool:
    """Fork; True in the child. The client gets the kernel's process and the pipe on which it is told that it is ready, and its end."""
    from liantu.suite.kernels import wire

    listen, tell = os.pipe2(os.O_CLOEXEC)
    # SIGCHLD of a kernel that dies at once must find its pipe in the table
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    child = os.fork()
    if not child:
        os.setsid()
        os.close(listen)
        _forget(served, tell)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        return True
    served.ends[child] = tell
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    wire.send(served.line, {"pid": child}, [listen])
    os.close(listen)
    return False


def _forget(served: _Served, tell: int) -> None:
    """In the child: let go of all that belongs to the nursery and to its other kernels."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    served.line.close()
    for file in (*served.ends.values(), *served.wakes):
        os.close(file)
    served.ends.clear()
    served.wakes = (-1, tell)


def _reap(served: _Served) -> None:
    """Tell the client of each kernel that has ended, with the number that subprocess.Popen would give."""
    while True:
        try:
            if not os.read(served.wakes[0], 512):
                break
        except BlockingIOError:
            break
    for child in list(served.ends):
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            tell = served.ends.pop(child)
            with contextlib.suppress(BrokenPipeError):
                os.write(tell, f"ended {os.waitstatus_to_exitcode(status)}\n".encode())
            os.close(tell)


def _end(served: _Served) -> None:
    """Kill every kernel with what it started: nobody is left to talk to them."""
    for child in served.ends:
        for kill in (os.killpg, os.kill):
            try:
                kill(child, signal.SIGKILL)
            except ProcessLookupError:
                continue
    for child in served.ends:
        os.waitpid(child, 0)


def _check() -> int:
    """Print the modules with their seconds, what is left to the kernels, and the threads."""
    from liantu.suite.kernels import preparing

    began = time.perf_counter()
    prepared = preparing.prepare()
    for name, seconds in sorted(prepared.seconds.items(), key=lambda item: -item[1]):
        print(f"{seconds:7.3f} s  {name}{'  left to the kernel: ' + prepared.left[name] if name in prepared.left else ''}")
    print(f"{len(sys.modules)} modules in {time.perf_counter() - began:.2f} s")
    print(f"warning filters of pages: {len(prepared.page_filters)}")
    refusal = _refusal()
    print(refusal or "one thread: kernels can be forked")
    return 1 if refusal else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

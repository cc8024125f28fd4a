"""A turn at a folder: one process at a time, the others wait and can say for whom."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # Windows has no flock; msvcrt locks a byte far behind the file's end instead, so that the holder can be read.
    fcntl = None
    import msvcrt

_FAR_BYTE = 2**30


@dataclass(frozen=True)
class Holder:
    """Who holds a folder: the process, its machine, and since when (ISO, UTC); 0 and empty where it did not say."""

    process: int = 0
    machine: str = ""
    since: str = ""

    def __str__(self) -> str:
        if not self.process:
            return "another process"
        return f"process {self.process}{f' on {self.machine}' if self.machine != platform.node() else ''}, since {self.since}"


@contextmanager
def alone(path: Path, on_wait: Callable[[Holder], None] | None = None) -> Iterator[None]:
    """Held by one process at a time; the system lets go of it when the process ends, however it ends.

    When another process holds it, `on_wait` is called once with the holder, then this one waits its turn. The file stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        if not _take(file, wait=False):
            if on_wait:
                on_wait(_holder(path))
            _take(file, wait=True)
        _sign(file)
        yield


def folder_lock(folder: Path) -> Path:
    """The file to lock for a folder: beside it, so that what the folder holds is only what was made."""
    folder = folder.resolve()
    return folder.parent / f".{folder.name}.lock"


def _take(file: IO[bytes], wait: bool) -> bool:
    if fcntl is not None:
        try:
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
    file.seek(_FAR_BYTE)
    while True:
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        except OSError:  # LK_LOCK gives up after ten seconds
            if not wait:
                return False
        else:
            return True


def _sign(file: IO[bytes]) -> None:
    now = dt.datetime.now(dt.UTC).replace(microsecond=0).isoformat()
    file.truncate(0)
    file.write(json.dumps(asdict(Holder(os.getpid(), platform.node(), now))).encode())
    file.flush()


def _holder(path: Path) -> Holder:
    with suppress(OSError, ValueError, TypeError):
        return Holder(**json.loads(path.read_bytes()))
    return Holder()

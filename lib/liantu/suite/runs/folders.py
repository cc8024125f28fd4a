"""A report folder belongs to one run at a time; what a run that was killed outright left lying goes when the next one comes."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from liantu.suite.kernels.environment import FOLDER_PREFIX
from liantu.tables.locks import Holder, alone, folder_lock

_ASIDE = re.compile(r"\..+\.[a-z0-9_]{8}")
"""Names under which `write_whole` writes aside."""


@contextmanager
def holding(out: Path) -> Iterator[None]:
    """Hold a report folder for one run; another run's is waited for, which one line on standard error says.

    What earlier runs left half-written is gone inside.
    """
    def wait(holder: Holder) -> None:
        print(f"waiting: {out} is in use by {holder}; this run goes on when that one ends (Ctrl-C to give up)", file=sys.stderr, flush=True)

    with alone(folder_lock(out), wait):
        sweep(out)
        sweep_sockets()
        yield


def sweep(out: Path) -> list[Path]:
    """Remove the parts of files that were written aside in a report folder and never took their place; returns them.

    Only for who holds the folder: another run's parts are its own.
    """
    parts = [path for path in sorted(out.rglob(".*")) if path.is_file() and _ASIDE.fullmatch(path.name)]
    for path in parts:
        path.unlink(missing_ok=True)
    return parts


def sweep_sockets() -> list[Path]:
    """Remove the folders of sockets of runs whose process is gone; returns them."""
    gone = [path for path in Path(tempfile.gettempdir()).glob(f"{FOLDER_PREFIX}*") if not _lives(path)]
    for path in gone:
        shutil.rmtree(path, ignore_errors=True)
    return gone


def _lives(folder: Path) -> bool:
    number = folder.name.removeprefix(FOLDER_PREFIX).split("-")[0]
    if os.name != "posix" or not number.isdigit():
        return True  # Windows has no signal 0 to ask with
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

"""Where the tables of a large run go: aside first, into their places when all stand."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from liantu.ledger.outputs import LAST, aside
from liantu.tables.addresses import below, files_below, is_local, local_path, move, remove


@contextmanager
def target(out: Path | str) -> Iterator[str]:
    """A folder to write into, at any address; when the block ends well its files take their places in `out`.

    On this machine as `liantu.ledger.outputs.aside`. Elsewhere the same, but that files of `out` are only replaced, never removed.
    """
    if is_local(out):
        # The workers may stand in another folder than this process.
        with aside(local_path(out).absolute()) as folder:
            yield str(folder)
        return
    folder = below(out, f".liantu.{os.getpid()}")
    try:
        yield folder
        remove(below(out, LAST))
        for name in sorted(files_below(folder), key=lambda name: (name == LAST, name)):
            move(below(folder, name), below(out, name))
    finally:
        remove(folder)

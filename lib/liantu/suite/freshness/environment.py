"""The environment that pages are made in: Python, the lock file, and the versions of the libraries that a page shows most of."""

from __future__ import annotations

import platform
from importlib.metadata import distributions
from pathlib import Path

from liantu.suite.freshness.syntax import hashed
from liantu.suite.provenance import LIBRARIES, versions

LOCK = "uv.lock"
INSTALLED = "installed packages"


def environment(checkout: Path) -> dict[str, str]:
    """What stands for the environment, by name: `python`, versions of `LIBRARIES`, and the hash of `uv.lock` at the checkout's root.

    Where there is no lock file (the package is installed without its checkout) the versions of all installed distributions take its place.
    """
    found = {"python": platform.python_version(), **versions(LIBRARIES)}
    try:
        # line endings are the checkout's, not the lock's
        return found | {LOCK: hashed((checkout / LOCK).read_bytes().replace(b"\r\n", b"\n"))}
    except OSError:
        return found | {INSTALLED: hashed(sorted({f"{one.name} {one.version}" for one in distributions()}))}

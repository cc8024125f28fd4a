"""Where a run comes from: its id, the code, the versions of the libraries, and what it read."""

from __future__ import annotations

import datetime as dt
import hashlib
import platform
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from liantu.ledger.freshness import digest

CODE = (".py", ".yml", ".j2", ".css", ".js", ".json", ".ttf")
"""Files of the package that take part in making pages."""
LIBRARIES = ("liantu", "pandas", "pyarrow", "matplotlib", "papermill", "nbconvert")


@dataclass(frozen=True)
class Provenance:
    """One run of the suite; `commit` ends in `+` when files of the checkout differ from it, and is empty outside git."""

    run_id: str
    started: str
    commit: str
    versions: dict[str, str]

    def as_dict(self) -> dict[str, Any]:
        """The fields as JSON takes them."""
        return asdict(self)


def provenance(folder: Path) -> Provenance:
    """The provenance of a run that starts now with the notebooks of `folder`."""
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    commit = _commit(folder)
    mark = hashlib.sha256(f"{now.isoformat()}{commit}{folder}".encode()).hexdigest()[:6]
    return Provenance(f"{now:%Y%m%dT%H%M%SZ}-{mark}", now.isoformat(), commit, _libraries())


def code_version() -> dict[str, str]:
    """What two machines must have alike to make the same pages: a hash of this package's files, and the versions of the libraries."""
    home = Path(__file__).resolve().parents[1]
    return {**_libraries(), "code": digest(home, (path for path in home.rglob("*") if path.suffix in CODE))[:16]}


def versions(names: Iterable[str]) -> dict[str, str]:
    """The versions of the installed distributions among `names`."""
    found = {}
    for name in names:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def _libraries() -> dict[str, str]:
    return {"python": platform.python_version(), **versions(LIBRARIES)}


def _commit(folder: Path) -> str:
    head = _git(folder, "rev-parse", "--short=12", "HEAD")
    return head + ("+" if head and _git(folder, "status", "--porcelain", "--untracked-files=no") else "")


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""

"""What a report folder holds of a page: its executed notebook's own record of what it was made from and what became of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from liantu.suite.freshness.kept import Kept
from liantu.suite.freshness.syntax import hashed
from liantu.suite.runs.outcomes import STAMP

_TAKEN = ("state", "error", "run_id", "key", "ingredients")


@dataclass(frozen=True)
class Executed:
    """One executed notebook: the hash of its content, what the run stamped, and when it ended (ISO time or empty)."""

    digest: str
    stamp: dict[str, Any] = field(default_factory=dict)
    ended: str = ""

    @property
    def state(self) -> str:
        """What became of the page; empty for a notebook that no run stamped."""
        return str(self.stamp.get("state") or "")


def executed(out: Path, page: str, kept: Kept) -> Executed | None:
    """The executed notebook of a page, None where there is none; one that did not change since it was last read is not read again."""
    path = out / f"{page}.ipynb"
    try:
        known = path.stat()
    except OSError:
        return None
    # every executed notebook is written aside and moved into place, so a new one has another inode even within one tick of the clock
    same = f"{page} {known.st_size} {known.st_mtime_ns} {known.st_ino}"
    return Executed(**kept.get("executed", same, lambda: _read(path)))


def page_ids(out: Path) -> list[str]:
    """The ids of the pages whose executed notebooks lie in a report folder."""
    return sorted(path.stem for path in out.glob("*.ipynb") if not path.name.startswith("."))


def _read(path: Path) -> dict[str, Any]:
    raw = path.read_bytes()
    try:
        metadata = json.loads(raw)["metadata"]
        stamp, papermill = metadata.get(STAMP) or {}, metadata.get("papermill") or {}
    except (ValueError, KeyError, TypeError, AttributeError):
        stamp, papermill = {}, {}
    taken = {name: stamp[name] for name in _TAKEN if name in stamp}
    return {"digest": hashed(raw), "stamp": taken, "ended": str(papermill.get("end_time") or "")}

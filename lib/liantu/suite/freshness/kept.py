"""What freshness keeps between runs so that nothing is parsed twice: one file in the report folder, which may be deleted at any time."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

from liantu.tables.whole_files import write_whole

FOLDER = ".liantu"
"""Where a report folder keeps what can be made again, beside run.json."""
_FORM = 1
_HISTORY = {"modules": 2000, "yaml": 2000}
"""Sections that keep what is not used any more, up to so many entries: what a definition was is how a change is told."""


class Kept:
    """Results by what they were made from, in sections; read tolerantly and written whole.

    Nothing in it is believed for its own sake: entries are found by the hash of a file's content, or by an executed notebook's size, time
    and inode. A file that cannot be read, or that another version of Python or of the suite wrote, counts as empty.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._held = _read(path) if path else {}
        self._used: dict[str, set[str]] = {}
        self._changed = False

    def get(self, section: str, key: str, make: Callable[[], Any]) -> Any:
        """What is kept under `key`, else what `make` gives (JSON), which is kept from now on."""
        held = self._held.setdefault(section, {})
        if key not in held:
            held[key] = make()
            self._changed = True
        self._used.setdefault(section, set()).add(key)
        return held[key]

    def section(self, section: str) -> dict[str, Any]:
        """All that a section holds."""
        return self._held.get(section, {})

    def save(self) -> None:
        """Write the file when something is new and its report folder is there; a folder that cannot be written to is left alone."""
        if not (self._changed and self._path and self._path.parent.parent.is_dir()):
            return
        for section, held in self._held.items():
            if len(held) > _HISTORY.get(section, 0):
                self._held[section] = {key: value for key, value in held.items() if key in self._used.get(section, ())}
        try:
            write_whole(self._path, json.dumps({"form": _form(), **self._held}, ensure_ascii=False, separators=(",", ":")).encode())
        except OSError:
            return
        self._changed = False


def _form() -> str:
    return f"{_FORM} {platform.python_version()}"


def _read(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    if not isinstance(told, dict) or told.pop("form", None) != _form():
        return {}
    return told if all(isinstance(section, dict) for section in told.values()) else {}

"""What the index takes from the executed notebooks of a report folder."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from liantu.suite.matrix import LANGUAGES, suite
from liantu.suite.pages.facts import Facts, facts
from liantu.suite.pages.outputs import ANSWER, FIGURE, HEADLINE, WATCH, file_names, payloads, workbook_paths
from liantu.suite.runs.outcomes import STAMP

HEAT_MAP = "chain_county_projects"
"""Name of the figure whose rows the index shows as its map of chains by counties."""
_KEPT = ("id", "title", "place", "kind", "order", "lang", "county", "chain", "notebook", "parameters", "state", "seconds", "error",
         "attempts", "key", "run_id", "commit", "versions")
# A quote inside a JSON string is escaped, so this only ever matches a key with its value; base64 has no quotes.
_PICTURE = re.compile(rb'("image/(?:png|jpeg)":\s*)"[^"]*"')
_REMEMBERED = 4096  # entries, a few KB each


@dataclass(frozen=True)
class Entry:
    """What the index takes from one executed notebook: what became of it, and what it hands up (a page of the whole city only)."""

    stamp: Mapping[str, Any]
    facts: Facts
    answers: tuple[dict[str, Any], ...] = ()
    headlines: tuple[dict[str, Any], ...] = ()
    pictures: tuple[dict[str, Any], ...] = ()
    workbooks: tuple[str, ...] = ()
    heat: Mapping[str, Any] | None = None
    watch: tuple[dict[str, Any], ...] = ()

    @property
    def id(self) -> str:
        """The page's id, which is the stem of its files."""
        return self.facts.stem

    @property
    def state(self) -> str:
        """What became of the page."""
        return str(self.stamp.get("state") or "done")

    @property
    def kind(self) -> str:
        """The group of the index to which the page belongs."""
        return str(self.stamp.get("kind") or "")

    @property
    def notebook(self) -> str:
        """The name of the page's notebook, without its ending."""
        return str(self.stamp.get("notebook") or self.id.split(".")[0]).removesuffix(".ipynb")

    @property
    def of_city(self) -> bool:
        """True for a page of the whole city and all chains."""
        return not (self.stamp.get("county") or self.stamp.get("chain"))

    @property
    def label(self) -> str:
        """The page's title; the county's or chain's name where there is one."""
        return str(self.stamp.get("title") or self.facts.title or self.id)


def collect(out: Path) -> list[Entry]:
    """One entry for each executed notebook of a report folder, in the order of the index; other notebooks are left alone.

    Notebooks are read one after the other and pictures not at all, so memory does not grow with them. A notebook that did not change since
    this process read it is not read again.
    """
    found = []
    for path in sorted(out.glob("*.ipynb")):
        if path.name.startswith("."):
            continue
        known = path.stat()
        entry = _entry(path, (known.st_size, known.st_mtime_ns, known.st_ino))
        if entry is not None:
            found.append(entry)
    keys = ("notebook", "county", "chain", "lang")
    return sorted(found, key=lambda entry: (entry.stamp.get("order") or 0, *(str(entry.stamp.get(key) or "") for key in keys)))


def forget() -> None:
    """Forget what this process has read, so that the next collecting reads every notebook."""
    _entry.cache_clear()


@lru_cache(maxsize=_REMEMBERED)
def _entry(path: Path, version: tuple[int, int, int]) -> Entry | None:
    """What the index takes from one notebook, None when no run made it; `version` changes with the file."""
    try:
        notebook = _without_pictures(path.read_bytes())
    except (ValueError, RecursionError) as problem:
        return _damaged(path.stem, problem)
    stamp = notebook.metadata.get(STAMP)
    if not isinstance(stamp, Mapping):
        return None
    told, kept = facts(notebook, path.stem), {key: stamp[key] for key in _KEPT if key in stamp}
    workbooks = tuple(workbook_paths(notebook, path.stem))
    if kept.get("county") or kept.get("chain"):
        return Entry(kept, told, workbooks=workbooks)
    figures = payloads(notebook, FIGURE)
    return Entry(
        kept, told, tuple(payloads(notebook, ANSWER)), tuple(payloads(notebook, HEADLINE)), _pictures(figures, path.stem), workbooks,
        heat=next((figure for figure in figures if figure.get("name") == HEAT_MAP), None), watch=tuple(payloads(notebook, WATCH)))


def _without_pictures(raw: bytes) -> SimpleNamespace:
    """The notebook as plain JSON: nbformat's checks cost more than all the rest, and pictures are most of the bytes."""
    read = json.loads(_PICTURE.sub(rb'\1""', raw))
    if not isinstance(read, dict):
        raise ValueError("the file holds JSON, but no notebook")
    return SimpleNamespace(metadata=read.get("metadata") or {}, cells=read.get("cells") or [])


def _pictures(figures: list[dict[str, Any]], stem: str) -> tuple[dict[str, Any], ...]:
    names = file_names(figure.get("name") for figure in figures)
    return tuple({"name": figure.get("name", ""), "alt": figure.get("alt", ""), "title": figure.get("title", ""),
                  "src": f"figures/{stem}/{name}.png", "page": f"{stem}.html"} for figure, name in zip(figures, names, strict=True))


def _damaged(stem: str, problem: Exception) -> Entry | None:
    """A page of the suite whose notebook cannot be read has failed, and is told by its name alone; None for any other file."""
    (name, *axes), lang = stem.split(".")[:-1] or [stem], stem.rpartition(".")[2]
    known = next((entry for entry in suite().notebooks if entry.stem == name), None)
    if known is None or lang not in LANGUAGES:
        return None
    error = {"name": "DamagedNotebook", "value": str(problem), "cell": 0, "prompt": None}
    stamp = {"id": stem, "notebook": known.file, "title": known.name(lang), "kind": known.kind, "order": known.order, "lang": lang,
             "county": next((axis for axis in axes if axis.isdigit()), ""), "state": "failed", "error": error,
             "chain": next((axis for axis in axes if not axis.isdigit()), "")}
    told = SimpleNamespace(metadata={STAMP: {**stamp, "parameters": {key: stamp[key] for key in ("county", "chain")}}}, cells=[])
    return Entry(stamp, facts(told, stem))

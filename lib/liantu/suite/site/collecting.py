"""What the index takes from the executed notebooks of a report folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from liantu.suite.pages.facts import Facts, facts
from liantu.suite.pages.outputs import ANSWER, FIGURE, HEADLINE, file_names, payloads, workbook_paths
from liantu.suite.runs.outcomes import STAMP


@dataclass(frozen=True)
class Entry:
    """What the index takes from one executed notebook: what became of it, and what it hands up."""

    stamp: Mapping[str, Any]
    facts: Facts
    answers: tuple[dict[str, Any], ...] = ()
    headlines: tuple[dict[str, Any], ...] = ()
    pictures: tuple[dict[str, Any], ...] = ()
    workbooks: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The page's id, which is the stem of its files."""
        return self.facts.stem

    @property
    def state(self) -> str:
        """What became of the page."""
        return str(self.stamp.get("state") or "done")

    @property
    def of_city(self) -> bool:
        """True for a page of the whole city and all chains."""
        return not (self.stamp.get("county") or self.stamp.get("chain"))

    @property
    def label(self) -> str:
        """The page's title; the county's or chain's name where there is one."""
        return str(self.stamp.get("title") or self.facts.title or self.id)


def collect(out: Path) -> list[Entry]:
    """One entry for each executed notebook of a report folder, in the order of the index; other notebooks are left alone."""
    found = []
    for path in sorted(out.glob("*.ipynb")):
        if path.name.startswith("."):
            continue
        notebook = nbformat.read(path, as_version=4)
        if STAMP in notebook.metadata:
            found.append(_entry(notebook, path.stem, out))
    keys = ("notebook", "county", "chain", "lang")
    return sorted(found, key=lambda entry: (entry.stamp.get("order", 0), *(entry.stamp.get(key, "") for key in keys)))


def _entry(notebook: Any, stem: str, out: Path) -> Entry:
    told = facts(notebook, stem)
    figures = payloads(notebook, FIGURE)
    names = file_names(figure.get("name") for figure in figures)
    pictures = tuple({"alt": figure.get("alt", ""), "title": figure.get("title", ""), "src": f"figures/{stem}/{name}.png",
                      "page": f"{stem}.html"} for figure, name in zip(figures, names, strict=True))
    answers, headlines = payloads(notebook, ANSWER), payloads(notebook, HEADLINE)
    return Entry(dict(notebook.metadata[STAMP]), told, tuple(answers), tuple(headlines), pictures, tuple(workbook_paths(notebook, stem)))

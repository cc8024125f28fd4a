"""The pages of a report folder as HTML, with pictures, tables and fonts beside them."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from liantu.suite.matrix import Page
from liantu.suite.pages.fonts import font_files
from liantu.suite.pages.outputs import books_beside
from liantu.suite.pages.words import words
from liantu.suite.runs.outcomes import PageError
from liantu.suite.site.collecting import Entry
from liantu.tables.whole_files import write_whole

INDEX = {"zh": "index.html", "en": "index.en.html"}


@dataclass(frozen=True)
class Neighbour:
    """What a page has to know of another one to link it: `chain` is an id, `county` a code, both empty for all; `place` a name."""

    id: str
    notebook: str
    chain: str
    county: str
    lang: str
    place: str


class Renderer:
    """Renders the pages of a report folder one by one, also while others still run.

    `entries` are the pages that stand, `pages` those that will when the run ends: links lead to both. `done` has the ids of what was
    rendered, `failed` what could not be, by page.
    """

    def __init__(self, out: Path, entries: Iterable[Entry], pages: Iterable[Page] = ()) -> None:
        self._out = out
        self._exporter: Any = None
        standing = {entry.id: _neighbour(entry) for entry in entries}
        planned = {page.id: _planned(page) for page in pages}
        self._neighbours = planned | standing
        self._places = _places(sorted(self._neighbours.values(), key=lambda one: (one.notebook, one.chain, one.county)))
        self.done: list[str] = []
        self.failed: dict[str, PageError] = {}

    @property
    def known(self) -> frozenset[str]:
        """The ids of all pages that are linked."""
        return frozenset(self._neighbours)

    def render(self, stem: str) -> None:
        """Write the HTML, pictures and CSV of a page; what cannot be rendered is noted, never raised."""
        try:
            self._render(stem)
        except Exception as problem:  # a page that cannot be rendered must not stop the others; the index says so
            self.failed[stem] = PageError(f"Rendering{type(problem).__name__}", str(problem))
        else:
            self.done.append(stem)

    def _render(self, stem: str) -> None:
        if self._exporter is None:
            from liantu.suite.pages.exporter import LiantuExporter

            self._exporter = LiantuExporter()
        own = self._neighbours[stem]
        site = {"stems": self.known, "index": INDEX[own.lang], "places": self._places.get(_place_key(own), [])}
        notebook = nbformat.read(self._out / f"{stem}.ipynb", as_version=4)
        html, resources = self._exporter.from_notebook_node(notebook, {"metadata": {"name": stem, "path": str(self._out)}, "site": site})
        for folder in ("figures", "tables"):
            shutil.rmtree(self._out / folder / stem, ignore_errors=True)
        for name in set(_books_of(self._out / f"{stem}.html")) - resources["outputs"].keys():
            (self._out / name).unlink(missing_ok=True)
        for name, content in resources["outputs"].items():
            write_whole(self._out / name, content)
        write_whole(self._out / f"{stem}.html", html.encode("utf-8"))


def _books_of(page: Path) -> list[str]:
    """The workbooks beside the front page that a page linked when it was last rendered."""
    return books_beside(page.read_bytes()) if page.is_file() else []


def render(out: Path, entries: Iterable[Entry], only: Iterable[str] | None = None) -> dict[str, PageError]:
    """Write the HTML, pictures and CSV of each page (or of those in `only`); returns what could not be rendered, by page."""
    known = list(entries)
    renderer, wanted = Renderer(out, known), set(only) if only is not None else {entry.id for entry in known}
    for entry in known:
        if entry.id in wanted:
            renderer.render(entry.id)
    return renderer.failed


def copy_fonts(out: Path) -> None:
    """Put the Chinese fonts and their licence into `fonts/` beside the pages, for machines that have none."""
    target = out / "fonts"
    target.mkdir(parents=True, exist_ok=True)
    for font in font_files():
        there = target / font.name
        if not there.exists() or there.stat().st_size != font.stat().st_size:
            shutil.copyfile(font, there)


def _neighbour(entry: Entry) -> Neighbour:
    chain, county = (str(entry.stamp.get(axis) or "") for axis in ("chain", "county"))
    return Neighbour(entry.id, entry.notebook, chain, county, entry.facts.lang, entry.facts.place)


def _planned(page: Page) -> Neighbour:
    return Neighbour(page.id, page.notebook.stem, page.chain, page.county, page.lang, page.place.split(" · ")[0])


def _place_key(page: Neighbour) -> tuple[str, ...]:
    return page.notebook, page.chain, page.lang


def _places(pages: Iterable[Neighbour]) -> dict[tuple[str, ...], list[tuple[str, str]]]:
    """Links between the pages of one notebook, chain and language of the city and of each county, where there are several."""
    found: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for page in pages:
        name = page.place if page.county else words(page.lang)["whole_city"]
        found.setdefault(_place_key(page), []).append((name, f"{page.id}.html"))
    return {key: links for key, links in found.items() if len(links) > 1}

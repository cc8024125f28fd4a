"""The pages of a report folder as HTML, with pictures, tables and fonts beside them."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat

from liantu.suite.pages.fonts import font_files
from liantu.suite.pages.words import words
from liantu.suite.runs.outcomes import PageError
from liantu.suite.site.collecting import Entry
from liantu.tables.store import write_whole

INDEX = {"zh": "index.html", "en": "index.en.html"}


def render(out: Path, entries: Iterable[Entry], only: Iterable[str] | None = None) -> dict[str, PageError]:
    """Write the HTML, pictures and CSV of each page (or of those in `only`); returns what could not be rendered, by page."""
    from liantu.suite.pages.exporter import LiantuExporter

    known, exporter, failed = list(entries), LiantuExporter(), {}
    wanted = set(only) if only is not None else {entry.id for entry in known}
    stems, places = frozenset(entry.id for entry in known), _places(known)
    for entry in known:
        if entry.id not in wanted:
            continue
        site = {"stems": stems, "index": INDEX[entry.facts.lang], "places": places.get(_place_key(entry), [])}
        try:
            _render_page(out, entry.id, exporter, site)
        except Exception as problem:  # a page that cannot be rendered must not stop the others; the index says so
            failed[entry.id] = PageError(f"Rendering{type(problem).__name__}", str(problem))
    return failed


def copy_fonts(out: Path) -> None:
    """Put the Chinese fonts and their licence into `fonts/` beside the pages, for machines that have none."""
    target = out / "fonts"
    target.mkdir(parents=True, exist_ok=True)
    for font in font_files():
        there = target / font.name
        if not there.exists() or there.stat().st_size != font.stat().st_size:
            shutil.copyfile(font, there)


def _render_page(out: Path, stem: str, exporter: Any, site: dict[str, Any]) -> None:
    notebook = nbformat.read(out / f"{stem}.ipynb", as_version=4)
    html, resources = exporter.from_notebook_node(notebook, {"metadata": {"name": stem, "path": str(out)}, "site": site})
    for folder in ("figures", "tables"):
        shutil.rmtree(out / folder / stem, ignore_errors=True)
    for name, content in resources["outputs"].items():
        write_whole(out / name, content)
    write_whole(out / f"{stem}.html", html.encode("utf-8"))


def _place_key(entry: Entry) -> tuple[str, ...]:
    return entry.notebook, str(entry.stamp.get("chain") or ""), entry.facts.lang


def _places(entries: list[Entry]) -> dict[tuple[str, ...], list[tuple[str, str]]]:
    """Links between the pages of one notebook, chain and language of the city and of each county, where there are several."""
    found: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for entry in entries:
        name = entry.facts.place if entry.stamp.get("county") else words(entry.facts.lang)["whole_city"]
        found.setdefault(_place_key(entry), []).append((name, f"{entry.id}.html"))
    return {key: links for key, links in found.items() if len(links) > 1}

"""The pages of a report folder as HTML, with pictures, tables and fonts beside them."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat

from liantu.suite.pages.words import words
from liantu.suite.runs.outcomes import PageError
from liantu.suite.site.collecting import Entry
from liantu.tables.store import write_whole

INDEX = {"zh": "index.html", "en": "index.en.html"}
_FONTS = Path(__file__).resolve().parents[2] / "figures" / "fonts"


def render(out: Path, entries: Iterable[Entry], only: Iterable[str] | None = None) -> dict[str, PageError]:
    """Write the HTML, pictures and CSV of each page (or of those in `only`); returns what could not be rendered, by page."""
    from liantu.suite.pages.exporter import LiantuExporter

    known, exporter, failed = list(entries), LiantuExporter(), {}
    wanted = set(only) if only is not None else {entry.id for entry in known}
    stems = {entry.id for entry in known}
    for entry in known:
        if entry.id not in wanted:
            continue
        site = {"stems": stems, "index": INDEX[entry.facts.lang], "places": _places(entry, known)}
        try:
            _render_page(out, entry.id, exporter, site)
        except Exception as problem:  # a page that cannot be rendered must not stop the others; the index says so
            failed[entry.id] = PageError(f"Rendering{type(problem).__name__}", str(problem))
    return failed


def copy_fonts(out: Path) -> None:
    """Put the Chinese fonts and their licence into `fonts/` beside the pages, for machines that have none."""
    target = out / "fonts"
    target.mkdir(parents=True, exist_ok=True)
    for font in sorted([*_FONTS.glob("*.ttf"), *_FONTS.glob("OFL*")]):
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


def _places(entry: Entry, entries: list[Entry]) -> list[tuple[str, str]]:
    """Links to the same notebook's pages of the city and of each county, in the same language, when there are several."""
    keys = ("notebook", "lang", "chain")
    same = [other for other in entries if all(other.stamp.get(key) == entry.stamp.get(key) for key in keys)]
    city_word = words(entry.facts.lang)["whole_city"]
    return [(other.facts.place if other.stamp.get("county") else city_word, f"{other.id}.html") for other in same] if len(same) > 1 else []

"""Whether the HTML of a page is up to date with its executed notebook, the templates and the pages it links; which needs no cell to run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from liantu.suite.freshness.code import Library
from liantu.suite.freshness.kept import FOLDER
from liantu.suite.freshness.syntax import hashed
from liantu.suite.provenance import versions
from liantu.tables.whole_files import write_whole

PAGE = {"liantu.suite.pages.exporter": ["LiantuExporter"], "liantu.suite.site.rendering": ["render"]}
"""What makes a page's HTML: the code reached from here, with the templates and words beside it."""
INDEX = {"liantu.suite.site.index": ["write_index"]}
"""What makes the front page."""
LIBRARIES = ("nbconvert", "jinja2", "mistune", "pygments", "bleach", "beautifulsoup4", "great-tables", "latex2mathml", "xlsxwriter")
_SHARED_FILES = ("share.",)
_BESIDE = ("figures", "tables")
_INDEX = "index"


def look(library: Library, of_index: bool = False) -> dict[str, str]:
    """What all pages, or the front page, are rendered by, with hashes and versions: code, templates, words and libraries.

    The front page may include any file beside the templates, a page none that its name gives to the front page (`site.css`).
    """
    reached = library.reached(INDEX if of_index else PAGE)
    others = _SHARED_FILES if of_index else (*_SHARED_FILES, "site.")
    return {name: digest for name, digest in reached.items() if not name.rpartition("/")[2].startswith(others)} | versions(LIBRARIES)


def rendering_key(page: str, notebook: str, pages: Iterable[str]) -> dict[str, str]:
    """What the HTML of one page is made from besides: its executed notebook (a hash) and the pages that it links to.

    `pages` are the ids of all pages of the folder. A page links to those of the same notebook: other places, the other language.
    """
    stem = page.partition(".")[0]
    linked = ", ".join(sorted(other for other in pages if other.partition(".")[0] == stem))
    return {"its executed notebook": notebook, "the pages that it links to": linked}


class Renderings:
    """What was rendered into a report folder, from what, and which files came of it; kept in `.liantu/rendered.json`.

    Without the file, every page counts as not rendered.
    """

    def __init__(self, out: Path, library: Library) -> None:
        self._out, self._library = out, library
        self._path = out / FOLDER / "rendered.json"
        self._held = _read(self._path)

    def reasons(self, page: str, notebook: str, pages: Iterable[str]) -> list[str]:
        """Why the HTML of a page has to be made again; empty when it stands. Arguments as of `rendering_key`."""
        return self._reasons(page, [f"{page}.html"], rendering_key(page, notebook, pages), *self._page_look)

    def note(self, page: str, notebook: str, pages: Iterable[str]) -> None:
        """Note that a page has just been rendered, with the files that lie beside it now."""
        from liantu.suite.pages.outputs import books_beside  # not wanted where nothing is rendered

        folders = [self._out / folder / page for folder in _BESIDE]
        files = [path.relative_to(self._out).as_posix() for folder in folders for path in sorted(folder.glob("*")) if path.is_file()]
        files += books_beside((self._out / f"{page}.html").read_bytes())
        self._note(page, files, rendering_key(page, notebook, pages), *self._page_look)

    def index_reasons(self, made_from: Mapping[str, str]) -> list[str]:
        """Why the front page has to be written again; `made_from` names, with hashes, what it is made from besides code and templates."""
        return self._reasons(_INDEX, ["index.html"], made_from, *self._index_look)

    def note_index(self, made_from: Mapping[str, str]) -> None:
        """Note that the front page has just been written."""
        files = [path.name for path in sorted(self._out.glob("index*.html"))]
        self._note(_INDEX, files, made_from, *self._index_look)

    def _reasons(self, what: str, least: list[str], own: Mapping[str, str], name_of_look: str, by: Mapping[str, str]) -> list[str]:
        held = self._held.get(what)
        missing = [name for name in [*least, *(held["files"] if held else ())] if not (self._out / name).is_file()]
        if held is None:
            return [f"{name} is missing" for name in missing] or ["it was not rendered by a run that is on record"]
        told = []
        if held["own"] != own or held["look"] != name_of_look:
            then, now = {**held["own"], **self._held.get(held["look"], {})}, {**own, **by}
            told = [f"rendering: {name} changed" for name in [*now, *then.keys() - now.keys()] if now.get(name) != then.get(name)]
        return [f"{name} is missing" for name in missing[:3]] + told

    def _note(self, what: str, files: list[str], own: Mapping[str, str], name_of_look: str, by: Mapping[str, str]) -> None:
        self._held[name_of_look] = dict(by)
        self._held[what] = {"own": dict(own), "look": name_of_look, "files": files}

    @cached_property
    def _page_look(self) -> tuple[str, dict[str, str]]:
        now = look(self._library)
        return f"look {hashed(now)}", now

    @cached_property
    def _index_look(self) -> tuple[str, dict[str, str]]:
        now = look(self._library, of_index=True)
        return f"look {hashed(now)}", now

    def save(self) -> None:
        """Write what was noted, without looks that no page has any more."""
        looks = {held["look"] for held in self._held.values() if "look" in held}
        kept = {name: held for name, held in self._held.items() if "look" in held or name in looks}
        write_whole(self._path, json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode())


def _read(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    pages = {name: held for name, held in told.items() if isinstance(held, dict)} if isinstance(told, dict) else {}
    whole = {"own", "look", "files"}
    return {name: held for name, held in pages.items() if name.startswith("look ") or whole <= held.keys()}

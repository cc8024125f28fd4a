"""The site of one quarter: every page as HTML, and the index collected from the executed notebooks."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import Environment, FileSystemLoader

from liantu.reference import Quarter, city
from liantu.suite.facts import Facts, facts
from liantu.suite.matrix import Kind, sister
from liantu.suite.outputs import ANSWER, FIGURE, HEADLINE, as_text, file_names, payloads, share, workbook_paths
from liantu.suite.runs import STAMP, PageError
from liantu.suite.words import TEMPLATES, words

INDEX = {"zh": "index.html", "en": "index.en.html"}
PAGE_ONLY = 100
"""Headline values of this order and more stay on their own page."""
_FONTS = Path(__file__).resolve().parents[1] / "figures" / "fonts"


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


def render(out: Path, entries: Iterable[Entry], only: Iterable[str] | None = None) -> dict[str, PageError]:
    """Write the HTML, pictures and CSV of each page (or of those in `only`); returns what could not be rendered, by page."""
    from liantu.suite.exporter import LiantuExporter

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


def write_index(out: Path, entries: list[Entry], kinds: Iterable[Kind], run: Mapping[str, Any]) -> list[Path]:
    """Write index.html (Chinese) and index.en.html from the entries and the record of the run (see `liantu.suite.quarterly`)."""
    template = _environment().get_template("site.html.j2")
    written = []
    for lang, name in INDEX.items():
        text = template.render(**_index_view(out, entries, list(kinds), run, lang))
        written.append(_write(out / name, text.encode("utf-8")))
    return written


def copy_fonts(out: Path) -> None:
    """Put the Chinese fonts and their licence into `fonts/` beside the pages, for machines that have none."""
    target = out / "fonts"
    target.mkdir(parents=True, exist_ok=True)
    for font in sorted([*_FONTS.glob("*.ttf"), *_FONTS.glob("OFL*")]):
        there = target / font.name
        if not there.exists() or there.stat().st_size != font.stat().st_size:
            shutil.copyfile(font, there)


def write_run(out: Path, entries: Iterable[Entry], run: Mapping[str, Any]) -> Path:
    """Write run.json: the record of the run and every page of the folder with its parameters, state, seconds and error."""
    pages = [{key: value for key, value in entry.stamp.items() if key not in ("versions", "commit")} for entry in entries]
    return _write(out / "run.json", (json.dumps({**run, "pages": pages}, ensure_ascii=False, indent=1) + "\n").encode("utf-8"))


def _entry(notebook: Any, stem: str, out: Path) -> Entry:
    told = facts(notebook, stem)
    figures = payloads(notebook, FIGURE)
    names = file_names(figure.get("name") for figure in figures)
    pictures = tuple({"alt": figure.get("alt", ""), "title": figure.get("title", ""), "src": f"figures/{stem}/{name}.png",
                      "page": f"{stem}.html"} for figure, name in zip(figures, names, strict=True))
    answers, headlines = payloads(notebook, ANSWER), payloads(notebook, HEADLINE)
    return Entry(dict(notebook.metadata[STAMP]), told, tuple(answers), tuple(headlines), pictures, tuple(workbook_paths(notebook, stem)))


def _render_page(out: Path, stem: str, exporter: Any, site: dict[str, Any]) -> None:
    notebook = nbformat.read(out / f"{stem}.ipynb", as_version=4)
    html, resources = exporter.from_notebook_node(notebook, {"metadata": {"name": stem, "path": str(out)}, "site": site})
    for folder in ("figures", "tables"):
        shutil.rmtree(out / folder / stem, ignore_errors=True)
    for name, content in resources["outputs"].items():
        _write(out / name, content)
    _write(out / f"{stem}.html", html.encode("utf-8"))


def _places(entry: Entry, entries: list[Entry]) -> list[tuple[str, str]]:
    """Links to the same notebook's pages of the city and of each county, in the same language, when there are several."""
    keys = ("notebook", "lang", "chain")
    same = [other for other in entries if all(other.stamp.get(key) == entry.stamp.get(key) for key in keys)]
    city_word = words(entry.facts.lang)["whole_city"]
    return [(other.facts.place if other.stamp.get("county") else city_word, f"{other.id}.html") for other in same] if len(same) > 1 else []


def _index_view(out: Path, entries: list[Entry], kinds: list[Kind], run: Mapping[str, Any], lang: str) -> dict[str, Any]:
    ids = {entry.id for entry in entries}
    spoken = [entry for entry in entries if entry.facts.lang == lang]
    # a page that exists only in the other language is listed all the same
    listed = [entry for entry in entries if entry.facts.lang == lang or sister(entry.id) not in ids]
    whole = [entry for entry in (spoken or listed) if entry.of_city]
    quarter = str(run.get("quarter", ""))
    cards = _each_once((card for entry in whole for card in entry.headlines if (card.get("order") or 0) < PAGE_ONLY), "name")
    # the index answers the quarter's question; how good the ledgers are is another one, answered on its page
    answering = [entry for entry in whole if entry.stamp.get("kind") != "ledger"]
    charts = [entry for entry in whole if entry.stamp.get("kind") == "milestone" and entry.state == "done"]
    pictures = [picture for entry in charts for picture in entry.pictures]
    return {
        "lang": lang, "words": words(lang), "run": run, "city": city().divisions.city.name(lang), "quarter": quarter,
        "period": _period(quarter, lang), "facts": next((entry.facts for entry in whole), None),
        "other_index": INDEX["en" if lang == "zh" else "zh"],
        "answers": _each_once((answer for entry in answering for answer in entry.answers), "question"),
        "headlines": sorted(cards, key=lambda card: card.get("order") or 0),
        "pictures": [picture for picture in pictures if (out / picture["src"]).is_file()],
        "groups": _groups(listed, kinds, lang), "failures": [entry for entry in listed if entry.state != "done"],
        "inputs": next((entry.facts.inputs for entry in entries if entry.facts.inputs), "")}


def _groups(entries: list[Entry], kinds: list[Kind], lang: str) -> list[tuple[str, list[list[Entry]]]]:
    """Pages by kind, and within a kind by notebook."""
    names = {kind.id: kind.name(lang) for kind in kinds}
    order = [*names, *sorted({str(entry.stamp.get("kind")) for entry in entries} - set(names))]
    groups = []
    for kind in order:
        notebooks: dict[str, list[Entry]] = {}
        for entry in entries:
            if entry.stamp.get("kind") == kind:
                notebooks.setdefault(str(entry.stamp.get("notebook")), []).append(entry)
        if notebooks:
            groups.append((names.get(kind, kind), list(notebooks.values())))
    return groups


def _each_once(found: Iterable[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    kept: dict[Any, dict[str, Any]] = {}
    for payload in found:
        kept.setdefault(payload.get(key), payload)
    return list(kept.values())


def _period(quarter: str, lang: str) -> str:
    parsed = Quarter.parse(quarter)
    return f"{parsed.year}年第{'一二三四'[parsed.number - 1]}季度" if lang == "zh" else f"Q{parsed.number} {parsed.year}"


@cache
def _environment() -> Environment:
    environment = Environment(loader=FileSystemLoader(TEMPLATES / "liantu"), autoescape=True, trim_blocks=False)
    environment.filters |= {"as_text": as_text, "share": share}
    return environment


def _write(path: Path, content: bytes) -> Path:
    """Write aside, then rename: a reader never sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.part")
    aside.write_bytes(content)
    aside.replace(path)
    return path

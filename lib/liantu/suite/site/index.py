"""The front page of a quarter, which is also the index of its pages, collected from the executed notebooks; and the record of the run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from liantu.reference import Quarter, city
from liantu.suite.matrix import Kind, sister
from liantu.suite.pages.facts import Facts
from liantu.suite.pages.outputs import as_text, css_text, share
from liantu.suite.pages.trend import trend
from liantu.suite.pages.words import TEMPLATES, words
from liantu.suite.site.collecting import Entry
from liantu.suite.site.heat_map import HeatMap, heat_map
from liantu.suite.site.page_list import by_kind, filters, listed, titles
from liantu.suite.site.rendering import INDEX
from liantu.suite.site.watch_list import watch_list
from liantu.tables.store import write_whole

PAGE_ONLY = 100
"""Headline values of this order and more stay on their own page."""
CARDS_BESIDE = 6
"""Headline values of the quality of the ledgers and of what changed that stand beside the map, at most."""
_SINCE, _LEDGER, _MILESTONE, _CHAIN = "since", "ledger", "milestone", "chain"
_ERROR_SHOWN = 200  # characters of an error's text
_PICTURES = 8


def write_index(out: Path, entries: list[Entry], kinds: Iterable[Kind], run: Mapping[str, Any]) -> list[Path]:
    """Write index.html (Chinese) and index.en.html from the entries and the record of the run (see `liantu.suite.quarterly`)."""
    template = _environment().get_template("site.html.j2")
    written = []
    for lang, name in INDEX.items():
        text = template.render(**_index_view(out, entries, list(kinds), run, lang))
        write_whole(out / name, text.encode("utf-8"))
        written.append(out / name)
    return written


def write_run(out: Path, entries: Iterable[Entry], run: Mapping[str, Any]) -> Path:
    """Write run.json: the record of the run and every page of the folder with its parameters, state, seconds and error."""
    pages = [{key: value for key, value in entry.stamp.items() if key not in ("versions", "commit")} for entry in entries]
    write_whole(out / "run.json", (json.dumps({**run, "pages": pages}, ensure_ascii=False, indent=1) + "\n").encode("utf-8"))
    return out / "run.json"


def _index_view(out: Path, entries: list[Entry], kinds: list[Kind], run: Mapping[str, Any], lang: str) -> dict[str, Any]:
    ids = {entry.id for entry in entries}
    # a page that exists only in the other language is listed all the same, and speaks where no other does
    shown = [entry for entry in entries if entry.facts.lang == lang or sister(entry.id) not in ids]
    whole = sorted((entry for entry in shown if entry.of_city), key=lambda entry: entry.facts.lang != lang)
    facts, quarter = _facts(whole), str(run.get("quarter", ""))
    edition = facts.edition if facts else ""
    pages = listed(shown, out, run.get("run_id"), set(run.get("fresh") or ()))
    groups = by_kind(pages, kinds, lang, titles(entries))
    failures = [page for page in pages if page.entry.state != "done"]
    return {
        "lang": lang, "words": words(lang), "run": run, "city": city().divisions.city.name(lang), "quarter": quarter,
        "period": _period(quarter, lang), "facts": facts, "other_index": INDEX["en" if lang == "zh" else "zh"],
        "failures": failures,
        "errors": {page.entry.id: _shortened(page.entry.facts.error) for page in failures},
        "heat": _heat(whole, lang, ids, edition), "since": _beside(whole, _SINCE), "quality": _beside(whole, _LEDGER),
        "watch": watch_list(whole, lang, ids), "pictures": _pictures(whole, out), **_leading(whole),
        "books": _books(whole, out), "groups": groups, "count": len(pages), "filters": filters(groups, lang, edition),
        "inputs": _inputs(entries)}


def _books(whole: list[Entry], out: Path) -> list[dict[str, str]]:
    """The first workbook beside the front page of each page of the whole city that hands one on, each once."""
    beside = [(next((book for book in entry.workbooks if "/" not in book), ""), entry.label) for entry in whole]
    return _each_once(({"path": book, "label": label} for book, label in beside if book and (out / book).is_file()), "path")


def _inputs(entries: list[Entry]) -> str:
    """The hash of what all pages are made from: of their keys, or what the pages themselves tell."""
    keys = "\n".join(sorted(f"{entry.id} {entry.stamp['key']}" for entry in entries if entry.stamp.get("key")))
    return sha256(keys.encode()).hexdigest()[:12] if keys else next((entry.facts.inputs for entry in entries if entry.facts.inputs), "")


def _shortened(error: str) -> str:
    return error if len(error) <= _ERROR_SHOWN else f"{error[:_ERROR_SHOWN].rstrip()} …"


def _facts(whole: list[Entry]) -> Facts | None:
    """What the first page says of the data; a page that failed early says little."""
    return next((entry.facts for entry in whole if entry.facts.as_of), next((entry.facts for entry in whole), None))


def _leading(whole: list[Entry]) -> dict[str, Any]:
    """The answer to the quarter's question and the headline values; what changed and how good the ledgers are stand beside the map."""
    leading = [entry for entry in whole if entry.kind not in (_SINCE, _LEDGER)]
    answers = _each_once(({**answer, "lang": entry.facts.lang} for entry in leading for answer in entry.answers), "question")
    answers = [answer for answer in answers if answer.get("theme")] or answers[:1]
    cards = _each_once(({**card, "lang": entry.facts.lang} for entry in leading for card in entry.headlines
                        if (card.get("order") or 0) < PAGE_ONLY), "name")
    return {"answers": [answer for answer in answers if answer["lang"] == answers[0]["lang"]],
            "headlines": sorted(cards, key=lambda card: card.get("order") or 0)}


def _heat(whole: list[Entry], lang: str, pages: set[str], edition: str) -> tuple[HeatMap, Entry] | None:
    # a page of the chains tells more of them than the front page does
    for entry in sorted(whole, key=lambda entry: entry.kind != _CHAIN):
        found = heat_map(entry.heat, lang, pages, edition) if entry.heat else None
        if found:
            return found, entry
    return None


def _beside(whole: list[Entry], kind: str) -> dict[str, Any] | None:
    """Answer and first headline values of the first page of a kind that has any, with the page."""
    for entry in whole:
        if entry.kind == kind and (entry.answers or entry.headlines):
            cards = sorted(entry.headlines, key=lambda card: card.get("order") or 0)
            lines = [line for answer in entry.answers for line in str(answer.get("answer") or "").split("\n") if line.strip()]
            # the first two lines of what changed tell what is new, then what is restated
            told = lines[:1] + ([_clause(line) for line in lines[1:2]] if kind == _SINCE else [])
            return {"entry": entry, "lines": told, "cards": cards[:CARDS_BESIDE],
                    "scores": next((picture["title"] for picture in entry.pictures if picture["name"] == "scores"), "")}
    return None


def _clause(line: str) -> str:
    """A line up to its first semicolon."""
    clause = re.split("[；;]", line, maxsplit=1)[0]
    return line if clause == line else f"{clause}…"


def _pictures(whole: list[Entry], out: Path) -> list[dict[str, Any]]:
    """The first milestone charts whose pictures lie in the folder: the targets and what is said of them; the pages have the others."""
    charts = [entry for entry in whole if entry.kind == _MILESTONE and entry.state == "done"]
    found = [{**picture, "lang": entry.facts.lang} for entry in charts for picture in entry.pictures if (out / picture["src"]).is_file()]
    return found[:_PICTURES]


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
    environment.filters |= {"as_text": as_text, "share": share, "trend": trend, "css_text": css_text}
    return environment

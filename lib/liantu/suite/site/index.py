"""The front page of a quarter, which is also the index of its pages, collected from the executed notebooks; and the record of the run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from liantu.reference import Quarter, city
from liantu.suite.matrix import Kind, sister
from liantu.suite.pages.outputs import as_text, share
from liantu.suite.pages.words import TEMPLATES, words
from liantu.suite.site.collecting import Entry
from liantu.suite.site.rendering import INDEX
from liantu.tables.store import write_whole

PAGE_ONLY = 100
"""Headline values of this order and more stay on their own page."""


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

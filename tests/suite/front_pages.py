"""A small quarter of executed notebooks with all that the front page takes: for its tests."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from synthetic_pages import SCRIPT, answer_payload, headline_payload, page_payload, png

from liantu.reference import city
from liantu.suite.matrix import suite
from liantu.suite.site.collecting import collect
from liantu.suite.site.index import write_index
from liantu.suite.site.rendering import copy_fonts

RUN = {"run_id": "now", "started": "2022-07-05T08:00:00+00:00", "commit": "0123456789ab", "quarter": "2022Q2", "dataset": "simulated",
       "versions": {"liantu": "0.1.0"}, "wall_seconds": {"clean": 4.2, "run": 31.0, "render": 0.8}, "accounting": {"rows_read": 24518},
       "unreadable": []}
TITLES = {"00_front_page": ("front", "首页", "Front page"), "11_data_quality": ("ledger", "台账数据质量", "Quality of the ledgers"),
          "20_chain_overview": ("chain", "产业链总览", "The chains at a glance"),
          "21_chain_profile": ("chain", "产业链", "Chain"), "30_quarterly_milestones": ("milestone", "季度节点", "Quarterly milestones"),
          "50_since_last_quarter": ("since", "较上季变化", "Since last quarter")}
TREND = [{"quarter": "2021Q3", "value": None, "target": None}, {"quarter": "2021Q4", "value": 0, "target": None},
         {"quarter": "2022Q1", "value": 40, "target": 60}, {"quarter": "2022Q2", "value": 97, "target": 120}]


def mime(kind: str) -> str:
    return f"application/vnd.liantu.{kind}+json"


def heat_rows(lang: str) -> list[list]:
    """17 chains by 7 counties: place and chain give the number, the second chain has none."""
    place = city()
    group = {"old": "老字号", "raw": "原字号", "new": "新字号"} if lang == "zh" else {"old": "Old", "raw": "Raw", "new": "New"}
    return [[chain.name(lang), group[chain.group], county.short_zh if lang == "zh" else county.short_en, float(row * column)]
            for column, county in enumerate(place.divisions.counties, 1)
            for row, chain in enumerate(sorted(place.chains().chains, key=lambda chain: ("old", "raw", "new").index(chain.group)))]


def heat_payload(lang: str, rows: list[list] | None = None) -> dict:
    return {"name": "chain_county_projects", "title": "链上共3808个项目" if lang == "zh" else "3808 projects on the chains", "alt": "map",
            "caption": "另有524个项目未列入。" if lang == "zh" else "524 more projects are not shown.", "unit": "",
            "columns": [{"name": name, "label": name} for name in ("chain", "group", "county", "projects")],
            "rows": heat_rows(lang) if rows is None else rows}


def watch_payload(name: str, order: int, count: int, **item: str) -> dict:
    return {"name": name, "title": f"list {name}", "note": "", "order": order, "items": [
        {"what": f"{name} {number} {SCRIPT}", "why": "late", "county": "211382", "since": "2022-03-31", **item} for number in range(count)]}


def write_page(out: Path, notebook: str, lang: str, county: str = "", chain: str = "", shows: tuple = (), **stamp: object) -> str:
    """Write one executed notebook and a page beside it; `shows` are pairs of kind and payload."""
    kind, *titles = TITLES[notebook]
    stem = ".".join(part for part in (notebook, county, chain, lang) if part)
    divisions = {division.code: division for division in city().divisions.counties}
    place = (divisions[county].short_zh if lang == "zh" else divisions[county].short_en) if county else ""
    told = page_payload(lang) | {"county": county, "chain": city().chains().by_name(chain).zh if chain else ""} | (
        {"place": place} if county else {})
    data = [{mime("page"): told, "text/plain": ""}, *({mime(name): payload, "image/png": base64.b64encode(png(16, 9)).decode()}
                                                      for name, payload in shows)]
    cells = [{"cell_type": "code", "execution_count": 1, "metadata": {}, "source": "x",
              "outputs": [{"output_type": "display_data", "metadata": {}, "data": bundle} for bundle in data]}]
    written = {"id": stem, "notebook": f"{notebook}.ipynb", "title": titles[lang != "zh"], "kind": kind, "place": place,
               "order": {"00": 1, "30": 20, "50": 25, "20": 30, "21": 31, "11": 41}[notebook[:2]], "lang": lang, "county": county,
               "chain": chain, "state": "done", "seconds": 1.0, "parameters": {"quarter": "2022Q2", "lang": lang}, "error": None,
               "run_id": "now", "commit": "0", "versions": {}, **stamp}
    (out / f"{stem}.ipynb").write_text(json.dumps({"cells": cells, "metadata": {"liantu": written}, "nbformat": 4, "nbformat_minor": 5},
                                                  ensure_ascii=False), encoding="utf-8")
    (out / f"{stem}.html").write_text(f'<!DOCTYPE html><meta charset="utf-8"><link rel="icon" href="data:,"><h1>{stem}</h1>')
    for name, payload in shows:
        if name == "figure":
            (out / "figures" / stem).mkdir(parents=True, exist_ok=True)
            (out / "figures" / stem / f"{payload['name']}.png").write_bytes(png(16, 9))
    return stem


def write_quarter(out: Path, langs: tuple[str, ...] = ("zh", "en"), heat: bool = True) -> None:
    """Front page, milestones of the city and its counties, what changed, chains, one chain's profile, quality of the ledgers."""
    counties = [county.code for county in city().divisions.counties]
    for lang in langs:
        cards = tuple(("headline", headline_payload(lang, status, order) | {"trend": TREND})
                      for order, status in enumerate(("met", "ahead", "behind", "missed"), 1))
        chart = ("figure", {"name": "target_q1_started", "title": "chart", "alt": "chart", "columns": [], "rows": []})
        write_page(out, "00_front_page", lang, shows=(("answer", answer_payload(lang)), *cards))
        write_page(out, "30_quarterly_milestones", lang, shows=(("answer", answer_payload(lang)), *cards, chart, (
            "watch", watch_payload("overdue", 1, 12, page="30_quarterly_milestones"))))
        for county in counties:
            write_page(out, "30_quarterly_milestones", lang, county, shows=(("headline", headline_payload(lang) | {"value": 7777}),))
        write_page(out, "50_since_last_quarter", lang, shows=(
            ("answer", {"question": "?", "answer": "143 NEW FACTS\n318 RESTATED; the rest", "theme": ""}),
            *(("headline", headline_payload(lang, "unknown", order) | {
                "name": f"since_{order}", "value": 300 + order, "label": "since card"})
              for order in (1, 2))))
        write_page(out, "20_chain_overview", lang, shows=(("figure", heat_payload(lang, None if heat else [])),))
        write_page(out, "21_chain_profile", lang, chain="steel")
        write_page(out, "11_data_quality", lang, shows=(
            ("answer", {"question": "??", "answer": "QUALITY ANSWER\nmore", "theme": ""}),
            ("headline", headline_payload(lang, "unknown", 90) | {"name": "quality_cells", "value": 197, "label": "cells to correct"}),
            ("figure", {"name": "scores", "title": "Scores of 82 to 89", "alt": "scores", "columns": [], "rows": []}),
            ("watch", watch_payload("doubtful", 2, 3))))


def build(out: Path, run: dict | None = None) -> None:
    copy_fonts(out)
    write_index(out, collect(out), suite().kinds, RUN if run is None else run)

"""The workbook of targets to work through (招商清单): of the city, of a chain, of a county.

It is in both languages side by side whatever the page's language: the people who fill it in are not those who read the page.
"""

from __future__ import annotations

import pandas as pd

from liantu.assess.chain_gaps import ChainGaps
from liantu.chains.target_brief import TargetBrief, brief_of_target
from liantu.figures.display import BookColumn, BookSheet, Workbook
from liantu.figures.gap_words import interval, partners, ranks
from liantu.figures.quality_book import both
from liantu.figures.wording import WAN_IN_YI, number, percent, say
from liantu.reference import Chain
from liantu.report import Report

_TOLD = {
    "no": 6, "chain": 22, "link": 26, "state": 16, "unlock": 12, "interval": 16, "invest": 12, "per_yuan": 10, "ranks": 10,
    "products": 36, "codes": 14, "plant": 12, "buys": 34, "sells": 34}
_OF_COUNTY = {"front": 8, "density": 16}
_ANSWERS = {"firm": 26, "contact": 20, "office": 20, "next": 30}
_NUMBERS = ("no", "unlock", "invest", "per_yuan", "plant")
_CONTACT = ("none", "written", "visited", "talking", "signed", "dropped")
_LINES = 6


def of_city(report: Report, gaps: ChainGaps) -> Workbook:
    """All targets of the city, the best first."""
    return _book(report, gaps, gaps.targets, "city", report.place)


def of_chain(report: Report, gaps: ChainGaps, chain: Chain) -> Workbook:
    """The targets of one chain."""
    return _book(report, gaps, gaps.targets_of(chain), "chain", chain.name(report.lang))


def of_county(report: Report, gaps: ChainGaps, rows: pd.DataFrame) -> Workbook:
    """The targets of the city in the order of one county; `rows` as `ChainGaps.by_county` gives them."""
    known = gaps.targets.set_index(["chain", "link"])[["unlock_low", "unlock_high", "rank_low", "rank_high"]]
    return _book(report, gaps, rows.join(known, on=["chain", "link"]), "county", report.place)


def _book(report: Report, gaps: ChainGaps, rows: pd.DataFrame, kind: str, name: str) -> Workbook:
    lang, county = report.lang, kind == "county"
    told = _TOLD | (_OF_COUNTY if county else {})
    columns = [BookColumn(both(f"attraction.column.{key}"), size, "number" if key in _NUMBERS else "text") for key, size in told.items()]
    choices = tuple(both(f"attraction.contact.{key}") for key in _CONTACT)
    columns += [BookColumn(both(f"attraction.column.{key}"), size, "answer", choices if key == "contact" else ())
                for key, size in _ANSWERS.items()]
    table = _rows(gaps, rows, county)[[*told]].assign(**dict.fromkeys(_ANSWERS))
    sheets = (
        BookSheet(both("attraction.sheet"), tuple(columns), table, (both("attraction.note"),)),
        BookSheet(both("book.how"), (BookColumn("", 60), BookColumn("", 80)), _how(report)))
    heading = f"{say('attraction.heading', 'zh', name=name)}  {say('attraction.heading', 'en', name=name)}"
    caption = say("attraction.caption", lang, n=number(len(rows)))
    file = say("attraction.file", lang, name=name, quarter=report.quarter)
    badge = both("stamp.simulated") if report.simulated else f"{report.card.name('zh')} {report.card.name('en')}"
    return Workbook(file, say("attraction.title", lang, name=name), sheets, heading, caption, badge, report.as_of)


def _rows(gaps: ChainGaps, rows: pd.DataFrame, county: bool) -> pd.DataFrame:
    names = {chain.zh: f"{chain.zh} {chain.en}" for chain in gaps.chains.chains}
    told = [_row(place, row, brief_of_target(row["chain"], row["link"], row.get("county", ""), gaps.firms, gaps.chains), names, county)
            for place, row in enumerate(rows.to_dict("records"), start=1)]
    return pd.DataFrame(told, columns=[*_TOLD, *_OF_COUNTY])


def _row(place: int, row: dict, brief: TargetBrief, names: dict[str, str], county: bool) -> dict[str, object]:
    made = {
        "no": place, "chain": names[row["chain"]], "link": f"{row['zh']} {row['en']}", "state": both(f"gap.{row['state']}"),
        "unlock": _yi(row["unlock_wan"]), "interval": interval(row["unlock_low"], row["unlock_high"]), "invest": _yi(row["invest_wan"]),
        "per_yuan": round(float(row["per_yuan"]), 2), "ranks": ranks(row), "products": "、".join(brief.products),
        "codes": "、".join(brief.gb_codes), "plant": _yi(brief.plant_wan), "buys": partners(brief.buys, "zh"),
        "sells": partners(brief.sells, "zh")}
    if county:
        made |= {"front": "★" if row["front"] else "",
                 "density": f"{percent(row['density'])} ({percent(row['density_low'])}–{percent(row['density_high'])})"}
    return made


def _yi(wan: object) -> float | None:
    return None if pd.isna(wan) else round(float(wan) / WAN_IN_YI, 2)


def _how(report: Report) -> pd.DataFrame:
    lines = [[say(f"attraction.how.{line}", lang) for lang in ("zh", "en")] for line in range(1, _LINES + 1)]
    return pd.DataFrame([*lines, [report.card.caveat("zh"), report.card.caveat("en")]], columns=["zh", "en"])

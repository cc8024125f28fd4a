"""The workbook that goes back to a reporter: cells to correct, possible duplicates, changes without a reason, how to use it.

It is in both languages side by side whatever the page's language: the people who fill it in are not those who read the page.
"""

from __future__ import annotations

import pandas as pd

from liantu.assess import LedgerQuality
from liantu.assess.to_correct import fix_in_words
from liantu.figures.display import BookColumn, BookSheet, Workbook
from liantu.figures.wording import day, number, say
from liantu.report import Report
from liantu.tables.contracts import OBSERVATIONS, STAGES

_SIDE = {"name": "name", "company": "company", "amount": "total_investment_wan", "where": "where"}


def correction_book(report: Report, own: LedgerQuality) -> Workbook:
    """The workbook for one reporter (a county, or the departments on the city's page)."""
    place = {lang: report.place if lang == report.lang else _place(report, lang) for lang in ("zh", "en")}
    if not report.parameters.county:
        place = {lang: say("quality.departments", lang) for lang in place}
    now, earlier = own.found[own.found["newest"]], own.found[~own.found["newest"]]
    sheets = (
        BookSheet(both("book.fix"), _fix_columns(), _fix_rows(report, now), (both("book.fix.note"),)),
        BookSheet(both("book.pairs"), _pair_columns(), _pair_rows(own.pairs), (both("book.pairs.note"),)),
        BookSheet(both("book.changes"), _change_columns(), _change_rows(report, own), (both("book.changes.note"),)),
        BookSheet(both("book.earlier"), _fix_columns(), _fix_rows(report, earlier), (both("book.earlier.note"),)),
        BookSheet(both("book.how"), (BookColumn("", 60), BookColumn("", 80)), _how(report)))
    badge = f"{_card(report, 'zh')} {_card(report, 'en')}"
    lang = report.lang
    caption = say("quality.book.caption", lang, cells=number(len(now)), earlier=number(len(earlier)), pairs=number(len(own.pairs)),
                  changes=number(len(own.changes)))
    name = say("book.file", lang, place=place[lang], quarter=report.quarter)
    heading = f"{say('book.heading', 'zh', place=place['zh'])}  {say('book.heading', 'en', place=place['en'])}"
    return Workbook(name, say("quality.book.title", lang, place=place[lang]), sheets, heading, caption, badge, report.as_of)


def both(key: str, **values: object) -> str:
    """A message in both languages, Chinese first."""
    return f"{say(key, 'zh', **values)} {say(key, 'en', **values)}".strip()


def field_name(column: str, report: Report, lang: str) -> str:
    """A column of observations as readers call it."""
    stage, _, kind = column.rpartition("_")
    if stage in STAGES and kind in ("planned", "actual"):
        return say(f"quality.changes.{kind}", lang, stage=report.city.vocabulary.terms("stages")[stage].name(lang))
    known = {entry.name: entry.zh if lang == "zh" else entry.en for entry in OBSERVATIONS.columns}
    return known.get(column, column)


def _place(report: Report, lang: str) -> str:
    division = report.city.divisions.by_code(report.parameters.county or report.city.divisions.city.code)
    return division.short_zh if lang == "zh" else division.short_en


def _card(report: Report, lang: str) -> str:
    return say("stamp.simulated", lang) if report.simulated else report.card.name(lang)


# --- cells


def _fix_columns() -> tuple[BookColumn, ...]:
    widths = {"severity": 10, "file": 26, "sheet": 12, "row": 7, "column": 18, "value": 20, "problem_zh": 34, "problem_en": 34, "send": 38}
    kinds = {"severity": "severity", "row": "number"}
    columns = [BookColumn(both(f"book.column.{name}"), size, kinds.get(name, "text")) for name, size in widths.items()]
    return (*columns, BookColumn(both("book.column.answer"), 24, "answer"))


def _fix_rows(report: Report, found: pd.DataFrame) -> pd.DataFrame:
    known = {rule.id: rule for rule in report.city.rules.rules}
    pairs = list(zip(found["fix"], found["rule"], strict=True))
    send = ["\n".join(dict.fromkeys(fix_in_words(fix, known.get(rule), lang) for lang in ("zh", "en"))) for fix, rule in pairs]
    return pd.DataFrame({
        "severity": [both(f"severity.{kind}") for kind in found["severity"]], "file": found["source_file"].to_list(),
        "sheet": found["sheet"].to_list(), "row": found["row"].to_list(), "column": found["column"].to_list(),
        "value": found["value"].to_list(), "problem_zh": found["message_zh"].to_list(), "problem_en": found["message_en"].to_list(),
        "send": send, "answer": [None] * len(found)})


# --- pairs


def _pair_columns() -> tuple[BookColumn, ...]:
    sizes = {"name": 28, "company": 22, "amount": 12, "where": 30}
    sides = [BookColumn(f"{both(f'book.column.{name}')} {side}", size, "number" if name == "amount" else "text")
             for side in ("A", "B") for name, size in sizes.items()]
    choices = (both("book.same"), both("book.different"))
    score, evidence = BookColumn(both("book.column.score"), 8, "number"), BookColumn(both("book.column.evidence"), 34)
    return (*sides, score, evidence, BookColumn(both("book.column.same"), 16, "answer", choices))


def _pair_rows(pairs: pd.DataFrame) -> pd.DataFrame:
    made = {}
    for side in ("a", "b"):
        where = [say("book.where", "zh", file=row[0], sheet=row[1], row=row[2])
                 for row in zip(*(pairs[f"{name}_{side}"] for name in ("source_file", "sheet", "row")), strict=True)]
        rows = pairs.assign(**{f"where_{side}": where})
        made |= {f"{name}_{side}": rows[f"{column}_{side}"].to_list() for name, column in _SIDE.items()}
    evidence = pairs["evidence"].str.replace("; ", "\n", regex=False).to_list()
    return pd.DataFrame(made | {"score": pairs["score"].round(2).to_list(), "evidence": evidence, "answer": [None] * len(pairs)})


# --- changes


def _change_columns() -> tuple[BookColumn, ...]:
    sizes = {"project": 30, "field": 26, "original": 14, "before": 14, "now": 14, "change": 14, "ledgers": 24, "where": 34}
    columns = [BookColumn(both(f"book.column.{name}"), size) for name, size in sizes.items()]
    return (*columns, BookColumn(both("book.column.reason"), 34, "answer"))


def _change_rows(report: Report, own: LedgerQuality) -> pd.DataFrame:
    newest = own.files.set_index("source_file")["newest"]
    rows = own.changes.assign(_newest=own.changes["source_file"].map(newest)).sort_values("_newest", ascending=False, kind="stable")
    sizes = [f"{'+' if size > 0 else ''}{number(size)} {'万元' if kind == 'sum' else '天 days'}"
             for kind, size in zip(rows["kind"], rows["size"], strict=True)]
    told = {name: [number(value) if isinstance(value, float) else value for value in rows[name]]
            for name in ("original", "previous", "latest")}
    fields = [f"{field_name(name, report, 'zh')} {field_name(name, report, 'en')}" for name in rows["field"]]
    return pd.DataFrame({
        "project": rows["name"].to_list(), "field": fields, **told, "change": sizes,
        "ledgers": [f"{day(then)} → {day(now)}" for then, now in zip(rows["previous_snapshot"], rows["snapshot"], strict=True)],
        "where": [say("book.where", "zh", file=row.source_file, sheet=row.sheet, row=row.row) for row in rows.itertuples()],
        "answer": [None] * len(rows)})


def _how(report: Report) -> pd.DataFrame:
    lines = [[say(f"book.how.{step}", lang) for lang in ("zh", "en")] for step in range(1, 8)]
    caveat = [report.card.caveat("zh"), report.card.caveat("en")]
    return pd.DataFrame([*lines, caveat], columns=["zh", "en"])

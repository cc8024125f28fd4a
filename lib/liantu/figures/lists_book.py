"""The workbook of the four lists (四清单): sent out each quarter, filled in, and read back with the next quarter's ledgers.

Sheets and headers are Chinese whatever the page's language, in the words of the ledger forms, so that cleaning reads them. What is
known stands beside the cell that asks for the next figure and is not read again: an empty answer is silence, never last quarter's number.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pandas as pd

from liantu.assess.lists import FourLists, ListRules, four_lists
from liantu.figures.display import BookColumn, BookMark, BookSheet, Workbook
from liantu.figures.quality_book import both
from liantu.figures.wording import number, quarter_name, say
from liantu.report import Report

FILE = "lists"
"""The workbook's name in the report folder; a county's is followed by its code."""
_GUIDE_LINES = 9
_MARKED = "deadline"
_GAP = "\0"  # stands where the days do, to find the words before them
_SIDES = {"planned": "planned", "actual": "actual_date"}


def of_report(report: Report) -> Workbook:
    """The workbook of the report's county, or of the whole city: `lists.<county code>.xlsx` or `lists.xlsx` beside the front page."""
    return workbook(report, four_lists(report))


def of_counties(report: Report) -> list[Workbook]:
    """The workbooks of all counties of the city, in the order of their codes."""
    return [of_report(report.known_in(code)) for code in report.city.divisions.codes]


def workbook(report: Report, lists: FourLists) -> Workbook:
    """The workbook of four lists."""
    lang, county = report.lang, lists.county
    division = report.city.divisions.by_code(county or report.city.divisions.city.code)
    coming = report.quarter.next
    sheets = (_tasks(report, lists), _progress(report, lists), _problems(report, lists), _duties(report, lists), _guide(report))
    heading = "  ".join(say("lists.heading", spoken, place=division.name(spoken), quarter=quarter_name(str(coming), spoken))
                        for spoken in ("zh", "en"))
    badge = both("stamp.simulated") if report.simulated else f"{report.card.name('zh')} {report.card.name('en')}"
    counts = {name: number(len(getattr(lists, name))) for name in ("tasks", "progress", "problems", "duties")}
    title = say("lists.book.title", lang, place=division.name(lang))
    return Workbook(f"{FILE}.{county}" if county else FILE, title, sheets, heading, say("lists.book.caption", lang, **counts), badge,
                    report.as_of, at_root=True)


# --- columns


def _column(name: str, width: int, kind: str = "text", **more: object) -> BookColumn:
    return BookColumn(say(f"lists.head.{name}", "zh"), width, kind, **more)


def _asked(name: str, width: int, kind: str = "text", **more: object) -> BookColumn:
    """A column to fill in, with what is said beside a cell and when something else is typed."""
    said = "choice" if more.get("choices") else kind
    alert = "" if said == "text" else say(f"lists.alert.{said}", "zh")
    return _column(name, width, kind, fill=True, prompt=say(f"lists.prompt.{said}", "zh"), alert=alert, **more)


def _county(report: Report) -> BookColumn:
    """Counties of rows are given; in blank rows below one is chosen."""
    choices = tuple(division.zh for division in report.city.divisions.counties)
    return _column("county", 12, choices=choices, prompt="", alert=say("lists.alert.choice", "zh"))


def _past(report: Report, rules: ListRules) -> dict[str, object]:
    """Days on which something can have happened by the end of the quarter in which the list comes back."""
    return {"between": (rules.first_day, report.quarter.next.end)}


def _ahead(report: Report, rules: ListRules) -> dict[str, object]:
    """Days for which something can be planned."""
    return {"between": (rules.first_day, dt.date(report.quarter.year + rules.years_ahead, 12, 31))}


def _sheet(lists: FourLists, name: str, columns: Sequence[BookColumn], rows: dict[str, Sequence[object]], done: str = "",
           frozen: int = 0, **more: object) -> BookSheet:
    """A sheet with its note, or what it says when nothing was reported; rows are marked by their deadline, or as done."""
    empty = not len(getattr(lists, name))
    notes = (say(f"lists.none.{name}" if empty else f"lists.note.{name}", "zh"),)
    words = {dress: say(f"lists.deadline.{dress}", "zh", days=_GAP).partition(_GAP)[0] for dress in ("overdue", "soon", "done")}
    deadline = say(f"lists.head.{_MARKED}", "zh")
    marks = (*([BookMark("done", say(f"lists.head.{done}", "zh"))] if done else []),
             *(BookMark(dress, deadline, text) for dress, text in words.items()))
    return BookSheet(say(f"lists.sheet.{name}", "zh"), tuple(columns), pd.DataFrame(rows), notes, marks=marks, frozen=frozen, **more)


# --- the four lists


def _tasks(report: Report, lists: FourLists) -> BookSheet:
    rules, rows = lists.rules, lists.tasks
    ended = rows["state"].eq("done") & (rows["origin"] != "target")
    counted = ("value", "actual", "gap") if rows["value"].notna().any() else ()
    columns = (
        _column("serial", 6, "number"), _column("task_id", 30), _column("task", 50), _column("kind", 11), _county(report),
        _column("department", 24), _column("due", 12, "date"), *(_column(name, 8, "number") for name in counted), _column(_MARKED, 14),
        _column("last_progress", 10, "share"), _column("last_status", 10),
        _asked("progress", 9, "share"), _asked("done_date", 13, "date", **_past(report, rules)),
        _asked("status", 10, choices=rules.task_status), _asked("note", 26))
    return _sheet(lists, "tasks", columns, {
        "serial": range(1, len(rows) + 1), "task_id": rows["task_id"], "task": rows["name"], "kind": rows["kind"],
        "county": _counties(report, rows), "department": rows["department"], "due": rows["due"],
        **{name: rows[name] for name in counted}, "deadline": _deadlines(rows), "last_progress": rows["progress"],
        "last_status": rows["status"], "progress": rows["progress"].where(ended), "done_date": rows["done_date"].where(ended),
        "status": rows["status"].where(ended), "note": [None] * len(rows)}, done="done_date", frozen=3, spare=rules.spare_rows)


def _progress(report: Report, lists: FourLists) -> BookSheet:
    rules, rows = lists.rules, lists.progress
    stages = {stage: term.zh for stage, term in report.city.vocabulary.terms("stages").items()}
    kinds = {name: term.zh for name, term in report.city.vocabulary.terms("construction").items()}
    dates = [(side, step) for step in rules.steps for side in ("planned", "actual")]
    heads = {(side, step): say(f"lists.head.{_SIDES[side]}", "zh", stage=stages[step]) for side, step in dates}
    said = {side: {"prompt": say("lists.prompt.date", "zh"), "alert": say("lists.alert.date", "zh"),
                   **(_past if side == "actual" else _ahead)(report, rules)} for side in ("planned", "actual")}
    columns = (
        _column("serial", 6, "number"), _column("project", 36), _column("company", 26), _county(report), _column("construction", 9),
        _column("total", 12, "number"), _column("department", 24), _column("last_stage", 10),
        _asked("stage", 11, choices=tuple(stages.values())), _asked("plan_year", 12, "number"), _column("last_done_year", 12, "number"),
        _asked("done_year", 12, "number"), _column("last_done_total", 12, "number"), _asked("done_total", 12, "number"),
        *(BookColumn(heads[side, step], 13, "date", fill=True, **said[side]) for side, step in dates),
        _column("next", 10), _column("next_due", 12, "date"), _column(_MARKED, 14), _asked("note", 24), _column("project_id", 16))
    same_year = rows["money_as_of"].dt.year == report.quarter.next.year
    values = {
        "serial": range(1, len(rows) + 1), "project": rows["name"], "company": rows["company"], "county": _counties(report, rows),
        "construction": rows["construction"].map(kinds), "total": rows["total_investment_wan"], "department": rows["department"],
        "last_stage": rows["stage"].map(stages), "stage": [None] * len(rows), "plan_year": rows["plan_year_wan"].where(same_year),
        "last_done_year": rows["done_year_wan"], "done_year": [None] * len(rows), "last_done_total": rows["done_total_wan"],
        "done_total": [None] * len(rows)}
    values |= {f"{side}_{step}": _date_texts(rows, step, side, rules) for side, step in dates}
    values |= {"next": rows["next"].map(stages), "next_due": rows["due"], "deadline": _deadlines(rows), "note": [None] * len(rows),
               "project_id": rows["project_id"]}
    return _sheet(lists, "progress", columns, values, frozen=2, spare=rules.spare_rows, pages_wide=2)


def _problems(report: Report, lists: FourLists) -> BookSheet:
    rules, rows = lists.rules, lists.problems
    ended = rows["state"].eq("done")
    columns = (
        _column("serial", 6, "number"), _column("problem_id", 11), _column("about", 32), _county(report), _column("problem_kind", 10),
        _column("description", 36), _column("department", 24), _column("steward", 20), _column("raised", 12, "date"),
        _column("solve_by", 12, "date"), _column(_MARKED, 14), _column("last_status", 10),
        _asked("resolved", 13, "date", **_past(report, rules)), _asked("status", 10, choices=rules.problem_status), _asked("note", 26))
    return _sheet(lists, "problems", columns, {
        "serial": range(1, len(rows) + 1), "problem_id": rows["problem_id"], "about": rows["project_name"],
        "county": _counties(report, rows), "problem_kind": rows["kind"], "description": rows["description"],
        "department": rows["department"], "steward": rows["steward"], "raised": rows["raised"], "solve_by": rows["due"],
        "deadline": _deadlines(rows), "last_status": rows["status"], "resolved": rows["resolved"].where(ended),
        "status": rows["status"].where(ended), "note": [None] * len(rows)}, done="resolved", frozen=3, spare=rules.spare_rows)


def _duties(report: Report, lists: FourLists) -> BookSheet:
    rows = lists.duties
    stages = {stage: term.zh for stage, term in report.city.vocabulary.terms("stages").items()}
    what = {kind: say(f"lists.item.{kind}", "zh") for kind in ("task", "project", "problem")}
    columns = (_column("who", 26), _column("where", 12), _column("item_kind", 10), _column("item_id", 22), _column("item", 48),
               _column("item_step", 12), _column("item_due", 14, "date"), _column(_MARKED, 14), _column("behind", 10, "number"))
    behind = [int(days) if days is not pd.NA and days > 0 else None for days in rows["days"]]
    return _sheet(lists, "duties", columns, {
        "who": rows["department"].fillna(say("lists.nobody", "zh")), "where": _counties(report, rows), "item_kind": rows["kind"].map(what),
        "item_id": rows["item_id"], "item": rows["item"], "item_step": rows["stage"].map(stages), "item_due": rows["due"],
        "deadline": _deadlines(rows), "behind": behind}, frozen=1, locked=True)


def _guide(report: Report) -> BookSheet:
    until = report.quarter.next.end
    lines = [[say(f"lists.guide.{line}", lang, until=until.isoformat(), as_of=report.as_of.isoformat()) for lang in ("zh", "en")]
             for line in range(1, _GUIDE_LINES + 1)]
    lines.append([report.card.caveat("zh"), report.card.caveat("en")])
    return BookSheet(say("lists.sheet.guide", "zh"), (BookColumn("", 70), BookColumn("", 80)), pd.DataFrame(lines, columns=["zh", "en"]),
                     locked=True)


# --- cells


def _counties(report: Report, rows: pd.DataFrame) -> pd.Series:
    """Counties by their full names; the city's own rows as ledgers call them."""
    names = {division.code: division.zh for division in report.city.divisions.counties}
    names[report.city.divisions.city.code] = say("lists.city_own", "zh")
    return rows["county"].map(names)


def _deadlines(rows: pd.DataFrame) -> list[str | None]:
    """What a deadline asks for now, in words that survive a printer without colours."""
    words = {state: say(f"lists.deadline.{state}", "zh", days="{}") for state in ("overdue", "soon", "open", "no_date", "done")}
    days = rows["days"].astype("Int64").abs()
    return [words[state].format("" if left is pd.NA else left) for state, left in zip(rows["state"], days, strict=True)]


def _date_texts(rows: pd.DataFrame, step: str, side: str, rules: ListRules) -> list[object]:
    """Dates of a step, as vague as ledgers gave them."""
    dates = zip(rows[f"{step}_{side}"], rows[f"{step}_{side}_precision"], strict=True)
    return [None if pd.isna(date) else rules.date_text(date, precision) for date, precision in dates]

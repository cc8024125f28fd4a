"""What a notebook shows of the four lists (四清单): how much is open and late, the most pressing rows of each list, and the workbooks."""

from __future__ import annotations

import pandas as pd

from liantu.assess.lists import FourLists, four_lists
from liantu.figures import behind, lists_book
from liantu.figures.display import BESIDE_THE_INDEX, Answer, Headline, PageTable, Workbook
from liantu.figures.wording import day, number, percent, say
from liantu.report import Report

SHOWN = 12
"""Rows of each list that the page shows; the workbook has all."""


def answer(report: Report) -> list[Answer | Headline]:
    """How many items are on the lists and how many are late, where most of them lie, and how the workbook comes back."""
    lang, lists, question = report.lang, four_lists(report), say("lists.question", report.lang)
    rows = lists.duties
    if rows.empty:
        return [Answer(question, say("lists.answer.none", lang, place=report.place))]
    late, soon, nobody = (int(found.sum()) for found in (
        rows["state"] == "overdue", rows["state"] == "soon", rows["department"].isna()))
    told = {kind: number((rows["kind"] == kind).sum()) for kind in ("task", "project", "problem")}
    silent = [say(f"lists.sheet.{name}", lang) for name in ("tasks", "problems") if report.whole_city.table(name).empty]
    told |= {"silent": say("lists.and", lang).join(silent), "days": lists.rules.soon_days}
    open_now = "lists.answer.silent" if silent else "lists.answer.open"
    lines = [say(open_now, lang, place=report.place, late=number(late), soon=number(soon), **told)]
    if worst := _worst_county(report, rows):
        lines.append(worst)
    lines.append(say("lists.answer.back", lang, quarter=str(report.quarter.next)))
    cards = [_card(report, name, value, place) for place, (name, value) in enumerate((("late", late), ("soon", soon), ("nobody", nobody)))]
    return [Answer(question, "\n".join(lines)), *cards]


def _card(report: Report, name: str, value: int, place: int) -> Headline:
    lang = report.lang
    return Headline(f"lists_{name}", say(f"lists.card.{name}", lang), value, say("lists.card.items", lang),
                    note=say(f"lists.card.{name}_note", lang), order=BESIDE_THE_INDEX + place)


def _worst_county(report: Report, rows: pd.DataFrame) -> str:
    """The county with the largest number of overdue items, with its share; nothing where no county, or more than one, has most."""
    late = rows[rows["state"] == "overdue"]["county"].value_counts()
    if late.empty or report.parameters.county or (len(late) > 1 and late.iloc[0] == late.iloc[1]):
        return ""
    of = int((rows["county"] == late.index[0]).sum())
    return say("lists.answer.county", report.lang, county=behind.county_name(report, late.index[0]), late=number(late.iloc[0]),
               n=number(of), share=percent(late.iloc[0] / of))


def tasks(report: Report) -> PageTable:
    """The task list: what is late or due next."""
    lists = four_lists(report)
    rows = lists.tasks.head(SHOWN)
    return _table(report, lists, "tasks", {
        "task_id": rows["task_id"], "task": rows["name"], "county": _counties(report, rows), "department": rows["department"],
        "due": _days(rows["due"]), "deadline": _deadlines(report, rows), "last_status": rows["status"]})


def progress(report: Report) -> PageTable:
    """The progress list: the projects whose next step is late or due next."""
    lists = four_lists(report)
    rows, lang = lists.progress.head(SHOWN), report.lang
    stages = {stage: term.name(lang) for stage, term in report.city.vocabulary.terms("stages").items()}
    return _table(report, lists, "progress", {
        "project": rows["name"], "county": _counties(report, rows), "department": rows["department"],
        "last_stage": rows["stage"].map(stages), "next": rows["next"].map(stages), "next_due": _days(rows["due"]),
        "deadline": _deadlines(report, rows)})


def problems(report: Report) -> PageTable:
    """The problem list: what has been open longest beyond its date."""
    lists = four_lists(report)
    rows = lists.problems.head(SHOWN)
    return _table(report, lists, "problems", {
        "problem_id": rows["problem_id"], "about": rows["project_name"], "description": rows["description"],
        "county": _counties(report, rows), "department": rows["department"], "solve_by": _days(rows["due"]),
        "deadline": _deadlines(report, rows)})


def duties(report: Report) -> PageTable:
    """The responsibility list by office: how much each answers for, and how much of it is late."""
    lists, lang = four_lists(report), report.lang
    rows = lists.duties.assign(who=lists.duties["department"].astype("str").fillna(say("lists.nobody", lang)))
    counted = pd.DataFrame({
        **{f"{kind}s": (rows["kind"] == kind).groupby(rows["who"]).sum() for kind in ("task", "project", "problem")},
        **{name: (rows["state"] == state).groupby(rows["who"]).sum() for name, state in (("late", "overdue"), ("soon", "soon"))}})
    counted = counted.sort_values(["late", "soon"], ascending=False, kind="stable").reset_index(names="who")
    return _table(report, lists, "duties", {name: counted[name] for name in ("who", "tasks", "projects", "problems", "late", "soon")})


def books(report: Report) -> list[Workbook]:
    """The workbook of the city, then those of its counties: `lists.xlsx` and `lists.<county code>.xlsx` beside the front page."""
    return [lists_book.of_report(report), *([] if report.parameters.county else lists_book.of_counties(report))]


def county_lists(report: Report) -> Workbook:
    """The workbook of the report's county."""
    return lists_book.of_report(report)


def _table(report: Report, lists: FourLists, name: str, columns: dict[str, pd.Series | list[str]]) -> PageTable:
    lang, rows = report.lang, getattr(lists, name)
    late = int((rows["state"] == "overdue").sum())
    title = say(f"lists.table.{name}" if len(rows) else f"lists.none.{name}", lang, n=number(len(rows)), late=number(late))
    caption = say(f"lists.caption.{name}", lang, shown=number(min(SHOWN, len(rows))), left=number(lists.left_out)) if len(rows) else ""
    data = pd.DataFrame({column: list(values) for column, values in columns.items()})
    return PageTable(f"list_{name}", title, data, {column: say(f"lists.head.{column}", lang) for column in columns}, caption)


def _counties(report: Report, rows: pd.DataFrame) -> list[str]:
    names = {code: behind.county_name(report, code) for code in rows["county"].dropna().unique()}
    return [names.get(code, "") for code in rows["county"]]


def _deadlines(report: Report, rows: pd.DataFrame) -> list[str]:
    return [say(f"lists.deadline.{state}", report.lang, days="" if left is pd.NA else abs(left))
            for state, left in zip(rows["state"], rows["days"].astype("Int64"), strict=True)]


def _days(dates: pd.Series) -> list[str]:
    return ["" if pd.isna(date) else day(date) for date in dates]

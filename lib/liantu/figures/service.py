"""What a notebook shows of the service to projects: key tasks, problems and how fast they are solved, and who carries them."""

from __future__ import annotations

import pandas as pd

from liantu.assess.service import Service, department_measures, service_of, task_counts
from liantu.figures import behind
from liantu.figures.display import BESIDE_THE_INDEX, Answer, Headline, PageTable, Picture, WatchItem, WatchList
from liantu.figures.gap_words import labels
from liantu.figures.service_charts import load_chart, tasks_chart, times_chart
from liantu.figures.wording import day, number, percent, say
from liantu.report import Report

WATCHED = 6
_LISTED = 40
_P = 0.05
_MISSING = ("brands", "direct_line", "agents", "stewards")


def _names(report: Report, made: Service) -> dict[str, str]:
    """What kinds and offices are called: those of counties by the county's name and how theirs ends."""
    names = made.rules.names(report.lang)
    if report.lang == "zh":
        return names
    for row in made.load.itertuples():
        for office in made.rules.county_offices:
            if row.steward.endswith(office.zh) and row.county:
                names[row.steward] = f"{behind.county_name(report, row.county)}, {office.en}"
    return names


def _told(names: dict[str, str], value: object, lang: str) -> str:
    """A ledger's word, or several of them, as readers call it."""
    if not isinstance(value, str) or not value:
        return "–"
    return say("separator", lang).join(names.get(part, part) for part in value.split("、"))


def _days(dates: pd.Series) -> list[str]:
    return ["–" if pd.isna(date) else day(date) for date in dates]


def _high(value: float, lang: str) -> str:
    return say("service.open_end", lang) if pd.isna(value) else number(value)


def answer(report: Report) -> list[Answer | Headline]:
    """How many key tasks are done and late, how many problems are open and overdue, and how long solving takes; three cards."""
    made, lang, question = service_of(report), report.lang, say("service.question", report.lang)
    if made.tasks.empty and made.lives.empty:
        return [Answer(question, say("service.answer.none", lang))]
    lines = [_tasks_told(made, lang), *_problems_told(made, lang)]
    return [Answer(question, "\n".join(lines)), *_cards(made, lang)]


def _tasks_told(made: Service, lang: str) -> str:
    if made.tasks.empty:
        return say("service.answer.no_tasks", lang)
    row = task_counts(made.tasks).iloc[0]
    told = {"n": number(row["tasks"]), "done": number(row["done"]), "late": number(row["late"]), "overdue": number(row["overdue"]),
            "running": number(row["under_way"]), "idle": number(row["not_begun"])}
    if made.target is None or made.target <= row["tasks"]:
        return say("service.answer.tasks", lang, **told)
    return say("service.answer.tasks_off", lang, **told, target=number(made.target), missing=number(made.target - row["tasks"]))


def _problems_told(made: Service, lang: str) -> list[str]:
    if made.lives.empty:
        return [say("service.answer.no_problems", lang)]
    whole, moves = made.times[""].iloc[0], made.moves
    told = {"n": number(whole["problems"]), "open": number(whole["open"]), "overdue": number(whole["overdue"])}
    first = say("service.answer.problems_alone", lang, **told) if moves["new"] is None else say(
        "service.answer.problems", lang, **told, new=number(moves["new"]), solved=number(moves["solved"]))
    stuck = number((made.stuck["over"] > 0).sum())
    if pd.isna(whole["median"]):
        return [first, say("service.answer.times_open", lang, stuck=stuck)]
    return [first, say("service.answer.times", lang, median=number(whole["median"]), low=number(whole["low"]),
                       high=_high(whole["high"], lang), stuck=stuck)]


def _cards(made: Service, lang: str) -> list[Headline]:
    cards = []
    if len(made.tasks):
        row = task_counts(made.tasks).iloc[0]
        elapsed = None if pd.isna(row["elapsed"]) else round(float(row["elapsed"]), 3)
        cards.append(Headline("key_tasks_done", say("service.card.tasks", lang), int(row["done"]), say("service.unit.task", lang),
                              target=made.target, elapsed=elapsed if made.target else None,
                              note=say("service.card.tasks_note", lang, late=number(row["late"])), order=BESIDE_THE_INDEX))
    if len(made.lives):
        whole = made.times[""].iloc[0]
        cards.append(Headline("open_problems", say("service.card.problems", lang), int(whole["open"]), say("service.unit.problem", lang),
                              note=say("service.card.problems_note", lang, overdue=number(whole["overdue"])), order=BESIDE_THE_INDEX + 1))
        if pd.notna(whole["median"]):
            note = say("service.card.median_note", lang, low=number(whole["low"]), high=_high(whole["high"], lang),
                       n=number(whole["timed"]))
            cards.append(Headline("median_days_to_solve", say("service.card.median", lang), round(float(whole["median"])),
                                  say("service.unit.days", lang), note=note, order=BESIDE_THE_INDEX + 2))
    return cards


def tasks(report: Report) -> list[Picture | PageTable]:
    """Key tasks by kind and state, and the departments' tasks and problems."""
    made = service_of(report)
    chart = tasks_chart(task_counts(made.tasks, "kind"), **report.whole_city.stamp, names=_names(report, made))
    return [chart, *_departments(report, made)]


def _departments(report: Report, made: Service) -> list[PageTable]:
    table, lang, names = department_measures(report), report.lang, _names(report, made)
    if table.empty:
        return []
    interval = ["–" if pd.isna(row.low) else f"{number(row.low)}–{_high(row.high, lang)}" for row in table.itertuples()]
    shown = table.assign(department=[_told(names, name, lang) for name in table["department"]], interval=interval)
    shown = shown.drop(columns=["low", "high"])
    if made.lives.empty:
        shown = shown.drop(columns=["problems", "problems_open", "problems_overdue", "problems_resolved", "median_days", "interval"])
    if made.tasks.empty:
        shown = shown.drop(columns=["tasks", "tasks_done", "tasks_late"])
    title = say("service.departments.title", lang, n=number(len(shown)))
    caption = say("service.departments.caption", lang, few=number(made.rules.few))
    return [PageTable("departments", title, shown, labels(shown, "service.departments", lang), caption, {"interval": "right"})]


def late_tasks(report: Report) -> list[PageTable]:
    """The tasks that are late, and what the task ledger contradicts in itself."""
    made, lang = service_of(report), report.lang
    names, rows = _names(report, made), made.tasks[made.tasks["state"] == "late"]
    if made.tasks.empty:
        return []
    rows = rows.sort_values(["delay_days", "task_id"], ascending=[False, True], na_position="last")
    delay = [say("service.late.said", lang) if pd.isna(value) else number(value) for value in rows["delay_days"]]
    table = pd.DataFrame({
        "name": rows["name"], "kind": [_told(names, kind, lang) for kind in rows["kind"]],
        "department": [_told(names, name, lang) for name in rows["department"]], "due": _days(rows["due"]),
        "progress": [percent(value) for value in rows["progress"]], "delay": delay})
    late = PageTable("late_tasks", say("service.late.title", lang, n=number(len(rows))), table, labels(table, "service.late", lang),
                     say("service.late.caption", lang), {"progress": "right", "delay": "right", "due": "center"})
    return [*([late] if len(rows) else []), _faults(report, made, names)]


def _faults(report: Report, made: Service, names: dict[str, str]) -> PageTable:
    lang, rows = report.lang, made.faults.join(made.tasks.set_index("task_id")[["name", "department"]], on="task_id")
    table = pd.DataFrame({
        "name": rows["name"], "department": [_told(names, name, lang) for name in rows["department"]],
        "fault": [say(f"service.fault.{fault}", lang) for fault in rows["fault"]], "said": rows["said"], "shown": rows["shown"]})
    key, n = ("title", len(rows)) if len(rows) else ("none", len(made.tasks))
    return PageTable("task_faults", say(f"service.faults.{key}", lang, n=number(n)), table.astype("str"),
                     labels(table, "service.faults", lang), say("service.faults.caption", lang))


def times(report: Report) -> list[Picture | PageTable]:
    """How long problems take to be solved, by kind, and whether kinds, departments and counties differ."""
    made, lang, few = service_of(report), report.lang, service_of(report).rules.few
    table = pd.concat([made.times[""], made.times["kind"]], ignore_index=True)
    differ = made.differ.set_index("by")
    p = float(differ.loc["kind", "p"])
    chart = times_chart(table, **report.whole_city.stamp, names=_names(report, made), p=p, few=few)
    if made.lives.empty:
        return [chart]
    told = ["untested" if pd.isna(value) else "differ" if value < _P else "same" for value in made.differ["p"]]
    shown = pd.DataFrame({
        "by": [say(f"service.by.{by}", lang) for by in made.differ["by"]], "groups": made.differ["groups"], "n": made.differ["n"],
        "p": ["–" if pd.isna(value) else say("service.p.small", lang) if value < 0.001 else f"{value:.3f}" for value in made.differ["p"]],
        "told": [say(f"service.differ.told.{kind}", lang) for kind in told]})
    return [chart, PageTable("times_differ", say("service.differ.title", lang), shown, labels(shown, "service.differ", lang),
                             say("service.differ.caption", lang, few=number(few)), {"p": "right"})]


def load(report: Report) -> Picture:
    """The open problems of each steward's office."""
    made = service_of(report)
    return load_chart(made.load, **report.whole_city.stamp, names=_names(report, made))


def stuck(report: Report) -> list[PageTable]:
    """The projects with open problems, those beyond the usual days in their stage first."""
    made, lang = service_of(report), report.lang
    rows, names = made.stuck, _names(report, made)
    if rows.empty:
        return []
    stages = {stage: term.name(lang) for stage, term in report.city.vocabulary.terms("stages").items()}
    shown = rows.head(_LISTED)
    table = pd.DataFrame({
        "name": shown["name"], "county": behind.county_names(report, shown["county"]),
        "stage": [stages.get(stage, "–") for stage in shown["stage"]],
        "waits": shown["waits"], "usual": shown["usual"].round(), "over": shown["over"].round(), "problems": shown["problems"],
        "kinds": [_told(names, kinds, lang) for kinds in shown["kinds"]], "oldest": shown["oldest"],
        "stewards": [_told(names, name, lang) for name in shown["stewards"]]})
    title = say("service.stuck.title", lang, n=number(len(rows)), over=number((rows["over"] > 0).sum()))
    return [PageTable("stuck_projects", title, table, labels(table, "service.stuck", lang),
                      say("service.stuck.caption", lang, unmatched=number(made.unmatched)))]


def _overdue(report: Report, made: Service) -> pd.DataFrame:
    rows = made.lives[made.lives["overdue"]]
    return rows.assign(past=(pd.Timestamp(report.as_of) - rows["due"]).dt.days).sort_values(["past", "problem_id"], ascending=[False, True])


def overdue(report: Report) -> list[PageTable]:
    """The problems past their date that are still open, the oldest first."""
    made, lang = service_of(report), report.lang
    names, rows = _names(report, made), _overdue(report, made)
    if made.lives.empty:
        return []
    shown = rows.head(_LISTED)
    table = pd.DataFrame({
        "project": shown["project_name"].fillna("–"), "county": behind.county_names(report, shown["county"]),
        "kind": [_told(names, kind, lang) for kind in shown["kind"]], "description": shown["description"].fillna("–"),
        "department": [_told(names, name, lang) for name in shown["department"]],
        "steward": [_told(names, name, lang) for name in shown["steward"]], "raised": _days(shown["raised"]), "due": _days(shown["due"]),
        "past": shown["past"]})
    title = say("service.overdue.title" if len(rows) else "service.overdue.none", lang, n=number(len(rows)), shown=number(len(shown)))
    caption = say("service.overdue.caption", lang, gone=number((made.lives["state"] == "gone").sum()),
                  reopened=number(made.lives["reopened"].sum()))
    return [PageTable("overdue_problems", title, table, labels(table, "service.overdue", lang), caption,
                      {"raised": "center", "due": "center"})]


def not_reported(report: Report) -> PageTable:
    """What the speech names and no ledger reports, and what a reporter would send."""
    lang, rules = report.lang, service_of(report).rules
    table = pd.DataFrame({
        "what": [say(f"service.missing.{part}", lang, n=number(rules.brands)) for part in _MISSING],
        "state": say("service.missing.state", lang), "send": [say(f"service.missing.{part}.send", lang) for part in _MISSING]})
    return PageTable("service_not_reported", say("service.missing.title", lang), table, labels(table, "service.missing", lang),
                     say("service.missing.caption", lang))


def watch(report: Report) -> list[WatchList]:
    """The problems past their date behind projects that wait longer than usual, then the oldest ones."""
    made, lang = service_of(report), report.lang
    rows, names = _overdue(report, made), _names(report, made)
    if rows.empty:
        return []
    beyond = set(made.stuck.loc[made.stuck["over"] > 0, "project_id"])
    rows = rows.assign(beyond=rows["project_id"].isin(beyond)).sort_values(["beyond", "past", "problem_id"], ascending=[False, False, True])
    items = tuple(WatchItem(
        say("service.watch.what", lang, project=row["project_name"] if isinstance(row["project_name"], str) else row["problem_id"],
            kind=_told(names, row["kind"], lang)),
        say("service.watch.why", lang, age=number(row["age"]), past=number(row["past"]), department=_told(names, row["department"], lang),
            steward=_told(names, row["steward"], lang)),
        behind.county_name(report, row["county"]), row["raised"] if pd.notna(row["raised"]) else None)
        for row in rows.head(WATCHED).to_dict("records"))
    note = say("service.watch.note", lang, n=number(len(rows)), shown=number(len(items)))
    return [WatchList("service", say("service.watch.title", lang), items, note, 12)]

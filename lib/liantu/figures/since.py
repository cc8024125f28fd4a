"""What a notebook shows of the changes since last quarter: one call for each part of the page."""

from __future__ import annotations

import pandas as pd

from liantu import progress
from liantu.figures import behind
from liantu.figures.display import BESIDE_THE_INDEX, Answer, Behind, Headline, PageTable, Picture, WatchItem, WatchList
from liantu.figures.empty import empty_picture
from liantu.figures.quality_book import field_name
from liantu.figures.since_charts import bridge_chart, facts_chart, restated_chart
from liantu.figures.wording import WAN_IN_YI, day, number, quarter_name, say
from liantu.progress.since import KINDS, PARTS, TIMES, Since, bridge_projects, investment_bridge, restatements
from liantu.reference.opened import kept
from liantu.report import Report
from liantu.tables.contracts import STAGES

SHOWN = 10  # changed values of each kind in the table
WATCHED = 3  # of each kind in the watch list
_VALUES = ("amount", "area", "actual", "withdrawn", "dated", "plan", "approval", "county", "name", "company")
_CHANGED_FIRST = (*PARTS[1:], PARTS[0])
_BACK = ("stage_back", "vanished")
_PROBLEMS = ("problem_opened", "problem_closed")
_TOLD_FIRST = (("project", "project"), *(("stage", stage) for stage in STAGES), ("approval", ""),
               *((kind, "") for kind in _PROBLEMS))


def answer(report: Report) -> list[Answer | Headline]:
    """What is new and what is restated in two sentences, and the key numbers; or why there is nothing to compare with."""
    since, lang = progress.since_last_quarter(report), report.lang
    question, quarter = say("since.question", lang), quarter_name(str(report.quarter), lang)
    if since is None:
        why = "since.nothing" if report.as_of > report.quarter.previous.end else "since.too_early"
        last = quarter_name(str(report.quarter.previous), lang)
        return [Answer(question, say(why, lang, quarter=quarter, last=last, as_of=day(report.as_of)))]
    bridged, told, other = progress.bridges(since), _told(report), _restated(report)
    told_now = told[told["time"] == "in_quarter"]
    stages = told_now[told_now["kind"] == "stage"]
    most = stages["what"].value_counts().head(3)
    named = say("separator", lang).join(say("since.one", lang, label=_stage(report, stage), n=number(n)) for stage, n in most.items())
    moved = bridged[bridged["restated"] != 0]
    restated = say("semicolon", lang).join(say("since.restated", lang, **_bridge_words(row, report)) for row in moved.to_dict("records"))
    first = say("since.answer.new", lang, quarter=quarter, n=number(len(stages)),
                named=say("since.named", lang, named=named) if named else "",
                opened=number((told_now["kind"] == "problem_opened").sum()), closed=number((told_now["kind"] == "problem_closed").sum()))
    second = say("since.answer.restated", lang, late=number((other["kind"] == "late").sum()),
                 values=number(other["kind"].isin(_VALUES).sum()), restated=restated or say("since.restated.none", lang))
    return [Answer(question, first + "\n" + second), *_cards(report, since)]


def bridges(report: Report) -> list[Picture | PageTable]:
    """For each target the number published at the end of last quarter, what was restated, what is new, and the number known now."""
    since, lang = progress.since_last_quarter(report), report.lang
    if since is None:
        return [_nothing(report, "bridges")]
    table, projects = progress.bridges(since), bridge_projects(since)
    moved = table[["late", "withdrawn", "postponed", "new"]].any(axis=1)
    drawn = table[moved & table[["published", "known"]].any(axis=1)]  # a count that begins, or did not move, stands in the table
    pictures = [bridge_chart(row, **report.stamp, then=since.end, quarter=str(report.quarter)).backed_by(
        _behind_bridge(report, since, projects, row)) for row in drawn.to_dict("records")]
    shown = table.assign(label=[say("since.label", lang, label=row.label, year=row.year) for row in table.itertuples()])
    shown = shown[["label", "published", "late", "withdrawn", "postponed", "known", "new", "now"]]
    said = _said(since)
    labels = {name: say(f"since.table.{name}", lang) for name in shown.columns[1:]} | {"label": say("county.column.label", lang)}
    title = say("since.table.title", lang, n=len(shown))
    return [*pictures, PageTable("bridges", title, shown, labels, say("since.table.caption", lang, **said))]


def investment(report: Report) -> list[PageTable]:
    """The same for the investment done in the year, in 亿元; nothing in a first quarter, whose year begins at zero, or without plans."""
    since, lang = progress.since_last_quarter(report), report.lang
    parts = investment_bridge(since) if since and since.end.year == report.quarter.year else {}
    if not any(parts.values()):
        return []
    table = pd.DataFrame({"part": [say(f"since.money.{part}", lang, **_said(since)) for part in parts],
                          "amount": [number(wan / WAN_IN_YI, tenths=True) for wan in parts.values()]})
    labels = {"part": say("bridge.column.part", lang), "amount": say("since.money.amount", lang)}
    yi = {part: number(wan / WAN_IN_YI, tenths=True) for part, wan in parts.items()}
    title = say("since.money.title", lang, **yi, **_said(since))
    return [PageTable("investment_bridge", title, table, labels, say("since.money.caption", lang), {"amount": "right"})]


def told_first(report: Report) -> Picture:
    """What the ledgers of the quarter told first: in the quarter, late, without a date."""
    since = progress.since_last_quarter(report)
    if since is None:
        return _nothing(report, "told_first")
    told = _told(report)
    names = [(kind, what, _fact_name(report, kind, what)) for kind, what in _TOLD_FIRST]
    counts = told.groupby(["kind", "time"]).size().to_dict() | told.groupby(["kind", "what", "time"]).size().to_dict()
    rows = [{"label": name, **{time: int(counts.get((kind, what, time) if what else (kind, time), 0)) for time in TIMES}}
            for kind, what, name in names]
    table = pd.DataFrame(rows)
    picture = facts_chart(table[table[list(TIMES)].sum(axis=1) > 0], **report.stamp, then=since.end, quarter=str(report.quarter))
    return picture.backed_by(_behind_facts(report, told))


def restated(report: Report) -> list[Picture | PageTable]:
    """What is now said otherwise, by kind, with every changed value behind the bars, and the largest of them in a table."""
    since, lang = progress.since_last_quarter(report), report.lang
    if since is None:
        return [_nothing(report, "restated")]
    rows = _restated(report)
    counts = [(kind, say(f"restated.kind.{kind}", lang), rows[rows["kind"] == kind]) for kind in KINDS]
    table = pd.DataFrame([{"label": label, "number": len(part), "projects": part["project_id"].nunique()} for _, label, part in counts
                          if len(part)], columns=["label", "number", "projects"])
    picture = restated_chart(table, **report.stamp, then=since.end)
    values = rows[rows["kind"].isin(_VALUES)]
    shown = values.groupby("kind", sort=False).head(SHOWN)
    made = _in_words(report, shown)
    if shown.empty:
        return [picture.backed_by(_behind_restated(report, rows))]
    title = say("restated.values.title", lang, n=number(len(values)), shown=len(made))
    labels = {name: say(f"restated.column.{name}", lang) for name in made.columns}
    caption = say("restated.values.caption", lang, shown=SHOWN)
    return [picture.backed_by(_behind_restated(report, rows)), PageTable("changed_values", title, made, labels, caption)]


def gone(report: Report) -> list[PageTable]:
    """Projects whose stage went back, and projects that no ledger names any more, the largest investment first."""
    if progress.since_last_quarter(report) is None:
        return []
    lang, rows = report.lang, _gone(report)
    made = _in_words(report, rows).drop(columns=["field", "reason"]).assign(
        investment=(rows["investment"].astype("float64") / WAN_IN_YI).round(2).to_numpy())
    back, vanished = ((rows["kind"] == kind).sum() for kind in _BACK)
    labels = {name: say(f"restated.column.{name}", lang) for name in made.columns}
    title = say("gone.title", lang, back=number(back), vanished=number(vanished))
    return [PageTable("gone", title, made, labels, say("gone.caption", lang))]


def watch(report: Report) -> list[WatchList]:
    """The largest restatements of targets and of sums, and the largest projects that went back or vanished."""
    since, lang = progress.since_last_quarter(report), report.lang
    if since is None:
        return []
    bridged, rows = progress.bridges(since), _restated(report)
    moved = bridged[bridged["restated"] != 0].sort_values("restated", key=abs, ascending=False, kind="stable").head(1)
    items = [WatchItem(say("since.watch.target", lang, **_bridge_words(row, report)), say("since.watch.target.why", lang, **row),
                       _here(report), since.end) for row in moved.to_dict("records")]
    for kind in _BACK:
        found = _gone(report)
        for row in _in_words(report, found[found["kind"] == kind].head(WATCHED)).itertuples():
            why = say(f"since.watch.{kind}", lang, old=_told_stage(report, row.old), new=_told_stage(report, row.new))
            items.append(WatchItem(row.project, why, row.county, since.end))
    sums = rows[rows["field"] == "total_investment_wan"].head(WATCHED - 1)
    items += [WatchItem(row.project, say("since.watch.amount", lang, old=row.old, new=row.new), row.county, since.end)
              for row in _in_words(report, sums).itertuples()]
    return [WatchList("since", say("since.watch.title", lang), tuple(items), say("since.watch.note", lang), 40)] if items else []


# --- what several parts use


@kept(maxsize=4)
def _told(report: Report) -> pd.DataFrame:
    since = progress.since_last_quarter(report)
    return progress.first_told(since.then.tables, since.now.tables, since.end)


@kept(maxsize=4)
def _restated(report: Report) -> pd.DataFrame:
    return restatements(progress.since_last_quarter(report))


def _gone(report: Report) -> pd.DataFrame:
    """Restatements of the kinds in `_BACK` with the total investment of each project, the largest first within a kind."""
    rows = _restated(report)
    rows = rows[rows["kind"].isin(_BACK)]
    amounts = behind.home(report).projects.set_index("project_id")["total_investment_wan"]
    rows = rows.assign(investment=rows["project_id"].map(amounts), place=rows["kind"].map(_BACK.index))
    return rows.sort_values(["place", "investment"], ascending=[True, False], kind="stable", ignore_index=True)


def _nothing(report: Report, part: str) -> Picture:
    stamped = {key: value for key, value in report.stamp.items() if key != "place"}
    return empty_picture(part, say(f"since.subject.{part}", report.lang), **stamped)


def _here(report: Report) -> str:
    return report.place if report.parameters.county else ""


def _said(since: Since) -> dict[str, object]:
    lang, quarter = since.now.lang, since.now.quarter
    return {"then": day(since.end), "as_of": day(since.now.as_of), "last": quarter_name(str(quarter.previous), lang),
            "quarter": quarter_name(str(quarter), lang)}


def _bridge_words(row: dict, report: Report) -> dict[str, object]:
    words = {name: number(row[name]) for name in ("published", "known", "new", "now")}
    sign = "+" if row["restated"] > 0 else ""
    label = row["label"] if report.quarter.year == row["year"] else say("since.label", report.lang, label=row["label"], year=row["year"])
    return words | {"label": label, "restated": sign + number(row["restated"])}


def _cards(report: Report, since: Since) -> list[Headline]:
    lang, told, rows = report.lang, _told(report), _restated(report)
    stages = told[told["kind"] == "stage"]
    times = {time: int((stages["time"] == time).sum()) for time in TIMES}
    changed = rows[rows["kind"].isin(_VALUES)]
    back, vanished = (int((rows["kind"] == kind).sum()) for kind in _BACK)
    told_of = {
        "new": (times["in_quarter"], {"undated": number(times["undated"])}), "late": (times["late"], _said(since)),
        "values": (len(changed), {"n": number(changed["project_id"].nunique())}),
        "gone": (back + vanished, {"back": number(back), "vanished": number(vanished)})}
    return [
        Headline(f"since_{name}", say(f"since.card.{name}", lang), value, say(f"since.card.{name}.unit", lang),
                 note=say(f"since.card.{name}.note", lang, **words), order=BESIDE_THE_INDEX + place)
        for place, (name, (value, words)) in enumerate(told_of.items())]


def _stage(report: Report, stage: str) -> str:
    return report.city.vocabulary.terms("stages")[stage].name(report.lang)


def _told_stage(report: Report, stage: object) -> str:
    return stage if isinstance(stage, str) else say("watch.links.no_stage", report.lang)


def _fact_name(report: Report, kind: str, what: str) -> str:
    return _stage(report, what) if kind == "stage" else say(f"facts.kind.{kind}", report.lang)


def _in_words(report: Report, rows: pd.DataFrame) -> pd.DataFrame:
    """Restatements as readers see them: kind, project, county, field, old, new, reason, source_file, sheet, row."""
    about = behind.home(report).projects.set_index("project_id")[["name", "county"]].reindex(rows["project_id"])
    fields = {name: field_name(name, report, report.lang) for name in rows["field"].unique()}
    texts = {side: [_value(report, name, value) for name, value in zip(rows["field"], rows[side], strict=True)] for side in ("old", "new")}
    kinds = {kind: say(f"restated.kind.{kind}", report.lang) for kind in rows["kind"].unique()}
    return pd.DataFrame({
        "kind": [kinds[kind] for kind in rows["kind"]], "project": about["name"].array,
        "county": behind.county_names(report, about["county"]), "field": rows["field"].map(fields).array, **texts,
        "reason": rows["reason"].array, **{name: rows[name].array for name in behind.WHERE}})


def _value(report: Report, field: str, value: object) -> str | None:
    if value is None or pd.isna(value):
        return None
    if field.endswith(("_wan", "_mu")):
        unit = "restated.wan" if field.endswith("_wan") else "restated.mu"
        return say(unit, report.lang, n=f"{float(value):,.1f}".removesuffix(".0"))
    if field == "stage":
        terms = report.city.vocabulary.terms("stages")
        return terms[str(value)].name(report.lang) if str(value) in terms else str(value)
    return behind.county_name(report, value) if field == "county" else str(value)


# --- the rows behind the bars


def _behind_bridge(report: Report, since: Since, projects: pd.DataFrame, row: dict) -> Behind:
    lang, said = report.lang, _said(since)
    own = projects[(projects["target"] == row["target"]) & (projects["year"] == row["year"])]
    own = own.sort_values("part", key=lambda parts: parts.map(_CHANGED_FIRST.index), kind="stable")
    bars = {part: say(f"bridge.part.{part}", lang, **said) for part in PARTS}
    made = own.assign(bar=[bars[part] for part in own["part"]], told=own["measure"].map(behind.TOLD),
                      before=own["date_then"], date=own["date_now"])
    title = say("bridge.behind", lang, n=number(len(made)), **said)
    return behind.rows(report, made, {"before": say("bridge.column.before", lang, **said)}, title)


def _behind_facts(report: Report, told: pd.DataFrame) -> Behind:
    """Everything told first; the source of a problem is its row in the list of problems."""
    lang = report.lang
    times = {time: say(f"facts.bar.{time}", lang) for time in TIMES}
    facts = list(zip(told["kind"], told["what"], told["time"], strict=True))
    bar = {fact: say("facts.bar", lang, label=_fact_name(report, *fact[:2]), time=times[fact[2]]) for fact in dict.fromkeys(facts)}
    told = told.assign(bar=[bar[fact] for fact in facts])
    endings = {"stage": "_actual", "approval": "_date"}
    of_projects = told[~told["kind"].isin(_PROBLEMS)]
    columns = of_projects["what"] + of_projects["kind"].map(endings).fillna("")
    dated = of_projects["kind"].isin(endings) & of_projects["date"].notna()
    of_problems = told[told["kind"].isin(_PROBLEMS)]
    problems = behind.last_of_table(report, "problems").reindex(of_problems["key"]).set_axis(of_problems.index)
    made = pd.concat([behind.with_rows(of_projects.assign(told=columns.where(dated)), report), of_problems.join(problems)])
    order = {(kind, what or None): place for place, (kind, what) in enumerate(_TOLD_FIRST)}
    places = [order.get(fact, order.get((fact[0], None))) for fact in zip(made["kind"], made["what"], strict=True)]
    made = made.assign(place=places).sort_values(["place", "time"], kind="stable")
    return behind.rows(report, made, title=say("facts.behind", lang, n=number(len(made))))


def _behind_restated(report: Report, rows: pd.DataFrame) -> Behind:
    words = _in_words(report, rows)
    made = words.rename(columns={"kind": "bar"}).drop(columns="reason")
    labels = {name: say(f"restated.column.{name}", report.lang) for name in made.columns if name != "bar"}
    labels["bar"] = say("behind.column.bar", report.lang)
    return Behind(say("restated.behind", report.lang, n=number(len(made))), made, labels)

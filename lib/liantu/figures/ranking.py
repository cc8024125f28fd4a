"""What a notebook shows of the assessments: who stands where as far as the data tell, what points are made of, and how they move.

Standings are always those of the whole city; a county's own page draws on the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from liantu.assess.standings import ASSESSMENTS, Standings, indicator_rules, praise_and_watch, standings, watch_text
from liantu.figures.display import BESIDE_THE_INDEX, Answer, Headline, PageTable, Picture, WatchItem, WatchList
from liantu.figures.gap_charts import span
from liantu.figures.gap_words import labels
from liantu.figures.points_charts import KINDS, parts_chart, periods_chart, signed
from liantu.figures.ranking_charts import Panel, in_tiers, places_text, short_name, standings_chart, told_apart
from liantu.figures.wording import number, percent, say
from liantu.report import Report

COUNTY = ("county_overall", "project_construction", "attraction")
SHOWN = ("county_overall", "project_construction", "attraction", "zones")
WATCHED = 6
_NAMED = 3
_GOAL = "landed"  # the indicator of task forces that the speech sets a number for
_ORDER = 14
_PLACES = {"shared": "center", "places": "center", "interval": "center", "keeps": "right"}


def answer(report: Report) -> list[Answer | Headline]:
    """How many counties, task forces and departments the data tell apart, who stands out, and how many task forces have landed five."""
    lang, question = report.lang, say("ranking.question", report.lang)
    overall = standings(report, "county_overall")
    if not overall.table["total"].notna().any():
        return [Answer(question, say("ranking.answer.none", lang, why=_note_texts(report, overall)[0]))]
    lines = [say("ranking.answer.counties", lang, told=_told(overall, lang)), _stand_out(report, lang), _forces_line(report)]
    return [Answer(question, "\n".join(line for line in lines if line)), *_cards(report, overall)]


def _told(made: Standings, lang: str) -> str:
    """How many pairs of an assessment are told apart, and who has the narrowest set of places."""
    told, pairs = told_apart(made.table)
    kind = "all" if told == pairs else "some" if told else "none"
    n = int(made.table["total"].notna().sum())
    return say(f"ranking.told.{kind}", lang, assessment=short_name(made.rules.name(lang)), told=told, pairs=pairs, n=n,
               who=_narrowed(made, lang))


def _narrowed(made: Standings, lang: str) -> str:
    """The units with the narrowest sets of places, as many whole groups of one width as make three at most."""
    rows = made.table[made.table["rank_low"].notna()]
    told = rows[(rows["rank_low"] > 1) | (rows["rank_high"] < len(rows))]
    wide = told["rank_high"] - told["rank_low"]
    told = told[wide.map(wide.value_counts().sort_index().cumsum()) <= _NAMED].sort_values(["rank_low", "rank_high", "unit"])
    who = [say("ranking.who", lang, name=row["name"], places=span(row["rank_low"], row["rank_high"])) for _, row in told.iterrows()]
    return say("ranking.named", lang, who=say("separator", lang).join(who)) if who else ""


def _stand_out(report: Report, lang: str) -> str:
    """The same of the two other assessments of counties, in one line."""
    made = [standings(report, name) for name in COUNTY[1:]]
    told = [_told(one, lang) for one in made if one.table["total"].notna().any()]
    return say("ranking.sentence", lang, text=say("semicolon", lang).join(told)) if told else ""


def _forces_line(report: Report) -> str:
    forces, lang = standings(report, "task_forces"), report.lang
    landed = _landed(forces)
    if landed.empty:
        return ""
    goal = _goal(forces)
    return say("ranking.answer.forces", lang, n=len(landed), reached=int((landed >= goal).sum()), none=int((landed == 0).sum()),
               goal=number(goal), told=_told(forces, lang))


def _landed(forces: Standings) -> pd.Series:
    """Projects landed by task force, of those that report any."""
    return forces.values[_GOAL].dropna() if _GOAL in forces.values else pd.Series(dtype="float64")


def _goal(forces: Standings) -> float:
    """How many projects a task force is to land, as its rules say; NaN where they do not."""
    asked = [getattr(entry.normalise, "target", None) for entry in forces.rules.indicators if entry.id == _GOAL]
    return float(asked[0]) if asked and isinstance(asked[0], int | float) else float("nan")


def _cards(report: Report, overall: Standings) -> list[Headline]:
    lang, forces, landed = report.lang, standings(report, "task_forces"), _landed(standings(report, "task_forces"))
    told, pairs = told_apart(overall.table)
    made = [Headline("ranking_told_apart", say("ranking.card.told", lang), told, say("ranking.card.pairs", lang),
                     note=say("ranking.card.told_note", lang, pairs=pairs), order=BESIDE_THE_INDEX)]
    if len(landed):
        goal = _goal(forces)
        made.append(Headline("ranking_forces", say("ranking.card.forces", lang, goal=number(goal)), int((landed >= goal).sum()),
                             say("ranking.card.unit", lang), note=say("ranking.card.forces_note", lang, n=len(landed)),
                             order=BESIDE_THE_INDEX + 1))
    counts = praise_and_watch(report.whole_city)["kind"].value_counts()
    made.append(Headline("ranking_praise", say("ranking.card.praise", lang), int(counts.get("praise", 0)), say("ranking.card.times", lang),
                         note=say("ranking.card.praise_note", lang, talk=int(counts.get("talk", 0)), watch=int(counts.get("watch", 0))),
                         order=BESIDE_THE_INDEX + 2))
    return made


# --- where units stand


def counties(report: Report) -> list[Picture | PageTable]:
    """Counties overall and in each assessment, and the zones: totals, intervals, ties and the places that each may hold."""
    lang, made = report.lang, {name: standings(report, name) for name in SHOWN}
    panels = [Panel(short_name(one.rules.name(lang)), in_tiers(one.table, _order(report, one))) for one in made.values()]
    title = _title(report, made["county_overall"])
    chart = standings_chart(panels, "county_standings", title, **report.whole_city.stamp)
    return [chart, *(_table(report, name) for name in SHOWN)]


def _title(report: Report, made: Standings) -> str:
    return say("ranking.title", report.lang, told=_told(made, report.lang))


def _order(report: Report, made: Standings) -> list[str]:
    """Units by code or in the order of the reference data; those without one by name."""
    if made.rules.group == "county":
        return list(report.city.divisions.codes)
    if made.rules.group == "task_force":
        return [chain.zh for chain in report.chains.chains]
    return sorted(made.table["unit"].astype(str))


def forces(report: Report) -> list[Picture | PageTable]:
    """Task forces with what they landed against five a year, and departments: totals, intervals, ties and places."""
    lang, made = report.lang, {name: standings(report, name) for name in ("task_forces", "departments")}
    panels, own = [], made["task_forces"]
    for name, one in made.items():
        rows = in_tiers(one.table, _order(report, one))
        counted = name == "task_forces" and len(_landed(one)) > 0
        if counted:
            rows["count"] = rows["unit"].map(one.values[_GOAL])
        head = say("ranking.head.landed", lang, goal=number(_goal(one))) if counted else ""
        panels.append(Panel(short_name(one.rules.name(lang)), rows, head, _goal(one)))
    landed, (told, pairs) = _landed(own), told_apart(own.table)
    reached = int((landed >= _goal(own)).sum())
    title = _title(report, made["departments"]) if landed.empty else say(
        "ranking.forces.title", lang, n=len(landed), reached=reached, goal=number(_goal(own)), told=told, pairs=pairs)
    chart = standings_chart(panels, "force_standings", title, **report.whole_city.stamp, across=1)
    return [chart, *(_table(report, name) for name in made)]


def _table(report: Report, name: str) -> PageTable:
    """An assessment as a table: tied places, points with interval, the places that each may hold, and how much they owe to weights."""
    made, lang = standings(report, name), report.lang
    rows, parts = in_tiers(made.table, _order(report, made)), _part_names(made)
    comma = say("separator", lang)
    table = pd.DataFrame({
        "shared": ["–" if pd.isna(row.first) else span(row.first, row.last) for row in rows.itertuples()], "name": rows["name"],
        "total": rows["total"].round(1), "interval": [_interval(row.low, row.high) for row in rows.itertuples()],
        "shrunk": rows["shrunk"].round(1), "places": [places_text(row) for row in rows.itertuples()],
        "keeps": [percent(share) for share in rows["keeps"]],
        "missing": [comma.join(parts.get(part, part) for part in str(ids).split("、") if part) for ids in rows["missing"]],
        "n": rows["n"], "note": [indicator_rules(report.city).note(code, lang) for code in rows["note"]]})
    if _GOAL in made.values:
        table.insert(2, _GOAL, rows["unit"].map(made.values[_GOAL]))
    if not any(table["note"]):
        table = table.drop(columns="note")
    ours = say("ranking.ours" if made.rules.ours else "ranking.official", lang)
    caption = "\n".join([say("ranking.table.caption", lang), ours, *_note_texts(report, made)])
    title = say("ranking.table.title", lang, assessment=made.rules.name(lang))
    return PageTable(f"standings_{name}", title, table, labels(table, "ranking", lang), caption, _PLACES)


def _interval(low: object, high: object) -> str:
    return "–" if pd.isna(low) or pd.isna(high) else f"{number(low, tenths=True)}–{number(high, tenths=True)}"


def _part_names(made: Standings) -> dict[str, str]:
    parts = made.details.drop_duplicates("part") if len(made.details) else made.details
    return dict(zip(parts["part"], parts["part_name"], strict=True)) if "part_name" in parts else {}


def _note_texts(report: Report, made: Standings) -> list[str]:
    """What is thin or odd in an assessment, in words; indicators that nobody reports are told in one line."""
    lang, about = report.lang, indicator_rules(report.city)
    names = dict(zip(made.table["unit"], made.table["name"], strict=True))
    silent = [about.by_id(str(values["indicator"])).name(lang) for code, values in made.notes if code == "indicator_missing"]
    bare = [str(names.get(values["unit"], values["unit"])) for code, values in made.notes if code == "unit_without_total"]
    comma = say("separator", lang)
    told = [say(f"ranking.note.{code}", lang) for code, _ in made.notes if code not in ("indicator_missing", "unit_without_total")]
    if silent and "public_record" not in {code for code, _ in made.notes}:
        told.append(say("ranking.note.indicator_missing", lang, indicators=comma.join(silent)))
    if bare:
        told.append(say("ranking.note.unit_without_total", lang, units=comma.join(bare)))
    return told or ([] if made.table["total"].notna().any() else [say("ranking.note.nothing", lang)])


# --- what the points are made of, and how they move


def parts(report: Report) -> Picture:
    """Where the points of the counties come from: each part's share of its weight and its points; what is not reported is told."""
    made = [standings(report, name) for name in COUNTY[1:]]
    order = {code: place for place, code in enumerate(report.city.divisions.codes)}
    ranked = [one if one.table["total"].notna().any() else None for one in made]
    details = [(short_name(one.rules.name(report.lang)), one.details.sort_values("unit", key=lambda unit: unit.map(order), kind="stable"))
               for one in ranked if one is not None]
    return parts_chart(details, **report.whole_city.stamp)


def periods(report: Report) -> list[Picture | PageTable]:
    """Project construction month by month, quarter by quarter, half by half and in the year, and all assessments of counties as a table."""
    made = standings(report, "project_construction")
    order = list(report.city.divisions.codes)
    chart = periods_chart(made.periods, short_name(made.rules.name(report.lang)), order, **report.whole_city.stamp)
    return [chart, *_periods_tables(report, order)]


def _periods_tables(report: Report, order: Sequence[str]) -> list[PageTable]:
    """A table for each kind of period but the month: one line for a county, for each period points, places and change."""
    lang, made = report.lang, []
    for name in COUNTY:
        one = standings(report, name)
        rows = one.periods[(one.periods["period"] != "month") & one.periods["total"].notna()]
        if rows.empty:
            continue
        kinds = sorted(rows["period"].unique(), key=KINDS.index)
        shown = pd.concat([rows[rows["period"] == kind] for kind in kinds])
        names = shown.drop_duplicates("unit").set_index("unit")["name"]
        units = [unit for unit in order if unit in names.index]
        table = pd.DataFrame({"name": [names[unit] for unit in units]})
        for label, own in shown.groupby("label", sort=False):
            table[label] = [_period_text(row, lang) for row in own.set_index("unit").reindex(units).itertuples()]
        heads = {label: str(label) for label in table.columns} | {"name": say("ranking.column.name", lang)}
        title = say("ranking.periods.table.title", lang, assessment=one.rules.name(lang))
        made.append(PageTable(f"periods_{name}", title, table, heads, say("ranking.periods.table.caption", lang),
                              dict.fromkeys(table.columns.drop("name"), "right")))
    return made


def _period_text(row: object, lang: str) -> str:
    """Points, the places that may be held, and the change; ▲ and ▼ where it is more than chance."""
    if pd.isna(row.total):  # type: ignore[attr-defined]
        return "–"
    total = say("ranking.periods.cell", lang, total=number(row.total, tenths=True), places=places_text(row))  # type: ignore[attr-defined]
    if pd.isna(row.change):  # type: ignore[attr-defined]
        return total
    mark = ("▲" if row.change > 0 else "▼") if row.moved else ""  # type: ignore[attr-defined]
    return f"{total} {mark}{signed(row.change)}"  # type: ignore[attr-defined]


# --- praise, talks and watching


def praise(report: Report) -> list[PageTable | WatchList]:
    """Whom the data allow to praise, whom to talk to and whom to watch, with reasons."""
    lang, rows = report.lang, praise_and_watch(report.whole_city)
    kinds = {entry.id: entry.name(lang) for entry in indicator_rules(report.city).watch.kinds}
    title, caption = say("ranking.praise.title", lang, **_kind_counts(rows)), say("ranking.praise.caption", lang)
    table = pd.DataFrame({"kind": [kinds[kind] for kind in rows["kind"]], "name": [report.county_name(code) for code in rows["county"]],
                          "reason": [watch_text(row, report.whole_city) for _, row in rows.iterrows()]})
    if table.empty:
        caption = say("ranking.praise.none", lang)
    shown: list[PageTable | WatchList] = [PageTable("praise_and_watch", title, table, labels(table, "ranking", lang), caption)]
    listed = rows[rows["kind"] != "praise"].index[:WATCHED]
    items = tuple(WatchItem(table.at[at, "kind"], table.at[at, "reason"], table.at[at, "name"]) for at in listed)
    if items:
        shown.append(WatchList("ranking_watch", say("ranking.watch.title", lang), items, say("ranking.watch.note", lang), _ORDER))
    return shown


def _kind_counts(rows: pd.DataFrame) -> Mapping[str, int]:
    counts = rows["kind"].value_counts()
    return {kind: int(counts.get(kind, 0)) for kind in ("praise", "talk", "watch")}


def rules(report: Report) -> PageTable:
    """By which rules: indicators with weights, what is added and taken away, what is not counted, and whether the rules are ours."""
    lang, about, comma = report.lang, indicator_rules(report.city), say("separator", report.lang)
    rows = []
    for name in ASSESSMENTS:
        one = standings(report, name).rules
        named = [say("ranking.rules.part", lang, part=about.by_id(entry.id).name(lang), weight=number(entry.weight))
                 for entry in one.indicators]
        beside = [about.by_id(entry.part.id).name(lang) for entry in (*one.bonuses, *one.deductions)]
        left_out = comma.join(entry.name(lang) for entry in one.not_counted)
        whose = say("ranking.rules.ours" if one.ours else "ranking.rules.official", lang)
        rows.append([one.name(lang), comma.join(named), comma.join(beside) or "–", left_out or "–",
                     say(f"ranking.missing.{one.missing}", lang), whose])
    table = pd.DataFrame(rows, columns=["assessment", "indicators", "beside", "not_counted", "rule_missing", "standing"])
    caption = say("ranking.rules.caption", lang)
    return PageTable("ranking_rules", say("ranking.rules.title", lang), table, labels(table, "ranking", lang), caption)

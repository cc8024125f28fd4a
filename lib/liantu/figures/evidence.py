"""What a notebook shows of the evidence audit, of the city or one county: one call for each part of the page.

The audit is always made of the whole city (reporters are held against each other); a county's page shows its own findings. A finding is a
contradiction inside the ledgers that somebody has to settle, never a proof of fraud, and the page says so.
"""

from __future__ import annotations

import json

import pandas as pd

from liantu.assess.evidence import Evidence, EvidenceRules, evidence_of, evidence_rules
from liantu.figures import behind
from liantu.figures.display import BESIDE_THE_INDEX, Answer, Behind, Headline, PageTable, Picture, WatchItem, WatchList
from liantu.figures.evidence_charts import SEVERITIES, VERDICTS, claimed_chart, county_findings_chart, rules_found_chart
from liantu.figures.gap_words import in_yi, labels, yi
from liantu.figures.wording import WAN_IN_YI, day, number, percent, say
from liantu.progress.targets import counted_targets
from liantu.report import Report

WATCHED = 6
_LISTED = 60
_LEAD = {1: "q1_started", 2: "q2_at_capacity", 3: "year_introduced", 4: "year_at_work"}  # the target that leads, by quarter
_STAGES = ("stage", "earlier", "back_to", "other")  # values of a claim that are stages
_LISTS = {"permits": "permits", "missing": "measures"}  # and that are lists of codes


def answer(report: Report) -> list[Answer | Headline]:
    """What of the quarter's leading count is supported, what the rules find, and what a finding is."""
    made, lang, question = evidence_of(report), report.lang, say("evidence.question", report.lang)
    counts, findings = _counts(report, made), _own(report, made)
    claimed = counts[counts["claimed"] > 0]
    tested, silent = _tested(report, made)
    caveat = say("evidence.answer.caveat", lang, tested=tested, silent=silent)
    if claimed.empty:
        return [Answer(question, "\n".join([say("evidence.answer.none", lang, place=report.place), caveat])), *_cards(report, findings)]
    row = claimed[claimed["target"] == _LEAD[report.quarter.number]]
    row = (row if len(row) else claimed).iloc[0]
    names = {target.id: target.name(lang) for target in counted_targets(report)}
    first = say("evidence.answer", lang, place=report.place, label=names[row["target"]],
                **{key: number(row[key]) for key in ("claimed", *VERDICTS)})
    heavy = findings[findings["severity"] == "high"]
    second = say("evidence.answer.found" if len(findings) else "evidence.answer.clean", lang, n=number(len(findings)),
                 k=number(findings["project_id"].nunique()), heavy=number(heavy["project_id"].nunique()))
    return [Answer(question, "\n".join([first, second, caveat])), *_cards(report, findings)]


def _cards(report: Report, findings: pd.DataFrame) -> list[Headline]:
    lang, unit = report.lang, say("evidence.unit", report.lang)
    heavy = findings.loc[findings["severity"] == "high", "project_id"].nunique()
    return [
        Headline("evidence_heavy", say("evidence.card.heavy", lang), heavy, unit,
                 note=say("evidence.card.of", lang, n=number(findings["project_id"].nunique())), order=BESIDE_THE_INDEX),
        Headline("evidence_findings", say("evidence.card.findings", lang), len(findings), say("evidence.rules.unit", lang),
                 note=say("evidence.card.settle", lang), order=BESIDE_THE_INDEX + 1)]


def _own(report: Report, made: Evidence) -> pd.DataFrame:
    """The findings on the projects of the report's county, or all."""
    county, rows = report.parameters.county, made.findings
    return rows[rows["county"] == county] if county else rows


def _counts(report: Report, made: Evidence) -> pd.DataFrame:
    return made.counts[made.counts["county"] == report.parameters.county]


def _tested(report: Report, made: Evidence) -> tuple[int, int]:
    """How many rules about projects could be tested on anything here, and how many on nothing though it would apply."""
    rows = _coverage(report, made)
    return int((rows["tested"] > 0).sum()), int(((rows["tested"] == 0) & (rows["untestable"] > 0)).sum())


def _coverage(report: Report, made: Evidence) -> pd.DataFrame:
    """Of each rule about projects how far it could be tested here, in the order of evidence.yml."""
    ids = [rule.id for rule in evidence_rules(report.city).rules if rule.unit == "project"]
    own = made.coverage[made.coverage["county"] == report.parameters.county]
    return own.set_index("rule").reindex(ids).reset_index()


# --- pictures


def claimed(report: Report) -> Picture:
    """The quarter's counts as claimed and as evidenced, side by side, with the projects behind the bars."""
    made, lang, county = evidence_of(report), report.lang, report.parameters.county
    names = {target.id: target.name(lang) for target in counted_targets(report)}
    chart = claimed_chart(_counts(report, made), _LEAD[report.quarter.number], **report.stamp, names=names)
    rows = made.claims[made.claims["county"] == county] if county else made.claims
    order = {verdict: place for place, verdict in enumerate(("contradicted", "unsupported", "supported"))}
    rows = rows.assign(_order=rows["verdict"].map(order)).sort_values(["target", "_order", "date", "project_id"], kind="stable")
    bar = {(target, verdict): say("evidence.claimed.bar", lang, label=names[target], verdict=say(f"evidence.verdict.{verdict}", lang))
           for target in names for verdict in order}
    made_rows = rows.assign(bar=[bar[pair] for pair in zip(rows["target"], rows["verdict"], strict=True)],
                            told=rows["stage"] + "_actual")[["bar", "project_id", "date", "told"]]
    return chart.backed_by(behind.rows(report, made_rows)) if len(rows) else chart


def findings_by_rule(report: Report) -> Picture:
    """Findings by rule and severity, with how many projects each rule could be tested on."""
    made, lang = evidence_of(report), report.lang
    rules, findings = evidence_rules(report.city), _own(report, made)
    table = _coverage(report, made)
    counted = findings.groupby(["rule", "severity"]).size().unstack(fill_value=0).reindex(index=table["rule"], columns=list(SEVERITIES))
    table = table.assign(**{severity: counted[severity].fillna(0).astype(int).to_numpy() for severity in SEVERITIES},
                         label=[rules.rule(rule).name(lang) for rule in table["rule"]],
                         whys=[_whys(text, lang) for text in table["whys"]])
    # Rules with the heaviest findings first; then those that find nothing, last those that cannot be tested.
    table = table.assign(_found=table[list(SEVERITIES)].sum(axis=1), _silent=table["tested"] == 0)
    table = table.sort_values(["_silent", "high", "medium", "_found"], ascending=[True, False, False, False], kind="stable")
    heavy = findings.loc[findings["severity"] == "high", "project_id"].nunique()
    chart = rules_found_chart(table, **report.stamp, projects=findings["project_id"].nunique(), heavy=heavy)
    return chart.backed_by(_behind_findings(report, findings, rules)) if len(findings) else chart


def _whys(text: str, lang: str) -> str:
    """Why a rule could not be tested, in words with counts."""
    return say("semicolon", lang).join(
        say("evidence.why", lang, why=say(f"evidence.why.{why}", lang), n=number(count)) for why, count in json.loads(text).items())


def _behind_findings(report: Report, findings: pd.DataFrame, rules: EvidenceRules) -> Behind:
    """Each finding, by rule."""
    lang = report.lang
    names = {rule.id: rule.name(lang) for rule in rules.rules}
    rows = findings.assign(_rule=findings["rule"].map(names)).sort_values(["_rule", "county", "name"], kind="stable")
    table = pd.DataFrame({
        "bar": rows["_rule"].array, "project": rows["name"].array, "county": behind.county_names(report, rows["county"]),
        "severity": [say(f"evidence.severity.{severity}", lang) for severity in rows["severity"]], "said": _said(report, rows),
        **{name: rows[name].array for name in behind.WHERE}})
    heads = {name: say(f"behind.column.{name}", lang) for name in ("bar", "project", "county", *behind.WHERE)}
    heads |= {name: say(f"evidence.table.column.{name}", lang) for name in ("severity", "said")}
    return Behind(say("behind.title", lang, n=number(len(table))), table, heads)


def findings_by_county(report: Report) -> list[Picture]:
    """Findings by rule and county; nothing on a county's page."""
    if report.parameters.county:
        return []
    made, lang = evidence_of(report), report.lang
    rules = evidence_rules(report.city)
    found = made.coverage[(made.coverage["county"] == "") & (made.coverage["found"] > 0)]["rule"]
    words = {rule.id: rule.name(lang) for rule in rules.rules if rule.unit == "project" and rule.id in set(found)}
    counties = {code: behind.county_name(report, code) for code in report.city.divisions.codes}
    projects = report.projects[report.projects["stage"].ne("terminated").to_numpy(bool, na_value=True)]["county"].value_counts()
    heavy = made.findings[made.findings["severity"] == "high"].drop_duplicates("project_id")["county"].value_counts()
    shares = {code: (int(heavy.get(code, 0)), int(projects.get(code, 0))) for code in counties}
    return [county_findings_chart(made.coverage[made.coverage["county"] != ""], **report.stamp, counties=counties, rules=words,
                                  heavy=shares)]


# --- tables


def findings_table(report: Report) -> list[PageTable]:
    """The findings of the worst projects: what is said, where, and what would settle it; all of a county, the heaviest of the city."""
    made, lang, county = evidence_of(report), report.lang, report.parameters.county
    rules, findings = evidence_rules(report.city), _own(report, made)
    if findings.empty:
        return []
    score = made.projects.set_index("project_id")["score"]
    rows = findings.assign(score=findings["project_id"].map(score).astype("float64"))
    rows = rows.sort_values(["score", "project_id", "weight", "finding"], ascending=[False, True, False, True], kind="stable")
    shown = rows if county else rows.head(_LISTED)
    table = pd.DataFrame({
        "name": shown["name"].array, "county": behind.county_names(report, shown["county"]), "score": shown["score"].array,
        "rule": [rules.rule(rule).name(lang) for rule in shown["rule"]], "said": _said(report, shown),
        "severity": [say(f"evidence.severity.{severity}", lang) for severity in shown["severity"]],
        "since": [day(date) for date in shown["since"]], "total": in_yi(shown["total_wan"]).array,
        "source": [_source(row) for row in shown[list(behind.WHERE)].to_dict("records")],
        "settles": [rules.rule(rule).settles(lang) for rule in shown["rule"]]})
    table = table.drop(columns="county") if county else table
    title = say("evidence.table.title", lang, n=number(len(rows)), shown=number(len(shown)), k=number(rows["project_id"].nunique()))
    align = {"since": "center", "severity": "center"}
    return [PageTable("evidence_findings", title, table, labels(table, "evidence.table", lang), say("evidence.table.caption", lang), align)]


def _source(row: dict) -> str:
    """Where the claim stands: file, sheet and row."""
    parts = [str(row["source_file"]), *([str(row["sheet"])] if isinstance(row["sheet"], str) and row["sheet"] else [])]
    return " · ".join([*parts, f"#{row['row']}"])


def _said(report: Report, findings: pd.DataFrame) -> list[str]:
    """What the ledger claims in each finding, in words."""
    lang = report.lang
    stages = {stage: term.name(lang) for stage, term in report.city.vocabulary.terms("stages").items()}
    return [_claim(rule, json.loads(text), stages, report) for rule, text in zip(findings["rule"], findings["said"], strict=True)]


def _claim(rule: str, values: dict, stages: dict[str, str], report: Report) -> str:
    lang = report.lang
    told = {name: _value(name, value, stages, report) for name, value in values.items()}
    key = f"evidence.said.{rule}"
    if rule == "statistics_papers":
        key += ".pending" if values["pending"] else ".unit"
    if rule == "carried_as_new" and values["snapshot"] is None:
        key += ".label"
    return say(key, lang, **told)


def _value(name: str, value: object, stages: dict[str, str], report: Report) -> str:
    lang = report.lang
    if name in _LISTS:
        return say("separator", lang).join(say(f"evidence.{_LISTS[name]}.{code}", lang) for code in value)
    if value is None:
        return say("evidence.undated", lang) if name in ("date", "earlier_date") else "–"
    if name in _STAGES:
        return stages.get(str(value), str(value))
    if name.endswith("_wan"):
        return yi(value) if abs(float(value)) >= WAN_IN_YI / 100 or not value else "<0.01"
    if name == "elsewhere":
        return behind.county_name(report, value)
    if name == "share":
        return percent(value)
    if name == "score":
        return f"{float(value):.2f}"
    return number(value) if isinstance(value, (int, float)) else str(value)


def ledgers(report: Report) -> list[PageTable]:
    """Digits and dates by reporter: last digits, round totals, first digits where Benford may be asked, dates at a quarter's end."""
    made, lang, county = evidence_of(report), report.lang, report.parameters.county
    patterns = made.reporters[made.reporters["county"] == county] if county else made.reporters
    if patterns.empty:
        return []
    wide = patterns.set_index(["county", "measure"])
    heaps = made.heaps.set_index("county")
    rows = []
    for code in dict.fromkeys(patterns["county"]):
        last, rounds, first = (wide.loc[(code, measure)] for measure in ("last_digit", "round_total", "first_digit"))
        heap = heaps.loc[code] if code in heaps.index else None
        rows.append({
            "reporter": behind.county_name(report, code) if code else say("evidence.ledgers.departments", lang),
            "last": _pattern(last, lang, "last"), "round": _pattern(rounds, lang, "round"), "first": _pattern(first, lang, "first"),
            "heap": say("evidence.ledgers.none", lang) if heap is None else say(
                "evidence.ledgers.heap.found" if heap["heap"] else "evidence.ledgers.heap", lang, late=number(heap["late"]),
                n=number(heap["n"]), expected=f"{heap['expected'] * heap['n']:.1f}", q=_chance(heap["q"]))})
    table = pd.DataFrame(rows)
    flagged = int(patterns["flagged"].sum())
    title = say("evidence.ledgers.title", lang, n=number(len(table)), flagged=number(flagged))
    return [PageTable("evidence_ledgers", title, table, labels(table, "evidence.ledgers", lang), say("evidence.ledgers.caption", lang))]


def _pattern(row: pd.Series, lang: str, kind: str) -> str:
    """A pattern in words: share, what would be expected, q; or why it was not tested."""
    if row["why"]:
        return say(f"evidence.ledgers.why.{row['why']}", lang, n=number(row["n"]))
    return say(f"evidence.ledgers.{kind}", lang, share=percent(row["share"]), expected=percent(row["expected"]), n=number(row["n"]),
               q=_chance(row["q"]), effect=f"{row['effect']:.3f}")


def _chance(value: float) -> str:
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def rules_table(report: Report) -> PageTable:
    """Every rule: how heavy it weighs, how many it could be tested on, why not, and what it does not show."""
    made, lang = evidence_of(report), report.lang
    rules, coverage = evidence_rules(report.city), made.coverage[made.coverage["county"] == ""].set_index("rule")
    rows = [{"rule": rule.name(lang), "severity": say(f"evidence.severity.{rule.severity}", lang),
             **{name: int(coverage.loc[rule.id, name]) for name in ("found", "tested", "untestable")},
             "whys": _whys(coverage.loc[rule.id, "whys"], lang), "caveat": rule.caveat(lang)}
            for rule in rules.rules if rule.id in coverage.index]
    table = pd.DataFrame(rows)
    return PageTable("evidence_rules", say("evidence.list.title", lang, n=len(table)), table, labels(table, "evidence.list", lang),
                     say("evidence.list.caption", lang))


def watch(report: Report) -> list[WatchList]:
    """The projects with heavy findings and most money, and what would settle them."""
    made, lang = evidence_of(report), report.lang
    rules, heavy = evidence_rules(report.city), _own(report, made)
    heavy = heavy[heavy["severity"] == "high"].sort_values(["total_wan", "finding"], ascending=[False, True], kind="stable")
    first = heavy.drop_duplicates("project_id")
    if first.empty:
        return []
    rows = first.head(WATCHED)
    told = [(row, rules.rule(row["rule"]), said) for row, said in zip(rows.to_dict("records"), _said(report, rows), strict=True)]
    items = tuple(WatchItem(
        say("evidence.watch.what", lang, name=row["name"], rule=rule.name(lang), money=yi(row["total_wan"])),
        say("evidence.watch.why", lang, said=said, settles=rule.settles(lang)),
        behind.county_name(report, row["county"]), row["since"]) for row, rule, said in told)
    note = say("evidence.watch.note", lang, n=number(len(first)), shown=number(len(items)))
    return [WatchList("evidence", say("evidence.watch.title", lang), items, note, 11)]

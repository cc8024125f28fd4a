"""All rules together: findings with their source cells, how far each rule could be tested, and counts as claimed and as evidenced."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from liantu.assess.evidence import digits, doubles, firms, money, starts, times
from liantu.assess.evidence.found import Found
from liantu.assess.evidence.known import RANKS, TABLES, Known, known_of
from liantu.assess.evidence.rules_file import EvidenceRules, evidence_rules
from liantu.assess.evidence.support import facts, supported
from liantu.progress.counts import STAGE_OF
from liantu.progress.targets import counted_in, counted_targets
from liantu.progress.told import WHERE, Told
from liantu.reference import Target
from liantu.reference.opened import kept, note
from liantu.report import Report
from liantu.tables.made_once import made_once
from liantu.tables.runs import among

Check = Callable[[Known, Mapping[str, Any]], Found]
CHECKS: Mapping[str, Check] = {check.__name__: check for check in (
    starts.start_without_filing, starts.start_before_filing, starts.start_without_permits, starts.start_without_money,
    starts.statistics_papers, money.complete_without_money, money.done_over_total, money.done_over_plan, money.year_over_whole,
    money.money_taken_back, times.dates_out_of_order, times.said_before_dated, times.plan_moved_after, times.no_progress, times.taken_back,
    times.quarter_end_heap, doubles.two_counties, doubles.split_package, doubles.carried_as_new, doubles.reporters_disagree,
    firms.capacity_without_output, firms.capacity_not_registered, firms.capacity_without_power)}
"""The function of each rule about projects; rules about reporters are in `digits`."""
VERDICTS = ("supported", "unsupported", "contradicted")
_KINDS = {"n": "int64", "claimed": "int64", "high": "int64", "tested": "int64", "untestable": "int64", "weight": "float64",
          "total_wan": "float64", "score": "float64", "p": "float64", "q": "float64", "share": "float64", "expected": "float64",
          "statistic": "float64", "effect": "float64", "row": "Int64"} | dict.fromkeys(VERDICTS, "int64")
_TEXTS = ("finding", "rule", "severity", "project_id", "name", "county", "department", "stage", "said", "source_file", "sheet", "why",
          "whys", "measure", "target", "verdict")
_FINDINGS = ["finding", "rule", "severity", "project_id", "name", "county", "department", "stage", "said", "since", *WHERE, "weight",
             "total_wan"]
_COVERAGE = ["rule", "county", "tested", "found", "untestable", "why", "whys"]
_COUNTS = ["target", "county", "claimed", "supported", "unsupported", "contradicted"]
_CLAIMS = ["target", "project_id", "county", "stage", "date", "verdict"]


@dataclass(frozen=True, eq=False)
class Evidence:
    """What the audit finds in the whole city.

    `findings`: finding (stable id), rule, severity (high, medium, low), project_id, name, county, department, stage (that it puts in doubt,
    "": none), said (JSON of the values of the claim), since (first snapshot that shows it), source_file, sheet, row (the newest row that
    makes the claim), weight (of the severity times that of the rule), total_wan (NaN
    where cleaning doubts its unit); the heaviest first. `coverage`: rule, county ("" the
    city), tested, found (projects; of rules about ledgers: reporters), untestable, why (its most frequent reason), whys (JSON: all of
    them). `reporters`: digit patterns (`digits.reporters`). `heaps`: `times.quarter_end_heaps`. `counts`: target, county ("" the city; the
    city's own under its code), claimed, supported, unsupported, contradicted. `claims`: target, project_id, county, stage, date, verdict:
    the projects behind `counts`. `projects`: project_id, score (summed weights), n (findings), high (of them), the heaviest first.
    """

    findings: pd.DataFrame = field(repr=False)
    coverage: pd.DataFrame = field(repr=False)
    reporters: pd.DataFrame = field(repr=False)
    heaps: pd.DataFrame = field(repr=False)
    counts: pd.DataFrame = field(repr=False)
    claims: pd.DataFrame = field(repr=False)
    projects: pd.DataFrame = field(repr=False)


def evidence_of(report: Report) -> Evidence:
    """The evidence audit of a report's whole city as known at its date, whatever its county and chain; the caller must not change it."""
    return _of(report.whole_city)


@kept(maxsize=4)
def _of(report: Report) -> Evidence:
    for name in TABLES:
        # They are opened only when the audit is made; that the page rests on them is noted all the same.
        note("table", name, dataset=report.parameters.dataset, as_of=str(report.as_of), county="", chain="")
    given = [report.inputs, str(report.as_of), repr(report.collected), evidence_rules(report.city), *counted_targets(report),
             report.city.calendar.winter_pause, report.city.divisions]
    found = made_once(report.folder / ".measures", f"evidence-{report.as_of}", given, lambda: _packed(_made(report)), Path(__file__).parent)
    return _unpacked(found)


def _packed(made: Evidence) -> pd.DataFrame:
    """All parts as one table, so that they are made and kept together."""
    parts = {part.name: getattr(made, part.name) for part in fields(made)}
    texts = [table.to_json(orient="split", date_format="iso", index=False, double_precision=15) for table in parts.values()]
    return pd.DataFrame({"part": list(parts), "json": texts})


def _unpacked(found: pd.DataFrame) -> Evidence:
    parts = {}
    for name, text in zip(found["part"], found["json"], strict=True):
        told = json.loads(text)
        table = pd.DataFrame(told["data"], columns=told["columns"])
        kinds = {column: kind for column, kind in _KINDS.items() if column in table}
        for column in table.columns.intersection(["since", "date"]):
            table[column] = pd.to_datetime(table[column]).astype("datetime64[ms]")
        parts[name] = table.astype({**kinds, **{column: "str" for column in _TEXTS if column in table}})
    return Evidence(**parts)


def _made(report: Report) -> Evidence:
    known, rules = known_of(report), evidence_rules(report.city)
    made = audit(known, rules)
    targets = [(target, counted_in(report, target)) for target in counted_targets(report)]
    claims = _claims(known, rules, made.findings, targets)
    return Evidence(made.findings, made.coverage, made.reporters, made.heaps, _counts(known, claims, targets), claims, made.projects)


def audit(known: Known, rules: EvidenceRules) -> Evidence:
    """All rules on some tables, without the counts of targets (`counts` and `claims` are empty)."""
    outcomes = {rule.id: CHECKS[rule.id](known, rule.parameters) for rule in rules.rules if rule.unit == "project"}
    findings = _findings(known, rules, outcomes)
    table = {name: rules.rule(name).parameters for name in ("last_digits", "round_totals", "first_digits")}
    patterns = digits.reporters(known, *table.values())
    heaps = times.quarter_end_heaps(known, rules.rule("quarter_end_heap").parameters)
    coverage = pd.concat([_coverage(known, outcomes), _of_ledgers(patterns)], ignore_index=True)
    projects = findings.assign(high=findings["severity"] == "high").groupby("project_id", sort=True).agg(
        score=("weight", "sum"), n=("finding", "size"), high=("high", "sum")).reset_index()
    projects = projects.sort_values(["score", "project_id"], ascending=[False, True], kind="stable").reset_index(drop=True)
    return Evidence(findings, coverage, patterns, heaps, pd.DataFrame(columns=_COUNTS), pd.DataFrame(columns=_CLAIMS), projects)


def _findings(known: Known, rules: EvidenceRules, outcomes: Mapping[str, Found]) -> pd.DataFrame:
    parts = [outcome.rows.assign(rule=name) for name, outcome in outcomes.items() if len(outcome.rows)]
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype="float64" if name in ("weight", "total_wan") else "str") for name in _FINDINGS})
    rows = pd.concat(parts, ignore_index=True)
    own = rows["rule"].map({rule.id: rule.severity for rule in rules.rules})
    rows["severity"] = rows["severity"].where(rows["severity"] != "", own)
    weights = rows["rule"].map({rule.id: rule.weight for rule in rules.rules})
    about = known.facts.reindex(rows["project_id"])
    rows = rows.assign(
        finding=rows["rule"] + "-" + rows["project_id"] + np.where(rows["stage"] != "", "-" + rows["stage"], ""),
        weight=rows["severity"].map(rules.severity_weight).astype("float64") * weights.astype("float64"), name=about["name"].array,
        county=about["county"].array, department=about["department"].array,
        total_wan=np.where(among(rows["project_id"], known.doubtful), np.nan,
                           about["total_investment_wan"].to_numpy("float64", na_value=np.nan)),
        **_cells(known, rows))
    order = rows.sort_values(["weight", "total_wan", "finding"], ascending=[False, False, True], kind="stable")
    return order[_FINDINGS].reset_index(drop=True)


def _cells(known: Known, rows: pd.DataFrame) -> dict[str, object]:
    """source_file, sheet and row of the newest row that makes each claim: that fills its column, else tells its stage, else the newest."""
    told = Told.of(known.observations)
    places = told.places(rows["project_id"], rows["told"].where(rows["told"] != ""))
    stated = known.told.assign(project_id=known.told["project_id"].astype("str"))
    newest = told.places(rows["project_id"])
    cells = pd.DataFrame(told.rows(np.where(places >= 0, places, newest)))
    for stage in set(rows.loc[places < 0, "stage"]) - {""}:
        mine = ((rows["stage"] == stage).to_numpy() & (places < 0))
        last = stated[stated["rank"] >= RANKS[stage]].drop_duplicates("project_id", keep="last").set_index("project_id")
        found = last.reindex(rows.loc[mine, "project_id"])
        has = found["row"].notna().to_numpy()
        where = np.flatnonzero(mine)[has]
        for name in WHERE:
            cells.loc[where, name] = found[name].to_numpy(object)[has]
    return {name: cells[name].array for name in WHERE}


def _coverage(known: Known, outcomes: Mapping[str, Found]) -> pd.DataFrame:
    home = known.facts["county"]
    rows = []
    for rule, outcome in outcomes.items():
        tested, whys = home.reindex(outcome.tested), outcome.untestable
        found = home.reindex(pd.Index(outcome.rows["project_id"].unique()))
        counties = {"": slice(None)} | {code: code for code in (*known.counties, known.city)}
        for county in counties:
            mine = whys if not county else whys[(home.reindex(whys.index) == county).to_numpy(bool, na_value=False)]
            counted = Counter(mine.tolist())
            numbers = [len(part) if not county else int((part == county).sum()) for part in (tested, found)]
            rows.append([rule, county, *numbers, len(mine), counted.most_common(1)[0][0] if counted else "", json.dumps(dict(counted))])
    return pd.DataFrame(rows, columns=_COVERAGE)


def _of_ledgers(patterns: pd.DataFrame) -> pd.DataFrame:
    """Coverage of the rules about ledgers: reporters tested, flagged and not testable."""
    names = {"last_digit": "last_digits", "round_total": "round_totals", "first_digit": "first_digits"}
    rows = []
    for measure, rule in names.items():
        part = patterns[patterns["measure"] == measure]
        counted = Counter(part.loc[part["why"] != "", "why"].tolist())
        rows.append([rule, "", int((part["why"] == "").sum()), int(part["flagged"].sum()), sum(counted.values()),
                     counted.most_common(1)[0][0] if counted else "" if len(part) else "no_ledger", json.dumps(dict(counted))])
    return pd.DataFrame(rows, columns=_COVERAGE)


def _claims(known: Known, rules: EvidenceRules, findings: pd.DataFrame, targets: list[tuple[Target, pd.DataFrame]]) -> pd.DataFrame:
    """The projects counted toward each target, each with its verdict; a contradiction weighs more than any support."""
    home = known.projects.set_index("project_id")["county"]
    severe = findings[findings["severity"] == "high"]
    parts = []
    for target, counted in targets:
        stage, ids = STAGE_OF[target.measure], pd.Index(counted["project_id"])
        against = among(ids, severe.loc[severe["stage"] == stage, "project_id"])
        speaks = supported(facts(known, stage, rules.most_spent), rules.supports[target.measure])
        backed = speaks.reindex(ids).eq(True).to_numpy(bool, na_value=False)
        parts.append(pd.DataFrame({
            "target": target.id, "project_id": ids, "county": home.reindex(ids).to_numpy(object), "stage": stage,
            "date": counted["date"].to_numpy(),
            "verdict": np.where(against, "contradicted", np.where(backed, "supported", "unsupported"))}))
    return pd.concat(parts, ignore_index=True)[_CLAIMS] if parts else pd.DataFrame(columns=_CLAIMS)


def _counts(known: Known, claims: pd.DataFrame, targets: list[tuple[Target, pd.DataFrame]]) -> pd.DataFrame:
    rows = []
    for target, _ in targets:
        own = claims[claims["target"] == target.id]
        for county in ("", *known.counties, known.city):
            mine = own if not county else own[(own["county"] == county).to_numpy(bool, na_value=False)]
            if county != known.city or len(mine):
                rows.append([target.id, county, len(mine), *(int((mine["verdict"] == verdict).sum()) for verdict in VERDICTS)])
    return pd.DataFrame(rows, columns=_COUNTS)

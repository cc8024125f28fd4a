"""The three gates on every project: 产能关, 环境关, 安全关, with 两高 and 六小."""

from __future__ import annotations

import numpy as np
import pandas as pd

from liantu.assess.gates.energy import energy_of
from liantu.assess.gates.industry import has_words, industry_of, listed_by
from liantu.assess.gates.rules import GateRules, gate_rules
from liantu.progress.counts import AT_WORK, FINISHED
from liantu.reference import Chains
from liantu.reference.opened import kept
from liantu.report import Report

GATES = ("capacity", "environment", "safety")
STATES = ("pass", "attention", "stop", "unknown")
_WORST = ("stop", "attention", "unknown", "pass")
BEGUN = (*AT_WORK, "suspended", *FINISHED)
"""Stages in which works have begun."""
_ABOUT = ["project_id", "name", "company", "county", "chain", "link", "link_confidence", "construction", "category", "origin",
          "total_investment_wan", "stage", "jobs"]
_TONNES = r"年(?:产|加工|处理|生产)[^\d]{0,6}(\d+(?:\.\d+)?)\s*(万)?\s*吨"
_TEN_THOUSAND = 10_000
_ON_STANDING = ("upgrade", "expansion")


def gate_screen(report: Report) -> pd.DataFrame:
    """Every project of the report's county (or the city) held against the three gates, as known at the report's date.

    Columns: project_id, name, company, county, chain, link, link_confidence, construction, category, origin, total_investment_wan, stage,
    jobs, begun; industry, code_from (`liantu.assess.gates.industry`); capacity, environment, safety (each of `STATES`) with
    capacity_why, environment_why, safety_why (`reason` or `reason:entry`); two_high, key_field, high_energy (yes, no, unknown), six_small
    (id, "" or unknown), small_by (tonnes, investment, ""), tonnes, eliminated (words of a process to be given up); energy_per_output,
    energy_from, energy_n, energy_times; environment_permit, safety_permit (status, "" not reported). Lists and
    thresholds: gates.yml. Terminated projects are in it: their stage says so.
    """
    return narrowed(_screened(report.whole_city), report)


def narrowed(table: pd.DataFrame, report: Report) -> pd.DataFrame:
    """The rows of a table of the whole city that are of the report's county and chain."""
    for column in ("county", "chain"):
        if wanted := getattr(report.parameters, column):
            table = table[table[column] == wanted]
    return table.reset_index(drop=True)


@kept(maxsize=8)
def _screened(report: Report) -> pd.DataFrame:
    return screened(report.projects, report.approvals, report.enterprises, report.chains, gate_rules(report.city))


def screened(projects: pd.DataFrame, approvals: pd.DataFrame, enterprises: pd.DataFrame, chains: Chains, rules: GateRules) -> pd.DataFrame:
    """`gate_screen` of plain tables: projects, approvals and the newest register of firms."""
    table = projects.reset_index(drop=True)
    table = table.join(industry_of(table, enterprises, chains, rules))
    lists = {name: listed_by(table["industry"], table["name"], getattr(rules, name))
             for name in ("two_high", "key_fields", "high_energy", "capacity", "safety")}
    told = {"two_high": lists["two_high"], "key_field": lists["key_fields"], "high_energy": lists["high_energy"]}
    about = table[_ABOUT].assign(
        begun=table["stage"].isin(BEGUN), industry=table["industry"], code_from=table["code_from"],
        **{name: found["state"].replace("some", "unknown") for name, found in told.items()},
        eliminated=has_words(table["name"], rules.eliminated.words), tonnes=_tonnes(table["name"]),
        **{f"{name}_permit": _permits(table["project_id"], approvals, name) for name in ("environment", "safety")})
    about = about.join(_six_small(about, rules))
    made = about.join(energy_of(table, table["industry"], enterprises, rules))
    asked = {"capacity": _capacity(made, lists["capacity"]), "environment": _environment(made, lists["two_high"], lists["key_fields"]),
             "safety": _safety(made, lists["safety"])}
    for gate, found in asked.items():
        made = made.assign(**{gate: found["state"], f"{gate}_why": found["why"]})
    return made


def worst(screen: pd.DataFrame) -> pd.Series:
    """The worst of the three gates: stop before attention before unknown before pass."""
    states = [screen[list(GATES)].eq(state).any(axis=1) for state in _WORST]
    return pd.Series(np.select(states, _WORST, "unknown"), index=screen.index, dtype="str")


def _permits(ids: pd.Series, approvals: pd.DataFrame, approval: str) -> pd.Series:
    rows = approvals[approvals["approval"] == approval].drop_duplicates("project_id", keep="last")
    return ids.map(rows.set_index("project_id")["status"]).astype("str").fillna("")


def _tonnes(names: pd.Series) -> pd.Series:
    """Tonnes a year that a name states."""
    parts = names.str.extract(_TONNES)
    return parts[0].astype("float64") * np.where(parts[1].notna(), _TEN_THOUSAND, 1)


def _six_small(about: pd.DataFrame, rules: GateRules) -> pd.DataFrame:
    """The kind that a project is of (six_small) and by what (small_by: tonnes, investment, "").

    Unknown where it may be one: no code, codes that differ, neither tonnes nor investment; and works on a plant that stands, whose
    investment says nothing of the plant's size.
    """
    found = listed_by(about["industry"], about["name"], rules.six_small)
    kinds = {kind.id: kind for kind in rules.six_small}
    limits = found["entry"].map({name: kind.below_tonnes for name, kind in kinds.items()}).astype("float64")
    by_tonnes = limits.notna() & about["tonnes"].notna()
    invest = about["total_investment_wan"].mask(about["construction"].isin(_ON_STANDING))
    size = about["tonnes"].where(by_tonnes, invest)
    limit = limits.where(by_tonnes, found["entry"].map({name: kind.below_wan for name, kind in kinds.items()}).astype("float64"))
    small = size < limit
    listed, maybe = found["state"] == "yes", found["state"].isin(["some", "yes"])
    kind = np.select([listed & small, (found["state"] == "unknown") | (maybe & (size.isna() | small))], [found["entry"], "unknown"], "")
    by = np.select([listed & small & by_tonnes, listed & small], ["tonnes", "investment"], "")
    return pd.DataFrame({"six_small": kind, "small_by": by}, index=about.index).astype("str")


def _gate(index: pd.Index, cases: list[tuple[pd.Series, str, str | pd.Series]]) -> pd.DataFrame:
    """The state and reason of the first case that holds."""
    when = [np.asarray(case[0], dtype=bool) for case in cases]
    why = [np.asarray(case[2], dtype=object) if isinstance(case[2], pd.Series) else np.full(len(index), case[2], dtype=object)
           for case in cases]
    return pd.DataFrame({"state": pd.Series(np.select(when, [case[1] for case in cases], "unknown"), index=index, dtype="str"),
                         "why": pd.Series(np.select(when, why, ""), index=index, dtype="str")})


def _capacity(made: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    state, entry = listed["state"], listed["entry"]
    return _gate(made.index, [
        (made["eliminated"], "stop", "eliminated"),
        (made["small_by"] == "tonnes", "stop", "six_small:" + made["six_small"]),
        (made["small_by"] == "investment", "attention", "maybe_small:" + made["six_small"]),
        (state == "yes", "attention", "capacity:" + entry),
        (state == "some", "unknown", "codes_differ:" + entry),
        (state == "unknown", "unknown", "no_code"),
        (state == "no", "pass", "not_listed")])


def _environment(made: pd.DataFrame, high: pd.DataFrame, key: pd.DataFrame) -> pd.DataFrame:
    permit, begun, listed = made["environment_permit"], made["begun"], high["state"]
    return _gate(made.index, [
        ((listed == "yes") & begun & (permit == "pending"), "stop", "begun_pending:" + high["entry"]),
        (begun & (permit == "pending"), "attention", "begun_pending"),
        (key["state"] == "yes", "attention", "key_field:" + key["entry"]),
        ((listed == "yes") & (permit == "not_needed"), "attention", "not_needed_doubtful:" + high["entry"]),
        ((listed == "yes") & (permit == "done"), "pass", "permit_done:" + high["entry"]),
        (listed == "yes", "attention", "permit_open:" + high["entry"]),
        (listed == "unknown", "unknown", "no_code"),
        (listed == "some", "unknown", "codes_differ:" + high["entry"]),
        (begun & (permit == ""), "unknown", "permit_not_reported"),
        (permit.isin(["done", "not_needed"]), "pass", "permit_done"),
        (listed == "no", "pass", "not_listed")])


def _safety(made: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    permit, begun, state = made["safety_permit"], made["begun"], listed["state"]
    return _gate(made.index, [
        ((state == "yes") & begun & (permit == "pending"), "stop", "begun_pending:" + listed["entry"]),
        (begun & (permit == "pending"), "attention", "begun_pending"),
        (permit == "done", "pass", "permit_done"),
        ((state == "yes") & (permit == "not_needed"), "attention", "not_needed_doubtful:" + listed["entry"]),
        (state == "yes", "attention", "permit_open:" + listed["entry"]),
        (state == "unknown", "unknown", "no_code"),
        (state == "some", "unknown", "codes_differ:" + listed["entry"]),
        (state == "no", "pass", "not_listed")])

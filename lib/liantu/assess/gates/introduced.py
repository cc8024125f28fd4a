"""What was introduced: where it comes from, how large it is, whether it fits, and whether it is what the city wanted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd

from liantu.assess.chain_gaps import chain_gaps
from liantu.assess.gates.industry import has_words
from liantu.assess.gates.rules import GateRules, gate_rules
from liantu.assess.gates.screen import gate_screen, narrowed, worst
from liantu.assess.structure import structure_rules
from liantu.progress.counts import events
from liantu.reference.opened import kept
from liantu.report import Report

KINDS = ("spill_over", "ordinary", "squeezed_out", "unknown")
_UNREPORTED = "unknown"


def introduced(report: Report) -> pd.DataFrame:
    """Every project known to be signed, one row each, of the report's county (or the city), as known at the report's date.

    Columns of `gate_screen`, and: introduced (year: signed in the report's year up to its date; earlier; undated: signed without a date),
    signed (date), doubtful (the sum is implausible and set aside), size_wan, flagship, tech_small (yes, no, unknown), group (essay of the
    chain: old, raw, new, "" none), fits_chain (yes, no), gap_state, gap_when (then: before the year; now), fills_gap, fills_missing (yes,
    no, unknown: no register), gate (worst of three), kind (`KINDS`), kind_why, part_gate, part_chain, part_gap, part_scale,
    part_technology, part_energy (points; NaN: not known), quality (0 to 100 over the known parts), quality_known (points that these could
    give). Criteria: gates.yml, ours.
    """
    return narrowed(_introduced(report.whole_city), report)


@kept(maxsize=8)
def _introduced(report: Report) -> pd.DataFrame:
    rules, screen = gate_rules(report.city), gate_screen(report)
    year = dt.date(report.quarter.year, 1, 1)
    signed = report.milestones[(report.milestones["stage"] == "signed") & report.milestones["first_reported"].notna()]
    table = screen[screen["project_id"].isin(signed["project_id"])].reset_index(drop=True)
    of_year = events(report.tables, "introduced", year, min(report.quarter.end, report.as_of))["project_id"]
    dates = table["project_id"].map(signed.drop_duplicates("project_id").set_index("project_id")["actual_date"])
    when = np.select([table["project_id"].isin(of_year), dates.isna()], ["year", "undated"], "earlier")
    groups = {chain.zh: chain.group for chain in report.chains.chains}
    states = [(_states(report.known_at(year - dt.timedelta(days=1))), "then")] if _held_before(report, year) else []
    states.append((_states(report), "now"))
    largest = structure_rules(report.city).largest_plausible_wan
    table = table.assign(introduced=pd.Series(when, index=table.index, dtype="str"), signed=dates,
                         doubtful=table["total_investment_wan"] > largest)
    return judged(table, rules, groups, states)


def _held_before(report: Report, year: dt.date) -> bool:
    return bool(report.collected) and report.collected[0] < pd.Timestamp(year)


def _states(report: Report) -> dict[tuple[str, str], str]:
    """The state of each link by chain and link; empty without a register."""
    gaps = chain_gaps(report)
    if not gaps.registered:
        return {}
    states = gaps.states
    return dict(zip(zip(states["chain"], states["link"], strict=True), states["state"], strict=True))


def judged(table: pd.DataFrame, rules: GateRules, groups: Mapping[str, str],
           states: list[tuple[dict[tuple[str, str], str], str]]) -> pd.DataFrame:
    """Rows of a gate screen (with `doubtful`) with what `introduced` adds; `states`: the states of links by when, the earliest first."""
    size = table["total_investment_wan"].mask(table["doubtful"])
    chain_told = table["chain"].isin(list(groups))  # not those of links that nobody can map to a later edition
    made = table.assign(size_wan=size, gate=worst(table), group=table["chain"].map(groups).astype("str").fillna(""),
                        fits_chain=pd.Series(np.where(chain_told, "yes", "no"), index=table.index, dtype="str"))
    made = made.assign(flagship=_three(size >= rules.flagship_wan, size.isna()), tech_small=_tech_small(made, rules))
    made = made.join(_gap(made, states, rules)).join(_kinds(made, rules))
    return made.join(_points(made, rules))


def _three(true: pd.Series, unknown: pd.Series) -> pd.Series:
    return pd.Series(np.select([unknown, true], [_UNREPORTED, "yes"], "no"), index=true.index, dtype="str")


def _tech_small(made: pd.DataFrame, rules: GateRules) -> pd.Series:
    technical = made["group"].isin(rules.tech_small.groups) | has_words(made["name"], rules.tech_small.words)
    may = technical & (made["key_field"] != "yes")
    return _three(may & (made["size_wan"] < rules.tech_small.below_wan), may & made["size_wan"].isna())


def _gap(made: pd.DataFrame, states: list[tuple[dict[tuple[str, str], str], str]], rules: GateRules) -> pd.DataFrame:
    """The first state that is a gap, else the last known; a project on no link fills none."""
    links = list(zip(made["chain"], made["link"], strict=True))
    told = [(of.get, when) for of, when in states if of]
    rows = [next(((find(link), when) for find, when in told if find(link) in rules.gap_states),
                 (told[-1][0](link, ""), told[-1][1]) if told else ("", "")) for link in links]
    state = pd.Series([row[0] for row in rows], index=made.index, dtype="str")
    on_link = made["link"].notna() & bool(told)
    unknown = pd.Series(not told, index=made.index)
    return pd.DataFrame({
        "gap_state": state.where(on_link, ""), "gap_when": pd.Series([row[1] for row in rows], index=made.index, dtype="str"),
        "fills_gap": _three(state.isin(rules.gap_states) & on_link, unknown),
        "fills_missing": _three(state.isin(rules.missing_states) & on_link, unknown)})


def _kinds(made: pd.DataFrame, rules: GateRules) -> pd.DataFrame:
    """溢出, 挤出, ordinary or unknown, and the reason that decided."""
    energy = (made["energy_times"] > rules.energy.times_median) & made["energy_from"].isin(rules.energy.counts_from)
    signs = {"eliminated": made["eliminated"], "key_field": made["key_field"] == "yes",
             "six_small": made["small_by"] == "tonnes", "energy": energy}
    near = made["origin"].isin(rules.neighbours)
    cases = [(made["origin"].isna(), "unknown", "origin_not_reported"), (made["origin"].isin(rules.from_here), "ordinary", "from_here"),
             *((signs[sign], "squeezed_out", sign) for sign in rules.squeezed_out),
             (made["gate"] == "stop", "ordinary", "gate_stop"), (made["gate"] == "unknown", "unknown", "gate_unknown"),
             (~near, "ordinary", "from_elsewhere"), (made["gate"] == "attention", "ordinary", "gate_attention"),
             (made["fits_chain"] == "no", "ordinary", "off_chain"), (near, "spill_over", "wanted")]
    when = [np.asarray(case[0], dtype=bool) for case in cases]
    return pd.DataFrame({"kind": pd.Series(np.select(when, [case[1] for case in cases], "unknown"), index=made.index, dtype="str"),
                         "kind_why": pd.Series(np.select(when, [case[2] for case in cases], ""), index=made.index, dtype="str")})


def _points(made: pd.DataFrame, rules: GateRules) -> pd.DataFrame:
    """Points by part, and their sum scaled to 100 over the parts that are known."""
    told = {"yes": 1.0, "no": 0.0}
    large = pd.Series(np.select([(made["flagship"] == "yes") | (made["tech_small"] == "yes"), made["size_wan"].isna()], [1.0, np.nan], 0.0),
                      index=made.index)
    new = made["group"].isin(rules.tech_small.groups) | has_words(made["name"], rules.tech_small.words)
    saving = pd.Series(np.select([made["energy_times"].isna(), made["energy_times"] <= 1], [np.nan, 1.0], 0.0), index=made.index)
    shares = {"gate": made["gate"].map(rules.gate_points), "chain": made["fits_chain"].map(told), "gap": made["fills_gap"].map(told),
              "scale": large, "technology": new.astype("float64"), "energy": saving}
    parts = pd.DataFrame({f"part_{name}": shares[name].astype("float64") * weight for name, weight in rules.points.items()})
    weights = np.array(list(rules.points.values()))
    known = (parts.notna().to_numpy() * weights).sum(axis=1)
    return parts.assign(quality=np.where(known > 0, 100 * parts.sum(axis=1) / np.where(known > 0, known, 1), np.nan), quality_known=known)

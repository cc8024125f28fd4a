"""Where the units of an assessment stand: totals, how sure they are, places not told apart, and the same by month, quarter and half."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from scipy.special import ndtri

from liantu.assess.scoring import ScoringRules, load_rules, score_details
from liantu.assess.service import service_rules
from liantu.assess.standings.indicator_rules import Uncertainty, indicator_rules
from liantu.assess.standings.judging import COMPOSED, Judged, Past, dated_share, judged
from liantu.assess.standings.measured import units_of
from liantu.assess.standings.ranks import placed, sensitivity
from liantu.assess.standings.storing import stored
from liantu.assess.standings.values import COLUMNS
from liantu.assess.standings.windows import Window, halves, months, quarters, year_so_far
from liantu.assess.zones.zone_rules import zone_rules
from liantu.reference.opened import kept
from liantu.report import Report

ASSESSMENTS = ("project_construction", "attraction", "zones", "departments", "task_forces", "county_overall")
_TABLE = ["unit", "total", "se", "low", "high", "shrunk", "rank", "rank_low", "rank_high", "tier", "keeps", "missing", "n", "note"]
_PERIODS = ["period", "label", "unit", "total", "se", "rank_low", "rank_high", "change", "moved", "relative", "note"]
_NUMBERS = ("value", "n", "se", "total", "low", "high", "shrunk", "rank", "rank_low", "rank_high", "tier", "keeps", "change", "relative",
            "normalised", "weight", "points")


@dataclass(frozen=True, eq=False)
class Standings:
    """An assessment of all its units, of the whole city, of the year so far.

    `rules`: the scoring rules. `values`: unit x indicator as scored (NaN: not reported). `rows`: the same as `indicator_values`. `table`:
    unit, name, total, se, low, high (90 %), shrunk, rank, rank_low, rank_high (simultaneous 90 % set of places), tier (the same number:
    not told apart), keeps (share of weightings under which the unit keeps its place), missing (ids of indicators not reported, joined by
    、), n (projects behind it; of departments tasks and problems), note (code of indicators.yml, or ""); best total first, units without a
    total last with NaN places. `details`: `score_details` with unit and part names (`name`, `part_name`). `periods`: period (month,
    quarter, half, year), label, unit, name, total, se, rank_low, rank_high, change (against the period before of its kind; NaN for the
    first), moved (the 90 % interval of the change excludes 0), relative (change less the mean change of all units), note. `history`:
    period, label and the columns of `indicator_values`: what each period was scored on. `notes`: codes with values of what is thin.
    """

    rules: ScoringRules
    values: pd.DataFrame = field(repr=False)
    rows: pd.DataFrame = field(repr=False)
    table: pd.DataFrame = field(repr=False)
    details: pd.DataFrame = field(repr=False)
    periods: pd.DataFrame = field(repr=False)
    history: pd.DataFrame = field(repr=False)
    notes: list[tuple[str, dict[str, object]]] = field(repr=False)


def standings(report: Report, assessment: str) -> Standings:
    """Where the units of an assessment stand as known at the report's date, of the whole city whatever its county and chain.

    `assessment`: one of ASSESSMENTS, or another file of the city's `scoring/` for a group of these. Made once for all pages of the same
    tables. The public record is no ledger: it has values and no totals. Raises ReferenceFileError for a broken or missing file.
    """
    return _standings(report.whole_city, assessment)


@kept(maxsize=12)
def _standings(report: Report, assessment: str) -> Standings:
    rules = load_rules(assessment, report.city)
    other = [load_rules(name, report.city) for name in COMPOSED if name in rules.inputs]
    found = stored(report, f"standings-{assessment}", (rules, *other), lambda: _packed(_make(report, rules)))
    frames = {part: _unpacked(text) for part, text in zip(found["part"], found["json"], strict=True)}
    names = unit_names(report, rules.group)
    told = [(code, values) for code, values in zip(frames["notes"]["code"], frames["notes"]["values"], strict=True)]
    values = frames["values"].set_index("unit").astype("float64")
    details, periods, table = frames["details"], frames["periods"], frames["table"]
    about = {entry.id: entry.name(report.lang) for entry in indicator_rules(report.city).indicators}
    details["part_name"] = details["part"].map(about).fillna(details["part"])
    for frame in (details, periods, table):
        frame.insert(frame.columns.get_loc("unit") + 1, "name", [names.get(unit, unit) for unit in frame["unit"]])
    return Standings(rules, values, frames["rows"], table, details, periods.astype({"moved": "bool"}), frames["history"], told)


def _packed(parts: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    texts = [frame.to_json(orient="split", index=False, double_precision=15) for frame in parts.values()]
    return pd.DataFrame({"part": list(parts), "json": texts})


def _unpacked(text: str) -> pd.DataFrame:
    told = json.loads(text)
    frame = pd.DataFrame(told["data"], columns=told["columns"])
    numbers = [name for name in _NUMBERS if name in frame]
    return frame.astype(dict.fromkeys(numbers, "float64"))


# --- making it


def _make(report: Report, rules: ScoringRules) -> dict[str, pd.DataFrame]:
    others = {name: _past(_standings(report, name)) for name in COMPOSED if name in rules.inputs}
    made = judged(report, rules, year_so_far(report), others)
    if report.card.kind == "public":
        made = replace(made, totals=np.full(len(made.units), np.nan))
    periods, history = _periods(report, made, others)
    details = score_details(made.values, rules) if len(made.units) else pd.DataFrame({"unit": [], "part": []})
    return {
        "values": made.values.reset_index(), "rows": made.rows, "table": _table(report, made), "details": details,
        "periods": periods, "history": history,
        "notes": pd.DataFrame(_notes(report, made), columns=["code", "values"])}


def _past(made: Standings) -> Past:
    return Past(made.periods, made.history)


def _table(report: Report, made: Judged) -> pd.DataFrame:
    chance = indicator_rules(report.city).uncertainty
    low, high = made.interval(chance.level)
    absent = made.values.isna()[[name for name in made.rules.inputs if name in _weighted(made.rules)]]
    table = pd.DataFrame({
        "unit": pd.Series(made.units, dtype="str"), "total": made.totals, "se": made.error, "low": low, "high": high,
        **{name: column.to_numpy() for name, column in placed(made, chance).items()}, "keeps": sensitivity(made, chance),
        "missing": ["、".join(absent.columns[row]) for row in absent.to_numpy()],
        "n": _base(report, made), "note": _unit_notes(report, made)}, columns=_TABLE)
    return table.sort_values(["total", "unit"], ascending=[False, True], na_position="last", kind="stable").reset_index(drop=True)


def _weighted(rules: ScoringRules) -> set[str]:
    return {part.id for entry in rules.indicators for part in entry.all_parts}


def _base(report: Report, made: Judged) -> np.ndarray:
    """Projects of each unit; of departments their tasks and problems."""
    city = report.whole_city
    if made.rules.group == "department":
        rows = pd.concat([city.tasks["department"], city.problems["department"]])
        return rows.value_counts().reindex(list(made.units), fill_value=0).to_numpy("float64")
    return units_of(city, made.rules.group).count(city.projects["project_id"]) if len(made.units) else np.array([])


def _unit_notes(report: Report, made: Judged) -> list[str]:
    if report.card.kind == "public":
        return ["public_record"] * len(made.units)
    silent = set(made.rows.loc[made.rows["note"] == "no_ledger", "unit"])
    nothing = made.values.isna().all(axis=1).to_numpy()
    return ["no_ledger" if unit in silent else "all_missing" if empty else "not_ranked" if np.isnan(total) else ""
            for unit, empty, total in zip(made.units, nothing, made.totals, strict=True)]


def _notes(report: Report, made: Judged) -> list[tuple[str, dict[str, object]]]:
    notes: list[tuple[str, dict[str, object]]] = []
    if report.card.kind == "public":
        notes.append(("public_record", {}))
    if not len(made.units):
        return [*notes, ("no_units", {"group": made.rules.group})]
    nobody = [name for name in made.rules.inputs if made.values[name].isna().all()]
    notes += [("indicator_missing", {"indicator": name}) for name in nobody]
    notes += [("unit_without_total", {"unit": unit}) for unit, total in zip(made.units, made.totals, strict=True) if np.isnan(total)]
    if not np.any(made.error > 0):
        notes.append(("no_errors", {}))
    about = indicator_rules(report.city)
    if dated_share(made.rules, about) < about.uncertainty.least_dated:
        notes.append(("no_months", {}))
    return notes


# --- the periods


def _periods(report: Report, year: Judged, others: Mapping[str, Past]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The totals of every period, and the indicators behind them; of the year alone where nobody is ranked."""
    about, rules = indicator_rules(report.city), year.rules
    chance, parts, behind = about.uncertainty, [], []
    several = np.isfinite(year.totals).any()
    by_month = months(report, chance.incomplete_months) if dated_share(rules, about) >= chance.least_dated else []
    for windows in (by_month, quarters(report), halves(report)) if several else ():
        made = [(window, judged(report, rules, window, others)) for window in windows]
        parts += _followed(made, chance)
        behind += [one.rows.assign(period=window.kind, label=window.label) for window, one in made]
    now = year_so_far(report)
    parts += _followed([(now, year)], chance)
    behind.append(year.rows.assign(period=now.kind, label=now.label))
    return pd.concat(parts, ignore_index=True)[_PERIODS], pd.concat(behind, ignore_index=True)[["period", "label", *COLUMNS]]


def _followed(made: Sequence[tuple[Window, Judged]], chance: Uncertainty) -> list[pd.DataFrame]:
    """One table for each period, with the change against the one before it; their errors are taken as independent.

    What runs from 1 January begins anew with the year: no change is told across it.
    """
    found, before, last = [], None, None
    for window, now in made:
        table = pd.DataFrame({"unit": pd.Series(now.units, dtype="str"), "total": now.totals, "se": now.error})
        places = {name: column.to_numpy() for name, column in placed(now, chance)[["rank_low", "rank_high"]].items()}
        table = table.assign(period=window.kind, label=window.label, **places, change=np.nan, moved=False, relative=np.nan,
                             note="incomplete" if window.recent else "")
        if before is not None and window.end.year != last.end.year:
            table["note"] = "new_year"
        elif before is not None:
            past = before.set_index("unit").reindex(table["unit"])
            change = table["total"].to_numpy() - past["total"].to_numpy()
            error = np.hypot(table["se"].to_numpy(), past["se"].to_numpy())
            table["change"], table["moved"] = change, np.abs(change) > ndtri(0.5 + chance.level / 2) * error
            table["relative"] = change - (np.nanmean(change) if np.isfinite(change).any() else 0.0)
        found.append(table)
        before, last = table, window
    return found


# --- names


def unit_names(report: Report, group: str) -> dict[str, str]:
    """What the units of a group are called in the report's language."""
    if group == "county":
        return {code: report.county_name(code) for code in report.city.divisions.codes}
    if group == "task_force":
        return {chain.zh: chain.name(report.lang) for chain in report.chains.chains}
    if group == "department":
        return service_rules(report.city).names(report.lang)
    return {} if report.lang == "zh" else dict(zone_rules(report.city).names.en)

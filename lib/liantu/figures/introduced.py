"""What a notebook shows of the gates and of the quality of what was introduced: one call for each part of the page."""

from __future__ import annotations

import numpy as np
import pandas as pd

from liantu.assess.gates import GATES, STATES, gate_rules, gate_screen, portfolio_mix, worst
from liantu.assess.gates import introduced as all_introduced
from liantu.assess.gates import promised as jobs_promised
from liantu.assess.gates.mix import BY
from liantu.assess.intervals import tied_groups, wilson
from liantu.assess.structure import structure_rules
from liantu.figures import behind
from liantu.figures.display import BESIDE_THE_INDEX, Answer, Headline, PageTable, Picture, WatchItem, WatchList
from liantu.figures.gap_words import chain_names, in_yi, labels, yi
from liantu.figures.introduced_charts import fit_chart, gates_chart, kinds_chart, mix_chart
from liantu.figures.wording import WAN_IN_YI, day, number, percent, say
from liantu.progress.funnel_rules import funnel_rules
from liantu.reference.opened import kept
from liantu.report import Report

WATCHED = 6
_LISTED = 60
_WHERE = ["source_file", "sheet", "row"]
_PASSED = ("permit_done", "not_listed")


@kept(maxsize=8)
def _of_year(report: Report) -> pd.DataFrame:
    rows = all_introduced(report)
    return rows[rows["introduced"] == "year"].reset_index(drop=True)


@kept(maxsize=8)
def _standing(report: Report) -> pd.DataFrame:
    """Projects that are not terminated, with the worst of their gates and a plausible sum."""
    rows = gate_screen(report)
    rows = rows[rows["stage"].fillna("") != "terminated"].reset_index(drop=True)
    largest = structure_rules(report.city).largest_plausible_wan
    return rows.assign(gate=worst(rows), wan=rows["total_investment_wan"].mask(rows["total_investment_wan"] > largest))


def _names(report: Report, kind: str) -> dict[str, str]:
    return {key: term.name(report.lang) for key, term in report.city.vocabulary.terms(kind).items()}


def _share(report: Report, good: int, n: int) -> dict[str, str]:
    """A share of a count in words, with its interval."""
    low, high = wilson([good], [n], gate_rules(report.city).level)
    return {"share": percent(good / n if n else None), "low": percent(low[0]), "high": percent(high[0])}


# --- the answer


def answer(report: Report) -> list[Answer | Headline]:
    """How many were introduced and from where, how many are wanted and how many not, and what the gates say; three cards."""
    lang, question, rows, pool = report.lang, say("introduced.question", report.lang), _of_year(report), _standing(report)
    states = pool["gate"].value_counts().reindex(STATES, fill_value=0)
    gates = say("introduced.answer.gates", lang, n=number(len(pool)), **{state: number(states[state]) for state in ("stop", "attention",
                                                                                                                  "unknown")})
    cards = [Headline("gates_to_look_into", say("introduced.card.gates", lang), int(states["stop"] + states["attention"]),
                      say("introduced.unit", lang), note=say("introduced.card.gates_note", lang, n=number(len(pool))),
                      order=BESIDE_THE_INDEX + 2)] if len(pool) else []
    if rows.empty:
        lines = [say("introduced.answer.none", lang, year=report.quarter.year), *([gates] if len(pool) else [])]
        return [Answer(question, "\n".join(lines)), *cards]
    kinds = rows["kind"].value_counts()
    near = int(rows["origin"].isin(gate_rules(report.city).neighbours).sum())
    told = {kind: number(kinds.get(kind, 0)) for kind in ("spill_over", "ordinary", "squeezed_out", "unknown")}
    stated = int(rows["origin"].notna().sum())
    first = say("introduced.answer" if stated else "introduced.answer.no_origin", lang, place=report.place, year=report.quarter.year,
                n=number(len(rows)), stated=number(stated), near=number(near), **_share(report, near, stated))
    second = say("introduced.answer.kinds", lang, **told)
    note = say("introduced.card.of", lang, n=number(len(rows)), **_share(report, int(kinds.get("spill_over", 0)), len(rows)))
    bad = say("introduced.card.of", lang, n=number(len(rows)), **_share(report, int(kinds.get("squeezed_out", 0)), len(rows)))
    return [Answer(question, "\n".join([first, second, gates])),
            Headline("spill_over", say("introduced.card.spill_over", lang), int(kinds.get("spill_over", 0)), say("introduced.unit", lang),
                     note=note, order=BESIDE_THE_INDEX),
            Headline("squeezed_out", say("introduced.card.squeezed_out", lang), int(kinds.get("squeezed_out", 0)),
                     say("introduced.unit", lang), note=bad, order=BESIDE_THE_INDEX + 1), *cards]


# --- the gates


def gates(report: Report) -> list[Picture | PageTable]:
    """The three gates: how many projects pass, need attention, are stopped or cannot be told; 两高 and 六小; the lists used."""
    pool, lang = _standing(report), report.lang
    table = pd.DataFrame([_states_of(pool, gate, say(f"introduced.gate.{gate}", lang)) for gate in (*GATES, "gate")]) if len(pool) else pool
    high, key = (int((pool[name] == "yes").sum()) for name in ("two_high", "key_field"))
    small = pool["small_by"]
    facts = {"n": number(len(pool)), **{state: number((pool["gate"] == state).sum()) for state in STATES},
             "no_code": number((pool["code_from"] == "none").sum()),
             "high": number(high), "fields": number(key), "small": number((small != "").sum()), "tonnes": number((small == "tonnes").sum()),
             "energy": number(pool["energy_times"].notna().sum()), "linked": number((pool["code_from"] == "link").sum()),
             **{f"high_{name}": text for name, text in _share(report, high, int((pool["two_high"] != "unknown").sum())).items()}}
    chart = gates_chart(table, facts, **report.stamp)
    return [chart, *_high_table(report, pool)]


def _states_of(pool: pd.DataFrame, gate: str, name: str) -> dict:
    sums = pool.groupby(gate)["wan"].sum()
    counts = pool[gate].value_counts()
    return {"group": name, **{state: int(counts.get(state, 0)) for state in STATES},
            **{f"{state}_wan": float(sums.get(state, 0.0)) for state in STATES}}


def _high_table(report: Report, pool: pd.DataFrame) -> list[PageTable]:
    """Each entry of the lists that a standing project is on, with its source and how sure it is."""
    rules, lang = gate_rules(report.city), report.lang
    rows: list[dict] = []
    if pool.empty:
        return []
    for name, gate in (("two_high", "environment_why"), ("key_fields", "environment_why"), ("capacity", "capacity_why"),
                       ("six_small", "capacity_why"), ("safety", "safety_why")):
        told = pool[gate].str.partition(":")
        for entry in getattr(rules, name):
            on = (told[2] == entry.id) & (told[0] != "codes_differ") & told[0].isin(_SAYS[name])
            if on.any():
                rows.append({"list": say(f"introduced.list.{name}", lang), "entry": entry.name(lang), "projects": int(on.sum()),
                             "wan": pool.loc[on, "wan"].sum(), "confidence": say(f"introduced.confidence.{entry.confidence}", lang),
                             "source": entry.source})
    if not rows:
        return []
    table = pd.DataFrame(rows).assign(wan=lambda made: in_yi(made["wan"]))
    if lang == "en":
        table = table.drop(columns="source")  # names of documents are Chinese; gates.yml has them
    caption = say("introduced.lists.caption", lang, small=rules.six_small_note.name(lang))
    return [PageTable("gate_lists", say("introduced.lists.title", lang), table, labels(table, "introduced.lists", lang), caption)]


_SAYS = {"two_high": ("begun_pending", "not_needed_doubtful", "permit_done", "permit_open"), "key_fields": ("key_field",),
         "capacity": ("capacity",), "six_small": ("six_small", "maybe_small"),
         "safety": ("begun_pending", "not_needed_doubtful", "permit_open")}


# --- what was introduced


def origins(report: Report) -> list[Picture | PageTable]:
    """Where what was introduced comes from, and whether it is wanted; a row a county, ties as ties."""
    rows, lang, rules = _of_year(report), report.lang, gate_rules(report.city)
    names = _names(report, "origins") | {"": say("introduced.not_reported", lang)}
    counts = pd.crosstab(rows["origin"].fillna(""), rows["kind"]).reindex(index=list(names), columns=list(_KINDS), fill_value=0)
    table = counts.assign(n=counts.sum(axis=1), group=list(names.values()),
                          size_wan=rows.groupby(rows["origin"].fillna(""))["size_wan"].sum().reindex(list(names)).fillna(0.0))
    table = table.reset_index(drop=True)[["group", "n", *_KINDS, "size_wan"]]
    near = int(rows["origin"].isin(rules.neighbours).sum())
    facts = {"n": number(len(rows)), "near": number(near), **{kind: number((rows["kind"] == kind).sum()) for kind in _KINDS},
             "high": number((rows["kind_why"] == "key_field").sum()), "energy": number((rows["kind_why"] == "energy").sum()),
             "times": number(rules.energy.times_median), "off": number(rows["doubtful"].sum()),
             "undated": number((all_introduced(report)["introduced"] == "undated").sum())}
    return [kinds_chart(table, facts, **report.stamp), *_counties(report, rows)]


_KINDS = ("spill_over", "ordinary", "squeezed_out", "unknown")


def _counties(report: Report, rows: pd.DataFrame) -> list[PageTable]:
    """Counties by the share that is spill-over; those whose intervals touch stand in one group, which has no order."""
    if rows.empty or report.parameters.county:
        return []
    lang, level = report.lang, gate_rules(report.city).level
    made = pd.crosstab(rows["county"], rows["kind"]).reindex(columns=list(_KINDS), fill_value=0)
    made = made.reindex([code for code in (*report.city.divisions.codes, report.city.divisions.city.code)
                         if code in made.index or code in report.city.divisions.codes], fill_value=0)
    n = made.sum(axis=1)
    low, high = wilson(made["spill_over"], n, level)
    about = rows.groupby("county").agg(size=("size_wan", "sum"), points=("quality", "median"))
    table = pd.DataFrame({"county": behind.county_names(report, made.index), "n": n, **{kind: made[kind] for kind in _KINDS},
                          "share": [percent(good / of if of else None) for good, of in zip(made["spill_over"], n, strict=True)],
                          "interval": [f"{percent(one)}–{percent(other)}" for one, other in zip(low, high, strict=True)],
                          "tied": tied_groups(low, high), "wan": in_yi(about["size"].reindex(made.index).fillna(0.0)),
                          "points": about["points"].reindex(made.index).round()}).reset_index(drop=True)
    table = table.sort_values("tied", kind="stable").reset_index(drop=True)
    return [PageTable("counties_introduced", say("introduced.counties.title", lang, groups=number(table["tied"].nunique())), table,
                      labels(table, "introduced.counties", lang), say("introduced.counties.caption", lang, level=percent(level)),
                      {"share": "right", "interval": "right", "tied": "center"})]


def fit(report: Report) -> list[Picture | PageTable]:
    """How what was introduced fits the chains and their gaps, by county; and flagship and small projects of technology."""
    rows = _of_year(report)
    fits = [rows[name] == "yes" for name in ("fills_missing", "fills_gap", "fits_chain")]
    where = np.select(fits, _FITS[:3], _FITS[3]) if len(rows) else []
    counts = pd.crosstab(rows["county"], pd.Series(where, index=rows.index, dtype="str")).reindex(columns=list(_FITS), fill_value=0)
    table = counts.assign(n=counts.sum(axis=1), group=behind.county_names(report, counts.index)).reset_index(drop=True)
    register = len(rows) > 0 and (rows["fills_gap"] != "unknown").any()
    facts = {"n": number(len(rows)), **{name: number(fit.sum()) for name, fit in zip(("missing", "fills", "fits"), fits, strict=True)},
             "register": "yes" if register else "",
             "share": _share(report, int((rows["fits_chain"] == "yes").sum()), len(rows))["share"]}
    return [fit_chart(table[["group", "n", *_FITS]], facts, **report.stamp), *_sizes(report, rows)]


_FITS = ("missing", "gap", "chain", "off")


def _sizes(report: Report, rows: pd.DataFrame) -> list[PageTable]:
    if rows.empty:
        return []
    lang, rules = report.lang, gate_rules(report.city)
    made = []
    for name in ("flagship", "tech_small"):
        yes, unknown = rows[rows[name] == "yes"], int((rows[name] == "unknown").sum())
        share = _share(report, len(yes), len(rows) - unknown)
        made.append({"class": say(f"introduced.sizes.{name}", lang), "projects": len(yes), "of": len(rows) - unknown, "unknown": unknown,
                     "share": share["share"], "interval": f"{share['low']}–{share['high']}",
                     "wan": round(yes["size_wan"].sum() / WAN_IN_YI, 2),
                     "near": int(yes["origin"].isin(rules.neighbours).sum()), "spill_over": int((yes["kind"] == "spill_over").sum())})
    table = pd.DataFrame(made)
    caption = say("introduced.sizes.caption", lang, flagship=yi(rules.flagship_wan), small=yi(rules.tech_small.below_wan))
    return [PageTable("flagship_and_small", say("introduced.sizes.title", lang), table, labels(table, "introduced.sizes", lang), caption,
                      {"share": "right", "interval": "right"})]


def mix(report: Report) -> list[Picture | PageTable]:
    """Old, raw and new industries in what was introduced against the pool; the same by category, origin and size."""
    made, lang = portfolio_mix(report), report.lang
    essays = {group.id: group.name(lang) for group in report.chains.edition.groups} | {"off_chain": say("introduced.off_chain", lang)}
    names = {"category": _names(report, "categories"), "essay": essays, "origin": _names(report, "origins"),
             "size": funnel_rules(report.city).names(lang)}
    words = [names[by].get(group, say("introduced.not_reported", lang)) if group != "unknown" else say("introduced.not_reported", lang)
             for by, group in zip(made["by"], made["group"], strict=True)]
    made = made.assign(id=made["group"], group=words)
    chart = mix_chart(made[made["by"] == "essay"].reset_index(drop=True), **report.stamp, few=gate_rules(report.city).few)
    rows = made[(made["projects"] > 0)]
    table = pd.DataFrame({
        "by": [say(f"introduced.mix.by.{by}", lang) for by in rows["by"]], "group": rows["group"], "projects": rows["projects"],
        "share": rows["share"].map(percent), "wan": in_yi(rows["invest_wan"]), "money_share": rows["money_share"].map(percent),
        "introduced": rows["introduced"], "introduced_share": rows["introduced_share"].map(percent),
        "interval": [f"{percent(low)}–{percent(high)}" for low, high in zip(rows["low"], rows["high"], strict=True)],
        "introduced_wan": in_yi(rows["introduced_wan"])}).reset_index(drop=True)
    if table.empty:
        return [chart]
    right = dict.fromkeys(("share", "money_share", "introduced_share", "interval"), "right")
    return [chart, PageTable("portfolio_mix", say("introduced.mix.table", lang, n=number(len(BY))), table,
                             labels(table, "introduced.mix.of", lang), say("introduced.mix.table_caption", lang), right)]


# --- promised and delivered, what to send, what to watch


def promises(report: Report) -> PageTable:
    """Jobs promised against jobs of the same firms once they produce, by county; tax promised stands in no ledger."""
    made, lang = jobs_promised(report), report.lang
    table = pd.DataFrame({
        "county": behind.county_names(report, made["county"]), "projects": made["projects"], "stated": made["stated"],
        "jobs_promised": [_told(value, lang) for value in made["jobs_promised"]],
        "producing": made["producing"], "producing_stated": made["producing_stated"],
        "producing_promised": [_told(value, lang) for value in made["producing_promised"]], "firms": made["firms"],
        "jobs_matched": [number(value) for value in made["jobs_matched"]],
        "jobs_delivered": [_told(value, lang) for value in made["jobs_delivered"]],
        "tax": say("introduced.not_reported", lang)})
    firms, stated = int(made["firms"].sum()), int(made["stated"].sum())
    note = "register" if (made["note"] == "no_register").all() else "none" if not firms else "some"
    title = say(f"introduced.promises.title.{note}", lang, jobs=number(made["jobs_promised"].sum(min_count=1)), stated=number(stated),
                n=number(made["projects"].sum()), firms=number(firms), matched=number(made["jobs_matched"].sum(min_count=1)),
                delivered=number(made["jobs_delivered"].sum(min_count=1)))
    right = dict.fromkeys(("jobs_promised", "producing_promised", "jobs_matched", "jobs_delivered"), "right")
    caption = say("introduced.promises.caption", lang)
    return PageTable("jobs_promised", title, table, labels(table, "introduced.promises", lang), caption, right)


def _told(value: float, lang: str) -> str:
    return say("introduced.not_reported", lang) if pd.isna(value) else number(value)


def to_look_into(report: Report) -> list[PageTable]:
    """Projects that a gate stops or that need attention, worst and largest first, with their ledger rows and what to send."""
    lang, found = report.lang, _pressing(report)
    if found.empty:
        return []
    shown = behind.with_rows(found.head(_LISTED)[["project_id"]], report)
    rows, chains = found.head(_LISTED), chain_names(report)
    stages = _names(report, "stages")
    table = pd.DataFrame({
        "gate": [say(f"introduced.state.{state}", lang) for state in rows["gate"]], "name": rows["name"].to_numpy(),
        "county": behind.county_names(report, rows["county"]),
        "chain": [chains.get(chain, say("introduced.off_chain", lang)) for chain in rows["chain"]],
        "industry": rows["industry"].to_numpy(), "code_from": [say(f"introduced.from.{source}", lang) for source in rows["code_from"]],
        "stage": [stages.get(stage, say("introduced.not_reported", lang)) for stage in rows["stage"]], "wan": in_yi(rows["wan"]).to_numpy(),
        "why": [_why(report, row) for row in rows.to_dict("records")], "send": [_send(row, lang) for row in rows.to_dict("records")],
        **{name: shown[name].to_numpy() for name in _WHERE}})
    title = say("introduced.look.title", lang, n=number(len(found)), shown=number(len(rows)))
    return [PageTable("gates_to_look_into", title, table, labels(table, "introduced.look", lang), say("introduced.look.caption", lang))]


def _pressing(report: Report) -> pd.DataFrame:
    pool = _standing(report)
    found = pool[pool["gate"].isin(["stop", "attention"])]
    ranked = found.assign(_open=found["gate"] != "stop", _n=found[list(GATES)].isin(["stop", "attention"]).sum(axis=1))
    ranked = ranked.sort_values(["_open", "_n", "wan", "project_id"], ascending=[True, False, False, True])
    return ranked.drop(columns=["_open", "_n"]).reset_index(drop=True)


def _why(report: Report, row: dict) -> str:
    """What each gate that does not pass says."""
    names, lang = gate_rules(report.city).names(report.lang), report.lang
    told = []
    for gate in GATES:
        if row[gate] not in ("stop", "attention"):
            continue
        reason, _, entry = str(row[f"{gate}_why"]).partition(":")
        lists = {"key_field": "key_fields", "capacity": "capacity", "six_small": "six_small", "maybe_small": "six_small"}
        of = lists.get(reason, "safety" if gate == "safety" else "two_high")
        text = say(f"introduced.why.{reason}", lang, entry=names.get(f"{of}:{entry}", ""))
        told.append(say("introduced.why", lang, gate=say(f"introduced.gate.{gate}", lang), text=text.strip()))
    return say("semicolon", lang).join(told)


def _send(row: dict, lang: str) -> str:
    """What the county should send so that the gates can be told."""
    wanted = [f"introduced.send.{gate}" for gate in GATES if row[gate] in ("stop", "attention")]
    return say("semicolon", lang).join(say(key, lang) for key in wanted)


def watch(report: Report) -> list[WatchList]:
    """The projects that a gate stops or that were introduced and look squeezed out, largest first."""
    lang, year = report.lang, _of_year(report)
    stopped = _pressing(report)
    stopped = stopped[stopped["gate"] == "stop"]
    unwanted = year[(year["kind"] == "squeezed_out") & (year["stage"].fillna("") != "terminated")].sort_values(
        ["size_wan", "project_id"], ascending=[False, True])
    items = [WatchItem(row["name"], _why(report, row), behind.county_name(report, row["county"])) for row in stopped.to_dict("records")]
    items += [WatchItem(row["name"], say(f"introduced.watch.{row['kind_why']}", lang, times=number(row["energy_times"], tenths=True),
                                         n=number(row["energy_n"])), behind.county_name(report, row["county"]),
                        day(row["signed"]) if pd.notna(row["signed"]) else None)
              for row in unwanted[~unwanted["project_id"].isin(stopped["project_id"])].to_dict("records")]
    if not items:
        return []
    note = say("introduced.watch.note", lang, n=number(len(items)), shown=number(min(len(items), WATCHED)))
    return [WatchList("introduced", say("introduced.watch.title", lang), tuple(items[:WATCHED]), note, 16)]

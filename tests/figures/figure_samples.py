"""Sample inputs for the figure tests: made up, with the columns of the measures."""

from __future__ import annotations

import datetime as dt
import random

import pandas as pd

from liantu.assess import places, quality_rules, tied_groups, wilson
from liantu.figures import (
    accounting_chart,
    bridge_chart,
    county_chart,
    facts_chart,
    filled_chart,
    gap_chart,
    heat_map,
    late_chart,
    pace_chart,
    reporting_delay_chart,
    restated_chart,
    rules_chart,
    score_chart,
    target_chart,
)
from liantu.figures.wording import say
from liantu.progress.since import KINDS
from liantu.reference import city

AS_OF = dt.date(2022, 6, 30)
SINCE = {"then": dt.date(2022, 3, 31), "quarter": "2022Q2"}
DIVISIONS, EDITION = city().divisions, city().chains("2022")
COUNTIES, CHAINS = DIVISIONS.counties, EDITION.chains
PLACE = {"zh": "朝阳市", "en": "Chaoyang City"}


def short(county, lang):
    return county.short_zh if lang == "zh" else county.short_en


WORDS = {
    "introduced": {"zh": "全年引进", "en": "Introduced in the year"}, "started": {"zh": "一季度开工", "en": "Started in Q1"},
    "capacity": {"zh": "二季度达产", "en": "At capacity by Q2"}, "at_work": {"zh": "全年开复工", "en": "Started or resumed in the year"},
    "unit": {"zh": "个", "en": "projects"}, "counting": {"zh": "窗口内签约的项目（签约即引进）", "en": "Projects signed in the window"},
    "rate_2021": {"zh": "2021年一季度集中开工新建项目", "en": "New projects of the collective start in Q1 2021"},
    "rate_2023": {"zh": "2023年一季度新开工项目", "en": "New starts in Q1 2023"},
    "note": {"zh": "模拟台账，种子20220207", "en": "simulated ledgers, seed 20220207"},
}


def row(lang="zh", **changes):
    """One row of the targets: 79 of 200 at mid-year, behind."""
    base = {
        "target": "year_introduced", "label": WORDS["introduced"][lang], "value": 200.0, "unit": WORDS["unit"][lang],
        "due": dt.date(2022, 12, 31), "window_start": dt.date(2022, 1, 1), "counting": WORDS["counting"][lang], "actual": 79, "late": 17,
        "demanded": 100.0, "gap": -21.0, "share_done": 0.395, "share_elapsed": 0.5, "pace_needed": 20.1667, "status": "behind",
        "base_rates": []}
    return base | changes


def first_quarter(lang="zh"):
    rates = [{"value": 43, "label": WORDS["rate_2021"][lang]}, {"value": 115, "label": WORDS["rate_2023"][lang]}]
    return row(lang, target="q1_started", label=WORDS["started"][lang], value=120.0, actual=86, late=12, demanded=120.0, gap=-34.0,
               share_done=86 / 120, share_elapsed=1.0, status="missed", due=dt.date(2022, 3, 31), pace_needed=None, base_rates=rates)


def at_work(lang="zh"):
    return row(lang, target="year_at_work", label=WORDS["at_work"][lang], value=1000.0, actual=823, late=90, demanded=500.0, gap=323.0,
               share_done=0.823, status="ahead", pace_needed=29.5)


def no_target(lang="zh"):
    return row(lang, value=None, demanded=None, gap=None, share_done=None, actual=12, late=3, status="unknown", pace_needed=None)


def quarters(in_time=(38, 24, 0, 0), late=(12, 5, 0, 0), value=200.0, known=(True, True, False, False)):
    frame = pd.DataFrame({"quarter": [f"2022Q{n + 1}" for n in range(len(in_time))], "in_time": in_time, "late": late, "withdrawn": 0})
    frame["cumulative_in_time"] = frame["in_time"].cumsum()
    frame["cumulative"] = (frame["in_time"] + frame["late"]).cumsum()
    count = len(frame)
    frame["demanded_cumulative"] = [None if value is None else value * (n + 1) / count for n in range(count)]
    return frame.assign(known=list(known))


def targets(lang="zh"):
    capacity = row(lang, target="q2_at_capacity", label=WORDS["capacity"][lang], value=191.0, actual=203, demanded=191.0, gap=12.0,
                   share_done=203 / 191, share_elapsed=1.0, status="met")
    return pd.DataFrame([first_quarter(lang), capacity, row(lang), at_work(lang)])


def counties(lang="zh", full=False):
    draw, rows = random.Random(7), []
    for target in targets(lang).to_dict("records"):
        for county in COUNTIES:
            actual = draw.randint(0, 40) * (5 if target["target"] == "year_at_work" else 1)
            name = county.name(lang) if full else short(county, lang)
            rows.append({"county": county.code, "county_name": name, "measure": target["target"], "label": target["label"],
                         "actual": actual, "late": actual // 4})
    return pd.DataFrame(rows)


def chain_table():
    draw = random.Random(3)
    pairs = [(chain.zh, county.code) for chain in CHAINS for county in COUNTIES]
    rows = [{"chain": chain, "county": county, "projects": max(0, int(draw.expovariate(0.12)) - 4)} for chain, county in pairs]
    rows += [{"chain": None, "county": "211322", "projects": 7}, {"chain": CHAINS[0].zh, "county": "211300", "projects": 3}]
    return pd.DataFrame(rows).astype({"chain": "str"})


def gaps():
    draw = random.Random(5)
    states = ("broken_open", "broken_in_repair", "weak", "held", "unknown", "blocked", "unasked")
    return pd.DataFrame([{"chain": chain.zh} | {state: draw.choice([0, 1, 1, 2, 4]) for state in states} for chain in CHAINS])


def files():
    draw, rows = random.Random(11), []
    for snapshot in ("2021-12-31", "2022-03-31", "2022-06-30"):
        for county in (*[county.code for county in COUNTIES], None, None):
            rows.append({"source_file": f"{snapshot}/{county or draw.random()}.xlsx", "county": county, "snapshot": pd.Timestamp(snapshot),
                         "accepted": draw.randint(60, 260), "quarantined": draw.randint(0, 9), "ignored": draw.randint(8, 40)})
    return pd.DataFrame(rows)


def delays():
    draw = random.Random(2)
    scale = {"signed": 25, "approved": 40, "started": 70, "completed": 150, "at_capacity": 110}
    rows = [(stage, int(draw.expovariate(1 / days))) for stage, days in scale.items() for _ in range(days * 2)]
    return pd.DataFrame(rows, columns=["stage", "days"])


def scored(lang, low=78.0, step=2.5, half=1.5, full=False):
    """Seven counties from low upwards; with a large step and a small half no two overlap."""
    names = [county.name(lang) if full else short(county, lang) for county in COUNTIES]
    score = [min(low + step * place, 100.0) for place in range(len(names))]
    lows, highs = [max(value - half, 0) for value in score], [min(value + half, 100) for value in score]
    held = places(lows, highs)
    return pd.DataFrame({"label": names, "score": score, "low": lows, "high": highs, "rows": [40, 3000, 220, 185, 310, 260, 90],
                         "group": tied_groups(lows, highs), "first": [first for first, _ in held], "last": [last for _, last in held]})


def scored_over_time():
    days = ["2021-12-31", "2022-03-31", "2022-06-30"]
    return pd.DataFrame({"label": days, "score": [98.2, 81.2, 85.8], "low": [97.0, 79.9, 84.1], "high": [98.9, 82.7, 87.4],
                         "rows": [347, 334, 357], "comparable": [False, True, True]})


def broken(lang):
    rules = quality_rules(city())
    draw, kinds = random.Random(4), {rule.id: rule.severity for rule in city().rules.rules}
    actions = {action.id: action.name(lang) for action in rules.actions}
    ordered = sorted(kinds.items(), key=lambda kind: rules.action_of(kind[0]))
    rows = [{"action": actions[rules.action_of(rule)], "rule": rules.rule_name(rule, lang), "severity": severity,
             "cells": draw.choice([1, 2, 7, 40, 310])} for rule, severity in ordered]
    return pd.DataFrame(rows[::2])


def filled(lang):
    draw = random.Random(6)
    rows = [{"field": entry.name(lang), "column": short(county, lang), "asked": draw.choice([0, 60, 250])}
            for entry in quality_rules(city()).fields for county in COUNTIES]
    return pd.DataFrame([row | {"filled": round(row["asked"] * draw.choice([0, 0.4, 0.97, 0.999, 1, 1, 1]))} for row in rows])


def lateness(lang):
    late, of = [29, 70, 41, 73, 0, 122, 548], [58, 133, 79, 127, 2, 122, 1099]
    low, high = wilson(late, of)
    table = pd.DataFrame({"label": [short(county, lang) for county in COUNTIES], "n": of, "late": late, "low": low, "high": high,
                          "median": [90.0, 93.5, 91, 97, 12, 1410, 83]})
    return table.assign(share=table["late"] / table["n"])


def stage_names(lang):
    return {term.id: term.name(lang) for term in city().vocabulary.stages}


def bridge(lang, **changes):
    """One row of the bridges: 509 published, 50 restated, 193 new, 752 now."""
    base = {"target": "year_at_work", "label": WORDS["at_work"][lang], "year": 2022, "value": 1000.0, "published": 509, "late": 68,
            "withdrawn": 10, "postponed": 8, "restated": 50, "known": 559, "new": 193, "now": 752}
    return base | changes


def facts(lang):
    draw, names = random.Random(9), stage_names(lang)
    return pd.DataFrame([{"label": name, "in_quarter": draw.choice([0, 3, 40, 150]), "late": draw.choice([0, 2, 60]),
                          "undated": draw.choice([0, 1, 400])} for name in names.values()])


def restated(lang):
    draw = random.Random(8)
    return pd.DataFrame([{"label": say(f"restated.kind.{kind}", lang), "number": draw.choice([1, 12, 240, 886]), "projects": 1}
                         for kind in KINDS])


def gallery(lang):
    """Every figure once, and the important variants, by name."""
    common = {"lang": lang, "as_of": AS_OF, "simulated": True, "place": PLACE[lang]}
    noted = common | {"source_note": WORDS["note"][lang]}
    zero = row(lang, actual=0, late=0, gap=-100.0, share_done=0.0)
    near = row(lang, actual=99, late=60, gap=-1.0, share_done=0.495)
    return {
        "target_year": target_chart(row(lang), quarters(), **noted),
        "target_q1": target_chart(first_quarter(lang), quarters((74,), (12,), 120.0, (True,)), **noted),
        "target_ahead": target_chart(at_work(lang), quarters((433, 300, 0, 0), (50, 40, 0, 0), 1000.0), **noted),
        "target_county": target_chart(no_target(lang), quarters((5, 4, 0, 0), (2, 1, 0, 0), None), **noted),
        "target_zero": target_chart(zero, quarters((0, 0, 0, 0), (0, 0, 0, 0)), **noted),
        "target_near": target_chart(near, quarters((2, 37, 0, 0), (0, 60, 0, 0)), **noted),
        "pace": pace_chart(targets(lang), **noted),
        "counties": county_chart(counties(lang), **noted),
        "counties_full": county_chart(counties(lang, full=True).drop(columns="late"), lead="year_at_work", **noted),
        "counties_own": county_chart(counties(lang).query("county == '211382'"), **noted),
        "heat": heat_map(chain_table(), EDITION, DIVISIONS, **noted),
        "gaps": gap_chart(gaps(), names={chain.zh: chain.name(lang) for chain in CHAINS}, **noted),
        "accounting": accounting_chart(files(), names={county.code: short(county, lang) for county in COUNTIES}, **noted),
        "delay": reporting_delay_chart(delays(), names=stage_names(lang), **noted),
        "scores": score_chart(scored(lang), **noted),
        "scores_tied": score_chart(scored(lang, 88.0, 0.4, 3.0), **noted),
        "scores_apart": score_chart(scored(lang, 4.0, 16.0, 1.0, full=True), **noted),
        "scores_over_time": score_chart(scored_over_time(), **noted, over_time=True),
        "late": late_chart(lateness(lang), **noted),
        "rules": rules_chart(broken(lang), **noted, read=54_621),
        "bridge": bridge_chart(bridge(lang), **noted, **SINCE),
        "bridge_down": bridge_chart(bridge(lang, value=None, published=20, late=0, withdrawn=12, postponed=3, restated=-15, known=5, new=3,
                                           now=8), **noted, **SINCE),
        "told_first": facts_chart(facts(lang), **noted, **SINCE),
        "restated": restated_chart(restated(lang), **noted, then=SINCE["then"]),
        "filled": filled_chart(filled(lang), **noted),
        "empty": pace_chart(targets(lang).head(0), **common),
    }

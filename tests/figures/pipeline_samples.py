"""Sample tables of the funnel, of times in stages and of slips: made up, with the columns of the measures."""

from __future__ import annotations

import numpy as np
import pandas as pd
from figure_samples import CHAINS, COUNTIES, short

from liantu.assess import wilson

RATES = ("landing", "start", "completion", "capacity")
FLOW = ("signed", "approved", "started", "completed", "producing", "at_capacity")
STAGES = {
    "zh": dict(zip(FLOW, ("签约", "核准/备案", "开工", "竣工", "投产", "达产"), strict=True)) | {"terminated": "终止"},
    "en": {stage: stage.replace("_", " ").capitalize() for stage in (*FLOW, "terminated")},
}
PERMITS = {
    "zh": {"siting": "规划选址", "land": "土地预审", "energy": "能评", "environment": "环评", "safety": "安评", "filing": "立项"},
    "en": {"siting": "Siting", "land": "Land", "energy": "Energy", "environment": "Environment", "safety": "Safety", "filing": "Filing"},
}
COUNTY_NAMES = {lang: {county.code: short(county, lang) for county in COUNTIES} for lang in ("zh", "en")}
CHAIN_NAMES = {lang: {chain.id: getattr(chain, lang) for chain in CHAINS} for lang in ("zh", "en")}


def rates(groups, bases, shares):
    """One row for each group and rate; `bases` and `shares` by group, a little lower from rate to rate."""
    rows = [(str(group), rate, base, round(base * share * (1 - 0.15 * place)))
            for group, base, share in zip(groups, bases, shares, strict=True) for place, rate in enumerate(RATES)]
    table = pd.DataFrame(rows, columns=["group", "rate", "base", "reached"])
    low, high = wilson(table["reached"], table["base"])
    return table.assign(share=(table["reached"] / table["base"].where(table["base"] > 0)).astype("float64"), low=low, high=high)


def cohorts():
    return rates(["2020", "2021", "2022"], [312, 540, 196], [0.93, 0.81, 0.42])


def snapshots():
    return rates(["2021-12-31", "2022-03-31", "2022-06-30"], [1390, 1451, 1502], [0.78, 0.79, 0.8])


def by_county(few=2):
    bases = [210, 180, 330, 95, 120, 60, 40]
    return rates([county.code for county in COUNTIES], [4 if place < few else base for place, base in enumerate(bases)],
                 [0.8, 0.74, 0.83, 0.45, 0.7, 0.77, 0.72])


def by_chain():
    return rates([chain.id for chain in CHAINS], [12 + 9 * place for place in range(len(CHAINS))], [0.7] * len(CHAINS))


def whereabouts():
    return pd.DataFrame({
        "stage": FLOW, "reached": [540, 431, 352, 201, 188, 96], "waiting": [74, 51, 118, 9, 86, 96], "suspended": [0, 4, 21, 0, 3, 0],
        "terminated": [35, 24, 12, 4, 3, 0]})


def curve(to, final, group="", size=352, last=1400, pace=500.0, points=60):
    days = np.unique(np.linspace(20, last, points).round()).astype(int)
    share = final * (1 - np.exp(-days / pace))
    half = 0.02 + 0.1 * days / last
    return pd.DataFrame({"stage": "started", "to": to, "group": group, "days": days, "share": share, "low": np.clip(share - half, 0, 1),
                         "high": np.clip(share + half, 0, 1), "at_risk": np.maximum((size * (1 - days / last)).round().astype(int), 2)})


def curves(groups=("",)):
    return pd.concat([curve(to, share - fall * place, group, 352 - 60 * place) for place, group in enumerate(groups)
                      for to, share, fall in (("completed", 0.72, 0.1), ("terminated", 0.09, -0.01))], ignore_index=True)


def stays():
    return pd.DataFrame({
        "stage": FLOW[:5], "n": [540, 431, 352, 201, 188], "ended": [431, 352, 201, 188, 96], "median": [88.0, 131.0, 512.0, 47.0, np.nan],
        "q25": [41.0, 62.0, 330.0, 20.0, 260.0], "q75": [190.0, 288.0, 811.0, 95.0, np.nan], "low": [80.0, 118.0, 470.0, 41.0, np.nan],
        "high": [97.0, 140.0, 566.0, 55.0, np.nan], "waiting": [74, 55, 139, 9, 0], "waiting_median": [210.0, 190.0, 402.0, 60.0, np.nan],
        "longest": [905.0, 1120.0, 1604.0, 233.0, np.nan]})


def waits(seed=3):
    draw, parts = np.random.default_rng(seed), []
    for row in stays().query("waiting > 0").itertuples():
        days = np.append(draw.gamma(1.6, row.waiting_median / 1.6, row.waiting - 1).clip(1, row.longest), row.longest)
        parts.append(pd.DataFrame({"stage": row.stage, "days": days, "over": days - row.median}))
    return pd.concat(parts, ignore_index=True)


def permits():
    return pd.DataFrame({
        "approval": list(PERMITS["zh"]), "n": [210, 180, 96, 140, 60, 300], "median": [41.0, 88.0, 66.0, 97.0, 52.0, 12.0],
        "q25": [20.0, 41.0, 30.0, 48.0, 25.0, 5.0], "q75": [77.0, 160.0, 120.0, 170.0, 90.0, 28.0], "done": [402, 351, 180, 266, 120, 590],
        "pending": [120, 170, 60, 202, 48, 21], "not_needed": [60, 41, 310, 96, 380, 0], "unknown": [36, 56, 68, 54, 70, 7]})


def slips(few=1, apart=True):
    rows = []
    for place, county in enumerate(COUNTIES):
        moved = 4 if place < few else 30 + 14 * place
        middle = 120.0 if apart and place == 3 else 45.0 + place
        rows.append((county.code, "", moved * 3, moved, middle, middle - 30, middle + 70, moved - 3, 3, round(moved * (0.3 + 0.07 * place)),
                     middle - 12, middle + 16))
    columns = ["group", "stage", "plans", "moved", "median_days", "q25", "q75", "later", "earlier", "no_reason", "low", "high"]
    table = pd.DataFrame(rows, columns=columns)
    counts = ["plans", "moved", "later", "earlier", "no_reason"]
    return pd.concat([table, table.assign(stage="started", **{name: table[name] // 2 for name in counts})], ignore_index=True)


def versions(months=12, known=6):
    dates = pd.date_range("2022-01-31", periods=months, freq="ME")
    steps = np.arange(1, months + 1)
    actual = np.where(steps <= known, (steps * 14.0).round(), np.nan)
    table = pd.DataFrame({"stage": "started", "month": dates, "original": (steps * 22.0).round(), "latest": (steps ** 1.25 * 12.0).round(),
                          "actual": actual, "actual_of_plan": (actual * 0.6).round()})
    return table.assign(left_before=31, moved_out=12, moved_in=8, note="")


def uplifts():
    rows = [("started", 0.5, 31.0), ("started", 0.8, 120.0), ("started", 0.9, 214.0), ("completed", 0.5, -12.0), ("completed", 0.8, 188.0),
            ("completed", 0.9, np.nan), ("producing", 0.5, 0.0), ("producing", 0.8, 96.0), ("producing", 0.9, 240.0)]
    return pd.DataFrame(rows, columns=["stage", "quantile", "days"]).assign(plans=[310] * 3 + [188] * 3 + [140] * 3,
                                                                           reached=[220] * 3 + [90] * 3 + [71] * 3)

"""Two chains, a few projects and a register, small enough to count by hand; as_of is 2022-06-30."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from liantu.chains.gap_rules import BaseRates, GapRules, Push, Uncertainty
from liantu.chains.states import Known
from liantu.reference.chains import Chain, ChainEdition, Chains, Flow, Link

AS_OF = dt.date(2022, 6, 30)
RULES = GapRules(
    source="t", horizon_days=365, hhi_weak=0.5, covered=0.95, price_floor=0.02, push=Push(least=0.2, plants=1000), slow_quantile=0.75,
    base_rates=BaseRates(weight=10, stages={"lead": 0.02, "negotiating": 0.03, "signed": 0.1, "approved": 0.25, "started": 0.5,
                                            "resumed": 0.45, "suspended": 0.15, "completed": 0.85}),
    uncertainty=Uncertainty(spread=0.3, draws=10, level=0.9), targets_shown=20)
BOTH = {"group": "raw", "group_basis": "t", "confidence": "low", "source": "test"}


def link(name, tier, capital=1, **more):
    return Link(id=name, zh=name, en=name, tier=tier, keywords=(name,), capital=capital, **more)


def flows(*told):
    return tuple(Flow(giver=giver, taker=taker, intensity=much, basis="assumption") for giver, taker, much in told)


CHAINS = Chains(
    ChainEdition(edition="t", status_zh="x", status_en="x", groups=(), source="test", plant_wan=50,
                 penalties={"hard": 0.3, "normal": 0.15, "easy": 0.08}, shared=({"id": "haul", "zh": "运", "en": "Haul"},)), (
        Chain(id="steel", zh="钢", en="Steel", order=1, **BOTH,
              links=(link("ore", "upstream"), link("iron", "midstream", key=True), link("bar", "downstream", key=True, capital=2),
                     link("rope", "downstream"), link("haulage", "support", shared="haul")),
              flows=flows(("ore", "iron", 0.5), ("iron", "bar", 0.4), ("iron", "rope", 0.4), ("haulage", "iron", 0.1))),
        Chain(id="tyre", zh="胎", en="Tyres", order=2, **BOTH,
              links=(link("cord", "upstream"), link("carbon", "upstream"), link("tyre", "downstream", plant_wan=80),
                     link("carriage", "support", shared="haul")),
              flows=flows(("cord", "tyre", 0.2), ("carbon", "tyre", 0.1), ("carriage", "tyre", 0.3)))))


def day(told):
    return pd.Timestamp(told) if told else pd.NaT


def projects(*rows):
    """Rows of (project_id, chain, link, stage, total, first_snapshot)."""
    table = pd.DataFrame([
        {"project_id": i, "name": f"name of {i}", "company": None, "county": "211302", "chain": chain, "link": at, "stage": stage,
         "total_investment_wan": total, "first_snapshot": day(first), "last_snapshot": day("2022-06-30")}
        for i, chain, at, stage, total, first in rows],
        columns=["project_id", "name", "company", "county", "chain", "link", "stage", "total_investment_wan", "first_snapshot",
                 "last_snapshot"])
    texts = dict.fromkeys(["project_id", "name", "company", "county", "chain", "link", "stage"], "str")
    dates = dict.fromkeys(["first_snapshot", "last_snapshot"], "datetime64[ms]")
    return table.astype(texts | dates | {"total_investment_wan": "float64"})


def milestones(*rows):
    """Rows of (project_id, stage, actual_date, planned_date, first_reported)."""
    table = pd.DataFrame(rows, columns=["project_id", "stage", "actual_date", "planned_date", "first_reported"])
    dates = {name: pd.to_datetime(table[name]).astype("datetime64[ms]") for name in ("actual_date", "planned_date", "first_reported")}
    return table.assign(**dates).astype({"project_id": "str", "stage": "str"})


def problems(*rows):
    """Rows of (problem_id, project_id, raised, resolved, status, snapshot)."""
    table = pd.DataFrame(rows, columns=["problem_id", "project_id", "raised", "resolved", "status", "snapshot"])
    dates = {name: pd.to_datetime(table[name]).astype("datetime64[ms]") for name in ("raised", "resolved", "snapshot")}
    return table.assign(**dates).astype(dict.fromkeys(["problem_id", "project_id", "status"], "str"))


def register(*rows):
    """Rows of (enterprise_id, chain, link, capacity, output, master, snapshot)."""
    table = pd.DataFrame(rows, columns=["enterprise_id", "chain", "link", "capacity_wan", "output_wan", "master", "snapshot"])
    table = table.assign(name="firm " + table["enterprise_id"].astype("str"), county="211302", snapshot=pd.to_datetime(table["snapshot"]))
    return table.astype({"enterprise_id": "str", "chain": "str", "link": "str", "master": "boolean", "capacity_wan": "float64",
                         "output_wan": "float64", "name": "str", "county": "str"})


FIRMS = register(
    ("e1", "钢", "ore", 60, 40, False, "2022-06-30"), ("e2", "钢", "ore", 60, 50, False, "2022-06-30"),
    ("e3", "钢", "iron", 30, 20, True, "2022-03-31"), ("e3", "钢", "iron", 100, 40, True, "2022-06-30"),
    ("e4", "钢", "rope", None, 20, None, "2022-06-30"), ("e5", "钢", "haulage", 8, 8, False, "2022-06-30"),
    ("e6", "钢", None, 7, 1, False, "2022-06-30"), ("e7", None, None, 5, 1, True, "2022-06-30"))


def known(of=None, dates=None, trouble=None, firms=FIRMS, as_of=AS_OF):
    return Known(projects() if of is None else of, milestones() if dates is None else dates,
                 problems() if trouble is None else trouble, firms, as_of)

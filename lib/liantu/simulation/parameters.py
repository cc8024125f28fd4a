"""Every rate of the simulated process in one place; docs/simulation.md gives the reason for each."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

DEFAULT_SEED = 2022
DEFAULT_SCALE = 1.0
YEAR = 2022
SNAPSHOTS = ("2021Q4", "2022Q1", "2022Q2", "2022Q3", "2022Q4")
EPOCH = dt.date(2017, 1, 1)
HORIZON = dt.date(2026, 12, 31)


@dataclass(frozen=True)
class Wait:
    """A lognormal duration: median in days and spread of its logarithm."""

    median: float
    sigma: float


def _waits() -> dict[str, Wait]:
    return {
        "negotiating": Wait(45, 0.8),
        "signed": Wait(80, 0.7),
        "filing": Wait(60, 0.8),
        "own_filing": Wait(50, 0.7),
        "siting": Wait(25, 0.6),
        "land": Wait(70, 0.7),
        "environment": Wait(55, 0.6),
        "energy": Wait(40, 0.6),
        "safety": Wait(40, 0.6),
        "mobilise": Wait(25, 0.7),
        "trial": Wait(45, 0.8),
        "ramp": Wait(150, 0.6),
        "suspension": Wait(140, 0.8),
        "give_up": Wait(300, 0.6),
        "drop": Wait(220, 0.7),
    }


def _delays() -> dict[str, float]:
    return {
        "signed": 35,
        "approved": 45,
        "started": 45,
        "completed": 65,
        "producing": 70,
        "at_capacity": 80,
        "suspended": 80,
        "resumed": 50,
        "terminated": 90,
    }


@dataclass(frozen=True)
class Parameters:
    """Rates of the process. Set from sense and published practice; none is fitted to a target."""

    leads_per_year: float = 390
    own_per_year: float = 470
    sign_share: float = 0.58
    land_share: float = 0.80
    start_share: float = 0.92
    chain_share_attracted: float = 0.85
    chain_share_own: float = 0.60
    build_days: Wait = field(default_factory=lambda: Wait(230, 0.45))
    build_exponent: float = 0.18
    winter_rate: float = 0.25
    early_start_share: float = 0.06
    ceremony_share: float = 0.25
    suspend_share: float = 0.09
    resume_share: float = 0.65
    capacity_share: float = 0.90
    size_wan: Wait = field(default_factory=lambda: Wait(9000, 1.15))
    overclaim_share: float = 0.06
    keep_claim_share: float = 0.40
    retract_share: float = 0.25
    drop_finished_share: float = 0.35
    delay_sigma: float = 1.0
    optimism: float = 0.70
    replan_share: float = 0.70
    total_change_share: float = 0.06
    rereport_share: float = 0.15
    bureau_only_share: float = 0.22
    package_share: float = 0.05
    phase_share: float = 0.07
    vanish_share: float = 0.01
    keyword_share: float = 0.70
    synonym_share: float = 0.18
    state_chain_share: float = 0.80
    waits: dict[str, Wait] = field(default_factory=_waits)
    delays: dict[str, float] = field(default_factory=_delays)
    first_arrival: dt.date = dt.date(2017, 7, 1)
    firms: int = 450
    firmless_link_share: float = 0.22
    problems: int = 150
    tasks: int = 92


@dataclass(frozen=True)
class CountyHabits:
    """How one county's projects go and how its office reports; drawn by the seed, so no real county is judged."""

    speed: float
    optimism: float
    delay: float
    overclaim: float
    drops_finished: bool


# Share of projects by county: roughly by population and industry; the city itself builds a few.
COUNTY_WEIGHTS = {
    "211302": 0.11,
    "211303": 0.13,
    "211321": 0.15,
    "211322": 0.155,
    "211324": 0.13,
    "211381": 0.165,
    "211382": 0.15,
    "211300": 0.01,
}

# Collective start events (集中开工): one each quarter, the great one in April.
CEREMONIES = ((2, 24), (4, 12), (7, 8), (10, 18))

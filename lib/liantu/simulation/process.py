"""The life of one project: true dates from lead to capacity, permits, winter, stalls and deaths. All dates are true ones."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from liantu.reference.models import WinterPause
from liantu.simulation.parameters import CEREMONIES, EPOCH, HORIZON, CountyHabits, Parameters, Wait

PERMITS = ("siting", "land", "energy", "environment", "safety", "filing")
STAGES = (
    "lead",
    "negotiating",
    "signed",
    "approved",
    "started",
    "suspended",
    "resumed",
    "completed",
    "producing",
    "at_capacity",
    "terminated",
)


@dataclass(frozen=True)
class Works:
    """What decides how a project goes: its size, kind and place."""

    attracted: bool
    industrial: bool
    outdoor: bool
    construction: str
    investment_wan: float
    energy_heavy: bool
    hazardous: bool


@dataclass
class Life:
    """True dates of one project by stage, its permits (None: not needed), and the working days that its construction takes."""

    dates: dict[str, dt.date] = field(default_factory=dict)
    permits: dict[str, dt.date | None] = field(default_factory=dict)
    working_days: float = 0.0
    early_start: bool = False


def in_winter(day: dt.date, pause: WinterPause) -> bool:
    """Whether outdoor works rest on `day`."""
    return (day.month, day.day) >= (pause.start_month, pause.start_day) or (day.month, day.day) < (pause.end_month, pause.end_day)


@cache
def _work_clock(outdoor: bool, rate: float, pause: WinterPause) -> np.ndarray:
    days = (HORIZON - EPOCH).days + 1
    speed = np.ones(days)
    if outdoor:
        speed = np.array([rate if in_winter(EPOCH + dt.timedelta(days=day), pause) else 1.0 for day in range(days)])
    return np.concatenate([[0.0], np.cumsum(speed)])


def worked_days(start: dt.date, end: dt.date, outdoor: bool, parameters: Parameters, pause: WinterPause) -> float:
    """Working days between two dates; a winter day of outdoor works counts for `winter_rate`."""
    clock = _work_clock(outdoor, parameters.winter_rate, pause)
    last = len(clock) - 1
    return float(clock[min((end - EPOCH).days, last)] - clock[min((start - EPOCH).days, last)])


def _finish(start: dt.date, need: float, outdoor: bool, parameters: Parameters, pause: WinterPause) -> dt.date:
    clock = _work_clock(outdoor, parameters.winter_rate, pause)
    day = int(np.searchsorted(clock, clock[min((start - EPOCH).days, len(clock) - 1)] + need))
    return EPOCH + dt.timedelta(days=min(day, len(clock) - 1))


def draw(rng: np.random.Generator, wait: Wait, factor: float = 1.0) -> dt.timedelta:
    """A lognormal duration of at least one day."""
    return dt.timedelta(days=max(1, round(wait.median * factor * float(np.exp(rng.normal(0, wait.sigma))))))


def _starting_day(day: dt.date, works: Works, parameters: Parameters, pause: WinterPause, rng: np.random.Generator) -> dt.date:
    if works.outdoor and in_winter(day, pause):
        year = day.year + (1 if day.month >= pause.start_month else 0)
        day = dt.date(year, pause.end_month, pause.end_day) + dt.timedelta(days=int(rng.gamma(1.6, 16)))
    if rng.random() < parameters.ceremony_share:
        events = [dt.date(day.year, month, event) for month, event in CEREMONIES]
        near = [event for event in events if 0 <= (event - day).days <= 45 and not (works.outdoor and in_winter(event, pause))]
        day = near[0] if near else day
    return day


def _permits(filed: dt.date, works: Works, parameters: Parameters, speed: float, rng: np.random.Generator) -> dict[str, dt.date | None]:
    waits = parameters.waits
    on_new_land = works.construction != "upgrade"
    siting = filed + draw(rng, waits["siting"], speed) if on_new_land else None
    land = siting + draw(rng, waits["land"], speed) if siting else None
    environment = filed + draw(rng, waits["environment"], speed) if works.industrial or rng.random() < 0.7 else None
    energy = filed + draw(rng, waits["energy"], speed) if works.energy_heavy or works.investment_wan > 20000 else None
    safety = (environment or filed) + draw(rng, waits["safety"], speed) if works.hazardous else None
    return {"siting": siting, "land": land, "energy": energy, "environment": environment, "safety": safety, "filing": filed}


def _building_days(works: Works, parameters: Parameters, speed: float, rng: np.random.Generator) -> float:
    size = (works.investment_wan / 10000) ** parameters.build_exponent
    kind = {"upgrade": 0.6, "expansion": 0.85}.get(works.construction, 1.0)
    return max(20.0, draw(rng, parameters.build_days, size * kind * speed).days)


def _build(life: Life, works: Works, parameters: Parameters, pause: WinterPause, speed: float, rng: np.random.Generator) -> None:
    start = life.dates["started"]
    life.working_days = _building_days(works, parameters, speed, rng)
    if rng.random() >= parameters.suspend_share:
        life.dates["completed"] = _finish(start, life.working_days, works.outdoor, parameters, pause)
        return
    done = life.working_days * float(rng.beta(2, 2.5))
    life.dates["suspended"] = stopped = _finish(start, done, works.outdoor, parameters, pause)
    if rng.random() < parameters.resume_share:
        resumed = _starting_day(stopped + draw(rng, parameters.waits["suspension"]), works, parameters, pause, rng)
        life.dates["resumed"] = resumed
        life.dates["completed"] = _finish(resumed, life.working_days - done, works.outdoor, parameters, pause)
    elif rng.random() < 0.5:
        life.dates["terminated"] = stopped + draw(rng, parameters.waits["give_up"])


def _operate(life: Life, works: Works, parameters: Parameters, rng: np.random.Generator) -> None:
    completed = life.dates.get("completed")
    if completed is None:
        return
    if works.industrial or rng.random() < 0.5:
        life.dates["producing"] = completed + draw(rng, parameters.waits["trial"])
    if works.industrial and rng.random() < parameters.capacity_share:
        life.dates["at_capacity"] = life.dates["producing"] + draw(rng, parameters.waits["ramp"])


def _to_filing(life: Life, first: dt.date, works: Works, parameters: Parameters, speed: float, rng: np.random.Generator) -> dt.date | None:
    waits = parameters.waits
    life.dates["lead"] = first
    if not works.attracted:
        return first + draw(rng, waits["own_filing"], speed)
    negotiating = life.dates["negotiating"] = first + draw(rng, waits["negotiating"], speed)
    signed = negotiating + draw(rng, waits["signed"], speed)
    if rng.random() >= parameters.sign_share:
        life.dates["terminated"] = signed + draw(rng, waits["drop"])
        return None
    life.dates["signed"] = signed
    if rng.random() >= parameters.land_share:
        if rng.random() < 0.7:
            life.dates["terminated"] = signed + draw(rng, waits["drop"])
        return None
    return signed + draw(rng, waits["filing"], speed)


def live(first: dt.date, works: Works, habits: CountyHabits, parameters: Parameters, pause: WinterPause, rng: np.random.Generator) -> Life:
    """The whole life of a project that appears on `first`: dates by stage, permits; dead ends have no later dates."""
    life = Life()
    speed = habits.speed
    filed = _to_filing(life, first, works, parameters, speed, rng)
    if filed is None:
        return life
    life.dates["approved"] = filed
    life.permits = _permits(filed, works, parameters, speed, rng)
    if rng.random() >= parameters.start_share:
        if rng.random() < 0.6:
            life.dates["terminated"] = filed + draw(rng, parameters.waits["drop"])
        return life
    papers = max(day for day in life.permits.values() if day is not None)
    life.early_start = bool(rng.random() < parameters.early_start_share)
    ready = filed if life.early_start else papers
    life.dates["started"] = _starting_day(ready + draw(rng, parameters.waits["mobilise"], speed), works, parameters, pause, rng)
    _build(life, works, parameters, pause, speed, rng)
    _operate(life, works, parameters, rng)
    return life


def work_share(life: Life, works: Works, day: dt.date, parameters: Parameters, pause: WinterPause) -> float:
    """Share of the construction work done by `day`, 0 to 1."""
    start = life.dates.get("started")
    if start is None or day <= start or life.working_days == 0:
        return 0.0
    stopped, resumed = life.dates.get("suspended"), life.dates.get("resumed")
    end = min(day, stopped) if stopped else day
    worked = worked_days(start, end, works.outdoor, parameters, pause)
    if resumed and day > resumed:
        worked += worked_days(resumed, day, works.outdoor, parameters, pause)
    return min(1.0, worked / life.working_days)


def invested_share(share: float) -> float:
    """Share of the money spent when `share` of the work is done: an S-curve (slow, steep, slow)."""
    return float(3 * share**2 - 2 * share**3)

"""What offices know and say about a project at each snapshot: delays, plans that slip, claims that are not true."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

import numpy as np

from liantu.reference import Quarter
from liantu.simulation.names import pick
from liantu.simulation.parameters import SNAPSHOTS, CountyHabits, Parameters
from liantu.simulation.process import PERMITS, draw, in_winter, invested_share, work_share
from liantu.simulation.projects import Project, World
from liantu.simulation.words import words

ORDER = ("signed", "approved", "started", "completed", "producing", "at_capacity")
CLAIMABLE = {"started": "approved", "producing": "started", "at_capacity": "producing"}
ENDS = tuple(Quarter.parse(name).end for name in SNAPSHOTS)


@dataclass(frozen=True)
class Report:
    """What one office says of one project at one snapshot; money in 万元."""

    project: Project
    snapshot: int
    stage: str
    total: float
    plan_year: float
    done_year: float
    done_total: float
    planned: dict[str, dt.date]
    actual: dict[str, dt.date]
    permits: dict[str, tuple[str, dt.date | None]]
    claims: tuple[str, ...]
    construction: str
    note: str
    progress: str


@dataclass(frozen=True)
class Claim:
    """A stage said to be reached on `day` when it was not; said from snapshot `since` and, when taken back, before `until`."""

    day: dt.date
    since: int
    until: int = 99


@dataclass
class Story:
    """All that was ever reported of a project: first report by stage, claims by stage, one report for each snapshot or None."""

    first_reported: dict[str, int] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    reports: list[Report | None] = field(default_factory=list)


def known_from(project: Project) -> dict[str, int]:
    """The number of the snapshot that first reports each true event; events after the last snapshot are left out.

    A later stage that is known makes the earlier ones known too.
    """
    events = [(stage, day) for stage, day in project.life.dates.items() if stage not in ("lead", "negotiating")]
    known: dict[str, int] = {}
    for stage, day in events:
        seen = day + dt.timedelta(days=project.delays[stage])
        number = next((i for i, end in enumerate(ENDS) if end >= seen), None)
        if number is not None:
            known[stage] = number
    for earlier, later in zip(ORDER[-2::-1], ORDER[:0:-1], strict=True):
        if later in known and earlier in project.life.dates:
            known[earlier] = min(known.get(earlier, 99), known[later])
    if "resumed" in known:
        known["suspended"] = min(known.get("suspended", 99), known["resumed"])
    return known


def _month_end(day: dt.date) -> dt.date:
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)


def _round_plan(day: dt.date, project: Project, world: World, rng: np.random.Generator) -> dt.date:
    """Plans are made to the end of a month, often of a quarter; outdoor works are rarely planned to start in winter."""
    if rng.random() < 0.3:
        return Quarter.of(day).end
    pause = world.city.calendar.winter_pause
    if project.works.outdoor and in_winter(day, pause) and rng.random() < 0.8:
        day = dt.date(day.year + (day.month >= pause.start_month), pause.end_month + 1, 1)
    return _month_end(day)


def _typical(project: Project, stage: str, parameters: Parameters) -> float:
    size = (project.works.investment_wan / 10000) ** parameters.build_exponent
    kind = {"upgrade": 0.6, "expansion": 0.85}.get(project.works.construction, 1.0)
    return {
        "approved": 75.0,
        "started": 130.0,
        "completed": parameters.build_days.median * 1.35 * size * kind,
        "producing": parameters.waits["trial"].median,
        "at_capacity": parameters.waits["ramp"].median,
    }.get(stage, 90.0)


def _stages_of(project: Project) -> tuple[str, ...]:
    first = () if project.works.attracted else ("signed",)
    last = () if project.works.industrial else ("at_capacity",)
    return tuple(stage for stage in ORDER if stage not in (*first, *last))


def _first_plan(project: Project, world: World, start: dt.date, actual: dict[str, dt.date], rng: np.random.Generator) -> dict[str, dt.date]:
    """The plan when the project is first listed: what has happened was planned earlier; what has not is planned too early."""
    optimism = world.habits[project.county].optimism
    plan: dict[str, dt.date] = {}
    base = start
    for stage in _stages_of(project)[1:]:
        if stage in actual:
            base = actual[stage]
            plan[stage] = _month_end(base - dt.timedelta(days=int(rng.lognormal(3.4, 0.9))))
            continue
        base += dt.timedelta(days=int(_typical(project, stage, world.parameters) * optimism * np.exp(rng.normal(0, 0.35))))
        plan[stage] = _round_plan(max(base, start), project, world, rng)
        base = plan[stage]
    return plan


def _replan(
    plan: dict[str, dt.date], project: Project, world: World, end: dt.date, actual: dict[str, dt.date], rng: np.random.Generator
) -> dict[str, dt.date]:
    """Plan dates that have passed are moved (mostly), and the later ones are pushed along."""
    habits, result, floor = world.habits[project.county], dict(plan), dt.date.min
    for stage, day in plan.items():
        if stage in actual:
            continue
        if day <= end and rng.random() < world.parameters.replan_share:
            day = _round_plan(end + draw(rng, world.parameters.waits["mobilise"], 3.2 * habits.optimism), project, world, rng)
        result[stage] = max(day, floor) if floor > dt.date.min else day
        floor = _month_end(result[stage] + dt.timedelta(days=32)) if result[stage] > end else dt.date.min
    return result


def _claim(
    project: Project,
    story: Story,
    number: int,
    known: dict[str, int],
    plan: dict[str, dt.date],
    habits: CountyHabits,
    rng: np.random.Generator,
) -> None:
    """Under pressure of a plan date some offices say that a stage was reached when it was not: dates heap in a quarter's last week."""
    end = ENDS[number]
    if any(stage in known and known[stage] <= number for stage in ("terminated", "suspended")):
        return
    for stage, before in CLAIMABLE.items():
        reached = before in known and known[before] <= number
        already = stage in story.claims or known.get(stage, 99) <= number or project.life.dates.get(stage, dt.date.max) <= end
        if not reached or already or stage not in _stages_of(project) or plan.get(stage, dt.date.max) > end + dt.timedelta(days=31):
            continue
        if rng.random() < habits.overclaim * (1.6 if number in (0, 4) else 1.0):
            story.claims[stage] = Claim(end - dt.timedelta(days=int(rng.integers(0, 7))), number)
            return


def _actual(project: Project, story: Story, number: int, known: dict[str, int], keeps_claim: bool) -> dict[str, dt.date]:
    actual = {stage: project.life.dates[stage] for stage, first in known.items() if first <= number}
    for stage, claim in story.claims.items():
        if claim.since <= number < claim.until and (stage not in actual or keeps_claim):
            actual[stage] = claim.day
    return actual


def _stage(project: Project, actual: dict[str, dt.date], end: dt.date) -> str:
    if "terminated" in actual:
        return "terminated"
    reached = [stage for stage in ORDER if stage in actual]
    if "suspended" in actual and not {"completed", "producing", "at_capacity"} & set(reached):
        return "resumed" if "resumed" in actual else "suspended"
    if reached:
        return reached[-1]
    return "negotiating" if project.life.dates.get("negotiating", dt.date.max) <= end else "lead"


def _permit_state(project: Project, end: dt.date, approved: bool, rng: np.random.Generator) -> dict[str, tuple[str, dt.date | None]]:
    result: dict[str, tuple[str, dt.date | None]] = {}
    for permit in PERMITS:
        if not project.life.permits:
            result[permit] = ("pending", None)
            continue
        day = project.life.permits[permit]
        known = day is not None and (day + dt.timedelta(days=15) <= end or (permit == "filing" and approved))
        result[permit] = ("not_needed", None) if day is None else ("done", day) if known else ("pending", None)
    return result


@dataclass
class _Money:
    """What was spent of a project: the S-curve with one constant error of the project, so that sums never fall."""

    project: Project
    world: World
    factor: float
    plan_factor: float
    plans: dict[int, float] = field(default_factory=dict)

    def spent(self, day: dt.date) -> float:
        share = work_share(
            self.project.life, self.project.works, day - dt.timedelta(days=12), self.world.parameters, self.world.city.calendar.winter_pause
        )
        return min(1.0, invested_share(share) * self.factor)

    def plan(self, year: int, total: float) -> float:
        """The year's plan, made once: what the year would bring, with optimism."""
        if year not in self.plans:
            before, after = self.spent(dt.date(year - 1, 12, 31)), self.spent(dt.date(year, 12, 31))
            begins = self.project.life.dates.get("started", dt.date.max)
            share = (after - before) * self.plan_factor if begins.year <= year else 0.35 * self.plan_factor
            self.plans[year] = round(min(total * (1 - before), max(0.05 * (1 - before), share) * total), -1 if total < 50000 else -2)
        return self.plans[year]


def _report(
    project: Project,
    number: int,
    plan: dict[str, dt.date],
    actual: dict[str, dt.date],
    claims: tuple[str, ...],
    money: _Money,
    rng: np.random.Generator,
) -> Report:
    end, names = ENDS[number], words("names")
    total = project.total(number)
    done = round(total * money.spent(end)) if "started" in actual else 0.0
    before = round(total * money.spent(dt.date(end.year - 1, 12, 31))) if "started" in actual else 0.0
    stage = _stage(project, actual, end)
    carried = actual.get("started", dt.date.max).year < end.year
    late = any(plan.get(step, dt.date.max) <= end and step not in actual for step in plan)
    phrase = str(pick(rng, names["progress_phrases"][stage]))
    note = str(pick(rng, names["late_reasons"])) if late and rng.random() < 0.45 else str(pick(rng, names["notes"]))
    return Report(
        project=project,
        snapshot=number,
        stage=stage,
        total=total,
        plan_year=money.plan(end.year, total),
        done_total=float(done),
        done_year=float(max(0.0, done - before)),
        planned=dict(plan),
        actual=actual,
        claims=claims,
        permits=_permit_state(project, end, "approved" in actual, rng),
        note=note,
        progress=phrase,
        construction="carried_over" if carried and project.works.construction == "new" else project.works.construction,
    )


def _final(project: Project) -> str:
    """The last stage that this project will ever reach, if it is one of completed, producing, at capacity."""
    return next((stage for stage in ("at_capacity", "producing", "completed") if stage in project.life.dates), "")


def _over(project: Project, number: int, known: dict[str, int]) -> bool:
    """Offices drop what was known finished or ended in an earlier year, and what ended one snapshot ago."""
    final, end = _final(project), ENDS[number]
    if final and known.get(final, 99) <= number:
        reported, happened = ENDS[known[final]].year, project.life.dates[final].year
        if reported < end.year or (known[final] == 0 and happened < ENDS[0].year):
            return True
    ended = known.get("terminated", 99)
    return ended < number or (ended == 0 and project.life.dates["terminated"] < dt.date(ENDS[0].year, 7, 1))


def _visible(project: Project, number: int, known: dict[str, int]) -> bool:
    """Whether any office lists the project: known, not over, not left out by accident."""
    if not project.listed_from <= number < project.listed_until or project.vanishes == number or _over(project, number, known):
        return False
    return any(first <= number for first in known.values()) or project.life.dates["lead"] + dt.timedelta(days=30) <= ENDS[number]


def tell(project: Project, world: World, rng: np.random.Generator) -> Story:
    """What is reported of one project at each of the five snapshots."""
    story, known = Story(first_reported=known_from(project)), known_from(project)
    habits = world.habits[project.county]
    money = _Money(project, world, float(np.clip(np.exp(rng.normal(0, 0.06)), 0.85, 1.12)), float(np.exp(rng.normal(0.15, 0.25))))
    keeps_claim, retracts = bool(rng.random() < world.parameters.keep_claim_share), bool(rng.random() < world.parameters.retract_share)
    plan: dict[str, dt.date] = {}
    for number, end in enumerate(ENDS):
        if not _visible(project, number, known):
            story.reports.append(None)
            continue
        actual = _actual(project, story, number, known, keeps_claim)
        if not plan:
            begin = max([project.life.dates["lead"], *actual.values()]) if actual else end
            plan = _first_plan(project, world, max(begin, end - dt.timedelta(days=120)), actual, rng)
        else:
            plan = _replan(plan, project, world, end, actual, rng)
        if retracts:
            story.claims = {
                stage: replace(claim, until=min(claim.until, max(number, claim.since + 1))) for stage, claim in story.claims.items()
            }
        _claim(project, story, number, known, plan, habits, rng)
        actual = _actual(project, story, number, known, keeps_claim)
        true_now = {stage for stage, day in project.life.dates.items() if day <= end}
        claims = tuple(stage for stage, claim in story.claims.items() if claim.until > number and stage in actual and stage not in true_now)
        story.reports.append(_report(project, number, plan, actual, claims, money, rng))
    return story

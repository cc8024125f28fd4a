"""schedule.yml: the steps of a project, their order, how long the law gives each, and when a date counts as tight."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from liantu.reference import City, city
from liantu.reference.loading import Entry, Named, load
from liantu.reference.opened import kept

Share = Annotated[float, Field(ge=0, le=1)]
Whole = Annotated[int, Field(ge=0)]


class Legal(Entry):
    """How long a step takes by law, or by assumption where no law says: `law` names what says so, `confidence` how sure the figure is.

    `heavy_days` applies to a project that needs the approval `heavy_when`.
    """

    days: Whole
    unit: Literal["working", "calendar", "works"]
    law: Annotated[str, Field(min_length=3)]
    confidence: Literal["high", "medium", "low"]
    note: str = ""
    heavy_days: Whole | None = None
    heavy_when: str | None = None


class Step(Named):
    """A step: `after` which steps, by which stage or approval of the ledgers its end is known, and who needs it.

    `needed`: always; new_land (not for an upgrade of what stands); stated (only where a ledger says so). What a ledger states wins.
    `since`: the milestone from which it runs when it comes after nothing. `rest_of`: what ledgers tell is the end of that other step, so
    this one takes what is observed less the other's legal days. `by_size`: its usual length is told by size of the project.
    """

    id: str
    kind: Literal["paper", "works", "days"]
    after: tuple[str, ...] = ()
    stage: str | None = None
    approval: str | None = None
    since: str | None = None
    rest_of: str | None = None
    by_size: bool = False
    needed: Literal["always", "new_land", "stated"] = "always"
    legal: Legal


class WinterRate(Entry):
    """How much of a day of works a day in the winter pause is."""

    value: Share
    source: str


class Spread(Entry):
    """By what the legal days are multiplied where too few were observed: a triangle from `low` over `usual` to `high`."""

    low: Annotated[float, Field(gt=0)]
    usual: Annotated[float, Field(gt=0)]
    high: Annotated[float, Field(gt=0)]


class Goal(Entry):
    """Which step a project's date is asked for, by the stages it may stand in; `stage` holds the plan dates."""

    step: str
    stage: str
    stands: tuple[str, ...]


class StatedChances(Entry):
    """Within which bounds a chance is stated, and as how many outcomes the belief weighs that drawn chances need no mending."""

    lowest: Share
    highest: Share
    prior_outcomes: Annotated[float, Field(gt=0)]
    source: Annotated[str, Field(min_length=3)]


class StepRules(Entry):
    """schedule.yml."""

    source: str
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    goals: tuple[Goal, ...]
    winter_rate: WinterRate
    sizes_wan: tuple[float, ...]
    legal_spread: Spread
    fewest: Annotated[int, Field(ge=2)]
    tight_days: Whole
    tight_chance: Share
    draws: Annotated[int, Field(ge=100)]
    grace_days: Whole
    stated_chances: StatedChances

    @model_validator(mode="after")
    def _known_steps(self) -> Self:
        ids = [step.id for step in self.steps]
        for step in self.steps:
            unknown = [name for name in step.after if name not in ids]
            if unknown:
                raise ValueError(f"step {step.id}: after unknown step {unknown[0]}")
        wrong = [goal.step for goal in self.goals if goal.step not in ids]
        if wrong:
            raise ValueError(f"goals: unknown step {wrong[0]}")
        return self

    def by_id(self, step: str) -> Step:
        """The step with this id."""
        return {entry.id: entry for entry in self.steps}[step]


@kept()
def step_rules(of: City | None = None) -> StepRules:
    """The rules of a city, by default of the city that is shipped.

    Raises ReferenceFileError when the file is missing or breaks its rules.
    """
    return load(StepRules, (of or city()).folder / "schedule.yml")

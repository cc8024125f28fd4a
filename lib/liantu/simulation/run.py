"""The whole simulation: people the world, tell its story five times, write the ledgers and, apart, the truth."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np
import pandas as pd

from liantu.errors import LiantuError
from liantu.reference import Chains, City
from liantu.reference import city as open_city
from liantu.simulation.city_forms import CITY_FORMS
from liantu.simulation.county_forms import COUNTY_FORMS
from liantu.simulation.enterprises import Firm, firm_records, register, true_gaps
from liantu.simulation.files import write_file
from liantu.simulation.grid import Form, Grid, Mark, Occasion, Record, Sheet, Writer
from liantu.simulation.holdout_city_forms import HOLDOUT_CITY_FORMS
from liantu.simulation.holdout_forms import HOLDOUT_COUNTY_FORMS
from liantu.simulation.ledgers import (
    Problem,
    Task,
    attraction_rows,
    county_record,
    make_problems,
    make_tasks,
    problem_records,
    task_records,
    zone_record,
    zone_table,
)
from liantu.simulation.names import Namer
from liantu.simulation.parameters import DEFAULT_SCALE, DEFAULT_SEED, SNAPSHOTS, Parameters
from liantu.simulation.projects import Project, World, county_habits, mark_rereported, populate
from liantu.simulation.reporting import ENDS, Story, tell
from liantu.simulation.rewording import reword
from liantu.simulation.truth import row_facts, summary, write_truth
from liantu.simulation.words import card, readme, words

FORMS = {"development": (*COUNTY_FORMS, *CITY_FORMS), "holdout": (*HOLDOUT_COUNTY_FORMS, *HOLDOUT_CITY_FORMS)}


@dataclass(frozen=True)
class Told:
    """A simulated world with all that is ever reported of it."""

    world: World
    seed: int
    projects: list[Project]
    stories: dict[str, Story]
    firms: list[Firm]
    empty: set[tuple[str, str]]
    tasks: list[Task]
    problems: list[Problem]


def default() -> dict[str, int | float]:
    """The seed and scale of the data set that is committed."""
    return {"seed": DEFAULT_SEED, "scale": DEFAULT_SCALE}


def imagine(seed: int, scale: float, chains: Chains | None = None, city: City | None = None) -> Told:
    """The world and its story, without writing anything."""
    place = city or open_city()
    streams = [np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(8)]
    parameters = Parameters()
    catalogue = (chains or place.chains()).chains
    world = World(place, catalogue, parameters, county_habits(streams[0], parameters))
    namer = Namer(streams[1], avoid="".join(master for chain in catalogue for master in chain.masters))
    projects = populate(world, scale, namer, streams[2])
    stories = {project.id: tell(project, world, streams[3]) for project in projects}
    listed = {project.id for project in projects if any(stories[project.id].reports)}
    projects = mark_rereported(projects, listed, parameters.rereport_share, streams[7])
    firms, empty = register(world, scale, namer, streams[4])
    tasks = make_tasks(parameters.tasks, streams[5])
    return Told(world, seed, projects, stories, firms, empty, tasks, make_problems(projects, world, scale, streams[6]))


def _county_rows(told: Told, form: Form, sheet: Sheet, snapshot: int, rng: np.random.Generator) -> list[Record]:
    rows = []
    for project in told.projects:
        report = told.stories[project.id].reports[snapshot]
        if report is None or project.county != form.id or report.stage not in sheet.stages:
            continue
        if sheet.categories and project.category not in sheet.categories:
            continue
        story = told.stories[project.id]
        if (
            told.world.habits[project.county].drops_finished
            and report.stage == "at_capacity"
            and story.first_reported.get("at_capacity", 99) < snapshot
        ):
            continue
        early = project.bureau_only and report.stage in ("lead", "negotiating", "signed", "approved")
        carried = report.actual.get("started", dt.date.max).year < ENDS[snapshot].year
        if not early and sheet.carried in (None, carried):
            rows.append(county_record(report, rng))
    order = sheet.order_by or ("town" if sheet.merge == "town" else "")
    return sorted(rows, key=lambda record: (str(record.values.get(order, "")), record.id[1:]))


def _zone_rows(told: Told, snapshot: int, rng: np.random.Generator) -> list[Record]:
    rows = []
    for project in told.projects:
        report = told.stories[project.id].reports[snapshot]
        if (
            report
            and project.zone
            and not project.parts
            and project.jobs % 3 == 0
            and report.stage not in ("lead", "negotiating", "signed", "terminated")
        ):
            rows.append(zone_record(report, rng))
    return sorted(rows, key=lambda record: str(record.values["zone"]))


def _one_word_for_each_county(records: list[Record]) -> list[Record]:
    """Where the county column is merged, an office writes each county in one way."""
    said: dict[object, object] = {}
    for record in records:
        if "_county" in record.values:
            record.values["county"] = said.setdefault(record.values["_county"], record.values["county"])
    return records


def _rows(told: Told, form: Form, sheet: Sheet, snapshot: int, rng: np.random.Generator) -> list[Record]:
    """The records of one sheet."""
    if sheet.table == "projects":
        return _county_rows(told, form, sheet, snapshot, rng)
    makers = {
        "attraction_signed": lambda: attraction_rows(told.projects, told.stories, snapshot, True, rng),
        "attraction_talks": lambda: attraction_rows(told.projects, told.stories, snapshot, False, rng),
        "zones": lambda: zone_table(snapshot, told.seed),
        "zone_projects": lambda: _zone_rows(told, snapshot, rng),
        "enterprises": lambda: firm_records(told.firms, snapshot, rng),
        "tasks": lambda: task_records(told.tasks, snapshot),
        "problems": lambda: problem_records(told.problems, snapshot, rng),
    }
    return makers[sheet.table]()


def _said(told: Told, form: Form, sheet: Sheet, occasion: Occasion) -> list[Record]:
    """The records of one sheet in the words of the form's office."""
    records = _rows(told, form, sheet, occasion.snapshot, occasion.rng)
    return records if form.hand == "development" else [reword(record, form.flag, occasion.rng) for record in records]


def _lines(name: str, lines: list[list[str]]) -> Grid:
    grid = Grid(name, hidden=True)
    for line in lines:
        grid.add(list(line), Mark("note"))
    return grid


def _under(grid: Grid, more: Grid) -> None:
    """Put the rows of another table under a grid, two blank rows between."""
    for _ in range(2):
        grid.add([None], Mark("blank"))
    first = len(grid.rows)
    grid.merges += [(top + first, left, bottom + first, right) for top, left, bottom, right in more.merges]
    for row, mark in zip(more.rows, more.marks, strict=True):
        grid.add(row, mark)


def _fill(told: Told, form: Form, sheet: Sheet, records: list[Record], occasion: Occasion) -> Grid:
    grid = Writer(form, sheet, _one_word_for_each_county(records) if sheet.merge == "county" else records, occasion).fill()
    for part in sheet.below:
        if part.since <= occasion.snapshot <= part.until:
            _under(grid, _fill(told, form, part, _said(told, form, part, occasion), occasion))
    return grid


def _split(told: Told, form: Form, sheet: Sheet, occasion: Occasion) -> list[Grid]:
    """One sheet, or one for each value of the field that the office splits by; {key} in names and titles is that value."""
    records = _said(told, form, sheet, occasion)
    if not sheet.split_by:
        return [_fill(told, form, sheet, records, occasion)]

    def key_of(record: Record) -> str:
        return str(record.values.get(sheet.split_by) or "其他")

    grids = []
    for key, members in groupby(sorted(records, key=key_of), key=key_of):
        own = replace(
            sheet,
            name=sheet.name.replace("{key}", key),
            titles=tuple(title.replace("{key}", key) for title in sheet.titles),
            preface=tuple(line.replace("{key}", key) for line in sheet.preface),
        )
        grids.append(_fill(told, form, own, list(members), occasion))
    return grids or [_fill(told, form, replace(sheet, name="空表", titles=()), [], occasion)]


def _grids(told: Told, form: Form, occasion: Occasion) -> list[Grid]:
    grids: dict[str, Grid] = {}
    for sheet in form.sheets:
        if not sheet.since <= occasion.snapshot <= sheet.until:
            continue
        if sheet.copy_of:
            first = grids[sheet.copy_of]
            grids[sheet.name] = Grid(
                sheet.name, sheet.hidden, first.rows, [Mark("copy", mark.record) for mark in first.marks], first.merges
            )
        elif not sheet.columns:
            grids[sheet.name] = grid = Grid(sheet.name)
            for note in sheet.notes:
                grid.add([occasion.say(note)], Mark("note"))
        else:
            grids |= {grid.name if sheet.split_by else sheet.name: grid for grid in _split(told, form, sheet, occasion)}
    lists = [_lines(name, [list(line) for line in lines]) for name, lines in form.hidden_lists.items()]
    return [*grids.values(), *lists]


def _clear(out: Path) -> None:
    """Remove an older simulation; a folder with other ledgers is refused, never emptied."""
    folders = [out / name for name in (*SNAPSHOTS, "truth") if (out / name).exists()]
    if folders and not (out / "truth" / "rows.csv").is_file():
        raise LiantuError(
            f"simulate: {out} holds {folders[0].name} but no truth/rows.csv, so it is not a simulation; choose another folder for --out"
        )
    for folder in folders:
        shutil.rmtree(folder)


def _write_ledgers(told: Told, out: Path, number: int, forms: tuple[Form, ...]) -> list[dict[str, object]]:
    """Write the ledgers of one snapshot; what each of their rows is."""
    marks: list[dict[str, object]] = []
    name = SNAPSHOTS[number]
    for order, form in enumerate(forms):
        county = words("names")["counties"].get(form.id, {"words": [""]})["words"][0]
        occasion = Occasion(number, ENDS[number], county, np.random.default_rng([told.seed, number, order]))
        grids = _grids(told, form, occasion)
        path, kind = out / name / occasion.say(form.file_at(number)), form.kind_at(number)
        write_file(path, grids, kind, form.encoding)
        marks += row_facts(name, f"{name}/{path.name}", kind, grids)
    return marks


def simulate(
    out: Path,
    seed: int,
    scale: float = 1.0,
    chains: Chains | None = None,
    city: City | None = None,
    forms: str = "development",
) -> dict[str, object]:
    """Write simulated raw ledgers under out/<snapshot>/ and the truth under out/truth/; the same seed gives the same bytes.

    `scale` multiplies the number of projects, firms and problems (1.0 is the size of the city). An older simulation in `out` is replaced.
    `forms` is the set of forms and words: `development`, or `holdout`, which nobody who works on the reading of ledgers looks at; both tell
    the same projects for a seed. Returns counts: files, rows, megabytes and what truly happened.
    Raises LiantuError for a scale not above 0, a negative seed, an unknown set, or an `out` with ledgers that are not a simulation's.
    """
    if forms not in FORMS:
        raise LiantuError(f"simulate: forms {forms!r} is not one of {', '.join(FORMS)}")
    if not 0 < scale <= 20 or seed < 0:
        raise LiantuError(f"simulate: scale {scale} must be above 0 and at most 20, and seed {seed} not negative")
    told = imagine(seed, scale, chains, city)
    out = Path(out)
    _clear(out)
    rows = pd.DataFrame([mark for number in range(len(SNAPSHOTS)) for mark in _write_ledgers(told, out, number, FORMS[forms])])
    gaps = true_gaps(told.world, told.firms, told.empty, told.projects)
    write_truth(out / "truth", told, rows, gaps)
    again = f"{scale}" if forms == "development" else f"{scale} --forms {forms}"
    (out / "README.md").write_text(readme().format(seed=seed, scale=again), encoding="utf-8")
    (out / "dataset.yml").write_text(card(), encoding="utf-8")
    return summary(out, told, rows, gaps)

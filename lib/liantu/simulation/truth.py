"""The truth beside the ledgers: what every row is, what every project truly did, which links are truly broken. No analysis reads it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from liantu.reference import Quarter
from liantu.simulation.grid import Grid
from liantu.simulation.parameters import SNAPSHOTS, YEAR
from liantu.simulation.process import PERMITS, STAGES
from liantu.simulation.projects import Project

if TYPE_CHECKING:
    from liantu.simulation.run import Told

FACTS = ("stage", "total_wan", "done_total_wan", "claims")


def row_facts(snapshot: str, source_file: str, kind: str, grids: list[Grid]) -> list[dict[str, object]]:
    """One entry for each row of a file, counted from 1 as a spreadsheet shows them; `sheet` is empty where a file names none."""
    entries = []
    for grid in grids:
        for number, mark in enumerate(grid.marks, start=1):
            record = mark.record
            entry: dict[str, object] = {
                "snapshot": snapshot,
                "source_file": source_file,
                "sheet": "" if kind in ("csv", "html") else grid.name,
                "row": number,
                "kind": mark.kind,
                "table": record.table if record else "",
                "true_id": record.id if record else "",
                "defects": "+".join(f"{field}:{mess}" for field, mess, harm, _ in mark.mess if harm != "none"),
                "harm": next((harm for wanted in ("error", "warning") for _, _, harm, _ in mark.mess if harm == wanted), ""),
                "mess": "+".join(f"{field}:{mess}" for field, mess, harm, _ in mark.mess if harm == "none"),
                "written": "+".join(written for _, _, _, written in mark.mess),
            }
            facts = record.facts if record else {}
            entries.append(entry | {name: facts.get(name, "") for name in FACTS})
    return entries


def _project_row(project: Project, told: Told) -> dict[str, object]:
    story, life = told.stories[project.id], project.life
    row: dict[str, object] = {
        "true_id": project.id,
        "name": project.name,
        "short_name": project.short_name,
        "name_kind": project.name_kind,
        "company": project.company,
        "company_short": project.company_short,
        "investor": project.investor if project.investor != project.company else "",
        "origin": project.origin,
        "county": project.county,
        "town": project.town,
        "zone": project.zone,
        "chain": project.chain,
        "link": project.link,
        "category": project.category,
        "construction": project.works.construction,
        "attracted": project.works.attracted,
        "states_chain": project.states_chain,
        "rereported": project.rereported,
        "bureau_only": project.bureau_only,
        "total_first_wan": project.total_first,
        "total_last_wan": project.total(len(SNAPSHOTS) - 1),
        "area_mu": project.area,
        "jobs": project.jobs,
        "code": project.code,
        "part_of": project.part_of,
        "phase_of": project.phase_of,
        "parts": "+".join(project.parts),
        "early_start": life.early_start,
    }
    for stage in STAGES:
        row[stage] = life.dates.get(stage, "")
    for permit in PERMITS:
        row[f"permit_{permit}"] = life.permits.get(permit) or ""
    for stage, delay in project.delays.items():
        row[f"delay_{stage}"] = delay if stage in life.dates else ""
        seen = story.first_reported.get(stage)
        row[f"reported_{stage}"] = SNAPSHOTS[seen] if seen is not None else ""
    for stage in ("started", "producing", "at_capacity"):
        claim = story.claims.get(stage)
        row[f"claimed_{stage}"] = claim.day if claim else ""
        row[f"claimed_{stage}_in"] = SNAPSHOTS[claim.since] if claim else ""
        row[f"claimed_{stage}_until"] = SNAPSHOTS[claim.until] if claim and claim.until < len(SNAPSHOTS) else ""
    return row


def _counts(project: Project, told: Told) -> bool:
    return any(told.stories[project.id].reports) or max(project.life.dates.values()) >= dt.date(YEAR, 1, 1)


def project_truth(told: Told) -> pd.DataFrame:
    """One row for each true project (packages included, with `parts`): attributes, dates of every stage, delays, claims."""
    table = pd.DataFrame([_project_row(project, told) for project in told.projects if _counts(project, told)])
    flags = table.select_dtypes("bool").columns
    return table.assign(**{name: table[name].astype(int) for name in flags})


def problem_truth(told: Told) -> pd.DataFrame:
    """One row for each true problem with its project."""
    return pd.DataFrame(
        [
            {"true_id": p.id, "project": p.project.id, "kind": p.kind, "raised": p.raised, "due": p.due, "resolved": p.resolved or ""}
            for p in told.problems
        ]
    )


def task_truth(told: Told) -> pd.DataFrame:
    """One row for each task."""
    return pd.DataFrame([{"true_id": t.id, "name": t.name, "due": t.due, "done": t.done or ""} for t in told.tasks])


def firm_truth(told: Told) -> pd.DataFrame:
    """One row for each true firm with its chain and link."""
    return pd.DataFrame(
        [
            {
                "true_id": f.id,
                "name": f.name,
                "credit_code": f.credit_code,
                "county": f.county,
                "chain": f.chain,
                "link": f.link,
                "master": f.master,
                "output_wan": round(f.output),
                "capacity_wan": round(f.capacity),
            }
            for f in told.firms
        ]
    )


def write_truth(home: Path, told: Told, rows: pd.DataFrame, gaps: pd.DataFrame) -> None:
    """Write the truth as csv (UTF-8)."""
    home.mkdir(parents=True, exist_ok=True)
    cells = rows[(rows["defects"] != "") | (rows["mess"] != "")][
        ["snapshot", "source_file", "sheet", "row", "true_id", "defects", "mess", "harm", "written", "total_wan"]
    ]
    habits = pd.DataFrame([{"county": county, **habit.__dict__} for county, habit in told.world.habits.items()]).round(4)
    tables = {
        "projects": project_truth(told),
        "rows": rows.drop(columns=["written", "mess"]),
        "cells": cells,
        "gaps": gaps,
        "enterprises": firm_truth(told),
        "tasks": task_truth(told),
        "problems": problem_truth(told),
        "counties": habits,
    }
    for name, table in tables.items():
        table.to_csv(home / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")


def at_work(project: Project, year: int = YEAR) -> bool:
    """Whether works truly went on in the year: started by its end, neither completed nor ended before it, not stopped all through it."""
    dates, first, last = project.life.dates, dt.date(year, 1, 1), dt.date(year, 12, 31)
    if (
        dates.get("started", dt.date.max) > last
        or dates.get("completed", dt.date.max) < first
        or dates.get("terminated", dt.date.max) < first
    ):
        return False
    return not (dates.get("suspended", dt.date.max) < first and dates.get("resumed", dt.date.max) > last)


def _in_quarters(projects: list[Project], stage: str) -> list[int]:
    days = [project.life.dates[stage] for project in projects if stage in project.life.dates]
    return [sum(Quarter.of(day) == Quarter(YEAR, quarter) for day in days) for quarter in (1, 2, 3, 4)]


def summary(out: Path, told: Told, rows: pd.DataFrame, gaps: pd.DataFrame) -> dict[str, object]:
    """Counts of what was written and of what truly happened in the year (packages not counted, their parts are)."""
    true = [project for project in told.projects if not project.parts]
    files = [path for path in sorted(out.rglob("*")) if path.is_file() and "truth" not in path.relative_to(out).parts]
    size = sum(path.stat().st_size for path in [*files, *(out / "truth").glob("*")])
    records = rows[rows["kind"] == "record"]
    return {
        "files": len([path for path in files if path.parent != out]),
        "rows": len(rows),
        "records": len(records),
        "megabytes": round(size / 1e6, 2),
        "projects": len(true),
        "new_starts_by_quarter": _in_quarters(true, "started"),
        "at_capacity_by_quarter": _in_quarters(true, "at_capacity"),
        "introduced": sum(_in_quarters(true, "signed")),
        "at_work": sum(at_work(project) for project in true),
        "firms": len(told.firms),
        "problems": len(told.problems),
        "broken_links": int(gaps["broken"].sum()),
    }

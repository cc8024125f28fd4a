"""Records of every ledger at a snapshot: what the county, bureau, zone, task and problem rows say."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from liantu.simulation.cells import plain_number
from liantu.simulation.grid import Record
from liantu.simulation.names import person, pick
from liantu.simulation.parameters import Wait
from liantu.simulation.process import PERMITS, draw
from liantu.simulation.projects import Project, World
from liantu.simulation.reporting import ENDS, ORDER, Report, Story
from liantu.simulation.words import words


def _span(report: Report) -> str:
    begin = report.actual.get("started", report.planned.get("started"))
    end = report.actual.get("completed", report.planned.get("completed"))
    return f"{begin.year}-{max(begin.year, end.year)}" if begin and end else ""


def _facts(report: Report) -> dict[str, object]:
    return {
        "stage": report.stage,
        "total_wan": plain_number(report.total),
        "done_total_wan": plain_number(report.done_total),
        "claims": "+".join(report.claims),
    }


def county_record(report: Report, rng: np.random.Generator) -> Record:
    """A county's row on one project: every field that any form may show."""
    project, names = report.project, words("names")
    here = names["counties"][project.county]
    values: dict[str, object] = {
        "name": project.name,
        "company": project.company,
        "investor": project.investor,
        "county": pick(rng, here["words"]),
        "town": project.town,
        "zone": project.zone,
        "chain": pick(rng, project.chain_words) if project.states_chain else "",
        "content": project.content,
        "category": pick(rng, names["category_words"][project.category]),
        "construction": pick(rng, names["construction_words"][report.construction]),
        "total": report.total,
        "plan_year": report.plan_year,
        "done_year": report.done_year,
        "done_total": report.done_total,
        "span": _span(report),
        "stage": pick(rng, names["stage_words"][report.stage]),
        "progress_text": report.progress,
        "note": report.note,
        "area": project.area or None,
        "jobs": project.jobs,
        "origin": project.origin_word,
        "department": project.department,
        "code": project.code if "approved" in report.actual else "",
        "leader": project.leader,
        "contact": project.contact,
        "phone": project.phone,
        "contact_phone": f"{project.contact} {project.phone}",
        "heading": "续建项目" if report.actual.get("started", dt.date.max).year < ENDS[report.snapshot].year else "新建项目",
        "_county": project.county,
        "_stage": report.stage,
        "_category": project.category,
        "_construction": report.construction,
        "_chain": project.chain if project.states_chain else "",
    }
    for stage in (*ORDER, "suspended", "resumed", "terminated"):
        values[f"actual.{stage}"] = report.actual.get(stage)
        values[f"plan.{stage}"] = report.planned.get(stage)
        values[f"date.{stage}"] = report.actual.get(stage) or report.planned.get(stage)
        values[f"reached.{stage}"] = report.stage == stage if stage == "suspended" else stage in report.actual
    values |= {f"permit.{permit}": report.permits[permit] for permit in PERMITS}
    return Record(project.id, "projects", values, _facts(report))


def bureau_record(report: Report, rng: np.random.Generator) -> Record:
    """The commerce bureau's row: short names, the agreed amount in round 亿元, its own word for the stage."""
    record = county_record(report, rng)
    project, values = report.project, dict(record.values)
    total = report.total * (1.0 if rng.random() < 0.45 else float(np.exp(rng.normal(0, 0.04))))
    values |= {
        "name": project.short_name,
        "total": round(total, -2) if total > 2000 else total,
        "signed_date": report.actual.get("signed"),
        "chain": (chain := pick(rng, project.chain_words) if project.chain_words and rng.random() < 0.9 else ""),
        "_chain": project.chain if chain else "",
        "investor": project.investor if rng.random() < 0.6 else project.company_short,
        "done_total": round(report.done_total * 0.8, -1),
    }
    return Record(project.id, "projects", values, {**record.facts, "total_wan": plain_number(float(str(values["total"])))})


def zone_record(report: Report, rng: np.random.Generator) -> Record:
    """A development zone's row on a project inside it."""
    record = county_record(report, rng)
    project = report.project
    values = {
        **record.values,
        "name": project.name if rng.random() < 0.6 else project.short_name,
        "company": project.company if rng.random() < 0.6 else project.company_short,
        "enclave": bool(project.works.attracted and project.jobs % 11 == 0),
    }
    return Record(project.id, "projects", values, record.facts)


def zone_table(snapshot: int, seed: int) -> list[Record]:
    """The zones' own figures: area, idle standard factories, enclaves with a share (mostly 5:5)."""
    end, records = ENDS[snapshot], []
    for number, zone in enumerate(words("names")["zones"], start=1):
        rng = np.random.default_rng([seed, 77, number])
        area = float(np.round(rng.uniform(6000, 40000), -2))
        used = area * float(rng.uniform(0.35, 0.8)) * (1 + 0.01 * snapshot)
        factory = float(np.round(rng.uniform(30000, 260000), -2))
        idle = factory * float(rng.uniform(0.05, 0.4)) * (1 - 0.06 * snapshot)
        output = used * float(rng.uniform(40, 140)) * (end.month / 12) * float(rng.uniform(0.97, 1.08))
        enclave, digital = bool(rng.random() < 0.6), float(rng.uniform(0.1, 0.5)) + 0.07 * snapshot
        tax = output * float(rng.uniform(0.015, 0.05))
        share, partner = str(pick(rng, ["5:5", "5:5", "5：5", "4:6"])), str(pick(rng, words("names")["partners"]))
        values: dict[str, object] = {
            "zone": zone["zone"],
            "county": words("names")["counties"][zone["county"]]["words"][0],
            "planned_area": round(area),
            "used_area": round(used),
            "output": round(output),
            "tax": round(tax),
            "jobs": round(used * 0.6),
            "factory": round(factory),
            "idle": round(idle, 1),
            "enclave_partner": partner if enclave else "",
            "enclave_tax": round(tax * 0.06, 1) if enclave else None,
            "enclave_share": share if enclave else "",
            "digital": f"{digital:.0%}",
            "note": "",
        }
        records.append(Record(f"Z{number:02d}", "zones", values))
    return records


@dataclass(frozen=True)
class Task:
    """One of the 92 tasks: when due, when truly done (None: not by the horizon)."""

    id: str
    kind: str
    name: str
    department: str
    leader: str
    due: dt.date
    begun: dt.date
    done: dt.date | None


def make_tasks(count: int, rng: np.random.Generator) -> list[Task]:
    """The task list of the year: due at ends of months, most done near the due date, some late, a few not."""
    names = words("names")
    pairs = [(verb, thing) for thing in names["task_objects"] for verb in names["task_verbs"]]
    chosen = sorted(int(i) for i in rng.choice(len(pairs), count, replace=False))
    tasks = []
    for number, index in enumerate(chosen, start=1):
        month = int(pick(rng, [3, 4, 6, 6, 6, 8, 9, 9, 10, 11, 12, 12, 12]))
        due = (dt.date(2022, month, 1) + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)
        begun = dt.date(2022, 1, 10) + dt.timedelta(days=int(rng.integers(0, 90)))
        done = max(due + dt.timedelta(days=int(rng.normal(-5, 40))), begun + dt.timedelta(days=20)) if rng.random() < 0.93 else None
        kind = names["task_kinds"][number * len(names["task_kinds"]) // (count + 1)]
        tasks.append(
            Task(f"YS{number:03d}", kind, "".join(pairs[index]), str(pick(rng, names["departments"])), person(rng), due, begun, done)
        )
    return tasks


def task_records(tasks: list[Task], snapshot: int) -> list[Record]:
    """The task list as reported at a snapshot; before the year it is a plan without progress."""
    end, records = ENDS[snapshot], []
    for task in tasks:
        finished = task.done is not None and task.done <= end
        length = ((task.done or dt.date(2023, 6, 30)) - task.begun).days
        share = 1.0 if finished else min(0.95, max(0.0, (end - task.begun).days / length))
        status = "已完成" if finished else "未启动" if share == 0 else "滞后" if task.due <= end else "推进中"
        values: dict[str, object] = {
            "task_id": task.id,
            "kind": task.kind,
            "name": task.name,
            "department": task.department,
            "leader": task.leader,
            "due": task.due,
            "progress": f"{round(share * 20) * 5}%",
            "status": status,
            "done_date": task.done if finished else None,
            "note": "",
        }
        records.append(Record(task.id, "tasks", values, {"stage": status}))
    return records


@dataclass(frozen=True)
class Problem:
    """One problem of a project, when raised and when truly solved (None: not by the horizon)."""

    id: str
    project: Project
    kind: str
    description: str
    department: str
    steward: str
    raised: dt.date
    due: dt.date
    resolved: dt.date | None


def make_problems(projects: list[Project], world: World, scale: float, rng: np.random.Generator) -> list[Problem]:
    """Problems of projects between approval and completion; slower counties and money problems take longer."""
    names = words("names")
    able = [
        p
        for p in projects
        if "approved" in p.life.dates
        and not p.parts
        and p.life.dates.get("completed", dt.date.max) > dt.date(2021, 9, 1)
        and p.life.dates["approved"] < dt.date(2022, 11, 1)
    ]
    days = sorted(int(day) for day in rng.integers(0, 560, max(6, round(world.parameters.problems * scale))))
    problems = []
    for number, day in enumerate(days, start=1):
        project = able[int(rng.integers(len(able)))]
        raised = max(dt.date(2021, 6, 10) + dt.timedelta(days=day), project.life.dates["approved"])
        kind = str(pick(rng, list(names["problem_kinds"])))
        slow = {"融资": 1.8, "土地": 1.5}.get(kind, 1.0) * world.habits[project.county].speed
        resolved = raised + draw(rng, Wait(45, 0.9), slow) if rng.random() < 0.88 else None
        text = str(pick(rng, names["problem_kinds"][kind])).replace("{n}", str(int(rng.integers(2, 60))))
        problems.append(
            Problem(
                f"WT{number:03d}",
                project,
                kind,
                text,
                str(pick(rng, names["departments"])),
                names["counties"][project.county]["words"][0] + str(pick(rng, ["项目服务中心", "营商环境建设局", "发展和改革局"])),
                raised,
                raised + dt.timedelta(days=int(pick(rng, [15, 30, 30, 60]))),
                resolved,
            )
        )
    return problems


def problem_records(problems: list[Problem], snapshot: int, rng: np.random.Generator) -> list[Record]:
    """The problem ledger at a snapshot: all raised so far, but those solved in an earlier year."""
    end, records = ENDS[snapshot], []
    for problem in problems:
        solved = problem.resolved if problem.resolved and problem.resolved <= end else None
        if problem.raised > end or (solved and solved.year < end.year):
            continue
        project = problem.project
        values: dict[str, object] = {
            "problem_id": problem.id,
            "county": pick(rng, words("names")["counties"][project.county]["words"]),
            "project_name": project.name if rng.random() < 0.7 else project.short_name,
            "kind": problem.kind,
            "description": problem.description,
            "department": problem.department,
            "steward": problem.steward,
            "raised": problem.raised,
            "due": problem.due,
            "resolved": solved,
            "status": solved is not None,
            "contact": project.contact,
            "_county": project.county,
            "note": "已解决" if solved else str(pick(rng, ["正在协调", "已上报市专班", ""])),
        }
        records.append(Record(problem.id, "problems", values, {"stage": "resolved" if solved else "open"}))
    return records


def attraction_rows(
    projects: list[Project], stories: dict[str, Story], snapshot: int, signed: bool, rng: np.random.Generator
) -> list[Record]:
    """The bureau's rows: what it repeats of the counties, what only it has, and the talks it follows; by county."""
    records = []
    for project in projects:
        report = stories[project.id].reports[snapshot]
        if report is None or not project.works.attracted or project.parts:
            continue
        talks = report.stage in ("lead", "negotiating")
        if talks == signed or report.stage == "lead" or not (project.rereported or project.bureau_only):
            continue
        records.append((project.county, bureau_record(report, rng)))
    return [record for _, record in sorted(records, key=lambda pair: pair[0])]

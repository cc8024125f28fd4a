"""A programme of a dozen projects in two counties, counted by hand in the tests of the indicators."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pandas as pd

from liantu.assess.standings.measured import Units
from liantu.assess.standings.windows import Window
from liantu.reference import Quarter, city
from liantu.tables import CONTRACTS

A, B = "211302", "211303"
DAYS = ("2021-12-31", "2022-03-31", "2022-06-30")
PROJECTS = [  # id, county, total investment (万元), origin
    ("P1", A, 1000.0, "local"), ("P2", A, 2000.0, "beijing_tianjin_hebei"), ("P3", A, 3000.0, None), ("P4", A, 400.0, None),
    ("P5", B, 5000.0, "beijing_tianjin_hebei"), ("P6", B, 9e7, "liaoning"), ("P7", B, None, "liaoning")]
MILESTONES = [  # id, stage, planned, actual, first reported
    ("P1", "started", "2022-02-28", "2022-02-15", "2022-03-31"), ("P2", "started", "2022-03-31", "2022-05-01", "2022-06-30"),
    ("P3", "started", "2022-04-30", None, None), ("P4", "started", "2021-05-31", "2021-06-01", "2021-12-31"),
    ("P5", "started", "2022-06-30", None, None), ("P5", "completed", "2022-06-30", "2022-06-20", "2022-06-30"),
    ("P7", "started", "2022-12-31", None, None),
    ("P2", "signed", None, "2022-01-10", "2022-03-31"), ("P3", "signed", None, "2022-04-10", "2022-06-30"),
    ("P1", "signed", None, "2021-04-10", "2021-12-31"),
    ("P5", "signed", None, "2022-05-05", "2022-06-30"), ("P6", "signed", None, "2022-06-06", "2022-06-30"),
    ("P7", "signed", None, "2022-06-07", "2022-06-30"),
    ("P2", "approved", None, "2022-02-01", "2022-03-31"), ("P1", "at_capacity", None, "2022-06-30", "2022-06-30")]
MONEY = [("P1", 100.0, 50.0), ("P2", 300.0, 50.0), ("P3", 100.0, None), ("P5", 200.0, 150.0)]  # id, plan and done of the year


class TinyReport:
    """As much of a report as the measures of projects ask for; two of them are never equal."""

    def __init__(self) -> None:
        """The tables as known on 30 June 2022."""
        self.city, self.quarter, self.as_of = city(), Quarter(2022, 2), dt.date(2022, 6, 30)
        self.card = SimpleNamespace(kind="simulated")
        self.parameters = SimpleNamespace(county="", dataset="tiny", lang="zh")
        self.tables = {name: contract.conform([]) for name, contract in CONTRACTS.items()} | {
            "projects": CONTRACTS["projects"].conform([
                {"project_id": key, "name": key, "county": county, "total_investment_wan": total, "origin": origin,
                 "first_snapshot": DAYS[0], "last_snapshot": DAYS[2], "n_reports": 3} for key, county, total, origin in PROJECTS]),
            "milestones": CONTRACTS["milestones"].conform([
                {"project_id": key, "stage": stage, "planned_date": planned, "actual_date": actual, "precision": "day",
                 "first_reported": told} for key, stage, planned, actual, told in MILESTONES]),
            "investments": CONTRACTS["investments"].conform([
                {"project_id": key, "snapshot": DAYS[2], "plan_year_wan": plan, "done_year_wan": done} for key, plan, done in MONEY]),
            "observations": CONTRACTS["observations"].conform([
                {"project_id": key, "snapshot": day, "source": "county", "source_file": f"{day}.xlsx", "sheet": "S", "row": row,
                 "name": key, "county": county, "stage": "started" if key == "P4" else "signed",
                 "construction": "carried_over" if key == "P4" else "new"}
                for day in DAYS for row, (key, county, _, _) in enumerate(PROJECTS, 3)]),
            "quarantine": CONTRACTS["quarantine"].conform([
                {"source_file": "2022-06-30.xlsx", "sheet": "S", "row": 8, "column": "总投资", "value": "90000000", "rule": "unit_slip",
                 "severity": "warning", "message_zh": "疑", "message_en": "?", "fix": "改", "snapshot": DAYS[2]}])}

    def table(self, name: str) -> pd.DataFrame:
        """A table by name."""
        return self.tables[name]

    projects = property(lambda self: self.tables["projects"])
    milestones = property(lambda self: self.tables["milestones"])
    investments = property(lambda self: self.tables["investments"])
    whole_city = property(lambda self: self)
    collected = property(lambda self: tuple(pd.to_datetime(DAYS)))


def units(report: TinyReport) -> Units:
    """The two counties, and one without any project."""
    return Units("county", (A, B, "211321"), report.projects.set_index("project_id")["county"])


def window(report: TinyReport, start: str = "2022-01-01", end: str = "2022-06-30", **more: object) -> Window:
    """A period of the programme."""
    return Window("year", "2022", dt.date.fromisoformat(start), dt.date.fromisoformat(end), report, **more)

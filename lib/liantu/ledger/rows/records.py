"""The body of a table made into rows of the tidy tables, with the rows that cannot be used told apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from liantu.chains import chain_of
from liantu.ledger.rows.body import Body, read_body
from liantu.ledger.rows.context import Context, county_in
from liantu.ledger.rows.observing import observation_columns
from liantu.ledger.sheets import Block, Sheet
from liantu.reference import Chains, City
from liantu.tables.contracts import APPROVALS, CONTRACTS, STAGES, Column

_UNITS = ("wan", "mu", "m2", "tce", "t")
_NAMED_BY = {
    "projects": ("name",), "enterprises": ("name",), "zones": ("zone",), "tasks": ("name",), "problems": ("description", "project_name")}
# Columns of observations that are made from several fields, or from a field and what else the row says.
_MADE = ("county", "stage", *(f"{name}_" for name in (*STAGES, *APPROVALS)))
_NEED_COUNTY = ("projects",)


@dataclass(frozen=True)
class Records:
    """One table read.

    `frame` has one row per accepted body row with the columns that the ledger gives (of `observations` for projects), `row`, the number
    of the row as a spreadsheet shows it, and `place`, its number in `body` from 0; `rejected` are the numbers of the rows that are not
    used. Checks over several rows add their flaws to `body`.
    """

    table: str
    frame: pd.DataFrame = field(repr=False)
    rejected: frozenset[int]
    body: Body = field(repr=False)


def read_records(sheet: Sheet, block: Block, context: Context, city: City, chains: Chains) -> Records:
    """Read one table found in a sheet; every body row is either in `frame` or in `rejected`."""
    body = read_body(sheet, block, context, city)
    table = block.form.table
    columns = plain_columns(body, table, body_of(table))
    if "county" in CONTRACTS[table].names:
        columns["county"] = _counties(body, city, required=table in _NEED_COUNTY)
    if table == "projects":
        columns |= observation_columns(body, columns, city.vocabulary)
        columns["content"] = body.values("content")
    _unnamed(body, table, columns)
    _unknown_chains(body, chains)
    errors = {rule.id for rule in city.rules.rules if rule.severity == "error"}
    rejected = frozenset(flaw.row for flaw in body.flaws if flaw.rule in errors)
    frame = pd.DataFrame({"row": body.rows, "place": range(len(body.rows)), **columns})
    return Records(table, frame[~frame["row"].isin(rejected)].reset_index(drop=True), rejected, body)


def body_of(table: str) -> str:
    """The contract whose columns the rows of a ledger fill: a row about a project is an observation."""
    return "observations" if table == "projects" else table


def column_of(table: str, field_name: str) -> Column | None:
    """The contract's column that a form's field fills: by its name, or by its name with a unit (`done_year` fills `done_year_wan`)."""
    columns = {column.name: column for column in CONTRACTS[table].columns}
    names = (field_name, *(f"{field_name}_{unit}" for unit in _UNITS))
    return next((columns[name] for name in names if name in columns), None)


def plain_columns(body: Body, table: str, contract: str) -> dict[str, list]:
    """The columns that are filled by one field as it reads; a number outside its bounds is flagged and left out."""
    columns: dict[str, list] = {}
    for name in body.readings:
        column = column_of(contract, name)
        if column is not None and not name.startswith(_MADE):
            columns[column.name] = _bounded(body, name, column, table)
    return columns


def _bounded(body: Body, name: str, column: Column, table: str) -> list:
    low, high = column.minimum, column.maximum
    bounded = []
    for place, value in enumerate(body.values(name)):
        outside = column.kind in ("number", "count") and value is not None and (
            (low is not None and value < low) or (high is not None and value > high))
        if outside:
            body.flaw(place, name, "amount_negative" if column.name.endswith("_wan") else "number_outside")
        bounded.append(None if outside else value)
    if column.kind == "count":
        return [value if value is None else round(value) for value in bounded]
    return bounded


def _counties(body: Body, city: City, *, required: bool) -> list[str | None]:
    """The county that each row states, else the one its place or zone tells, else the sheet, title or file."""
    told = [_county_told(place, zone, body.context, city) for place, zone in zip(body.values("place"), body.values("zone"), strict=True)]
    counties: list[str | None] = []
    for place, county in enumerate(body.values("county")):
        if county is None and not _flagged(body, place, "county"):
            county = told[place] or body.context.county
            if county is None and required:
                body.flaw(place, "county", "county_missing")
        counties.append(county)
    return counties


def _county_told(place: str | None, zone: str | None, context: Context, city: City) -> str | None:
    """The county in a building place (`北票市台吉镇`), else the zone's by the same file's register of zones, else in the zone's name."""
    found = county_in(place, city.divisions) if place else None
    return found or (zone and (context.zones.get(zone) or county_in(zone, city.divisions))) or None


def _flagged(body: Body, place: int, name: str) -> bool:
    return name in body.readings and body.readings[name][place].rule is not None


def _unnamed(body: Body, table: str, columns: Mapping[str, list]) -> None:
    """Flag the rows that name nothing; a problem is named by its description or its project."""
    fields = _NAMED_BY[table]
    for place in range(len(body.rows)):
        if not any(columns.get(name, [None] * len(body.rows))[place] for name in fields):
            body.flaw(place, fields[0], "name_missing")


def _unknown_chains(body: Body, chains: Chains) -> None:
    for place, stated in enumerate(body.values("chain")):
        if stated is not None and chain_of(stated, chains) is None:
            body.flaw(place, "chain", "chain_unknown")

"""The body of a table made into rows of the tidy tables, with the rows that cannot be used told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from liantu.chains import chain_of
from liantu.chains.placing.stated import link_of, states_no_link
from liantu.ledger.rows.body import Body, columns_of_sheet, read_body, scales_of, shared_amounts
from liantu.ledger.rows.context import Context, county_in
from liantu.ledger.rows.grouping import Groups, read_groups
from liantu.ledger.rows.money import check_done, done_so_far
from liantu.ledger.rows.observing import observation_columns
from liantu.ledger.rows.row_words import RowWords, remarks_of_now, row_words
from liantu.ledger.sheets import Block, Sheet
from liantu.ledger.values import region_of
from liantu.ledger.values.encoding import Given
from liantu.reference import Chains, City
from liantu.tables.contracts import APPROVALS, CONTRACTS, STAGES, Column

_UNITS = ("wan", "mu", "m2", "tce", "t")
_NAMED_BY = {
    "projects": ("name",), "enterprises": ("name",), "zones": ("zone",), "tasks": ("name",), "problems": ("description", "project_name")}
# Columns of observations that are made from several fields, or from a field and what else the row says.
_MADE = ("county", "stage", *(f"{name}_" for name in (*STAGES, *APPROVALS)))
_NEED_COUNTY = ("projects",)
_M2_OF_A_MU = 2000 / 3


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
    cells = columns_of_sheet(sheet, block)
    shared, scales = shared_amounts(sheet, block), scales_of(sheet, block)
    return read_columns(cells, np.array(block.rows, np.int64), block, context, city, chains, shared, scales)


def read_columns(
        columns: Mapping[int, Given], rows: np.ndarray, block: Block, context: Context, city: City, chains: Chains,
        shared: Mapping[int, np.ndarray] | None = None, scales: Mapping[int, Mapping[int, float]] | None = None) -> Records:
    """Read one table whose cells come by column, as lists or arrow arrays; every row is either in `frame` or in `rejected`.

    `columns` has the cells of each column of `block.columns` by its `index`, `rows` (int64) the number of each row as a spreadsheet shows
    it; `block.rows` is not looked at. `shared` tells, by column, the places of rows (from 0) that have a cell only from a merged one
    above them: an amount counts in the first row only. `scales` tells, by column and place, the factor of a correction.
    """
    body = read_body(columns, rows, block, context, city, shared, scales)
    table = block.form.table
    made = plain_columns(body, table, body_of(table))
    groups = read_groups(rows, block.groups, city, chains)
    if "county" in CONTRACTS[table].names:
        made["county"] = _counties(body, groups, city, required=table in _NEED_COUNTY)
    made |= _grouped(body, groups, made, CONTRACTS[body_of(table)].names)
    if table == "projects":
        made |= done_so_far(body, made, row_words(city).amounts)
        check_done(body, made)
        made |= observation_columns(body, made, groups, city)
        made["content"] = body.column("content").series()
        _check_region(body, made["county"], city)
    if table != "projects" and "status" in CONTRACTS[table].names:
        made |= _remarked_status(body, made, row_words(city))
    _unnamed(body, table, made)
    _unknown_chains(body, chains)
    _unknown_links(body, made, chains)
    refused = body.broken(frozenset(rule.id for rule in city.rules.rules if rule.severity == "error"))
    frame = pd.DataFrame({"row": rows, "place": np.arange(len(rows)), **made})
    if refused.any():
        frame = frame[~refused].reset_index(drop=True)
    return Records(table, frame, frozenset(rows[refused].tolist()), body)


def body_of(table: str) -> str:
    """The contract whose columns the rows of a ledger fill: a row about a project is an observation."""
    return "observations" if table == "projects" else table


def column_of(table: str, field_name: str) -> Column | None:
    """The contract's column that a form's field fills: by its name, or by its name with a unit (`done_year` fills `done_year_wan`)."""
    columns = {column.name: column for column in CONTRACTS[table].columns}
    names = (field_name, *(f"{field_name}_{unit}" for unit in _UNITS))
    return next((columns[name] for name in names if name in columns), None)


def plain_columns(body: Body, table: str, contract: str) -> dict[str, pd.Series]:
    """The columns that are filled by one field as it reads; a number outside its bounds is flagged and left out."""
    columns: dict[str, pd.Series] = {}
    for name in body.columns:
        column = column_of(contract, name)
        # Only a row about a project has stages and approvals: `energy_tce` of a firm is a number like others.
        if column is not None and name != "county" and not (contract == "observations" and name.startswith(_MADE)):
            columns[column.name] = _bounded(body, name, column)
    return columns


def _bounded(body: Body, name: str, column: Column) -> pd.Series:
    values = body.columns[name].series()
    if column.kind not in ("number", "count") or values.dtype.kind != "f":
        return values
    if column.name.endswith("_m2"):
        values = (values * _M2_OF_A_MU).round(4)  # areas are read in mu
    with np.errstate(invalid="ignore"):
        outside = np.zeros(len(values), bool)
        if column.minimum is not None:
            outside |= values.to_numpy() < column.minimum
        if column.maximum is not None:
            outside |= values.to_numpy() > column.maximum
    body.flag(np.flatnonzero(outside), name, "amount_negative" if column.name.endswith("_wan") else "number_outside")
    values = values.mask(outside) if outside.any() else values
    return values.round() if column.kind == "count" else values


def _grouped(body: Body, groups: Groups, columns: Mapping[str, pd.Series], names: Sequence[str]) -> dict[str, pd.Series]:
    """Construction and chain of the rows that are silent on them, as their groups tell."""
    made = {}
    for name in ("construction", "chain"):
        told = groups.values(name)
        fill = body.silent(name) & (told != None)  # noqa: E711 - elementwise
        if name in names and fill.any():
            own = columns[name].astype(object).to_numpy() if name in columns else np.full(len(told), None, dtype=object)
            made[name] = pd.Series(np.where(fill, told, own), dtype="str")
    return made


def _check_region(body: Body, counties: pd.Series, city: City) -> None:
    """Flag the national project codes that were given out for another place than the row's county.

    Codes of the city, of its province or of the country fit every row, and any of the city's counties fits a project of the city itself.
    A number of the city that is no county (a development zone's) is not known to be another place.
    """
    codes = body.columns.get("national_code")
    if codes is None:
        return
    own = city.divisions.city.code
    names = {county.code: county.zh for county in city.divisions.counties}
    wide = {own, f"{own[:2]}0000", "000000"}
    regions = codes.each(region_of)
    for region in {region for region in regions.tolist() if region} - wide:
        if region not in names and region.startswith(own[:4]):
            continue
        wrong = (regions == region) & counties.notna().to_numpy() & (counties != region).to_numpy()
        if region in names:
            wrong &= (counties != own).to_numpy()
        body.flag(np.flatnonzero(wrong), "national_code", "code_region", detail=f"{names.get(region, '')}{region}")


def _counties(body: Body, groups: Groups, city: City, *, required: bool) -> pd.Series:
    """The county that each row states, else the one its place or zone tells, else its group's, else the sheet's, title's or file's."""
    stated = body.column("county")
    counties = np.array(stated.each(str))
    left = np.flatnonzero(stated.silent)
    if not len(left):
        return pd.Series(counties, dtype="str")
    told = _told(body, left, city)
    told = np.where(told == None, groups.values("county")[left], told)  # noqa: E711 - elementwise
    told = np.where(told == None, body.context.county, told)  # noqa: E711 - elementwise
    counties[left] = told
    if required:
        body.flag(left[told == None], "county", "county_missing")  # noqa: E711 - elementwise
    return pd.Series(counties, dtype="str")


def _told(body: Body, places: np.ndarray, city: City) -> np.ndarray:
    """The county in a building place (`北票市台吉镇`), else the zone's by the same file's register of zones, else in the zone's name."""
    zones = body.context.zones
    told = np.full(len(places), None, dtype=object)
    for name, known in (("place", {}), ("zone", zones)):
        column = body.columns.get(name)
        if column is not None:
            codes = column.codes[places]
            held = {code: column.reading(code).value for code in np.unique(codes).tolist()}
            county = {code: (known.get(text) or county_in(text, city.divisions)) if text else None for code, text in held.items()}
            own = np.array([county[code] for code in codes.tolist()], dtype=object)
            told = np.where(told == None, own, told)  # noqa: E711 - elementwise
    return told


def _remarked_status(body: Body, columns: Mapping[str, pd.Series], words: RowWords) -> dict[str, pd.Series]:
    """The status in a table without a column for it: a remark that is one and nothing else (`已完成`), the last column's first."""
    if "status" in columns or not body.notes:
        return {}
    told = np.full(len(body.rows), None, dtype=object)
    for remarks in remarks_of_now(body.notes, words):
        own = remarks.each(lambda text: text if text in words.status else None)
        told = np.where(told == None, own, told)  # noqa: E711 - elementwise
    return {"status": pd.Series(told, dtype="str")}


def _unnamed(body: Body, table: str, columns: Mapping[str, pd.Series]) -> None:
    """Flag the rows that name nothing; a problem is named by its description or its project."""
    fields = _NAMED_BY[table]
    named = np.zeros(len(body.rows), bool)
    for name in fields:
        if name in columns:
            named |= columns[name].notna().to_numpy()
    body.flag(np.flatnonzero(~named), fields[0], "name_missing")


def _unknown_chains(body: Body, chains: Chains) -> None:
    if "chain" in body.columns:
        unknown = body.columns["chain"].each(lambda stated: chain_of(stated, chains) is None)
        body.flag(np.flatnonzero(unknown == True), "chain", "chain_unknown")  # noqa: E712 - elementwise


def _unknown_links(body: Body, columns: Mapping[str, pd.Series], chains: Chains) -> None:
    """Flag the rows whose stated link is no link of their stated chain, or where none is stated of any one chain."""
    if "link" not in body.columns:
        return
    silent = pd.Series(None, index=range(len(body.rows)), dtype="str")
    pairs = pd.DataFrame({"link": columns.get("link", silent), "chain": columns.get("chain", silent)}).fillna("")
    unknown = {pair: not states_no_link(pair[0]) and link_of(pair[0], chain_of(pair[1], chains), chains) is None
               for pair in pairs.drop_duplicates().itertuples(index=False, name=None)}
    told = np.fromiter((unknown[pair] for pair in pairs.itertuples(index=False, name=None)), dtype=bool, count=len(pairs))
    body.flag(np.flatnonzero(told), "link", "link_unknown")

"""From the records of every file to the tidy tables: projects identified, placed on chains, held against each other and folded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from liantu.chains import place
from liantu.ledger.checking.checks import check
from liantu.ledger.checking.vanishing import refused_names
from liantu.ledger.corrections.placings import placed_by_hand, with_hand
from liantu.ledger.identity.matching import identify
from liantu.ledger.identity.names import Names
from liantu.ledger.identity.parts import link_parts
from liantu.ledger.identity.registers import KEYS, enterprise_ids, register, tie_problems
from liantu.ledger.layout.known import Known
from liantu.ledger.rows.flaws import quarantine
from liantu.ledger.rows.records import Records
from liantu.ledger.rows.typed import typed_rows
from liantu.reference import Chains, City
from liantu.tables import CONTRACTS
from liantu.tables.fold import fold, in_order

Findings = list[dict[str, Any]]


@dataclass(frozen=True)
class Rulebook:
    """All that a city's reference data says about reading ledgers."""

    city: City
    chains: Chains
    forms: Known
    names: Names


def assemble(
        records: Sequence[Records], book: Rulebook, rulings: pd.DataFrame | None = None,
        placings: pd.DataFrame | None = None) -> tuple[dict[str, pd.DataFrame], Findings]:
    """The tidy tables, by name in the order of the contracts, from every table read, and what shows of whole columns as findings.

    `rulings` as `identify` takes them, `placings` as `placings_of` makes them.
    """
    observations, merges = _observations(records, book, rulings, placings)
    parts = link_parts(observations, book.names)
    changes, findings = _checked(observations, parts, records, book)
    tables = {"observations": CONTRACTS["observations"].conform(observations), "merges": merges, "parts": parts, "changes": changes}
    tables |= fold(tables["observations"])
    lineage = [lineage_of("projects", observations, observations["project_id"])]
    for table in KEYS:
        rows = typed_rows(records, table)
        if table == "enterprises":
            rows = rows.assign(**placed_firms(rows, book, placings))
        if table == "problems":
            rows = rows.assign(project_id=tie_problems(rows, observations, book.names))
        tables[table], keys = register(table, rows)
        lineage.append(lineage_of(table, rows, keys))
    tables["lineage"] = CONTRACTS["lineage"].conform(pd.concat(lineage).sort_values(["snapshot", "source_file", "sheet", "row", "table"]))
    tables["quarantine"] = quarantine((flaw for record in records for flaw in record.body.flaws), book.city.rules)
    return {name: tables[name] for name in CONTRACTS}, findings


def _observations(
        records: Sequence[Records], book: Rulebook, rulings: pd.DataFrame | None,
        placings: pd.DataFrame | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every accepted project row with its project and its place on the chains, in order; and the table `merges`."""
    rows = typed_rows(records, "projects")
    project, merges = identify(rows, book.names, rulings)
    rows = in_order(rows.assign(project_id=project))
    # What a project was once said to be stays known: a later row that is silent takes the chain, link and content of the rows before it.
    known = rows.groupby("project_id")[["chain", "link", "content"]].ffill()
    placed = place(rows.assign(chain=known["chain"], link=known["link"], products=known["content"]), book.chains)
    rows = rows.assign(**with_hand(placed, rows["project_id"], placed_by_hand(rows, rows["project_id"], placings)))
    return rows.sort_values(["snapshot", "source_file", "sheet", "row"], ignore_index=True), merges


def _checked(observations: pd.DataFrame, parts: pd.DataFrame, records: Sequence[Records],
             book: Rulebook) -> tuple[pd.DataFrame, Findings]:
    """What shows when rows are held against each other: flaws go to their cells; returns the table `changes` and the findings."""
    bodies = [record.body for record in records]
    body_of_row = observations["record"].map(bodies.__getitem__)
    checked = check(
        observations, book.city, lambda index, column: body_of_row[index].headers.get(column, ""),
        replaced=set(parts["whole_id"]), refused=refused_names(records))
    for found in checked.flaws:
        body_of_row[found.index].flaw(observations.at[found.index, "place"], *found[1:])
    return checked.changes, list(checked.findings)


def placed_firms(rows: pd.DataFrame, book: Rulebook, placings: pd.DataFrame | None) -> pd.DataFrame:
    """Chain, link and confidence of the rows of enterprise registers; a person's word on a firm counts in all of its rows."""
    placed = place(rows, book.chains)
    if placings is None or placings.empty or rows.empty:
        return placed
    firms = enterprise_ids(rows)
    return with_hand(placed, firms, placed_by_hand(rows, firms, placings))


def lineage_of(table: str, rows: pd.DataFrame, keys: pd.Series) -> pd.DataFrame:
    """Where each row of one kind comes from, with its key in its table; `table` in the words of the contract, not yet held against it."""
    return rows[["source_file", "sheet", "row", "snapshot", "county"]].assign(table=table, key=keys)

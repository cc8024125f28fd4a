"""How well simulated ledgers were cleaned, held against the truth beside them: `python tools/score_cleaning.py RAW_DIR`.

For scoring only: nothing that cleans or analyses reads `truth/`. Prints a Markdown table: share of rows kept and set aside rightly,
precision and recall of merging (pairs of rows), of quarantine, of unit slips and of packages, accuracy of sums and dates.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from liantu.ledger.cleaning import clean_tables

KEY = ["source_file", "sheet", "row"]
DATED = ("signed", "approved", "started", "completed", "producing", "at_capacity")


def scores(raw: Path) -> list[tuple[str, str, str]]:
    """One line for each measure: what, the figure, out of what."""
    tables = clean_tables(raw)
    rows = pd.read_csv(raw / "truth" / "rows.csv", dtype={"sheet": "str"}, keep_default_na=False)
    projects = pd.read_csv(raw / "truth" / "projects.csv", dtype={"county": "str"})
    seen = tables["observations"].merge(rows, on=KEY, suffixes=("", "_true"))
    return [*_rows(tables, rows), *_merging(seen), *_quarantine(tables, rows), *_slips(tables, rows), *_sums(seen), *_dates(seen, projects),
            *_packages(tables, seen, projects), *_placement(tables, seen, projects, raw)]


def _ratio(right: float, of: float) -> str:
    return f"{right / of:.4f}" if of else "—"


def _rows(tables: dict[str, pd.DataFrame], rows: pd.DataFrame) -> list[tuple[str, str, str]]:
    kept = rows[KEY].merge(tables["lineage"][KEY].drop_duplicates(), on=KEY, how="left", indicator=True)["_merge"].eq("both")
    good = rows["kind"].eq("record") & rows["harm"].ne("error")
    other = ~rows["kind"].isin(["record", "copy"])
    return [("rows of records that are used", _ratio((kept & good).sum(), good.sum()), f"{good.sum():,}"),
            ("rows that are no records and not used", _ratio((~kept & other).sum(), other.sum()), f"{other.sum():,}")]


def _pairs(counts: pd.Series) -> float:
    return float((counts * (counts - 1) / 2).sum())


def _merging(seen: pd.DataFrame) -> list[tuple[str, str, str]]:
    said, true = _pairs(seen.groupby("project_id").size()), _pairs(seen.groupby("true_id").size())
    both = _pairs(seen.groupby(["project_id", "true_id"]).size())
    return [("merging: precision (pairs of rows)", _ratio(both, said), f"{said:,.0f}"),
            ("merging: recall (pairs of rows)", _ratio(both, true), f"{true:,.0f}"),
            ("projects found (true number beside)", f"{seen['project_id'].nunique():,}", f"{seen['true_id'].nunique():,}")]


def _marked(rows: pd.DataFrame, flagged: pd.DataFrame) -> pd.Series:
    return rows[KEY].merge(flagged[KEY].drop_duplicates(), on=KEY, how="left", indicator=True)["_merge"].eq("both")


def _quarantine(tables: dict[str, pd.DataFrame], rows: pd.DataFrame) -> list[tuple[str, str, str]]:
    flagged = tables["quarantine"]
    lines = []
    records = rows[rows["kind"].eq("record")].reset_index(drop=True)
    for severity, wanted in (("error", records["harm"].eq("error")),
                             ("warning", records["harm"].eq("warning") & ~records["defects"].str.contains("unit_slip"))):
        found = _marked(records, flagged[flagged["severity"].eq(severity)])
        what = "quarantine, rows with an error: recall" if severity == "error" else "quarantine, cells lost: recall of their rows"
        lines.append((what, _ratio((found & wanted).sum(), wanted.sum()), f"{wanted.sum():,}"))
        if severity == "error":
            lines.append(("quarantine, rows with an error: precision", _ratio((found & wanted).sum(), found.sum()), f"{found.sum():,}"))
    return lines


def _slips(tables: dict[str, pd.DataFrame], rows: pd.DataFrame) -> list[tuple[str, str, str]]:
    records = rows[rows["kind"].eq("record")].reset_index(drop=True)
    wanted = records["defects"].str.contains("unit_slip")
    found = _marked(records, tables["quarantine"].query("rule == 'unit_slip'"))
    told = found | _marked(records, tables["quarantine"].query("rule in ('done_over_total', 'amount_implausible')"))
    return [("unit slips: precision of the warning (rows)", _ratio((found & wanted).sum(), found.sum()), f"{found.sum():,}"),
            ("unit slips: recall (warning or impossible sum)", _ratio((told & wanted).sum(), wanted.sum()), f"{wanted.sum():,}")]


def _sums(seen: pd.DataFrame) -> list[tuple[str, str, str]]:
    lines = []
    for column, true, defect in (("total_investment_wan", "total_wan", "total:"), ("done_total_wan", "done_total_wan_true", "done_total:")):
        meant = pd.to_numeric(seen[true], errors="coerce")
        part = seen[meant.notna() & seen[column].notna() & ~seen["defects"].str.contains(defect)]
        close = (part[column] - meant[part.index]).abs() <= np.maximum(0.005 * meant[part.index].abs(), 1)
        lines.append((f"sums: {column} within 0.5 % (or 1 万元)", _ratio(close.sum(), len(part)), f"{len(part):,}"))
        told = seen[meant.notna() & ~seen["defects"].str.contains(defect)]
        if column == "total_investment_wan":
            lines.append((f"sums: {column} read at all", _ratio(told[column].notna().sum(), len(told)), f"{len(told):,}"))
    return lines


def _dates(seen: pd.DataFrame, projects: pd.DataFrame) -> list[tuple[str, str, str]]:
    """An actual date is right when the period that it ends holds the true date, or the date that the office claimed."""
    facts = projects.set_index("true_id")
    right, total = 0, 0
    for stage in DATED:
        part = seen[seen[f"{stage}_actual"].notna()]
        read, width = part[f"{stage}_actual"], part[f"{stage}_actual_precision"]
        columns = [stage, *([f"claimed_{stage}"] if f"claimed_{stage}" in facts else [])]
        fits = [_same_period(read, pd.to_datetime(part["true_id"].map(facts[column])), width) for column in columns]
        right, total = right + int(np.logical_or.reduce(fits).sum()), total + len(part)
    return [("dates: actual dates of stages", _ratio(right, total), f"{total:,}")]


def _same_period(read: pd.Series, true: pd.Series, width: pd.Series) -> np.ndarray:
    days = {"day": 0, "ten_days": 10, "month": 30, "quarter": 91, "half": 183, "year": 365}
    late = (read - true).dt.days
    return (late.ge(0) & late.le(width.map(days).astype("float64"))).to_numpy()


def _packages(tables: dict[str, pd.DataFrame], seen: pd.DataFrame, projects: pd.DataFrame) -> list[tuple[str, str, str]]:
    true_of = seen.groupby("project_id")["true_id"].agg(lambda ids: ids.mode().iloc[0])
    whole_of = projects.dropna(subset=["part_of"]).set_index("true_id")["part_of"]
    wanted = {(part, whole) for part, whole in whole_of.items() if {part, whole} <= set(true_of)}
    said = {(true_of.get(part), true_of.get(whole)) for part, whole in tables["parts"][["part_id", "whole_id"]].itertuples(index=False)}
    return [("packages: precision (parts tied or proposed)", _ratio(len(said & wanted), len(said)), f"{len(said):,}"),
            ("packages: recall", _ratio(len(said & wanted), len(wanted)), f"{len(wanted):,}")]


def _placement(tables: dict[str, pd.DataFrame], seen: pd.DataFrame, projects: pd.DataFrame, raw: Path) -> list[tuple[str, str, str]]:
    """Projects and firms on chains and links against the truth; projects whose ledger states no chain also apart."""
    true_of = seen.groupby("project_id")["true_id"].agg(lambda ids: ids.mode().iloc[0])
    mine = tables["projects"].assign(true_id=tables["projects"]["project_id"].map(true_of))
    both = mine.merge(projects[["true_id", "chain", "link", "states_chain"]], on="true_id", suffixes=("", "_true"))
    firms = pd.read_csv(raw / "truth" / "enterprises.csv", keep_default_na=False)[["credit_code", "name", "chain", "link"]]
    held = tables["enterprises"].sort_values("snapshot").drop_duplicates("enterprise_id", keep="last")
    of = held.merge(firms.drop(columns="name"), on="credit_code", suffixes=("", "_true"))
    lines = []
    silent = both[~both["states_chain"].astype(bool)]
    for what, table in (("projects", both), ("projects whose ledger states no chain", silent), ("firms", of)):
        texts = {name: table[name].fillna("") for name in ("chain", "link", "chain_true", "link_true")}
        lines += _placed(what, table.assign(**texts))
    return lines


def _placed(what: str, table: pd.DataFrame) -> list[tuple[str, str, str]]:
    on, off = table[table["chain_true"].ne("")], table[table["chain_true"].eq("")]
    chain = on["chain"].eq(on["chain_true"])
    link = chain & on["link"].eq(on["link_true"])
    linked = on[on["link"].ne("")]
    right = link[linked.index]
    lines = [(f"placement, {what}: chain right", _ratio(chain.sum(), len(on)), f"{len(on):,}"),
             (f"placement, {what}: link right", _ratio(link.sum(), len(on)), f"{len(on):,}"),
             (f"placement, {what}: no chain given", _ratio(on["chain"].eq("").sum(), len(on)), f"{len(on):,}"),
             (f"placement, {what}: links given that are right", _ratio(right.sum(), len(right)), f"{len(right):,}"),
             (f"placement, {what}: mean confidence of the links given", f"{linked['link_confidence'].mean():.4f}", f"{len(right):,}"),
             (f"placement, {what}: Brier score", f"{((linked['link_confidence'] - right) ** 2).mean():.4f}", f"{len(right):,}")]
    return [*lines, (f"placement, {what}: on no chain and left so", _ratio(off["chain"].eq("").sum(), len(off)), f"{len(off):,}")]


def main() -> None:
    """Print the scores of one folder of simulated ledgers as a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("raw", type=Path)
    print("| measure | figure | of |\n|---|---|---|")
    for what, figure, of in scores(parser.parse_args().raw):
        print(f"| {what} | {figure} | {of} |")


if __name__ == "__main__":
    main()

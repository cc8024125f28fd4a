"""How well the evidence audit finds the over-claims of simulated ledgers: `python tools/score_audit.py RAW_DIR ... [--as-of DATE]`.

For scoring only: nothing that cleans or audits reads `truth/`. A claim is a project and a stage (started, producing, at capacity) that the
tables of the date hold as reached. It is an over-claim that stands when the simulated office claimed it (`claimed_<stage>_in`), has
not taken it back (`claimed_<stage>_until` is later or empty), and the project had not reached it; recall counts these. Untrue: the
project had not reached the stage for any reason, also where an office has taken a claim back and the count still has it, or cells were
misread. Prints Markdown tables of precision (both ways), recall and lift over the base rate of over-claims, by severity and by rule, with
Wilson's 95 % intervals, all folders together and each apart.
"""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path

import pandas as pd

from liantu.assess.evidence import audit, evidence_rules
from liantu.assess.evidence.known import TABLES, Known
from liantu.assess.intervals import wilson
from liantu.ledger.cleaning import clean_tables
from liantu.progress.counts import FLOW
from liantu.reference import Quarter, city

KEY = ["source_file", "sheet", "row"]
STAGES = ("started", "producing", "at_capacity")
SEVERITIES = ("high", "medium", "low")
Bench = tuple[pd.DataFrame, pd.DataFrame]


def claims_and_findings(raw: Path, as_of: dt.date) -> Bench:
    """The standing claims of a folder at a date (project_id, stage, false) and the findings of the audit at that date."""
    # The ledgers up to the date are cleaned alone: what a later one tells cannot slip in.
    tables = clean_tables(raw, as_of=as_of)
    known = known_from(tables, as_of)
    rows = pd.read_csv(raw / "truth" / "rows.csv", dtype={"sheet": "str"}, keep_default_na=False)
    truth = pd.read_csv(raw / "truth" / "projects.csv").set_index("true_id")
    seen = tables["observations"][[*KEY, "project_id"]].merge(rows[[*KEY, "true_id"]], on=KEY)
    true_of = seen.groupby("project_id")["true_id"].agg(lambda ids: ids.mode().iloc[0])
    parts = []
    for stage in STAGES:
        claim = known.claims[stage]
        facts = truth.reindex(true_of.reindex(claim.index))
        reached = (pd.to_datetime(facts[stage]) <= pd.Timestamp(as_of)).to_numpy()
        parts.append(pd.DataFrame({"project_id": claim.index, "stage": stage, "false": false_at(facts, stage, as_of).to_numpy() & ~reached,
                                   "untrue": ~reached & facts[stage].index.notna()}))
    return pd.concat(parts, ignore_index=True), audit(known, evidence_rules()).findings


def false_at(facts: pd.DataFrame, stage: str, as_of: dt.date) -> pd.Series:
    """Whether an office's claim of a stage stands in the ledgers of a date: said from snapshot `_in` on, taken back by that of `_until`."""
    ends = {name: pd.Timestamp(Quarter.parse(name).end) for part in ("in", "until") for name in facts[f"claimed_{stage}_{part}"].dropna()}
    begin, back = (pd.to_datetime(facts[f"claimed_{stage}_{part}"].map(ends)) for part in ("in", "until"))
    day = pd.Timestamp(as_of)
    return (begin <= day) & ~(back <= day)


def known_from(tables: dict[str, pd.DataFrame], as_of: dt.date) -> Known:
    """The tables of cleaning as the audit wants them, the register as of its newest snapshot."""
    place, firms = city(), tables["enterprises"]
    given = {name: tables[name] for name in TABLES} | {"enterprises": firms[firms["snapshot"] == firms["snapshot"].max()]}
    collected = tuple(sorted(tables["observations"]["snapshot"].unique()))
    return Known(as_of=as_of, collected=collected, pause=place.calendar.winter_pause, counties=place.divisions.codes,
                 city=place.divisions.city.code, **given)


def measures(benches: list[Bench], of: str) -> pd.DataFrame:
    """What of the claims is doubted by severity (`severity`: that one or worse) or by each rule.

    Columns: what, found (claims doubted), right (of them over-claims that stand), untrue (of them untrue), false (over-claims), claims.
    """
    claims = pd.concat([bench[0].assign(bench=place) for place, bench in enumerate(benches)], ignore_index=True)
    findings = pd.concat([bench[1].assign(bench=place) for place, bench in enumerate(benches)], ignore_index=True)
    names = SEVERITIES if of == "severity" else tuple(dict.fromkeys(findings["rule"]))
    rows = []
    for place, name in enumerate(names):
        chosen = findings["severity"].isin(SEVERITIES[:place + 1]) if of == "severity" else findings["rule"] == name
        doubted = findings.loc[chosen, ["bench", "project_id", "stage"]].drop_duplicates()
        hit = claims.merge(doubted, how="left", indicator=True)["_merge"].eq("both").to_numpy()
        false = claims["false"].to_numpy(bool)
        rows.append([name, int(hit.sum()), int((hit & false).sum()), int((hit & claims["untrue"].to_numpy(bool)).sum()), int(false.sum()),
                     len(claims)])
    return pd.DataFrame(rows, columns=["what", "found", "right", "untrue", "false", "claims"])


def printed(table: pd.DataFrame, title: str) -> str:
    """A Markdown table of `measures`."""
    lines = [f"\n### {title}\n", "| findings | claims doubted | over-claims | precision | untrue | precision (untrue) | recall | lift |",
             "|---|---|---|---|---|---|---|---|"]
    false, claims = int(table["false"].iloc[0]), int(table["claims"].iloc[0])
    for row in table.itertuples():
        lift = f"{row.right / row.found / (false / claims):.1f}" if row.found and false else "–"
        lines.append(f"| {row.what} | {row.found} | {row.right} | {_share(row.right, row.found)} | {row.untrue} | "
                     f"{_share(row.untrue, row.found)} | {_share(row.right, false)} | {lift} |")
    return "\n".join([*lines, f"\nBase rate: {false} of {claims} claims are over-claims that stand ({false / max(claims, 1):.2%})."])


def _share(good: int, of: int) -> str:
    if not of:
        return "–"
    low, high = wilson(good, of)
    return f"{good / of:.1%} ({float(low):.1%} to {float(high):.1%})"


def main() -> None:
    """Print the scores of folders of simulated ledgers, all together and each apart."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("raw", type=Path, nargs="+")
    parser.add_argument("--as-of", type=dt.date.fromisoformat, default=dt.date(2022, 6, 30))
    chosen = parser.parse_args()
    benches = [claims_and_findings(raw, chosen.as_of) for raw in chosen.raw]
    print(f"As of {chosen.as_of}, {len(benches)} data sets; stages: {', '.join(stage for stage in FLOW if stage in STAGES)}")
    print(printed(measures(benches, "severity"), "by severity (that one or worse), all together"))
    print(printed(measures(benches, "rule"), "by rule, all together"))
    for raw, bench in zip(chosen.raw, benches, strict=True):
        print(printed(measures([bench], "severity"), f"{raw}"))


if __name__ == "__main__":
    main()

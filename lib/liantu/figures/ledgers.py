"""What a notebook shows of the cleaning: one call for each part of the page."""

from __future__ import annotations

import pandas as pd

from liantu.figures.display import PageTable, Picture
from liantu.figures.ledger_charts import accounting_chart
from liantu.figures.wording import say
from liantu.report import Report, accounts


def summary(report: Report) -> PageTable:
    """Files, rows and projects in one small table, newest snapshot last."""
    lang, files = report.lang, accounts.files(report)
    table = files.groupby("snapshot").agg(
        files=("source_file", "size"), rows_read=("rows_read", "sum"), rows_accepted=("rows_accepted", "sum"),
        rows_quarantined=("rows_quarantined", "sum")).reset_index()
    seen = report.table("observations").groupby("snapshot")["project_id"].nunique()
    table["projects"] = table["snapshot"].map(seen).fillna(0).astype("int64")
    table["snapshot"] = table["snapshot"].dt.date
    title = say("summary.title", lang, projects=len(report.projects), files=int(table["files"].sum()))
    return PageTable("summary", title, table, _labels(table, "summary", lang), say("summary.caption", lang))


def accounting(report: Report) -> list[Picture | PageTable]:
    """What became of every row: a chart by snapshot and reporter, and a table of the sheets."""
    lang, files = report.lang, accounts.files(report)
    chart = files.rename(columns={"rows_accepted": "accepted", "rows_quarantined": "quarantined", "rows_ignored": "ignored"})
    picture = accounting_chart(chart.assign(county=_reporters(report, files)), **report.stamp)
    table = accounts.sheets(report).drop(columns="snapshot")
    title = say("accounting.title", lang, files=len(files), sheets=len(table))
    return [picture, PageTable("accounting", title, table, _labels(table, "accounting", lang), say("rows.caption", lang))]


def unreadable(report: Report) -> PageTable:
    """Files that could not be read, and what to do."""
    lang, rows = report.lang, accounts.unreadable(report)
    table = pd.DataFrame({"source_file": rows["source_file"], "reason": rows["reason"], "message": rows[f"message_{lang}"]})
    return PageTable("unreadable", say("unreadable.title", lang, n=len(table)), table, _labels(table, "unreadable", lang))


def merges(report: Report) -> PageTable:
    """How many reports were merged, proposed or kept apart."""
    lang, rows = report.lang, accounts.merges_by_decision(report)
    table = rows.assign(decision=[say(f"decision.{decision}", lang) for decision in rows["decision"]])
    title = say("merges.title", lang, observations=len(report.table("observations")), projects=len(report.projects))
    return PageTable("merges", title, table, _labels(table, "merges", lang), say("merges.caption", lang))


def _reporters(report: Report, files: pd.DataFrame) -> pd.Series:
    """The county a file reports for, where it reports for one; else empty."""
    lineage = report.table("lineage").dropna(subset=["county"])
    by_file = lineage.groupby("source_file")["county"].agg(lambda codes: codes.iloc[0] if codes.nunique() == 1 else None)
    names = {code: report.county_name(code) for code in report.city.divisions.codes}
    return files["source_file"].map(by_file.to_dict()).map(names)


def _labels(table: pd.DataFrame, part: str, lang: str) -> dict[str, str]:
    return {column: say(f"{part}.column.{column}", lang) for column in table.columns}

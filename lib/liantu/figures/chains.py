"""What a notebook shows of the chains: one call for each part of the page."""

from __future__ import annotations

import re

import pandas as pd

from liantu.chains import chain_by_county, first_gaps, gap_counts
from liantu.figures.chain_charts import gap_chart, heat_map
from liantu.figures.display import PageTable, Picture
from liantu.figures.wording import say
from liantu.ledger.checking.slips import doubtful_projects
from liantu.reference.checking import checking_rules
from liantu.report import Report

WAN_IN_YI = 10_000


def projects_by_county(report: Report) -> Picture:
    """Chains by counties: number of projects that are not terminated."""
    projects = _alive(report)
    return _heat(report, "projects", _by_county(report, projects), projects)


def investment_by_county(report: Report) -> list[Picture | PageTable]:
    """Chains by counties: total investment in 亿元 of projects not terminated, and the amounts left out because their unit is in doubt."""
    projects, lang = _alive(report), report.lang
    # Judged beside all that is known of the city, by the rule that quarantine tells the reporter (unit_slip).
    known = report.whole_city.table("observations")
    doubtful = projects["project_id"].isin(doubtful_projects(known, checking_rules(report.city).slips))
    table = _by_county(report, projects[~doubtful])
    rows = projects[doubtful].sort_values("total_investment_wan", ascending=False)
    listed = pd.DataFrame({
        "name": rows["name"], "county": rows["county"].map({code: report.county_name(code) for code in report.city.divisions.codes}),
        "chain": rows["chain"].map(_names(report)), "amount": rows["total_investment_wan"] / WAN_IN_YI})
    picture = _heat(report, "investment", table.assign(investment=table["investment_wan"] / WAN_IN_YI), projects[~doubtful])
    if listed.empty:
        return [picture]
    title = say("doubtful.title", lang, n=len(listed))
    return [picture, PageTable("doubtful_amounts", title, listed, _labels(listed, "doubtful", lang), say("doubtful.caption", lang))]


def link_states(report: Report) -> Picture:
    """Links of each chain by state: broken, in repair, weak, held."""
    counts = gap_counts(_gaps(report))
    counts = counts.assign(chain=counts["chain"].map(_names(report)))
    return gap_chart(counts, **report.stamp)


def broken_key_links(report: Report) -> PageTable:
    """Key links without any local firm and nothing producing, chain by chain."""
    gaps, lang = _gaps(report), report.lang
    rows = gaps[gaps["key"] & gaps["state"].str.startswith("broken")]
    table = pd.DataFrame({
        "chain": rows["chain"].map(_names(report)), "link": rows[lang], "tier": [say(f"tier.{tier}", lang) for tier in rows["tier"]],
        "state": [say(f"gap.{state}", lang) for state in rows["state"]], "projects_open": rows["projects_open"]})
    title = say("broken.title", lang, n=len(table))
    return PageTable("broken_key_links", title, table, _labels(table, "broken", lang), say("broken.caption", lang))


def working_list(report: Report) -> PageTable:
    """The working list of chains with group, counties, masters named, confidence and source."""
    lang, edition = report.lang, report.chains.edition
    groups = {group.id: group.name(lang) for group in edition.groups}
    table = pd.DataFrame([{
        "order": chain.order, "chain": chain.name(lang), "group": groups[chain.group],
        "counties": say("separator", lang).join(report.county_name(code) for code in chain.counties),
        "masters": say("separator", lang).join(chain.masters), "confidence": say(f"confidence.{chain.confidence}", lang),
        "source": _hosts(chain.source)}
        for chain in report.chains.chains])
    status = edition.status_zh if lang == "zh" else edition.status_en
    return PageTable("working_list", say("working_list.title", lang), table, _labels(table, "working_list", lang), status)


def _alive(report: Report) -> pd.DataFrame:
    return report.projects[report.projects["stage"] != "terminated"]


def _by_county(report: Report, projects: pd.DataFrame) -> pd.DataFrame:
    return chain_by_county(projects, report.chains, report.city.divisions.codes)


def _gaps(report: Report) -> pd.DataFrame:
    return first_gaps(report.projects, report.enterprises, report.chains)


def _names(report: Report) -> dict[str, str]:
    return {chain.zh: chain.name(report.lang) for chain in report.chains.chains}


def _heat(report: Report, value: str, table: pd.DataFrame, projects: pd.DataFrame) -> Picture:
    left_out = len(projects) - int(table["projects"].sum())
    return heat_map(table, value=value, chains=report.chains, divisions=report.city.divisions, left_out=left_out, **report.stamp)


def _hosts(source: str) -> str:
    """The sites that a source names, so that the table stays narrow; the reference data have the whole source."""
    return ", ".join(dict.fromkeys(re.findall(r"https?://(?:www\.)?([^/\s]+)", source))) or source


def _labels(table: pd.DataFrame, part: str, lang: str) -> dict[str, str]:
    return {column: say(f"{part}.column.{column}", lang) for column in table.columns}

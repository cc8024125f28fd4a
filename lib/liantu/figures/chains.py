"""What a notebook shows of the chains: one call for each part of the page."""

from __future__ import annotations

import re

import pandas as pd

from liantu.chains import chain_by_county, first_gaps, gap_counts
from liantu.chains.overview import ENDED, GAP_STATES, PRODUCING
from liantu.figures import behind
from liantu.figures.chain_charts import gap_chart, heat_map
from liantu.figures.display import Behind, PageTable, Picture, WatchItem, WatchList
from liantu.figures.wording import number, say
from liantu.ledger.checking.slips import doubtful_projects
from liantu.reference.checking import checking_rules
from liantu.reference.opened import kept
from liantu.report import Report
from liantu.tables.fold import RANK
from liantu.tables.runs import among

WAN_IN_YI = 10_000
WATCHED = 5  # links in the watch list
_LINK = ["chain", "link"]


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
    return gap_chart(counts, **report.stamp).backed_by(_behind_links(report))


def broken_key_links(report: Report) -> PageTable:
    """Key links without any local firm and nothing producing, chain by chain."""
    gaps, lang = _gaps(report), report.lang
    rows = gaps[gaps["key"] & gaps["state"].str.startswith("broken")]
    table = pd.DataFrame({
        "chain": rows["chain"].map(_names(report)), "link": rows[lang], "tier": [say(f"tier.{tier}", lang) for tier in rows["tier"]],
        "state": [say(f"gap.{state}", lang) for state in rows["state"]], "projects_open": rows["projects_open"]})
    title = say("broken.title", lang, n=len(table))
    return PageTable("broken_key_links", title, table, _labels(table, "broken", lang), say("broken.caption", lang))


def watch(report: Report) -> list[WatchList]:
    """Broken key links, those without any project first, then those with fewest on the way; with the furthest project and its county."""
    gaps, lang = _gaps(report), report.lang
    rows = gaps[gaps["key"] & gaps["state"].str.startswith("broken")].sort_values("projects_open", kind="stable")
    shown = rows.head(WATCHED)
    items = tuple(_watched_link(report, row) for row in shown.to_dict("records"))
    note = say("watch.links.note", lang, n=number(len(rows)), shown=len(shown))
    return [WatchList("links", say("watch.links.title", lang), items, note, 20)] if items else []


def _watched_link(report: Report, row: dict) -> WatchItem:
    lang, chain = report.lang, report.chains.by_name(row["chain"])
    what = say("watch.links.what", lang, chain=chain.name(lang), link=row[lang])
    since = _broken_since(report, row["chain"], row["link"])
    coming = report.projects
    coming = coming[(coming["chain"] == row["chain"]) & (coming["link"] == row["link"]) & ~coming["stage"].isin(ENDED)]
    if coming.empty:
        counties = say("separator", lang).join(report.county_name(code) for code in chain.counties)
        return WatchItem(what, say("watch.links.open", lang), counties, since)
    first = coming.assign(_rank=coming["stage"].map(RANK)).sort_values(["_rank", "project_id"], ascending=[False, True]).iloc[0]
    stages = report.city.vocabulary.terms("stages")
    stage = stages[first["stage"]].name(lang) if first["stage"] in stages else say("watch.links.no_stage", lang)
    why = say("watch.links.repair", lang, n=number(len(coming)), project=first["name"], stage=stage)
    return WatchItem(what, why, behind.county_name(report, first["county"]), since)


def _broken_since(report: Report, chain: str, link: str) -> object:
    """The first of the registers in a row, up to the newest, that has no firm on a link."""
    firms = report.table("enterprises")
    held = firms[(firms["chain"] == chain) & (firms["link"] == link)]["snapshot"].max()
    without = firms["snapshot"] if pd.isna(held) else firms.loc[firms["snapshot"] > held, "snapshot"]
    return without.min() if len(without) else None


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
    projects = report.projects
    return projects[projects["stage"] != "terminated"]


def _by_county(report: Report, projects: pd.DataFrame) -> pd.DataFrame:
    return chain_by_county(projects, report.chains, report.city.divisions.codes)


@kept(maxsize=4)
def _gaps(report: Report) -> pd.DataFrame:
    return first_gaps(report.projects, report.enterprises, report.chains)


def _names(report: Report) -> dict[str, str]:
    return {chain.zh: chain.name(report.lang) for chain in report.chains.chains}


def _heat(report: Report, value: str, table: pd.DataFrame, projects: pd.DataFrame) -> Picture:
    left_out = len(projects) - int(table["projects"].sum())
    picture = heat_map(table, value=value, chains=report.chains, divisions=report.city.divisions, left_out=left_out, **report.stamp)
    return picture.backed_by(_behind_pairs(report, projects, value))


def _behind_pairs(report: Report, projects: pd.DataFrame, value: str) -> Behind:
    """Each project of each pair of chain and county, with its amount where the map shows money."""
    lang, names = report.lang, _names(report)
    codes = {code: place for place, code in enumerate(report.city.divisions.codes)}
    rows = projects[projects["chain"].isin(names) & projects["county"].isin(codes)]
    rows = rows[["project_id", "chain", "county", "total_investment_wan"]].assign(
        _chain=rows["chain"].map(list(names).index), _county=rows["county"].map(codes)).sort_values(["_chain", "_county"])
    pairs = list(zip(rows["chain"], rows["county"], strict=True))
    bar = {pair: say("behind.bar.pair", lang, chain=names[pair[0]], county=report.county_name(pair[1])) for pair in dict.fromkeys(pairs)}
    made = rows[["project_id"]].assign(bar=[bar[pair] for pair in pairs], amount=(rows["total_investment_wan"] / WAN_IN_YI).round(4))
    return behind.rows(report, made, {"amount": say("behind.amount", lang)} if value == "investment" else None)


def _behind_links(report: Report) -> Behind:
    """Each link of each chain, with the firm or the project by which it has its state, and the ledger row of that one."""
    lang, names, gaps = report.lang, _names(report), _gaps(report)
    holders = _holders(report)
    found = [holders.get((row.chain, row.link), {}) for row in gaps.itertuples()]
    bars = [say("behind.bar.link", lang, chain=names[row.chain], state=say(f"gap.{row.state}", lang)) for row in gaps.itertuples()]
    told = {name: [holder.get(name) for holder in found] for name in ("holder", "county", "stage", *behind.WHERE)}
    made = pd.DataFrame({"bar": bars, "link": gaps[lang].array, **told}).astype({"row": "Int64"})
    order = gaps["chain"].map(list(names).index) * len(GAP_STATES) + gaps["state"].map(GAP_STATES.index)
    made = made.iloc[order.argsort(kind="stable")].reset_index(drop=True)
    labels = {"link": say("behind.link", lang), "holder": say("behind.holder", lang)}
    labels |= {name: say(f"behind.column.{name}", lang) for name in ("bar", "county", "stage", *behind.WHERE)}
    return Behind(say("behind.link.title", lang, n=number(len(made))), made, labels)


def _holders(report: Report) -> dict[tuple, dict]:
    """Who stands behind the state of a link: the first supplier of the register, else the first project that produces or is on its way."""
    firms = report.enterprises.sort_values("enterprise_id").assign(stage=None)
    projects = _alive(report)
    stages = {stage: term.name(report.lang) for stage, term in report.city.vocabulary.terms("stages").items()}
    producing, coming = projects[projects["stage"].isin(PRODUCING)], projects[~projects["stage"].isin(ENDED)]
    sources = {"enterprise_id": behind.last_of_table(report, "enterprises"), "project_id": behind.last_of_table(report, "projects")}
    found: dict[tuple, dict] = {}
    for key, table in (("project_id", coming), ("project_id", producing), ("enterprise_id", firms)):
        placed = table.dropna(subset=_LINK)[[*_LINK, key, "name", "county", "stage"]]
        counts = placed.groupby(_LINK)[key].nunique().to_dict()
        first = placed.drop_duplicates(_LINK)
        where = sources[key][among(sources[key].index, first[key])].to_dict("index")
        for row in first.to_dict("records"):
            link = row["chain"], row["link"]
            name, n = row["name"], counts[link]
            holder = name if n == 1 else say("behind.holder.more", report.lang, name=name, n=number(n))
            county = behind.county_name(report, row["county"])
            found[link] = where.get(row[key], {}) | {"holder": holder, "county": county, "stage": stages.get(row["stage"])}
    return found


def _hosts(source: str) -> str:
    """The sites that a source names, so that the table stays narrow; the reference data have the whole source."""
    return ", ".join(dict.fromkeys(re.findall(r"https?://(?:www\.)?([^/\s]+)", source))) or source


def _labels(table: pd.DataFrame, part: str, lang: str) -> dict[str, str]:
    return {column: say(f"{part}.column.{column}", lang) for column in table.columns}

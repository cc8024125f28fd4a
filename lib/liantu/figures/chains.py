"""What a notebook shows of what lies on the chains: where projects are, what could not be placed, and the list itself."""

from __future__ import annotations

import pandas as pd

from liantu.assess.chain_gaps import chain_gaps
from liantu.chains import chain_by_county
from liantu.chains.placing.unplaced import unplaced as not_placed
from liantu.chains.recut import crosswalk, recut
from liantu.chains.states import BROKEN
from liantu.figures import behind
from liantu.figures.chain_charts import heat_map
from liantu.figures.display import Behind, PageTable, Picture
from liantu.figures.gap_words import LATER_EDITION, chain_names, hosts, labels
from liantu.figures.wording import WAN_IN_YI, number, percent, say
from liantu.ledger.checking.slips import doubtful_projects
from liantu.reference.checking import checking_rules
from liantu.reference.editions import UNKNOWN
from liantu.report import Report

UNPLACED_SHOWN = 40
_GUESSES = (("chain", "link", "confidence"), ("second_chain", "second_link", "second_confidence"))


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
        "chain": rows["chain"].map(chain_names(report)), "amount": rows["total_investment_wan"] / WAN_IN_YI})
    picture = _heat(report, "investment", table.assign(investment=table["investment_wan"] / WAN_IN_YI), projects[~doubtful])
    if listed.empty:
        return [picture]
    title = say("doubtful.title", lang, n=len(listed))
    return [picture, PageTable("doubtful_amounts", title, listed, labels(listed, "doubtful", lang), say("doubtful.caption", lang))]


def working_list(report: Report) -> PageTable:
    """The working list of chains with group, counties, masters named, confidence and source."""
    lang, edition = report.lang, report.chains.edition
    groups = {group.id: group.name(lang) for group in edition.groups}
    table = pd.DataFrame([{
        "order": chain.order, "chain": chain.name(lang), "group": groups[chain.group],
        "counties": say("separator", lang).join(report.county_name(code) for code in chain.counties),
        "masters": say("separator", lang).join(chain.masters), "confidence": say(f"confidence.{chain.confidence}", lang),
        "source": hosts(chain.source)}
        for chain in report.chains.chains])
    status = edition.status_zh if lang == "zh" else edition.status_en
    return PageTable("working_list", say("working_list.title", lang), table, labels(table, "working_list", lang), status)


def unplaced(report: Report) -> PageTable:
    """Projects and firms that could not be put on a link, those with the surest guess first, for a person to decide."""
    lang, known = report.lang, chain_gaps(report).known
    rows = not_placed(known.projects, known.enterprises, report.chains)
    names = {(chain.zh, link.id): say("chains.answer.link", lang, chain=chain.name(lang), link=link.name(lang))
             for chain in report.chains.chains for link in chain.links}
    shown = rows.head(UNPLACED_SHOWN)
    table = pd.DataFrame({
        "what": [say(f"unplaced.{what}", lang) for what in shown["what"]], "name": shown["name"],
        "county": behind.county_names(report, shown["county"]), "known": shown["known_chain"].map(chain_names(report)).fillna(""),
        **{f"guess_{n}": [_guess(names.get(pair), sure) for pair, sure in zip(
            zip(shown[chain], shown[link], strict=True), shown[sure], strict=True)]
           for n, (chain, link, sure) in enumerate(_GUESSES, start=1)}})
    title = say("unplaced.title", lang, n=number(len(rows)), shown=len(table))
    return PageTable("unplaced", title, table, labels(table, "unplaced", lang), say("unplaced.caption", lang))


def _guess(name: str | None, sure: float) -> str:
    return "" if name is None or pd.isna(sure) else f"{name} {percent(sure)}"


def read_otherwise(report: Report) -> list[PageTable]:
    """The same quarter by the entries of the later edition: projects and gaps of each, and what no public source places.

    Nothing where the report is read by that edition itself.
    """
    lang, walk = report.lang, crosswalk(LATER_EDITION, report.city)
    if report.crosswalk is not None:
        return []
    projects, states = recut(_alive(report), walk, report.chains), recut(chain_gaps(report).states, walk, report.chains)
    counts = pd.DataFrame({
        "links": states.groupby("chain").size(), "projects": projects.groupby("chain").size(),
        **{name: states[states["state"].isin(of)].groupby("chain").size() for name, of in (("broken", BROKEN), ("blocked", ("blocked",)))}})
    names = {entry.zh: entry.name(lang) for entry in walk.entries if entry.known} | {UNKNOWN: say("recut.unknown", lang)}
    table = counts.reindex(names).fillna(0).astype("Int64").rename_axis("entry").reset_index()
    if not chain_gaps(report).registered:
        table[["broken", "blocked"]] = pd.NA
    kinds = {entry.zh: say(f"recut.kind.{entry.kind}", lang) for entry in walk.entries}
    table.insert(1, "kind", table["entry"].map(kinds).fillna(""))
    table = table.assign(entry=table["entry"].map(names))
    counted = sum(walk.counted.values())
    title = say("recut.title", lang, n=len(names) - 1, all=counted)
    status = walk.status_zh if lang == "zh" else walk.status_en
    return [PageTable("read_otherwise", title, table, labels(table, "recut", lang), status)]


def _alive(report: Report) -> pd.DataFrame:
    projects = report.projects
    return projects[projects["stage"] != "terminated"]


def _by_county(report: Report, projects: pd.DataFrame) -> pd.DataFrame:
    return chain_by_county(projects, report.chains, report.city.divisions.codes)


def _heat(report: Report, value: str, table: pd.DataFrame, projects: pd.DataFrame) -> Picture:
    left_out = len(projects) - int(table["projects"].sum())
    picture = heat_map(table, value=value, chains=report.chains, divisions=report.city.divisions, left_out=left_out, **report.stamp)
    return picture.backed_by(_behind_pairs(report, projects, value))


def _behind_pairs(report: Report, projects: pd.DataFrame, value: str) -> Behind:
    """Each project of each pair of chain and county, with its amount where the map shows money."""
    lang, names = report.lang, chain_names(report)
    codes = {code: place for place, code in enumerate(report.city.divisions.codes)}
    rows = projects[projects["chain"].isin(names) & projects["county"].isin(codes)]
    rows = rows[["project_id", "chain", "county", "total_investment_wan"]].assign(
        _chain=rows["chain"].map(list(names).index), _county=rows["county"].map(codes)).sort_values(["_chain", "_county"])
    pairs = list(zip(rows["chain"], rows["county"], strict=True))
    bar = {pair: say("behind.bar.pair", lang, chain=names[pair[0]], county=report.county_name(pair[1])) for pair in dict.fromkeys(pairs)}
    made = rows[["project_id"]].assign(bar=[bar[pair] for pair in pairs], amount=(rows["total_investment_wan"] / WAN_IN_YI).round(4))
    return behind.rows(report, made, {"amount": say("behind.amount", lang)} if value == "investment" else None)

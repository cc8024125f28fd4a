"""What a notebook shows of the gaps of all chains: one call for each part of the page."""

from __future__ import annotations

import pandas as pd

from liantu.assess.chain_gaps import ChainGaps, chain_gaps, gap_moves, gaps_before, kept_promises, works_by_label
from liantu.chains.history import OUTCOMES
from liantu.chains.overview import ENDED, PRODUCING
from liantu.chains.recut import crosswalk, one_county_one_industry
from liantu.chains.states import BROKEN, STATES
from liantu.figures import attraction_book, behind
from liantu.figures.chain_charts import gap_chart
from liantu.figures.display import (
    BESIDE_THE_INDEX,
    Answer,
    Behind,
    Headline,
    PageTable,
    Picture,
    TrendPoint,
    WatchItem,
    WatchList,
    Workbook,
)
from liantu.figures.gap_charts import burden_map, targets_chart
from liantu.figures.gap_history_charts import gaps_over_time, labels_chart, promises_chart
from liantu.figures.gap_words import LATER_EDITION, chain_names, hosts, in_yi, labels, no_register, nothing, target_table, yi
from liantu.figures.wording import WAN_IN_YI, day, number, quarter_name, say
from liantu.report import Report
from liantu.tables.fold import RANK
from liantu.tables.runs import among

WATCHED = 5  # links in the watch list
_NAMED = 3
_LINK = ["chain", "link"]


def answer(report: Report) -> list[Answer | Headline]:
    """How many links are broken and blocked, how much final output is missing, and where most of it; the numbers for the front page."""
    gaps, lang, question = chain_gaps(report), report.lang, say("chains.question", report.lang)
    if not gaps.registered:
        return [Answer(question, no_register(report))]
    counts, found = gaps.states["state"].value_counts(), gaps.targets
    broken = int(counts.get("broken_open", 0) + counts.get("broken_in_repair", 0))
    first = say("chains.answer.states", lang, links=number(len(gaps.states)), broken=number(broken),
                repair=number(counts.get("broken_in_repair", 0)), blocked=number(counts.get("blocked", 0)))
    return [Answer(question, first + "\n" + _worst(report, found)), *_cards(report, gaps, broken)]


def _worst(report: Report, found: pd.DataFrame) -> str:
    lang, names = report.lang, chain_names(report)
    if found.empty:
        return say("chains.answer.no_gap", lang)
    by_chain = found.groupby("chain")["unlock_wan"].sum().sort_values(ascending=False).head(3)
    most = say("separator", lang).join(names[chain] for chain in by_chain.index)
    best = found[found["band"] == found["band"].min()]
    links = say("separator", lang).join(
        say("chains.answer.link", lang, chain=names[row.chain], link=getattr(row, lang)) for row in best.head(_NAMED).itertuples())
    more = say("chains.answer.more", lang) if len(best) > _NAMED else ""
    return say("chains.answer.worst", lang, chains=most, links=links + more, n=number(len(best)))


def _cards(report: Report, gaps: ChainGaps, broken: int) -> list[Headline]:
    lang, before = report.lang, gaps_before(report)
    key = int(gaps.totals["key_broken"].sum())
    then = None if before is None or not before.registered else int(before.states["state"].isin(BROKEN).sum())
    note = say("chains.card.broken.note", lang, important=number(key)) + (
        "" if then is None else say("chains.card.broken.then", lang, n=number(then)))
    blocked = int((gaps.states["state"] == "blocked").sum())
    final = gaps.totals["final_wan"].sum()
    trend = tuple(TrendPoint(row.quarter, int(row.broken)) for row in gap_moves(report).itertuples())
    return [
        Headline("broken_links", say("chains.card.broken", lang), broken, say("chains.card.links", lang), note=note, order=30, trend=trend),
        Headline("blocked_links", say("chains.card.blocked", lang), blocked, say("chains.card.links", lang), order=BESIDE_THE_INDEX),
        Headline("chain_output", say("chains.card.final", lang), round(final / WAN_IN_YI, 1), say("gap.unit.yi", lang),
                 note=say("chains.card.final.note", lang), order=BESIDE_THE_INDEX + 1)]


def burden(report: Report) -> Picture:
    """Chains by counties: the output missing for their gaps, in 亿元 a year, by whose firms wait for it."""
    gaps = chain_gaps(report)
    if not gaps.registered or gaps.targets.empty:
        return nothing(report, "chain_county_burden", "burden.subject")
    table = gaps.burden.assign(burden=gaps.burden["burden_wan"] / WAN_IN_YI)
    return burden_map(table, report.chains, report.city.divisions, **report.stamp)


def link_states(report: Report) -> list[Picture | PageTable]:
    """Links of each chain by state, and the key links that are broken."""
    gaps = chain_gaps(report)
    counts = gaps.totals.assign(chain=gaps.totals["chain"].map(chain_names(report)))
    chart = gap_chart(counts, **report.stamp).backed_by(_behind_links(report))
    return [chart, _broken_key_links(report)] if gaps.registered else [chart]


def _broken_key_links(report: Report) -> PageTable:
    states, lang = chain_gaps(report).states, report.lang
    rows = states[states["key"] & states["state"].isin(BROKEN)]
    table = pd.DataFrame({
        "chain": rows["chain"].map(chain_names(report)), "link": rows[lang], "tier": [say(f"tier.{tier}", lang) for tier in rows["tier"]],
        "state": [say(f"gap.{state}", lang) for state in rows["state"]], "demand": in_yi(rows["demand_wan"]),
        "expected": in_yi(rows["expected_wan"]), "projects_open": rows["preparing"] + rows["building"] + rows["completed"]})
    title = say("broken.title", lang, n=len(table))
    return PageTable("broken_key_links", title, table, labels(table, "broken", lang), say("broken.caption", lang))


def best_targets(report: Report) -> list[Picture | PageTable | Workbook]:
    """The best targets of the city: the chart with intervals of their ranks, the table, and the workbook of all."""
    gaps, lang = chain_gaps(report), report.lang
    if not gaps.registered or gaps.targets.empty:
        return [nothing(report, "best_targets", "targets.subject")]
    shown = gaps.targets.head(gaps.rules.targets_shown)
    title = say("targets.table.title", lang, n=len(shown), all=number(len(gaps.targets)))
    chart = targets_chart(gaps.targets, report.chains, shown=len(shown), **report.stamp)
    return [chart, target_table("best_targets", title, shown, report), attraction_book.of_city(report, gaps)]


def groups(report: Report) -> list[PageTable]:
    """The three groups of chains with their gaps, and what is known of one county, one industry."""
    gaps, lang = chain_gaps(report), report.lang
    group = {chain.zh: chain.group for chain in report.chains.chains}
    totals = gaps.totals.assign(group=gaps.totals["chain"].map(group), broken=gaps.totals[list(BROKEN)].sum(axis=1))
    sums = totals.groupby("group")[["links", "broken", "blocked", "weak", "held"]].sum()
    if not gaps.registered:
        sums[["broken", "blocked", "weak", "held"]] = pd.NA
    sums.insert(0, "chains", totals.groupby("group").size())
    unlock = gaps.targets.groupby(gaps.targets["chain"].map(group))["unlock_wan"].sum() if gaps.registered else {}
    order = [entry.id for entry in report.chains.edition.groups if entry.id in sums.index]
    table = sums.loc[order].reset_index()
    table = table.assign(unlock=in_yi(table["group"].map(unlock)), group=[say(f"group.{name}", lang) for name in table["group"]])
    made = PageTable("groups", say("groups.title", lang), table, labels(table, "groups", lang), say("groups.caption", lang))
    return [made, _one_industry(report)]


def _one_industry(report: Report) -> PageTable:
    lang = report.lang
    rows = one_county_one_industry(crosswalk(LATER_EDITION, report.city), report.city)
    table = pd.DataFrame({
        "county": [report.county_name(code) for code in rows["county"]],
        "industry": [name if known else say("one_industry.unknown", lang) for name, known in zip(rows[lang], rows["known"], strict=True)],
        "source": [hosts(source) for source in rows["source"]]})
    title = say("one_industry.title", lang, n=len(table), known=int(rows["known"].sum()))
    return PageTable("one_industry", title, table, labels(table, "one_industry", lang), say("one_industry.caption", lang))


def over_time(report: Report) -> Picture:
    """Gaps opened, taken into repair and closed between quarters, and how many stay."""
    moves = gap_moves(report)
    if moves.empty:
        return nothing(report, "gaps_over_time", "gap.moves.subject")
    return gaps_over_time(moves, **report.stamp)


def promises_and_works(report: Report) -> list[Picture | PageTable]:
    """Whether projects on links that were broken filled them, and what projects do on the graph beside what they call themselves."""
    return [*_promises(report), labels_chart(works_by_label(report), **report.stamp)]


def _promises(report: Report) -> list[Picture | PageTable]:
    """What became of the projects that stood on links broken in the first quarter that is held, by outcome, and those that are late."""
    lang = report.lang
    quarter, told = kept_promises(report)
    if told.empty:
        return []
    since = quarter_name(quarter, lang)
    counts = told.groupby("outcome").agg(projects=("project_id", "size"), closed=("closed", "sum")).reindex(OUTCOMES, fill_value=0)
    counts = counts[counts["projects"] > 0].astype("int64").reset_index()
    counts = counts.assign(outcome=[say(f"promise.{outcome}", lang) for outcome in counts["outcome"]])
    title = say("promise.title", lang, since=since, n=len(told), kept=int((told["outcome"] == "kept").sum()))
    late = told[told["outcome"] == "late"].sort_values("promised", kind="stable")
    names = {(chain.zh, link.id): link.name(lang) for chain in report.chains.chains for link in chain.links}
    listed = pd.DataFrame({
        "name": late["name"], "county": behind.county_names(report, late["county"]),
        "link": [names.get(pair, pair[1]) for pair in zip(late["chain"], late["link"], strict=True)], "promised": late["promised"].map(day),
        "produced": [day(date) if pd.notna(date) else say("promise.not_yet", lang) for date in late["produced"]]})
    made = [PageTable("promises", title, counts, labels(counts, "promise", lang), say("promise.caption", lang, since=since))]
    drawn = told["outcome"].replace("no_date", "not_due").value_counts().rename_axis("outcome").rename("projects").reset_index()
    all_late = PageTable("late_promises", say("promise.late.title", lang, n=len(listed)), listed, labels(listed, "promise.late", lang))
    return [promises_chart(drawn, **report.stamp), *made, all_late]


def watch(report: Report) -> list[WatchList]:
    """Broken key links by what filling them unlocks; with the furthest project and its county."""
    gaps, lang = chain_gaps(report), report.lang
    rows = gaps.states[gaps.states["key"] & gaps.states["state"].isin(BROKEN)]
    if rows.empty:
        return []
    rows = rows.merge(gaps.targets[["chain", "link", "unlock_wan"]], on=_LINK, how="left").sort_values("unlock_wan", ascending=False)
    shown = rows.head(WATCHED)
    items = tuple(_watched_link(report, row) for row in shown.to_dict("records"))
    note = say("watch.links.note", lang, n=number(len(rows)), shown=len(shown))
    return [WatchList("links", say("watch.links.title", lang), items, note, 20)]


def _watched_link(report: Report, row: dict) -> WatchItem:
    lang, chain = report.lang, report.chains.by_name(row["chain"])
    what = say("watch.links.what", lang, chain=chain.name(lang), link=row[lang], unlock=yi(row["unlock_wan"]))
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


def _behind_links(report: Report) -> Behind:
    """Each link of each chain, with the firm or the project by which it has its state, and the ledger row of that one."""
    lang, names, gaps = report.lang, chain_names(report), chain_gaps(report).states
    holders = _holders(report)
    found = [holders.get((row.chain, row.link), {}) for row in gaps.itertuples()]
    bars = [say("behind.bar.link", lang, chain=names[row.chain], state=say(f"gap.{row.state}", lang)) for row in gaps.itertuples()]
    told = {name: [holder.get(name) for holder in found] for name in ("holder", "county", "stage", *behind.WHERE)}
    made = pd.DataFrame({"bar": bars, "link": gaps[lang].array, **told}).astype({"row": "Int64"})
    order = gaps["chain"].map(list(names).index) * len(STATES) + gaps["state"].map(STATES.index)
    made = made.iloc[order.argsort(kind="stable")].reset_index(drop=True)
    heads = {"link": say("behind.link", lang), "holder": say("behind.holder", lang)}
    heads |= {name: say(f"behind.column.{name}", lang) for name in ("bar", "county", "stage", *behind.WHERE)}
    return Behind(say("behind.link.title", lang, n=number(len(made))), made, heads)


def _holders(report: Report) -> dict[tuple, dict]:
    """Who stands behind the state of a link: the first supplier of the register, else the first project that produces or is on its way."""
    firms = chain_gaps(report).firms.sort_values("enterprise_id", kind="stable").assign(stage=None)
    projects = report.projects
    projects = projects[projects["stage"] != "terminated"]
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



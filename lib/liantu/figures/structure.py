"""What a notebook shows of the structure of industry: concentration, change, projects against today, sectors, jobs and tax."""

from __future__ import annotations

import pandas as pd

from liantu.assess.structure import Structure, structure_of
from liantu.figures import behind
from liantu.figures.display import BESIDE_THE_INDEX, Answer, Headline, PageTable, Picture
from liantu.figures.gap_words import chain_names, hosts, labels
from liantu.figures.structure_charts import change_chart, concentration_chart, portfolio_chart, sectors_chart
from liantu.figures.wording import WAN_IN_YI, day, number, percent, say
from liantu.report import Report

_POINTS = 10_000
_BY, _MEASURE = "division", "output_wan"


def _counties(report: Report) -> dict[str, str]:
    return {code: behind.county_name(report, code) for code in (*report.city.divisions.codes, report.city.divisions.city.code)}


def _groups(report: Report) -> dict[str, str]:
    return {group.id: group.name(report.lang) for group in report.chains.edition.groups}


def _tenths(share: float) -> str:
    return "–" if pd.isna(share) else f"{100 * share:.1f}%"


def answer(report: Report) -> list[Answer | Headline]:
    """How concentrated output is, how much of it changed industries, how much planned money goes to new industries; three cards."""
    made, lang, question = structure_of(report), report.lang, say("structure.question", report.lang)
    city = made.spread_of("", _BY, _MEASURE)
    if city is None:
        return [Answer(question, say("structure.answer.none", lang))]
    steel = made.family("", "steel_and_mining", _MEASURE)
    first = say("structure.answer.spread", lang, top=made.rules.names(lang).get(city["top"], city["top"]), share=percent(city["top_share"]),
                steel=percent(steel), hhi=number(round(city["hhi"] * _POINTS)), effective=number(city["effective"], tenths=True))
    lines = [first, _changed(made, lang), *_coming(made, lang)]
    return [Answer(question, "\n".join(lines)), *_cards(made, city, steel, lang)]


def _changed(made: Structure, lang: str) -> str:
    change = made.change
    if change is None or change.industries.empty or made.before is None:
        return say("structure.answer.change_none", lang)
    return say("structure.answer.change", lang, day=day(made.before), index=_tenths(change.index), low=_tenths(change.low),
               high=_tenths(change.high), told=say(f"structure.told.{'beyond' if change.beyond else 'chance'}", lang))


def _new(made: Structure) -> pd.Series | None:
    rows = made.portfolio[(made.portfolio["group"] == "new") & (made.portfolio["chain"] == "")]
    return None if rows.empty or rows[["share_today", "share_coming"]].isna().any(axis=None) else rows.iloc[0]


def _coming(made: Structure, lang: str) -> list[str]:
    row = _new(made)
    if row is None:
        return []
    told = {name: percent(row[column]) for name, column in (("today", "share_today"), ("coming", "share_coming"), ("low", "low"),
                                                            ("high", "high"))}
    return [say("structure.answer.coming", lang, **told)]


def _cards(made: Structure, city: pd.Series, steel: float, lang: str) -> list[Headline]:
    note = say("structure.card.hhi_note", lang, effective=number(city["effective"], tenths=True))
    cards = [Headline("industry_hhi", say("structure.card.hhi", lang), round(float(city["hhi"]) * _POINTS), note=note,
                      order=BESIDE_THE_INDEX),
             Headline("steel_and_mining", say("structure.card.steel", lang), percent(steel), order=BESIDE_THE_INDEX + 1,
                      note=say("structure.card.steel_note", lang, known=percent(city["known"])))]
    row = _new(made)
    if row is not None:
        note = say("structure.card.new_note", lang, today=percent(row["share_today"]), low=percent(row["low"]), high=percent(row["high"]))
        cards.append(Headline("new_in_planned_money", say("structure.card.new", lang), percent(row["share_coming"]), note=note,
                              order=BESIDE_THE_INDEX + 2))
    return cards


def concentration(report: Report) -> list[Picture | PageTable]:
    """How concentrated output is in the city and each county, and the shares of steel, mining, heavy and light industry."""
    made, rules, lang = structure_of(report), structure_of(report).rules, report.lang
    table = made.spread
    if len(table):
        table = table[(table["by"] == _BY) & (table["measure"] == _MEASURE)]
    rulers = [(ruler.at, ruler.name(lang)) for ruler in rules.rulers]
    chart = concentration_chart(table, **report.whole_city.stamp, counties=_counties(report), names=rules.names(lang), rulers=rulers)
    return [chart, *_families(report, made)]


def _families(report: Report, made: Structure) -> list[PageTable]:
    city, lang = made.spread_of("", _BY, _MEASURE), report.lang
    if city is None:
        return []
    counties, chains = _counties(report), chain_names(report)
    rows = []
    for code in dict.fromkeys(made.families["county"]):
        chain = made.spread_of(code, "chain", _MEASURE)
        rows.append({"place": counties.get(code, code) if code else say("structure.city", lang),
                     "output": percent(made.family(code, "steel_and_mining", _MEASURE)),
                     **{name: percent(made.family(code, name, _MEASURE)) for name in ("mining", "ferrous", "nonferrous", "heavy", "light")},
                     "tax": percent(made.family(code, "steel_and_mining", "tax_wan")),
                     "jobs": percent(made.family(code, "steel_and_mining", "jobs")),
                     "chain_hhi": number(None if chain is None else round(chain["hhi"] * _POINTS)),
                     "chain_top": "–" if chain is None else chains.get(chain["top"], chain["top"]),
                     "chain_share": percent(None if chain is None else chain["top_share"])})
    table = pd.DataFrame(rows)
    caption = say("structure.families.caption", lang, known=percent(city["known"]), chains=number(len(made.groups)))
    return [PageTable("steel_and_mining", say("structure.families.title", lang), table, labels(table, "structure.families", lang), caption,
                      dict.fromkeys(table.columns.drop(["place", "chain_top"]), "right"))]


def change(report: Report) -> Picture:
    """Which industries' shares of output moved since the last register of a whole year, and whether that is more than chance."""
    made = structure_of(report)
    days = tuple("–" if date is None else day(date) for date in (made.before, made.day))
    return change_chart(made.change, **report.whole_city.stamp, names=made.rules.names(report.lang), days=days)


def portfolio(report: Report) -> Picture:
    """Where the planned money of projects goes against where output stands today."""
    made = structure_of(report)
    facts = {"coming": number(made.coming), "off": number(made.off_chain), "doubtful": number(made.doubtful),
             "limit": number(made.rules.largest_plausible_wan / WAN_IN_YI)}
    return portfolio_chart(made.portfolio, **report.whole_city.stamp, groups=_groups(report), chains=chain_names(report), facts=facts)


def sectors(report: Report) -> list[Picture | PageTable]:
    """The published split in three sectors, and published incomes: the public record, never mixed with the ledgers."""
    rules, lang = structure_of(report).rules, report.lang
    entries = rules.sectors
    rows = [{"place": entry.name(lang), "period": entry.period, "primary": entry.primary, "secondary": entry.secondary,
             "tertiary": entry.tertiary, "source": hosts(entry.source),
             "name": say("structure.sectors.row_later" if entry.until > report.as_of else "structure.sectors.row", lang,
                         place=entry.name(lang), period=entry.period, grade=entry.grade)} for entry in entries]
    table = pd.DataFrame(rows, columns=["place", "period", "primary", "secondary", "tertiary", "source", "name"])
    one = rules.city_tertiary
    caption = say("structure.sectors.caption", lang, period=one.period, share=_tenths(one.share), grade=one.grade)
    last = max((entry.until for entry in entries), default=report.as_of)
    note = say("structure.sectors.note", lang)
    return [sectors_chart(table, lang, last, caption, note), _incomes(report)]


def _incomes(report: Report) -> PageTable:
    rules, lang = structure_of(report).rules, report.lang
    table = pd.DataFrame([{
        "place": entry.name(lang), "period": entry.period, "who": say(f"structure.incomes.{entry.who}", lang), "yuan": entry.yuan,
        "growth": _tenths(entry.growth), "kind": say(f"structure.incomes.{'expected' if entry.expected else 'counted'}", lang),
        "grade": entry.grade, "source": hosts(entry.source)} for entry in rules.incomes])
    return PageTable("published_incomes", say("structure.incomes.title", lang), table, labels(table, "structure.incomes", lang),
                     say("structure.incomes.caption", lang), {"growth": "right", "grade": "center"})


def jobs(report: Report) -> list[PageTable]:
    """Jobs that projects promise by where they stand, and tax and output a job by group of chains."""
    made, lang = structure_of(report), report.lang
    rows = made.jobs
    table = rows.assign(share=[percent(stated / n if n else None) for stated, n in zip(rows["stated"], rows["projects"], strict=True)])
    table = table.assign(**{"class": [say(f"structure.class.{name}", lang) for name in rows["class"]],
                            "jobs": [number(value) if stated else "–" for value, stated in zip(rows["jobs"], rows["stated"], strict=True)]})
    table = table[["class", "projects", "stated", "share", "jobs"]]
    told = {"producing": rows["class"] == "producing", "coming": rows["class"] != "producing"}
    sums = {name: number(rows.loc[which, "jobs"].sum() if rows.loc[which, "stated"].sum() else None) for name, which in told.items()}
    caption = say("structure.jobs.caption", lang, **_register_jobs(made, lang))
    promised = PageTable("promised_jobs", say("structure.jobs.title", lang, **sums), table, labels(table, "structure.jobs", lang), caption,
                         {"share": "right", "jobs": "right"})
    return [promised, *_per_job(report, made)]


def _register_jobs(made: Structure, lang: str) -> dict[str, str]:
    if made.firms.empty:
        return {"jobs": number(None), "change": say("structure.jobs.none", lang)}
    total = {"jobs": number(made.firms["jobs"].sum())}
    now, then = (rows.dropna(subset=["jobs"]).drop_duplicates("enterprise_id").set_index("enterprise_id")["jobs"]
                 for rows in (made.firms, made.earlier))
    both = now.index.intersection(then.index)
    if made.before is None or not len(both) or not then[both].sum() > 0:
        return total | {"change": say("structure.jobs.no_change", lang)}
    moved = 100 * (float(now[both].sum()) / float(then[both].sum()) - 1)
    text = f"{moved:+.1f}%".replace("-", "−")
    return total | {"change": say("structure.jobs.change", lang, day=day(made.before), points=text, n=number(len(both)))}


def _per_job(report: Report, made: Structure) -> list[PageTable]:
    if made.day is None:
        return []
    lang, groups = report.lang, _groups(report)
    rows = made.per_job
    table = rows.assign(group=[groups.get(group, group) if group else say("structure.city", lang) for group in rows["group"]],
                        tax_share=[_tenths(value) for value in rows["tax_share"]]).round({"tax_per_job": 2, "output_per_job": 1})
    return [PageTable("per_job", say("structure.per_job.title", lang), table, labels(table, "structure.per_job", lang),
                      say("structure.per_job.caption", lang, months=number(made.day.month)), {"tax_share": "right"})]

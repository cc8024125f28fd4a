"""What a notebook shows of development zones: one call for each part of the page."""

from __future__ import annotations

import pandas as pd

from liantu.assess.zones.enclaves import EnclaveAccounts, accounts_of, enclaves_of
from liantu.assess.zones.factories import factory_candidates
from liantu.assess.zones.grades import GRADES, firm_grades, zone_grades
from liantu.assess.zones.land import city_sums, digital_pace, land_use
from liantu.assess.zones.zone_rules import zone_rules
from liantu.assess.zones.zone_table import zone_history, zone_measures
from liantu.figures import behind
from liantu.figures.display import BESIDE_THE_INDEX, Answer, Headline, PageTable, Picture, WatchItem, WatchList
from liantu.figures.gap_words import chain_names, in_yi, labels
from liantu.figures.wording import day, number, percent, say
from liantu.figures.zone_charts import digital_chart, enclave_chart, land_chart, per_mu_chart
from liantu.report import Report

WATCHED = 6
_BEST = 15  # firms graded A that are listed


def zone_names(report: Report) -> dict[str, str]:
    """The zones as readers call them: their own names in Chinese; in English those of zones.yml, else the county's with a number."""
    rows = zone_measures(report.whole_city)
    if report.lang == "zh":
        return {zone: zone for zone in rows["zone"]}
    known, made, seen = zone_rules(report.city).names.en, {}, {}
    for zone, county in zip(rows["zone"], rows["county"], strict=True):
        seen[county] = seen.get(county, 0) + 1
        made[zone] = known.get(zone) or say("zone.name", "en", county=behind.county_name(report, county), k=seen[county])
    return made


def _labelled(report: Report, rows: pd.DataFrame) -> pd.DataFrame:
    names = zone_names(report)
    return rows.assign(label=[names.get(zone, zone) for zone in rows["zone"]], county_name=behind.county_names(report, rows["county"]))


def _told(report: Report, codes: object) -> str:
    """Note codes, joined by commas in the data, in words."""
    parts = [code for code in str(codes).split(", ") if code]
    return say("semicolon", report.lang).join(say(f"zone.note.{code}", report.lang) for code in parts)


def answer(report: Report) -> list[Answer | Headline]:
    """What the land brings, how much factory space stands idle and what would fit, where enclave tax goes, and the digital upgrade."""
    lang, question = report.lang, say("zone.question", report.lang)
    rows = zone_measures(report)
    if rows["output_wan"].isna().all():
        key = "zone.answer.none" if rows["note"].str.contains("not_reported").all() else "zone.answer.no_output"
        return [Answer(question, say(key, lang, place=report.place))]
    city = city_sums(rows)
    lines = [_land_line(report, rows, city), _factory_line(report, rows, city), _tax_line(report)]
    return [Answer(question, "\n".join(line for line in lines if line)), *_cards(report, rows, city)]


def _land_line(report: Report, rows: pd.DataFrame, city: pd.Series) -> str:
    low = land_use(report)["low"].isin(["output", "both"]).sum()
    absent = int(rows["output_wan"].isna().sum())
    told = {"n": int(city["zones"]), "output": number(round(city["output_per_mu"], 1)), "tax": _two(city["tax_per_mu"]), "k": int(low),
            "low": percent(zone_rules(report.city).land.low_ratio), "firms": number(rows["firms"].sum()), "d": number(rows["n_D"].sum()),
            "absent": absent}
    return say("zone.answer.land_absent" if absent else "zone.answer.land", report.lang, **told)


def _two(value: float) -> str:
    return number(None) if pd.isna(value) else f"{value:.2f}"


def _factory_line(report: Report, rows: pd.DataFrame, city: pd.Series) -> str:
    found = factory_candidates(report)
    fits = found[found["kind"] == "project"]["project_id"].nunique()
    if pd.isna(city["idle_m2"]):
        return ""
    return say("zone.answer.factories", report.lang, m2=number(city["idle_m2"]), share=percent(city["idle_share"]),
               fits=number(fits))


def _tax_line(report: Report) -> str:
    totals, pace = _accounts(report).totals.iloc[0], digital_pace(report)
    known = pace[pace["digital_share"].notna()]
    state = known["state"].value_counts()
    digital = "no_goal" if known["goal"].isna().all() else "due" if state.get("missed", 0) else "ahead"
    more = say(f"zone.answer.digital.{digital}", report.lang, low=percent(known["digital_share"].min()),
               high=percent(known["digital_share"].max()), met=int(state.get("met", 0)), short=int(state.get("short", 0)), n=len(known))
    return say("zone.answer.tax", report.lang, enclave=number(totals["enclave_wan"]), leaves=number(totals["leaves_wan"]), digital=more)


def _cards(report: Report, rows: pd.DataFrame, city: pd.Series) -> list[Headline]:
    lang = report.lang
    unit = say("zone.card.output.unit", lang)
    first, least = number(round(rows["output_per_mu"].max())), number(round(rows["output_per_mu"].min()))
    idle = [] if pd.isna(city["idle_m2"]) else [
        Headline("zone_idle", say("zone.card.idle", lang), round(float(city["idle_m2"])), say("zone.card.idle.unit", lang),
                 note=say("zone.card.idle.note", lang, share=percent(city["idle_share"])), order=BESIDE_THE_INDEX + 1)]
    return [
        Headline("zone_output_per_mu", say("zone.card.output", lang), round(float(city["output_per_mu"]), 1), unit,
                 note=say("zone.card.output.note", lang, top=first, least=least), order=BESIDE_THE_INDEX),
        *idle,
        Headline("zone_firms_d", say("zone.card.d", lang), int(rows["n_D"].sum()), say("zone.card.d.unit", lang),
                 note=say("zone.card.d.note", lang, n=number(rows["firms"].sum())), order=BESIDE_THE_INDEX + 2)]


def per_mu(report: Report) -> list[Picture | PageTable]:
    """Output, tax and jobs per mu of each zone with the grades of its firms, and the register of firms held against the zone ledger."""
    rows = _labelled(report, zone_measures(report))
    rules = zone_rules(report.city).land
    rows = rows.assign(note=[_told(report, note) for note in rows["note"]])
    chart = per_mu_chart(rows, city_sums(zone_measures(report.whole_city)), **report.stamp, low_ratio=rules.low_ratio, few=rules.few_firms,
                         alike=rules.alike)
    return [chart, *_grade_table(report), *_register_table(report, rows)]


def _grade_table(report: Report) -> list[PageTable]:
    """Firms and land by grade in each zone, and how sure the share of A and B is."""
    rows, lang, rules = _labelled(report, zone_grades(report)), report.lang, zone_rules(report.city)
    if rows.empty:
        return []
    table = rows[["label", "firms", *(f"n_{grade}" for grade in GRADES)]].assign(
        good=[percent(value) for value in rows["good"]],
        interval=[f"{percent(low)}–{percent(high)}" for low, high in zip(rows["low"], rows["high"], strict=True)],
        land_A=[percent(value) for value in rows["land_A"]], land_D=[percent(value) for value in rows["land_D"]])
    whole = (rows["n_A"] + rows["n_B"]).sum() / rows["firms"].sum()
    title = say("zone.grades.title", lang, good=percent(whole), least=percent(rows["good"].min()), most=percent(rows["good"].max()))
    caption = say("zone.grades.caption", lang, level=percent(rules.grades.level), few=number(rules.land.few_firms))
    align = dict.fromkeys(("good", "interval", "land_A", "land_D"), "right")
    return [PageTable("zone_grades", title, table, labels(table, "zone", lang), caption, align)]


def _register_table(report: Report, rows: pd.DataFrame) -> list[PageTable]:
    """What the firms of the register add up to beside what the zone ledger says."""
    both = rows[rows["firms_output_wan"].notna() & rows["output_wan"].notna()]
    if both.empty:
        return []
    table = pd.DataFrame({
        "label": both["label"], "firms": both["firms"], "output_yi": in_yi(both["output_wan"]),
        "firms_output_yi": in_yi(both["firms_output_wan"]),
        "output_ratio": (both["firms_output_wan"] / both["output_wan"]).round(2), "used_mu": both["used_mu"],
        "firms_area_mu": both["firms_area_mu"].round(), "note": both["note"]})
    lang = report.lang
    tolerance = percent(zone_rules(report.city).land.register_tolerance)
    off = int(both["note"].str.contains(say("zone.note.register_differs", lang), regex=False).sum())
    return [PageTable("zone_register", say("zone.register.title", lang, k=off, n=len(both), tolerance=tolerance), table,
                      labels(table, "zone", lang), say("zone.register.caption", lang, tolerance=tolerance))]


def land_and_factories(report: Report) -> Picture:
    """The share of land in use and the idle share of standard factories of each zone, with earlier ledgers."""
    rows = _labelled(report, land_use(report))
    rows = rows.assign(low_name=[say(f"zone.low.{low}", report.lang) if low else "" for low in rows["low"]],
                       note=[_told(report, note) for note in rows["note"]])
    return land_chart(rows, _earlier(report), city_sums(zone_measures(report.whole_city)), **report.stamp)


def _earlier(report: Report) -> pd.DataFrame:
    history = zone_history(report)
    return _labelled(report, history[history["snapshot"] < history["snapshot"].max()])


def candidates(report: Report) -> list[PageTable]:
    """What fits the idle factories of each zone: projects not yet started, gaps of chains at home there, land of firms graded D."""
    found, lang = factory_candidates(report), report.lang
    if found.empty:
        return []
    rows, rules = _labelled(report, found), zone_rules(report.city).factories
    table = pd.DataFrame({
        "label": rows["label"], "idle_m2": rows["idle_m2"], "kind": [say(f"zone.kind.{kind}", lang) for kind in rows["kind"]],
        "candidate": _candidate_names(report, rows), "chain": rows["chain"].map(chain_names(report)).fillna("–"),
        "needs_m2": rows["needs_m2"].round(), "invest_yi": in_yi(rows["invest_wan"]), "unlock_yi": in_yi(rows["unlock_wan"]),
        "reason": _reasons(report, rows)})
    projects = found[found["kind"] == "project"]
    title = say("zone.candidates.title", lang, p=number(projects["project_id"].nunique()), z=number(projects["zone"].nunique()),
                n=number(found["zone"].nunique()))
    caption = say("zone.candidates.caption", lang, ratio=number(rules.plot_ratio), projects=number(rules.projects), gaps=number(rules.gaps))
    return [PageTable("zone_candidates", title, table, labels(table, "zone", lang), caption)]


def _candidate_names(report: Report, rows: pd.DataFrame) -> list[str]:
    links = {(chain.zh, link.id): link.name(report.lang) for chain in report.chains.chains for link in chain.links}
    made = []
    for row in rows.itertuples():
        if row.kind == "gap":
            made.append(links.get((row.chain, row.link), row.candidate))
        elif row.kind == "freed":
            made.append(say("zone.candidate.freed", report.lang, n=row.candidate))
        else:
            made.append(row.candidate or "–")
    return made


def _reasons(report: Report, rows: pd.DataFrame) -> list[str]:
    lang = report.lang
    stages = {stage: term.name(lang) for stage, term in report.city.vocabulary.terms("stages").items()}
    made = []
    for row in rows.itertuples():
        if row.kind == "none":
            made.append(say("zone.reason.none", lang))
            continue
        state = stages.get(row.state, "") if row.kind == "project" else say(f"gap.{row.state}", lang) if row.kind == "gap" else ""
        firms = number(row.firms_on_chain)
        made.append(say(f"zone.reason.{row.reason}", lang, state=state, firms=firms, share=percent(row.share_of_idle)))
    return made


def _accounts(report: Report) -> EnclaveAccounts:
    return accounts_of(enclaves_of(zone_measures(report), report.city, zone_rules(report.city)))


def enclaves(report: Report) -> list[Picture | PageTable]:
    """Who hosts and who built, what each keeps, and the city's tax counted once by two ways."""
    made = _accounts(report)
    rows = _labelled(report, made.zones)
    rows = rows.assign(place_name=[_place(report, row) for row in rows.itertuples()], note=[_told(report, note) for note in rows["note"]])
    chart = enclave_chart(rows, made.totals.iloc[0], **report.stamp)
    return [chart, *_reconciliation(report, rows, made), *_by_county(report, made)] if rows["tax_wan"].notna().any() else [chart]


def _place(report: Report, row: object) -> str:
    if not row.place:
        return "–"
    name = behind.county_name(report, row.partner_county) if row.partner_county else ""
    return say(f"zone.place.{row.place}", report.lang, county=name)


def _reconciliation(report: Report, rows: pd.DataFrame, made: EnclaveAccounts) -> list[PageTable]:
    """The tax of each zone as reported, of it the enclave's, the partner's share by where it goes, and what the host keeps."""
    lang = report.lang
    columns = ["label", "tax_wan", "enclave_wan", "enclave_partner", "place_name", "share_used", "moved_wan", "leaves_wan",
               "unresolved_wan", "host_tax_wan", "note"]
    table = rows[columns]
    sums = table[["tax_wan", "enclave_wan", "moved_wan", "leaves_wan", "unresolved_wan", "host_tax_wan"]].sum()
    total = pd.DataFrame([sums.to_dict() | {"label": say("zone.total", lang), "enclave_partner": "", "place_name": "", "note": ""}])
    table = pd.concat([table, total], ignore_index=True)[columns]
    totals = made.totals.iloc[0]
    title = say("zone.reconciliation.title", lang, arises=number(totals["arises_wan"]), leaves=number(totals["leaves_wan"]),
                stays=number(totals["by_zone_wan"]))
    rule = zone_rules(report.city).enclaves
    caption = say("zone.reconciliation.caption", lang, base=percent(rule.base_share), years=number(rule.years),
                  projects=_enclave_projects(report))
    table = table.assign(share_used=[percent(share) for share in table["share_used"]])
    return [PageTable("zone_tax", title, table, labels(table, "zone", lang), caption, {"share_used": "right"})]


def _enclave_projects(report: Report) -> str:
    """How many projects are said, in their name or in a note of a ledger, to be of an enclave."""
    words = "|".join(zone_rules(report.city).enclaves.project_words)
    told = report.table("observations")[["project_id", "name", "note"]]
    says = (told["name"].fillna("") + told["note"].fillna("")).str.contains(words, regex=True).astype(bool)
    found = told.loc[says, "project_id"].nunique() if words else 0
    return say("zone.enclave_projects" if found else "zone.enclave_projects.none", report.lang, n=number(found))


def _by_county(report: Report, made: EnclaveAccounts) -> list[PageTable]:
    lang, rows = report.lang, made.counties
    columns = ["arises_wan", "gives_wan", "leaves_wan", "unresolved_wan", "receives_wan", "after_wan"]
    names = [behind.county_name(report, code) if code else say("zone.several", lang) for code in rows["county"]]
    table = rows.assign(county_name=names)[["county_name", *columns]]
    total = pd.DataFrame([rows[columns].sum().to_dict() | {"county_name": say("zone.total", lang)}])
    table = pd.concat([table, total], ignore_index=True)[["county_name", *columns]]
    totals = made.totals.iloc[0]
    title = say("zone.counties.title", lang, zones=number(totals["by_zone_wan"]), counties=number(totals["by_county_wan"]))
    return [PageTable("zone_tax_by_county", title, table, labels(table, "zone", lang), say("zone.counties.caption", lang))]


def digital(report: Report) -> Picture:
    """The digital upgrade of each zone against the goal of the year, and the pace it takes."""
    rows = _labelled(report, digital_pace(report))
    rows = rows.assign(state_name=[say(f"zone.digital.state.{state}", report.lang) for state in rows["state"]])
    return digital_chart(rows, _earlier(report), **report.stamp)


def graded_firms(report: Report) -> list[PageTable]:
    """The firms graded D, all of them, and the best of those graded A."""
    firms, lang = firm_grades(report), report.lang
    graded = firms[firms["grade"].isin(["A", "D"])]
    if graded.empty:
        return []
    last = graded[graded["grade"] == "D"].sort_values(["score", "enterprise_id"])
    best = graded[graded["grade"] == "A"].sort_values(["score", "enterprise_id"], ascending=[False, True])
    shown = _labelled(report, pd.concat([last, best.head(_BEST)], ignore_index=True))
    table = pd.DataFrame({
        "grade": shown["grade"], "name": shown["name"], "label": shown["label"],
        "chain": shown["chain"].map(chain_names(report)).fillna("–"), "area_mu": shown["area_mu"], "score": shown["score"].round(1),
        "tax_per_mu": (shown["tax_wan"] / shown["area_mu"]).round(2),
        "near_cut": [say("zone.near", lang) if near else "" for near in shown["near_cut"]]})
    counts = firms["grade"].value_counts()
    told = {f"n_{grade}": number(counts.get(grade, 0)) for grade in GRADES}
    title = say("zone.firms.title", lang, d=number(len(last)), a=number(len(best)), shown=number(min(len(best), _BEST)))
    caption = say("zone.firms.caption", lang, n=number((firms["grade"] != "").sum()), bare=number((firms["grade"] == "").sum()),
                  near=number(firms["near_cut"].sum()), **told)
    return [PageTable("zone_firms", title, table, labels(table, "zone", lang), caption, {"grade": "center"})]


def watch(report: Report) -> list[WatchList]:
    """The zones to look at: not reported, more land used than planned, little brought by the land, behind in the digital upgrade."""
    rows, lang = _labelled(report, land_use(report)), report.lang
    rows = rows.merge(digital_pace(report)[["zone", "state", "digital_share"]], on="zone")
    reasons = [_why(report, row) for row in rows.itertuples()]
    rows = rows.assign(why=[say("semicolon", lang).join(reason) for reason in reasons], weight=[len(reason) for reason in reasons])
    rows = rows[rows["weight"] > 0].sort_values(["weight", "output_per_mu", "zone"], ascending=[False, True, True], kind="stable")
    if rows.empty:
        return []
    items = tuple(WatchItem(row.label, row.why, row.county_name, row.snapshot) for row in rows.head(WATCHED).itertuples())
    note = say("zone.watch.note", lang, n=number(len(rows)), shown=number(len(items)))
    return [WatchList("zones", say("zone.watch.title", lang), items, note, 13)]


def _why(report: Report, row: object) -> list[str]:
    lang, told = report.lang, []
    if "not_reported" in row.note:
        return [say("zone.watch.not_reported", lang, day=day(row.snapshot) if pd.notna(row.snapshot) else "–")]
    if "over_plan" in row.note:
        told.append(say("zone.watch.over_plan", lang, used=percent(row.used_share)))
    if "land_over" in row.note:
        told.append(say("zone.watch.land_over", lang))
    if row.low in ("output", "both"):
        told.append(say("zone.watch.output", lang, share=percent(row.against_city)))
    if row.low in ("land", "both"):
        told.append(say("zone.watch.land", lang, used=percent(row.used_share)))
    if row.state in ("short", "missed"):
        told.append(say(f"zone.watch.{row.state}", lang, now=percent(row.digital_share)))
    if row.idle_share >= zone_rules(report.city).factories.high_idle:
        told.append(say("zone.watch.idle", lang, idle=percent(row.idle_share)))
    return told

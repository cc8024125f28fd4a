"""What a notebook shows of the quality of the ledgers: one call for each part of the page.

On the page of the city rows and columns are counties, on a county's page its own ledgers over time.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from liantu.assess import LedgerQuality, lateness, places, quality_of, scores
from liantu.assess.data_quality import ROW, cells_by_rule
from liantu.assess.to_correct import fix_in_words
from liantu.figures import behind
from liantu.figures.display import BESIDE_THE_INDEX, Answer, Behind, Headline, PageTable, Picture, WatchItem, WatchList, Workbook
from liantu.figures.quality_book import correction_book, field_name
from liantu.figures.quality_charts import filled_chart, late_chart, rules_chart, score_chart
from liantu.figures.wording import day, number, percent, say
from liantu.report import Report

CELLS_SHOWN = 30
FILES_WATCHED = 3
CHANGES_SHOWN = 10  # of sums, and as many of dates
_NAMED = 3


def answer(report: Report) -> list[Answer | Headline]:
    """How many cells to mend of how many read, which rules cause most, and the key numbers."""
    now = _own(report).now
    return [Answer(say("quality.question", report.lang), _answer(report, now)), *_cards(report, now)]


def score(report: Report) -> list[Picture | PageTable]:
    """The scores with their intervals, and the shares of which they are made."""
    lang, own = report.lang, _own(report)
    if report.parameters.county:
        labels = pd.Series([day(date) for date in own.files["snapshot"]], index=own.files["source_file"], dtype="str")
        table = scores(own.parts, labels, own.rules.weights).sort_values("key").rename(columns={"key": "label"})
        table = table.assign(comparable=table["judged"] == table["judged"].iloc[-1] if len(table) else [])
        return [score_chart(table, **report.stamp, over_time=True), _parts(table.assign(snapshot=table["label"]), "snapshot", report)]
    now = own.now
    table = _ranked(scores(now.parts[now.parts["source_file"].isin(_counties(now, report))], _reporter(now), now.rules.weights), report)
    others = scores(now.parts[~now.parts["source_file"].isin(_counties(now, report))], _reporter(now), now.rules.weights)
    others = others.assign(label=say("quality.departments", lang))
    return [score_chart(table, **report.stamp), _parts(pd.concat([table, others]), "label", report)]


def broken_rules(report: Report) -> list[Picture | PageTable]:
    """Cells in question by rule, under what the reporter has to do, with an example and what to send."""
    lang, now = report.lang, _own(report).now
    rules, known = now.rules, {rule.id: rule for rule in report.city.rules.rules}
    counted = cells_by_rule(now.found, rules)
    actions = {action.id: action.name(lang) for action in rules.actions}
    table = counted.assign(action=counted["action"].map(actions).astype("str"),
                           fix=[_template(known[rule].fix_zh if lang == "zh" else known[rule].fix_en) for rule in counted["rule"]],
                           rule=[rules.rule_name(rule, lang) for rule in counted["rule"]])
    chart = rules_chart(table[["action", "rule", "severity", "cells"]], **report.stamp, read=int(now.files["cells"].sum()))
    chart = chart.backed_by(_behind_rules(report, now))
    table = table.assign(severity=[say(f"severity.{kind}", lang) for kind in table["severity"]])
    shown = table[["action", "rule", "severity", "cells", "files", "example", "fix"]]
    title = say("quality.rules.title", lang, n=len(shown))
    return [chart, PageTable("rules", title, shown, _labels(shown, "quality.rules", lang), say("quality.rules.caption", lang))]


def completeness(report: Report) -> Picture:
    """What is filled of what a county's project ledger should give: fields by counties, or by the snapshots of one."""
    lang, own, county = report.lang, _own(report), report.parameters.county
    names = {"name": say("filled.name", lang), "county": say("filled.county", lang)} | {
        entry.id: entry.name(lang) for entry in own.rules.fields}
    files = own.files if county else own.now.files
    files = files[files["source_file"].isin(_counties(own, report))]
    columns = {code: report.county_name(code) for code in report.city.divisions.codes}
    key = files["snapshot"].map(day) if county else files["county"].map(columns)
    rows = own.filled.assign(column=own.filled["source_file"].map(dict(zip(files["source_file"], key, strict=True))))
    rows = rows.dropna(subset=["column"]).assign(field=rows["field"].map(names))
    order = sorted(set(key)) if county else [name for name in columns.values() if name in set(key)]
    place, turn = ({name: number for number, name in enumerate(known)} for known in (names.values(), order))
    table = rows.assign(_field=rows["field"].map(place), _column=rows["column"].map(turn))
    table = table.sort_values(["_field", "_column"])[["field", "column", "filled", "asked"]]
    return filled_chart(table, **report.stamp, over_time=bool(county))


def late(report: Report) -> Picture:
    """Events reported after their quarter: by county in the newest ledgers, or by snapshot for one county."""
    own, county = _own(report), report.parameters.county
    rows = own if county else own.now
    events = rows.events[rows.events["source_file"].isin(_counties(rows, report))]
    key = events["first_reported"].map(day) if county else events["source_file"].map(_reporter(rows))
    table = lateness(events, key)
    names = {code: report.county_name(code) for code in report.city.divisions.codes}
    table = table.assign(label=table["key"] if county else table["key"].map(names))
    return late_chart(table, **report.stamp, over_time=bool(county))


def files(report: Report) -> PageTable:
    """Every file with its score: the newest of all reporters, or all of one county."""
    lang, own = report.lang, _own(report)
    rows = own.files if report.parameters.county else own.now.files
    each = pd.Series(rows["source_file"].to_list(), index=rows["source_file"])
    scored = scores(own.parts, each, own.rules.weights).set_index("key")
    about = own.found[own.found["about"].notna()].groupby(["source_file", "severity"]).size().unstack(fill_value=0)
    about = about.reindex(columns=["error", "warning"], fill_value=0).reindex(rows["source_file"], fill_value=0)
    table = rows.assign(
        label=_names(rows["county"], report), rows=rows["rows_accepted"] + rows["rows_quarantined"], errors=about["error"].to_numpy(),
        warnings=about["warning"].to_numpy(), score=rows["source_file"].map(scored["score"]).round(1),
        interval=rows["source_file"].map(_interval(scored)), judged=rows["source_file"].map(scored["judged"]).astype("Int64"))
    table = table.sort_values(["snapshot", "county", "source_file"], ascending=[False, False, True])
    shown = table[["source_file", "label", "rows", "errors", "warnings", "score", "interval", "judged", "repeated", "proposed", "removed"]]
    shown = shown.drop(columns="label") if report.parameters.county else shown
    title = say("quality.files.title", lang, n=len(shown))
    return PageTable("files", title, shown, _labels(shown, "quality.files", lang), say("quality.files.caption", lang))


def drift(report: Report) -> PageTable:
    """Headers that changed, were not understood or are gone, of the newest ledgers."""
    lang, rows = report.lang, _own(report).now.drift
    table = pd.DataFrame({"source_file": rows["source_file"], "sheet": rows["sheet"], "message": rows[f"message_{lang}"]})
    title = say("quality.drift.title", lang, n=len(table))
    return PageTable("drift", title, table, _labels(table, "quality.drift", lang), say("quality.drift.caption", lang))


def changes(report: Report) -> PageTable:
    """The largest changes of sums and of dates for which no ledger gives a reason."""
    lang, rows = report.lang, _own(report).now.changes
    most = rows.groupby("kind", sort=False).head(CHANGES_SHOWN)
    told = {"sum": lambda size: say("quality.changes.wan", lang, n=_signed(size)),
            "date": lambda size: say("quality.changes.days", lang, n=_signed(size))}
    table = pd.DataFrame({
        "county_name": _names(most["county"], report), "name": most["name"],
        "field": [field_name(name, report, lang) for name in most["field"]],
        "original": most["original"], "previous": most["previous"], "latest": most["latest"],
        "size": [told[kind](size) for kind, size in zip(most["kind"], most["size"], strict=True)]})
    title = say("quality.changes.title", lang, n=len(rows), shown=len(table)) if len(rows) else say("quality.changes.title.none", lang)
    caption, align = say("quality.changes.caption", lang), dict.fromkeys(("original", "previous", "latest", "size"), "right")
    return PageTable("changes", title, table, _labels(table, "quality.changes", lang), caption, align)


def to_send_back(report: Report) -> list[PageTable | Workbook]:
    """The workbook that goes back to the county; for the city the counts of each reporter and the workbook of the departments."""
    book = correction_book(report, _of_page(report))
    return [book] if report.parameters.county else [_reporters(report), book]


def first_cells(report: Report) -> PageTable:
    """The first cells to correct in the newest ledgers of the county, on the city's page of the departments; errors first."""
    return _cells(report, _of_page(report))


def watch(report: Report) -> list[WatchList]:
    """The newest ledgers with most rows kept out by errors, and those that cannot be read."""
    lang, now, items = report.lang, _own(report).now, []
    for row in now.unreadable.itertuples():
        why = say("watch.files.unreadable", lang, reason=getattr(row, f"message_{lang}"))
        items.append(WatchItem(row.source_file, why, _names([row.county], report)[0], row.snapshot))
    errors = now.found[now.found["severity"] == "error"]
    since = now.files.set_index("source_file")
    kept_out = errors.drop_duplicates(ROW)["source_file"].value_counts(sort=False).sort_index().sort_values(ascending=False, kind="stable")
    for name, rows in kept_out.head(FILES_WATCHED).items():
        named = _named(errors[errors["source_file"] == name], now, lang)
        items.append(WatchItem(name, say("watch.files.why", lang, rows=number(rows), named=named),
                               _names([since.loc[name, "county"]], report)[0], since.loc[name, "snapshot"]))
    return [WatchList("files", say("watch.files.title", lang), tuple(items), say("watch.files.note", lang), 30)] if items else []


def _behind_rules(report: Report, now: LedgerQuality) -> Behind:
    """Each cell in question, by rule."""
    lang, found = report.lang, now.found
    made = pd.DataFrame({"bar": [now.rules.rule_name(rule, lang) for rule in found["rule"]], "county": _names(found["county"], report),
                         "column": found["column"].array, **{name: found[name].array for name in behind.WHERE}})
    labels = {name: say(f"behind.column.{name}", lang) for name in ("county", *behind.WHERE)}
    labels |= {"bar": say("broken_rules.column.rule", lang), "column": say("behind.cell.column", lang)}
    made = made.sort_values("bar", kind="stable", ignore_index=True)
    return Behind(say("behind.cells", lang, n=number(len(made))), made, labels)


def _own(report: Report) -> LedgerQuality:
    return quality_of(report).of(report.parameters.county or None)


def _of_page(report: Report) -> LedgerQuality:
    """What the page itself sends back: the county's ledgers, on the city's page those that no county sends."""
    return quality_of(report).of(report.parameters.county)


def _answer(report: Report, now: LedgerQuality) -> str:
    lang, found = report.lang, now.found
    if now.files.empty:
        return say("quality.answer.none", lang, place=report.place)
    read, cells = int(now.files["cells"].sum()), len(found.drop_duplicates([*ROW, "column"]))
    if not cells:
        return say("quality.answer.clean", lang, place=report.place, read=number(read))
    errors = found[found["severity"] == "error"]
    first = say("quality.answer", lang, place=report.place, read=number(read), cells=number(cells), share=_share(cells, read),
                errors=number(len(errors)), rows=number(len(errors.drop_duplicates(ROW))), warnings=number(len(found) - len(errors)))
    most = _named(found[found["severity"] == "warning"] if len(errors) else found, now, lang)
    second = "quality.answer.first" if len(errors) else "quality.answer.no_errors"
    return first + "\n" + say(second, lang, named=_named(errors, now, lang), most=most)


def _named(found: pd.DataFrame, now: LedgerQuality, lang: str) -> str:
    counts = found["rule"].value_counts().head(_NAMED)
    return say("separator", lang).join(say("broken_rules.one", lang, rule=now.rules.rule_name(rule, lang), n=number(n))
                                       for rule, n in counts.items()) or "–"


def _cards(report: Report, now: LedgerQuality) -> list[Headline]:
    lang, found = report.lang, now.found
    events = now.events[now.events["source_file"].isin(_counties(now, report))]
    read, cells = int(now.files["cells"].sum()), len(found.drop_duplicates([*ROW, "column"]))
    rows = int(now.files[["rows_accepted", "rows_quarantined"]].to_numpy().sum())
    late_note = say("quality.card.late.none", lang)
    if len(events):
        late_note = say("quality.card.late.note", lang, n=number(len(events)), days=number(round(events["days"].median())))
    files_note = say("quality.card.files.note", lang, unreadable=len(now.unreadable), skipped=len(now.skipped))
    readable = len(now.files)
    return [
        Headline("quality_cells", say("quality.card.cells", lang), cells, say("quality.card.cells.unit", lang), order=90,
                 note=say("quality.card.cells.note", lang, share=_share(cells, read), read=number(read))),
        Headline("quality_rows", say("quality.card.rows", lang), int(now.files["rows_quarantined"].sum()),
                 say("quality.card.rows.unit", lang), note=say("quality.card.rows.note", lang, read=number(rows)), order=BESIDE_THE_INDEX),
        Headline("quality_late", say("quality.card.late", lang), percent(events["late"].mean()) if len(events) else "–", note=late_note,
                 order=BESIDE_THE_INDEX + 1),
        Headline("quality_files", say("quality.card.files", lang), f"{readable} / {readable + len(now.unreadable)}", note=files_note,
                 order=BESIDE_THE_INDEX + 2)]


def _tenths(share: float) -> str:
    return "–" if pd.isna(share) else f"{share * 100:.1f}%"


def _share(part: int, whole: int) -> str:
    return f"{part / whole * 100:.1f}%" if whole else "–"


def _counties(own: LedgerQuality, report: Report) -> set[str]:
    """The files that counties sent (the departments' are of other kinds and not compared with them)."""
    return set(own.files.loc[own.files["county"].isin(report.city.divisions.codes), "source_file"])


def _reporter(own: LedgerQuality) -> pd.Series:
    return own.files.set_index("source_file")["county"]


def _names(codes: Iterable[str], report: Report) -> list[str]:
    known = {code: report.county_name(code) for code in report.city.divisions.codes}
    return [known.get(code, say("quality.departments", report.lang)) for code in codes]


def _ranked(table: pd.DataFrame, report: Report) -> pd.DataFrame:
    """Counties in the order of their codes, with the places that each may hold."""
    order = {code: place for place, code in enumerate(report.city.divisions.codes)}
    table = table.assign(_order=table["key"].map(order)).sort_values("_order").drop(columns="_order").reset_index(drop=True)
    first, last = zip(*places(table["low"], table["high"]), strict=True) if len(table) else ((), ())
    return table.assign(label=_names(table["key"], report), first=list(first), last=list(last))


def _parts(table: pd.DataFrame, key: str, report: Report) -> PageTable:
    lang, rules = report.lang, quality_of(report).rules
    shares = {entry.id: [_tenths(share) for share in table[entry.id]] for entry in rules.dimensions}
    shown = pd.DataFrame({key: table[key], "score": table["score"].round(1), "interval": _interval(table), **shares, "rows": table["rows"]})
    labels = {name: say(f"quality.parts.column.{name}", lang) for name in (key, "score", "interval", "rows")}
    labels |= {entry.id: entry.name(lang) for entry in rules.dimensions}
    meaning = say("semicolon", lang).join(_meaning(entry, lang) for entry in rules.dimensions)
    weights = [f"{entry.name(lang)} {entry.weight:g}" for entry in rules.dimensions]
    told = say("quality.parts.equal", lang) if len(set(rules.weights.values())) == 1 else say("separator", lang).join(weights)
    title = say("quality.parts.title", lang, n=len(rules.dimensions), weights=told)
    align = dict.fromkeys([entry.id for entry in rules.dimensions], "right")
    return PageTable("parts", title, shown, labels, say("quality.parts.caption", lang, counts=meaning), align)


def _meaning(entry: object, lang: str) -> str:
    if lang == "zh":
        return f"{entry.zh}{f'（{entry.iso}）' if entry.iso else ''}为{entry.counts_zh}"
    return f"{entry.en}{f' ({entry.gbt}, {entry.iso})' if entry.gbt else ''}: {entry.counts_en}"


def _interval(table: pd.DataFrame) -> pd.Series:
    texts = [f"{number(round(low, 1), tenths=True)}–{number(round(high, 1), tenths=True)}"
             for low, high in zip(table["low"], table["high"], strict=True)]
    return pd.Series(texts, index=table.index, dtype="str")


def _cells(report: Report, own: LedgerQuality) -> PageTable:
    lang, found = report.lang, own.now.found
    known = {rule.id: rule for rule in report.city.rules.rules}
    rows = found.head(CELLS_SHOWN)
    table = pd.DataFrame({
        "where": [say("quality.cells.where", lang, file=row.source_file.rsplit("/", 1)[-1], sheet=row.sheet, row=row.row)
                  for row in rows.itertuples()],
        "column": rows["column"], "value": rows["value"], "severity": [say(f"severity.{kind}", lang) for kind in rows["severity"]],
        "message": rows[f"message_{lang}"],
        "fix": [fix_in_words(fix, known.get(rule), lang) for fix, rule in zip(rows["fix"], rows["rule"], strict=True)]})
    place = report.place if report.parameters.county else say("quality.departments", lang)
    title = say("quality.cells.title", lang, place=place, shown=len(table), n=len(found))
    return PageTable("cells", title, table, _labels(table, "quality.cells", lang), say("quality.cells.caption", lang))


def _reporters(report: Report) -> PageTable:
    lang, whole = report.lang, quality_of(report)
    now, codes = whole.now, (*report.city.divisions.codes, "")
    sent = {"errors": now.found.loc[now.found["severity"] == "error", "county"],
            "warnings": now.found.loc[now.found["severity"] == "warning", "county"],
            "earlier": whole.found.loc[~whole.found["newest"], "county"], "pairs": whole.pairs["county"],
            "changes": now.changes["source_file"].map(_reporter(now)), "skipped": whole.skipped["county"]}
    counts = {name: counties.value_counts() for name, counties in sent.items()}
    numbers = {name: [int(found.get(code, 0)) for code in codes] for name, found in counts.items()}
    table = pd.DataFrame({"label": _names(codes, report), **numbers})
    title, caption = say("quality.back.title", lang), say("quality.back.caption", lang)
    return PageTable("reporters", title, table, _labels(table, "quality.back", lang), caption)


def _template(words: str) -> str:
    """What a rule asks for, where the words of one cell are not known."""
    for name in ("value", "column", "detail"):
        words = words.replace(f"{{{name}}}", "…")
    return words


def _signed(size: float) -> str:
    return ("+" if size > 0 else "") + number(size)


def _labels(table: pd.DataFrame, part: str, lang: str) -> dict[str, str]:
    return {column: say(f"{part}.column.{column}", lang) for column in table.columns}

"""The rows behind each bar: as many (or as much) as the bar shows, each with a ledger row that lineage knows, and nobody's phone number."""

import json
import re

import pandas as pd
import pytest

from liantu import Report, progress
from liantu.figures import Behind, Picture, chain_gaps, chains, milestones, quality, since
from liantu.figures.wording import quarter_name, say
from liantu.progress.targets import counted_targets

PERSONAL = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)|(?<![\dA-Za-z])\d{17}[\dXx](?![\dA-Za-z])")
WHERE = ["source_file", "sheet", "row"]


@pytest.fixture(scope="module")
def report(small_data):
    return Report(quarter="2022Q2")


@pytest.fixture(scope="module")
def shown(report):
    """Every picture that has rows behind its bars, by name."""
    return everything(report)


def everything(report):
    made = [milestones.against_targets(report), milestones.pace(report), milestones.counties(report), quality.broken_rules(report),
            chains.projects_by_county(report), chains.investment_by_county(report), chain_gaps.link_states(report), since.bridges(report),
            since.told_first(report), since.restated(report)]
    pictures = [thing for part in made for thing in (part if isinstance(part, list) else [part]) if isinstance(thing, Picture)]
    return {picture.name: picture for picture in pictures}


def bars(picture):
    return picture.behind.rows["bar"].value_counts().to_dict()


def test_target_charts(report, shown):
    times = {"in_time": say("target.in_time", "zh"), "late": say("target.late", "zh")}
    for target in counted_targets(report):
        picture, quarters = shown[f"target_{target.id}"], progress.by_quarter(report, target)
        wanted = {say("behind.bar.quarter", "zh", quarter=quarter_name(row["quarter"], "zh"), time=name): row[time]
                  for row in quarters.to_dict("records") for time, name in times.items() if row[time]}
        assert bars(picture) == wanted
        assert len(picture.behind.rows) == quarters["cumulative"].iloc[-1] and picture.behind.rows["date"].notna().all()


def test_pace(report, shown):
    assert bars(shown["pace"]) == {row.label: row.actual for row in progress.against_targets(report).itertuples() if row.actual}


def test_counties_on_the_citys_page_and_on_a_countys_own(report, shown):
    table = shown["counties"].data
    found = shown["counties"].behind.rows["bar"].str.rsplit(" · ", n=1, expand=True)
    for row in table.itertuples():
        own = found[found[0] == f"{row.label} · {row.county_name}"]
        assert (len(own), (own[1] == say("target.late", "zh")).sum()) == (row.actual, row.late)
    own = milestones.counties(report.known_in("211382"))
    wanted = table[table["county"] == "211382"]
    assert len(own.behind.rows) == wanted["actual"].sum() > 0
    assert own.data["actual"].tolist() == wanted["actual"].tolist()
    assert all(f"{row.label}{row.actual}" in own.title for row in wanted.itertuples()) and report.county_name("211382") in own.behind.title


def test_heat_maps(shown):
    for value in ("projects", "investment"):
        chart = shown[f"chain_county_{value}"]
        pairs = chart.data[chart.data[value] > 0]
        wanted = {f"{row.chain} · {row.county}": getattr(row, value) for row in pairs.itertuples()}
        rows = chart.behind.rows
        found = rows["bar"].value_counts() if value == "projects" else rows.groupby("bar")["amount"].sum()
        assert found[found > 0].to_dict() == pytest.approx(wanted, abs=1e-3)


def test_links_by_state(shown):
    picture = shown["chain_gaps"]
    states = [column for column in picture.data if column != "chain"]
    wanted = {say("behind.bar.link", "zh", chain=row["chain"], state=say(f"gap.{state}", "zh")): row[state]
              for row in picture.data.to_dict("records") for state in states if row[state]}
    assert bars(picture) == wanted
    rows = picture.behind.rows
    held = rows["bar"].str.endswith(tuple(say(f"gap.{state}", "zh") for state in ("held", "weak", "blocked")))
    assert rows.loc[held, [*WHERE, "holder"]].notna().all(axis=None) and held.any()
    assert rows.loc[rows["bar"].str.endswith(say("gap.broken_open", "zh")), "holder"].isna().all()


def test_rules(shown):
    picture = shown["findings_by_rule"]
    assert bars(picture) == picture.data.groupby("rule")["cells"].sum().to_dict()


def test_bridges(report, shown):
    said = {"last": quarter_name("2022Q1", "zh"), "quarter": quarter_name("2022Q2", "zh")}
    names = {part: say(f"bridge.part.{part}", "zh", **said) for part in ("kept", "late", "withdrawn", "postponed", "new")}
    drawn = 0
    for row in progress.bridges(progress.since_last_quarter(report)).to_dict("records"):
        picture = shown.get(f"bridge_{row['target']}_2022")
        if picture is None:
            continue
        of, drawn = {part: bars(picture).get(name, 0) for part, name in names.items()}, drawn + 1
        assert of["kept"] + of["withdrawn"] + of["postponed"] == row["published"]
        assert of["new"] + of["postponed"] == row["new"]
        assert all(of[part] == row[part] for part in ("late", "withdrawn", "postponed"))
        assert of["kept"] + of["late"] + of["new"] + of["postponed"] == row["now"]
    assert drawn > 1


def test_facts_and_restatements(shown):
    picture, names = shown["told_first"], {time: say(f"facts.bar.{time}", "zh") for time in ("in_quarter", "late", "undated")}
    wanted = {f"{row['label']} · {name}": row[time] for row in picture.data.to_dict("records") for time, name in names.items() if row[time]}
    assert bars(picture) == wanted
    other = shown["restated"]
    assert bars(other) == dict(zip(other.data["label"], other.data["number"], strict=True))


def test_every_row_stands_in_a_ledger_and_nothing_personal_in_any(report, shown):
    lineage = set(map(tuple, report.table("lineage")[WHERE].itertuples(index=False)))
    lineage |= set(map(tuple, report.table("quarantine")[WHERE].itertuples(index=False)))
    assert len(shown) >= 12
    for picture in shown.values():
        rows = picture.behind.rows
        told = rows.dropna(subset=["source_file"])
        assert set(map(tuple, told[WHERE].itertuples(index=False))) <= lineage, picture.name
        assert len(told) == len(rows) or picture.name == "chain_gaps"
        payload = json.loads(json.dumps(picture.payload, allow_nan=False, ensure_ascii=False))["behind"]
        assert payload["columns"][payload["group"]]["name"] == "bar" and len(payload["rows"]) == len(rows)
        assert {"county", *WHERE} <= {column["name"] for column in payload["columns"]}
        assert not PERSONAL.search(json.dumps(payload, ensure_ascii=False))


def test_a_countys_rows_in_english(report):
    page = Report(quarter="2022Q2", lang="en", county="211382")
    pictures = (*milestones.against_targets(page), milestones.counties(page), since.told_first(page))
    with_rows = [picture for picture in pictures if picture.behind]
    assert len(with_rows) >= 3
    for picture in with_rows:
        payload = picture.payload["behind"]
        assert not re.search("[一-鿿]", payload["title"] + "".join(column["label"] for column in payload["columns"]))
        assert set(picture.behind.rows["county"].dropna()) <= {"Lingyuan"}


def test_the_row_is_the_newest_that_dates_the_event(report, shown):
    observations = report.table("observations").set_index(WHERE)
    rows = shown["target_year_introduced"].behind.rows
    dates = [observations.loc[[tuple(row)], "signed_actual"].iloc[0] for row in rows[WHERE].itertuples(index=False)]
    assert dates == rows["date"].tolist()


def test_a_picture_without_rows_is_left_alone(shown):
    picture = shown["pace"]
    bare = Behind("t", pd.DataFrame({"bar": []}), {})
    assert picture.backed_by(None) is picture and picture.backed_by(bare) is picture
    with pytest.raises(ValueError, match="no column 'bar' tells"):
        Behind("t", pd.DataFrame({"other": [1]}), {})

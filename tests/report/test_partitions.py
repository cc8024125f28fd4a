"""The digest of a part of the tables changes when, and only when, its rows do; it is kept beside the tables, and the same everywhere."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from liantu.ledger import fresh_tables
from liantu.reference import city, opened
from liantu.report import Report
from liantu.report.partitions import KEPT, digests
from liantu.tables import CONTRACTS

EDITED = "211322"
LEDGER = "2022Q2/建平县项目库导出.csv"
ACCOUNT = {"kind": "account", "name": "accounting.json", "dataset": "simulated"}


def parts(day, **where):
    held = {"as_of": day, "county": "", "chain": "", **where}
    return [{"kind": "table", "name": name, "dataset": "simulated", **held} for name in CONTRACTS]


def of_county(code, day="2022-06-30"):
    """All that any page of a county could open at a date."""
    return [*parts(day, county=code), *parts(day, sent_by=code), {**ACCOUNT, "as_of": day, "county": code}]


@pytest.fixture(scope="module")
def edited(small_root, tmp_path_factory):
    """A copy of the small data set, its digests, and those after one amount in one county's ledger of 2022Q2 was changed."""
    root = tmp_path_factory.mktemp("edited")
    for snapshot in ("2022Q1", "2022Q2"):
        shutil.copytree(small_root / "data" / "raw" / "simulated" / snapshot, root / "data" / "raw" / "simulated" / snapshot)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIANTU_DATA", str(root / "data"))
        wanted = {code: of_county(code) for code in city().divisions.codes} | {
            "city": [*parts("2022-06-30"), {**ACCOUNT, "as_of": "2022-06-30", "county": ""}],
            "earlier": [*parts("2022-03-31"), *of_county(EDITED, "2022-03-31"), {**ACCOUNT, "as_of": "2022-03-31", "county": ""}]}
        before = told(fresh_tables("simulated"), wanted)
        edit(root / "data" / "raw" / "simulated" / LEDGER)
        yield root, before, told(fresh_tables("simulated"), wanted)


def told(folder, wanted):
    return {name: dict(zip((json.dumps(entry) for entry in entries), digests(folder, entries), strict=True))
            for name, entries in wanted.items()}


def edit(path):
    """Another total investment in the ledger's first row, without any other change."""
    lines = path.read_bytes().decode("gb18030").splitlines(keepends=True)
    header, place = lines[1].split(","), next(i for i, name in enumerate(lines[1].split(",")) if name.startswith("总投资"))
    row = lines[2].split(",")
    assert len(row) == len(header)
    row[place] = str(int(row[place]) + 300)
    lines[2] = ",".join(row)
    path.write_bytes("".join(lines).encode("gb18030"))


def changed(edited, name):
    _, before, after = edited
    return {(entry["name"], "sent" if "sent_by" in entry else "home") for key in before[name] if before[name][key] != after[name][key]
            for entry in (json.loads(key),)}


def test_one_countys_edit_changes_its_parts_and_the_citys_and_no_other(edited):
    assert {("projects", "home"), ("observations", "home"), ("observations", "sent")} <= changed(edited, EDITED)
    assert {("projects", "home"), ("observations", "home")} <= changed(edited, "city")
    for code in set(city().divisions.codes) - {EDITED}:
        assert changed(edited, code) == set(), code
    assert not {"milestones", "zones", "tasks", "enterprises"} & {name for name, _ in changed(edited, "city")}


def test_a_later_ledgers_edit_does_not_change_what_was_known_before(edited):
    assert changed(edited, "earlier") == set()


def test_digests_are_those_of_the_rows_that_a_page_gets(small_data):
    report, folder = Report(quarter="2022Q2", county=EDITED), fresh_tables("simulated")
    opened.forget()
    assert len(report.projects) and len(report.ledgers(EDITED).tables["quarantine"])
    whole = parts("2022-06-30")
    noted = [entry for entry in opened.opened() if entry["kind"] != "reference"]
    for_county, for_city = (digests(folder, entries) for entries in (noted, whole))
    assert len({*for_county, *for_city}) == len(for_county) + len(for_city), "parts differ from each other and from the whole"
    assert all(len(each) == 16 and int(each, 16) >= 0 for each in for_county)
    dates = [{**whole[0], "column": "snapshot", "name": "observations", "as_of": day} for day in ("2022-06-30", "2022-05-01", "2022-03-31")]
    found = digests(folder, dates)
    assert found[1] == found[2] != found[0]
    assert digests(folder, [{**whole[0], "name": "no_such_table"}]) == [""]


def test_a_data_sets_card_counts_by_what_it_says(edited, monkeypatch):
    root, entries = edited[0], [{"kind": "dataset", "name": "simulated"}]
    monkeypatch.setenv("LIANTU_DATA", str(root / "data"))
    folder, card = root / "data" / "processed" / "simulated", root / "data" / "raw" / "simulated" / "dataset.yml"
    told = []
    for text in ("{zh: 一, en: One, kind: simulated, caveat_zh: 假, caveat_en: Not real}",
                 "# a remark\n{zh: 一, en: One, kind: simulated, caveat_zh: 假, caveat_en: Not real}",
                 "{zh: 一, en: Two, kind: simulated, caveat_zh: 假, caveat_en: Not real}"):
        card.write_text(text, encoding="utf-8")
        told += digests(folder, entries)
    assert told[0] == told[1] != told[2]


def test_every_process_finds_the_same_and_opens_nothing_when_it_is_kept(small_data):
    folder, entries = fresh_tables("simulated"), of_county(EDITED)
    here = digests(folder, entries)
    code = ("import json, sys; from liantu.report.partitions import digests; from pathlib import Path;"
            "entries = json.loads(sys.argv[2]); found = digests(Path(sys.argv[1]), entries);"
            "print(json.dumps([found, 'pandas' in sys.modules]))")

    def elsewhere(seed):
        done = subprocess.run([sys.executable, "-c", code, str(folder), json.dumps(entries)], check=True, capture_output=True, text=True,
                              env={**os.environ, "PYTHONHASHSEED": seed})
        return json.loads(done.stdout)

    assert elsewhere("1") == [here, False]
    for seed in ("1", "2"):
        (folder / KEPT).unlink()
        assert elsewhere(seed) == [here, True]

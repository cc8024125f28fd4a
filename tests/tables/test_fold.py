"""The fold from observations to what was known at a date, and the files of the tables."""

import pandas as pd
import pyarrow.parquet as parquet
import pytest

from liantu.errors import LiantuError
from liantu.tables import CONTRACTS, open_tables, read_table, snapshot_of, write_tables
from liantu.tables.fold import fold
from liantu.tables.store import write_whole

Q1, Q2, Q3 = "2022-03-31", "2022-06-30", "2022-09-30"


def observed(*rows):
    base = {"project_id": "P1", "source": "county", "source_file": "a.xlsx", "sheet": "S", "name": "甲项目", "county": "211302"}
    return CONTRACTS["observations"].conform([base | {"row": place + 3} | row for place, row in enumerate(rows)])


def only(frame):
    assert len(frame) == 1
    return frame.iloc[0]


def test_the_newest_value_wins_and_silence_does_not_erase():
    rows = observed(
        {"snapshot": Q1, "company": "甲公司", "total_investment_wan": 100.0, "jobs": 5.0},
        {"snapshot": Q2, "total_investment_wan": 120.0})
    project = only(fold(rows)["projects"])
    assert (project["company"], project["total_investment_wan"], project["jobs"], project["n_reports"]) == ("甲公司", 120.0, 5.0, 2)
    assert (project["first_snapshot"], project["last_snapshot"]) == (pd.Timestamp(Q1), pd.Timestamp(Q2))


@pytest.mark.parametrize("order", [("county", "zone", "department"), ("department", "county", "zone")])
def test_within_a_snapshot_county_before_zone_before_department(order):
    said = {"county": None, "zone": 2.0, "department": 3.0}
    rows = observed(*(
        {"snapshot": Q1, "source": source, "total_investment_wan": said[source], "jobs": float(len(source))} for source in order))
    project = only(fold(rows)["projects"])
    assert project["total_investment_wan"] == 2.0
    assert project["jobs"] == len("county")


def test_a_newer_department_beats_an_older_county():
    rows = observed({"snapshot": Q1, "stage": "signed"}, {"snapshot": Q2, "source": "department", "stage": "approved"})
    assert only(fold(rows)["projects"])["stage"] == "approved"


def test_what_was_not_yet_reported_is_not_there():
    rows = observed(
        {"snapshot": Q1, "stage": "approved", "started_planned": "2022-05-31", "started_planned_precision": "month"},
        {"snapshot": Q2, "stage": "started", "started_actual": "2022-03-20", "started_actual_precision": "day", "done_year_wan": 10.0},
        {"snapshot": Q2, "project_id": "P2"})
    early, late = fold(rows, pd.Timestamp(Q1)), fold(rows)
    assert early["projects"]["project_id"].tolist() == ["P1"]
    assert late["projects"]["project_id"].tolist() == ["P1", "P2"]
    start = early["milestones"].set_index("stage").loc["started"]
    assert pd.isna(start["actual_date"])
    assert pd.isna(start["first_reported"])
    assert (start["planned_date"], start["precision"]) == (pd.Timestamp("2022-05-31"), "month")
    start = late["milestones"].set_index("stage").loc["started"]
    assert (start["actual_date"], start["planned_date"]) == (pd.Timestamp("2022-03-20"), pd.Timestamp("2022-05-31"))
    assert (start["first_reported"], start["precision"]) == (pd.Timestamp(Q2), "day")
    assert early["investments"]["done_year_wan"].isna().all()


def test_a_stated_stage_without_a_date_is_a_milestone_of_that_stage_only():
    milestones = fold(observed({"snapshot": Q1, "stage": "completed"}, {"snapshot": Q2, "stage": "completed"}))["milestones"]
    row = only(milestones)
    assert (row["stage"], row["first_reported"]) == ("completed", pd.Timestamp(Q1))
    assert pd.isna(row["actual_date"])
    assert pd.isna(row["precision"])


def test_early_stages_are_no_milestones():
    tables = fold(observed({"snapshot": Q1, "stage": "negotiating"}))
    assert tables["milestones"].empty
    assert only(tables["projects"])["stage"] == "negotiating"


@pytest.mark.parametrize(("rows", "stage"), [
    ([{"snapshot": Q1, "started_actual": "2022-02-01", "approved_actual": "2022-01-01"}], "started"),
    ([{"snapshot": Q1, "stage": "approved"}, {"snapshot": Q2, "started_actual": "2022-05-01"}], "started"),
    # A date that the ledger gave together with the stage was known to who stated it.
    ([{"snapshot": Q1, "stage": "started", "completed_actual": "2022-02-01"}], "started"),
    ([{"snapshot": Q1, "stage": "completed"}, {"snapshot": Q2, "approved_actual": "2021-05-01"}], "completed"),
    ([{"snapshot": Q1, "started_actual": "2021-05-01"}, {"snapshot": Q2, "suspended_actual": "2022-05-01"}], "suspended"),
    ([{"snapshot": Q1, "suspended_actual": "2021-05-01"}, {"snapshot": Q2, "resumed_actual": "2022-05-01"}], "resumed"),
    ([{"snapshot": Q1, "suspended_actual": "2021-05-01", "completed_actual": "2022-01-01"}], "completed"),
    ([{"snapshot": Q1, "completed_actual": "2021-05-01", "resumed_actual": "2022-01-01"}], "completed"),
    ([{"snapshot": Q1, "stage": "terminated"}, {"snapshot": Q2, "started_actual": "2021-01-01"}], "terminated"),
    ([{"snapshot": Q1, "stage": "terminated"}, {"snapshot": Q2, "resumed_actual": "2022-05-01"}], "resumed"),
    ([{"snapshot": Q1, "stage": "started"}, {"snapshot": Q2, "terminated_actual": "2022-05-01"}], "terminated"),
])
def test_the_stage_is_the_newest_stated_raised_by_newer_dates(rows, stage):
    assert only(fold(observed(*rows))["projects"])["stage"] == stage


def test_a_link_is_never_put_beside_the_chain_of_another_row():
    rows = observed(
        {"snapshot": Q1, "chain": "橡胶轮胎", "link": "tread", "link_confidence": 0.9}, {"snapshot": Q2, "chain": "钒钛"}, {"snapshot": Q3})
    project = only(fold(rows)["projects"])
    assert project["chain"] == "钒钛"
    assert pd.isna(project["link"])
    assert pd.isna(project["link_confidence"])


def test_an_approval_keeps_its_date_only_while_it_is_done():
    rows = observed(
        {"snapshot": Q1, "land_status": "done", "land_date": "2022-02-01", "energy_date": "2022-01-05"},
        {"snapshot": Q2, "land_status": "pending"})
    early, late = (fold(rows, day)["approvals"].set_index("approval") for day in (pd.Timestamp(Q1), None))
    assert (early.loc["land", "status"], early.loc["land", "date"]) == ("done", pd.Timestamp("2022-02-01"))
    assert (early.loc["energy", "status"], early.loc["energy", "date"]) == ("done", pd.Timestamp("2022-01-05"))
    assert late.loc["land", "status"] == "pending"
    assert pd.isna(late.loc["land", "date"])


def test_the_order_of_the_rows_does_not_matter():
    rows = observed(
        {"snapshot": Q1, "source": "department", "stage": "signed", "signed_actual": "2022-01-01"}, {"snapshot": Q1, "stage": "started"},
        {"snapshot": Q2, "jobs": 3.0}, {"snapshot": Q2, "project_id": "P2", "stage": "lead"})
    for name, frame in fold(rows.sample(frac=1, random_state=7)).items():
        pd.testing.assert_frame_equal(frame, fold(rows)[name])


def test_nothing_observed_gives_empty_tables():
    folded = fold(observed())
    assert {name: len(frame) for name, frame in folded.items()} == {"projects": 0, "milestones": 0, "investments": 0, "approvals": 0}


def tables_of(rows):
    return {name: contract.conform([]) for name, contract in CONTRACTS.items()} | {"observations": rows} | fold(rows)


def test_tables_come_back_from_disk_as_they_were(tmp_path):
    tables = tables_of(observed({"snapshot": Q1, "stage": "started", "started_actual": "2022-03-01", "jobs": 4.0}))
    write_tables(tables, tmp_path)
    for name, frame in tables.items():
        pd.testing.assert_frame_equal(read_table(name, tmp_path), frame)
    schema = parquet.read_schema(tmp_path / "milestones.parquet")
    assert str(schema.field("actual_date").type) == "date32[day]"
    assert (tmp_path / "dictionary.csv").read_bytes().startswith(b"\xef\xbb\xbftable,column")


def test_open_tables_shows_what_was_known(tmp_path):
    tables = tables_of(observed({"snapshot": Q1}, {"snapshot": Q2, "project_id": "P2"}))
    tables["problems"] = CONTRACTS["problems"].conform([
        {"problem_id": "Q1", "snapshot": Q1, "project_id": "P2", "description": "x"},
        {"problem_id": "Q2", "snapshot": Q2, "project_id": "P1"}])
    where = {"sheet": "S", "row": 3, "rule": "r", "severity": "error", "message_zh": "z", "message_en": "e", "fix": "f"}
    tables["quarantine"] = CONTRACTS["quarantine"].conform([
        {"source_file": "2022Q1/a.xlsx", "snapshot": Q1} | where, {"source_file": "2022Q2/a.xlsx", "snapshot": Q2} | where,
        {"source_file": "2022Q1/b.xlsx", "snapshot": Q2} | where])  # only the later ledger reveals it
    write_tables(tables, tmp_path)
    opened = open_tables(tmp_path, pd.Timestamp(Q1))
    assert opened["projects"]["project_id"].tolist() == ["P1"]
    assert opened["problems"]["problem_id"].tolist() == ["Q1"]
    assert opened["problems"]["project_id"].isna().all()
    assert opened["quarantine"]["source_file"].tolist() == ["2022Q1/a.xlsx"]
    assert len(open_tables(tmp_path)["problems"]) == 2


def test_a_missing_or_broken_table_is_one_line(tmp_path):
    with pytest.raises(LiantuError, match=r"projects\.parquet: the table is missing"):
        read_table("projects", tmp_path)
    (tmp_path / "projects.parquet").write_bytes(b"no parquet")
    with pytest.raises(LiantuError, match="not readable as parquet"):
        read_table("projects", tmp_path)
    pd.DataFrame({"project_id": ["P1"]}).to_parquet(tmp_path / "projects.parquet")
    with pytest.raises(LiantuError, match="breaks the contract of projects"):
        read_table("projects", tmp_path)
    with pytest.raises(LiantuError, match="did you mean projects"):
        read_table("project", tmp_path)


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "x.bin"
    write_whole(path, b"old")
    monkeypatch.setattr("pathlib.Path.replace", lambda *_: (_ for _ in ()).throw(OSError("disk")))
    with pytest.raises(OSError, match="disk"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["x.bin"]


@pytest.mark.parametrize(("folder", "day"), [
    ("2022Q1", "2022-03-31"), ("2021Q4", "2021-12-31"), ("2022-06-30", "2022-06-30"),
    ("2022Q5", None), ("truth", None), ("2022-02-30", None)])
def test_the_folder_tells_the_snapshot(folder, day):
    assert str(snapshot_of(folder)) == str(day)

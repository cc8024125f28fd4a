"""`liantu clean`: exit codes, the last line, what is left in the folder, and files that make the program fail."""

import json
import re
import runpy

import pytest
import yaml
from click.testing import CliRunner
from ledger_books import HEADER, book, row, table_of

from liantu.cli import main
from liantu.errors import LiantuError
from liantu.ledger import clean
from liantu.tables import CONTRACTS, read_table

FILE = "2022Q1/双塔区项目.xlsx"
ENTRY = {"do": "fix", "file": FILE, "sheet": "项目", "row": 3, "column": "E", "expect": "30000", "value": "100", "reason": "更正",
         "reporter": "双塔区", "date": "2022-05-01"}
WRITTEN = sorted([*(f"{name}.parquet" for name in CONTRACTS), "accounting.json", "dictionary.csv"])


@pytest.fixture
def raw(tmp_path):
    book(tmp_path / "raw" / FILE, ("项目", table_of(row(1, "甲项目"), row(2, "乙项目"))))
    return tmp_path / "raw"


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def corrected(raw, **changes):
    (raw / "corrections.yml").write_text(yaml.safe_dump({"corrections": [ENTRY | changes]}, allow_unicode=True), encoding="utf-8")


def run_clean(raw, out, *options):
    return CliRunner().invoke(main, ["clean", str(raw), "--out", str(out), *options])


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_all_well_ends_with_0_and_the_last_line_sums(raw, out):
    corrected(raw)
    result = run_clean(raw, out)
    assert result.exit_code == 0 and result.stderr == ""
    assert result.stdout.splitlines()[-1] == (
        "1 sheets: 4 rows read = 2 accepted + 0 quarantined + 2 ignored; 0 files unreadable; "
        "0 headers unknown, 0 fields gone, 0 by content, 0 units assumed, 0 corrections stale")
    assert any(line.startswith("finding: corrected: ") for line in result.stdout.splitlines())
    assert names(out) == WRITTEN


def test_every_finding_has_its_line_above_the_sum(raw, out):
    rows = [[f"{name}项目", "双塔区", 100, 1, f"2203-211302-04-01-{number:06d}"] for number, name in enumerate("甲乙")]
    header = ["项目名称", "县区", "总投资（万元）", "承建企业单", "识别码"]
    book(raw / "2022Q2/双塔项目（二季度）.xlsx", ("Sheet1", table_of(*rows, header=header)))
    corrected(raw, expect="29999")
    result = run_clean(raw, out)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    told = {kind: [line for line in lines if line.startswith(f"finding: {kind}: 2022Q2/双塔项目（二季度）.xlsx · Sheet1: ")]
            for kind in ("unknown_header", "field_gone", "by_content")}
    assert len(told["unknown_header"]) == 1 and "承建企业单" in told["unknown_header"][0] and "nearest" in told["unknown_header"][0]
    assert len(told["field_gone"]) == len(HEADER) - 6  # not 序号 and the two private ones, nor the three that are still given
    assert len(told["by_content"]) == 1
    assert result.stderr.startswith(f"stale: correction_stale: {FILE} · 项目: ") and "now it reads 30000" in result.stderr
    assert lines[-1].endswith("; 0 files unreadable; 1 headers unknown, 3 fields gone, 1 by content, 0 units assumed, 1 corrections stale")
    kinds = [finding["kind"] for finding in json.loads((out / "accounting.json").read_text(encoding="utf-8"))["findings"]]
    assert (kinds.count("field_gone"), kinds.count("correction_stale")) == (3, 1)
    assert len(read_table("observations", out)) == 4


def test_an_unreadable_file_ends_with_1_and_quarantined_rows_do_not(raw, out):
    book(raw / "2022Q1/龙城区.xlsx", ("项目", table_of(row(1, "丙项目", county="龙城区", amount=-1))))
    assert run_clean(raw, out).exit_code == 0
    (raw / "2022Q1/坏.xlsx").write_bytes(b"")
    result = run_clean(raw, out)
    assert result.exit_code == 1
    assert "unreadable: 2022Q1/坏.xlsx: empty" in result.stderr and "1 files unreadable" in result.stdout.splitlines()[-1]


@pytest.mark.parametrize(("change", "words"), [({"rwo": "3"}, "'rwo' is not known; did you mean row?"), ({"do": "merge"}, "entry 1")])
def test_corrections_that_cannot_be_meant_end_with_2_and_nothing_is_written(raw, out, change, words):
    corrected(raw, **change)
    result = run_clean(raw, out)
    assert result.exit_code == 2 and result.stdout == "" and not out.exists()
    assert words in result.stderr and "corrections.yml" in result.stderr and len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(("arguments", "words"), [
    (["{raw}"], "--out"), (["{raw}", "{raw}", "--out", "x"], "one folder at a time"),
    (["{raw}/2022Q1/双塔区项目.xlsx", "--out", "x"], "--explain"),
    (["{raw}", "--out", "{raw}"], "lies where ledgers are read"), (["{raw}", "--out", "{raw}/2022Q1/t"], "lies where ledgers are read"),
    (["{raw}", "--out", "x", "--as-of", "2022Q2"], "2022Q2")])
def test_arguments_that_cannot_be_used_end_with_2(raw, tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    result = CliRunner().invoke(main, ["clean", *(argument.replace("{raw}", str(raw)) for argument in arguments)])
    assert result.exit_code == 2 and result.stdout == ""
    assert words in result.stderr and len(result.stderr.splitlines()) == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_of_an_earlier_run_keeps_no_table_that_is_not_made_any_more(raw, out):
    clean(raw, out)
    first = content(out)
    earlier = (out / "dictionary.csv").read_text(encoding="utf-8-sig") + "funds,project_id,项目,Project,string,,True,,x\n"
    (out / "dictionary.csv").write_text(earlier, encoding="utf-8-sig")
    for name in ("funds.parquet", "mine.parquet", "notes.txt"):
        (out / name).write_bytes(b"x")
    clean(raw, out)
    assert names(out) == sorted([*WRITTEN, "mine.parquet", "notes.txt"])
    assert {name: content(out)[name] for name in WRITTEN} == first


@pytest.mark.parametrize("place", ["liantu.ledger.pipeline.assemble", "liantu.ledger.cleaning.accounting_bytes"])
def test_a_run_that_is_stopped_leaves_the_folder_as_it_was(raw, out, monkeypatch, place):
    clean(raw, out)
    before = content(out)
    book(raw / FILE, ("项目", table_of(row(1, "丁项目"))))

    def stopped(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(place, stopped)
        result = run_clean(raw, out)
    assert result.exit_code == 1 and result.stderr.endswith("liantu: stopped\n")
    assert content(out) == before and names(out.parent) == ["out", "raw"]
    clean(raw, out)
    assert read_table("projects", out)["name"].tolist() == ["丁项目"]


def test_a_run_that_is_stopped_before_anything_was_written_leaves_nothing(raw, out, monkeypatch):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("liantu.ledger.pipeline.read_book", stopped)
    assert run_clean(raw, out).exit_code == 1
    assert names(out.parent) == ["raw"]


def test_while_tables_are_moved_there_is_no_account(raw, out, monkeypatch):
    """A run that is killed between two tables leaves no accounting.json, so nobody takes the folder for whole."""
    from pathlib import Path

    clean(raw, out)
    replace, moved = Path.replace, []

    def killed(self, target):
        if Path(target).parent == out and len(moved) == 3:
            raise KeyboardInterrupt
        moved.append(target) if Path(target).parent == out else None
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            clean(raw, out)
    assert "accounting.json" not in names(out) and not [name for name in names(out) if name.startswith(".")]
    for name in CONTRACTS:
        read_table(name, out)


@pytest.mark.parametrize("place", ["understand", "read_records", "count_sheet", "read_book"])
def test_whatever_fails_inside_one_file_is_told_with_its_name_and_the_others_are_done(raw, out, monkeypatch, place):
    from liantu.ledger import pipeline

    book(raw / "2022Q1/龙城区.xlsx", ("坏", table_of(row(1, "丙项目", county="龙城区"))))
    inner = getattr(pipeline, place)

    def fails(first, *rest, **named):
        if "坏" in repr(first) + repr(rest) or "龙城区.xlsx" in repr(first) + repr(rest):
            raise IndexError("no cell for 13800138000")
        return inner(first, *rest, **named)

    monkeypatch.setattr(pipeline, place, fails)
    result = run_clean(raw, out)
    assert result.exit_code == 1
    assert re.search(r"unreadable: 2022Q1/龙城区\.xlsx: internal_error: .*IndexError: no cell for \[removed\]", result.stderr)
    assert read_table("observations", out)["name"].tolist() == ["甲项目", "乙项目"]
    assert "Traceback" not in result.output


def test_out_may_not_be_a_file(raw, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(LiantuError, match="is a file; give a folder"):
        clean(raw, tmp_path / "file")


def test_the_command_runs_as_a_module(monkeypatch):
    monkeypatch.setattr("sys.argv", ["liantu", "clean", "--help"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("liantu", run_name="__main__")
    assert ended.value.code == 0

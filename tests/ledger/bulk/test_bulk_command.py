"""`clean` takes the way piece by piece where it is needed; at any address; what stood in the folder stays when it is stopped."""

import json

import fsspec
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from large_ledgers import rows, written
from test_bulk_like_memory import put

from liantu.cli import main
from liantu.errors import LiantuError
from liantu.ledger import clean, clean_tables, pipeline
from liantu.ledger.bulk import run, tasks
from liantu.tables import CONTRACTS, read_table

HEADER = ["项目名称", "建设单位", "县区", "总投资（万元）", "开工时间"]


@pytest.fixture
def raw(tmp_path, small_pieces):
    put(tmp_path / "raw", "2022Q2/全市.csv", written(rows(61, 40)))
    return tmp_path / "raw"


def command(*arguments):
    return CliRunner().invoke(main, ["clean", *map(str, arguments), "--scheduler", "synchronous"])


def test_the_command_cleans_piece_by_piece(raw, tmp_path):
    told = command(raw, "--out", tmp_path / "out")
    assert told.exit_code == 0, told.output
    memory = pipeline.run(raw)
    for name in CONTRACTS:
        pd.testing.assert_frame_equal(read_table(name, tmp_path / "out"), memory.tables[name], obj=name)
    assert json.loads((tmp_path / "out/accounting.json").read_text()) == memory.accounting
    assert f"{memory.accounting['total']['rows_accepted']:,} accepted" in told.output


def test_the_command_takes_addresses(raw):
    store = fsspec.filesystem("memory")
    store.pipe("/raw/2022Q2/全市.csv", (raw / "2022Q2/全市.csv").read_bytes())
    try:
        told = command("memory://raw", "--out", "memory://made")
        assert told.exit_code == 0, told.output
        assert store.exists("/made/projects.parquet")
        assert not [name for name in store.find("/made") if "/." in name]
    finally:
        store.rm("/raw", recursive=True)
        store.rm("/made", recursive=True)


@pytest.mark.parametrize(("arguments", "said"), [
    (("memory://nowhere", "--out", "memory://made"), "memory://nowhere: the folder of raw ledgers is missing"),
    (("nosuch://bucket", "--out", "memory://made"), "nosuch://bucket: cannot be reached"),
])
def test_an_address_that_leads_nowhere_is_one_line(arguments, said):
    told = command(*arguments)
    assert told.exit_code == 2
    assert said in told.output
    assert told.output.count("\n") == 1


def test_tables_never_go_where_ledgers_are_read(raw):
    with pytest.raises(LiantuError, match="lies where ledgers are read"):
        clean(raw, raw / "2022Q2", scheduler="synchronous")


def test_a_run_that_is_stopped_leaves_the_tables_as_they_were(raw, tmp_path, monkeypatch):
    clean(raw, tmp_path / "out", scheduler="synchronous")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    monkeypatch.setattr(tasks, "fold_range", lambda *arguments: 1 / 0)
    put(raw, "2022Q2/全市.csv", written(rows(62, 40)))
    with pytest.raises(ZeroDivisionError):
        clean(raw, tmp_path / "out", scheduler="synchronous")
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    assert not list(tmp_path.glob(".*"))


def test_tables_of_a_large_ledger_in_memory(raw, monkeypatch):
    told = clean_tables(raw)
    monkeypatch.undo()
    memory = clean_tables(raw)
    assert list(told) == list(memory) == list(CONTRACTS)
    for name, table in memory.items():
        pd.testing.assert_frame_equal(told[name], table, obj=name)


def test_a_name_with_a_telephone_number_is_not_shown(raw, tmp_path):
    (raw / "2022Q2/全市.csv").rename(raw / "2022Q2/全市13912345678.csv")
    told = clean(raw, tmp_path / "out", scheduler="synchronous")
    memory = pipeline.run(raw)
    assert told.accounting == memory.accounting
    assert told.accounting["files"][0]["source_file"] == "2022Q2/全市[removed].csv"
    for name in ("lineage", "quarantine", "observations"):
        pd.testing.assert_frame_equal(read_table(name, tmp_path / "out"), memory.tables[name], obj=name)


def _mixed(seed, encoding, other, place):
    lines = written(rows(seed, 90), encoding).split(b"\r\n")
    lines[place] = "，".join(["混入另一种编码的说明"] * 3).encode(other)
    return b"\r\n".join(lines)


@pytest.mark.parametrize(("content", "reason"), [
    (lambda: _mixed(71, "utf-8", "gb18030", 60), "mixed_encoding"),
    (lambda: _mixed(72, "gb18030", "utf-8", 60), "mixed_encoding"),
    (lambda: written(rows(73, 90)).rstrip() + "\r\n1,未写完".encode()[:-1], "truncated"),
    (lambda: written(rows(74, 90)) + b"1,\0,2\r\n", "null_bytes"),
])
def test_what_cannot_be_read_has_the_reason_that_it_has_in_memory(raw, tmp_path, content, reason):
    put(raw, "2022Q2/坏.csv", content())
    told = clean(raw, tmp_path / "out", scheduler="synchronous")
    assert [(file["source_file"], file["reason"]) for file in told.accounting["unreadable"]] == [("2022Q2/坏.csv", reason)]
    assert told.accounting == pipeline.run(raw).accounting
    assert told.exit_code == 1


def test_a_file_inside_which_the_program_fails_is_told_and_the_others_go_on(raw, tmp_path, monkeypatch):
    put(raw, "2022Q2/别的.csv", written(rows(75, 30)))
    whole = run.lay_out

    def fails(source_file, *rest):
        if "别的" in source_file:
            raise KeyError("13912345678")
        return whole(source_file, *rest)

    monkeypatch.setattr(run, "lay_out", fails)
    told = clean(raw, tmp_path / "out", scheduler="synchronous")
    assert [(file["source_file"], file["reason"]) for file in told.accounting["unreadable"]] == [("2022Q2/别的.csv", "internal_error")]
    assert "13912345678" not in told.accounting["unreadable"][0]["message_en"]
    assert len(read_table("projects", tmp_path / "out")) > 5


def test_flaws_that_a_later_ledger_reveals_bear_its_date(tmp_path, small_pieces):
    raw = tmp_path / "raw"
    names = [f"{brand}机械加工生产线项目" for brand in "鑫宏达恒瑞泰昌盛丰隆"]
    for quarter, kept in (("2022Q1", names), ("2022Q2", names[:-2]), ("2022Q3", names[:-2])):
        lines = [[name, f"{name[0]}龙公司", "北票市", "5000", "2022-02-01"] for name in kept]
        put(raw, f"{quarter}/北票市项目.csv", written([HEADER, *lines]))
    clean(raw, tmp_path / "out", scheduler="synchronous")
    memory = pipeline.run(raw).tables["quarantine"]
    told = read_table("quarantine", tmp_path / "out")
    pd.testing.assert_frame_equal(told, memory)
    late = told[told["rule"] == "vanished"]
    assert len(late) == 2
    assert (late["snapshot"].to_numpy() == np.datetime64("2022-06-30", "ms")).all()
    assert late["source_file"].str.startswith("2022Q1/").all()

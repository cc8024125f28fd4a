"""A ledger read piece by piece gives what it gives from memory: tables, accounting, findings."""

import socket
import subprocess
import sys
import time

import fsspec
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from large_ledgers import HEADER, rows, written

from liantu.errors import LiantuError
from liantu.ledger import pipeline
from liantu.ledger.bulk import run
from liantu.ledger.bulk.run import clean_bulk
from liantu.ledger.bulk.sizes import needs_bulk
from liantu.tables import CONTRACTS, read_table


def put(raw, name, content):
    path = raw / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def same(raw, out, **options):
    told = clean_bulk(raw, out, scheduler="synchronous", **options)
    memory = pipeline.run(raw, **options)
    for name in CONTRACTS:
        pd.testing.assert_frame_equal(read_table(name, out), memory.tables[name], obj=name)
    assert told.accounting == memory.accounting
    assert told.exit_code == memory.exit_code
    return memory


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_one_csv(tmp_path, small_pieces, encoding):
    put(tmp_path / "raw", "2022Q2/全市.csv", written(rows(1, 90), encoding))
    memory = same(tmp_path / "raw", tmp_path / "out")
    assert len(memory.tables["projects"]) > 20
    assert memory.tables["quarantine"]["rule"].nunique() > 4
    assert memory.accounting["total"]["rows_ignored"] > 5
    assert not list((tmp_path / "out").glob(".*"))


def test_rows_of_every_kind(tmp_path, small_pieces):
    put(tmp_path / "raw", "2022Q2/全市.csv", written(rows(3, 90, share=0.25, headers=True)))
    same(tmp_path / "raw", tmp_path / "out")


@pytest.mark.slow
def test_a_ledger_too_large_for_likely_pairs(tmp_path, small_pieces, monkeypatch):
    monkeypatch.setattr(run, "PIECE_BYTES", 200_000)
    monkeypatch.setattr(run, "RANGE_ROWS", 2_000)
    put(tmp_path / "raw", "2022Q2/全市.csv", written(rows(7, 3400, share=0.01)))
    memory = same(tmp_path / "raw", tmp_path / "out")
    assert len(memory.tables["merges"]) > 20


def test_a_large_ledger_in_which_nothing_is_told_twice(tmp_path, small_pieces, monkeypatch):
    monkeypatch.setattr(run, "PIECE_BYTES", 100_000)
    lines = [f"{place},{'甲乙丙丁'[place % 4]}{place}号铸件生产线项目,第{place}公司,北票市,{place}" for place in range(1, 3202)]
    put(tmp_path / "raw", "2022Q2/全市.csv", "\n".join(["序号,项目名称,建设单位,县区,总投资（万元）", *lines]).encode())
    memory = same(tmp_path / "raw", tmp_path / "out")
    assert len(memory.tables["projects"]) == 3201 and memory.tables["merges"].empty


def test_several_ledgers_and_dates(tmp_path, small_pieces):
    raw = tmp_path / "raw"
    first = rows(11, 80)
    put(raw, "2022Q1/全市.csv", written(first))
    put(raw, "2022Q2/全市.csv", written([*first[:50], *rows(12, 60)[3:]]))
    put(raw, "2022Q2/北票市.tsv", written(rows(13, 50), delimiter="\t"))
    put(raw, "2022Q2/坏.csv", b"\x00\x01" * 300)
    memory = same(raw, tmp_path / "out")
    assert memory.exit_code == 1
    assert (memory.tables["projects"]["n_reports"] > 1).sum() > 10


def test_a_copy_is_told(tmp_path, small_pieces):
    for name in ("2022Q2/全市.csv", "2022Q2/全市重报.csv"):
        put(tmp_path / "raw", name, written(rows(21, 60)))
    memory = same(tmp_path / "raw", tmp_path / "out")
    assert memory.accounting["files"][1]["ignored"]["exact_copy"] > 60


def typed():
    told = [line for line in rows(31, 90, share=0) if len(line) == len(HEADER)][1:]
    columns = {name: [line[place] for line in told] for place, name in enumerate(HEADER)}
    columns["序号"] = [int(value) for value in columns["序号"]]
    columns["总投资（万元）"] = [float(len(name)) * 500 for name in columns["项目名称"]]
    columns["开工时间"] = pd.to_datetime(["2021-05-01", None, "2023-01-01"] * (len(told) // 3) + [None] * (len(told) % 3)).date
    return pa.Table.from_pandas(pd.DataFrame(columns), preserve_index=False)


def test_parquet_as_a_ledger(tmp_path, small_pieces):
    path = put(tmp_path / "raw", "2022Q2/全市.parquet", b"")
    parquet.write_table(typed(), path, row_group_size=37)
    memory = same(tmp_path / "raw", tmp_path / "out")
    assert memory.tables["observations"]["row"].min() == 2
    assert memory.tables["observations"]["started_actual"].notna().sum() > 10


def test_a_damaged_parquet_is_told(tmp_path, small_pieces):
    put(tmp_path / "raw", "2022Q2/全市.parquet", b"PAR1" + b"x" * 500 + b"PAR1")
    put(tmp_path / "raw", "2022Q2/别的.csv", written(rows(3, 20)))
    told = clean_bulk(tmp_path / "raw", tmp_path / "out", scheduler="synchronous")
    assert [(file["source_file"], file["reason"]) for file in told.accounting["unreadable"]] == [("2022Q2/全市.parquet", "truncated")]
    assert told.exit_code == 1


def test_no_header_no_table(tmp_path, small_pieces):
    put(tmp_path / "raw", "2022Q2/全市.csv", written([["甲", "乙", "丙"], *[[str(place), "x", "y"] for place in range(200)]]))
    told = clean_bulk(tmp_path / "raw", tmp_path / "out", scheduler="synchronous")
    assert [file["reason"] for file in told.accounting["unreadable"]] == ["no_known_header"]
    assert read_table("projects", tmp_path / "out").empty


def test_any_address(tmp_path, small_pieces):
    content = written(rows(41, 50))
    put(tmp_path / "raw", "2022Q2/全市.csv", content)
    memory = pipeline.run(tmp_path / "raw")
    store = fsspec.filesystem("memory")
    store.pipe("/ledgers/2022Q2/全市.csv", content)
    try:
        clean_bulk("memory://ledgers", "memory://tables", scheduler="synchronous")
        clean_bulk(f"file://{tmp_path}/raw", f"file://{tmp_path}/out", scheduler="synchronous")
        assert sorted(name.rsplit("/", 1)[-1] for name in store.find("/tables")) == sorted(
            [*(f"{table}.parquet" for table in CONTRACTS), "accounting.json", "dictionary.csv"])
        with store.open("/tables/observations.parquet") as file:
            told = CONTRACTS["observations"].conform(parquet.read_table(file).to_pandas(date_as_object=False))
        pd.testing.assert_frame_equal(told, memory.tables["observations"])
        pd.testing.assert_frame_equal(read_table("projects", tmp_path / "out"), memory.tables["projects"])
    finally:
        store.rm("/ledgers", recursive=True)
        store.rm("/tables", recursive=True)


def test_when_it_is_needed(tmp_path, small_pieces):
    put(tmp_path / "raw", "2022Q2/小.csv", b"a,b\n1,2\n")
    assert not needs_bulk(tmp_path / "raw", tmp_path / "out")
    assert needs_bulk(tmp_path / "raw", "memory://out")
    put(tmp_path / "raw", "2022Q2/大.csv", written(rows(1, 30)))
    assert needs_bulk(tmp_path / "raw", tmp_path / "out")


def test_no_scheduler_answers(tmp_path):
    with pytest.raises(LiantuError, match="no Dask scheduler answers"):
        clean_bulk(tmp_path, tmp_path / "out", scheduler="no-address")


def test_rows_cannot_be_corrected(tmp_path, small_pieces):
    put(tmp_path / "raw", "2022Q2/全市.csv", written(rows(1, 40)))
    entry = "{file: 2022Q2/全市.csv, sheet: '', row: 5, column: 总投资, do: drop, expect: x, reason: r, reporter: p, date: 2022-07-01}"
    put(tmp_path / "raw", "corrections.yml", f"[{entry}]\n".encode())
    with pytest.raises(LiantuError, match=r"corrections\.yml"):
        clean_bulk(tmp_path / "raw", tmp_path / "out", scheduler="synchronous")


@pytest.mark.slow
def test_on_a_cluster(tmp_path):
    """A real scheduler and two workers on this machine, and a csv that is cut into three pieces."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    put(tmp_path / "raw", "2022Q2/全市.csv", written(rows(51, 400)))
    started = []
    try:
        started.append(subprocess.Popen([sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port",
                                         address.rsplit(":", 1)[1], "--no-dashboard"], cwd=tmp_path, stderr=subprocess.DEVNULL))
        time.sleep(2)
        started += [subprocess.Popen([sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny",
                                      "--no-dashboard"], cwd=tmp_path, stderr=subprocess.DEVNULL) for _ in range(2)]
        with pytest.MonkeyPatch.context() as patch:
            from liantu.ledger.bulk import sizes

            patch.setattr(sizes, "LARGE_BYTES", 100)
            patch.setattr(run, "PIECE_BYTES", 20_000)
            clean_bulk(tmp_path / "raw", tmp_path / "out", scheduler=address)
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(20)
    memory = pipeline.run(tmp_path / "raw")
    for name in CONTRACTS:
        pd.testing.assert_frame_equal(read_table(name, tmp_path / "out"), memory.tables[name], obj=name)

"""The bench: how long cleaning takes, as ratios in one run, against polars and the reading of workbooks; then pages, chains, forecasts.

`make bench` runs it. Nothing here asserts on seconds. `BENCH_LARGE=1` adds ten million rows, with the peak memory of the process tree.
What pages take is measured by pages.py; chains, forecasts and assessment by chains.py, forecasts.py and assessment.py; they also run alone.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import polars as pl
import python_calamine as calamine

sys.path.insert(0, str(Path(__file__).resolve().parent))
import assessment
import chains
import forecasts
import ledger
import pages
import values
from measuring import peak_memory, seconds

from liantu.chains import chain_of
from liantu.ledger import clean
from liantu.reference import city
from liantu.simulation import simulate

FILE = "2022Q2/全市重点项目台账.csv"
LARGE = 10_000_000


def polars_script(path: Path) -> pl.DataFrame:
    """The value parsing of bench/values.py in polars, from the csv on disk: amount, date, county, chain, trim, exact de-duplication."""
    place = city()
    told = pl.read_csv(path, infer_schema=False).rename({
        "项目名称": "name", "县区": "county", "产业链": "chain", "总投资（万元）": "amount", "开工时间": "date"})
    return values.by_polars(told.select(values.COLUMNS).to_arrow(), place, place.chains())


def clean_ratio(rows: int, folder: Path, pairs: int) -> tuple[float, float, float]:
    """Seconds of clean and of the polars script on one csv (medians of `pairs` runs by turns), and the median ratio."""
    raw = folder / f"raw-{rows}"
    ledger.write(raw / FILE, rows)
    mine, theirs = [], []
    for _ in range(pairs):
        theirs.append(seconds(lambda: polars_script(raw / FILE)))
        mine.append(seconds(lambda: clean(raw, folder / "out")))
    shutil.rmtree(raw)
    ratios = [own / other for own, other in zip(mine, theirs, strict=True)]
    return statistics.median(mine), statistics.median(theirs), statistics.median(ratios)


def large(folder: Path) -> tuple[float, float, float]:
    """Seconds of clean and of the polars script, and the peak memory of clean in GB (process tree, no pages of files), of ten million rows.
    """
    raw = folder / "raw-large"
    ledger.write(raw / FILE, LARGE)
    with peak_memory() as peak:
        taken = seconds(lambda: clean(raw, folder / "out"))
    return taken, seconds(lambda: polars_script(raw / FILE)), peak[0]


def city_quarter(folder: Path, turns: int = 3) -> tuple[int, float, float]:
    """Workbooks of the newest simulated quarter, seconds to clean them, and to read the same ones with calamine alone."""
    simulate(folder / "simulated", seed=5)
    newest = max(path for path in (folder / "simulated").iterdir() if path.is_dir() and path.name.startswith("20"))
    shutil.copytree(newest, folder / "quarter" / newest.name)
    books = [path for path in (folder / "quarter").rglob("*") if path.suffix in (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")]
    clean(folder / "quarter", folder / "out")
    cleaned = [seconds(lambda: clean(folder / "quarter", folder / "out")) for _ in range(turns)]
    read = [seconds(lambda: read_alone(books)) for _ in range(turns)]
    return len(books), statistics.median(cleaned), statistics.median(read)


def read_alone(books: list[Path]) -> None:
    """Every cell of every sheet as Python values."""
    for path in books:
        try:
            with calamine.load_workbook(str(path)) as book:
                for name in book.sheet_names:
                    book.get_sheet_by_name(name).to_python()
        except calamine.CalamineError:
            continue


def main() -> None:
    """Print the table."""
    chain_of("预热", city().chains())
    print(f"{dt.date.today()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before\n")
    print("| what | rows | liantu s | other s | ratio |\n|---|---|---|---|---|")
    parsed = values.run(1_000_000, repeats=3)
    row("value parsing / the same in polars", 1_000_000, parsed["liantu_seconds"], parsed["polars_seconds"], parsed["ratio"])
    with tempfile.TemporaryDirectory(prefix="liantu-bench-") as name:
        folder = Path(name)
        books, cleaned, read = city_quarter(folder)
        row(f"city quarter / calamine alone ({books} workbooks)", 0, cleaned, read, cleaned / read)
        for rows, pairs in ((100_000, 3), (1_000_000, 2)):
            row("clean of a csv / value parsing in polars", rows, *clean_ratio(rows, folder, pairs))
        if os.environ.get("BENCH_LARGE"):
            taken, other, peak = large(folder)
            row(f"clean of a csv / value parsing in polars; peak memory {peak:.2f} GB", LARGE, taken, other, taken / other)
    print()
    pages.main()
    print()
    chains.main()
    print()
    forecasts.main()
    assessment.main()
    print(f"\nload {os.getloadavg()[0]:.1f} after")


def row(what: str, rows: int, mine: float, other: float, ratio: float) -> None:
    """One line of the table."""
    print(f"| {what} | {rows or '':,} | {mine:.2f} | {other:.2f} | {ratio:.1f} |" if rows else
          f"| {what} | | {mine:.2f} | {other:.2f} | {ratio:.1f} |", flush=True)


if __name__ == "__main__":
    main()

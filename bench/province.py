"""A province from one quarter of one city: what was measured, and the same for 14 cities and 12 quarters.

`python bench/province.py reports/simulated/2022Q2` reads a report that was made in one run (`liantu report 2022Q2 --force`), cleans its
data set once more into a folder that is gone afterwards, and writes the table of docs/province.md between its two marks.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from measuring import peak_memory, seconds

from liantu.ledger import clean
from liantu.reference.folders import data_root

CITIES, QUARTERS = 14, 12
MARKS = ("<!-- measured by bench/province.py: begin -->", "<!-- measured by bench/province.py: end -->")
DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "province.md"


@dataclass(frozen=True)
class Measured:
    """One quarter of one city: pages, seconds a page keeps one core, megabytes it leaves, and the cleaning of all its snapshots."""

    pages: int
    cores: int
    page_seconds: float
    page_megabytes: float
    shared_megabytes: float
    clean_seconds: float
    clean_gigabytes: float
    rows: int


def measure(report: Path) -> Measured:
    """Read run.json and the folder's files, and clean the data set again."""
    run, cores = json.loads((report / "run.json").read_text(encoding="utf-8")), os.cpu_count() or 1
    pages = len(run["ran"])
    if pages != len(run["pages"]):
        raise SystemExit(f"{report}: its last run made {pages} of {len(run['pages'])} pages; make all of them with `liantu report --force`")
    # what every report has once, however many pages there are
    shared = [report / "run.json", *report.glob("index*.html"), *(report / "fonts").glob("*")]
    everything = sum(path.stat().st_size for path in report.rglob("*") if path.is_file())
    once = sum(path.stat().st_size for path in shared)
    with tempfile.TemporaryDirectory(prefix="liantu-bench-") as folder, peak_memory() as peak:
        taken = seconds(lambda: clean(data_root() / "raw" / run["dataset"], Path(folder)))
    working, rows = (run["wall_seconds"]["run"] + run["wall_seconds"]["render"]) * min(cores, pages), run["accounting"]["rows_read"]
    return Measured(pages, cores, working / pages, (everything - once) / pages / 1e6, once / 1e6, taken, peak[0], rows)


def table(told: Measured) -> str:
    """The lines of the document between its marks."""
    quarters, pages = CITIES * QUARTERS, told.pages * CITIES * QUARTERS
    work = pages * told.page_seconds / 3600
    lines = [("", "one city, one quarter (measured)", f"{CITIES} cities, {QUARTERS} quarters (extrapolated)"),
             ("---", "---", "---"),
             ("pages, both languages", f"{told.pages}", f"{pages:,}"),
             ("core-seconds a page, with its HTML", f"{told.page_seconds:.2f} (on {told.cores} cores)", f"{work:.1f} core-hours"),
             ("wall time, 2 / 32 / 128 cores", f"{told.pages * told.page_seconds / 2:.0f} s / – / –",
              " / ".join(f"{work * 60 / cores:.0f} min" for cores in (2, 32, 128))),
             ("disk", f"{told.pages * told.page_megabytes + told.shared_megabytes:.0f} MB ({told.page_megabytes:.2f} MB a page)",
              f"{(pages * told.page_megabytes + quarters * told.shared_megabytes) / 1000:.1f} GB"),
             ("cleaning", f"{told.clean_seconds:.1f} s, {told.clean_gigabytes:.2f} GB for {told.rows:,} rows in all snapshots",
              f"{CITIES * told.clean_seconds / 60:.1f} core-minutes, once for each city")]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main(report: Path) -> None:
    """Measure, print, and put the table into the document."""
    made, text = table(measure(report)), DOCUMENT.read_text(encoding="utf-8")
    before, rest = text.split(MARKS[0])
    DOCUMENT.write_text(f"{before}{MARKS[0]}\n{made}\n{MARKS[1]}{rest.split(MARKS[1])[1]}", encoding="utf-8")
    print(made)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

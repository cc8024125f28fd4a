"""A quarter's report from end to end: tables, pages, site, and the record of the run."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from liantu.reference.folders import notebooks_root
from liantu.suite.matrix import Page, suite
from liantu.suite.provenance import provenance
from liantu.suite.runs.outcomes import Outcome, PageError, stamp_notebook
from liantu.suite.runs.running import PAGE_LIMIT_SECONDS, run_pages
from liantu.suite.site.collecting import collect
from liantu.suite.site.index import write_index, write_run
from liantu.suite.site.rendering import copy_fonts, render


@dataclass(frozen=True)
class QuarterRun:
    """What one run made: outcomes of its pages, the index, files of the ledgers that could not be read, and where the time went."""

    outcomes: tuple[Outcome, ...]
    index: Path
    unreadable: tuple[dict[str, str], ...]
    wall: dict[str, float]

    @property
    def failed(self) -> list[Outcome]:
        """Pages that did not end well."""
        return [outcome for outcome in self.outcomes if not outcome.ok]

    @property
    def exit_code(self) -> int:
        """0 when every page is done and every file was read, else 1."""
        return 1 if self.failed or self.unreadable else 0


def make_report(
    pages: Sequence[Page],
    out: Path,
    quarter: str,
    dataset: str,
    jobs: int | None = None,
    on_done: Callable[[Outcome], None] | None = None,
    tables: Callable[[str], Path] | None = None,
    limit: float = PAGE_LIMIT_SECONDS,
) -> QuarterRun:
    """Clean the data set where its ledgers changed, run `pages`, render them and write the index and run.json into `out`.

    `pages` are checked already (`liantu.suite.runs.running.check_pages`). `tables` gives the folder of the tidy tables of a data set,
    cleaned when they are not fresh (default: `liantu.ledger.cleaning.fresh_tables`). Pages of `out` that are not run again stay on the index.
    """
    began = time.perf_counter()
    accounting = _accounting((tables or _fresh_tables)(dataset))
    cleaned = time.perf_counter()
    source = provenance(notebooks_root())
    stamp = {"run_id": source.run_id, "commit": source.commit, "versions": source.versions}
    outcomes = run_pages(pages, out, jobs, limit, stamp, on_done)
    ran = time.perf_counter()
    outcomes = _render(out, outcomes)
    wall = {"clean": cleaned - began, "run": ran - cleaned, "render": time.perf_counter() - ran, "total": time.perf_counter() - began}
    wall = {name: round(seconds, 2) for name, seconds in wall.items()}
    unreadable = tuple(accounting.get("unreadable", ()))
    record = {**source.as_dict(), "dataset": dataset, "quarter": quarter, "wall_seconds": wall, "accounting": accounting.get("total", {}),
              "unreadable": list(unreadable), "ran": [outcome.page.id for outcome in outcomes]}
    entries = collect(out)
    index, *_ = write_index(out, entries, suite().kinds, record)
    write_run(out, entries, record)
    return QuarterRun(tuple(outcomes), index, unreadable, wall)


def _render(out: Path, outcomes: list[Outcome]) -> list[Outcome]:
    """Render what ran, or every page of the folder when a page is new there, so that the links between pages are right."""
    copy_fonts(out)
    entries, ran = collect(out), {outcome.page.id for outcome in outcomes if outcome.state != "cancelled"}
    links_stand = all((out / f"{page}.html").is_file() for page in ran)
    failed = render(out, entries, ran if links_stand else None)
    return [_not_rendered(outcome, failed[outcome.page.id], out) if outcome.page.id in failed else outcome for outcome in outcomes]


def _not_rendered(outcome: Outcome, error: PageError, out: Path) -> Outcome:
    now = replace(outcome, state="failed", error=error)
    stamp_notebook(out / f"{outcome.page.id}.ipynb", now)
    return now


def _accounting(folder: Path) -> dict[str, Any]:
    path = folder / "accounting.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _fresh_tables(dataset: str) -> Path:
    from liantu.ledger.cleaning import fresh_tables

    return fresh_tables(dataset)

"""What is to be made and what became of it; and the short way where nothing has changed, which imports nothing that runs or draws pages."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from liantu.ledger.freshness import up_to_date
from liantu.reference import city
from liantu.suite.freshness.judge import Judge
from liantu.suite.matrix import Page
from liantu.suite.runs.options import RunOptions
from liantu.suite.runs.outcomes import Outcome

INDEX = "index.html"


@dataclass(frozen=True)
class Order:
    """What is to be made: the pages, checked already (`liantu.suite.runs.checks.check_pages`), and the report folder that holds them.

    `force` runs fresh pages too; `scheduler` is the address of a Dask scheduler whose workers run the pages (empty: this machine).
    """

    pages: tuple[Page, ...]
    out: Path
    quarter: str
    dataset: str
    options: RunOptions = field(default_factory=RunOptions)
    force: bool = False
    scheduler: str = ""


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
    def fresh(self) -> list[Outcome]:
        """Pages that stood already."""
        return [outcome for outcome in self.outcomes if outcome.state == "fresh"]

    @property
    def exit_code(self) -> int:
        """0 when every page is done and every file was read, else 1."""
        return 1 if self.failed or self.unreadable else 0


def unchanged(order: Order) -> QuarterRun | None:
    """The run that has nothing to do, when all that is ordered stands; None when something is to be made. Nothing is made either way."""
    tables = None if order.force else up_to_date(order.dataset)
    if tables is None:
        return None
    judge = Judge(order.out, tables, city().folder, order.pages)
    account = accounting(tables)
    stands = all(judge.verdict(page).fresh for page in order.pages) and not judge.index_reasons() and tells(order.out, account)
    judge.close()
    return QuarterRun(tuple(map(fresh, order.pages)), order.out / INDEX, tuple(account.get("unreadable", ())), {}) if stands else None


def fresh(page: Page) -> Outcome:
    """The outcome of a page that need not run."""
    return Outcome(page, "fresh", 0.0, attempts=0)


def accounting(tables: Path) -> dict[str, Any]:
    """accounting.json of a processed folder; empty when there is none."""
    path = tables / "accounting.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def tells(out: Path, account: dict[str, Any]) -> bool:
    """True when the record of the last run holds the sums and the unreadable files of this account, which the front page shows."""
    try:
        record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return record.get("accounting") == account.get("total", {}) and record.get("unreadable") == account.get("unreadable", [])

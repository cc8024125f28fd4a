"""What is wrong with a cell, kept until the whole data set is read and then told to the reporter in the words of the rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd

from liantu.ledger.sheets import Cell
from liantu.ledger.values import privacy
from liantu.reference.models import Rule, Rules
from liantu.tables.contracts import QUARANTINE


class Flaw(NamedTuple):
    """One cell (or, with an empty column, one row) that breaks a rule."""

    source_file: str
    sheet: str
    row: int
    column: str
    value: str
    rule: str
    since: dt.date
    """The snapshot with which the flaw shows: the row's own, or a later one that reveals it."""
    detail: str = ""
    """What the rule's words need beside the value ({detail}): the suspected unit, the snapshot that lacks the project."""


def shown(cell: Cell) -> str:
    """A cell as a reader sees it, without personal data: dates in ISO form, whole numbers without a point."""
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        cell = cell.date()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        cell = int(cell)
    return privacy.scrub(str(cell)).strip()


def quarantine(flaws: Iterable[Flaw], rules: Rules) -> pd.DataFrame:
    """The table `quarantine`: each flaw once, in the order of the files, with severity, messages and what to send."""
    by_id = {rule.id: rule for rule in rules.rules}
    ordered = sorted(set(flaws))
    words = {flaw[3:]: _words(flaw, by_id[flaw.rule]) for flaw in ordered}
    told = [(*flaw[:6], *words[flaw[3:]], flaw.since) for flaw in ordered]
    return QUARANTINE.conform(pd.DataFrame(told, columns=QUARANTINE.names))


def _words(flaw: Flaw, rule: Rule) -> tuple[str, str, str, str]:
    """Severity, both messages and what to send."""
    words = {"value": flaw.value, "column": flaw.column or "—", "detail": flaw.detail}
    return (rule.severity, rule.zh.format(**words), rule.en.format(**words),
            f"{rule.fix_zh.format(**words)} {rule.fix_en.format(**words)}")

"""Measures that take seconds, made once for all pages of the same tables; what they rest on is noted wherever they are read from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

import pandas as pd

import liantu
from liantu.assess.evidence import evidence_rules
from liantu.assess.gates import gate_rules
from liantu.assess.scoring import load_rules
from liantu.assess.service import service_rules
from liantu.assess.standings.indicator_rules import indicator_rules
from liantu.assess.standings.windows import halves, quarters, year_so_far
from liantu.assess.structure import structure_rules
from liantu.assess.zones.zone_rules import zone_rules
from liantu.chains.gap_rules import gap_rules
from liantu.chains.labels import chain_words
from liantu.progress.trends import held_quarters
from liantu.reference.opened import kept, note
from liantu.report import Report
from liantu.tables.made_once import made_once

OPENED = ("projects", "milestones", "observations", "investments", "approvals", "changes", "merges", "parts", "quarantine", "enterprises",
          "zones", "tasks", "problems")
"""The tables that the indicators rest on, of the whole city and at the end of every period."""
_GAPS = ("projects", "milestones", "problems", "enterprises")
_KEPT = ".measures"
_CODE = Path(liantu.__file__).parent


def stored(report: Report, name: str, rules: Iterable[object], make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """The table that `make` makes of a whole city's report, kept beside its tables by all that it rests on (`made_once`).

    The tables are told by what they were made from and the date, not by their rows: hashing these would take longer than reading.
    """
    note_opened(report)
    return made_once(report.folder / _KEPT, f"{name}-{report.as_of}", [*rules, *_given(report)], make, _CODE)


def note_opened(report: Report) -> None:
    """Note the tables that the measures rest on: they may be read from where they were kept, and nothing is opened then."""
    for window in (year_so_far(report), *quarters(report), *halves(report)):
        day = str(window.report.as_of)
        for name in OPENED:
            note("table", name, dataset=report.parameters.dataset, as_of=day, county="", chain="")
        note("account", "accounting.json", dataset=report.parameters.dataset, as_of=day, county="")
    for quarter in held_quarters(report):
        for name in _GAPS:  # links filled are held against the first register
            day = str(min(quarter.end, report.as_of))
            note("table", name, dataset=report.parameters.dataset, as_of=day, county="", chain="")


def _given(report: Report) -> list[object]:
    """What all measures rest on: ledgers, date and all reference data of the city; reading the rules notes them as opened."""
    place = report.city
    for read in (indicator_rules, evidence_rules, service_rules, zone_rules, gap_rules, gate_rules, structure_rules):
        read(place)
    load_rules("per_mu", place)
    _ = chain_words(place), place.calendar, report.chains, place.targets(report.quarter.year)
    return [report.inputs, str(report.as_of), str(report.quarter), report.parameters.dataset, report.parameters.edition,
            _digest_of(place.folder)]


@kept(maxsize=2)
def _digest_of(folder: Path) -> str:
    """A digest of all reference data of a city: whatever else the measures read of it."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            total.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()

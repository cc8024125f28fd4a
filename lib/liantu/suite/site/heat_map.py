"""The map of chains by counties as a table: shaded in steps, with links to the pages of chains and counties."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from liantu.errors import LiantuError
from liantu.reference import Division, city
from liantu.suite.matrix import sister

CHAIN_PAGE = "21_chain_profile"
CHAINS_PAGE = "20_chain_overview"
COUNTY_PAGE = "30_quarterly_milestones"
STEPS = 5
_ROOT = 0.6  # a power below one keeps small counts apart, as on the figure


@dataclass(frozen=True)
class Head:
    """The name of a row or column and the page to which it leads, empty where there is none."""

    name: str
    page: str = ""


@dataclass(frozen=True)
class Row:
    """A chain: its numbers by county, each with its step (0 for none, 1 to 5), and their sum."""

    head: Head
    cells: tuple[tuple[float, int], ...]
    total: float


@dataclass(frozen=True)
class HeatMap:
    """Chains, in their groups, by counties; `legend` has the lowest and highest number of each step that occurs."""

    title: str
    caption: str
    columns: tuple[Head, ...]
    groups: tuple[tuple[str, tuple[Row, ...]], ...]
    totals: tuple[float, ...]
    total: float
    legend: tuple[tuple[int, float, float], ...]


def heat_map(payload: Mapping[str, Any], lang: str, pages: Collection[str], edition: str = "2022") -> HeatMap | None:
    """The map from the rows of a figure (chain, group, county, number); None when it has none.

    `lang` is the language to show; names of chains and counties are known in both. `pages` are the ids of the pages there are: a chain
    leads to its own page, else to the overview of the chains, a county to its milestones.
    """
    rows = _rows(payload)
    if not rows:
        return None
    chain, county = _chains(lang, pages, edition), _counties(lang, pages)
    columns = list(dict.fromkeys(row[2] for row in rows))
    highest = max(row[3] for row in rows)
    numbers: dict[tuple[str, str, str], float] = {}
    for name, group, place, value in rows:
        numbers[group, name, place] = numbers.get((group, name, place), 0.0) + value
    groups = [(group, tuple(_row(chain(name), [numbers.get((group, name, place), 0.0) for place in columns], highest)
                            for name in dict.fromkeys(row[0] for row in rows if row[1] == group)))
              for group in dict.fromkeys(row[1] for row in rows)]
    every = [row for _, members in groups for row in members]
    totals = tuple(sum(row.cells[place][0] for row in every) for place in range(len(columns)))
    return HeatMap(str(payload.get("title") or ""), str(payload.get("caption") or ""), tuple(county(name) for name in columns),
                   tuple(groups), totals, sum(totals), _legend(every))


def step(value: float, highest: float) -> int:
    """The step of shade of a number: 0 for none, else 1 to 5, the highest number in the last."""
    if value <= 0 or highest <= 0:
        return 0
    return min(STEPS, max(1, math.ceil(STEPS * (value / highest) ** _ROOT - 1e-9)))


def county_called(name: str) -> Division | None:
    """The county of a code or a name, None for anything else."""
    counties = city().divisions.counties
    return next((one for one in counties if name in (one.code, one.short_zh, one.short_en, one.zh, one.en)), None)


def page_of(name: str, lang: str, pages: Collection[str]) -> str:
    """The file of a page by its id without the language: in `lang`, else in the other one, else empty."""
    own = f"{name}.{lang}"
    return next((f"{stem}.html" for stem in (own, sister(own)) if stem in pages), "")


def _rows(payload: Mapping[str, Any]) -> list[tuple[str, str, str, float]]:
    """Rows of four whose last is a number; a figure drawn another way has none."""
    names = [column.get("name") for column in payload.get("columns") or []]
    if names[:3] != ["chain", "group", "county"] or len(names) != 4:
        return []
    return [(str(row[0]), str(row[1]), str(row[2]), float(row[3] or 0)) for row in payload.get("rows") or []]


def _row(head: Head, values: Sequence[float], highest: float) -> Row:
    return Row(head, tuple((value, step(value, highest)) for value in values), sum(values))


def _legend(rows: Sequence[Row]) -> tuple[tuple[int, float, float], ...]:
    found: dict[int, list[float]] = {}
    for row in rows:
        for value, shade in row.cells:
            if shade:
                found.setdefault(shade, []).append(value)
    return tuple((shade, min(values), max(values)) for shade, values in sorted(found.items()))


def _chains(lang: str, pages: Collection[str], edition: str) -> Callable[[str], Head]:
    try:
        chains = city().chains(edition or "2022").chains
    except LiantuError:
        chains = ()
    known = {name: chain for chain in chains for name in (chain.zh, chain.en, chain.id)}

    def head(name: str) -> Head:
        chain = known.get(name)
        if chain is None:
            return Head(name)
        return Head(chain.name(lang), page_of(f"{CHAIN_PAGE}.{chain.id}", lang, pages) or page_of(CHAINS_PAGE, lang, pages))

    return head


def _counties(lang: str, pages: Collection[str]) -> Callable[[str], Head]:
    def head(name: str) -> Head:
        division = county_called(name)
        if division is None:
            return Head(name)
        return Head(division.short_zh if lang == "zh" else division.short_en, page_of(f"{COUNTY_PAGE}.{division.code}", lang, pages))

    return head

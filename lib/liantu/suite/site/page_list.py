"""The list of all pages on the index: grouped by kind and notebook, with what its search and filters go by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from liantu.errors import LiantuError
from liantu.reference import Chain, city
from liantu.reference.loading import Named
from liantu.suite.matrix import Kind
from liantu.suite.pages.words import words
from liantu.suite.runs.outcomes import STATES
from liantu.suite.site.collecting import Entry

WHOLE_CITY = "city"
EARLIER = "earlier"


@dataclass(frozen=True)
class Listed:
    """A page on the list: what it is called there, where it leads, the county (code or `city`) and chain (id) it is about, its states."""

    entry: Entry
    label: str
    link: str
    county: str
    chain: str
    states: tuple[str, ...]


@dataclass(frozen=True)
class NotebookPages:
    """Pages of one notebook; `query` holds its names in both languages for the search."""

    query: str
    pages: tuple[Listed, ...]


@dataclass(frozen=True)
class KindPages:
    """Pages of one kind, by notebook."""

    id: str
    name: str
    notebooks: tuple[NotebookPages, ...]

    @property
    def count(self) -> int:
        """How many pages there are of the kind."""
        return sum(len(notebook.pages) for notebook in self.notebooks)


@dataclass(frozen=True)
class Choice:
    """One choice of a filter with the number of its pages; `query` holds its names in both languages for the search."""

    id: str
    name: str
    count: int
    query: str = ""


def listed(entries: Iterable[Entry], out: Path, run_id: object, fresh: Collection[str] = ()) -> list[Listed]:
    """Every page as it stands on the list; one of another run is marked as earlier, unless it is among those known to be `fresh`.

    A page that could not be rendered leads to its executed notebook.
    """
    rendered = {path.stem for path in out.glob("*.html")}
    made = []
    for entry in entries:
        earlier = entry.stamp.get("run_id") != run_id and entry.id not in fresh
        link = f"{entry.id}.{'html' if entry.id in rendered else 'ipynb'}"
        made.append(Listed(entry, _label(entry), link, str(entry.stamp.get("county") or WHOLE_CITY), str(entry.stamp.get("chain") or ""),
                           (entry.state, EARLIER) if earlier else (entry.state,)))
    return made


def by_kind(pages: Iterable[Listed], kinds: Iterable[Kind], lang: str, titles: Mapping[str, str]) -> list[KindPages]:
    """Pages by kind in the order of the suite, and within a kind by notebook; `titles` has the names of each notebook in all languages."""
    names = {kind.id: kind.name(lang) for kind in kinds}
    held: dict[str, dict[str, list[Listed]]] = {kind: {} for kind in names}
    for page in pages:
        held.setdefault(page.entry.kind, {}).setdefault(page.entry.notebook, []).append(page)
    return [KindPages(kind, names.get(kind, kind), tuple(NotebookPages(f"{notebook} {titles.get(notebook, '')}", tuple(found))
                                                         for notebook, found in notebooks.items()))
            for kind, notebooks in held.items() if notebooks]


def titles(entries: Iterable[Entry]) -> dict[str, str]:
    """The titles of each notebook in all languages, by its name."""
    found: dict[str, dict[str, None]] = {}
    for entry in entries:
        found.setdefault(entry.notebook, {}).setdefault(entry.label)
    return {notebook: " ".join(names) for notebook, names in found.items()}


def filters(groups: list[KindPages], lang: str, edition: str) -> dict[str, list[Choice]]:
    """The choices of each filter (kind, county, chain, state) that some page has, with counts, in the order of the reference data."""
    pages = [page for group in groups for notebook in group.notebooks for page in notebook.pages]
    known = words(lang)
    divisions = city().divisions
    places = {WHOLE_CITY: (known["whole_city"], divisions.city)} | {
        division.code: (division.short_zh if lang == "zh" else division.short_en, division) for division in divisions.counties}
    chains = {chain.id: (chain.name(lang), chain) for chain in _chains(edition)}
    counted = {name: Counter(getattr(page, name) for page in pages) for name in ("county", "chain")}
    states = Counter(state for page in pages for state in page.states)
    return {
        "kind": [Choice(group.id, group.name, group.count) for group in groups],
        "county": _choices(counted["county"], places),
        "chain": [choice for choice in _choices(counted["chain"], chains) if choice.id],
        "state": [Choice(state, known.get("earlier" if state == EARLIER else f"state_{state}", state), count)
                  for state, count in _in_order(states, (*STATES, EARLIER))]}


def _choices(counted: Counter[str], known: Mapping[str, tuple[str, Named]]) -> list[Choice]:
    return [Choice(name, known[name][0], count, f"{known[name][1].zh} {known[name][1].en}") if name in known else Choice(name, name, count)
            for name, count in _in_order(counted, known)]


def _in_order(counted: Counter[str], order: Iterable[str]) -> list[tuple[str, int]]:
    first = [name for name in order if name in counted]
    return [(name, counted[name]) for name in (*first, *sorted(set(counted) - set(first)))]


def _chains(edition: str) -> tuple[Chain, ...]:
    try:
        return city().chains(edition or "2022").chains
    except LiantuError:
        return ()


def _label(entry: Entry) -> str:
    if entry.of_city:
        return entry.label
    parts = [entry.facts.place if entry.stamp.get("county") else "", entry.facts.chain if entry.stamp.get("chain") else ""]
    # a page's place may name its chain already
    return " · ".join(part for place, part in enumerate(parts) if part and not (place and part in parts[0])) or entry.label

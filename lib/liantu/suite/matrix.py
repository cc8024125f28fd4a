"""The matrix: which notebook makes which pages, read from `suite.yml` beside the notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from liantu.chains.catalogue import checked_chains
from liantu.errors import LiantuError, UnknownValueError
from liantu.reference import Chain, City, Division, city
from liantu.reference.folders import notebooks_root
from liantu.reference.loading import Entry, Named, load

LANGUAGES = ("zh", "en")
Parameter = Literal["quarter", "county", "chain", "dataset", "lang", "as_of", "edition"]
Span = Literal["city", "each"]
CountySpan = Literal["city", "each", "home"]
"""`home`: a chain's page cut to each county that the catalogue names for the chain, and to any other when both are asked for by name."""


class Kind(Named):
    """A group of pages on the index."""

    id: Annotated[str, Field(pattern=r"^[a-z_]+$")]


class NotebookEntry(Named):
    """One notebook of suite.yml: its title, the parameters it takes and the axes over which it spans."""

    file: Annotated[str, Field(pattern=r"^\d\d_[a-z0-9_]+\.ipynb$")]
    kind: str
    order: int
    parameters: tuple[Parameter, ...]
    county: tuple[CountySpan, ...] = ("city",)
    chain: tuple[Span, ...] = ("city",)
    lang: tuple[Literal["zh", "en"], ...] = LANGUAGES

    @property
    def stem(self) -> str:
        """The notebook's name without its ending."""
        return self.file.removesuffix(".ipynb")

    @model_validator(mode="after")
    def _axes_are_parameters(self) -> NotebookEntry:
        for axis in ("county", "chain"):
            if set(getattr(self, axis)) - {"city"} and axis not in self.parameters:
                raise ValueError(f"{self.file} spans each {axis} but does not take the parameter {axis}")
        if "home" in self.county and self.chain != ("each",):
            raise ValueError(f"{self.file} spans the home counties of a chain but is not of each chain alone (chain: [each])")
        return self


class Suite(Entry):
    """suite.yml."""

    kinds: tuple[Kind, ...]
    notebooks: tuple[NotebookEntry, ...]

    @model_validator(mode="after")
    def _names_hold_together(self) -> Suite:
        files = [entry.file for entry in self.notebooks]
        if len(set(files)) != len(files):
            raise ValueError("a notebook stands twice")
        kinds = {kind.id for kind in self.kinds}
        for entry in self.notebooks:
            if entry.kind not in kinds:
                raise ValueError(f"{entry.file}: kind {entry.kind} is not among {sorted(kinds)}")
        return self

    def kind(self, kind: str) -> Kind:
        """The kind with this id."""
        return {entry.id: entry for entry in self.kinds}[kind]


@dataclass(frozen=True)
class Page:
    """One page of the report: a notebook with its parameters.

    `county` is a GB/T code and `chain` a chain's id; both are empty on a page of the whole city. `title` and `place` are in the page's
    language.
    """

    id: str
    notebook: Path
    parameters: Mapping[str, str]
    title: str
    place: str
    kind: str
    order: int
    lang: str
    county: str = ""
    chain: str = ""


def suite(folder: Path | None = None) -> Suite:
    """The suite of a folder of notebooks (default: the checkout's); a bad entry is an error with file and key."""
    return load(Suite, (folder or notebooks_root()) / "suite.yml")


def pages(
    quarter: str,
    langs: Iterable[str] = LANGUAGES,
    counties: Iterable[str] | None = None,
    chains: Iterable[str] | None = None,
    only: Iterable[str] | None = None,
    dataset: str = "simulated",
    folder: Path | None = None,
    edition: str = "2022",
) -> list[Page]:
    """Every page of the matrix, in the order of the index, narrowed to what is named.

    `counties` (codes or names; the city's own name means its page) and `chains` (names or ids) keep only pages of these; `only` keeps
    notebooks by name, with or without `.ipynb`. Raises LiantuError for an unknown name (with the nearest match), or when nothing is left.
    """
    home, place = folder or notebooks_root(), city()
    known = suite(home)
    entries = _only(known.notebooks, only)
    wanted_langs = _languages(langs)
    county_codes = None if counties is None else {_county(name, place) for name in counties}
    chain_ids = None if chains is None else {checked_chains(place, edition).by_name(name).id for name in chains}
    made = [
        _page(entry, home, {"quarter": quarter, "dataset": dataset}, lang, county, chain, place)
        for entry in sorted(entries, key=lambda entry: (entry.order, entry.file))
        for county, chain in _spanned(entry, place, edition, county_codes if chain_ids else None)
        for lang in wanted_langs
        if lang in entry.lang
        and (county_codes is None or (county.code if county else "") in county_codes)
        and (chain_ids is None or (chain is not None and chain.id in chain_ids))
    ]
    if not made:
        asked = ", ".join([*(f"county {name}" for name in counties or ()), *(f"chain {name}" for name in chains or ())])
        raise LiantuError(f"no page of the matrix is about {asked}: {', '.join(entry.stem for entry in entries)} "
                          "have no such page; leave the option out, or see `liantu list`")
    return made


def sister(stem: str) -> str:
    """The stem of the same page in the other language."""
    name, _, lang = stem.rpartition(".")
    return f"{name}.{'en' if lang == 'zh' else 'zh'}"


def _page(entry: NotebookEntry, home: Path, given: Mapping[str, str], lang: str, county: Division | None, chain: Chain | None,
          place: City) -> Page:
    values = {**given, "lang": lang, "county": county.code if county else "", "chain": chain.zh if chain else ""}
    parts = [entry.stem, county.code if county else "", chain.id if chain else "", lang]
    where = [_short(county, lang) if county else place.divisions.city.name(lang), *([chain.name(lang)] if chain else [])]
    return Page(
        id=".".join(part for part in parts if part), notebook=home / entry.file,
        parameters={name: values[name] for name in entry.parameters if name in values},
        title=entry.name(lang), place=" · ".join(where), kind=entry.kind, order=entry.order, lang=lang,
        county=county.code if county else "", chain=chain.id if chain else "")


def _short(county: Division, lang: str) -> str:
    return county.short_zh if lang == "zh" else county.short_en


def _spanned(entry: NotebookEntry, place: City, edition: str, asked: set[str] | None) -> Iterator[tuple[Division | None, Chain | None]]:
    """The county and chain of each page of a notebook; `asked` are counties named together with chains."""
    for chain in _chains(entry, place, edition):
        if "city" in entry.county:
            yield None, chain
        for county in place.divisions.counties:
            at_home = chain is not None and "home" in entry.county and county.code in {*chain.counties, *(asked or ())}
            if "each" in entry.county or at_home:
                yield county, chain


def _chains(entry: NotebookEntry, place: City, edition: str) -> Iterator[Chain | None]:
    if "city" in entry.chain:
        yield None
    if "each" in entry.chain:
        yield from checked_chains(place, edition).chains


def _only(entries: tuple[NotebookEntry, ...], only: Iterable[str] | None) -> list[NotebookEntry]:
    named = {entry.stem: entry for entry in entries}
    wanted = [name.removesuffix(".ipynb") for name in only or ()]
    for name in wanted:
        if name not in named:
            raise UnknownValueError("notebook", name, named)
    return [entry for stem, entry in named.items() if not wanted or stem in wanted]


def _languages(langs: Iterable[str]) -> list[str]:
    wanted = list(dict.fromkeys(langs))
    for lang in wanted:
        if lang not in LANGUAGES:
            raise UnknownValueError("language", lang, LANGUAGES)
    if not wanted:
        raise UnknownValueError("language", "", LANGUAGES)
    return wanted


def _county(name: str, place: City) -> str:
    """The code of a county by code or name; empty for the city itself, whose page has no county."""
    divisions = place.divisions
    for division in (*divisions.counties, divisions.city):
        if name in (division.code, division.zh, division.short_zh, division.en, division.short_en, *division.aliases):
            return "" if division is divisions.city else division.code
    known = (divisions.city, *divisions.counties)
    raise UnknownValueError("county", name, [division.zh for division in known] + [division.code for division in known])

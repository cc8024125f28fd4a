"""One city's reference data, read on demand and kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from liantu.errors import UnknownValueError
from liantu.reference.chains import Chain, ChainEdition, Chains
from liantu.reference.editions import Crosswalk, composed
from liantu.reference.folders import reference_folder
from liantu.reference.forms import load_forms
from liantu.reference.loading import ReferenceFileError, listed, load
from liantu.reference.models import (
    Divisions,
    LedgerForm,
    LedgerWords,
    Rules,
    Targets,
    Vocabulary,
    YearCalendar,
)
from liantu.reference.opened import kept


@dataclass(frozen=True)
class City:
    """The reference folder of a city; each file is read once, when first asked for."""

    folder: Path

    @cached_property
    def divisions(self) -> Divisions:
        """The city and its county-level divisions."""
        return load(Divisions, self.folder / "divisions.yml")

    @cached_property
    def calendar(self) -> YearCalendar:
        """Quarter themes and the winter pause."""
        return load(YearCalendar, self.folder / "calendar.yml")

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The allowed values of coded columns and the words for them."""
        return load(Vocabulary, self.folder / "vocabulary.yml")

    @cached_property
    def rules(self) -> Rules:
        """The rules of cleaning with their messages, from every file of rules/."""
        return Rules(rules=tuple(rule for path in listed(self.folder / "rules") for rule in load(Rules, path).rules))

    @cached_property
    def forms(self) -> tuple[LedgerForm, ...]:
        """Every ledger form, by file name."""
        return load_forms(self._form_files, self.ledger_words)

    @cached_property
    def ledger_words(self) -> LedgerWords:
        """The words by which the layout of a ledger is understood: units, subtotals, notes, milestones."""
        return load(LedgerWords, self.folder / "ledger_words.yml")

    def forms_with(self, layouts: Sequence[Path]) -> tuple[LedgerForm, ...]:
        """The city's ledger forms and those of more form files; a form of the same id replaces the city's."""
        if not layouts:
            return self.forms
        return load_forms([*self._form_files, *layouts], self.ledger_words)

    @property
    def _form_files(self) -> list[Path]:
        return listed(self.folder / "forms")

    def targets(self, year: int) -> Targets:
        """The targets of one year; for a year without any, the counting rules of the nearest year, without values."""
        return _targets(self.folder, year)

    @property
    def editions(self) -> list[str]:
        """The editions of the list of chains, by their names."""
        return [path.name for path in listed(self.folder / "chains", "*") if path.is_dir()]

    def chains(self, edition: str = "2022") -> Chains:
        """The chains of one edition; an unknown edition is an error that lists the editions.

        Those of an edition with a crosswalk are composed from the links of the edition it is made from.
        """
        self._one_of_editions(edition)
        return _chains(self.folder, edition)

    def crosswalk(self, edition: str) -> Crosswalk | None:
        """What an edition is made of, in chains and links of the edition that the tables are placed in; None for that one itself."""
        self._one_of_editions(edition)
        return _crosswalk(self.folder, edition)

    def _one_of_editions(self, edition: str) -> None:
        if edition not in self.editions:
            raise UnknownValueError("edition", edition, self.editions)


@kept()
def _targets(folder: Path, year: int) -> Targets:
    files = {int(path.stem): path for path in listed(folder / "targets")}
    if not files:
        raise ReferenceFileError(f"{folder / 'targets'}: the folder holds no targets; add <year>.yml")
    known = load(Targets, files[min(files, key=lambda held: (abs(held - year), held))])
    return known if known.year == year else known.without_values(year)


@kept()
def _chains(folder: Path, edition: str) -> Chains:
    home = folder / "chains" / edition
    if made := _crosswalk(folder, edition):
        return composed(made, _chains(folder, made.made_from))
    files = [path for path in listed(home) if path.name != "edition.yml"]
    chains = sorted((load(Chain, path) for path in files), key=lambda chain: chain.order)
    orders = [chain.order for chain in chains]
    if orders != list(range(1, len(chains) + 1)):
        raise ReferenceFileError(f"{home}: order: the chains must be numbered 1 to {len(chains)}, found {orders}")
    return Chains(load(ChainEdition, home / "edition.yml"), tuple(chains))


@kept()
def _crosswalk(folder: Path, edition: str) -> Crosswalk | None:
    path = folder / "chains" / edition / "crosswalk.yml"
    # Looked for in the list of the folder, so that a crosswalk added later counts as a change.
    return load(Crosswalk, path) if path in listed(path.parent) else None


def city(name: str = "chaoyang") -> City:
    """The reference data of a city by the name of its folder, or by the folder's path."""
    return _city(name)


@kept()
def _city(name: str) -> City:
    folder = Path(name) if "/" in str(name) else reference_folder(name)
    if not folder.is_dir():
        raise UnknownValueError("city", name, sorted(path.name for path in folder.parent.glob("*") if path.is_dir()))
    return City(folder)

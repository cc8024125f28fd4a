"""How service is told: the typed form of `service.yml`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from liantu.reference import City, city
from liantu.reference.loading import Entry, Named, load
from liantu.reference.opened import kept

Words = Annotated[tuple[str, ...], Field(min_length=1)]


class ServiceRules(Entry):
    """service.yml; the meaning of each entry is in docs/methods/assessment.md."""

    source: str
    key_task_target: str
    brands: Annotated[int, Field(ge=0)]
    not_key_kinds: tuple[str, ...]
    done_words: Words
    late_words: Words
    not_begun_words: Words
    under_way_words: Words
    solved_listed_since: Literal["year", "ledger"]
    few: Annotated[int, Field(ge=1)]
    level: Annotated[float, Field(gt=0.5, lt=1)]
    kinds: tuple[Named, ...]
    offices: tuple[Named, ...]
    county_offices: tuple[Named, ...]

    @model_validator(mode="after")
    def _words_once(self) -> ServiceRules:
        words = (*self.done_words, *self.late_words, *self.not_begun_words, *self.under_way_words)
        if twice := sorted({word for word in words if words.count(word) > 1}):
            raise ValueError(f"words that mean two states: {twice}")
        return self

    def names(self, lang: str) -> dict[str, str]:
        """What kinds of problems and tasks and the city's offices are called in `lang`, by what ledgers call them."""
        return {entry.zh: entry.name(lang) for entry in (*self.kinds, *self.offices)}


@kept()
def service_rules(of: City | None = None) -> ServiceRules:
    """The rules of a city, by default of the city that is shipped.

    Raises ReferenceFileError when the file is missing or breaks its rules.
    """
    return load(ServiceRules, (of or city()).folder / "service.yml")

"""The words by which group rows and headers of amounts speak for the rows of a table, typed, from row_words.yml."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from liantu.ledger.values import Column
from liantu.reference import City
from liantu.reference.loading import Entry, load

Words = tuple[str, ...]


class GroupWords(Entry):
    """How group rows are worded; `numbering`, `counts` and `fillers` are regular expressions."""

    numbering: Words
    counts: str
    fillers: Words
    chain_marks: Words
    no_stage: Words


class AmountWords(Entry):
    """How headers of amounts tell their time."""

    year_before: Words
    months: str


class StageWords(Entry):
    """How headers and sheets speak of stages; `start_or_resume` is a regular expression."""

    start_or_resume: str
    no_stage_of_sheet: Words
    not_of_now: Words


class RowWords(Entry):
    """row_words.yml."""

    source: str
    groups: GroupWords
    amounts: AmountWords
    stages: StageWords
    status: Words


def remarks_of_now(notes: Sequence[tuple[str, Column]], words: RowWords) -> Iterator[Column]:
    """The columns of remarks that tell how things stand, the last one first: none whose header speaks of plans, reasons or wishes."""
    for header, remarks in reversed(notes):
        if not any(word in header for word in words.stages.not_of_now):
            yield remarks


@cache
def row_words(city: City) -> RowWords:
    """The words of a city's reference folder; a broken file is a LiantuError that names file and key."""
    return load(RowWords, city.folder / "row_words.yml")

"""labels.yml: the words by which ledgers call a project's work on its chain, and say that a problem is solved."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from liantu.reference import City, city
from liantu.reference.loading import Entry, Named, load
from liantu.reference.opened import kept


class Work(Named):
    """One kind of work on a chain (补链, 延链, 强链, 铸链), and what ledgers call it."""

    id: Literal["fill", "extend", "strengthen", "found"]
    words: Annotated[tuple[str, ...], Field(min_length=1)]


class ChainWords(Entry):
    """chains/labels.yml."""

    source: str
    works: tuple[Work, ...]
    label_columns: tuple[str, ...]
    solved: tuple[str, ...]


@kept()
def chain_words(of: City | None = None) -> ChainWords:
    """The words of a city, by default of the city that is shipped.

    Raises ReferenceFileError when the file is missing or breaks its rules.
    """
    return load(ChainWords, (of or city()).folder / "chains" / "labels.yml")

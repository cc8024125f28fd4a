"""The words of the chains made ready for search, and the search itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

_SPACE = re.compile(r"\s+")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")


@lru_cache(maxsize=65536)
def plain(text: str) -> str:
    """Text without differences of width, case and spaces."""
    return _SPACE.sub("", unicodedata.normalize("NFKC", text)).upper()


def outside_brackets(text: str) -> tuple[str, str]:
    """A plain text without its bracketed parts, and those parts."""
    return _BRACKETS.sub("", text), "".join(_BRACKETS.findall(text))


@dataclass(frozen=True)
class Word:
    """One word that speaks for a chain, or for one of its links; generic when it is the chain's own name."""

    text: str
    chain: str
    link: str | None
    generic: bool = False


@dataclass(frozen=True)
class Hit:
    """A word found in a text, from `start` up to `end`."""

    word: Word
    start: int
    end: int


class WordIndex:
    """Words by their first two characters, so that a text is searched in one pass however many words there are."""

    def __init__(self, words: Iterable[Word]) -> None:
        self._by_start: dict[str, list[Word]] = {}
        for word in words:
            self._by_start.setdefault(word.text[:2], []).append(word)

    def found(self, text: str, wanted: Callable[[Word], bool] | None = None) -> list[Hit]:
        """The hits in a plain text in their order; one that lies inside a longer one is left out (铁矿 inside 钛铁矿).

        The name of a chain does not hide a link of the same chain: 玄武岩新材料 still says 玄武岩.
        """
        hits = [
            Hit(word, start, start + len(word.text))
            for start in range(len(text) - 1)
            for word in self._by_start.get(text[start : start + 2], ())
            if text.startswith(word.text, start) and (wanted is None or wanted(word))
        ]
        return [hit for hit in hits if not any(_hidden(hit, other) for other in hits)]


def _hidden(hit: Hit, other: Hit) -> bool:
    if hit.word.link is not None and other.word.link is None and hit.word.chain == other.word.chain:
        return False
    return other.start <= hit.start and hit.end <= other.end and other.end - other.start > hit.end - hit.start

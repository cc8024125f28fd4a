"""The reason that a ledger's own note gives: the sentence with the words of a reason, as it stands."""

from __future__ import annotations

import re

import pandas as pd

from liantu.reference.checking import ReasonWords


def reasons(notes: pd.Series, words: ReasonWords) -> pd.Series:
    """The sentences of each note that give a reason, joined by a semicolon; missing where none does. Each distinct note is read once."""
    told = {note: reason(note, words) for note in notes.dropna().unique()}
    return notes.map(told).astype("str")


def reason(note: str, words: ReasonWords) -> str | None:
    """The sentences of one note that hold a word of a reason (checking.yml), None when there is none.

    Words that only look like one (结构调整, 未变更) do not count.
    """
    given, alike = re.compile("|".join(words.words)), re.compile("|".join(map(re.escape, words.not_words)) or r"(?!)")
    sentences = [part.strip() for part in re.split(f"[{re.escape(words.breaks)}]", note)]
    return "；".join(part for part in dict.fromkeys(sentences) if given.search(alike.sub("", part))) or None

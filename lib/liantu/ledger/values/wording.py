"""The wording of the language that the readers of values share, typed and read once from wording.yml."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from liantu.reference.loading import Entry, load

Words = tuple[str, ...]


class Wording(Entry):
    """wording.yml: what any Chinese ledger says, whatever the city."""

    source: str
    blank: Words
    formula_errors: Words
    ditto: Words
    undecided: Words
    about_before: Words
    about_after: Words
    amount_labels: Words
    yuan_after: Words
    foreign_money: Words
    counters: Words
    area_labels: Words
    particulars: Words
    affirmative: Words
    negatory: Words
    affirmative_starts: Words
    negatory_starts: Words
    unsure: Words
    negations: Words
    negation_not: Words
    close_negations: Words
    adverbs: Words
    intentions: Words
    intention_not: Words
    resets: Words
    not_yet_after: Words
    date_undecided: Words
    date_before: Words
    date_after: Words
    date_later: Words
    date_denied: Words
    date_lunar: Words
    date_parts: Words
    times_of_day: Words
    weekdays: Words
    relative_years: dict[str, int]
    relative_months: dict[str, int]
    relative_quarters: dict[str, int]
    contact_words: Words
    contact_people: Words
    account_words: Words
    identity_words: Words


WORDING = load(Wording, Path(__file__).with_name("wording.yml"))


def any_of(words: Iterable[str]) -> str:
    """A regular expression (not capturing) for any of the words, the longest tried first."""
    return "(?:" + "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word))) + ")"


def folded(words: Iterable[str]) -> frozenset[str]:
    """The words as a set for look-up without regard to case."""
    return frozenset(word.casefold() for word in words)

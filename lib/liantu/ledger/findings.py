"""The named findings of cleaning in words: what each kind says to people, in both languages, is reference data."""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from liantu.reference.loading import Entry, Named, load

Finding = dict[str, Any]
STALE = "correction_stale"
"""The kind that makes the command end with 1."""
_SUMMED = (("unknown_header", "headers unknown"), ("field_gone", "fields gone"), ("by_content", "by content"),
           ("unit_assumed", "units assumed"), (STALE, "corrections stale"))


class FindingWords(Named):
    """One wording of a kind of finding; `{places}` stand for what the finding says."""

    kind: str
    case: str = ""

    @property
    def places(self) -> frozenset[str]:
        """The names of the places of both languages."""
        return frozenset(name for text in (self.zh, self.en) for _, name, _, _ in string.Formatter().parse(text) if name)


class FindingFile(Entry):
    """findings.yml."""

    findings: tuple[FindingWords, ...]
    source: str


def worded(findings: Sequence[Finding], reference: Path) -> list[Finding]:
    """Each finding with its messages: the first wording of its kind and case whose places it fills. `reference` is the city's folder."""
    words = _words(reference)
    return [_told(finding, words) for finding in findings]


def _told(finding: Finding, words: Sequence[FindingWords]) -> Finding:
    filled = {name for name, value in finding.items() if value not in (None, "")}
    mine = (own for own in words if own.kind == finding["kind"] and own.case in ("", finding.get("case", "")) and own.places <= filled)
    own = next(mine, None)
    if own is None:
        raise LookupError(f"findings.yml has no wording for {finding['kind']} {finding.get('case', '')} with {sorted(filled)}")
    return {**finding, "message_zh": own.zh.format(**finding), "message_en": own.en.format(**finding)}


@cache
def _words(reference: Path) -> tuple[FindingWords, ...]:
    return load(FindingFile, reference / "findings.yml").findings


def summed(findings: Sequence[Mapping[str, Any]]) -> str:
    """How many findings of each kind that asks for a look: `3 headers unknown, …, 2 units assumed, 0 corrections stale`."""
    kinds = Counter(finding["kind"] for finding in findings)
    return ", ".join(f"{kinds[kind]} {words}" for kind, words in _SUMMED)

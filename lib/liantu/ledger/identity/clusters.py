"""From scored pairs to clusters of mentions: from the best pair down, never two members that contradict each other."""

from __future__ import annotations

import numpy as np
import pandas as pd

from liantu.ledger.identity.names import Names
from liantu.ledger.identity.objections import COUNTIES_DIFFER, MOVED, PHASES_DIFFER

SIDE_BY_SIDE = "listed side by side in one ledger 同一台账内并列"
_AS_NEAR = "another project is as near 另有相近项目"


def join_up(
        mentions: pd.DataFrame, rows: pd.DataFrame, pairs: pd.DataFrame, ruled: pd.DataFrame,
        names: Names) -> tuple[pd.Series, pd.DataFrame]:
    """The cluster of each mention of `rows`, and the pairs with their `decision` and `reason`.

    `mentions` and `pairs` come from scoring; `ruled` has one, other, decision (merge, apart) and reason of what a person ruled. Rulings
    stand before everything. Then, from the best pair down: a pair joins two clusters when its score reaches the threshold, nothing speaks
    against it, neither side has a rival within the margin, and no two members would contradict each other.
    """
    merged = names.rules.thresholds.merged
    book = _Clusters(mentions, rows, ruled, names.divisions.city.code)
    told = set(zip(ruled["one"], ruled["other"], strict=True))
    ordered = pairs.sort_values(["score", "one", "other"], ascending=[False, True, True], ignore_index=True)
    free = [pair not in told for pair in zip(ordered["one"], ordered["other"], strict=True)] if told else slice(None)
    rivals = _Rivals(ordered, book, names.rules.margin, merged)
    ordered = ordered[free]
    decisions, reasons = [], []
    columns = (ordered[name].tolist() for name in ("one", "other", "score", "veto", "doubt", "same_code"))
    for one, other, score, veto, doubt, same_code in zip(*columns, strict=True):
        reason = veto or book.conflict(one, other, same_code or doubt == MOVED)
        if reason or score < names.rules.thresholds.proposed:
            decisions.append("kept_apart")
        elif doubt or score < merged or rivals.near(one, other, score):
            reason = doubt or (_AS_NEAR if score >= merged else "")
            decisions.append("proposed")
        else:
            book.join(one, other)
            decisions.append("merged")
        reasons.append(reason)
    decided = ordered.assign(decision=pd.Series(decisions, ordered.index, "str"), reason=pd.Series(reasons, ordered.index, "str"))
    clusters = book.clusters(rows["mention"].max() + 1)
    apart = decided["one"].map(clusters) != decided["other"].map(clusters)
    decided = decided[apart | decided["decision"].eq("merged")]
    return clusters, pd.concat([decided, _by_person(ruled, pairs)], ignore_index=True) if len(ruled) else decided.reset_index(drop=True)


def _by_person(ruled: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """The pairs that a person ruled on; their score, where they have one, stays for those kept apart."""
    scores = pairs.set_index(["one", "other"])["score"].reindex(list(zip(ruled["one"], ruled["other"], strict=True))).fillna(0).to_numpy()
    forced = ruled["decision"].eq("merge")
    return ruled[["one", "other", "reason"]].assign(
        score=np.where(forced, 1.0, scores), decision=forced.map({True: "merged", False: "kept_apart"}).astype("str"), ruled=True)


class _Clusters:
    """Clusters of mentions with what each already holds: ledgers, phases, counties, and mentions that a person told from it."""

    def __init__(self, mentions: pd.DataFrame, rows: pd.DataFrame, ruled: pd.DataFrame, city: str) -> None:
        self.parent = {mention: mention for mention in mentions.index}
        held = rows.loc[rows["mention"].isin(mentions.index), ["mention", "ledger"]].drop_duplicates()
        self.ledgers: dict[int, set[int]] = {mention: set() for mention in mentions.index}
        for mention, ledger in zip(held["mention"].tolist(), held["ledger"].tolist(), strict=True):
            self.ledgers[mention].add(ledger)
        self.phases = {mention: _by_kind(phases) for mention, phases in zip(mentions.index, mentions["phases"], strict=True)}
        self.counties = {mention: {county} - {city} for mention, county in zip(mentions.index, mentions["county"], strict=True)}
        self.barred: dict[int, list[tuple[int, str]]] = {}
        for rule in ruled[ruled["decision"].eq("merge")].itertuples():
            self.join(rule.one, rule.other)
        for rule in ruled[ruled["decision"].eq("apart")].itertuples():
            for mine, theirs in ((rule.one, rule.other), (rule.other, rule.one)):
                self.barred.setdefault(self.find(mine), []).append((theirs, rule.reason))

    def find(self, mention: int) -> int:
        while self.parent[mention] != mention:
            self.parent[mention] = self.parent[self.parent[mention]]
            mention = self.parent[mention]
        return mention

    def conflict(self, one: int, other: int, over_counties: bool = False) -> str:
        """Why two mentions' clusters cannot be one project; empty when they can (or already are)."""
        one, other = self.find(one), self.find(other)
        if one == other:
            return ""
        for told, reason in self.barred.get(one, ()):
            if self.find(told) == other:
                return reason
        if self.ledgers[one] & self.ledgers[other]:
            return SIDE_BY_SIDE
        mine, theirs = self.phases[one], self.phases[other]
        if any(mine[kind] != theirs[kind] for kind in mine.keys() & theirs.keys()):
            return PHASES_DIFFER
        apart = self.counties[one] and self.counties[other] and self.counties[one].isdisjoint(self.counties[other])
        return COUNTIES_DIFFER if apart and not over_counties else ""

    def join(self, one: int, other: int) -> None:
        keep, gone = sorted((self.find(one), self.find(other)))
        if keep != gone:
            self.parent[gone] = keep
            self.ledgers[keep] |= self.ledgers[gone]
            self.phases[keep] |= self.phases[gone]
            self.counties[keep] |= self.counties[gone]
            if gone in self.barred:
                self.barred[keep] = [*self.barred.get(keep, ()), *self.barred.pop(gone)]

    def clusters(self, count: int) -> pd.Series:
        """The cluster of each of `count` mentions; those that were never looked at stand alone."""
        found = np.arange(count)
        found[list(self.parent)] = [self.find(mention) for mention in self.parent]
        return pd.Series(found)


class _Rivals:
    """Finds whether either side of a pair could as well be another project that contradicts the pair."""

    def __init__(self, pairs: pd.DataFrame, book: _Clusters, margin: float, merged: float) -> None:
        self.book, self.margin = book, margin
        self.of: dict[int, list[tuple[float, int]]] = {}
        strong = pairs[(pairs["score"] >= merged - margin) & pairs["veto"].eq("")]
        for one, other, score in zip(strong["one"].tolist(), strong["other"].tolist(), strong["score"].tolist(), strict=True):
            self.of.setdefault(one, []).append((score, other))
            self.of.setdefault(other, []).append((score, one))

    def near(self, one: int, other: int, score: float) -> bool:
        """True when a rival of either side scores within the margin."""
        return self._near(one, other, score) or self._near(other, one, score)

    def _near(self, mention: int, partner: int, score: float) -> bool:
        near = [rival for rated, rival in self.of[mention] if rival != partner and rated > score - self.margin]
        return any(self.book.conflict(rival, partner) and not self.book.conflict(rival, mention) for rival in near)


def _by_kind(phases: frozenset[str]) -> dict[str, frozenset[str]]:
    kinds = {phase.split()[0] for phase in phases}
    return {kind: frozenset(phase for phase in phases if phase.startswith(kind)) for kind in sorted(kinds)}

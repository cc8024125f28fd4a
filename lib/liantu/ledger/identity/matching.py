"""Which ledger rows report the same project, over sources and snapshots.

Rows with the same name, company and county make one *mention* (two such rows of one ledger and snapshot only when their amount is the
same too). Mentions that share rare characters of their names, a company or a national code are held against each other: a transparent
sum of weighted features, three outcomes (merged, proposed, kept apart). Clusters grow from the best pair down and never take in two
rows of one ledger and snapshot, two phases, or two counties. Words, weights and thresholds: identity.yml.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np
import pandas as pd

from liantu.ledger.identity.names import Names
from liantu.ledger.identity.pairing import COUNTIES_DIFFER, FEATURES, PHASES_DIFFER, candidate_pairs, score_pairs
from liantu.tables.contracts import MERGES, SOURCES

_WORDS = {"name": "名称", "company": "单位", "county": "县区", "amount": "投资", "numbers": "数字", "phase": "期次"}
_SAME = "same name, company and county 名称、单位、县区相同"
_REPEAT = "the same row again in one ledger 同一台账内重复"
_ROW = ["source_file", "sheet", "row"]


def identify(observations: pd.DataFrame, names: Names) -> tuple[pd.Series, pd.DataFrame]:
    """The project of each observation, and the evidence.

    `observations` has snapshot, source, source_file, sheet, row, name, company, county, total_investment_wan and national_code.
    Returns project ids by the index of `observations`, and the table `merges`. Neither depends on the order of the rows.
    """
    if observations.empty:
        return pd.Series(index=observations.index, dtype="str"), MERGES.conform([])
    rows = _prepared(observations, names)
    mentions = _mentions(rows, names)
    pairs = score_pairs(mentions, candidate_pairs(mentions, names), names)
    clusters, pairs = join_up(mentions, rows, pairs, names)
    mentions = mentions.assign(project_id=_project_ids(mentions, clusters))
    ids = rows["mention"].map(mentions["project_id"])
    merges = pd.concat([_merged(rows, mentions, pairs), _undecided(mentions, pairs)], ignore_index=True)
    return ids.reindex(observations.index).astype("str"), MERGES.conform(merges.sort_values([*_ROW, "project_id", "matched_to"]))


def _prepared(observations: pd.DataFrame, names: Names) -> pd.DataFrame:
    """The rows in their own order (time, who reports, file, sheet, row) with their mention."""
    rows = observations[["snapshot", "source", *_ROW, "name", "company", "county"]].assign(
        amount=observations["total_investment_wan"], code=observations["national_code"].fillna(""),
        weight=observations["source"].map({source: place for place, source in enumerate(SOURCES)}).astype("int64"),
        full=observations["name"].map(lambda name: names.project(name).full),
        owner=observations["company"].map(names.company, na_action=None))
    rows = rows.sort_values(["snapshot", "weight", *_ROW])
    rows["ledger"] = rows.groupby(["snapshot", "source_file", "sheet"]).ngroup()
    rows["group"] = rows.groupby(["county", "full", "owner"], dropna=False).ngroup()
    rows["slot"] = _slots(rows)
    # Numbered by first appearance, so that the lower number of a pair is the earlier mention.
    rows["mention"] = rows.groupby(["group", "slot"], sort=False).ngroup()
    return rows


def _slots(rows: pd.DataFrame) -> pd.Series:
    """Tells apart rows of one name, company and county that one ledger lists side by side with different amounts or codes."""
    distinct = rows.drop_duplicates(["group", "ledger", "amount", "code"])
    several = distinct.groupby(["group", "ledger"]).size()
    codes = rows[rows["code"].ne("")].groupby("group")["code"].nunique()
    # Without a company, one name from two kinds of ledger may be two projects.
    nameless = rows[rows["owner"].eq("")].groupby("group")["source"].nunique()
    doubtful = {*several[several > 1].index.get_level_values("group"), *codes[codes > 1].index, *nameless[nameless > 1].index}
    slots = pd.Series(0, index=rows.index)
    for _, group in rows[rows["group"].isin(doubtful)].groupby("group"):
        slots.update(_slots_of(group))
    return slots


def _slots_of(group: pd.DataFrame) -> pd.Series:
    """Ledger by ledger in time, each row continues the slot whose last amount is nearest, the nearest pair first, or opens a new one."""
    slots: list[list[_SlotRow]] = []
    places: dict[object, int] = {}
    ordered = group.sort_values(["snapshot", "weight", "source_file", "sheet", "amount", "row"])
    for _, ledger in ordered.groupby("ledger", sort=False):
        fields = (ledger[name] for name in _SlotRow._fields)
        waiting = dict(zip(ledger.index, map(_SlotRow._make, zip(*fields, strict=True)), strict=True))
        while waiting:
            fits = [(_fit(slot, row), -place, -order, index) for order, (index, row) in enumerate(waiting.items())
                    for place, slot in enumerate(slots)]
            fit, place, _, index = max(fits, key=lambda entry: entry[:3], default=(-1.0, 0, 0, None))
            if fit < 0:
                index, place = next(iter(waiting)), -len(slots)
                slots.append([])
            slots[-place].append(waiting.pop(index))
            places[index] = -place
    return pd.Series(places)


class _SlotRow(NamedTuple):
    ledger: int
    amount: float
    code: str
    owner: str
    source: str


def _fit(slot: list[_SlotRow], row: _SlotRow) -> float:
    """How well a row continues a slot, 0 to 1; -1 when it cannot: another code, another row of its ledger, another size of project."""
    if any(other.code and row.code and other.code != row.code for other in slot):
        return -1.0
    if any(other.ledger == row.ledger and not _same(other.amount, row.amount) for other in slot):
        return -1.0
    known = [other.amount for other in slot if not np.isnan(other.amount)]
    if np.isnan(row.amount) or not known:
        return 0.5
    ratio = _ratio(row.amount, known[-1])
    return ratio if ratio >= 0.5 else -1.0


def _same(one: float, other: float) -> bool:
    return one == other or (np.isnan(one) and np.isnan(other))


def _ratio(one: float, other: float) -> float:
    high = max(one, other)
    return 1.0 if high == 0 else min(one, other) / high


def _mentions(rows: pd.DataFrame, names: Names) -> pd.DataFrame:
    """One row per mention: its first row's place, and what the features are read from."""
    by_mention = rows.groupby("mention")
    mentions = rows.drop_duplicates("mention").set_index("mention").sort_index()
    taken = [names.project(name) for name in mentions["name"]]
    owned = zip((name.core for name in taken), mentions["owner"], strict=True)
    return mentions.assign(
        amount=by_mention["amount"].first(), newest=by_mention["amount"].last(), code=by_mention["code"].max(),
        core=[name.core for name in taken], phases=[name.phases for name in taken], numbers=[name.numbers for name in taken],
        variants=[name.variants for name in taken],
        places=[names.places(f"{name} {company}") for name, company in zip(mentions["name"], mentions["company"], strict=True)],
        whole=[core if owner in core else owner + core for core, owner in owned])


def join_up(mentions: pd.DataFrame, rows: pd.DataFrame, pairs: pd.DataFrame, names: Names) -> tuple[pd.Series, pd.DataFrame]:
    """The cluster of each mention, and the pairs with their decision.

    From the best pair down: a pair joins two clusters when its score reaches the threshold, nothing speaks against it, neither side has
    a rival within the margin, and no two members would contradict each other.
    """
    ordered = pairs.sort_values(["score", "one", "other"], ascending=[False, True, True], ignore_index=True)
    merged = names.rules.thresholds.merged
    book = _Clusters(mentions, rows, names.divisions.city.code)
    rivals = _Rivals(ordered, book, names.rules.margin, merged)
    decisions, reasons = [], []
    for pair in ordered.itertuples():
        reason = pair.veto or book.conflict(pair.one, pair.other)
        if reason or pair.score < names.rules.thresholds.proposed:
            decisions.append("kept_apart")
        elif pair.doubt or pair.score < merged or rivals.near(pair):
            reason = pair.doubt or ("another project is as near 另有相近项目" if pair.score >= merged else "")
            decisions.append("proposed")
        else:
            book.join(pair.one, pair.other)
            decisions.append("merged")
        reasons.append(reason)
    decided = ordered.assign(decision=pd.Series(decisions, dtype="str"), reason=pd.Series(reasons, dtype="str"))
    clusters = pd.Series({mention: book.find(mention) for mention in mentions.index}, dtype="int64")
    apart = decided["one"].map(clusters) != decided["other"].map(clusters)
    return clusters, decided[apart | decided["decision"].eq("merged")]


class _Clusters:
    """Clusters of mentions with what each already holds: ledgers, phases, counties."""

    def __init__(self, mentions: pd.DataFrame, rows: pd.DataFrame, city: str) -> None:
        self.parent = {mention: mention for mention in mentions.index}
        self.ledgers = rows.groupby("mention")["ledger"].agg(set).to_dict()
        self.phases = {mention: dict(_by_kind(phases)) for mention, phases in mentions["phases"].items()}
        self.counties = {mention: {county} - {city} for mention, county in mentions["county"].items()}

    def find(self, mention: int) -> int:
        while self.parent[mention] != mention:
            self.parent[mention] = self.parent[self.parent[mention]]
            mention = self.parent[mention]
        return mention

    def conflict(self, one: int, other: int) -> str:
        """Why two mentions' clusters cannot be one project; empty when they can (or already are)."""
        one, other = self.find(one), self.find(other)
        if one == other:
            return ""
        if self.ledgers[one] & self.ledgers[other]:
            return "listed side by side in one ledger 同一台账内并列"
        mine, theirs = self.phases[one], self.phases[other]
        if any(mine[kind] != theirs[kind] for kind in mine.keys() & theirs.keys()):
            return PHASES_DIFFER
        apart = self.counties[one] and self.counties[other] and self.counties[one] != self.counties[other]
        return COUNTIES_DIFFER if apart else ""

    def join(self, one: int, other: int) -> None:
        keep, gone = sorted((self.find(one), self.find(other)))
        if keep != gone:
            self.parent[gone] = keep
            self.ledgers[keep] |= self.ledgers[gone]
            self.phases[keep] |= self.phases[gone]
            self.counties[keep] |= self.counties[gone]


class _Rivals:
    """Finds whether either side of a pair could as well be another project that contradicts the pair."""

    def __init__(self, pairs: pd.DataFrame, book: _Clusters, margin: float, merged: float) -> None:
        self.book, self.margin = book, margin
        self.of: dict[int, list[tuple[float, int]]] = {}
        strong = pairs[(pairs["score"] >= merged - margin) & pairs["veto"].eq("")]
        for one, other, score in zip(strong["one"], strong["other"], strong["score"], strict=True):
            self.of.setdefault(one, []).append((score, other))
            self.of.setdefault(other, []).append((score, one))

    def near(self, pair: tuple) -> bool:
        """True when a rival of either side scores within the margin."""
        return self._near(pair.one, pair.other, pair.score) or self._near(pair.other, pair.one, pair.score)

    def _near(self, mention: int, partner: int, score: float) -> bool:
        near = [rival for rated, rival in self.of[mention] if rival != partner and rated > score - self.margin]
        return any(self.book.conflict(rival, partner) and not self.book.conflict(rival, mention) for rival in near)


def _by_kind(phases: frozenset[str]) -> list[tuple[str, frozenset[str]]]:
    kinds = sorted({phase.split()[0] for phase in phases})
    return [(kind, frozenset(phase for phase in phases if phase.startswith(kind))) for kind in kinds]


def _project_ids(mentions: pd.DataFrame, clusters: pd.Series) -> pd.Series:
    """P and 12 hexadecimal digits of what the project's earliest mention says: county, name with its phase, company, slot."""
    said = mentions["county"].fillna("") + "|" + mentions["full"] + "|" + mentions["owner"] + "|" + mentions["slot"].astype("str")
    earliest = mentions.assign(said=said, cluster=clusters).sort_values(["snapshot", "weight", "said"]).drop_duplicates("cluster")
    digests = earliest["said"].map(lambda text: hashlib.sha256(text.encode()).hexdigest())
    ids = pd.Series(("P" + digests.str[:12]).to_numpy(), index=earliest["cluster"].to_numpy())
    return clusters.map(ids)


def _where(rows: pd.DataFrame) -> pd.Series:
    return rows["source_file"] + "#" + rows["sheet"] + "!" + rows["row"].astype("str")


def _evidence(pairs: pd.DataFrame) -> list[str]:
    said = []
    for pair in pairs.itertuples():
        parts = [f"{feature} {_WORDS[feature]} {max(getattr(pair, feature), 0):.2f}" for feature in FEATURES]
        parts += ["same national code 项目代码相同"] if pair.same_code else []
        said.append("; ".join([*parts, *([pair.reason] if pair.reason else [])]))
    return said


def _links(pairs: pd.DataFrame, mentions: pd.DataFrame) -> pd.DataFrame:
    """For each mention that is not the first of its project, the best merged pair with an earlier one, else with a later one."""
    merged = pairs[pairs["decision"].eq("merged")]
    merged = merged.assign(evidence=_evidence(merged))
    ends = [merged.rename(columns={mention: "mention", partner: "partner"}) for mention, partner in (("other", "one"), ("one", "other"))]
    links = pd.concat(ends, ignore_index=True)[["mention", "partner", "score", "evidence"]].assign(
        later=lambda frame: frame["partner"] > frame["mention"])
    links = links.sort_values(["mention", "later", "score", "partner"], ascending=[True, True, False, True]).drop_duplicates("mention")
    firsts = mentions.reset_index().drop_duplicates("project_id")["mention"]
    return links[~links["mention"].isin(firsts)].set_index("mention")


def _merged(rows: pd.DataFrame, mentions: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """One record for each row that is not the first of its project: why it was taken to be the same."""
    first = rows.drop_duplicates("mention").set_index("mention")
    links = _links(pairs, mentions)
    links["matched_to"] = _where(first.loc[links["partner"]]).to_numpy()
    others = rows[rows.duplicated("mention")]
    repeats = others.duplicated(["mention", "ledger"]) | others.set_index(["mention", "ledger"]).index.isin(
        first.set_index("ledger", append=True).index)
    same = others[_ROW].assign(
        project_id=others["mention"].map(mentions["project_id"]), matched_to=_where(first.loc[others["mention"]]).to_numpy(), score=1.0,
        evidence=np.where(repeats, _REPEAT, _SAME))
    joined = first.loc[links.index, _ROW].assign(
        project_id=mentions["project_id"].reindex(links.index).array, matched_to=links["matched_to"].array, score=links["score"].array,
        evidence=links["evidence"].array)
    return pd.concat([same, joined], ignore_index=True).assign(decision="merged")


def _undecided(mentions: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """One record for each two projects that were proposed or nearly so: the best pair of their mentions."""
    open_pairs = pairs[pairs["decision"].ne("merged")]
    later, earlier = mentions.loc[open_pairs["other"]], mentions.loc[open_pairs["one"]]
    records = later[_ROW].reset_index(drop=True).assign(
        project_id=later["project_id"].to_numpy(), matched_to=earlier["project_id"].to_numpy(), score=open_pairs["score"].to_numpy(),
        evidence=_evidence(open_pairs), decision=open_pairs["decision"].to_numpy())
    a, b = records["project_id"], records["matched_to"]
    best = records.assign(a=np.where(a < b, a, b), b=np.where(a < b, b, a), open=records["decision"].eq("proposed"))
    best = best.sort_values(["open", "score", *_ROW], ascending=[False, False, True, True, True])
    return best.drop_duplicates(["a", "b"]).drop(columns=["a", "b", "open"])

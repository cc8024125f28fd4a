"""Which ledger rows report the same project, over sources and snapshots.

Rows with the same name, company and county make one *mention* (two such rows of one ledger and snapshot only when their amount is the
same too). Mentions that share rare characters of their names, a company or a national code are held against each other: a transparent
sum of weighted features, three outcomes (merged, proposed, kept apart). Clusters grow from the best pair down and never take in two
rows of one ledger and snapshot, two phases, or two counties. A person's rulings stand before all that. Words, weights and thresholds:
identity.yml.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from liantu.ledger.identity import rulings as by_person
from liantu.ledger.identity.blocking import candidate_pairs, standing
from liantu.ledger.identity.clusters import join_up
from liantu.ledger.identity.mentions import WHERE, prepare_rows, project_ids
from liantu.ledger.identity.names import Names
from liantu.ledger.identity.pairing import FEATURES, score_pairs, take_apart
from liantu.tables.contracts import MERGES

_WORDS = {"name": "名称", "company": "单位", "county": "县区", "amount": "投资", "numbers": "数字", "phase": "期次"}
_NUDGES = {"chain": "产业链", "area": "面积", "start": "开工"}
_SAME = "same name, company and county 名称、单位、县区相同"
_REPEAT = "the same row again in one ledger 同一台账内重复"
_SLIP = "amounts apart by a unit 金额疑似单位错位"


def identify(observations: pd.DataFrame, names: Names, rulings: pd.DataFrame | None = None) -> tuple[pd.Series, pd.DataFrame]:
    """The project of each observation, and the evidence.

    `observations` has snapshot, source, source_file, sheet, row, name, company, county, total_investment_wan, national_code and, where
    known, chain, area_mu and started_actual; its index is unique. `rulings` has one_file, one_sheet, one_row, other_file, other_sheet,
    other_row, decision (merge or apart) and reason. Returns project ids by the index of `observations`, and the table `merges`; neither
    depends on the order of the rows. Raises LiantuError for a ruling on rows that are not there, or against another ruling.
    """
    ruled = by_person.located(rulings, observations)
    if observations.empty:
        return pd.Series(index=observations.index, dtype="str"), MERGES.conform([])
    rows = prepare_rows(observations, names)
    split = by_person.to_split(ruled, rows)
    rows = prepare_rows(observations, names, split) if split else rows
    ruled = by_person.of_mentions(ruled, rows)
    first = rows.drop_duplicates("mention").set_index("mention")
    clusters, pairs = _decided(observations, rows, first, ruled, names)
    first = first.assign(project_id=project_ids(first, clusters))
    ids = rows["mention"].map(first["project_id"])
    merges = pd.concat([repeats(rows, ids), _joined(first, pairs), _undecided(first, pairs)], ignore_index=True)
    merges = merges.sort_values([*WHERE, "project_id", "matched_to"]) if len(pairs) else merges
    return ids.reindex(observations.index).astype("str"), MERGES.conform(merges)


def repeats(rows: pd.DataFrame, ids: pd.Series) -> pd.DataFrame:
    """The records of `merges` that need no scores: one for each row (from `prepare_rows`) that is not the first of its mention.

    `ids` are project ids by the index of `rows`. In the order of file, sheet and row.
    """
    others = rows[rows.duplicated("mention")].sort_values(WHERE)
    first = rows.drop_duplicates("mention").set_index("mention").loc[others["mention"]]
    again = others.duplicated(["mention", "ledger"]).to_numpy() | (first["ledger"].to_numpy() == others["ledger"].to_numpy())
    return others[WHERE].assign(
        project_id=ids[others.index], matched_to=_where(first).to_numpy(), score=1.0, evidence=np.where(again, _REPEAT, _SAME),
        decision="merged").reset_index(drop=True)


def _decided(
        observations: pd.DataFrame, rows: pd.DataFrame, first: pd.DataFrame, ruled: pd.DataFrame,
        names: Names) -> tuple[pd.Series, pd.DataFrame]:
    """The cluster of each mention and the decided pairs; names are taken apart only for mentions that may stand in a pair."""
    open_ones = standing(rows, names.rules.blocking.side_by_side_rows)
    asked = open_ones.index.union(pd.Index([*ruled["one"], *ruled["other"]], dtype="int64").unique())
    mentions = take_apart(_described(observations, rows, first, asked), names)
    pairs = score_pairs(mentions, candidate_pairs(mentions.loc[open_ones.index].join(open_ones), names), names)
    return join_up(mentions, rows, pairs, ruled, names)


def _described(observations: pd.DataFrame, rows: pd.DataFrame, first: pd.DataFrame, asked: pd.Index) -> pd.DataFrame:
    """The mentions `asked`: their first row's place, and what their rows say first and last."""
    mine = rows[rows["mention"].isin(asked)]
    more = observations.reindex(columns=["chain", "area_mu", "started_actual"]).loc[mine.index]
    mine = mine.assign(chain=more["chain"].astype("str"), area=more["area_mu"].astype("float64"),
                       start=more["started_actual"].astype("datetime64[ms]"))
    by_mention = mine.groupby("mention")
    firsts = by_mention[["amount", "chain", "area", "start"]].first()
    return first.loc[asked, ["county", "name", "company", "owner"]].join(firsts).assign(
        newest=by_mention["amount"].last(), code=by_mention["code"].max(), since=by_mention["snapshot"].first(),
        last=by_mention["snapshot"].last())


def _where(rows: pd.DataFrame) -> pd.Series:
    return rows["source_file"] + "#" + rows["sheet"] + "!" + rows["row"].astype("str")


def _evidence(pairs: pd.DataFrame) -> list[str]:
    """The features of each pair in words; for a ruling, its reason."""
    said = []
    for pair in pairs.to_dict("records"):
        if pair.get("ruled") is True:
            said.append(pair["reason"])
            continue
        parts = [f"{feature} {_WORDS[feature]} {max(pair[feature], 0):.2f}" for feature in FEATURES]
        parts += [f"{nudge} {word} {pair[nudge]:+.2f}" for nudge, word in _NUDGES.items() if pair[nudge]]
        parts += ["same national code 项目代码相同"] if pair["same_code"] else []
        parts += [_SLIP] if pair["slip"] else []
        said.append("; ".join([*parts, *([pair["reason"]] if pair["reason"] else [])]))
    return said


def _joined(first: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """One record for each mention that is not the first of its project: the best merged pair with an earlier one, else with a later one."""
    merged = pairs[pairs["decision"].eq("merged")]
    merged = merged.assign(evidence=_evidence(merged))
    ends = [merged.rename(columns={mention: "mention", partner: "partner"}) for mention, partner in (("other", "one"), ("one", "other"))]
    links = pd.concat(ends, ignore_index=True)[["mention", "partner", "score", "evidence"]].assign(
        later=lambda frame: frame["partner"] > frame["mention"])
    links = links.sort_values(["mention", "later", "score", "partner"], ascending=[True, True, False, True]).drop_duplicates("mention")
    heads = first.reset_index().drop_duplicates("project_id")["mention"]
    links = links[~links["mention"].isin(heads)]
    mine, theirs = first.loc[links["mention"]], first.loc[links["partner"]]
    return mine[[*WHERE, "project_id"]].reset_index(drop=True).assign(
        matched_to=_where(theirs).to_numpy(), score=links["score"].to_numpy(), evidence=links["evidence"].to_numpy(), decision="merged")


def _undecided(first: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """One record for each two projects that were proposed or nearly so: the best pair of their mentions."""
    open_pairs = pairs[pairs["decision"].ne("merged")]
    later, earlier = first.loc[open_pairs["other"]], first.loc[open_pairs["one"]]
    records = later[[*WHERE, "project_id"]].reset_index(drop=True).assign(
        matched_to=earlier["project_id"].to_numpy(), score=open_pairs["score"].to_numpy(), decision=open_pairs["decision"].to_numpy(),
        place=np.arange(len(open_pairs)))
    a, b = records["project_id"], records["matched_to"]
    best = records.assign(a=np.where(a < b, a, b), b=np.where(a < b, b, a), open=records["decision"].eq("proposed"),
                          ruled=open_pairs["ruled"].eq(True).to_numpy() if "ruled" in open_pairs else False)
    best = best.sort_values(["ruled", "open", "score", *WHERE], ascending=[False, False, False, True, True, True])
    best = best.drop_duplicates(["a", "b"])
    return best.assign(evidence=_evidence(open_pairs.iloc[best["place"]])).drop(columns=["a", "b", "open", "place", "ruled"])

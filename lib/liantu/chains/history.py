"""Gaps over time: which opened and closed, whether projects filled what they stood on, and what projects do on the graph."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from liantu.chains.base_rates import OPEN_STAGES, PRODUCING, reached
from liantu.chains.labels import ChainWords, chain_words
from liantu.chains.states import BROKEN, Known
from liantu.chains.supply import supply_of
from liantu.chains.throughput import flows_of
from liantu.reference import Chains

CHANGES = (
    "opened", "reopened", "in_repair", "dropped", "closed", "still_open", "still_in_repair", "added", "removed", "other", "same")
OUTCOMES = ("kept", "late", "not_due", "no_date", "gone")
WORKS = ("fill", "extend", "strengthen", "found", "unknown")
_LINK = ["chain", "link"]
_OPEN, _REPAIR = BROKEN
_PROMISED = ("producing", "at_capacity", "completed")
"""Whose planned date is the promise to produce: the first of these that a ledger gives."""


def gap_changes(before: pd.DataFrame, now: pd.DataFrame, earlier: Sequence[pd.DataFrame] = ()) -> pd.DataFrame:
    """What became of each link between two tables of `link_states`: chain, link, before, now (states), change; links of `now` first.

    Changes: opened (broken now, not before), reopened (the same, and broken in one of the `earlier` tables), in_repair (a project came to
    a broken link), dropped (none is left there), closed (broken before, supplied now), still_open, still_in_repair, other (any other
    change of state, also from or to unknown, and a gap that nobody asks for any more), same. A link that only one of the tables has
    (another edition) is added or removed, with an empty state on the other side.
    """
    sides = [table[[*_LINK, "state"]].rename(columns={"state": name}) for table, name in ((now, "now"), (before, "before"))]
    both = sides[0].merge(sides[1], on=_LINK, how="outer")
    place = pd.MultiIndex.from_frame(now[_LINK]).append(pd.MultiIndex.from_frame(before[_LINK])).drop_duplicates()
    both = both.set_index(_LINK).reindex(place).reset_index()[[*_LINK, "before", "now"]].fillna({"before": "", "now": ""})
    been = {pair for table in earlier for pair in table.loc[table["state"].isin(BROKEN), _LINK].itertuples(index=False, name=None)}
    rows = zip(both["chain"], both["link"], both["before"], both["now"], strict=True)
    change = [_change(was, is_now, (chain, link) in been) for chain, link, was, is_now in rows]
    return both.assign(change=pd.Series(change, index=both.index, dtype="str"))


def _change(before: str, now: str, been: bool) -> str:
    if not before or not now:
        return "added" if now else "removed"
    if now in BROKEN and before in BROKEN:
        if now == before:
            return "still_open" if now == _OPEN else "still_in_repair"
        return "in_repair" if now == _REPAIR else "dropped"
    if now in BROKEN and before != "unknown":
        return "reopened" if been else "opened"
    if before in BROKEN and now in ("blocked", "weak", "held"):
        return "closed"
    return "same" if before == now else "other"


def promises(then_states: pd.DataFrame, then: Known, now_states: pd.DataFrame, now: Known) -> pd.DataFrame:
    """The projects that stood on broken links then, what they promised, and what came of it: one row a project.

    Columns: project_id, name, county, chain, link (as then), stage_then, promised (planned date of producing as told then, else of capacity
    reached, else of completion), stage_now ("" when no ledger tells it any more), produced (date, or of the first ledger that says so),
    produces (bool), link_now (state; "" where the edition has no such link), closed (the link is supplied now), outcome:
    kept (produces, and by the promised date where there is one), late (that date has passed and it did not produce by it, whether or not
    it does now), not_due, no_date (nothing was promised and it does not produce), gone (terminated, or missing from the newest ledgers,
    without having produced). A link may be closed by others while the project is late.
    """
    broken = then_states.loc[then_states["state"].isin(BROKEN), _LINK]
    table = then.projects[then.projects["stage"].isin(OPEN_STAGES)].merge(broken, on=_LINK, how="inner")
    table = table[["project_id", "name", "county", *_LINK, "stage"]].rename(columns={"stage": "stage_then"})
    table["promised"] = _looked_up(_promised(then.milestones), table["project_id"])
    later = now.projects.set_index("project_id")
    table["stage_now"] = _looked_up(later["stage"], table["project_id"]).fillna("").astype("str")
    table["produced"] = _looked_up(_produced(now), table["project_id"])
    table["produces"] = table["produced"].notna() | table["stage_now"].isin(PRODUCING)
    table = table.merge(now_states[[*_LINK, "state"]].rename(columns={"state": "link_now"}), on=_LINK, how="left").fillna({"link_now": ""})
    table["closed"] = table["link_now"].isin(("blocked", "weak", "held"))
    last = _looked_up(later["last_snapshot"], table["project_id"])
    gone = ~table["produces"] & ((table["stage_now"] == "terminated") | ~(last >= now.projects["last_snapshot"].max()))
    on_time = table["produces"] & ~(table["produced"] > table["promised"])
    due = table["promised"] <= pd.Timestamp(now.as_of)
    outcome = np.select([on_time, gone, table["promised"].isna(), due | table["produces"]], ["kept", "gone", "no_date", "late"], "not_due")
    return table.assign(outcome=pd.Series(outcome, index=table.index, dtype="str"))


def _looked_up(values: pd.Series, keys: pd.Series) -> pd.Series:
    """The value of each key, missing where there is none; unlike `map`, dates of no project stay dates."""
    return pd.Series(values.reindex(keys).array, index=keys.index)


def _promised(milestones: pd.DataFrame) -> pd.Series:
    """The planned date of producing by project_id, else of capacity reached, else of completion."""
    plans = milestones[milestones["stage"].isin(_PROMISED) & milestones["planned_date"].notna()]
    first = plans.assign(place=plans["stage"].map(_PROMISED.index)).sort_values("place", kind="stable").drop_duplicates("project_id")
    return first.set_index("project_id")["planned_date"]


def _produced(known: Known) -> pd.Series:
    """When each project came to produce, by project_id: the earliest date of producing or at capacity up to `as_of`."""
    dates = reached(known.milestones)
    dates = dates[dates["stage"].isin(PRODUCING) & (dates["date"] <= pd.Timestamp(known.as_of))]
    return dates.groupby("project_id")["date"].min()


def works_on_graph(projects: pd.DataFrame, states: pd.DataFrame, chains: Chains, words: ChainWords | None = None) -> pd.DataFrame:
    """What each open project on a link really does to its chain, beside what the ledger calls it: one row a project.

    Columns: project_id, name, county, chain, link, state (of the link), does, labels. `does`, by the supply in `states`:
    fill 补链 (nobody supplies the link and a local taker asks for it), extend 延链 (nobody supplies it, no local taker asks, but what it
    takes in is made here), found 铸链 (nobody supplies it, and nothing local asks or feeds), strengthen 强链 (it has suppliers), unknown
    (no register). `labels`: the works whose words stand in the columns of labels.yml that `projects` has (put notes in as `note`), joined
    by +, "" where the ledger gives none. Projects that produce already or are terminated are left out: they are part of the supply.
    """
    columns = ["project_id", "name", "county", *_LINK, "state", "does", "labels"]
    facts = states[[*_LINK, "state"]].merge(_works_of_links(states, chains), on=_LINK, how="inner")
    table = projects[projects["stage"].isin(OPEN_STAGES)].merge(facts, on=_LINK, how="inner")
    return table.assign(labels=stated_works(table, words or chain_words()))[columns]


def stated_works(projects: pd.DataFrame, words: ChainWords) -> pd.Series:
    """The works that a ledger itself names, by project (index of `projects`): ids joined by +, in the order of labels.yml."""
    text = pd.Series("", index=projects.index, dtype="str")
    for name in words.label_columns:
        if name in projects:
            text = text + " " + projects[name].astype("str").fillna("")
    named = [[work.id for work in words.works if any(word in told for word in work.words)] for told in text]
    return pd.Series(["+".join(ids) for ids in named], index=projects.index, dtype="str")


def work_counts(works: pd.DataFrame) -> pd.DataFrame:
    """Projects by what they do and what they are called: does, label ("" for none), projects; one that has two labels counts in both."""
    each = works.assign(label=works["labels"].str.split("+")).explode("label")
    counts = each.groupby(["does", "label"]).size().rename("projects").reset_index()
    order = counts["does"].map(WORKS.index)
    return counts.assign(order=order).sort_values(["order", "label"], kind="stable").drop(columns="order").reset_index(drop=True)


def _works_of_links(states: pd.DataFrame, chains: Chains) -> pd.DataFrame:
    """What a project on each link would do: chain, link, does."""
    sums, parts = states.set_index(_LINK)["supply_wan"], []
    for chain in chains.chains:
        flows, supply = flows_of(chain, chains.edition), supply_of(chain, sums)
        asks, feeds = flows.coefficients @ supply > 0, flows.coefficients.T @ supply > 0
        does = np.select([supply > 0, asks, feeds], ["strengthen", "fill", "extend"], "found")
        parts.append(pd.DataFrame({"chain": chain.zh, "link": list(flows.links), "does": does}))
    table = pd.concat(parts, ignore_index=True).astype("str")
    unknown = states.set_index(_LINK)["supply_wan"].isna().reindex(pd.MultiIndex.from_frame(table[_LINK])).to_numpy(dtype=bool)
    return table.assign(does=table["does"].mask(unknown, "unknown"))

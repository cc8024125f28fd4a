"""What changed since last quarter: what happened in the quarter, apart from what ledgers now say otherwise about earlier time.

The measures take tables as `open_tables` gives them at two dates and give tables. Projects are the same in both: which rows speak of
the same project is decided over all ledgers together, so none is counted twice then and once now.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass, field

import pandas as pd

from liantu.progress.counts import Tables
from liantu.progress.targets import comparable, counted_in, investment_rows, year_targets
from liantu.progress.told import WHERE, Told, told_in
from liantu.reference.opened import kept
from liantu.report import Report
from liantu.tables.contracts import SOURCES
from liantu.tables.fold import RANK
from liantu.tables.runs import among

PARTS = ("kept", "late", "withdrawn", "postponed", "new")
TIMES = ("in_quarter", "late", "undated")
KINDS = (
    "late", "dated", "actual", "withdrawn", "stage_back", "vanished", "plan", "approval", "amount", "area", "name", "company", "county")
"""What a restatement says otherwise; the order in which they are shown."""
_SPACE = re.compile(r"\s")
_STATED = ["kind", "project_id", "field", "old", "new", "size", "reason", *WHERE]


@dataclass(frozen=True)
class Since:
    """Two views of one data set: the ledgers known at the end of last quarter and those known now.

    `end` is the last day of last quarter; `projects` names every project that the report's place has or had.
    """

    then: Report
    now: Report
    end: dt.date
    projects: frozenset[str] = field(repr=False, compare=False)

    @property
    def day(self) -> pd.Timestamp:
        """`end` as pandas has it."""
        return pd.Timestamp(self.end)


@kept(maxsize=4)
def since_last_quarter(report: Report) -> Since | None:
    """A report's ledgers beside those of last quarter; None when the data hold no ledger of then, or `as_of` is not later."""
    end = report.quarter.previous.end
    collected = report.collected
    if not collected or pd.Timestamp(end) < collected[0] or report.as_of <= end:
        return None
    then = report.known_at(end)
    return Since(then, report, end, frozenset(then.projects["project_id"]) | frozenset(report.projects["project_id"]))


# --- the bridge from the number published to the number known now


def parts(then: pd.DataFrame, now: pd.DataFrame, end: dt.date) -> pd.DataFrame:
    """Why each project counts now or counted then: project_id, date_then, date_now, part.

    `then` and `now` have project_id and date, one row for each project counted as known at each time; dates of `then` lie before or on
    `end`. Parts: kept; late (dated up to `end`, counted only now); withdrawn (counted then, no longer); postponed (counted then, now dated
    after `end`); new (dated after `end`, not counted then).
    """
    dates = {name: table.set_index("project_id")["date"].rename(name) for name, table in (("date_then", then), ("date_now", now))}
    both = pd.concat(dates.values(), axis=1).sort_index()
    had, has, after = both["date_then"].notna(), both["date_now"].notna(), both["date_now"] > pd.Timestamp(end)
    part = pd.Series("kept", index=both.index, dtype="str")
    for name, where in (("late", ~had & ~after), ("withdrawn", ~has), ("postponed", had & after), ("new", ~had & after)):
        part = part.mask(where, name)
    return both.assign(part=part).rename_axis("project_id").reset_index()


@kept(maxsize=4)
def bridge_projects(since: Since) -> pd.DataFrame:
    """`parts` of every counted target of the year, in a first quarter those of last year too: target, label, year, measure before them.

    It is kept, so the caller must not change it.
    """
    found = []
    for target in _targets(since):
        rows = parts(counted_in(since.then, target), counted_in(since.now, target), since.end)
        about = {"target": target.id, "label": target.name(since.now.lang), "year": target.due.year, "measure": target.measure}
        found.append(rows.assign(**about)[[*about, *rows.columns]])
    return pd.concat(found, ignore_index=True)


@kept(maxsize=4)
def bridges(since: Since) -> pd.DataFrame:
    """One row for each target, from the number published to the number known now.

    Columns: target, label, year, value (of the target; None without one to compare with), published (counted at the end of last quarter as
    known then), late, withdrawn, postponed (see `parts`), restated (late - withdrawn - postponed), known (published + restated: the same
    count as known now), new (dated after last quarter, postponed ones among them), now (known + new). It is kept, so the caller must
    not change it.
    """
    projects, rows = bridge_projects(since), []
    for target in _targets(since):
        own = projects[(projects["target"] == target.id) & (projects["year"] == target.due.year)]
        n = {part: int((own["part"] == part).sum()) for part in PARTS}
        published, restated = n["kept"] + n["withdrawn"] + n["postponed"], n["late"] - n["withdrawn"] - n["postponed"]
        new = n["new"] + n["postponed"]
        rows.append({"target": target.id, "label": target.name(since.now.lang), "year": target.due.year,
                     "value": target.value if comparable(since.now) else None, "published": published, "late": n["late"],
                     "withdrawn": n["withdrawn"], "postponed": n["postponed"], "restated": restated, "known": published + restated,
                     "new": new, "now": published + restated + new})
    return pd.DataFrame(rows)


def _targets(since: Since) -> list:
    year = since.now.quarter.year
    past = year_targets(since.now, since.end.year) if since.end.year < year else []
    return [*past, *year_targets(since.now, year)]


def investment_bridge(since: Since) -> dict[str, float]:
    """Investment done in the year, as published then and as known now, in 万元, over projects whose newest ledger gives a year's plan.

    published + restated + joined + done = now. restated: sums that fell and projects no longer in the count; joined: projects that were not
    in the count then, whose sum cannot be parted into quarters; done: what projects in both counts report more than then. In a first
    quarter nothing of the year was published, and all is joined.
    """
    now = investment_rows(since.now).set_index("project_id")["done_year_wan"].fillna(0.0)
    same_year = since.end.year == since.now.quarter.year
    then = investment_rows(since.then).set_index("project_id")["done_year_wan"].fillna(0.0) if same_year else now.iloc[:0]
    both = now.index.intersection(then.index)
    more = now[both] - then[both]
    restated = more[more < 0].sum() - then.drop(both).sum()
    return {"published": float(then.sum()), "restated": float(restated), "joined": float(now.drop(both).sum()),
            "done": float(more[more > 0].sum()), "now": float(now.sum())}


# --- facts that the ledgers told first in the quarter


def first_told(then: Tables, now: Tables, end: dt.date) -> pd.DataFrame:
    """What the ledgers now say and did not say at `end`: kind, what, project_id, key, date, time; one row for each fact.

    Kinds: project (newly reported; its date is its first dated stage), stage (`what` is the stage), approval (done; `what` is which),
    problem_opened and problem_closed. `time`: in_quarter (dated after `end`), late (dated up to `end`: a restatement), undated (reported
    first now, without a date).
    """
    both = [tables["problems"].sort_values("snapshot", kind="stable").drop_duplicates("problem_id", keep="last") for tables in (then, now)]
    problems = [_problems(*both, day) for day in ("raised", "resolved")]
    found = [_projects(now, end), _stages(now, end), _approvals(then, now, end), *problems]
    rows = pd.concat([part for part in found if len(part)] or found[:1], ignore_index=True)
    time = pd.Series("in_quarter", index=rows.index, dtype="str")
    time = time.mask(rows["date"] <= pd.Timestamp(end), "late").mask(rows["date"].isna(), "undated")
    return rows.assign(time=time)[["kind", "what", "project_id", "key", "date", "time"]]


def _projects(now: Tables, end: dt.date) -> pd.DataFrame:
    first = now["milestones"].groupby("project_id")["actual_date"].min()
    ids = now["projects"].loc[now["projects"]["first_snapshot"] > pd.Timestamp(end), "project_id"]
    return pd.DataFrame({"kind": "project", "what": "project", "project_id": ids, "key": ids, "date": first.reindex(ids).array})


def _stages(now: Tables, end: dt.date) -> pd.DataFrame:
    rows = now["milestones"]
    rows = rows[rows["first_reported"] > pd.Timestamp(end)]
    return pd.DataFrame({"kind": "stage", "what": rows["stage"], "project_id": rows["project_id"], "key": rows["project_id"],
                         "date": rows["actual_date"]})


def _approvals(then: Tables, now: Tables, end: dt.date) -> pd.DataFrame:
    """Approvals done now and not then; those of a project that was another county's then may have been known there and are left out."""
    key, projects = ["project_id", "approval"], now["projects"]
    came = (projects["first_snapshot"] <= pd.Timestamp(end)) & ~among(projects["project_id"], then["projects"]["project_id"])
    done = now["approvals"][now["approvals"]["status"] == "done"]
    done = done[~among(done["project_id"], projects.loc[came, "project_id"])]
    before = then["approvals"].loc[then["approvals"]["status"] == "done", key]
    rows = done[~among(_joined(done), _joined(before))]
    return pd.DataFrame({"kind": "approval", "what": rows["approval"], "project_id": rows["project_id"], "key": rows["project_id"],
                         "date": rows["date"]})


def _joined(approvals: pd.DataFrame) -> pd.Series:
    return approvals["project_id"] + "\n" + approvals["approval"]


def _problems(then: pd.DataFrame, now: pd.DataFrame, day: str) -> pd.DataFrame:
    """Problems raised, or resolved, of which the ledgers then did not say so; by their newest rows, which `then` and `now` are."""
    told = then if day == "raised" else then.dropna(subset=["resolved"])
    rows = now[~among(now["problem_id"], told["problem_id"])]
    rows = rows if day == "raised" else rows.dropna(subset=["resolved"])
    kind = "problem_opened" if day == "raised" else "problem_closed"
    return pd.DataFrame({"kind": kind, "what": kind, "project_id": rows["project_id"], "key": rows["problem_id"], "date": rows[day]})


# --- what is now said otherwise


def restatements(since: Since) -> pd.DataFrame:
    """What ledgers of the quarter say otherwise about what was known, or about earlier time; one row for each, by `KINDS`.

    Columns: kind, project_id, field (column of observations), old, new (ISO dates, 万元 or mu as numbers, else text; None: nothing said),
    size (days, 万元 or mu by which it changed, NaN elsewhere), reason (as the ledger gives it), source_file, sheet, row of the ledger row
    that says so (for a project that vanished: its last row).
    """
    then, now = since.then.held_beside(since.now.as_of).tables, since.now.held_beside(since.end).tables
    told = told_in(since.now.held_beside(since.end))
    found = [_late(_stages(since.now.tables, since.end), since.day, told), _dated(then, now, told), _changed(now["changes"], since.day),
             _found(then, now, since.day), _described(then, now, told)]
    rows = pd.concat([part[_STATED].astype({"old": "object", "new": "object", "size": "float64"}) for part in found if len(part)]
                     or [pd.DataFrame(columns=_STATED)], ignore_index=True)
    rows = rows[among(rows["project_id"], since.projects)]
    order = rows["kind"].map({kind: place for place, kind in enumerate(KINDS)})
    rows = rows.assign(_order=order, _size=-rows["size"].abs()).sort_values(
        ["_order", "_size", "project_id", "field"], kind="stable", ignore_index=True)
    return rows.drop(columns=["_order", "_size"])


def _late(stages: pd.DataFrame, end: pd.Timestamp, told: Told) -> pd.DataFrame:
    """Of the stages that were first reported in the quarter those dated before it."""
    rows = stages[stages["date"] <= end]
    rows = pd.DataFrame({"kind": "late", "project_id": rows["project_id"], "field": rows["what"] + "_actual", "old": None,
                         "new": _iso(rows["date"]), "size": float("nan"), "reason": None})
    return _with_rows(rows, told)


def _dated(then: Tables, now: Tables, told: Told) -> pd.DataFrame:
    """Stages that were stated without a date and now have one."""
    key = ["project_id", "stage"]
    before = then["milestones"]
    before = before.loc[before["actual_date"].isna() & before["first_reported"].notna(), key]
    rows = now["milestones"].dropna(subset=["actual_date"]).merge(before, on=key)
    rows = pd.DataFrame({"kind": "dated", "project_id": rows["project_id"], "field": rows["stage"] + "_actual", "old": None,
                         "new": _iso(rows["actual_date"]), "size": float("nan"), "reason": None})
    return _with_rows(rows, told)


def _with_rows(rows: pd.DataFrame, told: Told) -> pd.DataFrame:
    """The ledger row that gives each row's field: the newest that says anything in it."""
    return rows.assign(**told.rows(told.places(rows["project_id"], rows["field"])))


def _changed(changes: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
    """Dates and sums that a ledger after `end` gives otherwise: once for each project and field, by the source believed most."""
    rows = changes[changes["snapshot"] > end]
    key = ["project_id", "field"]
    rows = rows.assign(_order=rows["source"].map({name: place for place, name in enumerate(SOURCES)}))
    rows = rows.sort_values([*key, "_order", "snapshot"], kind="stable")
    rows = rows[rows["_order"] == rows.groupby(key)["_order"].transform("min")]
    first, last = rows.drop_duplicates(key).set_index(key), rows.drop_duplicates(key, keep="last").set_index(key)
    is_sum = last["latest_wan"].notna() | first["previous_wan"].notna()
    days = (last["latest_date"] - first["previous_date"]).dt.days.astype("float64")
    old = _iso(first["previous_date"]).where(~is_sum, first["previous_wan"].astype("object"))
    new = _iso(last["latest_date"]).where(~is_sum, last["latest_wan"].astype("object"))
    told = last.reset_index()
    kinds = [_kind(name, value is None) for name, value in zip(told["field"], new, strict=True)]
    size = (last["latest_wan"] - first["previous_wan"]).where(is_sum, days)
    return told.assign(kind=kinds, old=old.array, new=new.array, size=size.array)


def _kind(name: str, gone: bool) -> str:
    if name.endswith("_wan"):
        return "amount"
    if name.endswith("_mu"):
        return "area"
    if name.endswith("_actual"):
        return "withdrawn" if gone else "actual"
    return "plan" if name.endswith("_planned") else "approval"


def _found(then: Tables, now: Tables, end: pd.Timestamp) -> pd.DataFrame:
    """Projects whose stage went back, or that no ledger names any more, as the checks of cleaning found them."""
    found, known = now["quarantine"], now["observations"]
    found = found[found["rule"].isin(["stage_back", "vanished"]) & (found["snapshot"] > end)]
    told = found[["rule", *WHERE]].merge(known[["project_id", "source", "stage", "snapshot", *WHERE]], on=list(WHERE))
    told = told.drop_duplicates(["rule", "project_id"], keep="last").reset_index(drop=True)
    last = then["projects"].set_index("project_id")["stage"].reindex(told["project_id"]).astype("object").set_axis(told.index)
    old = last.where(told["rule"] == "vanished", _furthest_before(told, known))
    new = told["stage"].astype("object").where(told["rule"] == "stage_back", None)
    return told.assign(kind=told["rule"], field="stage", old=old.where(old.notna(), None), new=new, size=float("nan"), reason=None)


def _furthest_before(told: pd.DataFrame, known: pd.DataFrame) -> pd.Series:
    """The furthest stage that the same kind of reporter stated in an earlier snapshot, for each row of `told`."""
    key = ["project_id", "source"]
    earlier = told[[*key, "snapshot"]].reset_index(names="_row").merge(known[[*key, "snapshot", "stage"]], on=key, suffixes=("", "_before"))
    earlier = earlier[(earlier["snapshot_before"] < earlier["snapshot"]) & earlier["stage"].notna()]
    ranked = earlier.assign(_rank=earlier["stage"].map(RANK)).sort_values(["_row", "_rank", "snapshot_before"], kind="stable")
    return ranked.drop_duplicates("_row", keep="last").set_index("_row")["stage"].reindex(told.index).astype("object")


def _described(then: Tables, now: Tables, told: Told) -> pd.DataFrame:
    """Names, companies and counties of projects that are now given otherwise; a text only shortened or spaced anew has not changed."""
    before, after = (tables["projects"].set_index("project_id") for tables in (then, now))
    both, parts_found = before.index.intersection(after.index), []
    for name in ("name", "company", "county"):
        old, new = before.loc[both, name], after.loc[both, name]
        other = old.notna() & new.notna() & (old != new)
        other = other.to_numpy(dtype=bool, copy=True)
        other[other] = [not _same_text(*texts) for texts in zip(old[other], new[other], strict=True)]
        rows = pd.DataFrame({"project_id": both[other], "kind": name, "field": name, "old": old[other].to_numpy("object"),
                             "new": new[other].to_numpy("object"), "size": float("nan"), "reason": None})
        parts_found.append(_with_rows(rows, told))
    return pd.concat(parts_found, ignore_index=True)


def _same_text(old: str, new: str) -> bool:
    one, other = (_SPACE.sub("", unicodedata.normalize("NFKC", text)) for text in (old, new))
    return one in other or other in one


def _iso(dates: pd.Series) -> pd.Series:
    text = dates.dt.strftime("%Y-%m-%d").astype("object")
    return text.where(dates.notna(), None)

"""A table of phases read as known at a date: what was reported later counts as open, and what is odd is noted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from liantu.errors import LiantuError

NEEDED = ("project", "stage", "start", "planned_end", "actual_end", "first_reported")
Note = tuple[str, dict[str, object]]


@dataclass(frozen=True)
class Known:
    """What was known at `day` (days since 1970-01-01), one row for each usable input row, in order of keys.

    `rows`: place (row of the input), key, project, stage, start, planned, end, first (days, NaN: none; end and first only where reached),
    reached, group, size, construction. `notes`: code and values of what is odd.
    """

    day: float
    rows: pd.DataFrame
    notes: tuple[Note, ...]


def day_number(day: object, what: str = "as_of") -> float:
    """A date in any form as days since 1970-01-01; raises LiantuError for what is no date."""
    try:
        stamp = pd.Timestamp(day)  # type: ignore[arg-type]
    except (ValueError, TypeError) as error:
        raise LiantuError(f"forecast: {what} {day!r} is not a date; give it as 2022-03-31") from error
    if pd.isna(stamp):
        raise LiantuError(f"forecast: {what} {day!r} is not a date; give it as 2022-03-31")
    return float(np.datetime64(stamp.tz_localize(None), "D").astype(np.int64))


def days_of(values: pd.Series) -> np.ndarray:
    """Dates of any dtype as days since 1970-01-01; NaN for none and for what is no date (numbers are none)."""
    if pd.api.types.is_bool_dtype(values) or pd.api.types.is_numeric_dtype(values):
        return np.full(len(values), np.nan)
    if not pd.api.types.is_datetime64_any_dtype(values):
        # Strings of several forms and time zones, dates and stamps may stand in one column.
        values = pd.to_datetime(values.astype("object"), errors="coerce", format="mixed", utc=True)
    if values.dt.tz is not None:
        values = values.dt.tz_localize(None)
    days = values.to_numpy(dtype="datetime64[D]")
    return np.where(np.isnat(days), np.nan, days.astype(np.int64).astype(float))


def known(phases: pd.DataFrame, as_of: float, name: str = "phases") -> Known:
    """`phases` as known at `as_of`; raises LiantuError when a column is missing.

    A phase is reached when its end is dated or reported and neither its date nor its first report is after `as_of`; a stated end without
    a date is reached too. Rows without a project or a stage are left out; several rows of one project and stage are kept apart by number.
    """
    missing = [column for column in NEEDED if column not in phases.columns]
    if missing:
        raise LiantuError(f"forecast: {name} has no column {', '.join(missing)}; needed are {', '.join(NEEDED)}")
    usable = (phases["project"].notna() & phases["stage"].notna()).to_numpy()
    table = phases[usable]
    dates = {column: days_of(table[column]) for column in NEEDED[2:]}
    end, first = dates["actual_end"], dates["first_reported"]
    reached = ~(first > as_of) & ~(end > as_of) & ~(np.isnan(first) & np.isnan(end))
    rows = pd.DataFrame({
        "place": np.flatnonzero(usable),
        "project": table["project"].astype("str").to_numpy(),
        "stage": table["stage"].astype("str").to_numpy(),
        "start": dates["start"],
        "planned": dates["planned_end"],
        "end": np.where(reached, end, np.nan),
        "first": np.where(reached, first, np.nan),
        "reached": reached,
        **_covariates(table),
    })
    rows, doubled = _keyed(rows)
    return Known(as_of, rows, tuple(_notes(table, dates, rows, as_of, len(phases) - len(table), doubled)))


def _covariates(table: pd.DataFrame) -> dict[str, np.ndarray]:
    def words(column: str) -> np.ndarray:
        if column not in table:
            return np.full(len(table), "", dtype=object)
        return table[column].astype("str").fillna("").to_numpy(dtype=object)

    size = pd.to_numeric(table["size_wan"], errors="coerce").to_numpy(dtype=float) if "size_wan" in table else np.full(len(table), np.nan)
    return {"group": words("county"), "construction": words("construction"), "size": np.where(size > 0, size, np.nan)}


def _keyed(rows: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """A key for each row: project, stage and, where several rows share them, a number by what was reached first (not by order of rows)."""
    pair = rows["project"] + "\x1f" + rows["stage"]
    order = np.lexsort([rows[name].fillna(np.inf) for name in ("planned", "start", "end")] + [~rows["reached"], pair.factorize()[0]])
    number = pair.iloc[order].groupby(pair.iloc[order]).cumcount().sort_index()
    rows = rows.assign(key=pair + "\x1f" + number.astype("str"))
    # In order of keys, so that the order of the input changes nothing, not even which row a random number falls to.
    return rows.sort_values("key", ignore_index=True), int((number > 0).sum())


def _notes(table: pd.DataFrame, dates: Mapping[str, np.ndarray], rows: pd.DataFrame, as_of: float, left: int, doubled: int) -> list[Note]:
    later = (dates["actual_end"] > as_of) & ~(dates["first_reported"] > as_of)
    unread = sum(int((table[column].notna().to_numpy() & np.isnan(days)).sum()) for column, days in dates.items())
    counts = {
        "rows_without_project_or_stage": left,
        "dates_unreadable": unread,
        "duplicated_project_stage": doubled,
        "end_before_start": int((rows["reached"] & (rows["end"] < rows["start"])).sum()),
        "end_after_as_of": int(later.sum()),
        "reported_before_end": int((rows["first"] < rows["end"]).sum()),
        "end_without_date": int((rows["reached"] & rows["end"].isna()).sum()),
    }
    notes: list[Note] = [(code, {"rows": count}) for code, count in counts.items() if count]
    waiting = rows[~rows["reached"]]
    if not len(rows):
        notes.append(("no_rows", {}))
    elif waiting["planned"].isna().all():
        notes.append(("no_plan_dates", {"open": len(waiting)}))
    return notes

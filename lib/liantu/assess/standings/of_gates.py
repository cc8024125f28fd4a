"""Indicators that rest on the gates: what of the projects introduced in a period is wanted (溢出), unwanted (挤出), and fits a chain."""

from __future__ import annotations

import pandas as pd

from liantu.assess.gates import introduced
from liantu.assess.standings.measured import Units, counts, shares
from liantu.assess.standings.of_projects import happened
from liantu.assess.standings.windows import Window


def judged_projects(window: Window) -> pd.DataFrame:
    """The projects introduced in a period (index) with the `kind` and `fits_chain` of `introduced`."""
    rows = introduced(window.report.whole_city).set_index("project_id")[["kind", "fits_chain"]]
    return rows.reindex(happened(window, "introduced")["project_id"])


def spill_over_share(window: Window, units: Units) -> pd.DataFrame:
    """The share of spill-over among those that can be judged."""
    kind = judged_projects(window)["kind"]
    known = kind[kind.notna() & (kind != "unknown")]
    return shares(units, units.count(known.index[known == "spill_over"]), units.count(known.index))


def squeezed_out(window: Window, units: Units) -> pd.DataFrame:
    """How many are judged squeezed-out; of a unit whose introduced projects all tell too little to be judged: not reported."""
    kind = judged_projects(window)["kind"]
    table = counts(units, units.count(kind.index[kind == "squeezed_out"]))
    blind = (units.count(kind.index) > 0) & (units.count(kind.index[kind.notna() & (kind != "unknown")]) == 0)
    table.loc[blind, ["value", "n", "se"]] = float("nan")
    return table.assign(note=table["note"].mask(blind, "no_base"))


def fits_chain_share(window: Window, units: Units) -> pd.DataFrame:
    """The share that stands on one of the chains."""
    fits = judged_projects(window)["fits_chain"]
    return shares(units, units.count(fits.index[fits == "yes"]), units.count(fits.index))

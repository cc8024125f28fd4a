"""Energy for output (吨标煤/万元) of each project: of its own firm in the register, else the median of its industry."""

from __future__ import annotations

import numpy as np
import pandas as pd

from liantu.assess.gates.industry import firm_names
from liantu.assess.gates.rules import GateRules

_COLUMNS = ["energy_per_output", "energy_from", "energy_n", "energy_times"]


def energy_of(projects: pd.DataFrame, industry: pd.Series, enterprises: pd.DataFrame, rules: GateRules) -> pd.DataFrame:
    """Energy for output of each project, with the index of `projects`.

    Columns: energy_per_output (tonnes of coal equivalent per 10,000 yuan; NaN: not known), energy_from (firm, class, group, division,
    none), energy_n (firms that it is the median of), energy_times (of the median of the whole register). Energy and output of a register
    cover the same months, so their ratio needs no scaling. The
    median is that of the narrowest industry which holds all of the project's codes and `rules.energy.few` firms or more.
    """
    made = pd.DataFrame({"energy_per_output": np.nan, "energy_from": "none", "energy_n": 0, "energy_times": np.nan}, index=projects.index)
    firms = enterprises[(enterprises["output_wan"] > 0) & enterprises["energy_tce"].notna()]
    if firms.empty:
        return made.astype({"energy_from": "str"})
    firms = firms.assign(ratio=firms["energy_tce"] / firms["output_wan"])
    own = firms.assign(firm=firm_names(firms["name"])).drop_duplicates("firm").set_index("firm")["ratio"]
    shared = industry.map({codes: _shared(codes.split("、")) for codes in industry.unique()})
    found = [("firm", firm_names(projects["company"]).map(own), pd.Series(1, index=projects.index))]
    for name, digits in (("class", 4), ("group", 3), ("division", 2)):
        medians = firms.groupby(firms["gb_code"].str[:digits])["ratio"].agg(["median", "count"])
        medians = medians[medians["count"] >= rules.energy.few]
        key = shared.where(shared.str.len() >= digits).str[:digits]
        found.append((name, key.map(medians["median"]), key.map(medians["count"])))
    for name, ratio, count in found:
        free = made["energy_per_output"].isna() & ratio.notna()
        made.loc[free, ["energy_per_output", "energy_n"]] = np.column_stack([ratio[free], count[free]])
        made.loc[free, "energy_from"] = name
    made["energy_times"] = made["energy_per_output"] / firms["ratio"].median()
    return made.astype({"energy_from": "str", "energy_n": "int64"})[_COLUMNS]


def _shared(codes: list[str]) -> str:
    """The digits with which all of the codes begin."""
    first, last = min(codes), max(codes)
    return first[:next((place for place, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first))]

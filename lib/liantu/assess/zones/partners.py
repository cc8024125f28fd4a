"""Where the partner of an enclave lies: inside the city, outside it, or not known."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from liantu.assess.zones.zone_rules import EnclaveRules
from liantu.ledger.values.places import read_county
from liantu.reference.models import Divisions

PLACES = ("own", "inside", "outside", "unknown", "")


def partner_place(name: str | None, host: str, divisions: Divisions, rules: EnclaveRules, zones: Mapping[str, str]) -> tuple[str, str]:
    """The kind of place a partner is, and its county (GB/T code, "" where none).

    Kinds: `own` (the host's own county or a township of it), `inside` (another place of the city; code 211300 for the city's own bodies,
    "" where several counties are named), `outside` (a name that is not one of the city's), `unknown` (no name). `zones` gives the county
    of each zone of the ledger; a zone's own name is looked up there first, because 辽宁朝阳经济技术开发区 tells the city, not its county.
    A bare name of a township is one of the host's own county.
    """
    if name is None or pd.isna(name) or not str(name).strip():
        return "unknown", ""
    text = str(name).strip()
    if text in zones:
        return ("own" if zones[text] == host else "inside"), zones[text]
    read = read_county(text, divisions)
    if read.value:
        return ("own" if read.value == host else "inside"), str(read.value)
    if read.rule == "county_several":
        return "inside", ""
    end = next((end for end in sorted(rules.township_ends, key=len, reverse=True) if text.endswith(end)), "")
    if end and read.rule != "county_elsewhere" and not any(mark in text for mark in rules.place_marks):
        return "own", host
    return "outside", ""

"""Tax of enclave projects (飞地经济): who hosts, who built, what each keeps, and totals of the city that count nothing twice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from liantu.assess.zones.partners import partner_place
from liantu.assess.zones.zone_rules import EnclaveRules, ZoneRules
from liantu.reference import City

MOVES = ("enclave_wan", "host_enclave_wan", "moved_wan", "leaves_wan", "unresolved_wan")


@dataclass(frozen=True)
class EnclaveAccounts:
    """The tax of zones before and after sharing; sums in 万元, year to date.

    `zones` as from `enclaves_of`; `counties`: county (GB/T code; 211300 the city's own; "" several counties without their parts),
    arises_wan (tax of its zones), gives_wan (of it, to other counties and to its own townships), leaves_wan (out of the city),
    unresolved_wan (to a partner that is not named), receives_wan (from zones of the city), after_wan = arises - gives - leaves -
    unresolved + receives; `totals`: one row: arises_wan, enclave_wan, host_enclave_wan, moved_wan, leaves_wan, unresolved_wan,
    by_zone_wan (what arises less what leaves and what is unresolved), by_county_wan (sum of after_wan); the last two are equal.
    """

    zones: pd.DataFrame
    counties: pd.DataFrame
    totals: pd.DataFrame


def enclaves_of(rows: pd.DataFrame, city: City, rules: ZoneRules) -> pd.DataFrame:
    """What becomes of the tax of each zone; `rows` has zone, county, tax_wan, enclave_tax_wan, enclave_partner and share_partner.

    Columns: zone, county, tax_wan (all that arises in the zone), enclave_wan (of it, 0 where none is reported), enclave_partner, place
    (`partner_place`; "" without an enclave), partner_county, partner_inside (NA: not known, or no enclave), share_partner (as stated),
    share_used, share_assumed, partner_wan, host_enclave_wan (enclave less partner), moved_wan (partner inside the city), leaves_wan
    (outside), unresolved_wan (not known where), host_tax_wan (tax less partner), note: `no_tax` (no tax reported: nothing can be split),
    `no_enclave`, `no_enclave_tax` (a partner or a share, but no tax), `base_share` (no usable share stated: that of zones.yml),
    `over_tax` (more enclave tax than tax), joined by a comma. partner_wan + host_enclave_wan = enclave_wan in every row with a tax.
    """
    rule = rules.enclaves
    zones = dict(zip(rows["zone"], rows["county"].fillna("").astype("str"), strict=True))
    made = rows[["zone", "county", "tax_wan", "enclave_tax_wan", "enclave_partner", "share_partner"]].reset_index(drop=True)
    stated = made["enclave_tax_wan"].notna() & (made["enclave_tax_wan"] != 0)
    mentioned = stated | made["enclave_partner"].notna() | made["share_partner"].notna()
    found = [partner_place(name, host, city.divisions, rule, zones) if told else ("", "")
             for name, host, told in zip(made["enclave_partner"], made["county"].fillna(""), mentioned, strict=True)]
    made["place"] = pd.Series([place for place, _ in found], index=made.index, dtype="str")
    made["partner_county"] = pd.Series([county for _, county in found], index=made.index, dtype="str")
    inside = [{"own": True, "inside": True, "outside": False}.get(place, pd.NA) for place in made["place"]]
    return _split(made.assign(partner_inside=pd.array(inside, dtype="boolean")), rule, stated, mentioned)


def _split(made: pd.DataFrame, rule: EnclaveRules, stated: pd.Series, mentioned: pd.Series) -> pd.DataFrame:
    usable = made["share_partner"].between(0, 1)
    enclave = made["enclave_tax_wan"].fillna(0.0).astype("float64")
    taxed = made["tax_wan"].notna()
    tax = made["tax_wan"] if rule.tax_includes_enclave else made["tax_wan"] + enclave
    enclave = enclave.where(taxed)
    share = made["share_partner"].where(usable, rule.base_share).where(stated)
    partner = (enclave * share.fillna(0.0)).astype("float64")
    place = made["place"]
    zero = pd.Series(0.0, index=made.index).where(taxed)
    notes = {"no_tax": ~taxed, "no_enclave": ~mentioned, "no_enclave_tax": mentioned & ~stated, "base_share": stated & ~usable,
             "over_tax": stated & taxed & (made["enclave_tax_wan"] > tax)}
    told = [", ".join(note for note, flag in notes.items() if flag.iloc[at]) for at in range(len(made))]
    return made.assign(
        tax_wan=tax, enclave_wan=enclave, share_used=share, share_assumed=(stated & ~usable), partner_wan=partner,
        host_enclave_wan=enclave - partner, moved_wan=partner.where(place.isin(["own", "inside"]), zero),
        leaves_wan=partner.where(place == "outside", zero), unresolved_wan=partner.where(place == "unknown", zero),
        host_tax_wan=tax - partner, note=pd.Series(told, index=made.index, dtype="str")).drop(columns="enclave_tax_wan")


def accounts_of(zones: pd.DataFrame) -> EnclaveAccounts:
    """The accounts of zones as from `enclaves_of`: what each county has after sharing, and the city's total by two ways.

    Zones without a tax are in `zones` only. The share of a partner in the city is taken from the host and given to the partner's county, so
    it is in the city's total once; the share of a partner outside is in it not at all.
    """
    taxed = zones[zones["tax_wan"].notna()]
    home = taxed["county"].fillna("").astype("str")
    given = taxed.groupby(home)[["tax_wan", "moved_wan", "leaves_wan", "unresolved_wan"]].sum()
    received = taxed[taxed["moved_wan"] != 0].groupby("partner_county")["moved_wan"].sum()
    codes = sorted(set(given.index) | set(received.index))
    table = given.reindex(codes).fillna(0.0).rename(columns={"tax_wan": "arises_wan", "moved_wan": "gives_wan"})
    table["receives_wan"] = received.reindex(codes).fillna(0.0)
    table["after_wan"] = (table["arises_wan"] - table["gives_wan"] - table["leaves_wan"] - table["unresolved_wan"]
                          + table["receives_wan"])
    counties = table.rename_axis("county").reset_index()
    sums = {"arises_wan": taxed["tax_wan"].sum(), **{name: taxed[name].sum() for name in MOVES}}
    by_zone = sums["arises_wan"] - sums["leaves_wan"] - sums["unresolved_wan"]
    totals = pd.DataFrame([sums | {"by_zone_wan": by_zone, "by_county_wan": counties["after_wan"].sum()}], dtype="float64")
    if not np.isclose(by_zone, totals["by_county_wan"].iloc[0], rtol=1e-9, atol=1e-6):
        raise ArithmeticError(f"the city's tax is {by_zone} by zones and {totals['by_county_wan'].iloc[0]} by counties")
    return EnclaveAccounts(zones, counties, totals)

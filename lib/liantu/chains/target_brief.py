"""What kind of firm to look for on a missing link: what it makes, how large, from whom it would buy and to whom it would sell here."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from liantu.reference import Chains, Link

MOST_FIRMS = 5


@dataclass(frozen=True)
class Partner:
    """A link that a firm would buy from or sell to, and who is on it here: the county's firms first, then the city's, the largest first.

    `plant_wan`: what an ordinary plant would buy of it a year, or could sell to all of it (万元; never more than the plant makes).
    `supply_wan`: capacity of the partner link in the city (万元 a year).
    """

    link: str
    zh: str
    en: str
    intensity: float
    plant_wan: float
    supply_wan: float
    firms: tuple[str, ...]
    in_county: int


@dataclass(frozen=True)
class TargetBrief:
    """Plain data on a link to find a firm for; no prose.

    `products`: the catalogue's words for what it makes. `plant_wan`: yearly output of a plant of ordinary size (万元); `capital`: yuan of
    investment for a yuan of yearly output; `invest_wan`: for one such plant; `plants_asked`: how many such plants the local demand that
    is not met would fill (NaN where demand is not known). `makers`: who makes it here already; `masters`: leading firms of the chain by
    the catalogue.
    """

    chain: str
    link: str
    zh: str
    en: str
    county: str
    tier: str
    products: tuple[str, ...]
    gb_codes: tuple[str, ...]
    imports: str
    plant_wan: float
    capital: float
    invest_wan: float
    plants_asked: float
    buys: tuple[Partner, ...]
    sells: tuple[Partner, ...]
    makers: tuple[str, ...]
    masters: tuple[str, ...]


def brief_of_target(chain: str, link: str, county: str, firms: pd.DataFrame, chains: Chains,
                    built_wan: float = float("nan")) -> TargetBrief:
    """What kind of firm to look for on a link, for a county ("": the city as a whole).

    `firms` from `placed_firms` (enterprise_id, name, county, chain, link, supply_wan); `built_wan`: the capacity that
    the link lacks (column of `targets`, 万元 a year). Partners are in the order of their weight for the plant. Raises UnknownValueError
    for an unknown chain, KeyError for an unknown link.
    """
    place = chains.by_name(chain)
    entry, own = place.link(link), firms[(firms["chain"] == place.zh) & (firms["supply_wan"] > 0)]
    plant = entry.plant_wan or chains.edition.plant_wan
    buys = [_partner(place.link(flow.giver), flow.intensity, plant * flow.intensity, own, county)
            for flow in place.flows if flow.taker == link]
    sells = []
    for flow in place.flows:
        if flow.giver == link:
            asked = flow.intensity * float(own.loc[own["link"] == flow.taker, "supply_wan"].sum())
            sells.append(_partner(place.link(flow.taker), flow.intensity, min(plant, asked), own, county))
    ordered = [tuple(sorted(side, key=lambda partner: -partner.plant_wan)) for side in (buys, sells)]
    return TargetBrief(
        place.zh, link, entry.zh, entry.en, county, entry.tier, entry.keywords, entry.gb_codes, entry.imports, plant, entry.capital,
        plant * entry.capital, built_wan / plant, ordered[0], ordered[1], _largest(own[own["link"] == link], county)[0], place.masters)


def _partner(link: Link, intensity: float, plant_wan: float, own: pd.DataFrame, county: str) -> Partner:
    on_it = own[own["link"] == link.id]
    names, here = _largest(on_it, county)
    return Partner(link.id, link.zh, link.en, intensity, plant_wan, float(on_it["supply_wan"].sum()), names, here)


def _largest(firms: pd.DataFrame, county: str) -> tuple[tuple[str, ...], int]:
    """Up to five names, the county's first, the largest first; and how many of them are the county's."""
    ordered = firms.assign(away=firms["county"] != county).sort_values(["away", "supply_wan"], ascending=[True, False], kind="stable")
    shown = ordered.drop_duplicates("enterprise_id").head(MOST_FIRMS)
    return tuple(shown["name"]), int((~shown["away"]).sum())

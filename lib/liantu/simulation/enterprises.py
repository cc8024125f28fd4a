"""The register of firms over chains and links, and the truly broken links (demand and no firm)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from liantu.reference import Chain, Link
from liantu.simulation.codes import credit_code
from liantu.simulation.grid import Record
from liantu.simulation.names import Namer, phone, pick, product_of
from liantu.simulation.projects import ENERGY_HEAVY, Project, World, _zone, trade_word
from liantu.simulation.reporting import ENDS
from liantu.simulation.words import words


@dataclass(frozen=True)
class Firm:
    """One true firm; money in 万元 for a full year."""

    id: str
    name: str
    credit_code: str
    county: str
    zone: str
    chain: str
    chain_word: str
    link: str
    gb_code: str
    products: str
    master: bool
    above_scale: bool
    output: float
    capacity: float
    ratios: dict[str, float]
    phone: str


def firmless_links(world: World, rng: np.random.Generator) -> set[tuple[str, str]]:
    """Links left without any firm on purpose; each chain keeps at least half of its links."""
    share, result = world.parameters.firmless_link_share, set()
    for chain in world.chains:
        count = min(len(chain.links) // 2, int(rng.binomial(len(chain.links), share)))
        result |= {(chain.id, chain.links[int(i)].id) for i in rng.choice(len(chain.links), count, replace=False)}
    return result


def _ratios(chain: Chain, rng: np.random.Generator) -> dict[str, float]:
    heavy = any(word in chain.id for word in ENERGY_HEAVY)
    middle = {
        "value_added": 0.24,
        "tax": 0.03,
        "jobs": 1 / 75,
        "area": 1 / 110,
        "energy": 0.9 if heavy else 0.12,
        "emission": 0.012 if heavy else 0.002,
        "research": 0.013,
    }
    spread = {"value_added": 0.2, "tax": 0.4, "jobs": 0.5, "area": 0.6, "energy": 0.6, "emission": 0.8, "research": 0.7}
    return {name: float(value * np.exp(rng.normal(0, spread[name]))) for name, value in middle.items()}


def _firm(world: World, namer: Namer, chain: Chain, link: Link, number: int, rng: np.random.Generator) -> Firm:
    counties = [county for county in words("names")["counties"] if county != "211300"]
    county = str(pick(rng, chain.counties)) if chain.counties and rng.random() < 0.75 else str(pick(rng, counties))
    place = words("names")["counties"][county]["prefix"]
    product, _ = product_of(rng, chain.id, link, 0.8, 0.2)
    other, _ = product_of(rng, chain.id, link, 0.7, 0.3)
    output = float(2000 + 7500 * np.exp(rng.normal(0, 1.25)))
    return Firm(
        id=f"E{number:04d}",
        name=namer.firm(str(pick(rng, [place, "朝阳", "辽宁"])), trade_word(rng, chain))[0],
        credit_code=credit_code(county, rng),
        county=county,
        zone=_zone(rng, county, True),
        chain=chain.zh,
        chain_word=chain.zh if rng.random() < 0.8 else "",
        link=link.id,
        gb_code=str(pick(rng, link.gb_codes)) if link.gb_codes and rng.random() < 0.9 else "",
        products="、".join(dict.fromkeys([product, other])),
        master=False,
        above_scale=bool(rng.random() < 0.88),
        output=output,
        capacity=float(output / rng.uniform(0.55, 0.95)),
        ratios=_ratios(chain, rng),
        phone=phone(rng),
    )


def register(world: World, scale: float, namer: Namer, rng: np.random.Generator) -> tuple[list[Firm], set[tuple[str, str]]]:
    """All firms, and the links left without one on purpose. Most chains have a master: their largest firm."""
    empty = firmless_links(world, rng)
    open_links = [(chain, link) for chain in world.chains for link in chain.links if (chain.id, link.id) not in empty]
    count = max(len(world.chains), round(world.parameters.firms * scale))
    weights = rng.gamma(0.8, 1.0, len(open_links)) + 0.05
    chosen = [int(i) for i in rng.permutation(len(open_links))][:count]
    chosen += [int(i) for i in rng.choice(len(open_links), max(0, count - len(chosen)), p=weights / weights.sum())]
    firms = [_firm(world, namer, *open_links[index], number, rng) for number, index in enumerate(sorted(chosen), start=1)]
    masters = set()
    for chain in world.chains:
        mine = [firm for firm in firms if firm.chain == chain.zh]
        if mine and rng.random() < 0.82:
            masters.add(max(mine, key=lambda firm: firm.output).id)
    return [
        Firm(
            **{
                **firm.__dict__,
                "master": firm.id in masters,
                "output": firm.output * (6 if firm.id in masters else 1),
                "capacity": firm.capacity * (6 if firm.id in masters else 1),
            }
        )
        for firm in firms
    ], empty


def firm_records(firms: list[Firm], snapshot: int, rng: np.random.Generator) -> list[Record]:
    """The register's rows at a snapshot: sums of the year so far, with growth and seasons."""
    end = ENDS[snapshot]
    part = end.month / 12 * (0.92 if end.month == 3 else 1.0)
    records = []
    for firm in firms:
        growth = 1.0 if end.year == 2021 else 1.05
        output = firm.output * part * growth * float(np.exp(rng.normal(0, 0.06)))
        ratio = firm.ratios
        values: dict[str, object] = {
            "name": firm.name,
            "credit_code": firm.credit_code,
            "county": pick(rng, words("names")["counties"][firm.county]["words"]),
            "zone": firm.zone,
            "chain": firm.chain_word,
            "gb_code": firm.gb_code,
            "products": firm.products,
            "master": firm.master,
            "above_scale": firm.above_scale,
            "capacity": round(firm.capacity),
            "output": round(output),
            "value_added": round(output * ratio["value_added"]),
            "tax": round(output * ratio["tax"], 1),
            "jobs": max(3, round(firm.output * ratio["jobs"])),
            "area": round(max(2.0, firm.output * ratio["area"]), 1),
            "energy": round(output * ratio["energy"], 1),
            "emission": round(output * ratio["emission"], 2),
            "research": round(output * ratio["research"], 1),
            "phone": firm.phone,
        }
        records.append(Record(firm.id, "enterprises", values, {"total_wan": round(output)}))
    return records


def true_gaps(world: World, firms: list[Firm], empty: set[tuple[str, str]], projects: list[Project]) -> pd.DataFrame:
    """Each link with its firms, whether anything local or final asks for it, and whether it is truly broken.

    A link is asked for when it sells beyond the chain (final demand) or feeds a link that has a firm.
    """
    served = {(firm.chain, firm.link): 0 for firm in firms}
    capacity = dict.fromkeys(served, 0.0)
    for firm in firms:
        served[(firm.chain, firm.link)] += 1
        capacity[(firm.chain, firm.link)] += firm.capacity
    rows = []
    for chain in world.chains:
        for link in chain.links:
            here = (chain.zh, link.id)
            coming = [
                p
                for p in projects
                if (p.chain, p.link) == here and not p.parts and "approved" in p.life.dates and "terminated" not in p.life.dates
            ]
            asked = chain.final(link.id) or any((chain.zh, fed) in served for fed in chain.takers(link.id))
            rows.append(
                {
                    "chain": chain.zh,
                    "link": link.id,
                    "tier": link.tier,
                    "key": link.key,
                    "firms": served.get(here, 0),
                    "capacity_wan": round(capacity.get(here, 0.0)),
                    "asked": asked,
                    "broken": asked and here not in served,
                    "deliberate": (chain.id, link.id) in empty,
                    "projects": len(coming),
                    "in_repair": here not in served and bool(coming),
                }
            )
    return pd.DataFrame(rows)

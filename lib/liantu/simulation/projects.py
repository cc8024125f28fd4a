"""The population of true projects: what each is, where it stands on the chains, and the life it leads."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

import numpy as np

from liantu.reference import Chain, City, Link
from liantu.simulation.codes import project_code
from liantu.simulation.names import Namer, chain_project_name, fill, person, phone, pick, product_of, short_project_name, weighted
from liantu.simulation.parameters import COUNTY_WEIGHTS, CountyHabits, Parameters
from liantu.simulation.process import Life, Works, live
from liantu.simulation.words import words

ENERGY_HEAVY = ("steel", "nonferrous", "casting", "forging", "building", "ceramic", "vanadium", "titanium", "basalt")


@dataclass(frozen=True)
class Project:
    """One true project; money in 万元, area in mu. `listed_from` and `listed_until` are numbers of snapshots."""

    id: str
    name: str
    short_name: str
    name_kind: str
    company: str
    company_short: str
    investor: str
    origin: str
    origin_word: str
    county: str
    town: str
    zone: str
    chain: str
    chain_words: tuple[str, ...]
    link: str
    category: str
    total_first: float
    total_last: float
    total_changes: int
    area: float
    jobs: int
    code: str
    department: str
    content: str
    leader: str
    contact: str
    phone: str
    works: Works
    life: Life
    states_chain: bool
    rereported: bool
    bureau_only: bool
    vanishes: int
    listed_from: int = 0
    listed_until: int = 9
    part_of: str = ""
    phase_of: str = ""
    parts: tuple[str, ...] = ()
    delays: dict[str, int] = field(default_factory=dict)

    def total(self, snapshot: int) -> float:
        """The total investment as planned at a snapshot."""
        return self.total_last if snapshot >= self.total_changes else self.total_first


@dataclass(frozen=True)
class World:
    """What every draw needs to know."""

    city: City
    chains: tuple[Chain, ...]
    parameters: Parameters
    habits: dict[str, CountyHabits]


def county_habits(rng: np.random.Generator, parameters: Parameters) -> dict[str, CountyHabits]:
    """Speed, optimism, delay and over-claiming of each county, drawn by the seed (so no real county is judged)."""

    def one() -> CountyHabits:
        return CountyHabits(
            speed=float(np.exp(rng.normal(0, 0.14))),
            optimism=float(parameters.optimism * np.exp(rng.normal(0, 0.15))),
            delay=float(np.exp(rng.normal(0, 0.25))),
            overclaim=float(parameters.overclaim_share * rng.gamma(2, 0.5)),
            drops_finished=bool(rng.random() < parameters.drop_finished_share),
        )

    return {county: one() for county in COUNTY_WEIGHTS}


def _round_sum(value: float) -> float:
    """Sums are planned in round numbers: two leading digits below 1亿, three above."""
    digits = 2 if value < 10000 else 3
    step = 10 ** (int(np.floor(np.log10(value))) - digits + 1)
    return float(max(500, round(value / step) * step))


def _chain_weights(chain: Chain, county: str) -> float:
    if not chain.counties:
        return 2.0
    return 6.0 if county in chain.counties else 0.8


def _choose_link(world: World, county: str, rng: np.random.Generator) -> tuple[Chain, Link]:
    weights = {chain.id: _chain_weights(chain, county) for chain in world.chains}
    chosen = weighted(rng, weights)
    chain = next(chain for chain in world.chains if chain.id == chosen)
    link = weighted(rng, {link.id: 1.5 if link.key else 1.0 for link in chain.links})
    return chain, chain.link(link)


def trade_word(rng: np.random.Generator, chain: Chain | None) -> str:
    """The trade in a firm's name."""
    own = words("products").get(chain.id, {}).get("trades", []) if chain else []
    return str(pick(rng, own or ["实业", "建设", "农业", "商贸", "科技", "置业", "文旅", "发展"]))


def _place(rng: np.random.Generator, county: str) -> tuple[str, str]:
    entry = words("names")["counties"][county]
    return entry["prefix"], str(pick(rng, entry["towns"]))


def _zone(rng: np.random.Generator, county: str, industrial: bool) -> str:
    here = [zone["zone"] for zone in words("names")["zones"] if zone["county"] == county]
    return str(pick(rng, here)) if here and industrial and rng.random() < 0.55 else ""


def _origin(rng: np.random.Generator, attracted: bool) -> tuple[str, str, str]:
    names = words("names")
    kind = weighted(rng, names["origin_weights"]) if attracted else "local"
    prefix, word = pick(rng, names["origins"][kind])
    return kind, str(prefix), str(word)


def _construction(rng: np.random.Generator, attracted: bool, on_chain: bool) -> str:
    if not on_chain:
        return "new" if rng.random() < 0.8 else "expansion"
    weights = {"new": 0.9, "expansion": 0.07, "upgrade": 0.03} if attracted else {"new": 0.45, "expansion": 0.25, "upgrade": 0.30}
    return weighted(rng, weights)


def _content(rng: np.random.Generator, area: float, product: str) -> str:
    built = int(max(3, area * 0.45)) * 100
    line = int(rng.integers(1, 7))
    return str(
        pick(
            rng,
            [
                f"占地{area:.0f}亩，建筑面积{built}平方米，建设{product or '生产'}厂房及附属设施",
                f"新上{product or '生产'}设备{line * 12}台（套）",
                f"建设{product or ''}生产线{line}条",
                f"总建筑面积{built}平方米",
                f"主要建设内容包括{product or '主体'}工程、配套管网等",
            ],
        )
    )


def _works(rng: np.random.Generator, attracted: bool, chain: Chain | None, category: str, construction: str, size: float) -> Works:
    industrial = category in ("industry", "energy")
    heavy = chain is not None and any(word in chain.id for word in ENERGY_HEAVY)
    return Works(
        attracted=attracted,
        industrial=industrial or category == "agriculture",
        outdoor=construction != "upgrade",
        construction=construction,
        investment_wan=size,
        energy_heavy=heavy,
        hazardous=industrial and (heavy or rng.random() < 0.3),
    )


def _owner(rng: np.random.Generator, name: str, category: str) -> str:
    """The public office that builds a public work; empty when a firm does."""
    for word, owner in words("names")["owners_by_word"].items():
        if word in name:
            return str(owner)
    owners = words("names")["government_owners"].get(category, [])
    return str(pick(rng, owners)) if owners else ""


def _subject(world: World, namer: Namer, rng: np.random.Generator, county: str, attracted: bool) -> dict[str, object]:
    """Chain, link, firm and name of one project."""
    parameters, here = world.parameters, words("names")["counties"][county]
    prefix, town = _place(rng, county)
    origin, origin_prefix, origin_word = _origin(rng, attracted)
    share = parameters.chain_share_attracted if attracted else parameters.chain_share_own * (county != "211300")
    construction = _construction(rng, attracted, on_chain := rng.random() < share)
    chain, link = _choose_link(world, county, rng) if on_chain else (None, None)
    company, short = namer.firm(str(pick(rng, [prefix, "朝阳", "辽宁", prefix])), trade_word(rng, chain))
    investor = namer.firm(origin_prefix, trade_word(rng, chain), "investor_forms")[0] if attracted else company
    known = {
        "county": here.get("title", here["words"][0]),
        "town": town,
        "town2": _place(rng, county)[1],
        "company_short": short,
    }
    if chain is not None and link is not None:
        product, kind = product_of(rng, chain.id, link, parameters.keyword_share, parameters.synonym_share)
        unit = str(pick(rng, words("products").get(chain.id, {}).get("units", ["万吨"])))
        name = (
            chain_project_name(rng, unit, product, short, prefix, construction)
            if product
            else fill(rng, str(pick(rng, words("names")["generic_projects"])), **known)
        )
        category = "energy" if "clean_energy" in chain.id or chain.zh == "清洁能源" else "industry"
    else:
        category, product, kind = weighted(rng, words("names")["off_chain_weights"]), "", "off_chain"
        name = fill(rng, str(pick(rng, words("names")["off_chain"][category])), **known)
        owner = "" if attracted else _owner(rng, name, category)
        if owner:
            company = short = investor = fill(rng, owner, **known)
    return {
        "chain": chain,
        "link": link,
        "town": town,
        "name": name,
        "name_kind": kind,
        "product": product,
        "category": category,
        "company": company,
        "short": short,
        "investor": investor,
        "origin": origin,
        "origin_word": origin_word,
        "construction": construction,
        "prefix": prefix,
    }


def _delays(world: World, county: str, rng: np.random.Generator) -> dict[str, int]:
    """Days from each event until the office knows and reports it: lognormal, with a long tail."""
    factor = world.habits[county].delay
    return {
        stage: round(median * factor * float(np.exp(rng.normal(0, world.parameters.delay_sigma))))
        for stage, median in world.parameters.delays.items()
    }


def _project(world: World, namer: Namer, rng: np.random.Generator, number: int, first: dt.date, attracted: bool) -> Project:
    parameters = world.parameters
    county = weighted(rng, COUNTY_WEIGHTS if not attracted else {key: value for key, value in COUNTY_WEIGHTS.items() if key != "211300"})
    about = _subject(world, namer, rng, county, attracted)
    factor = {"upgrade": 0.4, "expansion": 0.7}.get(str(about["construction"]), 1.0) * (1.25 if attracted else 0.8)
    size = _round_sum(float(np.clip(parameters.size_wan.median * factor * np.exp(rng.normal(0, parameters.size_wan.sigma)), 500, 600000)))
    works = _works(rng, attracted, about["chain"], str(about["category"]), str(about["construction"]), size)
    life = live(first, works, world.habits[county], parameters, world.city.calendar.winter_pause, rng)
    changes = int(rng.integers(1, 5)) if rng.random() < parameters.total_change_share else 99
    area = round(float(size / 90 * np.exp(rng.normal(0, 0.5))) / (6 if works.construction == "upgrade" else 1), 1)
    chain, link, filed = about["chain"], about["link"], life.dates.get("approved")
    return Project(
        id=f"P{number:05d}",
        name=str(about["name"]),
        name_kind=str(about["name_kind"]),
        company=str(about["company"]),
        short_name=short_project_name(rng, str(about["name"]), str(about["prefix"]), str(about["short"])),
        company_short=str(about["short"]),
        investor=str(about["investor"]),
        origin=str(about["origin"]),
        origin_word=str(about["origin_word"]),
        county=county,
        town=str(about["town"]),
        zone=_zone(rng, county, works.industrial),
        chain=chain.zh if chain else "",
        chain_words=(chain.zh, f"{chain.zh}产业链", *chain.aliases[:2]) if chain else (),
        link=link.id if link else "",
        category=str(about["category"]),
        total_first=size,
        total_last=_round_sum(size * float(np.exp(rng.normal(0.05, 0.2)))),
        total_changes=changes,
        area=area,
        jobs=int(max(3, size / 120 * np.exp(rng.normal(0, 0.6)))),
        code=project_code(county, filed, works.industrial, rng) if filed else "",
        department=str(pick(rng, words("names")["departments"])),
        content=_content(rng, area, str(about["product"])),
        leader=person(rng),
        contact=person(rng),
        phone=phone(rng),
        works=works,
        life=life,
        states_chain=bool(rng.random() < parameters.state_chain_share) if chain else False,
        rereported=False,
        bureau_only=bool(attracted and rng.random() < parameters.bureau_only_share),
        vanishes=int(rng.integers(1, 4)) if rng.random() < parameters.vanish_share else 99,
        delays=_delays(world, county, rng),
    )


def _second_phases(projects: list[Project], world: World, rng: np.random.Generator) -> list[Project]:
    """Some projects get a second phase: a different project of the same firm with nearly the same name."""
    result = []
    for project in projects:
        start = project.life.dates.get("started")
        if project.name_kind not in ("keyword", "synonym") or not start or rng.random() >= world.parameters.phase_share:
            result.append(project)
            continue
        works = replace(project.works, construction="expansion", attracted=False)
        life = live(
            start + dt.timedelta(days=int(rng.integers(60, 500))),
            works,
            world.habits[project.county],
            world.parameters,
            world.city.calendar.winter_pause,
            rng,
        )
        filed = life.dates.get("approved")
        form = ("（一期）", "（二期）") if rng.random() < 0.6 else ("一期", "二期工程")
        result.append(replace(project, name=project.name + form[0], short_name=project.short_name + form[0]))
        size = _round_sum(project.total_first * float(rng.uniform(0.5, 1.5)))
        result.append(
            replace(
                project,
                id=project.id + "B",
                name=project.name + form[1],
                short_name=project.short_name + form[1],
                works=works,
                life=life,
                total_first=size,
                total_last=size,
                phase_of=project.id,
                code=project_code(project.county, filed, works.industrial, rng) if filed else "",
                delays=_delays(world, project.county, rng),
            )
        )
    return result


def _can_be_packaged(project: Project) -> bool:
    """A public work that was approved in 2021 and goes on in 2022: it may be reported inside a package at first."""
    days = project.life.dates
    if project.name_kind != "off_chain" or project.works.attracted or project.county == "211300":
        return False
    going_on = min(days.get("completed", dt.date.max), days.get("terminated", dt.date.max)) > dt.date(2022, 7, 1)
    return going_on and days["approved"] < dt.date(2021, 10, 1) and days.get("started", dt.date.max) > dt.date(2021, 2, 1)


def _package(key: str, members: list[Project], split: int) -> Project:
    """One row for several works, known at once; it lives as its first part does."""
    first, total = members[0], sum(member.total_first for member in members)
    return replace(
        first,
        id=key,
        name=f"{first.name}等{len(members)}个打捆项目",
        short_name=f"{first.short_name}等{len(members)}项",
        name_kind="package",
        total_first=total,
        total_last=total,
        total_changes=99,
        listed_until=split,
        parts=tuple(member.id for member in members),
        vanishes=99,
        delays={**first.delays, "approved": 20},
    )


def _packages(projects: list[Project], world: World, rng: np.random.Generator) -> list[Project]:
    """Public works first reported as one package (打捆), later split: the package is a row until then, its parts after."""
    able = [project for project in projects if _can_be_packaged(project)]
    result = {project.id: project for project in projects}
    alike: dict[object, list[Project]] = {}
    near: dict[object, list[Project]] = {}
    for project in able:
        alike.setdefault((project.county, project.category), []).append(project)
        near.setdefault(project.county, []).append(project)
    groups = [group[:4] for group in alike.values() if len(group) > 1] or [group[:4] for group in near.values() if len(group) > 1]
    for number, members in enumerate(groups[: max(1, round(world.parameters.package_share * len(able)))], start=1):
        split, key = int(rng.integers(1, 4)), f"K{number:03d}"
        result[key] = _package(key, members, split)
        result |= {member.id: replace(member, part_of=key, listed_from=split, vanishes=99) for member in members}
    return list(result.values())


def mark_rereported(projects: list[Project], listed: set[str], share: float, rng: np.random.Generator) -> list[Project]:
    """Draws which projects the commerce bureau repeats: `share` of those listed, among the attracted ones not the bureau's alone."""
    able = sum(p.works.attracted and not p.bureau_only and p.id in listed for p in projects)
    anyway = sum(p.bureau_only and "started" in p.life.dates and p.id in listed for p in projects)
    chance = min(1.0, max(0.0, share * len(listed) - anyway) / max(1, able))
    return [replace(p, rereported=bool(p.works.attracted and not p.bureau_only and rng.random() < chance)) for p in projects]


def populate(world: World, scale: float, namer: Namer, rng: np.random.Generator) -> list[Project]:
    """Every project that appears from 2017 to the end of 2022, in order of appearance; `scale` multiplies the rates."""
    parameters = world.parameters
    days = (dt.date(2022, 12, 31) - parameters.first_arrival).days
    arrivals: list[tuple[int, bool]] = []
    for attracted, rate in ((True, parameters.leads_per_year), (False, parameters.own_per_year)):
        count = int(rng.poisson(rate * scale * days / 365.25))
        arrivals += [(int(day), attracted) for day in rng.integers(0, days, count)]
    arrivals.sort()
    projects = [
        _project(world, namer, rng, number, parameters.first_arrival + dt.timedelta(days=day), attracted)
        for number, (day, attracted) in enumerate(arrivals, start=1)
    ]
    relevant = [project for project in projects if max(project.life.dates.values()) >= dt.date(2021, 1, 1)]
    return _packages(_second_phases(relevant, world, rng), world, rng)

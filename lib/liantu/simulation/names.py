"""Names of invented firms, persons and projects, and the short forms in which departments repeat them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np

from liantu.reference import Link
from liantu.simulation.words import words

_COLUMN = re.compile(r"\{(\w+)\}")


def pick(rng: np.random.Generator, choices: list | tuple) -> object:
    """One of `choices`, all alike likely."""
    return choices[int(rng.integers(len(choices)))]


def weighted(rng: np.random.Generator, weights: dict[str, float]) -> str:
    """One key of `weights`, by weight."""
    keys = list(weights)
    shares = np.array([weights[key] for key in keys], dtype=float)
    return keys[int(rng.choice(len(keys), p=shares / shares.sum()))]


@dataclass
class Namer:
    """Gives each firm a stem of its own; stems that occur in a real chain master's name are never used."""

    rng: np.random.Generator
    avoid: str = ""
    used: set[str] = field(default_factory=set)

    def stem(self) -> str:
        """A new stem of two or three characters."""
        names = words("names")
        while True:
            stem = str(pick(self.rng, names["stems_first"])) + str(pick(self.rng, names["stems_second"]))
            if len(self.used) > 900 or self.rng.random() < 0.15:
                stem += str(pick(self.rng, names["stems_second"]))
            real = any(stem[i : i + 2] in self.avoid for i in range(len(stem) - 1))
            if stem not in self.used and not real and len(set(stem)) == len(stem):
                self.used.add(stem)
                return stem

    def firm(self, place: str, trade: str, form: str = "legal_forms") -> tuple[str, str]:
        """A firm's full name and its short one (stem and trade)."""
        stem = self.stem()
        return f"{place}{stem}{trade}{pick(self.rng, words('names')[form])}", stem + trade[:2]


def person(rng: np.random.Generator) -> str:
    """An invented person's name."""
    return f"{pick(rng, words('names')['surnames'])}{pick(rng, words('names')['given'])}"


def phone(rng: np.random.Generator) -> str:
    """An invented mobile number."""
    return f"1{pick(rng, ['38', '39', '50', '58', '86', '30', '52'])}{rng.integers(0, 10**8):08d}"


def fill(rng: np.random.Generator, pattern: str, **known: str) -> str:
    """`pattern` with its {places} filled; `n` is a small number."""
    values = {"n": str(int(rng.integers(2, 10))), **known}
    return _COLUMN.sub(lambda match: values[match[1]], pattern)


def _amount(rng: np.random.Generator, unit: str) -> str:
    small, large = [1, 2, 3, 5, 6, 8, 10, 12, 15, 20, 30, 50], [30, 50, 60, 80, 100, 120, 200, 300, 500]
    return f"{pick(rng, small if unit.startswith(('万', '亿', 'G')) else large)}{unit}"


def product_of(rng: np.random.Generator, chain: str, link: Link, keyword_share: float, synonym_share: float) -> tuple[str, str]:
    """A product of the link and how it is named: by a keyword of the catalogue, by a synonym, or not at all (generic).

    Synonyms are the simulation's own list (words/products.yml); a link without any falls back on keywords.
    """
    own = words("products").get(chain, {}).get(link.id, [])
    draw = rng.random()
    if draw < keyword_share or (not own and draw < keyword_share + synonym_share):
        return str(pick(rng, link.keywords)), "keyword"
    if draw < keyword_share + synonym_share:
        return str(pick(rng, own)), "synonym"
    return "", "generic"


def chain_project_name(rng: np.random.Generator, unit: str, product: str, short: str, place: str, construction: str) -> str:
    """The name of a project that makes `product`."""
    tails = {
        "expansion": ["扩建项目", "扩能项目", "二期扩建项目"],
        "upgrade": ["技术改造项目", "生产线技改项目", "升级改造项目", "节能改造项目"],
    }
    plain = ["项目", "生产线建设项目", "加工项目", "生产基地项目", "建设项目", "产业园项目", "生产项目"]
    tail = str(pick(rng, tails.get(construction, plain)))
    draw = rng.random()
    if draw < 0.42:
        power = unit in ("兆瓦", "MW", "万千瓦")
        return f"{short}{_amount(rng, unit)}{product}项目" if power else f"{short}年产{_amount(rng, unit)}{product}{tail}"
    if draw < 0.65:
        return f"{place}{short}{product}{tail}"
    if draw < 0.85:
        return f"{short}{product}{tail}"
    return f"{place}{product}{tail}"


def short_project_name(rng: np.random.Generator, name: str, prefix: str, short: str) -> str:
    """The name as a department repeats it: without place, yearly output, or the kind of works."""
    result = re.sub(r"年产[\d.]+[万千百]?[^\d\W]{0,1}(吨|套|台|件|米|平方米|立方米|只|支|千瓦时|条)", "", name)
    if rng.random() < 0.6:
        result = result.removeprefix(prefix)
    if rng.random() < 0.6:
        result = re.sub(r"(生产线建设|建设|加工|生产基地|技术改造|新建)?(项目|工程)$", "", result)
    if rng.random() < 0.25 and short and short not in result:
        result = short + result
    return result if len(result) >= 4 else name

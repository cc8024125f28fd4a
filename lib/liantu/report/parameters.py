"""The one vocabulary of notebook parameters: each name has one meaning, one type and a valid default everywhere."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass

from liantu.chains.catalogue import checked_chains
from liantu.errors import LiantuError, UnknownValueError
from liantu.reference import City, Quarter, city
from liantu.reference.folders import datasets, raw_folder
from liantu.tables.snapshots import snapshot_of, snapshots_in
from liantu.tables.vouched import vouched, vouched_dataset

NAMES = ("quarter", "county", "chain", "dataset", "lang", "as_of", "edition")
LANGUAGES = ("zh", "en")
DEFAULT_DATASET = "simulated"
DEFAULT_EDITION = "2022"


@dataclass(frozen=True)
class Parameters:
    """Checked parameters: `county` is a GB/T code or empty for the city, `chain` a Chinese name or empty for all chains."""

    quarter: Quarter
    county: str = ""
    chain: str = ""
    dataset: str = DEFAULT_DATASET
    lang: str = "zh"
    as_of: dt.date | None = None
    edition: str = DEFAULT_EDITION

    @property
    def known_on(self) -> dt.date:
        """The date as of which the tables are opened: `as_of`, else the quarter's last day."""
        return self.as_of or self.quarter.end

    def as_text(self) -> dict[str, str]:
        """The parameters as a notebook takes them: text, empty where nothing is set."""
        return {name: "" if value is None else str(value) for name, value in
                {**asdict(self), "quarter": str(self.quarter)}.items()}


def check(**given: object) -> Parameters:
    """Check raw parameters (text; empty or None means the default).

    Raises LiantuError with the name, the value, what is allowed and the nearest match. Nothing but folder names is read.
    """
    for name in given:
        if name not in NAMES:
            raise UnknownValueError("parameter", name, NAMES)
    texts = {name: "" if value is None else str(value).strip() for name, value in given.items()}
    dataset = _one_of("data set", texts.get("dataset") or DEFAULT_DATASET, sorted({*datasets(), *vouched_dataset()}))
    lang = _one_of("language", texts.get("lang") or "zh", LANGUAGES)
    place = city()
    edition = _edition(texts.get("edition") or DEFAULT_EDITION, place)
    return Parameters(
        quarter=_quarter(texts.get("quarter", ""), dataset),
        county=_county(texts.get("county", ""), place),
        chain=checked_chains(place, edition).by_name(texts["chain"]).zh if texts.get("chain") else "",
        dataset=dataset, lang=lang, as_of=_day(texts.get("as_of", "")), edition=edition)


def snapshots(dataset: str) -> list[str]:
    """The snapshots (2022Q1 or 2022-03-31) that a data set holds, oldest first by the date to which they report.

    Told by the raw ledgers, or by the tables where the environment vouches for them.
    """
    told = vouched(dataset)
    return told["snapshots"].split() if told else snapshots_in(raw_folder(dataset))


def newest_quarter(dataset: str) -> Quarter:
    """The quarter of the newest snapshot of a data set."""
    held = snapshots(dataset)
    if not held:
        raise LiantuError(f"data set {dataset!r} holds no snapshot; put ledgers into {raw_folder(dataset)}/2022Q1/ or the like")
    return Quarter.of(snapshot_of(held[-1]))


def _one_of(what: str, value: str, allowed: list[str] | tuple[str, ...]) -> str:
    if value not in allowed:
        raise UnknownValueError(what, value, allowed)
    return value


def _edition(value: str, place: City) -> str:
    return _one_of("edition", value, place.editions)


def _quarter(text: str, dataset: str) -> Quarter:
    if not text:
        return newest_quarter(dataset)
    quarter = Quarter.parse(text)
    held = sorted({str(Quarter.of(snapshot_of(name))) for name in snapshots(dataset)})
    if str(quarter) not in held:
        raise UnknownValueError(f"quarter (of data set {dataset})", text, held)
    return quarter


def _county(text: str, place: City) -> str:
    if not text:
        return ""
    for county in place.divisions.counties:
        if text in (county.code, county.zh, county.short_zh, county.en, county.short_en, *county.aliases):
            return county.code
    raise UnknownValueError("county", text, [f"{county.code} {county.short_zh}" for county in place.divisions.counties])


def _day(text: str) -> dt.date | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise LiantuError(f"as_of {text!r} is not a date; write it as 2022-06-30") from None


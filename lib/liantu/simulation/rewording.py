"""The records of a ledger in the words of the held-out offices (words/holdout.yml): the same facts, said otherwise."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np

from liantu.simulation.grid import Record
from liantu.simulation.names import pick
from liantu.simulation.words import words

LARGE_WAN = 100_000


def _one_of(rng: np.random.Generator, choices: list[str] | None, otherwise: object) -> object:
    return pick(rng, choices) if choices else otherwise


def _like(value: object, said: list[str], instead: list[str], otherwise: object) -> object:
    """The word of `instead` that stands where `value` stands in `said`."""
    return instead[said.index(str(value)) % len(instead)] if value and str(value) in said else otherwise


def _note(value: object) -> object:
    first, second = words("names"), words("holdout")
    return _like(value, first["notes"], second["note"], _like(value, first["late_reasons"], second["late_reasons"], value))


def _span(values: dict[str, object]) -> str:
    """Planned start and end in one cell, by months: 2022.03-2023.10."""
    begin, end = values.get("plan.started"), values.get("plan.completed")
    return f"{begin:%Y.%m}-{end:%Y.%m}" if isinstance(begin, dt.date) and isinstance(end, dt.date) and begin <= end else ""


def _project(record: Record, flag: str, rng: np.random.Generator) -> Record:
    values, terms, code = dict(record.values), words("holdout"), str(record.values["_county"])
    stage = str(values["_stage"])
    large = float(str(values.get("total") or 0)) >= LARGE_WAN
    values |= {
        "name": f"{flag}{values['name']}" if flag and large else values["name"],
        "county": pick(rng, terms["counties"][code]),
        "county_name": terms["county_names"][code],
        "address": f"朝阳市{words('names')['counties'][code]['words'][0]}{values['town']}",
        "chain": _one_of(rng, terms["chain"].get(values["_chain"]) if values["chain"] else None, values["chain"]),
        "category": pick(rng, terms["category"][values["_category"]]),
        "construction": pick(rng, terms["construction"][values["_construction"]]),
        "stage": pick(rng, terms["stage"][stage]),
        "stage_heading": terms["stage_heading"][stage],
        "progress_text": pick(rng, terms["progress_text"][stage]),
        "note": _note(values["note"]),
        "origin": _one_of(rng, terms["origin"].get(values["origin"]), values["origin"]),
        "heading": terms["heading"].get(values["heading"], values["heading"]),
        "span_months": _span(values),
    }
    for name, stages in {
        "early": ("lead", "negotiating", "signed", "approved"),
        "building": ("started", "resumed"),
        "completed": ("completed",),
        "producing": ("producing",),
        "at_capacity": ("at_capacity",),
        "stopped": ("suspended",),
        "ended": ("terminated",),
    }.items():
        values[f"is.{name}"] = stage in stages
    return replace(record, values=values)


def _task(record: Record) -> Record:
    values, terms = record.values, words("holdout")
    share = int(str(values["progress"]).removesuffix("%")) / 100
    return replace(record, values={**values, "progress": share, "status": terms["task_status"][values["status"]]})


def _problem(record: Record, rng: np.random.Generator) -> Record:
    values, terms = record.values, words("holdout")
    code = str(values["_county"])
    return replace(
        record,
        values={
            **values,
            "county": pick(rng, terms["counties"][code]),
            "county_name": terms["county_names"][code],
            "note": terms["problem_note"].get(values["note"], values["note"]),
        },
    )


def _register(record: Record, rng: np.random.Generator) -> Record:
    """Zones and firms: other words for the county and the chain, and a share as a percentage where there was a ratio."""
    values, terms, names = dict(record.values), words("holdout"), words("names")["counties"]
    code = next((code for code, entry in names.items() if values["county"] in entry["words"]), "")
    values |= {"county": pick(rng, terms["counties"][code]), "county_name": terms["county_names"][code]}
    if "chain" in values:
        chain = next((name for name in terms["chain"] if str(values["chain"]).startswith(name)), "")
        values["chain"] = _one_of(rng, terms["chain"].get(chain), values["chain"])
    share = str(values.get("enclave_share") or "").replace("：", ":")
    if ":" in share:
        ours, theirs = share.split(":")
        values["enclave_share"] = f"{int(ours) * 10}%∶{int(theirs) * 10}%" if rng.random() < 0.5 else f"我方{int(ours) * 10}%"
    return replace(record, values=values)


def reword(record: Record, flag: str, rng: np.random.Generator) -> Record:
    """The record as a held-out office says it; ids and facts stay. `flag` stands before the names of large projects."""
    if record.table == "projects":
        return _project(record, flag, rng)
    if record.table == "tasks":
        return _task(record)
    return _problem(record, rng) if record.table == "problems" else _register(record, rng)

"""What a page says of itself: language, place, quarter, data set and provenance, gathered from an executed notebook."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from liantu.errors import LiantuError
from liantu.reference import city
from liantu.suite.matrix import LANGUAGES
from liantu.suite.pages.outputs import PAGE, payloads
from liantu.suite.pages.words import words
from liantu.suite.runs.outcomes import STAMP


@dataclass(frozen=True)
class Facts:
    """The facts of one page; a text is empty where the notebook does not tell."""

    stem: str
    lang: str
    title: str = ""
    place: str = ""
    chain: str = ""
    county: str = ""
    quarter: str = ""
    as_of: str = ""
    edition: str = ""
    badge: str = ""
    badge_kind: str = "unknown"
    caveat: str = ""
    inputs: str = ""
    commit: str = ""
    run_id: str = ""
    key: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    seconds: float | None = None
    state: str = ""
    error: str = ""


def facts(notebook: Any, stem: str) -> Facts:
    """The facts of an executed notebook called `stem`.

    What the set-up cell displayed (the page payload) goes before what the run stamped, that before papermill's parameters, that before the
    name. Nothing has to be there: a bare notebook gives a page without badge and footer entries.
    """
    stamp = notebook.metadata.get(STAMP, {})
    papermill = notebook.metadata.get("papermill", {})
    told = (payloads(notebook, PAGE) or [{}])[0]
    shown = {key: value for key, value in told.items() if value}
    given = {**(papermill.get("parameters") or {}), **(stamp.get("parameters") or {}), **shown}
    lang = _language(given.get("lang"), stem)
    kind, badge = _badge(given, lang)
    seconds = stamp.get("seconds", papermill.get("duration"))
    return Facts(
        stem=stem, lang=lang, title=str(told.get("title") or stamp.get("title") or ""),
        place=str(given.get("place") or stamp.get("place") or _place(str(given.get("county") or ""), lang)),
        chain=_chain(str(given.get("chain") or ""), lang), county=str(given.get("county") or ""),
        quarter=str(given.get("quarter") or ""), as_of=str(given.get("as_of") or ""), edition=str(told.get("edition") or ""),
        badge=badge, badge_kind=kind, caveat=str(given.get("caveat") or ""), inputs=_inputs(told, stamp),
        commit=str(stamp.get("commit") or ""), run_id=str(stamp.get("run_id") or ""), key=str(stamp.get("key") or "")[:12],
        versions={**(stamp.get("versions") or {}), **(told.get("versions") or {})},
        seconds=float(seconds) if seconds is not None else None, state=str(stamp.get("state") or ""),
        error=_error(stamp.get("error"), lang))


def _language(given: object, stem: str) -> str:
    if given in LANGUAGES:
        return str(given)
    ending = stem.rpartition(".")[2]
    return ending if ending in LANGUAGES else "zh"


def _badge(given: Mapping[str, Any], lang: str) -> tuple[str, str]:
    """Kind (simulated, public, ledgers or unknown) and text of the badge."""
    kind = str(given.get("kind") or ("simulated" if given.get("simulated") else "") or given.get("dataset") or "unknown")
    name = str(given.get("dataset_name") or "")
    known = words(lang)
    if kind in ("simulated", "public"):
        return kind, name or known[f"badge_{kind}"]
    return (kind if kind == "unknown" else "ledgers"), name or str(given.get("dataset") or known["badge_unknown"])


def _place(county: str, lang: str) -> str:
    return county_name(county, lang) or city().divisions.city.name(lang)


def county_name(county: str | None, lang: str) -> str:
    """The short name of a county given by code; any other text, such as a name, as it is."""
    found = next((division for division in city().divisions.counties if division.code == county), None)
    if found is None:
        return county or ""
    return found.short_zh if lang == "zh" else found.short_en


def _chain(name: str, lang: str) -> str:
    try:
        return city().chains().by_name(name).name(lang) if name else ""
    except LiantuError:
        return name


def _inputs(told: Mapping[str, Any], stamp: Mapping[str, Any]) -> str:
    """One short hash of all that the page opened: from its seal (`liantu.suite.freshness`), where it has none from what it says itself."""
    opened = (stamp.get("ingredients") or {}).get("opened")
    if opened:
        return hashlib.sha256(json.dumps(opened, sort_keys=True).encode()).hexdigest()[:12]
    inputs = told.get("inputs")
    return str(inputs.get("hash", "")) if isinstance(inputs, Mapping) else str(inputs or "")


def _error(error: object, lang: str) -> str:
    """What stopped the page and where, in its language; the error's own words are left as they are."""
    from liantu.suite.runs.outcomes import PageError

    if not isinstance(error, Mapping):
        return ""
    cell, prompt = error.get("cell"), error.get("prompt")
    where = words(lang)["at_prompt" if prompt else "at_cell"].format(cell=cell, prompt=prompt) if cell else ""
    return where + str(PageError(str(error.get("name")), str(error.get("value"))))

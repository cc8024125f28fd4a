"""What a person placed on the chains: the row held against the name that is expected, then its project or firm placed for good."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from liantu.chains.placing.stated import link_of
from liantu.errors import LiantuError, UnknownValueError
from liantu.ledger.corrections.entries import FILE, CorrectionsFile, Placing
from liantu.ledger.corrections.outcomes import Outcome, signed
from liantu.ledger.findings import Finding
from liantu.ledger.values import privacy
from liantu.reference import Chains

NO_CHAIN = ("none", "无")
"""What `chain` says of what lies on no chain."""
PLACINGS = ("source_file", "sheet", "row", "chain", "link")
"""Columns of the table that says which rows a person placed, and where; both None for what lies on no chain."""
Placed = Mapping[str, tuple[str | None, str | None]]
"""Chain and link by project or firm."""


def refuse_unknown_places(raw_dir: Path, file: CorrectionsFile, chains: Chains) -> None:
    """Raise LiantuError, with file and entry and the nearest known word, for a chain or a link that the edition has not."""
    for number, entry in file.placings.items():
        try:
            _place_of(entry, chains)
        except UnknownValueError as error:
            raise LiantuError(f"{raw_dir / FILE}: entry {number}: {error}") from None


def _place_of(entry: Placing, chains: Chains) -> tuple[str | None, str | None]:
    if entry.chain in NO_CHAIN:
        if entry.link:
            raise UnknownValueError("link", entry.link, [""])
        return None, None
    chain = chains.by_name(entry.chain)
    if not entry.link:
        return chain.zh, None
    if any(entry.link in (link.id, link.zh, link.en) for link in chain.links) and (found := link_of(entry.link, chain.zh, chains)):
        return found
    raise UnknownValueError(f"link of {chain.zh}", entry.link, [name for link in chain.links for name in (link.zh, link.id)])


def placings_of(file: CorrectionsFile, outcomes: Iterable[Outcome], chains: Chains) -> tuple[pd.DataFrame, list[Finding]]:
    """The placings whose row stands (columns `PLACINGS`), in the order of the file, and a finding for each of them."""
    standing = {outcome.number for outcome in outcomes if outcome.side == "row" and not outcome.stale}
    held = {number: entry for number, entry in sorted(file.placings.items()) if number in standing}
    rows = [(entry.file, entry.sheet, entry.row, *_place_of(entry, chains)) for entry in held.values()]
    table = pd.DataFrame(rows, columns=list(PLACINGS)).astype({"row": "int64"})
    return table, [_finding(number, entry, chains) for number, entry in held.items()]


def _finding(number: int, entry: Placing, chains: Chains) -> Finding:
    chain, link = _place_of(entry, chains)
    told = next((name.zh for name in chains.by_name(chain).links if name.id == link), "") if chain else ""
    case = "none" if chain is None else "link" if link else "chain"
    return {
        "kind": "placed", "case": case, "source_file": entry.file, "sheet": entry.sheet, "entry": number, "do": entry.do, "row": entry.row,
        "chain": chain, "link": told, "expect": privacy.scrub(entry.expect), **signed(entry)}


def placed_by_hand(rows: pd.DataFrame, keys: pd.Series, placings: pd.DataFrame | None) -> Placed:
    """Chain and link of each project or firm that a person placed; of two entries on one of them the later row counts.

    `rows` has source_file, sheet, row and snapshot, `keys` the project or firm of each.
    """
    if placings is None or placings.empty:
        return {}
    where = ["source_file", "sheet", "row"]
    met = rows[[*where, "snapshot"]].assign(key=keys).merge(placings, on=where).sort_values(["snapshot", *where], kind="stable")
    return {key: (chain, link) for key, chain, link in zip(
        met["key"], met["chain"].where(met["chain"].notna(), None), met["link"].where(met["link"].notna(), None), strict=True)}


def with_hand(placed: pd.DataFrame, keys: pd.Series, hand: Placed) -> pd.DataFrame:
    """What `place` returned, with a person's word in the rows of the projects or firms that have one: sure (1) where it names a link."""
    if not hand or not (mine := keys.isin(list(hand)).to_numpy()).any():
        return placed
    told = [hand[key] for key in keys[mine]]
    links = np.array([link for _, link in told], dtype=object)
    changed = placed.astype({"chain": object, "link": object})
    changed.loc[mine, "chain"] = np.array([chain for chain, _ in told], dtype=object)
    changed.loc[mine, "link"] = links
    changed.loc[mine, "link_confidence"] = [1.0 if link else np.nan for link in links]
    return changed.astype(placed.dtypes.to_dict())

"""From shares of words and margins of the text model to probabilities, and how well such probabilities hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import pandas as pd
import pyarrow as arrow
from pydantic import Field

from liantu.chains.placing.prepared import prepared
from liantu.chains.placing.text_model import OUTSIDE, TextModel
from liantu.reference import Chains, City, city
from liantu.reference.loading import Entry, load
from liantu.reference.opened import kept

FILE = "calibration.yml"
Slope = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Shift = Annotated[float, Field(allow_inf_nan=False)]


class WordCalibration(Entry):
    """Words alone: logit P = intercept + lead x logit(lead of the link) + stated where the row states its chain."""

    intercept: Shift
    lead: Slope
    stated: Shift


class TextCalibration(Entry):
    """Words and text: P proportional to exp(margin x margin of the link + word x its share + chain_word x the share of its chain
    + code x the code's share of the link).

    Outside the chains: exp(margin x its margin + outside), and where the row states its chain also + outside_stated.
    """

    margin: Slope
    word: Slope
    chain_word: Slope
    code: Slope
    """A judgement, for no labelled name has a code: one that a single link carries places by itself with about 0.7."""
    outside: Shift
    outside_stated: Shift


class Calibration(Entry):
    """chains/calibration.yml, made by tools/fit_placement.py."""

    source: str
    stated_link: Annotated[float, Field(gt=0, le=1)]
    """What a link that the ledger itself states counts: a judgement, for no truth says how often ledgers err there."""
    words: WordCalibration
    text: TextCalibration


@kept()
def calibration(of: City | None = None) -> Calibration:
    """The calibration of a city, by default of the city that is shipped.

    Raises ReferenceFileError when the file is missing or breaks its rules.
    """
    return load(Calibration, (of or city()).folder / "chains" / FILE)


@dataclass(frozen=True)
class Places:
    """The links of an edition as columns of arrays, chain by chain; what lies outside is the last column."""

    chains: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    chain_of: np.ndarray
    """For each link the number of its chain."""
    ids: tuple[str, ...]

    first_chain: int = 0
    first_link: int = 0

    @property
    def starts(self) -> np.ndarray:
        """The first link of each chain."""
        return np.flatnonzero(np.diff(self.chain_of, prepend=-1))

    def only(self, chain: int) -> Places:
        """The links of one chain; `first_chain` and `first_link` tell where they stand among all."""
        mine = np.flatnonzero(self.chain_of == chain)
        first, end = int(mine[0]), int(mine[-1]) + 1
        mine = slice(first, end)
        return Places(self.chains[chain:chain + 1], self.links[mine], self.chain_of[mine] - chain, self.ids[mine], chain, first)

    def margins(self, model: TextModel, texts: tuple[arrow.Array, ...]) -> np.ndarray:
        """The margins of bare texts in these columns; a link that the model does not know has the least of the others."""
        place = {label: number for number, label in enumerate(model.labels)}
        known = np.array([place.get(label, -1) for label in (*self.ids, OUTSIDE)])
        margins = model.margins(texts, np.maximum(known, 0))
        margins[:, known < 0] = margins[:, known >= 0].min(axis=1, keepdims=True)
        return margins


@prepared
def places(chains: Chains) -> Places:
    """The columns of an edition."""
    links = [(chain.zh, link.id) for chain in chains.chains for link in chain.links]
    numbers = [number for number, chain in enumerate(chains.chains) for _ in chain.links]
    ids = tuple(f"{chain.id}/{link.id}" for chain in chains.chains for link in chain.links)
    return Places(tuple(chain.zh for chain in chains.chains), tuple(links), np.array(numbers), ids)


def word_probability(lead: np.ndarray, stated: np.ndarray, rules: WordCalibration) -> np.ndarray:
    """The probability that the link which words name is the right one, by what they lead with (0 to 1)."""
    told = np.clip(lead, 1e-3, 1 - 1e-3)
    return 1 / (1 + np.exp(-(rules.intercept + rules.lead * np.log(told / (1 - told)) + rules.stated * stated)))


def link_probabilities(
        margins: np.ndarray, told: tuple[np.ndarray, np.ndarray, np.ndarray], stated: bool, where: Places,
        rules: TextCalibration) -> np.ndarray:
    """Rows x links and outside: probabilities that sum to 1.

    `margins` rows x links and outside, `told` as `shares` makes it; `stated` when the rows state the chain, which
    then is the only one of `where`.
    """
    words, chain_words, codes = told
    score = rules.margin * margins
    score[:, :-1] += rules.word * words + rules.code * codes
    score[:, :-1] += rules.chain_word * chain_words[:, where.chain_of]
    score[:, -1] += rules.outside + (rules.outside_stated if stated else 0.0)
    score -= score.max(axis=1, keepdims=True)
    np.exp(score, out=score)
    score /= score.sum(axis=1, keepdims=True)
    return score


def reliability(confidence: pd.Series, right: pd.Series, bins: int = 10) -> pd.DataFrame:
    """How often what was said with a confidence was right: one row for each bin of equal width that holds any.

    `confidence` 0 to 1, `right` boolean. Columns: `lower`, `upper` (edges), `count`, `confidence` (mean), `right` (share); and as
    `attrs`: `brier` (mean squared difference) and `error` (expected calibration error: mean difference of the bins by their counts).
    """
    told = pd.DataFrame({"confidence": confidence.astype("float64"), "right": right.astype("float64")}).dropna()
    number = np.minimum((told["confidence"] * bins).astype("int64"), bins - 1)
    table = told.groupby(number).agg(count=("right", "size"), confidence=("confidence", "mean"), right=("right", "mean"))
    table.insert(0, "lower", table.index / bins)
    table.insert(1, "upper", (table.index + 1) / bins)
    gap = (table["confidence"] - table["right"]).abs()
    table.attrs = {
        "brier": float(((told["confidence"] - told["right"]) ** 2).mean()),
        "error": float((gap * table["count"]).sum() / max(len(told), 1))}
    return table.reset_index(drop=True)

"""Projects and firms placed on (chain, link) with the probability that it is so, never forced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as arrow
import pyarrow.compute as compute

from liantu.chains.placing.calibration import Calibration, Places, calibration, link_probabilities, places, word_probability
from liantu.chains.placing.rules import placement_rules
from liantu.chains.placing.stated import chain_of, link_of
from liantu.chains.placing.text_model import TextModel, text_model
from liantu.chains.placing.word_evidence import Judgement, WordPlacer, word_placer
from liantu.reference import Chains

__all__ = ["chain_of", "guesses", "link_of", "place"]

INPUTS = ("chain", "link", "name", "company", "products", "gb_code", "category")
_PLACED = {"chain": "str", "link": "str", "link_confidence": "float64"}
_GUESSED = {
    "chain": "str", "link": "str", "confidence": "float64", "chain_confidence": "float64",
    "second_chain": "str", "second_link": "str", "second_confidence": "float64", "outside": "float64"}
_REDUCED = ("name", "company", "products")
"""Columns that are only searched for words, side by side: a firm's name may reach from the name into the company."""
READ = ("name", "products", "chain", "company")
"""What the text model reads, in the order of its shares."""
_BETWEEN = arrow.scalar("\x02", arrow.large_string())
_PIECE = 20_000
"""Rows at a time: some 40 MB of margins for each array."""
_PICKED = (np.int64, np.float64, np.int64, np.float64, np.int64, np.float64, np.float64, np.int64, np.float64, np.float64)
"""The kinds of the fields of `_Weighed` from `chain` on."""


@dataclass(frozen=True)
class _Asked:
    """The rows of a table by what they ask of the words: each question once."""

    told: Mapping[str, arrow.Array]
    question: np.ndarray
    """For each row the number of its question."""
    judged: Sequence[Judgement]


def place(frame: pd.DataFrame, chains: Chains) -> pd.DataFrame:
    """Place each row of `frame` on a chain and one of its links.

    Reads the columns `chain` and `link` (as a ledger states them), `name`, `company`, `products`, `gb_code`, `category`; any may be
    missing or empty. Returns `chain` (Chinese name of the working list), `link` (id) and `link_confidence`, indexed as `frame`.
    A stated chain that is recognised always stands, and so does a stated link of it. Else words of the name, the products and the firm
    and the industry code are weighed; where they are not sure by themselves, a text model (characters and pairs of them) is asked as
    well. Infrastructure, schools and housing are not placed by their words at all.

    `link_confidence` is the probability that the link is right, calibrated on names labelled by hand. A link, and a chain that is not
    stated, stay empty when their probability is below the threshold of chains/placement.yml. Method, measured accuracy and
    calibration: docs/methods/chains.md.
    """
    if frame.empty:
        return pd.DataFrame(index=frame.index, columns=list(_PLACED)).astype(_PLACED)
    asked = _asked(frame, word_placer(chains))
    model, threshold, known = text_model(), placement_rules().threshold, calibration()
    sure = [_by_words(judgement, known, model is None) for judgement in asked.judged]
    chain, link, confidence = (np.array([told[place] for told in sure], dtype=object)[asked.question] for place in range(3))
    open_rows = np.flatnonzero(np.array([told[3] for told in sure])[asked.question])
    if len(open_rows) and model is not None:
        weighed = _weighed(asked, open_rows, model, chains)
        where = places(chains)
        chain_p, link_p = np.round(weighed.chain_p, 3), np.round(weighed.link_p, 3)
        sure_chain = weighed.stated | (chain_p >= threshold)
        sure_link = sure_chain & (link_p >= threshold)
        of = np.array([*where.chains], dtype=object)[weighed.chain]
        links = np.array([name for _, name in where.links], dtype=object)[weighed.link]
        chain[open_rows] = np.where(sure_chain, of, None)[weighed.row]
        link[open_rows] = np.where(sure_link, links, None)[weighed.row]
        confidence[open_rows] = np.where(sure_link, link_p, np.nan)[weighed.row]
    return pd.DataFrame({"chain": chain, "link": link, "link_confidence": confidence}, index=frame.index).astype(_PLACED)


def guesses(frame: pd.DataFrame, chains: Chains) -> pd.DataFrame:
    """The two likeliest links of each row, however unlikely, for a person to choose from; columns read as by `place`.

    Returns `chain`, `link`, `confidence`, `chain_confidence` (of the chain of the first guess), `second_chain`, `second_link`,
    `second_confidence` and `outside` (the probability that the row lies on no chain; NaN where no text model is there to ask),
    indexed as `frame`.
    """
    model = text_model()
    if frame.empty or model is None:
        return pd.DataFrame(index=frame.index, columns=list(_GUESSED)).astype(_GUESSED)
    asked, where = _asked(frame, word_placer(chains)), places(chains)
    told = _weighed(asked, np.arange(len(frame)), model, chains)
    names = pd.DataFrame(where.links, columns=["chain", "link"])
    first, second = (names.iloc[number].reset_index(drop=True) for number in (told.top, told.second))
    table = pd.DataFrame({
        "chain": first["chain"], "link": first["link"], "confidence": np.round(told.top_p, 3),
        "chain_confidence": np.round(told.top_chain_p, 3),
        "second_chain": second["chain"], "second_link": second["link"], "second_confidence": np.round(told.second_p, 3),
        "outside": np.round(told.outside, 3)})
    return table.iloc[told.row].set_axis(frame.index, axis=0).astype(_GUESSED)


def _by_words(judgement: Judgement, known: Calibration, alone: bool) -> tuple[str | None, str | None, float, bool]:
    """Chain, link and confidence where words (or the ledger itself) are sure by themselves; and whether the text has to be asked."""
    rules = placement_rules()
    if judgement.link is not None:
        return judgement.stated, judgement.link, known.stated_link, False
    if judgement.outside:
        return judgement.stated, None, np.nan, False
    chain, link, lead = judgement.leads(rules.rivalry)
    if lead >= rules.sure_words or alone:
        sure = round(float(word_probability(np.array(lead), np.array(judgement.stated is not None), known.words)), 3)
        if link is not None and sure >= rules.threshold:
            return chain, link, sure, False
    return judgement.stated, None, np.nan, True


@dataclass(frozen=True)
class _Weighed:
    """Different texts weighed by words and text model; `row` tells for each row asked which of them it is."""

    row: np.ndarray
    stated: np.ndarray
    chain: np.ndarray
    chain_p: np.ndarray
    link: np.ndarray
    """The likeliest link of that chain."""
    link_p: np.ndarray
    top: np.ndarray
    """The likeliest link of all."""
    top_p: np.ndarray
    top_chain_p: np.ndarray
    second: np.ndarray
    second_p: np.ndarray
    outside: np.ndarray


def _weighed(asked: _Asked, rows: np.ndarray, model: TextModel, chains: Chains) -> _Weighed:
    where, known = places(chains), calibration()
    take = arrow.array(rows)
    texts = [model.bare(asked.told[column].take(take)) for column in READ]
    question = asked.question[rows]
    stated = np.array([-1 if judgement.stated is None else where.chains.index(judgement.stated) for judgement in asked.judged])
    # A recognised chain has said what it can.
    texts[2] = compute.if_else(arrow.array(stated[question] >= 0), "", texts[2])
    columns = [arrow.array(question), *texts]
    keys = compute.binary_join_element_wise(*(column.cast(arrow.large_string()) for column in columns), _BETWEEN).dictionary_encode()
    row = keys.indices.to_numpy()
    first = np.full(len(keys.dictionary), len(rows))
    np.minimum.at(first, row, np.arange(len(rows)))
    picked = [np.zeros(len(first), dtype=kind) for kind in _PICKED]
    for some, of in _groups(stated[question[first]]):
        mine = where if of < 0 else where.only(of)
        margins = mine.margins(model, tuple(text.take(arrow.array(first[some])) for text in texts))
        numbers, back = np.unique(question[first[some]], return_inverse=True)
        told = shares([asked.judged[number] for number in numbers], mine)
        chances = link_probabilities(margins, tuple(part[back] for part in told), of >= 0, mine, known.text)
        for column, values in zip(picked, _picked(chances, of >= 0, mine), strict=True):
            column[some] = values
    return _Weighed(row, stated[question[first]] >= 0, *picked)


def _groups(stated: np.ndarray) -> Iterator[tuple[np.ndarray, int]]:
    """Rows that state the same chain (-1: none), a piece at a time: only the links of that chain are weighed for them."""
    for of in np.unique(stated).tolist():
        rows = np.flatnonzero(stated == of)
        for start in range(0, len(rows), _PIECE):
            yield rows[start:start + _PIECE], of


def shares(judged: Sequence[Judgement], where: Places) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What words say of the links and chains of `where`, as arrays: words by link and by chain, codes by link."""
    chain_of_name = {chain: number for number, chain in enumerate(where.chains)}
    link_of_name = {pair: number for number, pair in enumerate(where.links)}
    words, codes = np.zeros((len(judged), len(where.links))), np.zeros((len(judged), len(where.links)))
    chain_words = np.zeros((len(judged), len(where.chains)))
    for row, judgement in enumerate(judged):
        for pair, share in judgement.evidence.links.items():
            if pair in link_of_name:
                words[row, link_of_name[pair]] = share
        for chain, share in judgement.evidence.chains.items():
            if chain in chain_of_name:
                chain_words[row, chain_of_name[chain]] = share
        for pair, share in judgement.evidence.codes.items():
            if pair in link_of_name:
                codes[row, link_of_name[pair]] = share
    return words, chain_words, codes


def _picked(chances: np.ndarray, stated: bool, where: Places) -> tuple[np.ndarray, ...]:
    """The fields of `_Weighed` from `chain` on, of rows x (links and outside); a stated chain is the only one of `where`."""
    rows, links = np.arange(len(chances)), chances[:, :-1]
    by_chain = np.add.reduceat(links, where.starts, axis=1)
    chain = by_chain.argmax(axis=1)
    top = links.argmax(axis=1)
    link = top if stated else np.where(where.chain_of[None, :] == chain[:, None], links, -1.0).argmax(axis=1)
    rest = links.copy()
    rest[rows, top] = -1.0
    second = rest.argmax(axis=1)
    return (
        chain + where.first_chain, by_chain[rows, chain], link + where.first_link, links[rows, link],
        top + where.first_link, links[rows, top], by_chain[rows, where.chain_of[top]],
        second + where.first_link, links[rows, second], chances[:, -1])


def _asked(frame: pd.DataFrame, placer: WordPlacer) -> _Asked:
    told = {column: arrow.array(_texts(frame, column).array) for column in INPUTS}
    told = {column: texts.combine_chunks() if isinstance(texts, arrow.ChunkedArray) else texts for column, texts in told.items()}
    verbatim = [texts for column, texts in told.items() if column not in _REDUCED]
    columns = [*verbatim, *placer.reducer.reduce(tuple(told[column] for column in _REDUCED))]
    keys = compute.binary_join_element_wise(*(texts.cast(arrow.large_string()) for texts in columns), _BETWEEN).dictionary_encode()
    question = keys.indices.to_numpy()
    first = np.full(len(keys.dictionary), len(question))
    np.minimum.at(first, question, np.arange(len(question)))
    several = frame.iloc[first]
    rows = pd.DataFrame({column: _texts(several, column) for column in INPUTS}).to_dict("records")
    return _Asked(told, question, [placer.judge(row) for row in rows])


def _texts(frame: pd.DataFrame, column: str) -> pd.Series:
    if column not in frame:
        return pd.Series("", index=frame.index, dtype="str")
    return frame[column].astype("str").fillna("")

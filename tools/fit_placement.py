"""Fit the text model and the calibration of the placement: `python tools/fit_placement.py`; needs scikit-learn, takes half a minute.

Reads chains/phrases.yml, the catalogue's own words and the development names of tests/chains/labelled_names.csv; writes
chains/text_model.npz and chains/calibration.yml. The same input gives the same files. Nothing simulated is read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as arrow
import yaml
from scipy.optimize import minimize

from liantu.chains.placing.calibration import Places, TextCalibration, WordCalibration, link_probabilities, places, word_probability
from liantu.chains.placing.placement import INPUTS, READ, shares
from liantu.chains.placing.rules import placement_rules
from liantu.chains.placing.text_model import FILE, OUTSIDE, TextModel, bare_pattern, bare_texts, text_shares, vocabulary_of
from liantu.chains.placing.word_evidence import Judgement, word_placer
from liantu.chains.placing.wording import plain
from liantu.reference import Chains, city
from liantu.tables.store import write_whole

NAMES = Path(__file__).parents[1] / "tests" / "chains" / "labelled_names.csv"
FOLDS = 5
NAME_WEIGHT = 5.0
"""What one labelled name counts in the calibration, in phrases."""
STATED_OUTSIDE = 0.2
"""What a phrase from outside the chains counts that nevertheless states a chain: ledgers do so at times."""
STATED_LINK = 0.95
CODE = 3.7
"""See TextCalibration.code."""


@dataclass(frozen=True)
class Items:
    """Texts with what they are: accepted labels each, margins out of sample, what words say, and what each counts."""

    labels: list[tuple[str, ...]]
    margins: np.ndarray
    judged: list[Judgement]
    stated: np.ndarray
    weight: np.ndarray


def training_texts(chains: Chains) -> pd.DataFrame:
    """Every phrase with its label; `own` where it is one of the catalogue's own words, `family` its last two characters."""
    told = yaml.safe_load((city().folder / "chains" / "phrases.yml").read_text(encoding="utf-8"))
    rows = []
    for chain in chains.chains:
        for link in chain.links:
            own = dict.fromkeys(plain(word) for word in (*link.keywords, link.zh))
            more = dict.fromkeys(plain(phrase) for phrase in told["chains"][chain.id][link.id])
            rows += [(text, f"{chain.id}/{link.id}", text in own) for text in {**own, **more}]
    rows += [(plain(phrase), OUTSIDE, False) for phrases in told["outside"].values() for phrase in phrases]
    table = pd.DataFrame(rows, columns=["text", "label", "own"])
    return table.assign(family=table["text"].str[-2:])


def fitted(texts: pd.DataFrame) -> TextModel:
    """The model of these texts: one linear support vector machine for each label against all others."""
    from sklearn.svm import LinearSVC

    rules = placement_rules()
    pattern = bare_pattern(rules)
    bare = bare_texts(arrow.array(texts["text"].to_list()), pattern)
    vocabulary = vocabulary_of(bare)
    machine = LinearSVC(C=1.0, random_state=0, tol=1e-6, max_iter=20_000).fit(vocabulary.features((bare,), (1.0,)), texts["label"])
    scale = np.abs(machine.coef_).max(axis=1) / 127
    weights = np.round(machine.coef_ / scale[:, None]).astype(np.int8).T.copy()
    return TextModel(vocabulary, weights, scale, machine.intercept_, tuple(machine.classes_.tolist()), pattern, text_shares(rules))


def _margins(model: TextModel, where: Places, frame: pd.DataFrame) -> np.ndarray:
    told = frame.reindex(columns=list(READ)).astype("str").fillna("")
    texts = [model.bare(arrow.array(told[column].to_list())) for column in READ]
    return where.margins(model, tuple(texts))


def out_of_sample(texts: pd.DataFrame, where: Places) -> np.ndarray:
    """Margins of each phrase by a model that saw no phrase of its family (the same last two characters)."""
    from sklearn.model_selection import GroupKFold

    margins = np.zeros((len(texts), len(where.links) + 1))
    for train, test in GroupKFold(FOLDS).split(texts, groups=texts["family"]):
        frame = texts.iloc[test].rename(columns={"text": "name"})[["name"]]
        margins[test] = _margins(fitted(texts.iloc[train]), where, frame)
    return margins


def _judged(frame: pd.DataFrame, chains: Chains) -> list[Judgement]:
    rows = frame.reindex(columns=list(INPUTS)).astype("str").fillna("").to_dict("records")
    return [word_placer(chains).judge(row) for row in rows]


def calibration_items(texts: pd.DataFrame, margins: np.ndarray, model: TextModel, chains: Chains) -> Items:
    """Phrases that are no catalogue words, and the development names; each as it stands and with its chain stated."""
    where = places(chains)
    by_id = {chain.id: chain.zh for chain in chains.chains}
    phrases = ~texts["own"].to_numpy()
    names = pd.read_csv(NAMES, dtype="str", keep_default_na=False).query("set == 'development'")
    labels = [(label,) for label in texts.loc[phrases, "label"]] + [tuple((told or OUTSIDE).split("|")) for told in names["labels"]]
    frame = pd.concat([pd.DataFrame({"name": texts.loc[phrases, "text"], "company": ""}), names[["name", "company"]]], ignore_index=True)
    rows = np.vstack([margins[phrases], _margins(model, where, names)])
    weight = np.array([1.0] * int(phrases.sum()) + [NAME_WEIGHT] * len(names))
    # Outside phrases take the chains in turn: what a ledger wrongly states there is anything.
    turn = [chain.zh for chain in chains.chains]
    stated = [by_id[told[0].split("/")[0]] if told[0] != OUTSIDE else turn[place % len(turn)] for place, told in enumerate(labels)]
    outside = np.array([told[0] == OUTSIDE for told in labels])
    return Items(
        labels * 2, np.vstack([rows, rows]), _judged(frame, chains) + _judged(frame.assign(chain=stated), chains),
        np.array([-1] * len(labels) + [where.chains.index(chain) for chain in stated]),
        np.concatenate([weight, np.where(outside, STATED_OUTSIDE, 1.0) * weight]))


def part(items: Items, which: np.ndarray) -> Items:
    """Some of the items."""
    places_of = np.flatnonzero(which)
    return replace(
        items, labels=[items.labels[place] for place in places_of], margins=items.margins[which],
        judged=[items.judged[place] for place in places_of], stated=items.stated[which], weight=items.weight[which])


def accepted(labels: list[tuple[str, ...]], where: Places) -> np.ndarray:
    """Rows x (links and outside): whether a label is accepted; a chain alone stands for all of its links."""
    ids = [*where.ids, OUTSIDE]
    return np.array([[any(name == label or name.startswith(f"{label}/") for label in told) for name in ids] for told in labels])


def word_calibration(items: Items) -> WordCalibration:
    """Logistic regression of whether the link that words name is right, on the rows where words are sure by themselves."""
    rivalry = placement_rules().rivalry
    told = [judgement.leads(rivalry) for judgement in items.judged]
    by_zh = {chain.zh: chain.id for chain in city().chains().chains}
    right = np.array([any(label in (f"{by_zh[chain]}/{link}", by_zh[chain]) for label in labels)
                      for (chain, link, _), labels in zip(told, items.labels, strict=True)])
    lead, stated = np.array([lead for *_, lead in told]), items.stated >= 0

    def loss(numbers: np.ndarray) -> float:
        chance = word_probability(lead, stated, WordCalibration(intercept=numbers[0], lead=max(numbers[1], 0), stated=numbers[2]))
        chance = np.clip(np.where(right, chance, 1 - chance), 1e-12, 1)
        # A weak pull towards no slope keeps the fit finite where words are never wrong.
        return float(-(items.weight * np.log(chance)).sum() + 0.5 * (numbers[1:] ** 2).sum())

    found = minimize(loss, np.array([1.0, 0.5, 0.0]), method="L-BFGS-B", bounds=[(-20, 20), (0, 20), (-20, 20)]).x
    return WordCalibration(**dict(zip(("intercept", "lead", "stated"), found.round(3).tolist(), strict=True)))


@dataclass(frozen=True)
class _Group:
    """Items that state the same chain, or none, as arrays."""

    where: Places
    stated: bool
    margins: np.ndarray
    told: tuple[np.ndarray, np.ndarray, np.ndarray]
    right: np.ndarray
    weight: np.ndarray

    @classmethod
    def of(cls, items: Items, where: Places, stated: bool) -> _Group:
        """The arrays of these items, over the columns of `where`."""
        columns = [*range(where.first_link, where.first_link + len(where.links)), -1]
        return cls(where, stated, items.margins[:, columns], shares(items.judged, where), accepted(items.labels, where), items.weight)

    def loss(self, rules: TextCalibration) -> float:
        """Minus the log likelihood of the accepted labels."""
        chances = link_probabilities(self.margins, self.told, self.stated, self.where, rules)
        return float(-(self.weight * np.log(np.clip((chances * self.right).sum(axis=1), 1e-12, 1))).sum())


def text_calibration(items: Items, where: Places) -> TextCalibration:
    """Maximum likelihood of the accepted labels, on the rows where the text is asked."""
    names = ("margin", "word", "chain_word", "outside", "outside_stated")
    parts = [_Group.of(part(items, items.stated == of), where if of < 0 else where.only(of), of >= 0)
             for of in np.unique(items.stated).tolist()]

    def loss(numbers: np.ndarray) -> float:
        rules = TextCalibration(**dict(zip(names, numbers.tolist(), strict=True)), code=CODE)
        return sum(group.loss(rules) for group in parts)

    start, bounds = np.array([5.0, 3.0, 1.0, 0.0, 0.0]), [(0, 50), (0, 50), (0, 50), (-20, 20), (-20, 20)]
    found = minimize(loss, start, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-10}).x
    return TextCalibration(**dict(zip(names, found.round(3).tolist(), strict=True)), code=CODE)


def made() -> tuple[TextModel, WordCalibration, TextCalibration, dict[str, int]]:
    """The model, both calibrations, and how many items each was fitted on."""
    chains = city().chains()
    where, rules = places(chains), placement_rules()
    texts = training_texts(chains)
    model = fitted(texts)
    items = calibration_items(texts, out_of_sample(texts, where), model, chains)
    leads = np.array([judgement.leads(rules.rivalry)[2] for judgement in items.judged])
    sure = leads >= rules.sure_words
    asked = ~sure & ~np.array([judgement.outside for judgement in items.judged])
    counts = {"texts": len(texts), "sure": int(sure.sum()), "asked": int(asked.sum())}
    return model, word_calibration(part(items, sure)), text_calibration(part(items, asked), where), counts


def main() -> None:
    """Write both files into the city's reference data."""
    model, words, text, counts = made()
    folder = city().folder / "chains"
    source = (f"Fitted by tools/fit_placement.py on phrases.yml (out of sample by families of phrases) and the development names of "
              f"tests/chains/labelled_names.csv; {counts['sure']} items where words are sure, {counts['asked']} where the text is asked. "
              "stated_link and code are judgements.")
    content = {"source": source, "stated_link": STATED_LINK, "words": words.model_dump(), "text": text.model_dump()}
    head = "# Probabilities of the placement, from shares of words and margins of the text model. Method: docs/methods/chains.md.\n"
    told = head + yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=150)
    write_whole(folder / FILE, model.saved())
    write_whole(folder / "calibration.yml", told.encode())
    print(counts, words, text, sep="\n")


if __name__ == "__main__":
    main()

"""A linear model over characters and pairs of characters that says on which link a name most likely lies; applied without scikit-learn."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as arrow
import pyarrow.compute as compute
from scipy import sparse

from liantu.chains.placing.reducing import MARK, letters_of, plain_texts
from liantu.chains.placing.rules import PlacementRules, placement_rules
from liantu.reference import City, city
from liantu.reference.opened import kept, note

FILE = "text_model.npz"
OUTSIDE = "outside"
"""The label of what lies on no chain."""
_ARRAYS = ("letters", "pairs", "idf", "weights", "scale", "intercept", "labels")
# A figure with its unit; counters that no product begins with.
_FIGURES = (
    r"[0-9]+(?:[.,][0-9]+)*(?:万|亿|千|百)*(?:吨|套|台|件|条|只|支|立方米|平方米|平米|米|千瓦|KWH?|MWH?|GWH?|KVA?|头|羽|辆|亩|座|块|标方|英寸|瓶|根|片|张|"
    r"公里)*")


@dataclass(frozen=True)
class Vocabulary:
    """The characters and pairs of characters that the model knows, each a feature: characters first, then pairs."""

    letters: np.ndarray
    pairs: np.ndarray
    """first x (number of letters + 1) + second, by their numbers from 1; sorted."""
    idf: np.ndarray
    _number: np.ndarray = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        number = np.zeros(0x10000, dtype=np.int64)
        number[self.letters] = np.arange(1, len(self.letters) + 1)
        object.__setattr__(self, "_number", number)

    @property
    def size(self) -> int:
        """How many letters there are, and one for those unknown."""
        return len(self.letters) + 1

    def features(self, columns: tuple[arrow.Array, ...], shares: tuple[float, ...]) -> sparse.csr_array:
        """Rows of unit length: each feature counts its share (by column) x idf; texts are bare (see `bare_texts`)."""
        rows, found, values = [], [], []
        for texts, share in zip(columns, shares, strict=True):
            for row, feature in self._found(texts):
                rows.append(row)
                found.append(feature)
                values.append(np.float64(share) * self.idf[feature])
        told = (np.concatenate(values), (np.concatenate(rows).astype(np.int32), np.concatenate(found).astype(np.int32)))
        matrix = sparse.coo_array(told, shape=(len(columns[0]), len(self.idf))).tocsr()
        matrix.sum_duplicates()
        length = np.sqrt(np.add.reduceat(np.append(matrix.data**2, 0.0), matrix.indptr[:-1])) if matrix.shape[0] else np.zeros(0)
        length = np.where(np.diff(matrix.indptr) == 0, 1.0, length)
        matrix.data /= np.repeat(length, np.diff(matrix.indptr))
        return matrix

    def _found(self, texts: arrow.Array) -> list[tuple[np.ndarray, np.ndarray]]:
        """Rows and features of the characters of the texts, and those of their pairs."""
        of = np.repeat(np.arange(len(texts)), compute.utf8_length(texts).to_numpy(zero_copy_only=False))
        number = self._number[np.minimum(letters_of(texts), 0xFFFF)]
        single = number > 0
        pair = number[:-1] * self.size + number[1:]
        place = np.minimum(np.searchsorted(self.pairs, pair), max(len(self.pairs) - 1, 0))
        both = (number[:-1] > 0) & (number[1:] > 0) & (of[:-1] == of[1:])
        both &= self.pairs[place] == pair if len(self.pairs) else False
        return [(of[single], number[single] - 1), (of[:-1][both], place[both] + len(self.letters))]


def vocabulary_of(texts: arrow.Array) -> Vocabulary:
    """The vocabulary of bare texts; idf = ln((1 + texts) / (1 + texts that have it)) + 1."""
    known = sorted(set("".join(texts.to_pylist())) - {MARK})
    letters = np.array([ord(letter) for letter in known if ord(letter) < 0xFFFF], dtype=np.uint16)
    whole = Vocabulary(letters, np.zeros(0, dtype=np.int64), np.ones(len(letters)))
    numbers = whole._number[np.minimum(letters_of(texts), 0xFFFF)]
    of = np.repeat(np.arange(len(texts)), compute.utf8_length(texts).to_numpy(zero_copy_only=False))
    both = (numbers[:-1] > 0) & (numbers[1:] > 0) & (of[:-1] == of[1:])
    pairs = np.unique(numbers[:-1][both] * whole.size + numbers[1:][both])
    plainly = Vocabulary(letters, pairs, np.ones(len(letters) + len(pairs)))
    matrix = plainly.features((texts,), (1.0,))
    holding = np.bincount(matrix.indices, minlength=matrix.shape[1])
    return Vocabulary(letters, pairs, np.log((1 + len(texts)) / (1 + holding)) + 1)


@dataclass(frozen=True)
class TextModel:
    """One weight for each feature and link (id of the chain, a slash, id of the link), and for what lies outside."""

    vocabulary: Vocabulary
    weights: np.ndarray
    """features x labels, whole numbers -127 to 127; times `scale` of the label."""
    scale: np.ndarray
    intercept: np.ndarray
    labels: tuple[str, ...]
    pattern: str
    shares: tuple[float, ...]
    """What name, products, stated text and company count."""

    def margins(self, columns: tuple[arrow.Array, ...], labels: np.ndarray) -> np.ndarray:
        """Rows x labels (by their numbers): how far a text lies on each one's side; texts are bare, one column for each of `shares`."""
        features = self.vocabulary.features(columns, self.shares)
        return (features @ self.weights[:, labels].astype(np.float64)) * self.scale[labels] + self.intercept[labels]

    def bare(self, texts: arrow.Array) -> arrow.Array:
        """Texts in plain form without figures and the words of every project's name."""
        return bare_texts(texts, self.pattern)

    def saved(self) -> bytes:
        """The file of the model; the same bytes for the same model."""
        told = io.BytesIO()
        np.savez_compressed(
            told, letters=self.vocabulary.letters, pairs=self.vocabulary.pairs.astype(np.uint32),
            idf=self.vocabulary.idf.astype(np.float32), weights=self.weights, scale=self.scale.astype(np.float32),
            intercept=self.intercept.astype(np.float32), labels=np.array(self.labels))
        return told.getvalue()


def bare_texts(texts: arrow.Array, pattern: str) -> arrow.Array:
    """Texts in plain form, every stretch that the pattern matches replaced by a mark that no feature spans."""
    return compute.replace_substring_regex(plain_texts(texts.cast(arrow.string())), pattern, MARK)


def bare_pattern(rules: PlacementRules) -> str:
    """The pattern of what every project's name may say: figures with units, and the words of placement.yml, longest first."""
    words = sorted((word.upper() for word in rules.boilerplate), key=lambda word: (-len(word), word))
    return "|".join([_FIGURES, *words])


def text_shares(rules: PlacementRules) -> tuple[float, ...]:
    """What the fields count in the text model, as they do for words: name, products, stated text, company."""
    weights = rules.field_weights
    return weights.name, weights.products, weights.chain, weights.company


@kept()
def text_model(of: City | None = None) -> TextModel | None:
    """The model of a city, by default of the city that is shipped; None where a city has none: then words alone place.

    Made by tools/fit_placement.py.
    """
    path = Path((of or city()).folder) / "chains" / FILE
    note("reference", f"chains/{FILE}")
    if not path.is_file():
        return None
    with np.load(path, allow_pickle=False) as file:
        told = {name: file[name] for name in _ARRAYS}
    vocabulary = Vocabulary(told["letters"], told["pairs"].astype(np.int64), told["idf"].astype(np.float64))
    rules = placement_rules(of)
    return TextModel(
        vocabulary, told["weights"], told["scale"].astype(np.float64), told["intercept"].astype(np.float64),
        tuple(told["labels"].tolist()), bare_pattern(rules), text_shares(rules))

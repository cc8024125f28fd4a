"""The stage that a project has reached, by the words of the city's vocabulary."""

from __future__ import annotations

from liantu.ledger.sheets import Cell
from liantu.ledger.values.reading import Reading
from liantu.ledger.values.terms import read_term
from liantu.reference.models import Vocabulary


def read_stage(cell: Cell, vocabulary: Vocabulary) -> Reading:
    """Read a stage; the value is its id (signed, started, …). 未开工 is in the vocabulary; 尚未投产 and 预计年底竣工 are not read."""
    return read_term(cell, vocabulary.terms("stages"))

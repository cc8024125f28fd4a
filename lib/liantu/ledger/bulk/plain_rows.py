"""Which rows of a large table are plainly rows of its body, told by whole columns.

The test is sufficient, never necessary: a plain row is one that `layout.rows.judge` calls body and `layout.regions` takes for no header
whatever stands around it. Every other row (blank, subtotal, group, note, header, a project without a company …) is shown to them.

Why a plain row is body: its name and another cell hold words (two Chinese characters side by side that are no numeral), so that it is no
group and stands also below a note; its name is not a sum's, a count's, an example's or a signature's, so that it is no subtotal or note;
four cells are filled, so that a label at the front makes no note of it. Why it is no header or level of one: a cell holds a number, at
most one cell is the name of a field, and none is the name of a field that names rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as arrow
import pyarrow.compute as compute

from liantu.ledger.layout.header_text import plain, squeeze
from liantu.ledger.layout.known import Known
from liantu.ledger.sheets import Block

PLAIN, BLANK, ODD = 0, 1, 2
_FEW = 4096
"""Different texts of one piece up to which a column is looked at text by text."""
_NUMERALS = "一二三四五六七八九十百共计个项户家件宗年月日"
_NUMBER = r"^(?:[013-9][0-9,.]*|2(?:[1-9,.][0-9,.]*)?)$"
"""A number that cannot be a year's beginning: numbers that begin with 20 may stand in a header."""
_DAY = r"^20[0-9]{2}[-./年][0-9]{1,2}[-./月][0-9]{1,2}日?$"
_DAYS = ("2022-03-15", "2022.3.15", "2022/3/15", "2022年3月15日")
"""Days as `_DAY` takes them; none of them could be a header, or days say nothing here."""
_CLEAR = "^(?:[0-9０-９]|[-+][0-9]|[〇\\x{4e00}-\\x{9fff}]{2}|[\\x{4e00}-\\x{9fff}][0-9])"
"""How a text begins whose reading as a header begins in the same way."""
_UNSAFE = "[①-⓿❶-➓\\s\u200b-\u200f\ufeff]"


def _words() -> str:
    """Two Chinese characters side by side that belong to no numeral or date."""
    excluded = sorted(map(ord, _NUMERALS))
    edges = [0x4E00, *(edge for point in excluded for edge in (point, point + 1)), 0xA000]
    ranges = [(start, end - 1) for start, end in zip(edges[::2], edges[1::2], strict=True) if end > start]
    letter = "[" + "".join(f"\\x{{{start:x}}}-\\x{{{end:x}}}" for start, end in ranges) + "]"
    return letter + letter


_WORDS = _words()


@dataclass(frozen=True)
class PlainRows:
    """The test for the tables of one sheet; `columns` are the indexes of each field's columns in the table that is looked for."""

    known: Known
    inside: range
    names: tuple[int, ...]
    serials: tuple[int, ...]

    @classmethod
    def of(cls, block: Block, known: Known) -> PlainRows:
        """The test for one table found."""
        headed = [match.index for match in block.columns if match.header]
        required = {spec.field for spec in block.form.fields if spec.required}
        return cls(known, range(min(headed), max(headed) + 1),
                   tuple(match.index for match in block.columns if match.field in required),
                   tuple(match.index for match in block.columns if match.field == "serial"))

    def kinds(self, columns: Mapping[int, arrow.Array], rows: int) -> np.ndarray:
        """PLAIN, BLANK or ODD for each row of a piece."""
        filled = {index: column.is_valid().to_numpy(zero_copy_only=False) for index, column in columns.items()}
        anywhere = np.logical_or.reduce([np.zeros(rows, dtype=bool), *filled.values()])
        texts = {index: _Text.of(columns[index]) for index in self.inside if index in columns}
        sizes = sum((filled[index].astype(np.int8) for index in texts), np.zeros(rows, dtype=np.int8))
        found = sizes >= 4
        for test in (self._named, self._numbered, self._worded, self._begins_well, self._no_header):
            if found.any():
                found &= test(texts, rows)
        return np.where(found, PLAIN, np.where(anywhere, ODD, BLANK)).astype(np.int8)

    def _named(self, texts: Mapping[int, _Text], rows: int) -> np.ndarray:
        """The one column that names rows holds a name of five characters and more that no pattern of rows knows."""
        if len(self.names) != 1 or self.names[0] not in texts:
            return np.zeros(rows, dtype=bool)
        name = texts[self.names[0]]
        long = _true(compute.greater(compute.utf8_length(name.texts), 4))
        return long & name.matches(_WORDS) & ~name.matches(self._suspect) & ~name.matches(self._rows_words)

    @cached_property
    def _suspect(self) -> str:
        return f"[:：*※\\x{{fffd}}]|{_UNSAFE}"

    @cached_property
    def _rows_words(self) -> str:
        rows = self.known.rows
        whole = "|".join(f"(?:{pattern.pattern})" for pattern in (rows.subtotal, rows.example, rows.note, rows.signature))
        return f"^(?s:{whole})$"

    def _numbered(self, texts: Mapping[int, _Text], rows: int) -> np.ndarray:
        """A cell holds a number, or a day that could be no header."""
        found = np.zeros(rows, dtype=bool)
        pattern = f"{_NUMBER}|{_DAY}" if not any(map(self.known.possible, _DAYS)) else _NUMBER
        for text in texts.values():
            if not found.all():
                found |= text.matches(pattern)
        return found

    def _worded(self, texts: Mapping[int, _Text], rows: int) -> np.ndarray:
        """Another column than the name's and the serial number's holds words."""
        found = np.zeros(rows, dtype=bool)
        for index, text in texts.items():
            if index not in self.names and index not in self.serials and not found.all():
                found |= text.matches(_WORDS)
        return found

    def _begins_well(self, texts: Mapping[int, _Text], rows: int) -> np.ndarray:
        """No cell before the name is an example's word."""
        good = np.ones(rows, dtype=bool)
        for index in (index for index in texts if index < self.names[0]):
            good &= ~texts[index].matches(f"^(?s:{self.known.rows.example.pattern})$")
        return good

    def _no_header(self, texts: Mapping[int, _Text], rows: int) -> np.ndarray:
        """At most one cell reads as the name of a field, and none as that of a field that names rows."""
        count = np.zeros(rows, dtype=np.int8)
        for text in texts.values():
            if text.codes is not None:
                count += np.append(self._worth(text.words), 0)[text.codes].astype(np.int8)
                continue
            clear = text.matches(_CLEAR)
            begins = clear & _true(compute.is_in(compute.utf8_slice_codeunits(text.texts, 0, 2), self._beginnings))
            count += np.where(clear | ~text.filled, 0, 2).astype(np.int8)
            if begins.any():
                asked = text.texts.filter(arrow.array(begins)).dictionary_encode()
                count[begins] += self._worth(asked.dictionary)[asked.indices.to_numpy()]
        return count <= 1

    def _worth(self, words: arrow.Array) -> np.ndarray:
        """1 for a text that is the name of a field, 2 for that of one that names rows, 0 for any other."""
        told = (plain(word) for word in words.to_pylist())
        return np.array([2 if self.known.names_row(word) else int(self.known.recognised(word)) for word in told], dtype=np.int8)

    @cached_property
    def _beginnings(self) -> arrow.Array:
        """How the names of fields begin. A text that begins clearly reads as a name only when the name begins as it does."""
        return arrow.array(sorted({name[:2] for form in self.known.forms for name in map(squeeze, form.names)}), arrow.string())


@dataclass(frozen=True)
class _Text:
    """A column as text; one of few different texts also by their numbers (the last one is that of no text)."""

    texts: arrow.Array
    filled: np.ndarray
    codes: np.ndarray | None
    words: arrow.Array | None

    @classmethod
    def of(cls, column: arrow.Array) -> _Text:
        text = column if arrow.types.is_string(column.type) else column.cast(arrow.string())
        filled = text.is_valid().to_numpy(zero_copy_only=False)
        if len(text) > _FEW and not _few(text):
            return cls(text, filled, None, None)
        coded = text.dictionary_encode()
        if len(coded.dictionary) > _FEW:
            return cls(text, filled, None, None)
        return cls(text, filled, coded.indices.fill_null(len(coded.dictionary)).to_numpy(zero_copy_only=False), coded.dictionary)

    def matches(self, pattern: str) -> np.ndarray:
        """Where a pattern is found."""
        if self.codes is None:
            return _true(compute.match_substring_regex(self.texts, pattern))
        return np.append(_true(compute.match_substring_regex(self.words, pattern)), False)[self.codes]


def _few(text: arrow.Array) -> bool:
    sample = text.take(arrow.array(np.linspace(0, len(text) - 1, 1000).astype(np.int64)))
    return compute.count_distinct(sample).as_py() < 500


def _true(mask: arrow.Array) -> np.ndarray:
    return mask.fill_null(False).to_numpy(zero_copy_only=False)

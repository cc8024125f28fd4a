"""Texts reduced to the words that placement looks for, so that a million names become a few thousand different questions.

What no word covers says nothing: a run of such characters is replaced by one mark that stands in no word. Order, nesting and touching
of the words stay as they were, so a reduced text is placed exactly as the whole one. Whole arrays only; no Python object for a row.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as arrow
import pyarrow.compute as compute

from liantu.chains.placing.wording import outside_brackets, plain

MARK = "\x01"
_BASE = 1_000_003
_PIECE = 200_000
"""Rows at a time: some 10 million characters, 200 MB of arrays while they are searched."""
# What `plain` leaves as it is but for the case: Chinese characters and ASCII, no space.
_PLAIN_ALREADY = r"^[\x{4e00}-\x{9fff}!-~]*$"
_BRACKETS = r"[()\[\]【】]"


class Reducer:
    """Finds the characters covered by any of the words (in plain form); what it covers beyond them does no harm."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = sorted({word for word in words if word})
        letters = sorted(set("".join(self.words)))
        self.usable = bool(self.words) and all(len(word) > 1 for word in self.words) and max(letters) < "\uffff"
        self.letter = np.zeros(0x10000, dtype=np.uint16)
        self.letter[[ord(letter) for letter in letters]] = np.arange(1, len(letters) + 1)
        self.size = len(letters) + 1
        self.longest = np.zeros(self.size * self.size, dtype=np.uint8)
        """By the numbers of two letters: the length of the longest word that begins with them."""
        hashes: dict[int, set[int]] = {}
        for word in self.words if self.usable else ():
            numbers = self.letter[[ord(letter) for letter in word]]
            pair = int(numbers[0]) * self.size + int(numbers[1])
            self.longest[pair] = max(self.longest[pair], len(word))
            hashes.setdefault(len(word), set()).add(_hash(numbers))
        self.hashes = {length: np.array(sorted(told), dtype=np.uint64) for length, told in sorted(hashes.items())}

    def reduce(self, columns: tuple[arrow.Array, ...]) -> tuple[arrow.Array, ...]:
        """What placement can see of the texts (one array for each column, none missing): equal where it cannot tell them apart.

        Words may reach from one column into the next. Bracketed text is also read apart from the rest, which then moves together: for
        such texts there are columns for both parts beside the whole.
        """
        columns = tuple(plain_texts(column.cast(arrow.string())) for column in columns)
        bracketed = [compute.match_substring_regex(column, _BRACKETS) for column in columns]
        parts = [_parted(column, own) for column, own in zip(columns, bracketed, strict=True) if compute.any(own, min_count=0).as_py()]
        return (*self._reduced(columns), *(column for part in parts for column in self._reduced(part)))

    def _reduced(self, columns: tuple[arrow.Array, ...]) -> tuple[arrow.Array, ...]:
        if not self.usable or not len(columns[0]):
            return columns
        pieces = [self._reduce(tuple(column.slice(start, _PIECE) for column in columns)) for start in range(0, len(columns[0]), _PIECE)]
        return tuple(arrow.concat_arrays(parts) for parts in zip(*pieces, strict=True))

    def _reduce(self, columns: tuple[arrow.Array, ...]) -> list[arrow.Array]:
        lengths = np.stack([compute.utf8_length(column).to_numpy() for column in columns], axis=1).ravel()
        flat = letters_of(compute.binary_join_element_wise(*columns, ""))
        covered = self._covered(flat)
        fields = np.repeat(np.arange(len(lengths)), lengths)
        begins = np.ones(len(flat), dtype=bool)
        begins[1:] = covered[:-1] | (fields[1:] != fields[:-1])
        kept = covered | begins
        letters, counts = np.where(covered, flat, ord(MARK))[kept], np.bincount(fields[kept], minlength=len(lengths))
        of = np.repeat(np.arange(len(counts)) % len(columns), counts)
        return [_texts(letters[of == place], counts[place::len(columns)]) for place in range(len(columns))]

    def _covered(self, flat: np.ndarray) -> np.ndarray:
        """Which characters stand in a word; words over the border of two rows cover too much, which does no harm."""
        numbers = self.letter[np.minimum(flat, 0xFFFF)]
        depth = np.zeros(len(flat) + 1, dtype=np.int8)
        pairs = numbers[:-1].astype(np.uint32) * np.uint32(self.size) + numbers[1:]
        longest = self.longest[pairs]
        starts = np.flatnonzero(longest)
        longest = longest[starts]
        value, length = numbers[starts].astype(np.uint64), 1
        for wanted, hashes in self.hashes.items():
            while length < wanted:
                at = np.minimum(starts + length, len(flat) - 1)
                value = value + numbers[at].astype(np.uint64) * _power(length)
                length += 1
            place = np.searchsorted(hashes, value)
            hit = hashes[np.minimum(place, len(hashes) - 1)] == value
            # No two words of one length begin at one place, so nothing is counted twice.
            depth[starts[hit]] += 1
            depth[np.minimum(starts[hit] + wanted, len(flat))] -= 1
            on = longest > wanted
            starts, longest, value = starts[on], longest[on], value[on]
        return np.cumsum(depth[:-1], dtype=np.int32) > 0


def plain_texts(texts: arrow.Array) -> arrow.Array:
    """`plain` of every text; only those that hold more than Chinese characters and ASCII are looked at one by one."""
    done = compute.ascii_upper(texts)
    others = compute.invert(compute.match_substring_regex(texts, _PLAIN_ALREADY))
    if not compute.any(others, min_count=0).as_py():
        return done
    told = arrow.array([plain(text) for text in texts.filter(others).to_pylist()], texts.type)
    return compute.replace_with_mask(done, others, told)


def _parted(texts: arrow.Array, bracketed: arrow.Array) -> tuple[arrow.Array, arrow.Array]:
    """The text outside the brackets and that inside; both empty for a text without brackets."""
    told = [outside_brackets(text) for text in texts.filter(bracketed).to_pylist()]
    empty = arrow.array([""], arrow.string()).take(arrow.array(np.zeros(len(texts), dtype=np.int64)))
    return tuple(compute.replace_with_mask(empty, bracketed, arrow.array(side, arrow.string())) for side in zip(*told, strict=True))


def _power(place: int) -> np.uint64:
    return np.uint64(pow(_BASE, place, 1 << 64))


def _hash(numbers: np.ndarray) -> int:
    return sum(int(number) * pow(_BASE, place, 1 << 64) for place, number in enumerate(numbers)) % (1 << 64)


def letters_of(texts: arrow.Array) -> np.ndarray:
    """The code points of all texts, one after the other."""
    offsets = np.frombuffer(texts.buffers()[1], dtype=np.int32)[texts.offset:texts.offset + len(texts) + 1]
    content = texts.buffers()[2]
    told = b"" if content is None else content.slice(int(offsets[0]), int(offsets[-1] - offsets[0])).to_pybytes()
    return np.frombuffer(told.decode().encode("utf-32-le"), dtype=np.uint32)


def _texts(letters: np.ndarray, counts: np.ndarray) -> arrow.Array:
    """Texts of so many code points each."""
    width = np.digitize(letters, [0x80, 0x800, 0x10000]) + 1
    offsets = np.concatenate([[0], np.cumsum(width)])[np.concatenate([[0], np.cumsum(counts)])].astype(np.int32)
    content = letters.astype("<u4").tobytes().decode("utf-32-le").encode()
    return arrow.StringArray.from_buffers(len(counts), arrow.py_buffer(offsets), arrow.py_buffer(content))

"""What a user did or sent that cannot be used: always one line that says where, what and what to do."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import process


class LiantuError(Exception):
    """Input or options that cannot be used; the command ends with exit code 2 and prints the message alone."""


class UnknownValueError(LiantuError):
    """A value outside what is allowed; the message names the value, what is allowed and the nearest match."""

    def __init__(self, what: str, value: object, allowed: Iterable[str]) -> None:
        choices = [str(choice) for choice in allowed]
        nearest = process.extractOne(str(value), choices, score_cutoff=50)
        hint = f"; did you mean {nearest[0]}?" if nearest else "."
        listed = ", ".join(choices) if choices else "nothing is there yet"
        super().__init__(f"{what} {value!r} is not known{hint} Allowed: {listed}")

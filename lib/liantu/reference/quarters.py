"""Quarters as the city writes them: 2022Q2 is the quarter that ends on 2022-06-30."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from liantu.errors import LiantuError

_QUARTER = re.compile(r"^(\d{4})Q([1-4])$")


@dataclass(frozen=True, order=True)
class Quarter:
    """A calendar quarter; orders by time and prints as `2022Q2`."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Quarter:
        """Read `2022Q2`; anything else is an error that shows the form."""
        match = _QUARTER.match(str(text).strip())
        if not match:
            raise LiantuError(f"quarter {text!r} is not a quarter; write it as 2022Q2")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: dt.date) -> Quarter:
        """The quarter in which `day` lies."""
        return cls(day.year, (day.month + 2) // 3)

    @property
    def start(self) -> dt.date:
        """First day."""
        return dt.date(self.year, 3 * self.number - 2, 1)

    @property
    def end(self) -> dt.date:
        """Last day."""
        return self.next.start - dt.timedelta(days=1)

    @property
    def next(self) -> Quarter:
        """The quarter after this one."""
        return Quarter(self.year + 1, 1) if self.number == 4 else Quarter(self.year, self.number + 1)

    @property
    def previous(self) -> Quarter:
        """The quarter before this one."""
        return Quarter(self.year - 1, 4) if self.number == 1 else Quarter(self.year, self.number - 1)

    @property
    def of_year(self) -> list[Quarter]:
        """The four quarters of the same year."""
        return [Quarter(self.year, number) for number in (1, 2, 3, 4)]

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"


def elapsed_share(day: dt.date) -> float:
    """Share of the calendar year that has passed at the end of `day` (序时进度), 0 to 1.

    Whole quarters count as quarters (31 March is 0.25), as progress notices do; days inside a quarter in proportion.
    """
    quarter = Quarter.of(day)
    inside = ((day - quarter.start).days + 1) / ((quarter.end - quarter.start).days + 1)
    return (quarter.number - 1 + inside) / 4

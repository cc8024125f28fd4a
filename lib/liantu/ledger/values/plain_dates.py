"""Dates in the usual forms read at once (2022-03-15, 2022.3.15, 2022年3月15日, 2022年3月, 20220315); others are left to read_date."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liantu.ledger.values.periods import FIRST_YEAR, LAST_YEAR
from liantu.ledger.values.plain import undone
from liantu.ledger.values.reading import Plain
from liantu.tables.contracts import PRECISIONS

_Y, _M, _D = "(?P<y>(?:19|20)[0-9]{2})", "(?P<m>[0-9]{1,2})", "(?P<d>[0-9]{1,2})"
_FORMS = (
    f"^ *{_Y}-{_M}-{_D}(?: 00:00(?::00)?)? *$", rf"^ *{_Y}\.{_M}\.{_D} *$", f"^ *{_Y}/{_M}/{_D} *$", f"^ *{_Y}年{_M}月{_D}日 *$",
    f"^ *{_Y}年{_M}月 *$", rf"^ *{_Y}[-./]{_M} *$", "^ *(?P<y>(?:19|20)[0-9]{2})(?P<m>[0-9]{2})(?P<d>[0-9]{2}) *$",
    "^ *(?P<y>(?:19|20)[0-9]{2})(?P<m>[0-9]{2}) *$")
_DAY, _MONTH = np.int8(PRECISIONS.index("day")), np.int8(PRECISIONS.index("month"))


def plain_dates(array: pa.Array) -> Plain:
    """As read_date, for forms that name their year: the day, or the last day of the month, with its precision."""
    if pa.types.is_timestamp(array.type) or pa.types.is_date(array.type):
        return _of_days(array)
    if array.type != pa.string():
        return undone(array, "datetime64[D]")
    size = len(array)
    nothing = array.is_null().to_numpy(zero_copy_only=False)
    days, precision, done = np.full(size, "NaT", "datetime64[D]"), np.full(size, -1, np.int8), nothing.copy()
    left = np.flatnonzero(~nothing)
    for form in _FORMS:
        found = pc.extract_regex(array.take(pa.array(left)), form)
        hits = found.is_valid().to_numpy(zero_copy_only=False)
        if hits.any():
            right, its_days, its_precision = _days(found.filter(pa.array(hits)))
            places = left[hits][right]
            days[places], precision[places], done[places] = its_days[right], its_precision, True
            left = left[~hits]
        if not len(left):
            break
    return Plain(done, days, precision=precision)


def _days(found: pa.StructArray) -> tuple[np.ndarray, np.ndarray, np.int8]:
    """Which matches are dates, and what days; a month stands for its last day."""
    names = [found.type.field(place).name for place in range(found.type.num_fields)]
    year, month, *rest = (pc.cast(found.field(name), pa.int64()).to_numpy() for name in names)
    right = (year >= FIRST_YEAR) & (year <= LAST_YEAR) & (month >= 1) & (month <= 12)
    months = np.where(right, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    last = (months + 1).astype("datetime64[D]") - 1
    if not rest:
        return right, last, _MONTH
    days = months.astype("datetime64[D]") + (rest[0] - 1)
    return right & (rest[0] >= 1) & (days <= last), days, _DAY


def _of_days(array: pa.Array) -> Plain:
    """Cells that are dates already."""
    days = pc.cast(array, pa.date32(), safe=False).to_numpy(zero_copy_only=False).astype("datetime64[D]")
    year = days.astype("datetime64[Y]").astype(np.int64) + 1970
    nothing = np.isnat(days)
    right = ~nothing & (year >= FIRST_YEAR) & (year <= LAST_YEAR)
    return Plain(right | nothing, np.where(right, days, np.datetime64("NaT", "D")), precision=np.where(right, _DAY, np.int8(-1)))

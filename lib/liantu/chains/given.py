"""Tables that others hand over: read as numbers, with an error that names the cell."""

from __future__ import annotations

import numpy as np
import pandas as pd

from liantu.errors import LiantuError


class GivenTableError(LiantuError, ValueError):
    """A table handed to a measure that it cannot be taken of; the message names the cell and what to do."""


def numbers(table: object, name: str, rows: str = "row", columns: str = "column") -> pd.DataFrame:
    """A table as float64 under its own labels, in its own order; labels may be of any type and may repeat.

    GivenTableError names the first cell that is missing, infinite, negative or no number.
    """
    frame = table if isinstance(table, pd.DataFrame) else pd.DataFrame(table)
    read = frame.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float, na_value=np.nan) if frame.size else np.zeros(frame.shape)
    bad = ~np.isfinite(read) | (read < 0)
    if bad.any():
        row, column = (int(place) for place in np.argwhere(bad)[0])
        where = f"{name}: {rows} {frame.index[row]!r}, {columns} {frame.columns[column]!r}"
        found = frame.iat[row, column]
        told = found.item() if isinstance(found, np.generic) else found
        raise GivenTableError(f"{where}: {told!r} is not a number of 0 or more; write 0 where there is none")
    return pd.DataFrame(read, frame.index, frame.columns)


def divided(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """above / below, and 0 where there is nothing to divide by."""
    above, below = np.broadcast_arrays(above, below)
    return np.divide(above, below, out=np.zeros(above.shape), where=below != 0)

"""Input-output analysis: what all sectors make for a yuan of final demand, and how far a sector pulls and feeds the others."""

from __future__ import annotations

import numpy as np
import pandas as pd

from liantu.chains.given import GivenTableError, divided, numbers
from liantu.reference import Chains
from liantu.reference.input_output import InputOutput


def leontief_inverse(coefficients: pd.DataFrame) -> pd.DataFrame:
    """The Leontief inverse (I - A)^-1: row i, column j is the output of sector i for each yuan of final demand for sector j.

    coefficients: technical coefficients A, sectors x sectors, yuan of the row's product for each yuan of output of the column's sector;
    rows and columns under the same labels (columns in another order are put into the order of the rows). Gives the same shape and labels.
    Raises GivenTableError for a table that is not square, labels that differ, a negative or missing value, or coefficients that no
    economy can work with: the largest eigenvalue of A is 1 or more (Hawkins and Simon), so that I - A is singular or its inverse
    negative. A single column adding up to 1 or more (a sector without value added) is let pass while the whole still works.
    Source: Miller and Blair, Input-Output Analysis, 2nd ed., section 2.2.
    """
    told = _square(coefficients)
    return pd.DataFrame(_inverse(told.to_numpy(), told.columns), told.index, told.columns)


def linkages(coefficients: pd.DataFrame, output: pd.Series | None = None) -> pd.DataFrame:
    """Backward and forward linkages of sectors.

    coefficients: as `leontief_inverse`. Gives one row a sector, in order, with
    `backward_total`, the column's sum of the Leontief inverse: output of all sectors for a yuan of final demand for this one;
    `forward_total`, the row's sum of the Leontief inverse: output of this sector when final demand for each sector rises by a yuan; with
    `output` (gross output of each sector, any unit) the row's sum of the Ghosh inverse instead: output of all sectors that a yuan of this
    sector's primary input allows (the measure that Miller and Blair prefer for forward linkage);
    `backward`, `forward`, the same over their means, so that 1 is the ordinary sector (Rasmussen's power and sensitivity of dispersion);
    `key`, whether both are above 1.
    Raises GivenTableError as `leontief_inverse`, and where `output` lacks a sector. Source: Rasmussen 1956; Ghosh 1958; Miller and Blair,
    section 12.2.
    """
    told = _square(coefficients)
    inverse = _inverse(told.to_numpy(), told.columns)
    backward = inverse.sum(axis=0)
    forward = (inverse if output is None else _ghosh(told, output)).sum(axis=1)
    made = pd.DataFrame({"backward_total": backward, "forward_total": forward}, index=told.index)
    made["backward"], made["forward"] = backward / backward.mean(), forward / forward.mean()
    return made.assign(key=(made["backward"] > 1) & (made["forward"] > 1))


def link_linkages(chains: Chains, table: InputOutput | None) -> pd.DataFrame:
    """Linkages of the sectors that each link belongs to; a row a link in the edition's order: chain, link, sectors, backward, forward.

    `sectors`: ids of the sectors that hold the link's GB/T 4754-2017 codes, joined by a space. `backward`, `forward`: as `linkages` (1 is
    the ordinary sector; forward by the Ghosh inverse where the table comes with outputs, else by row sums of the Leontief inverse), the
    mean over the link's codes, NaN where no code falls into a sector or no table is given (None). A link has what its whole sector has:
    links of one sector cannot be told apart by it.
    """
    told = None if table is None else linkages(table.coefficients, table.output)
    rows = []
    for chain in chains.chains:
        for link in chain.links:
            found = [] if table is None else [sector for code in link.gb_codes if (sector := table.sector_of(code))]
            backward, forward = told.loc[found, ["backward", "forward"]].mean() if told is not None and found else (np.nan, np.nan)
            rows.append((chain.zh, link.id, " ".join(dict.fromkeys(found)), backward, forward))
    made = pd.DataFrame(rows, columns=["chain", "link", "sectors", "backward", "forward"])
    return made.astype({"chain": "str", "link": "str", "sectors": "str", "backward": "float64", "forward": "float64"})


def _square(coefficients: pd.DataFrame) -> pd.DataFrame:
    told = numbers(coefficients, "coefficients", "row", "column")
    if told.shape[0] != told.shape[1] or not told.shape[0]:
        raise GivenTableError(f"coefficients: {told.shape[0]} rows and {told.shape[1]} columns; sectors x sectors are needed")
    if told.index.equals(told.columns):
        return told
    if told.index.has_duplicates or told.columns.has_duplicates or not told.index.isin(told.columns).all():
        odd = next((label for label in told.index if label not in told.columns), told.index[told.index.duplicated()][:1].tolist())
        raise GivenTableError(f"coefficients: rows and columns must name the same sectors once each; look at {odd!r}")
    return told[told.index]


def _inverse(coefficients: np.ndarray, sectors: pd.Index) -> np.ndarray:
    largest = np.abs(np.linalg.eigvals(coefficients)).max()
    if largest >= 1 - 1e-12:
        sums = coefficients.sum(axis=0)
        worst = sectors[int(sums.argmax())]
        raise GivenTableError(f"coefficients: no output covers its own inputs (largest eigenvalue {largest:.3g}, it must be below 1); "
                              f"the inputs of {worst!r} add up to {sums.max():.3g} of its output: divide flows by output, column by column")
    return np.linalg.inv(np.eye(len(coefficients)) - coefficients)


def _ghosh(coefficients: pd.DataFrame, output: pd.Series) -> np.ndarray:
    """(I - B)^-1 with B the share of the row's output that goes to the column's sector; a sector without output gives nothing."""
    lacking = [sector for sector in coefficients.index if sector not in output.index]
    if lacking:
        raise GivenTableError(f"output: the sector {lacking[0]!r} is missing")
    made = numbers(output.to_frame("output"), "output", "sector")["output"].reindex(coefficients.index).to_numpy()
    return _inverse(divided(coefficients.to_numpy() * made[None, :], made[:, None]), coefficients.index)

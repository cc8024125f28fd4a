"""The input-output table of a city, where one is given: input_output/input_output.yml and the tables beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pandas as pd
from pydantic import Field

from liantu.reference.city import City, city
from liantu.reference.folders import reference_name
from liantu.reference.loading import Entry, Named, ReferenceFileError, listed, load
from liantu.reference.opened import kept, note


class Sector(Named):
    """A sector of the table and the GB/T 4754-2017 codes it holds; a code stands for all that begin with it."""

    id: Annotated[str, Field(min_length=1)]
    gb_codes: tuple[Annotated[str, Field(pattern=r"^\d{2,4}$")], ...] = ()


class InputOutputForm(Entry):
    """input_output.yml: what the table is, or why there is none, and its sectors."""

    status_zh: str
    status_en: str
    year: int | None = None
    source: str
    sectors: tuple[Sector, ...] = ()


@dataclass(frozen=True)
class InputOutput:
    """A city's table: technical coefficients (sectors x sectors, by id) and, where it is given, gross output by id (万元)."""

    form: InputOutputForm
    coefficients: pd.DataFrame
    output: pd.Series | None

    def sector_of(self, gb_code: str) -> str | None:
        """The id of the sector that holds a GB/T 4754-2017 code, by the longest code that fits; the letter of a section is left out."""
        digits = gb_code.lstrip("ABCDEFGHIJKLMNOPQRST")
        fits = [(len(code), sector.id) for sector in self.form.sectors for code in sector.gb_codes if digits.startswith(code)]
        return max(fits)[1] if fits else None


@kept()
def input_output_form(of: City | None = None) -> InputOutputForm:
    """What a city's table is, or why there is none. Raises ReferenceFileError when the file breaks its rules."""
    return load(InputOutputForm, (of or city()).folder / "input_output" / "input_output.yml")


@kept()
def input_output(of: City | None = None) -> InputOutput | None:
    """The input-output table of a city (by default the one that is shipped), None where coefficients.csv is not there.

    Raises ReferenceFileError, with file and sector, where a table cannot be read or its sectors are not those of input_output.yml.
    """
    home = (of or city()).folder / "input_output"
    files = {path.name: path for path in listed(home, "*.csv")}
    if "coefficients.csv" not in files:
        return None
    form = input_output_form(of)
    sectors = [sector.id for sector in form.sectors]
    coefficients = _table(files["coefficients.csv"])
    for labels, side in ((coefficients.index, "rows"), (coefficients.columns, "columns")):
        _same(files["coefficients.csv"], side, list(labels), sectors)
    if "output.csv" not in files:
        return InputOutput(form, coefficients.loc[sectors, sectors], None)
    output = _table(files["output.csv"])
    _same(files["output.csv"], "rows", list(output.index), sectors)
    if list(output.columns) != ["output_wan"]:
        raise ReferenceFileError(f"{files['output.csv']}: its columns must be id,output_wan, found id,{','.join(output.columns)}")
    return InputOutput(form, coefficients.loc[sectors, sectors], output.loc[sectors, "output_wan"])


def _table(path: Path) -> pd.DataFrame:
    """A csv of numbers by sector id."""
    if name := reference_name(path):
        note("reference", name)
    try:
        told = pd.read_csv(path, index_col=0, dtype=str, encoding="utf-8-sig", keep_default_na=False)
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise ReferenceFileError(f"{path}: not readable as UTF-8 csv: {' '.join(str(error).split())}") from None
    told.index, told.columns = told.index.astype(str).str.strip(), told.columns.str.strip()
    numbers = told.apply(pd.to_numeric, errors="coerce")
    bad = numbers.isna() | (numbers < 0)
    if bad.any(axis=None):
        row, column = next(pair for pair in bad.stack().items() if pair[1])[0]
        raise ReferenceFileError(f"{path}: row {row}, column {column}: {told.at[row, column]!r} is not a number of 0 or more")
    return numbers.astype("float64")


def _same(path: Path, side: str, found: list[str], sectors: list[str]) -> None:
    odd = sorted(set(found) ^ set(sectors)) or sorted({sector for sector in found if found.count(sector) > 1})
    if odd:
        raise ReferenceFileError(f"{path}: its {side} must be the sectors of input_output.yml, once each; look at {odd[0]!r}")

"""corrections.yml read and checked: every entry typed, every mistake told with its entry, its key and the nearest known word."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, ValidationError
from rapidfuzz import fuzz

from liantu.errors import LiantuError, UnknownValueError
from liantu.reference.loading import Entry
from liantu.tables.snapshots import snapshot_of

FILE = "corrections.yml"
_LIKE_THE_NAME = 80
Text = Annotated[str, Field(min_length=1)]


class Signed(Entry):
    """Why a correction was made, who asked for it and when."""

    reason: Annotated[str, Field(min_length=2)]
    reporter: Text
    date: dt.date


class Row(Entry):
    """A row of a raw file: the file relative to the raw folder, the sheet (nothing for csv) and the row as a spreadsheet shows it."""

    file: Text
    sheet: str = ""
    row: Annotated[int, Field(ge=1)]
    expect: str
    """The raw value as a spreadsheet shows it, nothing for an empty cell."""


class Cell(Signed, Row):
    """A cell: its column by the header as it reads, or by its letter."""

    column: Text


class Fix(Cell):
    """Another text is read in the cell's place."""

    do: Literal["fix"]
    value: Text


class Drop(Cell):
    """The cell is read as empty."""

    do: Literal["drop"]


class Scale(Cell):
    """The amount that the cell reads as is multiplied (0.0001 for a sum in 元 below 万元)."""

    do: Literal["scale"]
    factor: Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Side(Row):
    """One of the two rows of a ruling; `expect` is its project's name."""

    expect: Text


class Ruling(Signed):
    """Two rows are one project, or are not."""

    do: Literal["merge", "apart"]
    one: Side
    other: Side


class Placing(Signed, Row):
    """The project or firm of a row lies on this link of this chain; `expect` is its name in that row. `chain: none`: on no chain at all."""

    do: Literal["place"]
    expect: Text
    chain: Text
    link: str = ""
    """Name or id of a link of the chain; nothing: the link is not known."""


CellEntry = Fix | Drop | Scale
RowEntry = Ruling | Placing
_KINDS: dict[str, type[Signed]] = {"fix": Fix, "drop": Drop, "scale": Scale, "merge": Ruling, "apart": Ruling, "place": Placing}


@dataclass(frozen=True)
class CorrectionsFile:
    """The entries of one corrections.yml by their numbers, from 1."""

    cells: Mapping[int, CellEntry]
    rulings: Mapping[int, Ruling]
    placings: Mapping[int, Placing] = field(default_factory=dict)

    def cells_in(self, source_file: str, sheet: str) -> dict[int, CellEntry]:
        """The entries about cells of one sheet."""
        return {number: entry for number, entry in self.cells.items() if (entry.file, entry.sheet) == (source_file, sheet)}

    def sides_in(self, source_file: str, sheet: str) -> list[tuple[int, str, Side | Placing]]:
        """The rows of rulings and placings that stand in one sheet: number of the entry, `one`, `other` or `row`, the row."""
        return [(number, name, row) for number, name, _, row in self.rows() if (row.file, row.sheet) == (source_file, sheet)]

    def rows(self) -> Iterator[tuple[int, str, RowEntry, Side | Placing]]:
        """Every row that rulings and placings name: number of the entry, `one`, `other` or `row`, the entry, the row."""
        for number, ruling in self.rulings.items():
            yield number, "one", ruling, ruling.one
            yield number, "other", ruling, ruling.other
        for number, placing in self.placings.items():
            yield number, "row", placing, placing

    def about_rows(self, number: int) -> RowEntry:
        """The ruling or placing of this number."""
        return self.rulings[number] if number in self.rulings else self.placings[number]


NO_CORRECTIONS = CorrectionsFile({}, {})


def corrections_of(raw_dir: Path) -> CorrectionsFile:
    """The corrections of a folder of raw ledgers; none when it has no corrections.yml.

    Raises LiantuError with file, entry and key for what cannot be used: a key that is unknown, missing or of the wrong type, two entries
    about one cell, rulings that contradict each other, a file of another name or in another place that was meant to be this one.
    """
    _refuse_misplaced(raw_dir)
    path = raw_dir / FILE
    if not path.is_file():
        return NO_CORRECTIONS
    entries = {number: _entry(path, number, told) for number, told in enumerate(_listed(path), start=1)}
    held = CorrectionsFile(
        {number: entry for number, entry in entries.items() if isinstance(entry, CellEntry)},
        {number: entry for number, entry in entries.items() if isinstance(entry, Ruling)},
        {number: entry for number, entry in entries.items() if isinstance(entry, Placing)})
    _refuse_twice(path, held.cells)
    _refuse_placed_twice(path, held.placings)
    _refuse_contradictions(path, held.rulings)
    return held


def _refuse_misplaced(raw_dir: Path) -> None:
    """A file that would be passed over in silence although it was meant to correct something."""
    folders = (raw_dir, *(folder for folder in raw_dir.iterdir() if folder.is_dir() and snapshot_of(folder.name)))
    for path in (path for folder in folders for path in sorted(folder.glob("*.y*ml"))):
        meant = fuzz.ratio(path.stem.lower(), Path(FILE).stem) >= _LIKE_THE_NAME
        if meant and path != raw_dir / FILE:
            raise LiantuError(f"{path}: corrections are read from {raw_dir / FILE} only; move or rename the file")


class _Loader(yaml.SafeLoader):
    """Every scalar stays the text that it is (2022.10 is no number, 否 and no are no booleans); a key that stands twice is an error."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 (the loader's own class attribute)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        if twice := sorted({str(key) for key in keys if keys.count(key) > 1}):
            raise yaml.constructor.ConstructorError(None, None, f"the key {twice[0]} stands twice", node.start_mark)
        return super().construct_mapping(node, deep)


def _listed(path: Path) -> list[Any]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=_Loader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise LiantuError(f"{path}: not readable as YAML: {' '.join(str(error).split())}") from None
    if content in (None, ""):
        return []
    if not isinstance(content, dict) or not isinstance(content.get("corrections", ()), list | tuple | str):
        raise LiantuError(f"{path}: write the entries as a list under the key corrections")
    for key in content:
        if key != "corrections":
            raise LiantuError(f"{path}: {UnknownValueError('key', key, ['corrections'])}")
    return list(content.get("corrections") or [])


def _entry(path: Path, number: int, told: Any) -> Signed:
    where = f"{path}: entry {number}"
    if not isinstance(told, dict):
        raise LiantuError(f"{where}: an entry is a list of keys such as do, file, row; found {told!r:.80}")
    if "do" not in told:
        raise LiantuError(f"{where}: do is missing; it is one of {', '.join(_KINDS)}")
    if told["do"] not in _KINDS:
        raise LiantuError(f"{where}: {UnknownValueError('do', told['do'], _KINDS)}")
    model = _KINDS[told["do"]]
    try:
        return model.model_validate(told)
    except ValidationError as error:
        raise LiantuError(f"{where}: {_said(error, model)}") from None


def _said(error: ValidationError, model: type[Entry]) -> str:
    # An unknown key first: it tells most often why another one is missing.
    first = min(error.errors(), key=lambda found: found["type"] != "extra_forbidden")
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        held = Side if len(first["loc"]) > 1 else model
        return str(UnknownValueError("key", str(first["loc"][-1]), held.model_fields))
    if first["type"] == "missing":
        return f"{key} is missing"
    return f"{key}: {first['msg']}, found {first['input']!r:.80}"


def _refuse_twice(path: Path, cells: Mapping[int, CellEntry]) -> None:
    seen: dict[tuple[str, str, int, str], int] = {}
    for number, entry in cells.items():
        key = (entry.file, entry.sheet, entry.row, entry.column)
        if key in seen:
            raise LiantuError(f"{path}: entry {number}: corrects the same cell as entry {seen[key]}; keep one of them")
        seen[key] = number


def _refuse_placed_twice(path: Path, placings: Mapping[int, Placing]) -> None:
    seen: dict[tuple[str, str, int], int] = {}
    for number, entry in placings.items():
        key = (entry.file, entry.sheet, entry.row)
        if key in seen:
            raise LiantuError(f"{path}: entry {number}: places the same row as entry {seen[key]}; keep one of them")
        seen[key] = number


def _refuse_contradictions(path: Path, rulings: Mapping[int, Ruling]) -> None:
    """Rows that are merged, be it over other rows, cannot be kept apart by another entry."""
    whole: dict[tuple[str, str, int], tuple[str, str, int]] = {}

    def find(row: tuple[str, str, int]) -> tuple[str, str, int]:
        while whole.get(row, row) != row:
            row = whole[row]
        return row

    for number, ruling in _of_kind(rulings, "merge"):
        one, other = (find((side.file, side.sheet, side.row)) for side in (ruling.one, ruling.other))
        if (ruling.one.file, ruling.one.sheet, ruling.one.row) == (ruling.other.file, ruling.other.sheet, ruling.other.row):
            raise LiantuError(f"{path}: entry {number}: one and other are the same row")
        whole[one] = other
    for number, ruling in _of_kind(rulings, "apart"):
        if find((ruling.one.file, ruling.one.sheet, ruling.one.row)) == find((ruling.other.file, ruling.other.sheet, ruling.other.row)):
            raise LiantuError(f"{path}: entry {number}: keeps two rows apart that are the same row, or that other entries merge")


def _of_kind(rulings: Mapping[int, Ruling], do: str) -> Iterable[tuple[int, Ruling]]:
    return ((number, ruling) for number, ruling in rulings.items() if ruling.do == do)

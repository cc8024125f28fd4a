"""Where the headers of a sheet stand: rows that hold known names, the groups above them and the levels below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from liantu.ledger.layout.columns import Fit, best_fit, column_codes, columns_of
from liantu.ledger.layout.grid import Grid, like_number
from liantu.ledger.layout.header_text import Header
from liantu.ledger.layout.known import Known, KnownForm

_MOST_LEVELS = 6
_LONGEST = 60


@dataclass(frozen=True)
class Region:
    """A header found: its rows (from 0), the title rows above it, and the form that fits; without one it only ends the table above."""

    top: int
    bottom: int
    titles: tuple[int, ...]
    texts: tuple[str, ...]
    fit: Fit | None

    @property
    def key(self) -> tuple:
        """Equal for a header and its repetition at a page break, whatever the titles add (a unit, the words of a form)."""
        return tuple((match.index, match.header) for match in self.fit.columns if match.header) if self.fit else ()


def find_regions(grid: Grid, known: Known) -> list[Region]:
    """The headers of a sheet from the top down."""
    regions: list[Region] = []
    row = 0
    while row < grid.height:
        region = _region(grid, row, regions, known) if _header_row(grid, row, known) else None
        if region is not None:
            regions.append(region)
            row = region.bottom
        row += 1
    return regions


def _region(grid: Grid, row: int, before: Sequence[Region], known: Known) -> Region | None:
    floor = before[-1].bottom + 1 if before else 0
    top = _top(grid, row, floor, known)
    bottom = _bottom(grid, top, row, known)
    titles = _titles(grid, top, floor, bool(before), known)
    texts = (*grid.sheet.titles, *(text for title in titles for text in grid.raw(title)))
    stem = grid.sheet.source_file.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    fit = best_fit(columns_of(grid, top, bottom, known), known, texts, (grid.sheet.name, stem))
    if fit is not None and _card(grid, bottom, fit, known):
        return None
    if fit is None and not _foreign_header(grid, row, known):
        return None
    return Region(top, bottom, titles, texts, fit)


def _header_row(grid: Grid, row: int, known: Known) -> bool:
    """Whether a row reads like a header: words, not numbers, and at least two of them known names; a form must fit it as well."""
    texts = grid.texts(row)
    if len(texts) < 2:
        return False
    numbers = sum(like_number(grid.cell(row, column), text) and not text.startswith("20") for column, text in texts.items())
    if numbers > 0.2 * len(texts):
        return False
    names = set(texts.values())
    recognised = sum(known.recognised(text) for text in names if not text.endswith(":"))
    return recognised >= 3 or (recognised == 2 and sum(map(known.possible, names)) >= 0.3 * len(names))


def _card(grid: Grid, bottom: int, fit: Fit, known: Known) -> bool:
    """Whether the names go on downwards (项目名称 甲 / 总投资 5 亿元): a card of one project, not a table."""
    below = next((row for row in range(bottom + 1, grid.height) if not grid.blank(row)), None)
    if below is None or _header_row(grid, below, known):
        return False
    required = {spec.field for spec in fit.form.form.fields if spec.required}
    return any(match.field in required and known.recognised(grid.texts(below).get(match.index, "")) for match in fit.columns)


def _foreign_header(grid: Grid, row: int, known: Known) -> bool:
    """A header of no known form: only known names and no numbers, so that the rows below are not read as the table's above."""
    texts = grid.texts(row)
    if len(texts) < 3 or any(like_number(grid.cell(row, column), text) for column, text in texts.items()):
        return False
    return sum(known.possible(text) for text in texts.values()) >= 0.7 * len(texts)


def _top(grid: Grid, row: int, floor: int, known: Known) -> int:
    """The first row of a header whose names stand in `row`: rows of groups above belong to it."""
    top = row
    while top > floor and row - top < 3 and _group_row(grid, top - 1, row, known):
        top -= 1
    return top


def _group_row(grid: Grid, row: int, names: int, known: Known) -> bool:
    """Whether the row above names groups of columns: short words over several columns each, no title, no label, no number."""
    texts, below = grid.texts(row), grid.texts(names)
    if not texts or len(texts) >= len(below) + 1:
        return False
    others = (known.rows.label, known.rows.subtotal, known.rows.note)
    if any(len(text) > 30 or any(pattern.fullmatch(text) for pattern in others) for text in texts.values()):
        return False
    if any(like_number(grid.cell(row, column), text) for column, text in texts.items()):
        return False
    wide = [span for column in texts if (span := grid.span_at(row, column)) and span.right > span.left]
    if len(texts) > 1:
        return bool(wide) or _names_groups(grid, texts, below, known)
    column = next(iter(texts))
    if wide:
        narrow = wide[0].right - wide[0].left + 1 < 0.7 * (max(below) - min(below) + 1)
        return narrow and (column > min(below) or known.possible(texts[column]))
    return column > min(below) and len(texts[column]) <= 15 and column in below and not known.reader.units_of_title(texts[column])


def _names_groups(grid: Grid, texts: dict[int, str], below: dict[int, str], known: Known) -> bool:
    """Without merged cells: whether the texts above a row of names tell groups, and not a project of the table before."""
    def tells(column: int, text: str) -> bool:
        header = known.reader.read(text)
        if known.possible(text) or any(known.neutral(reading) for reading in header.readings):
            return True
        leaf = known.reader.read(below.get(column, ""))
        return any(_says(form, (header, leaf)) not in (None, _says(form, (leaf,))) for form in known.forms)

    told = {column: tells(column, text) for column, text in texts.items()}
    unnamed = any(not told[column] and _required(below.get(column, ""), known) for column in texts)
    return not unnamed and sum(told.values()) >= 0.5 * len(told)


def _says(form: KnownForm, levels: tuple[Header, ...]) -> str | None:
    """The field that a header of these levels means."""
    return next((match.field for match in form.match(levels)), None)


def _bottom(grid: Grid, top: int, row: int, known: Known) -> int:
    """The last row of the header: as far down as its merged cells reach, then levels without merged cells, units, column numbers."""
    bottom = row
    while True:
        reach = [span.bottom for span in grid.spans if top <= span.top <= bottom and span.bottom > bottom]
        reach = [end for end in reach if end - top < _MOST_LEVELS]
        if reach:
            bottom = max(reach)
        elif bottom + 1 < grid.height and bottom + 1 - top < _MOST_LEVELS and _level_row(grid, bottom + 1, top, bottom, known):
            bottom += 1
        else:
            return bottom


def _level_row(grid: Grid, row: int, top: int, bottom: int, known: Known) -> bool:
    """Whether the row below a header is one more level of it."""
    texts = grid.texts(row)
    if not texts:
        return False
    if column_codes(grid, row, known):
        return True
    if all(known.reader.only_unit(text) for text in texts.values()):
        return True
    if any(like_number(grid.cell(row, column), text) or len(text) > _LONGEST for column, text in texts.items()):
        return False
    rows = known.rows
    others = (rows.note, rows.group)
    if any(rows.signature.fullmatch(text) or (any(other.fullmatch(text) for other in others) and not known.possible(text))
           for text in texts.values()):
        return False
    if any(rows.subtotal.fullmatch(text) and not known.possible(text) and text not in known.words.totals for text in texts.values()):
        return False
    levels = [over for over in range(top, bottom + 1) if not column_codes(grid, over, known)]
    if len(levels) <= bottom - top:
        return False  # nothing of a header stands below the numbers of its columns
    above = {column: [text for over in levels if (text := grid.header_text(over, column))] for column in range(grid.width)}
    repeated = [column for column, text in texts.items() if text in above[column]]
    fresh = {column: text for column, text in texts.items() if column not in repeated}
    leaves = [column for column, over in above.items() if over and _required(over[-1], known)]
    return not any(column in fresh for column in leaves) and _children(fresh, above, known)


def _required(text: str, known: Known) -> bool:
    """Whether a header names a row: under it a row of the body has its own text, a level of the header has not."""
    readings = known.reader.read(text).readings
    matches = [match for form in known.forms if readings for match in form.match((known.reader.read(text),))[:1]]
    return any(match.field in ("name", "zone", "description", "serial") and not match.fallback for match in matches)


def _children(fresh: dict[int, str], above: dict[int, list[str]], known: Known) -> bool:
    """Whether at least half of the texts mean something alone or below what stands above them."""
    def means(column: int, text: str) -> bool:
        if known.reader.only_unit(text):
            return True
        levels = tuple(known.reader.read(part) for part in (*above[column], text))
        news = any(_says(form, levels) not in (None, _says(form, levels[:-1])) for form in known.forms)
        # 合计 alone in its row is the table's sum; 计划 below 开工时间 says something new.
        if text in known.words.weak or text in known.words.totals:
            return len(fresh) > 1 or news
        return known.possible(text) or news

    return bool(fresh) and sum(means(column, text) for column, text in fresh.items()) >= 0.5 * len(fresh)


def _titles(grid: Grid, top: int, floor: int, after_table: bool, known: Known) -> tuple[int, ...]:
    """The title rows above a header: all filled rows above the first one; above a later one, as far up as rows look like titles."""
    titles = []
    for row in range(top - 1, floor - 1, -1):
        if grid.blank(row):
            continue
        if after_table and not _title_row(grid, row, known):
            break
        titles.append(row)
    return tuple(reversed(titles))


def _title_row(grid: Grid, row: int, known: Known) -> bool:
    texts = list(grid.texts(row).values())
    if any(known.rows.note.fullmatch(text) or known.rows.subtotal.fullmatch(text) for text in texts):
        return False
    if any(like_number(grid.cell(row, column), text) for column, text in grid.texts(row).items()):
        return False
    unit = [bool(known.reader.units_of_title(text)) for text in texts]
    if all(known.rows.signature.fullmatch(text) for text in texts) and not any(unit):
        return False
    return len(texts) == 1 or all(known.rows.label.fullmatch(text) or told for text, told in zip(texts, unit, strict=True))

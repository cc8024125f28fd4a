"""Where the headers of a sheet stand: rows that hold known names, the groups above them and the levels below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from liantu.ledger.layout.cards import Card, card_at, card_fit
from liantu.ledger.layout.columns import Fit, best_fit, columns_of, silent_row
from liantu.ledger.layout.grid import Grid, like_number
from liantu.ledger.layout.header_text import Header
from liantu.ledger.layout.known import Known, KnownForm
from liantu.ledger.sheets import stem_of

_MOST_LEVELS = 6
_LONGEST = 60


@dataclass(frozen=True)
class Region:
    """A header found: its rows (from 0), the title rows above it, and the form that fits; without one it only ends the table above.

    A card of one project has no form of its own: cards below each other are held against the forms together.
    """

    top: int
    bottom: int
    titles: tuple[int, ...]
    texts: tuple[str, ...]
    fit: Fit | None
    card: Card | None = None

    @property
    def key(self) -> tuple:
        """Equal for a header and its repetition at a page break, whatever the titles add (a unit, the words of a form)."""
        return tuple((match.index, match.header) for match in self.fit.columns if match.header) if self.fit else ()


def find_regions(grid: Grid, known: Known) -> list[Region]:
    """The headers of a sheet from the top down."""
    regions: list[Region] = []
    row = 0
    while row < grid.height:
        told = [text for text in grid.texts(row).values() if known.begins(text)]
        region = _card(grid, row, regions, known) if any(known.names_row(text.partition(":")[0]) for text in told) else None
        fresh = not regions or _set_apart(grid, row, regions[-1].bottom, known)
        if region is None and (len(told) > 1 or fresh) and _header_row(grid, row, known, first=fresh):
            region = _region(grid, row, regions, known)
        if region is not None:
            regions.append(region)
            row = region.bottom
        row += 1
    return regions


def where_of(grid: Grid) -> tuple[str, str]:
    """The names of the sheet and of its file."""
    return grid.sheet.name, stem_of(grid.sheet.source_file)


def _region(grid: Grid, row: int, before: Sequence[Region], known: Known) -> Region | None:
    floor = before[-1].bottom + 1 if before else 0
    top = _top(grid, row, floor, known)
    bottom = _bottom(grid, top, row, known)
    titles, texts = _titled(grid, top, floor, bool(before), known)
    fit = best_fit(columns_of(grid, top, bottom, known), known, texts, where_of(grid))
    if fit is None and not _foreign_header(grid, row, known):
        return None
    return Region(top, bottom, titles, texts, fit)


def _card(grid: Grid, row: int, before: Sequence[Region], known: Known) -> Region | None:
    floor = before[-1].bottom + 1 if before else 0
    card = card_at(grid, row, known, floor, stacked=bool(before) and before[-1].card is not None)
    if card is None:
        return None
    titles, texts = _titled(grid, card.top, floor, bool(before), known)
    if card_fit([card], known, texts, where_of(grid)) is None:
        return None
    return Region(card.top, card.bottom, titles, texts, None, card)


def _titled(grid: Grid, top: int, floor: int, after_table: bool, known: Known) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The title rows above a header and what they say, after what is said above the whole sheet."""
    titles = _titles(grid, top, floor, after_table, known)
    told = [text for title in titles for text in grid.raw(title)]
    return titles, (*(text for text in grid.titles if text not in told), *told)


def _header_row(grid: Grid, row: int, known: Known, *, first: bool) -> bool:
    """Whether a row reads like a header: words, not numbers, and at least two of them known names; a form must fit it as well.

    The `first` header of a sheet may also be made of words that only could be names, when numbers stand below.
    """
    texts = grid.texts(row)
    names = set(texts.values())
    recognised = sum(known.recognised(text) for text in names if not text.endswith(":"))
    if len(texts) < 2 or (recognised < 2 and not first):
        return False
    numbers = sum(like_number(grid.cell(row, column), text) and not text.startswith("20") for column, text in texts.items())
    if numbers > 0.2 * len(texts):
        return False
    if recognised >= 3 or (recognised == 2 and sum(map(known.possible, names)) >= 0.3 * len(names)):
        return True
    if recognised == 2 and first and any(map(known.names_row, names)) and _over_numbers(grid, row):
        return True
    return first and len(names) >= 3 and not numbers and all(map(known.possible, names)) and _over_numbers(grid, row)


def _set_apart(grid: Grid, row: int, header: int, known: Known) -> bool:
    """Whether a row stands below a title of its own with a blank row above, so that a table may begin there as at the top of a sheet."""
    above = list(range(row - 1, max(header, row - 5), -1))
    titles = list(takewhile(lambda line: not grid.blank(line), above))
    return 0 < len(titles) < len(above) and all(_title_row(grid, line, known) for line in titles)


def _over_numbers(grid: Grid, row: int) -> bool:
    """Whether a number or a date stands in the next filled row below one of the row's texts: few words, but no row of a body."""
    below = next((line for line in range(row + 1, grid.height) if not grid.blank(line)), None)
    return below is not None and any(
        like_number(grid.cell(below, column), text) for column, text in grid.texts(below).items() if column in grid.texts(row))


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
        reach = [span.bottom for line in range(top, bottom + 1) for span in grid.spans_by_row.get(line, ())
                 if span.top >= top and span.bottom > bottom]
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
    if silent_row(grid, row, known):
        return True
    if all(known.reader.only_unit(text) for text in texts.values()):
        return True
    if any(like_number(grid.cell(row, column), text) or len(text) > _LONGEST for column, text in texts.items()):
        return False
    rows = known.rows
    if len(texts) == 1 and rows.group.fullmatch(next(iter(texts.values()))):
        return False  # （二）新建项目 right below a header repeated at a page break names what follows
    others = (rows.note, rows.group)
    if any(rows.signature.fullmatch(text) or (any(other.fullmatch(text) for other in others) and not known.possible(text))
           for text in texts.values()):
        return False
    if any(rows.subtotal.fullmatch(text) and not known.possible(text) and text not in known.words.totals for text in texts.values()):
        return False
    levels = [over for over in range(top, bottom + 1) if not silent_row(grid, over, known)]
    if len(levels) <= bottom - top:
        return False  # nothing of a header stands below the numbers of its columns
    above = {column: [text for over in levels if (text := grid.header_text(over, column))] for column in grid.columns}
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

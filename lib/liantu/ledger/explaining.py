"""How a file is understood, told to a person: sheets, tables, forms, columns, rows and what is quarantined; no personal data."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from liantu.ledger.accounting import KINDS
from liantu.ledger.assembling import Rulebook
from liantu.ledger.drift import assumed_unit, letter_of, repeated
from liantu.ledger.files import limits
from liantu.ledger.files.kinds import kind_of
from liantu.ledger.files.naming import shown_in_order
from liantu.ledger.files.reading import read_book
from liantu.ledger.guessing import nearest_header
from liantu.ledger.layout.finding import understand
from liantu.ledger.layout.known import Known
from liantu.ledger.pipeline import NO_HEADER_EN, NO_HEADER_ZH, Layout, internal_error, rulebook, zones_of
from liantu.ledger.rows.context import Context, context_of, county_in, reporter_in
from liantu.ledger.rows.flaws import quarantine
from liantu.ledger.rows.records import Records, read_records
from liantu.ledger.sheets import Block, ColumnMatch, Sheet, Understanding, Unreadable, stem_of
from liantu.ledger.sources import Source
from liantu.ledger.values import privacy
from liantu.ledger.wide_text import aligned, padded, ranges
from liantu.tables.snapshots import snapshot_of

_LABEL = 22
_FIRST = 3
"""Cells shown of each rule that is broken."""
_HOW = {"name": "名称 name", "pattern": "句式 pattern", "content": "内容 content", "none": "未识别 none"}
_TOLD = {"form": "台账格式 the form", "file": "文件名 the file's name", "title": "标题 a title", "sheet": "工作表名 the sheet's name"}
_SOURCES = {"county": "县（市）区 county", "zone": "开发区 zone", "department": "部门 department"}
_IGNORED = {
    "blank": "空行 blank", "title": "标题 title", "header": "表头 header", "subtotal": "小计、分组 subtotal, group",
    "note": "说明、签字 note", "no_table": "不属于任何表 no table", "exact_copy": "重复 exact copy"}
_PERSON = re.compile(r"((?:人|领导|签字|签名|签章)(?:[(（].{0,8}[)）])?\s*[:：]\s*)[\u4e00-\u9fff·]{1,4}(?![\u4e00-\u9fff]{3})")
"""A person named after a label (填报人：张三); the name of an office is longer."""


@dataclass(frozen=True)
class Explanation:
    """What is told of one file; `unreadable` says why when it cannot be read."""

    text: str
    unreadable: Unreadable | None = None


def explain(
        path: Path, reference: Path | str | None = None, layout: Layout = None, as_of: dt.date | None = None) -> Explanation:
    """Tell how a file is understood, in Chinese and English, as `liantu clean` would read it before any correction.

    The date to which it reports is that of the snapshot folder above it, else `as_of`, else today's. Other arguments as of `run`. Whatever
    the file holds is told, never raised.
    """
    book = rulebook(reference, layout)
    source, told = _source(path, as_of)
    lines = [_line("文件 file", source.source_file), *_kind(path), _line("截止日 snapshot", f"{source.snapshot}（{told}）")]
    try:
        lines += _sheets(source, book)
    except _RefusedError as refused:
        return Explanation("\n".join([*lines, *refused.lines, *_refused(refused.unreadable)]), refused.unreadable)
    # The boundary of one bad file, as in cleaning.
    except Exception as error:
        unreadable = internal_error(source.source_file, error)
        return Explanation("\n".join([*lines, *_refused(unreadable)]), unreadable)
    return Explanation("\n".join(lines))


class _RefusedError(Exception):
    """A file that cannot be read, with what could be told of it."""

    def __init__(self, unreadable: Unreadable, lines: Sequence[str] = ()) -> None:
        super().__init__(unreadable.reason)
        self.unreadable, self.lines = unreadable, lines


def _kind(path: Path) -> list[str]:
    """What the file is; nothing is said of one that is too large to be looked at as a whole."""
    try:
        kind = kind_of(path.read_bytes()) if path.stat().st_size <= limits.MAX_FILE_BYTES else None
    except OSError:
        kind = None
    lines = [_line("格式 kind", kind.name if kind else "不认识 not known")]
    return [*lines, _line("编码 encoding", kind.encoding)] if kind and kind.encoding else lines


def _sheets(source: Source, book: Rulebook) -> list[str]:
    sheets = read_book(source.path, source.source_file)
    if isinstance(sheets, Unreadable):
        raise _RefusedError(sheets)
    understood = [understand(sheet, book.forms) for sheet in sheets]
    zones = zones_of(source, understood, book)
    lines = [_line("工作表 sheets", str(len(sheets)))]
    for number, understanding in enumerate(understood, start=1):
        lines += ["", *_sheet_lines(understanding, f"{number}/{len(sheets)}", source, book, zones)]
    if not any(understanding.blocks for understanding in understood):
        reason = "no_known_header" if any(sheet.cells for sheet in sheets) else "empty"
        raise _RefusedError(Unreadable(source.source_file, reason, NO_HEADER_ZH, NO_HEADER_EN), [*lines, ""])
    return lines


def _source(path: Path, as_of: dt.date | None) -> tuple[Source, str]:
    """The file as cleaning names it, and where its date comes from."""
    whole = path.resolve()
    folder = next((above for above in whole.parents if snapshot_of(above.name)), None)
    if folder is not None:
        day = snapshot_of(folder.name)
        name = shown_in_order([whole.relative_to(folder.parent).as_posix()])[0]
        return Source(path, name, day or dt.date.today()), f"文件夹 folder {folder.name}"
    name = shown_in_order([path.name])[0]
    if as_of is not None:
        return Source(path, name, as_of), "--as-of"
    return Source(path, name, dt.date.today()), "没有期次文件夹，按今天 no snapshot folder, so today; give --as-of"


def _line(label: str, text: str, indent: str = "") -> str:
    return f"{indent}{padded(label, _LABEL)}{text}".rstrip()


def _public(text: str) -> str:
    """A title, header or group without personal data."""
    return _PERSON.sub(rf"\1{privacy.REMOVED}", privacy.scrub(text))


def _refused(unreadable: Unreadable) -> list[str]:
    return [_line("无法读取 unreadable", unreadable.reason), _line("", unreadable.message_zh), _line("", unreadable.message_en)]


def _sheet_lines(
        understanding: Understanding, number: str, source: Source, book: Rulebook, zones: dict[str, str]) -> Iterator[str]:
    sheet = understanding.sheet
    hidden = "，隐藏 hidden" if sheet.hidden else ""
    name = privacy.scrub(sheet.name) or "（无名 no name）"
    yield f"== 工作表 sheet {number}: {name}{hidden} =="
    yield _line("范围 range", _extent(sheet))
    for place, block in enumerate(understanding.blocks, start=1):
        context = replace(context_of(sheet, block, source.snapshot, book.city, book.names.rules), zones=zones)
        yield f"-- 表 table {place}/{len(understanding.blocks)} --"
        yield from _setting(sheet, block, context, book)
        records = read_records(sheet, block, context, book.city, book.chains)
        yield from _columns(sheet, block, book.forms, records.body.assumed)
        yield from _body(block, records, book)
    if not understanding.blocks and sheet.cells:
        yield _line("表 table", "没有找到 none found")
        yield from nearest_header(sheet, book.forms)
    for kind in KINDS:
        rows = [row for row, own in understanding.ignored.items() if own == kind]
        if rows:
            yield _line("不计 ignored", f"{_IGNORED[kind]}: {len(rows)} 行 rows ({ranges(rows)})")


def _extent(sheet: Sheet) -> str:
    width = max((len(row) for row in sheet.cells), default=0)
    if not width:
        return "空 empty"
    left, right = letter_of(sheet.first_column), letter_of(sheet.first_column + width - 1)
    return f"{left}{sheet.first_row}:{right}{sheet.first_row + len(sheet.cells) - 1}"


def _setting(sheet: Sheet, block: Block, context: Context, book: Rulebook) -> Iterator[str]:
    """Title, form, reporter and county of a table, each with where it is taken from."""
    for title in block.titles:
        yield _line("标题 title", _public(title))
    known = sum(match.field is not None for match in block.columns)
    yield _line("台账格式 form", f"{block.form.id} {block.form.zh} {block.form.en} → {block.form.table}")
    yield _line("", f"{known}/{len(block.columns)} 列可识别 columns known{_title_words(sheet, block)}")
    yield _line("报送 reporter", f"{_SOURCES[context.source]}（{_reporter_told(sheet, block, context, book)}）")
    yield _line("县区 county", _county_told(sheet, block, context, book))
    yield _line("表头行 header rows", ranges(block.header_rows) or "—")


def _title_words(sheet: Sheet, block: Block) -> str:
    words = [word for word in block.form.title_words if any(word in text for text in (*block.titles, sheet.name, sheet.source_file))]
    return f"；标题或名称中有 title or name says: {'、'.join(words)}" if words else ""


def _texts(sheet: Sheet, block: Block) -> dict[str, tuple[str, ...]]:
    stem = stem_of(sheet.source_file)
    return {"sheet": (sheet.name,), "title": block.titles, "file": (stem,)}


def _reporter_told(sheet: Sheet, block: Block, context: Context, book: Rulebook) -> str:
    if block.form.reporter:
        return _TOLD["form"]
    texts = _texts(sheet, block)
    for where in ("file", "title"):
        if any(reporter_in(text, book.city.divisions, book.names.rules) == context.source for text in texts[where]):
            return _TOLD[where]
    return "写明了县区 a county is told" if context.county else "未写明 not told"


def _county_told(sheet: Sheet, block: Block, context: Context, book: Rulebook) -> str:
    if context.county is None:
        return "各行自述 each row's own"
    name = book.city.divisions.by_code(context.county)
    where = next((where for where, texts in _texts(sheet, block).items()
                  if any(county_in(text, book.city.divisions) == context.county for text in texts)), "file")
    return f"{name.zh} {name.en} {context.county}（{_TOLD[where]}；行内另有写明的以行为准 unless a row says another）"


def _columns(sheet: Sheet, block: Block, known: Known, assumed: Mapping[int, int]) -> list[str]:
    rows = [("列 column", "表头 header", "字段 field", "单位 unit", "依据 how", "最接近 nearest")]
    rows += [_column(sheet, block, match, known, assumed) for match in block.columns]
    return [f"  {line}" for line in aligned(rows)]


def _column(sheet: Sheet, block: Block, match: ColumnMatch, known: Known, assumed: Mapping[int, int]) -> tuple[str, ...]:
    header = _public(" ".join(match.header.split())) or "（无 none）"
    spec = block.form.spec(match.field) if match.field else None
    told = "—" if spec is None else "个人信息，不读取 personal, not read" if spec.kind == "private" else f"{spec.field} {spec.zh}"
    other, letter = repeated(block, match, known), letter_of(match.index + sheet.first_column)
    nearest = privacy.scrub(match.nearest) if match.nearest else ""
    if other:
        nearest = f"已由 {letter_of(other.index + sheet.first_column)} 列给出 given by another column"
    unit = f"{assumed_unit(spec)}（未写明 assumed）" if spec and match.index in assumed else match.unit or ""
    return (letter, header, told, unit, _HOW[match.how], nearest)


def _body(block: Block, records: Records, book: Rulebook) -> Iterator[str]:
    """The rows of a table: used, refused, the groups they stand under, and what is wrong with cells."""
    used = [row for row in block.rows if row not in records.rejected]
    yield _line("采用 accepted", _counted(used))
    yield _line("隔离 quarantined", _counted(sorted(records.rejected)))
    for texts, rows in groupby(block.rows, key=lambda row: block.groups.get(row, ())):
        if texts:
            yield _line("分组 group", f"{' / '.join(map(_public, texts))}: {ranges(rows)}")
    flaws = quarantine(records.body.flaws, book.city.rules)
    for rule, cells in flaws.groupby("rule", sort=False):
        first = cells.head(_FIRST)
        yield _line("问题 flaw", f"{rule}（{first['severity'].iloc[0]}）× {len(cells)}")
        for cell in first.fillna("").itertuples():
            yield _line("", f"{cell.row} 行 row: {cell.message_zh} {cell.message_en}")


def _counted(rows: Sequence[int]) -> str:
    return f"{len(rows)} 行 rows ({ranges(rows)})" if rows else "0"

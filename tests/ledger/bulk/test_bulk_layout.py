"""What is dropped before a large sheet is understood changes nothing: every row ends where it ends in the whole sheet."""

import numpy as np
import pytest
from large_ledgers import rows, written

from liantu.ledger.bulk import delimited, layouts
from liantu.ledger.bulk.layouts import keep, lay_out
from liantu.ledger.bulk.plain_rows import BLANK, PLAIN, PlainRows
from liantu.ledger.files.delimited import read_delimited
from liantu.ledger.files.encodings import decode
from liantu.ledger.layout.finding import understand
from liantu.ledger.pipeline import rulebook


def pieces(tmp_path, content, size):
    path = tmp_path / "全市.csv"
    path.write_bytes(content)
    found = delimited.pieces_of(str(path), size)
    width = delimited.head_width(str(path), found[0].dialect)
    return [delimited.read_piece(piece, width) for piece in found]


@pytest.mark.parametrize("seed", range(12))
def test_every_row_ends_where_it_should(tmp_path, monkeypatch, seed):
    monkeypatch.setattr(layouts, "HEAD_ROWS", 10)
    monkeypatch.setattr(layouts, "_SAMPLE", 5)
    known = rulebook().forms
    lines = rows(100 + seed, 150, share=(0.02, 0.1, 0.4)[seed % 3], headers=True)
    content = written(lines)
    sheet = read_delimited(decode(content), "2022Q2/全市.csv")
    whole = understand(sheet, known)
    head = understand(read_delimited(decode(written(lines[:10])), "2022Q2/全市.csv"), known)
    read = pieces(tmp_path, content, 5_000)
    assert len(read) > 2
    test = PlainRows.of(head.blocks[0], known)
    kinds = [test.kinds(columns, number) for columns, number in read]
    kept = [keep(columns, kind, place == 0) for place, ((columns, _), kind) in enumerate(zip(read, kinds, strict=True))]
    layout = lay_out("2022Q2/全市.csv", kept, known)
    told = []
    for piece, kind in zip(layout.pieces, kinds, strict=True):
        verdicts, groups = piece.spread(kind, layout.blank)
        told += [(layout.verdicts[verdict], layout.groups[group] if group >= 0 else None)
                 for verdict, group in zip(verdicts, groups, strict=True)]
    held = {row: tuple(place for place, block in enumerate(whole.blocks) if row in block.rows) for row in range(1, len(sheet.cells) + 1)}
    above = {row: texts for block in whole.blocks for row, texts in block.groups.items()}
    assert told == [(held[row] or whole.ignored[row], above.get(row)) for row in range(1, len(sheet.cells) + 1)]
    every = np.concatenate(kinds)
    assert (every == PLAIN).mean() > 0.2
    assert {whole.ignored.get(row + 1) for row in np.flatnonzero(every == PLAIN)} <= {None, "no_table"}
    assert all(whole.ignored[row + 1] == "blank" for row in np.flatnonzero(every == BLANK))


NASTY = {
    "quoted lines": 'a,b\n"x\ny","p""q"\n\n1,2,3\nz\n', "cr": "a,b\r\n1,2\r\n", "formula": 'a,b\n="007",=1\n" ",\u3000\n',
    "stray": 'a,b\n5" pipe,x\n"q",y\n', "text after": 'a,b\n"q"w,y\n1,2\n', "never closed": 'a,b\n1,"2\n3,4\n', "one cell": "a\nb\nc\n",
    "semicolons": "a;b;c\n1;2;3\n", "sep": "sep=|\na|b\n1|2\n", "no end": "a,b\n1,2", "delimiter only": 'a,b\n",",","\n1,2\n',
    "swallowed": 'a,b,c,d,e\n1,"2" x,3,4,5\n"6,7,8,9,10\n1,2,3,4,5\n'}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030"])
@pytest.mark.parametrize("name", NASTY)
def test_pieces_hold_the_records_of_the_file(tmp_path, name, encoding):
    content = (NASTY[name].replace("x", "县区") + "").encode(encoding)
    sheet = read_delimited(decode(content), "x.csv")
    for size in (1, 7, 1000):
        read = pieces(tmp_path, content, size)
        width = max(len(columns) for columns, _ in read)
        cells = [[columns[place][row].as_py() if place in columns else None for place in range(width)]
                 for columns, number in read for row in range(number)]
        assert [line[:len(sheet.cells[0])] for line in cells] == sheet.cells
        assert all(cell is None for line in cells for cell in line[len(sheet.cells[0]):])

"""Generated layouts: every row is accounted for, and the body rows are exactly the generated ones."""

import random

from drawn_sheets import KNOWN
from hypothesis import given, settings
from hypothesis import strategies as st

from liantu.ledger.layout.finding import block_cells, understand
from liantu.ledger.sheets import Sheet

COLUMNS = [
    ("serial", ("序号",), None),
    ("name", ("项目名称", "工程名称", "项目（工程）名称"), None),
    ("company", ("建设单位", "业主单位"), ["甲公司", "乙厂"]),
    ("county", ("县区", "县（市）区"), ["建平县", "喀左", "凌源市"]),
    ("total_investment_wan", ("总投资（万元）", "计划总投资(亿元)"), [5000, "约3亿元", None]),
    ("plan_year_wan", ("投资情况|2022年计划", "投资情况|本年计划投资"), [100, None]),
    ("done_year_wan", ("投资情况|1-6月累计完成", "投资情况|本年完成投资"), [50, "50"]),
    ("started_planned", ("开工时间|计划",), ["2022年3月", None]),
    ("started_actual", ("开工时间|实际",), ["2022.3.15", "待定"]),
    ("environment", ("前期手续办理情况|环评",), ["√", "办理中", None]),
    ("energy", ("前期手续办理情况|能评",), ["√", None]),
    ("stage", ("项目阶段", "当前状态"), ["开工", "竣工", "储备"]),
    ("note", ("备注", "存在问题"), ["备案", "无", None]),
    ("private", ("联系人",), ["张三"])]
NAMES = ["甲厂", "光伏", "年产5万吨铸件项目", "光伏发电项目", "开工大厦", "热电联产技改项目", "污水处理厂提标改造工程", "合金新材料产业园"]
LAYOUT = st.fixed_dictionaries({
    "titles": st.lists(st.sampled_from(["2022年项目调度表", "附件2", "填报单位：建平县", "单位：万元", ""]), max_size=4),
    "columns": st.lists(st.integers(5, len(COLUMNS) - 1), unique=True, max_size=8),
    "serial": st.booleans(), "shuffled": st.booleans(), "sparse": st.sampled_from([0, 0.3, 0.6]),
    "merged": st.booleans(), "codes": st.booleans(), "first_row": st.integers(1, 6),
    "body": st.lists(st.sampled_from(["row", "row", "row", "blank", "subtotal", "group", "county", "break"]), min_size=1, max_size=14),
    "notes": st.lists(st.sampled_from(["注：截至6月底。", "填表人：张三", "审核人：李四", "联系电话：0421-2610000", ""]), max_size=4),
    "seed": st.integers(0, 9999)})


class Drawing:
    """A sheet being drawn, with the rows that are projects."""

    def __init__(self, layout):
        self.chance = random.Random(layout["seed"])
        self.layout = layout
        chosen = [COLUMNS[place] for place in sorted({*range(0 if layout["serial"] else 1, 5), *layout["columns"]})]
        self.columns = [(field, self.chance.choice(headers).split("|"), values) for field, headers, values in chosen]
        if layout["shuffled"]:
            tops = dict.fromkeys(levels[0] for _, levels, _ in self.columns)
            groups = [[column for column in self.columns if column[1][0] == top] for top in tops]
            self.chance.shuffle(groups)
            self.columns = [column for group in groups for column in group]
        self.depth = max(len(levels) for _, levels, _ in self.columns)
        self.rows, self.merged, self.body, self.groups = [], [], [], {}

    def add(self, *cells):
        self.rows.append([*cells, *[None] * (len(self.columns) - len(cells))])
        return self.layout["first_row"] + len(self.rows) - 1

    def header(self):
        first = self.layout["first_row"] + len(self.rows)
        levels = [[levels[depth] if depth < len(levels) else None for _, levels, _ in self.columns] for depth in range(self.depth)]
        for depth, row in enumerate(levels[:-1]):
            start = 0
            for column in range(1, len(row) + 1):
                if column == len(row) or row[column] != row[start] or levels[depth + 1][start] is None:
                    if levels[depth + 1][start] is not None and column - start > 1:
                        self.merged.append((first + depth, start + 1, first + depth, column))
                        row[start + 1:column] = [None] * (column - start - 1)
                    start = column
        self.merged += [(first, place + 1, first + self.depth - 1, place + 1)
                        for place, (_, levels, _) in enumerate(self.columns) if len(levels) < self.depth]
        for row in levels:
            self.add(*row)
        if self.layout["codes"]:
            self.add(*range(1, len(self.columns) + 1))

    def project(self, number):
        """A project; in a sparse ledger many of its cells are empty, but it has a name and its company."""
        def cell(field, values):
            if field in ("serial", "name"):
                return number if field == "serial" else f"{self.chance.choice(NAMES)}{self.chance.choice(['', number])}"
            return None if field != "company" and self.chance.random() < self.layout["sparse"] else self.chance.choice(values)
        self.body.append(self.add(*(cell(field, values) for field, _, values in self.columns)))

    def line(self, text, amount=None):
        """A row that names or sums: the text in the first cell, an amount below the total investment."""
        total = next(place for place, (field, _, _) in enumerate(self.columns) if field == "total_investment_wan")
        cells = [None] * len(self.columns)
        if amount is not None:
            cells[total] = amount
        cells[0] = text
        self.add(*cells)

    def draw(self):
        for title in self.layout["titles"]:
            self.add(title or None)
        self.header()
        for number, kind in enumerate(self.layout["body"], start=1):
            if kind == "row":
                self.project(number)
            elif kind == "blank":
                self.add()
            elif kind == "subtotal":
                self.line(self.chance.choice(["小计", "合 计", "建平县合计", "新建项目合计（3个）"]), 100)
            elif kind == "group":
                self.line(self.chance.choice(["一、续建项目", "（二）新建项目", "三、前期项目（12个）"]))
            elif kind == "county":
                self.line("凌源市", self.chance.choice([12, None]))
            elif self.body and self.layout["body"][number - 2] == "row":
                self.header()
        for note in self.layout["notes"] if self.body else []:
            self.add(note or None)
        filled = [place for place, row in enumerate(self.rows) if any(value is not None for value in row)]
        merged = tuple(self.merged) if self.layout["merged"] else ()
        rows = self.rows[filled[0]:filled[-1] + 1]
        return Sheet("2022Q1/a.xlsx", "甲", rows, self.layout["first_row"] + filled[0], 1, merged)


@settings(max_examples=250, deadline=None)
@given(layout=LAYOUT)
def test_every_row_is_accounted_for_and_the_body_is_what_was_drawn(layout):
    drawing = Drawing(layout)
    sheet = drawing.draw()
    result = understand(sheet, KNOWN)
    rows = [row for block in result.blocks for row in block.rows]
    assert sorted([*rows, *result.ignored]) == list(range(sheet.first_row, sheet.first_row + len(sheet.cells)))
    assert sorted(rows) == drawing.body
    if not drawing.body:
        return
    block, = result.blocks
    assert [match.field for match in block.columns] == [field for field, _, _ in drawing.columns]
    private = [place for place, (field, _, _) in enumerate(drawing.columns) if field == "private"]
    cells = block_cells(sheet, block)
    assert all(row[column] is None for row in cells for column in private)
    assert [[value for place, value in enumerate(row) if place not in private] for row in cells] == [
        [value for place, value in enumerate(sheet.cells[row - sheet.first_row]) if place not in private] for row in drawing.body]
    for row, why in result.ignored.items():
        blank = all(value is None for value in sheet.cells[row - sheet.first_row])
        assert (why == "blank") == blank

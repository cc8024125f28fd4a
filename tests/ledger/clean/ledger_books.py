"""Workbooks for the tests of cleaning."""

import datetime as dt

import xlsxwriter

HEADER = ["序号", "项目名称", "建设单位", "县区", "总投资（万元）", "开工时间", "当前阶段", "联系人", "联系电话"]
MAGNESIUM = "年产30万吨镁合金精深加工项目"
METAL = "朝阳金达新材料有限公司"


def book(path, *sheets):
    """An .xlsx with sheets of (name, rows, merged ranges as (top, left, bottom, right, value) from 0)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(path)) as workbook:
        for name, rows, *merged in sheets:
            sheet = workbook.add_worksheet(name)
            day = workbook.add_format({"num_format": "yyyy/m/d"})
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if isinstance(value, dt.date):
                        sheet.write_datetime(number, column, dt.datetime.combine(value, dt.time()), day)
                    elif value is not None:
                        sheet.write(number, column, value)
            for top, left, bottom, right, value in merged[0] if merged else ():
                sheet.merge_range(top, left, bottom, right, value)
    return path


def table_of(*rows, header=HEADER, title="双塔区2022年重点项目台账"):
    return [[title], header, *rows]


def row(number, name, company=METAL, county="双塔区", amount=30000, start="2022.3.15", stage="已开工"):
    return [number, name, company, county, amount, start, stage, "王某", "13800138000"]

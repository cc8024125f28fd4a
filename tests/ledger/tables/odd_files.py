"""Files as they come: of every kind, whole and damaged. Each function gives the bytes of one small file."""

import io
import struct
import zipfile

import xlsxwriter
import xlwt
from xlwt.CompoundDoc import XlsDoc

ROWS = [
    ["朝阳市2022年重点项目台账", None, None, None], ["序号", "项目名称", "总投资（万元）", "开工时间"],
    [1, "北票市年产5万吨膨润土项目", 5000, "2022.3.15"], [2, "凌源市汽车零部件项目", 3200.5, "3月底"], ["合计", None, 8200.5, None]]
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def xlsx(rows=ROWS, name="台账", **more):
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, more) as book:
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if value is not None:
                    sheet.write(number, column, value)
    return target.getvalue()


def xls_stream(rows=ROWS, name="台账"):
    """The records of an .xls without its container."""
    book = xlwt.Workbook()
    sheet = book.add_sheet(name)
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if value is not None:
                sheet.write(number, column, value)
    return book.get_biff_data()


def xls_of(stream):
    """The container around a stream of records."""
    target = io.BytesIO()
    XlsDoc().save(target, bytes(stream))
    return target.getvalue()


def xls(rows=ROWS):
    return xls_of(xls_stream(rows))


def records(stream):
    """(kind, where its data begins, how long) of each record."""
    place = 0
    while place + 4 <= len(stream):
        kind, length = struct.unpack_from("<2H", stream, place)
        yield kind, place + 4, length
        place += 4 + length


def repacked(content, parts=(), without=()):
    """A zip with parts replaced or added; a function changes the bytes that are there."""
    target, parts = io.BytesIO(), dict(parts)
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in without:
                part = parts.pop(name, None)
                new.writestr(name, part(old.read(name)) if callable(part) else old.read(name) if part is None else part)
        for name, part in parts.items():
            new.writestr(name, part)
    return target.getvalue()


def bare_xlsx(sheet_data, before="", target="worksheets/sheet1.xml", part="xl/worksheets/sheet1.xml", shared=None, book=""):
    """An xlsx of hand-written XML."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("_rels/.rels", f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{LINKS}/officeDocument" '
                         'Target="xl/workbook.xml"/></Relationships>')
        archive.writestr("xl/workbook.xml", f'<?xml version="1.0" encoding="UTF-8"?><workbook xmlns="{MAIN}" xmlns:r="{LINKS}">{book}'
                         '<sheets><sheet name="台账" sheetId="1" r:id="rId1"/></sheets></workbook>')
        archive.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{LINKS}/worksheet" '
                         f'Target="{target}"/></Relationships>')
        archive.writestr(part, f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{MAIN}">{before}<sheetData>{sheet_data}'
                         "</sheetData></worksheet>")
        if shared is not None:
            archive.writestr("xl/sharedStrings.xml", shared)
    return made.getvalue()


def ods(tables, styles=""):
    """An ods of hand-written tables."""
    spaces = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text", "style"))
    calc = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    content = (f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} {calc}>{styles}<office:body><office:spreadsheet>'
               f"{tables}</office:spreadsheet></office:body></office:document-content>")
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return made.getvalue()


def ods_text(text, more=""):
    return f'<table:table-cell office:value-type="string" {more}><text:p>{text}</text:p></table:table-cell>'


def ods_number(number, more=""):
    return f'<table:table-cell office:value-type="float" office:value="{number}" {more}/>'


def ods_row(*cells, more=""):
    return f"<table:table-row {more}>{''.join(cells)}</table:table-row>"


def ods_ledger(rows=ROWS):
    def cell(value):
        return "<table:table-cell/>" if value is None else ods_text(value) if isinstance(value, str) else ods_number(value)
    return ods('<table:table table:name="台账">' + "".join(ods_row(*map(cell, row)) for row in rows) + "</table:table>")


def _record(kind, data=b""):
    def varint(number):
        made = b""
        while number > 0x7F:
            made, number = made + bytes([number & 0x7F | 0x80]), number >> 7
        return made + bytes([number])
    return varint(kind) + varint(len(data)) + data


def _wide(text):
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(rows=ROWS, errors=()):
    """A minimal xlsb ([MS-XLSB]): BrtBundleSh for the sheet, BrtRowHdr, BrtCellSt, BrtCellReal, BrtCellError for its cells."""
    data = b""
    for number, row in enumerate(rows):
        data += _record(0, struct.pack("<2I", number, 0) + b"\0" * 9)
        for column, value in enumerate(row):
            place = struct.pack("<2I", column, 0)
            if (number + 1, column + 1) in dict(errors):
                data += _record(3, place + bytes([dict(errors)[number + 1, column + 1]]))
            elif isinstance(value, str):
                data += _record(6, place + _wide(value))
            elif value is not None:
                data += _record(5, place + struct.pack("<d", value))
    extent = struct.pack("<4I", 0, max(len(rows) - 1, 0), 0, 3)
    sheet = _record(129) + _record(148, extent) + _record(145) + data + _record(146) + _record(130)
    named = struct.pack("<2I", 0, 1) + _wide("rId1") + _wide("台账")
    book = _record(131) + _record(143) + _record(156, named) + _record(144) + _record(132)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.bin", book)
        archive.writestr("xl/_rels/workbook.bin.rels", f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{LINKS}/worksheet" '
                         'Target="worksheets/sheet1.bin"/></Relationships>')
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
    return made.getvalue()


def html(rows=ROWS, encoding="utf-8", tag="td"):
    body = "".join("<tr>" + "".join(f"<{tag}>{'' if value is None else value}</{tag}>" for value in row) + "</tr>" for row in rows)
    return f'<html><head><meta charset="{encoding}"></head><body><table>{body}</table></body></html>'.encode(encoding)


def spreadsheet_xml(sheets, declaration='<?xml version="1.0" encoding="UTF-8"?>', before=""):
    """Excel-2003 XML of hand-written sheets."""
    return (f'{declaration}\n{before}<?mso-application progid="Excel.Sheet"?>'
            '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
            'xmlns:x="urn:schemas-microsoft-com:office:excel" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" '
            f'xmlns:html="http://www.w3.org/TR/REC-html40">{sheets}</Workbook>')


def spreadsheet_xml_ledger(rows=ROWS):
    def cell(value):
        kind = "String" if isinstance(value, str) else "Number"
        return "<Cell/>" if value is None else f'<Cell><Data ss:Type="{kind}">{value}</Data></Cell>'
    body = "".join("<Row>" + "".join(map(cell, row)) + "</Row>" for row in rows)
    return spreadsheet_xml(f'<Worksheet ss:Name="台账"><Table>{body}</Table></Worksheet>').encode()


def web_archive(pages, encoding="utf-8"):
    """A web archive (MHTML) of (location, html) pages, quoted-printable as spreadsheet programs write it."""
    import email.charset
    from email.mime.multipart import MIMEMultipart
    from email.mime.nonmultipart import MIMENonMultipart
    quoted = email.charset.Charset(encoding)
    quoted.body_encoding = email.charset.QP
    message = MIMEMultipart("related", boundary="----=_NextPart_01")
    for location, text in pages:
        part = MIMENonMultipart("text", "html")
        part.set_payload(text, quoted)
        part["Content-Location"] = location
        message.attach(part)
    return message.as_bytes()


def web_archive_ledger(rows=ROWS):
    frame = ('<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><xml><x:ExcelWorkbook><x:ExcelWorksheets><x:ExcelWorksheet>'
             '<x:Name>台账</x:Name><x:WorksheetSource HRef="book.files/sheet001.htm"/></x:ExcelWorksheet></x:ExcelWorksheets>'
             "</x:ExcelWorkbook></xml></head><frameset></frameset></html>")
    tabs = "<html><body><table><tr><td>台账</td></tr></table></body></html>"
    return web_archive([
        ("file:///C:/1/book.htm", frame), ("file:///C:/1/book.files/sheet001.htm", html(rows).decode()),
        ("file:///C:/1/book.files/tabstrip.htm", tabs)])


def csv(rows=ROWS, encoding="utf-8"):
    return "\r\n".join(",".join("" if value is None else str(value) for value in row) for row in rows).encode(encoding)


WHOLE = {
    "a.xlsx": xlsx, "a.xls": xls, "a.xlsb": xlsb, "a.ods": ods_ledger, "html.xls": html, "xml.xls": spreadsheet_xml_ledger,
    "archive.xls": web_archive_ledger, "utf8.csv": csv, "gb.csv": lambda: csv(encoding="gb18030"),
    "utf16.csv": lambda: csv(encoding="utf-16")}
"""A whole file of every kind, each with the same rows."""

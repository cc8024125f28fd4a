"""Why a file could not be read, in words that say what to do."""

from __future__ import annotations

from liantu.ledger.sheets import Unreadable
from liantu.ledger.values.privacy import scrub

_MESSAGES = {
    "encrypted": ("文件有密码保护，请取消密码后重新报送", "the file is protected by a password: remove it and send the file again"),
    "truncated": ("文件不完整或已损坏，请重新导出或重新上传", "the file is incomplete or damaged: export or upload it again"),
    "empty": ("文件中没有任何内容，请核对后重新报送", "the file holds nothing: check it and send it again"),
    "not_a_workbook": ("不是表格文件，请报送 xlsx、xls、ods 或 csv", "not a workbook: send xlsx, xls, ods or csv"),
    "too_large": (
        "表格超出读取上限，请删除表外的空行空列或拆分后报送",
        "beyond the limits of reading: delete empty rows and columns outside the table, or split it"),
    "null_bytes": (
        "文本中有空字节，请另存为 UTF-8 的 csv 或 xlsx 后报送",
        "the text holds null bytes: save it again as csv in UTF-8, or as xlsx"),
    "mixed_encoding": (
        "文本混有几种编码，请统一另存为 UTF-8 的 csv 或 xlsx 后报送",
        "the text mixes encodings: save it again as csv in UTF-8, or as xlsx"),
    "unsafe_xml": (
        "文件内声明了 XML 实体，可能撑满内存，未打开；请用表格软件另存为 xlsx 后报送",
        "the file declares XML entities, which can fill a memory; it was not opened: save it again as xlsx with a spreadsheet program"),
    "no_table": (
        "网页归档或 XML 中没有表格，请另存为 xlsx 后报送",
        "there is no table in this web archive or XML file: save it again as xlsx"),
    "not_a_file": (
        "不是文件（文件夹、设备或管道），没有读取；文件夹请放入其中的台账",
        "not a file but a folder, device or pipe: nothing was read; put the ledger itself here"),
    "not_found": ("文件不存在或无权读取，请检查路径和权限", "the file is missing or may not be read: check its path and rights"),
}

REASONS = frozenset(_MESSAGES)
"""Why a file cannot be opened; `no_known_header` and `internal_error` are told where its sheets are understood."""


class UnreadableError(Exception):
    """Raised inside the readers only; `read_book` turns it into an `Unreadable`."""

    def __init__(self, reason: str, detail_zh: str = "", detail_en: str = "") -> None:
        super().__init__(reason)
        self.reason, self.detail_zh, self.detail_en = reason, detail_zh, detail_en

    def told(self, source_file: str) -> Unreadable:
        """The reason for people, with what was measured in parentheses."""
        zh, en = _MESSAGES[self.reason]
        measured_zh = f"（{self.detail_zh}）" if self.detail_zh else ""
        measured_en = f" ({self.detail_en})" if self.detail_en else ""
        return Unreadable(source_file, self.reason, scrub(zh + measured_zh), scrub(en + measured_en))

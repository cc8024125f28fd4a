"""What a zipped workbook (xlsx, xlsm, xlsb, ods) holds, looked at before it is opened: its kind, its sizes, its cells without a value.

Every part that the workbook reader may open is run through in pieces first, and refused where it would fill the memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Literal
from xml.parsers import expat

from liantu.ledger.files import limits
from liantu.ledger.files.open_document import look_through
from liantu.ledger.files.scanning import Errors, binary_records, check_strings, safe_parser, scan_binary, scan_xml
from liantu.ledger.files.unreadable import UnreadableError
from liantu.ledger.files.zipped import Archive, open_archive, pieces, raw_pieces, unpacked

Kind = Literal["xlsx", "xlsb", "ods", "xls"]
Range = tuple[int, int, int, int]
_STRINGS = re.compile(r"(?:^|/)sharedstrings\d*\.\w+$")


@dataclass(frozen=True)
class Package:
    """A workbook that may be opened: cells without a value and, for ods, merged ranges by sheet (1-based rows and columns)."""

    kind: Kind
    errors: dict[str, Errors] = field(default_factory=dict)
    """By sheet name: (row, column) → the error's text."""
    merged: dict[str, tuple[Range, ...]] = field(default_factory=dict)
    """By sheet name, where the workbook reader tells none."""


def inspect(content: bytes) -> Package:
    """Look through a zipped workbook without building its sheets; raises UnreadableError for what must not be opened."""
    archive = open_archive(content)
    kind = _kind(archive)
    if kind == "ods":
        manifest = archive.find("meta-inf/manifest.xml")
        if manifest is not None and b"encryption-data" in unpacked(archive, manifest):
            raise UnreadableError("encrypted")
        errors, merged = look_through(pieces(archive, archive.find("content.xml")))
        return Package("ods", errors, merged)
    found = dict(_sheets(archive, kind))
    limits.check_size(sum(filled for _, filled in found.values()), limits.MAX_CELLS, "有值的单元格", "filled cells")
    names = (_names if kind == "xlsx" else _binary_names)(archive) if any(errors for errors, _ in found.values()) else {}
    return Package(kind, {names[part]: errors for part, (errors, _) in found.items() if errors and part in names})


def _kind(archive: Archive) -> Kind:
    names = archive.names()
    if any(re.fullmatch(r"xl/workbook\d*\.xml", name) for name in names):
        return "xlsx"
    if "xl/workbook.bin" in names:
        return "xlsb"
    if "content.xml" in names and "mimetype" in names:
        return "ods"
    raise UnreadableError("not_a_workbook")


def _sheets(archive: Archive, kind: Kind) -> Iterator[tuple[str, tuple[Errors, int]]]:
    """Run through every part that may be opened; the name of each sheet's part with its cells without a value and its filled cells."""
    for name, part in archive.parts:
        if _STRINGS.search(name) and kind == "xlsx":
            check_strings(pieces(archive, part))
        elif name.endswith((".xml", ".rels")) or name.count(".") == 0:
            yield name, scan_xml(partial(pieces, archive, part), part.filename)
        elif kind == "xlsb" and name.endswith(".bin") and not name.startswith(("xl/printersettings/", "xl/media/", "xl/vbaproject")):
            content = b"".join(raw_pieces(archive, part))
            if "/worksheets/" in name:
                yield name, scan_binary(content, part.filename)


def _names(archive: Archive) -> dict[str, str]:
    """Part name in small letters → sheet name, from the workbook and its relations."""
    def attributes(name: str, tag: str) -> list[dict[str, str]]:
        found: list[dict[str, str]] = []
        parser, part = safe_parser(), archive.find(name)
        parser.StartElementHandler = lambda name, values: found.append(values) if name.rpartition(":")[2] == tag else None
        parser.Parse(unpacked(archive, part) if part else b"", True)
        return found

    try:
        relations = attributes("xl/_rels/workbook.xml.rels", "Relationship")
        sheets = attributes("xl/workbook.xml", "sheet")
    except expat.ExpatError:
        return {}
    targets = {relation.get("Id", ""): relation.get("Target", "") for relation in relations}
    told = (({key.rpartition(":")[2]: value for key, value in sheet.items()}) for sheet in sheets)
    return {_part(targets.get(sheet.get("id", ""), "")): sheet.get("name", "") for sheet in told}


def _binary_names(archive: Archive) -> dict[str, str]:
    """As _names for an xlsb: BrtBundleSh (156) holds state, number, relation and name of a sheet."""
    rels, book = archive.find("xl/_rels/workbook.bin.rels"), archive.find("xl/workbook.bin")
    told = unpacked(archive, rels).decode("utf-8", "replace") if rels else ""
    tags = re.findall(r"<(?:\w+:)?Relationship\b[^>]*>", told)
    targets = {_attribute(tag, "Id"): _attribute(tag, "Target") for tag in tags}
    content = unpacked(archive, book) if book else b""
    names = {}
    for kind, place, _ in binary_records(content):
        if kind == 156:
            relation, after = _wide(content, place + 8)
            names[_part(targets.get(relation, ""))] = _wide(content, after)[0]
    return names


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf"""\s{name}\s*=\s*["']([^"']*)""", tag)
    return found[1] if found else ""


def _wide(content: bytes, place: int) -> tuple[str, int]:
    """A counted text of UTF-16 and where it ends."""
    end = place + 4 + 2 * int.from_bytes(content[place:place + 4], "little")
    return content[place + 4:end].decode("utf-16-le", "replace"), end


def _part(target: str) -> str:
    target = target.lower()
    return target.lstrip("/") if target.startswith(("/", "xl/")) else f"xl/{target}"

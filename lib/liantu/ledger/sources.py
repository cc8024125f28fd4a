"""The raw ledgers of a data set: which files report to which date."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from liantu.errors import LiantuError
from liantu.ledger.files.naming import shown_names
from liantu.ledger.findings import Finding
from liantu.reference import Quarter
from liantu.tables.snapshots import snapshot_of

_NO_LEDGERS = (".md", ".yml", ".yaml")
_WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".et")


@dataclass(frozen=True)
class Source:
    """One raw file: where it lies, its name relative to the raw folder, and the date to which it reports."""

    path: Path
    source_file: str
    snapshot: dt.date


def find_sources(raw_dir: Path, as_of: dt.date | None = None) -> list[Source]:
    """The ledgers under `raw_dir`, by snapshot folder (2022Q1 or 2022-03-31) and name; later snapshots than `as_of` are left out.

    A folder without any snapshot folder may hold ledgers itself; they report to `as_of`. Folders of other names (truth/), hidden files,
    lock files of a spreadsheet program (~$x.xlsx), READMEs and .md or .yml files are no ledgers. Raises LiantuError when the folder is
    missing or holds no ledger.
    """
    if not raw_dir.is_dir():
        raise LiantuError(f"{raw_dir}: the folder of raw ledgers is missing")
    folders = {path.name: day for path in raw_dir.iterdir() if path.is_dir() and (day := snapshot_of(path.name))}
    if folders:
        wanted = {name: day for name, day in folders.items() if as_of is None or day <= as_of}
        held = [Source(path, path.relative_to(raw_dir).as_posix(), day) for name, day in wanted.items() for path in _files(raw_dir / name)]
    else:
        held = _loose(raw_dir, as_of)
    if not held:
        until = f" up to {as_of}" if as_of else ""
        raise LiantuError(
            f"{raw_dir}: no ledgers{until}; put them into folders named by the date they report to, such as 2022Q2/ or 2022-06-30/")
    shown = shown_names(source.source_file for source in held)
    held = [Source(source.path, shown[source.source_file], source.snapshot) for source in held]
    return sorted(held, key=lambda source: (source.snapshot, source.source_file))


def renamed(sources: list[Source], raw_dir: Path) -> list[Finding]:
    """A finding for each file whose own name cannot be shown: a personal number stands in it, or bytes that are no text."""
    return [{"kind": "name_not_shown", "source_file": source.source_file} for source in sources
            if source.path.relative_to(raw_dir).as_posix() != source.source_file]


def left_out(raw_dir: Path) -> list[Finding]:
    """A finding for each workbook that lies beside the snapshot folders, and so reports to no date."""
    if not any(path.is_dir() and snapshot_of(path.name) for path in raw_dir.iterdir()):
        return []
    beside = [path.name for path in raw_dir.iterdir()
              if path.is_file() and path.suffix.lower() in _WORKBOOKS and _may_be_ledger(path)]
    return [{"kind": "outside_snapshot", "source_file": name} for name in sorted(shown_names(beside).values())]


def day_of(as_of: dt.date | str | None) -> dt.date | None:
    """A date given as a date, as 2022-06-30 or as 2022Q2 (its last day); anything else is a LiantuError."""
    if as_of is None:
        return None
    if isinstance(as_of, dt.datetime):
        return as_of.date()
    if isinstance(as_of, dt.date):
        return as_of
    try:
        return Quarter.parse(as_of).end if "Q" in as_of else dt.date.fromisoformat(as_of)
    except (ValueError, LiantuError):
        raise LiantuError(f"as-of {as_of!r} is not a date; write it as 2022-06-30 or 2022Q2") from None


def _loose(raw_dir: Path, as_of: dt.date | None) -> list[Source]:
    files = [path for path in raw_dir.iterdir() if path.is_file() and _may_be_ledger(path)]
    if files and as_of is None:
        raise LiantuError(
            f"{raw_dir}: holds no snapshot folder such as 2022Q2/, so the date to which its files report is not known; give --as-of")
    return [Source(path, path.name, as_of) for path in files if as_of is not None]


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if _to_be_read(path) and _may_be_ledger(path.relative_to(folder))]


def _to_be_read(path: Path) -> bool:
    """Everything but folders: a link that leads nowhere, to itself or to a folder is read too, so that it is told as unreadable.

    A folder named as a workbook (x.xlsx) that holds nothing is told as well; what lies in one is read like everything else.
    """
    if path.is_symlink() or not path.is_dir():
        return True
    return path.suffix.lower() in _WORKBOOKS and not any(path.iterdir())


def _may_be_ledger(path: Path) -> bool:
    hidden = any(part.startswith((".", "~$")) or part == "__MACOSX" for part in path.parts)
    return not hidden and path.suffix.lower() not in _NO_LEDGERS and not path.stem.lower().startswith("readme") and path.name != "Thumbs.db"

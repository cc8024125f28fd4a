"""How the tables of one run take the place of those of an earlier one in a folder of the user's."""

from __future__ import annotations

import contextlib
import csv
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from liantu.errors import LiantuError
from liantu.tables import CONTRACTS
from liantu.tables.snapshots import snapshot_of

LAST = "accounting.json"
"""The file that is moved last: while it is missing the tables may be of two runs."""


@contextmanager
def aside(out: Path) -> Iterator[Path]:
    """A folder to write into; when the block ends well its files take their places in `out`, and earlier tables of ours leave it.

    The account goes first and comes last: while it is missing the tables may be of two runs, if moving them was stopped. A block that
    ends with an error, or is stopped, leaves `out` as it was.
    """
    if out.exists() and not out.is_dir():
        raise LiantuError(f"--out {out}: is a file; give a folder")
    home = next(folder for folder in (out, *out.parents) if folder.is_dir())
    made = Path(tempfile.mkdtemp(prefix=".liantu.", dir=home))
    try:
        yield made
        out.mkdir(parents=True, exist_ok=True)
        new = {path.name for path in made.iterdir()}
        old = _tables_of_ours(out)
        (out / LAST).unlink(missing_ok=True)
        for name in sorted(new, key=lambda name: (name == LAST, name)):
            if name == LAST:
                for gone in sorted(old - new):
                    (out / gone).unlink(missing_ok=True)
            (made / name).replace(out / name)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _tables_of_ours(out: Path) -> set[str]:
    """The tables that an earlier run wrote, by its own dictionary, and those of the contracts; files of others are never touched."""
    names = set(CONTRACTS)
    with contextlib.suppress(FileNotFoundError, UnicodeDecodeError, csv.Error), (out / "dictionary.csv").open(
            encoding="utf-8-sig", newline="") as file:
        names |= {row["table"] for row in csv.DictReader(file) if (row.get("table") or "").isidentifier()}
    return {f"{name}.parquet" for name in names}


def refuse_raw(raw_dir: Path, out: Path) -> None:
    """Raise LiantuError when tables written into `out` would be read as ledgers the next time."""
    raw, target = raw_dir.resolve(), out.resolve()
    inside = target.relative_to(raw).parts if target.is_relative_to(raw) else None
    if inside is not None and (not inside or snapshot_of(inside[0])):
        raise LiantuError(f"--out {out}: lies where ledgers are read; give another folder, as data/processed/{raw.name}")

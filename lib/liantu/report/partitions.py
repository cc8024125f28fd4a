"""Whether what a page opened is still the same: a digest of each part of the tables, as a page would get it now.

Digests are kept in a file beside the tables, so that nothing is opened, and pandas is not imported, while the tables are those that the
digests were made of.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from liantu.reference.opened import apart
from liantu.report.datasets import dataset_card
from liantu.tables.vouched import version
from liantu.tables.whole_files import write_whole

KEPT = ".partitions.json"
Entry = Mapping[str, str]
_IN_TABLES = ("table", "account")


def digests(folder: Path, opened: Sequence[Entry]) -> list[str]:
    """The digest (16 hexadecimal digits) of each thing that was opened (`liantu.reference.opened`), as it is now.

    `folder` holds the tables of a report's data set; those of another data set are looked for beside it. Of a table these are exactly the
    rows of the part; of a data set's card what it says. Empty where it is gone, and for reference files, which are told by themselves
    (`liantu.suite.freshness`). Best asked once for all pages: each table is opened once then.
    """
    now: dict[str, str] = {}
    with apart():
        for home, entries in _by_folder(Path(folder), opened).items():
            now |= _known(home, entries)
    return [now[_key(entry)] for entry in opened]


def _by_folder(folder: Path, opened: Iterable[Entry]) -> dict[Path, dict[str, Entry]]:
    homes: dict[Path, dict[str, Entry]] = {}
    for entry in opened:
        homes.setdefault(folder.parent / (entry.get("dataset") or folder.name), {})[_key(entry)] = entry
    return homes


def _known(folder: Path, entries: Mapping[str, Entry]) -> dict[str, str]:
    """The digests of things opened beside tables in one folder; those that are not kept are made and kept."""
    stamp = f"{version(folder)} {_code()}"
    kept = _kept(folder / KEPT, stamp)
    new = {key: entry for key, entry in entries.items() if entry["kind"] in _IN_TABLES and key not in kept}
    if new:
        from liantu.report.contents import contents

        kept |= dict(zip(new, contents(folder, version(folder), list(new.values())), strict=True))
        if version(folder):
            write_whole(folder / KEPT, json.dumps({"tables": stamp, "digests": kept}, ensure_ascii=False, indent=0).encode())
    return {key: kept[key] if key in kept else _of_card(entry) for key, entry in entries.items()}


def _kept(path: Path, stamp: str) -> dict[str, str]:
    """The digests kept beside tables, while they are the tables of `stamp`."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return dict(told["digests"]) if told["tables"] == stamp else {}
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def _of_card(entry: Entry) -> str:
    if entry["kind"] != "dataset":
        return ""
    return hashlib.sha256(dataset_card(entry["name"]).model_dump_json().encode()).hexdigest()[:16]


@cache
def _code() -> str:
    """A hash of the code that cuts parts of tables: digests made by other code are not kept."""
    total = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        total.update(path.read_bytes())
    return total.hexdigest()[:16]


def _key(entry: Entry) -> str:
    return json.dumps(dict(sorted(entry.items())), ensure_ascii=False)

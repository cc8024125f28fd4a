"""Whether a processed folder is up to date with all that cleaning reads, and how a new one takes its place."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable
from importlib.metadata import version
from pathlib import Path

from liantu.reference import city
from liantu.reference.folders import processed_folder, raw_folder
from liantu.tables.snapshots import snapshots_in
from liantu.tables.vouched import INPUTS, known_inputs, vouched
from liantu.tables.whole_files import write_whole

_FLOORS = ("ledger", "tables", "chains", "reference")
_LIBRARIES = ("pandas", "pyarrow", "python-calamine", "rapidfuzz")


def up_to_date(dataset: str, reference: str = "chaoyang") -> Path | None:
    """The processed folder of a data set if it was made from all that is there now, else None; nothing that cleans is imported."""
    raw, processed = raw_folder(dataset), processed_folder(dataset)
    known = known_inputs(processed)
    if vouched(dataset) is None and not (known and raw.is_dir() and known == inputs_of(raw, city(reference).folder)):
        return None
    return processed


def take_place(processed: Path, inputs: dict[str, str], make: Callable[[Path], object]) -> None:
    """Let `make` fill a folder aside, then put it in the place of `processed`: a reader finds the old tables or the new, never a part."""
    aside = Path(tempfile.mkdtemp(prefix=f".{processed.name}.", dir=processed.parent))
    try:
        make(aside / "new")
        write_whole(aside / "new" / INPUTS, (json.dumps(inputs, ensure_ascii=False, indent=1) + "\n").encode())
        if processed.exists():
            processed.rename(aside / "old")
        (aside / "new").rename(processed)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def inputs_of(raw: Path, reference: Path) -> dict[str, str]:
    """SHA-256 of all that cleaning reads: the raw files, the reference files, the code, and the versions of the libraries.

    Also the names of the snapshots, so that the tables alone tell which quarters there are.
    """
    code = Path(__file__).resolve().parents[1]
    sources = (path for floor in _FLOORS for path in (code / floor).rglob("*") if path.suffix in (".py", ".yml"))
    return {
        "raw": digest(raw, raw.rglob("*")),
        "snapshots": " ".join(snapshots_in(raw)),
        "reference": digest(reference, (path for path in reference.rglob("*") if path.suffix in (".yml", ".npz"))),
        "code": digest(code, sources),
        "libraries": ", ".join(f"{name} {version(name)}" for name in _LIBRARIES),
    }


def digest(root: Path, paths: Iterable[Path]) -> str:
    """SHA-256 of the names, relative to `root`, and the content of the files among `paths`; spreadsheets' lock files do not count."""
    total = hashlib.sha256()
    for path in sorted(path for path in paths if path.is_file() and not path.name.startswith("~$")):
        total.update(path.relative_to(root).as_posix().encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()

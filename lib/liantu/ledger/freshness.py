"""Whether a processed folder is up to date with all that cleaning reads, and how a new one takes its place."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from liantu.tables.store import write_whole

try:
    import fcntl
except ImportError:  # Windows has no flock; msvcrt locks the same byte instead.
    fcntl = None
    import msvcrt

INPUTS = "inputs.json"
_FLOORS = ("ledger", "tables", "chains", "reference")
_LIBRARIES = ("pandas", "pyarrow", "python-calamine", "rapidfuzz")


def known_inputs(processed: Path) -> dict[str, str] | None:
    """The inputs that a processed folder was made from; None when it was never made whole."""
    try:
        return json.loads((processed / INPUTS).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None


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
    """SHA-256 of all that cleaning reads: the raw files, the reference files, the code, and the versions of the libraries."""
    code = Path(__file__).resolve().parents[1]
    sources = (path for floor in _FLOORS for path in (code / floor).rglob("*") if path.suffix in (".py", ".yml"))
    return {
        "raw": _digest(raw, raw.rglob("*")),
        "reference": _digest(reference, reference.rglob("*.yml")),
        "code": _digest(code, sources),
        "libraries": ", ".join(f"{name} {version(name)}" for name in _LIBRARIES),
    }


def _digest(root: Path, paths: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for path in sorted(path for path in paths if path.is_file() and not path.name.startswith("~$")):
        total.update(path.relative_to(root).as_posix().encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Held by one process at a time; the system lets go of it when the process ends, however it ends."""
    with path.open("a+b") as file:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX)
        else:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
        yield

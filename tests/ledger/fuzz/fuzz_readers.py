"""Fuzz the readers of files with atheris: `python tests/ledger/fuzz/fuzz_readers.py [-max_total_time=600] [folders of findings]`.

Options are libFuzzer's. The seeds are read from seeds/ beside this file (never written to); a finding is written to the working folder
as crash-*, and becomes a file or bytes of a test. An abort of the workbook reader, which is no exception, is a finding too.
"""

from __future__ import annotations

import sys
import tempfile
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["liantu.ledger"]):
    from judging import judge, known

SEEDS = Path(__file__).parent / "seeds"
FORMS = known()
PLACE = Path(tempfile.mkdtemp(prefix="liantu-fuzz-")) / "a"


def mutate(content: bytes, max_size: int, seed: int) -> bytes:
    """Damage inside the parts of a zip and not only in their packed bytes, so that the damage is read; other files byte by byte."""
    if content[:2] != b"PK" or seed % 3 == 0:
        return atheris.Mutate(content, max_size)
    try:
        with zipfile.ZipFile(BytesIO(content)) as old:
            parts = [(entry, old.read(entry)) for entry in old.infolist()]
    except (zipfile.BadZipFile, zlib.error, ValueError, EOFError, NotImplementedError, RuntimeError, OSError):
        return atheris.Mutate(content, max_size)
    if not parts:
        return atheris.Mutate(content, max_size)
    chosen, target = seed % len(parts), BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for number, (entry, data) in enumerate(parts):
            new.writestr(entry.filename, atheris.Mutate(data, len(data) + 64) if number == chosen else data)
    return target.getvalue() if len(target.getvalue()) <= max_size else atheris.Mutate(content, max_size)


def one_input(content: bytes) -> None:
    """Judge one file."""
    judge(PLACE, content, FORMS)


def main() -> None:
    """Run until the time or the number of runs that libFuzzer's options give is over."""
    with tempfile.TemporaryDirectory(prefix="liantu-corpus-") as corpus:
        atheris.Setup([*sys.argv, corpus, str(SEEDS)], one_input, custom_mutator=mutate)
        atheris.Fuzz()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main()

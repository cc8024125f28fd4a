"""Tables that take seconds to make, kept in a folder by what they are made of, so that the pages of a report make each once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import BaseModel

from liantu.tables.locks import alone
from liantu.tables.whole_files import write_whole

_KEPT = 12


def made_once(folder: Path, name: str, of: Iterable[object], make: Callable[[], pd.DataFrame], code: Path) -> pd.DataFrame:
    """The table that `make` makes of `of` (tables, arrays, reference entries, numbers, texts) by the modules below the folder `code`.

    It is read from `folder` when it was made before of the very same things by the same code, else made and put there; a second process
    that wants it meanwhile waits. A folder that cannot be written to, or a file that cannot be read, costs time and nothing else.
    """
    path = folder / f"{name}-{_digest([*of, _code(code)])}.parquet"
    if (found := _read(path)) is not None:
        return found
    try:
        with alone(folder / f".{name}.lock"):
            if (found := _read(path)) is not None:
                return found
            made = make()
            _put(path, name, made)
            return made
    except OSError:
        return make()


def _put(path: Path, name: str, made: pd.DataFrame) -> None:
    """Put a table into its file; of earlier ones of the name, of other dates or of what has changed since, only the newest stay."""
    content = BytesIO()
    made.to_parquet(content, compression="zstd")
    write_whole(path, content.getvalue())
    newest = sorted(path.parent.glob(f"{name}-*.parquet"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    for old in newest[_KEPT:]:
        old.unlink(missing_ok=True)


def _read(path: Path) -> pd.DataFrame | None:
    with suppress(OSError, ValueError):
        return pd.read_parquet(path)
    return None


def _digest(things: Iterable[object]) -> str:
    total = hashlib.sha256()
    for thing in things:
        total.update(_bytes(thing) + b"\0")
    return total.hexdigest()[:20]


def _bytes(thing: object) -> bytes:
    if isinstance(thing, pd.DataFrame):
        rows = pd.util.hash_pandas_object(thing, index=True).to_numpy()
        return repr(list(thing.columns)).encode() + rows.tobytes()
    if isinstance(thing, np.ndarray):
        return repr((thing.shape, thing.dtype.str)).encode() + np.ascontiguousarray(thing).tobytes()
    if isinstance(thing, BaseModel):
        return thing.model_dump_json().encode()
    if isinstance(thing, (str, int, float, bytes, bool, type(None))):
        return repr(thing).encode()
    raise TypeError(f"cannot tell whether {type(thing).__name__} is the same as before; give tables, arrays, reference entries or numbers")


@cache
def _code(folder: Path) -> str:
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        total.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()

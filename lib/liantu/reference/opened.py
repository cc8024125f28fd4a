"""What a page opens while it runs, so that a later run can tell whether any of it has changed.

Whoever opens something notes it here; nothing is read or written by this module. Each entry is a mapping of texts: `kind` and `name`, and
where it lies. The kinds:

- `reference`: a file of the city's reference data, by its name relative to the city's folder; a name that ends with `/` is the list of the
  files in that folder (a file added there would be read too).
- `table`: a tidy table: `dataset`, `as_of`, `county` and `chain` (empty: all), and `sent_by` where only what one reporter sent was opened.
- `account`: accounting.json: `dataset`, `as_of`, `county` (what that county sent; empty: all).
- `dataset`: the card of a data set.

What is kept in memory between two openings (`kept`) is let go by `forget`, so that the record of the next page in a process is whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TypeVar

Function = TypeVar("Function", bound=Callable)

_noted: dict[tuple[object, ...], dict[str, str]] = {}
_caches: list[Callable[[], None]] = []


def note(kind: str, name: str, **where: str) -> None:
    """Note that something was opened; what was noted before is not noted again."""
    _noted.setdefault((kind, name, *sorted(where.items())), {"kind": kind, "name": name, **where})


def opened() -> list[dict[str, str]]:
    """All that was opened since the process began, or since `forget`, each once, in order."""
    return [dict(entry) for entry in _noted.values()]


def as_json() -> str:
    """`opened` as a line of JSON."""
    return json.dumps(opened(), ensure_ascii=False)


def forget() -> None:
    """Begin a new record: nothing is noted, and what was kept is opened anew when it is asked for."""
    _noted.clear()
    for clear in _caches:
        clear()


@contextmanager
def apart() -> Iterator[None]:
    """What is opened inside is not the page's (cleaning, which a page may bring about): it is not noted, nor kept for what comes after."""
    noted = dict(_noted)
    try:
        yield
    finally:
        forget()
        _noted.update(noted)


def kept(maxsize: int | None = None) -> Callable[[Function], Function]:
    """As `functools.lru_cache`, for functions that open things: what they keep is let go by `forget`."""
    def decorate(function: Function) -> Function:
        cached = lru_cache(maxsize)(function)
        _caches.append(cached.cache_clear)
        return cached

    return decorate

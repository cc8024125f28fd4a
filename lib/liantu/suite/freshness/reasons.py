"""What changed between the ingredients that a page was made from and those of now, in words; the most specific first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from liantu.suite.freshness.code import Library
from liantu.suite.freshness.environment import INSTALLED, LOCK

_EACH = 4


def changes(before: Mapping[str, Any], now: Mapping[str, Any], library: Library) -> list[str]:
    """Sentences for all that differs; `before` and `now` are as `Judge.seal` makes them."""
    told = [
        *_parameters(before.get("parameters", {}), now["parameters"]),
        *_cells(before.get("notebook", []), now["notebook"]),
        *_code(before.get("code", {}), now["code"], library),
        *_opened(before.get("opened") or [], now["opened"]),
        *_environment(before.get("environment", {}), now["environment"])]
    return list(dict.fromkeys(told))


def opened_name(record: Mapping[str, str]) -> str:
    """An opened thing in words: `projects of 211382 as of 2022-06-30`, `reference targets/2022.yml`."""
    kind, name = record.get("kind", ""), record.get("name", "")
    if kind == "reference":
        return f"the list of files in reference {name}" if name.endswith("/") else f"reference {name}"
    words = [name if kind in ("table", "account") else f"{kind} {name}".strip()]
    words += [f"({record['column']})"] if record.get("column") else []
    words += [f"of {' · '.join(where)}"] if (where := [record[key] for key in ("county", "chain") if record.get(key)]) else []
    words += [f"sent by {record['sent_by']}"] if record.get("sent_by") else []
    words += [f"as of {record['as_of']}"] if record.get("as_of") else []
    return " ".join(words)


def _parameters(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for name in [*now, *before.keys() - now.keys()]:
        if before.get(name) != now.get(name):
            yield f"parameter {name}: {_shown(before.get(name))} -> {_shown(now.get(name))}"


def _shown(value: str | None) -> str:
    return "(not given)" if value is None else repr(value)


def _cells(before: list[list[str]], now: list[list[str]]) -> Iterator[str]:
    """Cells by their number from 1; those that only moved are told as one change of order."""
    if before == now:
        return
    then, here = ({cell: (kind, digest, number) for number, (cell, kind, digest) in enumerate(cells, 1)} for cells in (before, now))
    told = [f"notebook: cell {number} ({kind}) {'changed' if cell in then else 'is new'}"
            for cell, (kind, digest, number) in here.items() if then.get(cell, ("", "", 0))[1] != digest]
    told += [f"notebook: cell {number} ({kind}) of before is gone" for cell, (kind, _, number) in then.items() if cell not in here]
    yield from _cut(told or ["notebook: the order of its cells changed"], "notebook: {} more cells changed")


def _code(before: Mapping[str, str], now: Mapping[str, str], library: Library) -> Iterator[str]:
    for name in now:
        if name in before and before[name] != now[name]:
            yield from _cut(library.changes(name, before[name]), f"{name}: {{}} more definitions changed")
    new, gone = [name for name in now if name not in before], [name for name in before if name not in now]
    yield from _cut([f"{name} is reached now" for name in new], "{} more modules are reached now")
    yield from _cut([f"{name} is not reached any more" for name in gone], "{} more modules are not reached any more")


def _opened(before: list[list[Any]], now: list[list[Any]]) -> Iterator[str]:
    """`now` has the same records as `before`, in the same order; an empty hash is a thing that is not there."""
    for (record, then), (_, here) in zip(before, now, strict=True):
        if then != here:
            yield f"{opened_name(record)} {'is gone' if not here else 'is new' if not then else 'changed'}"


def _environment(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    """Versions as `pandas 3.0.1 -> 3.0.2`; what is known by a hash only has changed, is new or gone."""
    for name in [*now, *before.keys() - now.keys()]:
        then, here = before.get(name), now.get(name)
        if then == here:
            continue
        if name in (LOCK, INSTALLED):
            yield f"environment: {name} {'is new' if then is None else 'is gone' if here is None else 'changed'}"
        else:
            yield f"environment: {name} {then or '(none)'} -> {here or '(none)'}"


def _cut(told: list[str], more: str) -> list[str]:
    return told if len(told) <= _EACH else [*told[:_EACH], more.format(len(told) - _EACH)]

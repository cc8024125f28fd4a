"""Ledger forms as files write them → ledger forms as readers use them: word classes spelt out, families unfolded, extensions joined."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import ValidationError

from liantu.reference.loading import ReferenceFileError, load
from liantu.reference.models import FieldEntry, FieldFamily, FieldSpec, FormFile, LedgerForm, LedgerWords

_CLASS = re.compile(r"<([a-z_]+)>")


def load_forms(paths: Sequence[Path], words: LedgerWords) -> tuple[LedgerForm, ...]:
    """The ledger forms of `paths` in their order; a later file of the same id replaces an earlier one.

    Raises ReferenceFileError with the file, the key and the rule that is broken.
    """
    files = {form.id: (path, form) for path in paths for form in (load(FormFile, path),)}
    return tuple(_unfold(path, form, files, words) for path, form in files.values())


def spell_out(pattern: str, words: LedgerWords) -> str:
    """`pattern` with every word class (`<plan>`) replaced by its words or its expression; an unknown class is a ValueError."""
    def replace(found: re.Match[str]) -> str:
        name = found.group(1)
        if name in words.classes:
            return any_word(words.classes[name])
        if name in words.expressions:
            return f"(?:{spell_out(words.expressions[name], words)})"
        raise ValueError(f"<{name}> is not a word class of ledger_words.yml: {sorted({*words.classes, *words.expressions})}")

    return _CLASS.sub(replace, pattern)


def any_word(words: Iterable[str]) -> str:
    """A regular expression for any of `words`, longest first."""
    return "(?:" + "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word))) + ")"


def _unfold(path: Path, form: FormFile, files: dict[str, tuple[Path, FormFile]], words: LedgerWords) -> LedgerForm:
    try:
        _check_names(form)
        return _build(_joined(form, files), words, str(path))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ReferenceFileError(f"{path}: {key + ': ' if key else ''}{first['msg']}") from None
    except ValueError as error:
        raise ReferenceFileError(f"{path}: {error}") from None


def _check_names(form: FormFile) -> None:
    """No header of a file may name two of its fields."""
    named: dict[str, str] = {}
    for entry in form.fields:
        for name in entry.names:
            if named.setdefault(name, entry.field) != entry.field:
                raise ValueError(f"fields: {named[name]} and {entry.field}: names: {name} cannot name both")


def _joined(form: FormFile, files: dict[str, tuple[Path, FormFile]], seen: tuple[str, ...] = ()) -> FormFile:
    """The form with what it inherits; its own fields and words come first."""
    if form.extends is None:
        return form
    if form.extends not in files or form.extends in (*seen, form.id):
        raise ValueError(f"extends: {form.extends} is not another ledger form: {sorted(files)}")
    base = _joined(files[form.extends][1], files, (*seen, form.id))
    own = {entry.field: entry for entry in form.fields}
    moved = {name: entry.field for entry in form.fields for name in entry.names}
    bases = [_without_names(entry, moved) for entry in base.fields if entry.field not in form.without]
    inherited = [_merged(own.pop(entry.field, None), entry) for entry in bases]
    return base.model_copy(update={
        "id": form.id, "zh": form.zh, "en": form.en, "extends": None, "source": form.source,
        "table": form.table or base.table, "reporter": form.reporter or base.reporter,
        "fields": (*own.values(), *inherited), "families": (*form.families, *base.families),
        "title_words": form.title_words, "any_of": form.any_of or base.any_of, "at_least": form.at_least or base.at_least})


def _without_names(entry: FieldEntry, moved: dict[str, str]) -> FieldEntry:
    """An inherited field without the names that the form gives to another field."""
    kept = tuple(name for name in entry.names if moved.get(name, entry.field) == entry.field)
    return entry if len(kept) == len(entry.names) else entry.model_copy(update={"names": kept})


def _merged(own: FieldEntry | None, base: FieldEntry) -> FieldEntry:
    if own is None:
        return base
    told = {key: value for key, value in own.model_dump().items() if value not in (None, ())}
    lists = {key: (*getattr(own, key), *getattr(base, key)) for key in ("names", "patterns", "fallback")}
    return base.model_copy(update=told | lists)


def _build(form: FormFile, words: LedgerWords, file: str) -> LedgerForm:
    own = {entry.field: entry for entry in form.fields}
    unfolded = [entry for family in form.families for entry in _family(family, words) if entry.field not in form.without]
    entries = own | {entry.field: _merged(own.get(entry.field), entry) for entry in unfolded}
    return LedgerForm(
        id=form.id, zh=form.zh, en=form.en, table=form.table, reporter=form.reporter, title_words=form.title_words, any_of=form.any_of,
        fields=tuple(_spec(entry, words) for entry in entries.values()), at_least=form.at_least or 2, source=form.source,
        file=file)


def _spec(entry: FieldEntry, words: LedgerWords) -> FieldSpec:
    if entry.kind is None or entry.zh is None or entry.en is None:
        raise ValueError(f"field {entry.field}: zh, en and kind must be given")
    told = {key: value for key, value in entry.model_dump().items() if value is not None}
    spelt = {key: tuple(spell_out(pattern, words) for pattern in getattr(entry, key)) for key in ("patterns", "fallback")}
    try:
        return FieldSpec(**told | spelt)
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"field {entry.field}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def _family(family: FieldFamily, words: LedgerWords) -> list[FieldEntry]:
    """One field for each stage or approval; the first word of each is its Chinese name."""
    return [
        FieldEntry(
            field=family.field.replace("{each}", each), kind=family.kind, unit=family.unit, vocabulary=family.vocabulary,
            zh=family.zh.replace("{zh}", said[0]), en=family.en.replace("{en}", each.replace("_", " ")),
            patterns=tuple(pattern.replace("{word}", any_word(said)) for pattern in family.patterns))
        for each, said in getattr(words, family.each).items()]

"""Typed reading of reference files: a bad entry is an error that names the file, the key and the rule."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from liantu.errors import LiantuError
from liantu.reference.folders import reference_name
from liantu.reference.opened import note


class Entry(BaseModel):
    """An immutable piece of reference data; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Named(Entry):
    """An entry that people read, in Chinese and English."""

    zh: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]

    def name(self, lang: str) -> str:
        """The name in `lang` (zh or en)."""
        return self.zh if lang == "zh" else self.en


Model = TypeVar("Model", bound=BaseModel)


class ReferenceFileError(LiantuError):
    """A reference file that cannot be read or that breaks its rules."""


def load(model: type[Model], path: Path) -> Model:
    """Read one YAML file as `model`; a file of a city's reference data is noted as opened.

    Raises ReferenceFileError with the file, the key and the rule that is broken.
    """
    if name := reference_name(path):
        note("reference", name)
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except FileNotFoundError:
        raise ReferenceFileError(f"{path}: the file is missing") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ReferenceFileError(f"{path}: not readable as YAML: {' '.join(str(error).split())}") from None
    try:
        return model.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "(whole file)"
        more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
        raise ReferenceFileError(f"{path}: {key}: {first['msg']}, found {first['input']!r:.80}{more}") from None


def listed(folder: Path, pattern: str = "*.yml") -> list[Path]:
    """The files of a folder by name; the list itself is noted as opened, for a new file would be in it."""
    if name := reference_name(folder):
        note("reference", f"{name}/")
    return sorted(folder.glob(pattern))

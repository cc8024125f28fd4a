"""What a worker on another machine needs to run pages, in one file: the tidy tables, the reference data and the notebooks."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from liantu.reference import city
from liantu.reference.folders import processed_folder, raw_folder
from liantu.suite.matrix import Page

_THEN = (1980, 1, 1, 0, 0, 0)
"""The date of every entry, so that the same content gives the same bytes."""


def bundle(dataset: str, pages: Iterable[Page]) -> bytes:
    """A zip of data/processed/<dataset>, data/reference/<city>, the data set's card and the notebooks of `pages`; the ledgers stay here.

    The same content gives the same bytes.
    """
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        for name, path in sorted(_files(dataset, pages)):
            made.writestr(zipfile.ZipInfo(name, _THEN), path.read_bytes())
    return content.getvalue()


def unpack(content: bytes, folder: Path) -> None:
    """Put a bundle into `folder`: `data/` as `LIANTU_DATA` wants it, and `notebooks/`."""
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        made.extractall(folder)


def _files(dataset: str, pages: Iterable[Page]) -> Iterator[tuple[str, Path]]:
    tables, reference = processed_folder(dataset), city().folder
    for home, name in ((tables, f"data/processed/{dataset}"), (reference, f"data/reference/{reference.name}")):
        for path in home.rglob("*"):
            if path.is_file():
                yield f"{name}/{path.relative_to(home).as_posix()}", path
    card = raw_folder(dataset) / "dataset.yml"
    if card.is_file():
        yield f"data/raw/{dataset}/{card.name}", card
    for notebook in {page.notebook for page in pages}:
        yield f"notebooks/{notebook.name}", notebook

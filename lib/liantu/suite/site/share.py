"""What is handed on of a quarter's report: one zip of its folder, and one HTML file with all pages inside; both open offline."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from liantu.errors import LiantuError
from liantu.suite.site.rendering import INDEX
from liantu.suite.site.single import single_file
from liantu.tables.store import write_whole

_SCRATCH = (".lock", ".part", ".tmp", "~")
_THEN = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Shared:
    """What `share` wrote: the zip, the single file, how many pages the single file holds and which files only the zip has."""

    archive: Path
    single: Path
    pages: int
    left_out: tuple[str, ...]


def share(report: Path, dataset: str, quarter: str, out: Path | None = None) -> Shared:
    """Write `liantu-<dataset>-<quarter>.zip` and `.html` of a report folder into `out` (default: the folder's parent).

    The zip holds the folder without locks, caches and unfinished files; equal folders give equal bytes. The single file is described in
    `liantu.suite.site.single`. Both are written whole. Raises LiantuError when the folder holds no report.
    """
    if not any((report / name).is_file() for name in INDEX.values()):
        raise LiantuError(f"{report}: holds no report to share; make it with `liantu report {quarter} --dataset {dataset}`")
    name, target = f"liantu-{dataset}-{quarter}", out or report.parent
    target.mkdir(parents=True, exist_ok=True)
    held = single_file(report)
    archive, single = target / f"{name}.zip", target / f"{name}.html"
    with _whole(archive) as aside:
        _zip(report, name, aside)
    write_whole(single, held.html)
    return Shared(archive, single, held.pages, held.left_out)


def _zip(report: Path, name: str, target: Path) -> None:
    """The folder as `name/` in one zip: files in order, one time for all, no owner."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in shared_files(report):
            entry = zipfile.ZipInfo(f"{name}/{path.relative_to(report).as_posix()}", _THEN)
            # pictures and workbooks are compressed already
            entry.compress_type = zipfile.ZIP_STORED if path.suffix in (".png", ".xlsx") else zipfile.ZIP_DEFLATED
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            archive.writestr(entry, path.read_bytes())


def shared_files(report: Path) -> list[Path]:
    """The files of a report folder that are for readers, in order: no locks, caches, parts or what a run keeps for itself."""
    def own(path: Path) -> bool:
        return any(part.startswith((".", "__")) or part.endswith(_SCRATCH) for part in path.relative_to(report).parts)

    return sorted((path for path in report.rglob("*") if path.is_file() and not own(path)), key=lambda path: path.as_posix())


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """A file to be written aside, which takes the place of `path` when all went well and is gone otherwise."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    aside = Path(name)
    try:
        yield aside
        aside.chmod(0o644)
        aside.replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            aside.unlink()
        raise

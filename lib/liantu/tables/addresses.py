"""Folders and files at any fsspec address (a path, file://, memory://, s3://), by the few things that cleaning does with them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import fsspec
from fsspec.implementations.local import LocalFileSystem

from liantu.errors import LiantuError


def is_local(address: Path | str) -> bool:
    """Whether an address lies on this machine's own file system; raises LiantuError for an address that no file system here knows."""
    if "://" not in str(address):
        return True
    try:
        return isinstance(fsspec.core.url_to_fs(str(address))[0], LocalFileSystem)
    except (ValueError, ImportError) as error:
        raise LiantuError(f"{address}: cannot be reached from here ({error})") from None


def local_path(address: Path | str) -> Path:
    """The path of a local address (file:///x is /x)."""
    return Path(fsspec.core.url_to_fs(str(address))[1]) if "://" in str(address) else Path(address)


def below(address: Path | str, *names: str) -> str:
    """An address below a folder."""
    return "/".join([str(address).rstrip("/"), *names])


def move(address: Path | str, target: Path | str) -> None:
    """Rename a file, or copy and remove it where the file system cannot rename; what stood at `target` is replaced."""
    system, path = fsspec.core.url_to_fs(str(address))
    system.mv(path, fsspec.core.url_to_fs(str(target))[1])


def size_of(address: Path | str) -> int:
    """Bytes of a file."""
    system, path = fsspec.core.url_to_fs(str(address))
    return int(system.size(path))


def exists(address: Path | str) -> bool:
    """Whether a file is there."""
    system, path = fsspec.core.url_to_fs(str(address))
    return bool(system.exists(path))


def files_below(folder: Path | str) -> dict[str, int]:
    """The files of a folder and its folders, by their name relative to it with `/` between, each with its size."""
    system, path = fsspec.core.url_to_fs(str(folder))
    found = system.find(path, detail=True)
    start = len(path.rstrip("/")) + 1
    return {name[start:]: int(told["size"] or 0) for name, told in sorted(found.items())}


def read_part(address: Path | str, start: int, end: int) -> bytes:
    """The bytes of a file from `start` up to `end`."""
    system, path = fsspec.core.url_to_fs(str(address))
    with system.open(path, "rb", cache_type="none") as file:
        file.seek(start)
        return file.read(end - start)


@contextmanager
def opened(address: Path | str) -> Iterator[IO[bytes]]:
    """A file opened for reading."""
    system, path = fsspec.core.url_to_fs(str(address))
    with system.open(path, "rb") as file:
        yield file


@contextmanager
def written(address: Path | str) -> Iterator[IO[bytes]]:
    """A file opened for writing that appears whole or not at all.

    Where the file system can rename it is written aside and renamed; an object store shows a file only when it is closed.
    """
    system, path = fsspec.core.url_to_fs(str(address))
    if isinstance(system, LocalFileSystem):
        with _aside(Path(path)) as file:
            yield file
        return
    system.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
    file = system.open(path, "wb")
    try:
        yield file
    except BaseException:
        with suppress(AttributeError, NotImplementedError):
            file.discard()
        raise
    file.close()


def remove(folder: Path | str) -> None:
    """Remove a folder with all it holds, when it is there."""
    system, path = fsspec.core.url_to_fs(str(folder))
    with suppress(FileNotFoundError):
        system.rm(path, recursive=True)


@contextmanager
def _aside(path: Path) -> Iterator[IO[bytes]]:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        Path(aside).chmod(0o644)
        Path(aside).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(aside).unlink()
        raise

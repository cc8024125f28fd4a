"""A thousand executed notebooks of real size, and what collecting them into the front page takes."""

from __future__ import annotations

import base64
import json
import random
import resource
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from liantu.reference import city
from liantu.suite.matrix import suite
from liantu.suite.site.collecting import collect, forget
from liantu.suite.site.index import write_index

RUN = {"run_id": "bench", "quarter": "2022Q2"}
_FIGURE, _PAGE = "application/vnd.liantu.figure+json", "application/vnd.liantu.page+json"


@dataclass(frozen=True)
class FrontPageCost:
    """Seconds to collect and to write both front pages, bytes of the larger, and peak memory: allocated by Python, and of the process."""

    pages: int
    notebook_megabytes: float
    collect_seconds: float
    write_seconds: float
    index_bytes: int
    peak_megabytes: float
    process_megabytes: float


def write_pages(out: Path, count: int, picture_bytes: int = 0, rows: int = 40, seed: int = 0) -> None:
    """Write `count` executed notebooks (Chinese, a county and a chain each) with two figures of `picture_bytes` and `rows` rows."""
    chance, out = random.Random(seed), Path(out)
    out.mkdir(parents=True, exist_ok=True)
    pool = base64.b64encode(chance.randbytes(2 * picture_bytes + 4096)).decode() if picture_bytes else ""
    for number, (notebook, county, chain) in zip(range(count), _axes(), strict=False):
        start = chance.randrange(4096)
        picture = pool[start:start + picture_bytes * 4 // 3]
        stem = f"{notebook}.{county}.{chain}.zh"
        (out / f"{stem}.ipynb").write_text(json.dumps(_notebook(stem, county, chain, number, picture, rows), ensure_ascii=False, indent=1))


def measure(out: Path) -> FrontPageCost:
    """What collecting the notebooks of `out` and writing both front pages takes; run it in a process of its own."""
    began = time.perf_counter()
    entries = collect(out)
    collected = time.perf_counter()
    written = write_index(out, entries, suite().kinds, RUN)
    ended = time.perf_counter()
    size = sum(path.stat().st_size for path in out.glob("*.ipynb"))
    return FrontPageCost(len(entries), size / 1e6, collected - began, ended - collected, max(path.stat().st_size for path in written),
                         peak(out) / 1e6, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def peak(out: Path) -> int:
    """Bytes that Python holds at most while it reads the notebooks of `out` anew and writes both front pages."""
    forget()
    tracemalloc.start()
    try:
        write_index(out, collect(out), suite().kinds, RUN)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _axes() -> Iterator[tuple[str, str, str]]:
    place = city()
    for number in range(20, 100):
        for county in place.divisions.counties:
            for chain in place.chains().chains:
                yield f"{number}_many_pages", county.code, chain.id


def _notebook(stem: str, county: str, chain: str, number: int, picture: str, rows: int) -> dict[str, object]:
    figure = {"name": "f", "title": "一季度开工：目标120个，实际97个", "alt": "柱状图", "columns": [{"name": "name"}, {"name": "value"}],
              "rows": [["年产30万吨球墨铸铁管项目", number + row] for row in range(rows)]}
    told = {"quarter": "2022Q2", "county": county, "chain": "", "dataset": "simulated", "lang": "zh", "as_of": "2022-06-30",
            "kind": "simulated"}
    shown = [{_PAGE: told, "text/plain": ""}, *({_FIGURE: figure, "image/png": picture, "text/plain": ""} for _ in range(2))]
    cells = [{"cell_type": "markdown", "metadata": {}, "source": "# 标题"},
             *({"cell_type": "code", "execution_count": 1, "metadata": {}, "source": "x",
                "outputs": [{"output_type": "display_data", "metadata": {}, "data": data}]} for data in shown)]
    stamp = {"id": stem, "notebook": f"{stem.split('.')[0]}.ipynb", "title": "季度节点与产业链", "place": "朝阳市", "kind": "milestone",
             "order": number, "lang": "zh", "county": county, "chain": chain, "state": "done", "seconds": 1.0, "error": None,
             "run_id": "bench", "parameters": {"quarter": "2022Q2"},
             "opened": [{"kind": "reference", "name": f"{row}.yml"} for row in range(rows)]}
    return {"cells": cells, "metadata": {"liantu": stamp}, "nbformat": 4, "nbformat_minor": 5}


if __name__ == "__main__":
    import sys
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        write_pages(Path(folder), int(sys.argv[1]), int(sys.argv[2]))
        print(measure(Path(folder)))

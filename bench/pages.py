"""How long pages take, in one run on one machine: the commands of Jupyter, papermill's API, the floor, and `liantu report`.

`python bench/pages.py` prints one table; `make bench` has it at its end. Nothing here asserts on seconds: targets are printed with reached
or not. All of it works on a copy of data/ with its tables cleaned already, into folders that are gone afterwards.
BENCH_PAGES=24 runs the two slow loops on that many pages, evenly taken (the default; a page takes about 8 s by commands), and scales by the
number of pages, which the table says; BENCH_PAGES=all runs all. BENCH_TURNS=3 is how often the floor, a forced report and an unchanged
report are measured, by turns; ratios are medians over the turns.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from measuring import seconds

from liantu.reference.folders import data_root
from liantu.suite.matrix import Page, pages

QUARTER = "2022Q2"
HERE = Path(__file__).resolve().parent
PROGRAMS = Path(sys.executable).parent
PICTURE_BYTES = 60_000
MANY, FEW = 1000, 250


@dataclass(frozen=True)
class Line:
    """One line of the table: what, what it took, against what, the target and whether it was reached."""

    what: str
    taken: str
    measure: str
    target: str
    reached: bool | None

    def __str__(self) -> str:
        said = {True: "yes", False: "**no**", None: ""}[self.reached]
        return f"| {self.what} | {self.taken} | {self.measure} | {self.target} | {said} |"


def main() -> None:
    """Measure and print the table."""
    with tempfile.TemporaryDirectory(prefix="liantu-bench-") as name:
        folder = Path(name)
        environment = _environment(folder)
        wanted = pages(QUARTER)
        _command(environment, "report", QUARTER, "--only", wanted[0].notebook.stem, "--out", str(folder / "warm-up"))
        print(f"pages: {len(wanted)} of {QUARTER}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before\n")
        print("| what | took | ratio or measure | target | reached |\n|---|---|---|---|---|", flush=True)
        for line in (*_speed(wanted, folder, environment), *_many(folder, environment), _help(environment)):
            print(line, flush=True)


def _speed(wanted: Sequence[Page], folder: Path, environment: dict[str, str]) -> list[Line]:
    """Issue 4's comparison: two loops, the floor, and the report, forced and unchanged."""
    turns, jobs = int(os.environ.get("BENCH_TURNS", "3")), os.cpu_count() or 1
    floors, forced, unchanged = [], [], []
    for turn in range(turns):
        out = str(folder / f"report-{turn}")
        floors.append(_floor(wanted, jobs, environment))
        forced.append(seconds(lambda out=out: _command(environment, "report", QUARTER, "--force", "--out", out)))
        unchanged.append(seconds(lambda out=out: _command(environment, "report", QUARTER, "--out", out)))
    asked = os.environ.get("BENCH_PAGES", "24")
    sample = _sample(wanted, len(wanted) if asked == "all" else int(asked))
    scale = len(wanted) / len(sample)
    said = "" if scale == 1 else f" ({len(sample)} pages measured, scaled to {len(wanted)})"
    by_command = scale * seconds(lambda: _by_commands(sample, folder / "commands", environment))
    by_api = scale * seconds(lambda: _by_api(sample, folder / "api", environment))
    ours, least, still = map(statistics.median, (forced, floors, unchanged))
    over = statistics.median(own / floor for own, floor in zip(forced, floors, strict=True))
    return [
        Line("`liantu report --force`", f"{ours:.1f} s", f"{ours / len(wanted):.2f} s a page", "", None),
        _faster(f"`papermill`, `jupyter nbconvert` in a loop{said}", by_command, forced, 10),
        _faster(f"papermill's API and the exporter in one process{said}", by_api, forced, 5),
        Line("the floor: the cells in forked processes", f"{least:.1f} s", f"ours is {over:.2f} times it", "≤ 2", over <= 2),
        Line("`liantu report`, nothing changed", f"{still:.2f} s", "", "≤ 1.5 s", still <= 1.5)]


def _faster(what: str, taken: float, ours: Sequence[float], target: float) -> Line:
    ratio = statistics.median(taken / own for own in ours)
    return Line(what, f"{taken:.1f} s", f"{ratio:.1f} times ours", f"≥ {target:g}", ratio >= target)


def _many(folder: Path, environment: dict[str, str]) -> list[Line]:
    """Front pages of few and of many pages, each in a process of its own: seconds, size, memory."""
    few, many = (_front_page(folder, count, environment) for count in (FEW, MANY))
    taken, size, memory = many["collect_seconds"] + many["write_seconds"], many["index_bytes"] / 1e6, many["process_megabytes"]
    more, read = memory / few["process_megabytes"], many["notebook_megabytes"]
    return [
        Line(f"front page of {MANY:,} pages ({read:.0f} MB of notebooks)", f"{taken:.1f} s", "", "≤ 10 s", taken <= 10),
        Line("its size", "", f"{size:.2f} MB", "≤ 1 MB", size <= 1),
        Line(f"its memory, {MANY:,} pages against {FEW}", f"{memory:.0f} MB", f"{more:.2f} times", "flat (≤ 1.2)", more <= 1.2)]


def _front_page(folder: Path, count: int, environment: dict[str, str]) -> dict[str, float]:
    script = ("import dataclasses, json, many_pages, sys; from pathlib import Path; out = Path(sys.argv[1]); "
              "print(json.dumps(dataclasses.asdict(many_pages.measure(out))))")
    out = folder / f"many-{count}"
    write = "import many_pages, sys; many_pages.write_pages(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))"
    _run([sys.executable, "-c", write, str(out), str(count), str(PICTURE_BYTES)], environment)
    told = _run([sys.executable, "-c", script, str(out)], environment)
    shutil.rmtree(out)
    return json.loads(told.splitlines()[-1])


def _help(environment: dict[str, str]) -> Line:
    taken = statistics.median(seconds(lambda: _command(environment, "--help")) for _ in range(7))
    return Line("`liantu --help`", f"{taken:.2f} s", "", "≤ 0.3 s", taken <= 0.3)


def _by_commands(wanted: Sequence[Page], out: Path, environment: dict[str, str]) -> None:
    """What one would type: papermill, then nbconvert, for each page."""
    out.mkdir()
    for page in wanted:
        made = str(out / f"{page.id}.ipynb")
        given = ["--no-progress-bar", "--cwd", str(page.notebook.parent)]
        given += [word for name, value in page.parameters.items() for word in ("-p", name, value)]
        _run([str(PROGRAMS / "papermill"), str(page.notebook), made, *given], environment)
        _run([str(PROGRAMS / "jupyter"), "nbconvert", "--to", "liantu", made], environment)


def _by_api(wanted: Sequence[Page], out: Path, environment: dict[str, str]) -> None:
    """The same in one process: papermill's API in series, then the exporter, made once."""
    out.mkdir()
    told = "\n".join(json.dumps({"id": page.id, "notebook": str(page.notebook), "parameters": dict(page.parameters)}) for page in wanted)
    _run([sys.executable, str(HERE / "series.py"), str(out)], environment, told)


def _floor(wanted: Sequence[Page], jobs: int, environment: dict[str, str]) -> float:
    told = "\n".join(json.dumps({"notebook": str(page.notebook), "parameters": dict(page.parameters)}) for page in wanted)
    answer = json.loads(_run([sys.executable, str(HERE / "floor.py"), str(jobs)], environment, told).splitlines()[-1])
    if answer["failed"]:
        raise RuntimeError(f"{answer['failed']} pages of the floor failed; its time says nothing")
    return answer["seconds"]


def _sample(wanted: Sequence[Page], count: int) -> list[Page]:
    """`count` pages, evenly taken from first to last."""
    kept = min(max(1, count), len(wanted))
    return [wanted[(2 * number + 1) * len(wanted) // (2 * kept)] for number in range(kept)]


def _command(environment: dict[str, str], *words: str) -> str:
    return _run([str(PROGRAMS / "liantu"), *words], environment)


def _run(command: Sequence[str], environment: dict[str, str], given: str = "") -> str:
    done = subprocess.run(command, env=environment, input=given, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:4])} … ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return done.stdout


def _environment(folder: Path) -> dict[str, str]:
    """Data and reports of the bench's own; as many threads for arithmetic as a reader's shell gives."""
    shutil.copytree(data_root(), folder / "data")
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "LIANTU_DATA": str(folder / "data"), "LIANTU_REPORTS": str(folder / "reports"), "PYTHONPATH": str(HERE)}


if __name__ == "__main__":
    main()

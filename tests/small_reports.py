"""The report that many tests look at: 2022Q2 on a tenth of the data, made by the command itself, once for all workers of pytest."""

import os
import subprocess
import sys
import time
from pathlib import Path

from liantu.suite.matrix import Page, pages, suite

ROOT = Path(__file__).parents[1]
QUARTER = "2022Q2"
PLACES = ("朝阳市", "211382")
"""The city itself and one county."""
CHAINS = ("steel", "bentonite")
"""Two of the 17 chains have their pages, of the city and of the county: of each chain the same code makes its page."""
_CHAIN_PAGES = "21_chain_profile"
_PATIENCE = 900  # seconds that a worker waits for another one's report


def small_pages() -> list[Page]:
    """The pages that the report holds."""
    others = [entry.stem for entry in suite().notebooks if entry.stem != _CHAIN_PAGES]
    return pages(QUARTER, counties=PLACES, only=others) + pages(QUARTER, counties=PLACES, chains=CHAINS)


def make_once(root: Path) -> Path:
    """The report's folder below `root`, which is made by whoever comes first; the others wait."""
    ended = root / "ended"
    try:
        root.mkdir()
    except FileExistsError:
        _wait_for(ended)
    else:
        try:
            _make(root)
        finally:
            ended.touch()
    printed = (root / "printed.txt").read_text(encoding="utf-8") if (root / "printed.txt").is_file() else "nothing was run"
    report = root / "reports" / "simulated" / QUARTER
    assert (report / "index.html").is_file(), printed
    return report


def _make(root: Path) -> None:
    from liantu.simulation import simulate

    simulate(root / "data" / "raw" / "simulated", seed=11, scale=0.1)
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env |= {"LIANTU_DATA": str(root / "data"), "LIANTU_REPORTS": str(root / "reports")}
    places = [word for place in PLACES for word in ("--county", place)]
    others = [word for entry in suite().notebooks if entry.stem != _CHAIN_PAGES for word in ("--only", entry.stem)]
    printed = ""
    for narrowed in (others, [word for chain in CHAINS for word in ("--chain", chain)]):
        command = [sys.executable, "-m", "liantu", "report", QUARTER, "--jobs", "2", *places, *narrowed]
        done = subprocess.run(command, cwd=ROOT, env=env, check=False, capture_output=True, text=True, encoding="utf-8")
        printed += f"{done.stderr}{done.stdout}exit code {done.returncode}\n"
    (root / "printed.txt").write_text(printed, encoding="utf-8")


def _wait_for(ended: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while not ended.exists():
        assert time.monotonic() < until, f"another worker did not finish {ended.parent}"
        time.sleep(0.2)

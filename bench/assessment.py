"""What assessment takes: all its pages of a quarter after the other pages were made, and 10,000 weightings against a peer.

`python bench/assessment.py` prints a table; `bench/run.py` runs it last. The peer ranks each weighting by scipy, one after the other.
Seconds without a peer stand beside the bound that was set for them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import rankdata

sys.path.insert(0, str(Path(__file__).resolve().parent))
from measuring import seconds

from liantu.assess.ranking import weight_sensitivity
from liantu.simulation import simulate
from liantu.suite.matrix import suite

QUARTER = "2022Q2"
DRAWS, UNITS, PARTS = 10_000, 20, 9


def weightings() -> tuple[float, float]:
    """Seconds of 10,000 weightings of 20 units, and of the same ranks one weighting at a time."""
    rng = np.random.default_rng(0)
    points = pd.DataFrame(rng.random((UNITS, PARTS)), columns=[f"part{n}" for n in range(PARTS)])
    weights = pd.Series(rng.dirichlet(np.ones(PARTS)) * 100, index=points.columns)

    def one_by_one() -> None:
        for drawn in rng.dirichlet(50 * weights / weights.sum(), DRAWS):
            rankdata(-points.to_numpy() @ drawn)

    return seconds(lambda: weight_sensitivity(points, weights, DRAWS)), seconds(one_by_one)


def pages(folder: Path) -> tuple[int, float, int, float]:
    """How many other pages and assessment pages a quarter has, and the seconds of running each, the others first, two at a time."""
    simulate(folder / "data" / "raw" / "simulated", seed=5)
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env |= {"LIANTU_DATA": str(folder / "data"), "LIANTU_REPORTS": str(folder / "reports")}
    told: list[float] = []
    for assessed in (False, True):
        only = [word for entry in suite().notebooks if (entry.kind == "assessment") is assessed for word in ("--only", entry.stem)]
        subprocess.run([sys.executable, "-m", "liantu", "report", QUARTER, "--jobs", "2", *only], env=env, check=True, capture_output=True)
        run = json.loads((folder / "reports" / "simulated" / QUARTER / "run.json").read_text(encoding="utf-8"))
        told += [sum((page["id"].split(".")[0] in only) for page in run["pages"]), run["wall_seconds"]["run"]]
    return int(told[0]), told[1], int(told[2]), told[3]


def main() -> None:
    """Print the table."""
    print("| what | of | seconds | beside |\n|---|---|---|---|")
    mine, peer = weightings()
    beside = f"{peer:.2f} (ratio {mine / peer:.2f}), bound 2"
    print(f"| {DRAWS:,} weightings of {UNITS} units / one by one | {PARTS} parts | {mine:.3f} | {beside} |")
    with tempfile.TemporaryDirectory(prefix="liantu-bench-") as name:
        others, before, assessed, after = pages(Path(name))
    print(f"| all assessment pages of a quarter | {assessed} | {after:.1f} | bound 20; the {others} others {before:.1f} |", flush=True)


if __name__ == "__main__":
    main()

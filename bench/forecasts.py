"""What forecasts take on one core: every stage with 2,000 draws, the back-test over four snapshots, and the hazard against a peer.

`python bench/forecasts.py` prints a table; `bench/run.py` runs it after the chains. The peer is statsmodels' own GLM on the same rows and
columns, without priors. Seconds without a peer stand beside the bound that was set for them.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pandas as pd
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).resolve().parent))
from measuring import seconds

from liantu.ledger import clean
from liantu.progress.forecasting import forecast_counts, simulate_ends
from liantu.progress.forecasting.backtests import backtest
from liantu.progress.forecasting.covariates import design, layout
from liantu.progress.forecasting.hazard import fit_hazard
from liantu.progress.forecasting.intervals import past
from liantu.progress.forecasting.reading import Known, day_number, known
from liantu.progress.forecasting.seasons import seasons
from liantu.progress.phases_of import phases_of
from liantu.simulation import simulate
from liantu.tables.fold import fold
from liantu.tables.store import read_table

DRAWS = 2000


def snapshots(folder: Path) -> dict[pd.Timestamp, pd.DataFrame]:
    """The phases of a simulated city of ordinary size as known at each snapshot, oldest first."""
    simulate(folder / "raw", seed=5)
    clean(folder / "raw", folder / "tables")
    told = read_table("observations", folder / "tables")
    return {day: phases_of(fold(told, day) | {"observations": told[told["snapshot"] <= day]}, day)
            for day in sorted(told["snapshot"].unique())}


def hazards(tables: list[Known]) -> tuple[int, float, float]:
    """Rows, and seconds of the hazard with its priors and of statsmodels' GLM without, on the same columns."""
    import numpy as np
    from statsmodels.genmod.families import Binomial, links
    from statsmodels.genmod.generalized_linear_model import GLM

    learnt, now = past(tables), tables[-1]
    shape = layout(now, sorted(set().union(*(table.rows["stage"].unique() for table in tables))), plans=True)
    season = seasons(now, learnt.delays)
    columns = np.concatenate([design(part.rows, part.start, part.end, shape, season)[0] for part in learnt.intervals])
    ended = np.concatenate([part.ended for part in learnt.intervals]).astype(float)
    offset = np.concatenate([np.full(len(part.ended), np.log(part.end - part.start)) for part in learnt.intervals])
    centre = np.zeros(shape.width)
    centre[0] = np.log(ended.sum() / np.exp(offset).sum())
    mine = seconds(lambda: fit_hazard(columns, ended, offset, centre, shape.spread))
    peer = seconds(lambda: GLM(ended, columns, family=Binomial(links.CLogLog()), offset=offset).fit(maxiter=40, start_params=centre))
    return len(ended), mine, peer


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="liantu-bench-") as name, threadpool_limits(1):
        by_day = snapshots(Path(name))
        days = list(by_day)
        middle, last = days[2], days[-1]
        year_end = pd.Timestamp(last.year, 12, 31)
        earlier = {day: by_day[day] for day in days[:2]}
        tables = [known(by_day[day], day_number(day)) for day in days]
        rows, mine, peer = hazards(tables)
        print("| what | phases | seconds | beside |\n|---|---|---|---|")
        print(f"| hazard with priors / statsmodels' GLM without | {rows:,} | {mine:.2f} | {peer:.2f} (ratio {mine / peer:.2f}) |")
        ends = seconds(lambda: simulate_ends(by_day[middle], earlier, middle, year_end, DRAWS, 0))
        print(f"| ends of all stages and counties to the year's end, {DRAWS:,} draws | {len(by_day[middle]):,} | {ends:.1f} | bound 10 |")
        tried = seconds(lambda: backtest(tables, DRAWS))
        print(f"| back-test over {len(tables) - 1} snapshots, {DRAWS:,} draws | {len(by_day[last]):,} | {tried:.1f} | bound 60 |")
        history = {day: by_day[day] for day in days[:-1]}
        whole = seconds(lambda: forecast_counts(by_day[last], last, last + pd.DateOffset(months=6), DRAWS, 0, history))
        print(f"| forecast_counts with its back-test | {len(by_day[last]):,} | {whole:.1f} | |", flush=True)


if __name__ == "__main__":
    main()

"""How good the forecasts of newly reported stage ends are, over many simulated years: `python tools/score_forecasts.py`.

For each seed the ledgers' story is told without files, and at every snapshot what was reported by then (never the truth) is forecast to the
next quarter's end and to the year's end. Prints Markdown: coverage of the 50 % and 90 % bands and CRPS by method, and the headline's gain
over the best of plan, flow and naive Kaplan-Meier. With --strange, made-up programmes quite unlike the simulation instead.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pandas as pd
from strange_programmes import KINDS, programme

from liantu.progress.forecasting.backtests import ALL, truths
from liantu.progress.forecasting.forecasts import forecasts
from liantu.progress.forecasting.reading import known
from liantu.progress.forecasting.scoring import crps, inside, wilson
from liantu.simulation.reporting import ENDS
from liantu.simulation.run import imagine

FLOW = ("signed", "approved", "started", "completed", "producing", "at_capacity")
DATES = ["start", "planned_end", "actual_end", "first_reported"]
BEST_OF = ("plan", "flow", "kaplan_meier")
Table = dict[pd.Timestamp, pd.DataFrame]


def tables_of(seed: int, scale: float) -> Table:
    """What the ledgers of a simulated year say at each snapshot, as tables of phases; reported facts only."""
    told = imagine(seed, scale)
    first: dict[tuple[str, str], object] = {}
    last: dict[str, object] = {}
    result = {}
    for number, end in enumerate(ENDS):
        rows: list[tuple[object, ...]] = []
        for project in told.projects:
            report = told.stories[project.id].reports[number]
            if report is not None:
                last[project.id] = report
                for stage in report.actual:
                    first.setdefault((project.id, stage), end)
            if project.id in last:
                rows += _rows(project.id, last[project.id], first)
        table = pd.DataFrame(rows, columns=["project", "stage", *DATES, "county", "size_wan", "construction"])
        for column in DATES:
            table[column] = pd.to_datetime(table[column])
        result[pd.Timestamp(end)] = table
    return result


def _rows(project: str, report: object, first: dict[tuple[str, str], object]) -> list[tuple[object, ...]]:
    """One row for each stage reached or ahead; stages passed without a report are left out, and the ended have none ahead."""
    about = (report.project.county, report.total, report.construction)
    reached = [number for number, stage in enumerate(FLOW) if stage in report.actual]
    at, begun, rows = max(reached, default=-1), None, []
    for number, stage in enumerate(FLOW):
        planned = report.planned.get(stage)
        if number in reached:
            rows.append((project, stage, begun, planned, report.actual[stage], first[project, stage], *about))
            begun = report.actual[stage]
        elif number > at and "terminated" not in report.actual:
            rows.append((project, stage, begun if number == at + 1 else None, planned, None, None, *about))
    return rows


def score(tables: Table, draws: int, seed: int, origins: Sequence[int]) -> pd.DataFrame:
    """origin, horizon (next, last), stage, method, truth, mean, crps, cover50, cover90 of forecasts made at each of `origins`."""
    days = sorted(tables)
    seen = [known(tables[day], float((day - pd.Timestamp(0)).days)) for day in days]
    parts = []
    for number in origins:
        targets = sorted({number + 1, len(days) - 1})
        made = forecasts(seen[: number + 1], [seen[target].day for target in targets], draws, seed)
        for target, forecast in zip(targets, made, strict=True):
            stages = list(forecast.draws["headline"].columns)
            truth = truths(seen[number : target + 1], stages)[-1]
            truth = np.append(truth, truth.sum())
            for method, frame in forecast.draws.items():
                whole = np.column_stack([frame.to_numpy(), frame.to_numpy().sum(axis=1)]).T
                parts.append(pd.DataFrame({
                    "origin": number, "horizon": "next" if target == number + 1 else "last", "stage": [*stages, ALL], "method": method,
                    "truth": truth, "mean": whole.mean(axis=1), "crps": crps(whole, truth), "cover50": inside(whole, truth, 0.5),
                    "cover90": inside(whole, truth, 0.9), "chosen": forecast.pool.chosen, "widen": forecast.pool.widen,
                }))  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _one(order: tuple[str, int, float, int]) -> pd.DataFrame:
    kind, seed, scale, draws = order
    tables = tables_of(seed, scale) if kind == "simulated" else programme(kind, seed, scale)
    return score(tables, draws, seed, range(len(tables) - 1)).assign(seed=seed, kind=kind)


def _share(values: pd.Series) -> str:
    return f"{100 * values.mean():.1f}"


def summary(rows: pd.DataFrame, by: Sequence[str]) -> str:
    """A Markdown table by method and `by`: n, CRPS, coverage."""
    table = rows.groupby([*by, "method"], sort=True).agg(
        n=("crps", "size"), truth=("truth", "mean"), mean=("mean", "mean"), crps=("crps", "mean"), cover50=("cover50", _share),
        cover90=("cover90", _share),
    )
    return _markdown(table.round(2).reset_index())


def _markdown(table: pd.DataFrame) -> str:
    lines = [[str(column) for column in table.columns], ["---"] * table.shape[1], *table.astype("str").to_numpy().tolist()]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def verdict(rows: pd.DataFrame) -> str:
    """One line: coverage of the headline with Wilson's interval, and CRPS against the best of plan, flow and naive Kaplan-Meier."""
    stages = rows[rows["stage"] != ALL]
    mean = stages.groupby("method")["crps"].mean()
    mine = stages[stages["method"] == "headline"]
    best = mean[list(BEST_OF)].idxmin()
    low, high = wilson(mine["cover90"].sum(), len(mine))
    cases = len(mine.drop_duplicates(["kind", "seed", "origin"]))
    return (
        f"Over {cases} seeds x snapshots ({len(mine)} forecasts of one stage) the headline's 90 % bands hold the outcome in "
        f"{100 * mine['cover90'].mean():.1f} % (Wilson {100 * low:.1f} to {100 * high:.1f}), "
        f"50 % bands in {100 * mine['cover50'].mean():.1f} %; "
        f"CRPS {mean['headline']:.2f} against {mean[best]:.2f} of {best}, the best of {', '.join(BEST_OF)}: "
        f"{100 * (1 - mean['headline'] / mean[best]):.1f} % lower (model alone {100 * (1 - mean['model'] / mean[best]):.1f} %)."
    )


def main() -> None:
    """Score and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=3001, help="first seed (development looked at those below 2100)")
    parser.add_argument("--seeds", type=int, default=60)
    parser.add_argument("--scale", type=float, default=0.3, help="size of the city")
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--strange", action="store_true", help="made-up programmes instead of the simulation")
    parser.add_argument("--out", help="write every score to this CSV too")
    args = parser.parse_args()
    kinds = KINDS if args.strange else ("simulated",)
    orders = [(kind, seed, args.scale, args.draws) for kind in kinds for seed in range(args.first, args.first + args.seeds)]
    with ProcessPoolExecutor(args.jobs) as workers:
        rows = pd.concat(workers.map(_one, orders), ignore_index=True)
    if args.out:
        rows.to_csv(args.out, index=False)
    for kind, part in rows.groupby("kind", sort=False):
        print(f"\n## {kind}\n\n{verdict(part)}\n\n{summary(part[part['stage'] != ALL], [])}\n\nBy origin and horizon:\n")
        print(summary(part[(part["stage"] != ALL) & (part["method"].isin(["headline", "model", "flow"]))], ["origin", "horizon"]))
        print(f"\nBy stage (headline):\n\n{summary(part[part['method'] == 'headline'], ['stage'])}")


if __name__ == "__main__":
    main()

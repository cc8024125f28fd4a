"""How well names are placed: `python tools/measure_placement.py [--picture DIR]`; prints Markdown tables for docs/methods/chains.md.

Sets of names labelled by hand lie in tests/chains. A name may have more than one accepted label; `none` is on no chain, a chain alone is
accepted where its link stays empty. With --picture also writes the reliability plot (zh and en) into a folder.
"""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path

import pandas as pd

from liantu.chains import place
from liantu.chains.placing.calibration import reliability
from liantu.reference import city
from liantu.tables import write_whole

FOLDER = Path(__file__).parents[1] / "tests" / "chains"
NONE = "none"


def labelled_sets() -> dict[str, pd.DataFrame]:
    """The sets: name, company, labels and, for the public record, stated and doubtful."""
    names = pd.read_csv(FOLDER / "labelled_names.csv", dtype="str", keep_default_na=False)
    names["labels"] = names["labels"].replace("", NONE)
    public = pd.read_csv(FOLDER / "public_names.csv", dtype="str", keep_default_na=False)
    fresh = pd.read_csv(FOLDER / "fresh_names.csv", dtype="str", keep_default_na=False)
    return {
        "development": names[names["set"].eq("development")], "held out": names[names["set"].eq("held_out")], "fresh": fresh,
        "public record, certain": public[public["doubtful"].eq("")], "public record, all": public}


def judged(names: pd.DataFrame) -> pd.DataFrame:
    """Each name with `on` (lies on a chain), `said`, `placed`, `linked`, `chain_right`, `link_right`, `confidence`."""
    chains = city().chains()
    placed = place(names[[column for column in ("name", "company", "chain", "category") if column in names]], chains)
    ids = {chain.zh: chain.id for chain in chains.chains}
    chain, link = placed["chain"].map(ids).fillna(""), placed["link"].fillna("")
    labels = [told.split("|") for told in names["labels"]]
    rows = list(zip(chain, link, labels, strict=True))
    return names.assign(
        said=[f"{chain}/{link}" if link else chain for chain, link, _ in rows], confidence=placed["link_confidence"],
        on=[told[0] != NONE for told in labels], placed=chain.ne(""), linked=link.ne(""),
        chain_right=[bool(chain) and chain in {label.split("/")[0] for label in told} for chain, _, told in rows],
        link_right=[f"{chain}/{link}" in told or bool(chain and chain in told) for chain, link, told in rows])


def measures(rows: pd.DataFrame) -> list[str]:
    """The cells of one line of the table, behind the name of the set."""
    on, off = rows[rows["on"]], rows[~rows["on"]]
    linked = rows[rows["linked"]]
    brier = ((linked["confidence"] - linked["link_right"].astype(float)) ** 2).mean()
    return [
        str(len(on)), f"{on['chain_right'].mean():.0%}", f"{on['link_right'].mean():.0%}", f"{(~on['placed']).mean():.0%}",
        f"{(on['placed'] & ~on['chain_right']).mean():.0%}", f"{int((~linked['link_right']).sum())} of {len(linked)}",
        f"{int((~off['placed']).sum())} of {len(off)}", f"{brier:.3f}"]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--picture", type=Path)
    parser.add_argument("--wrong", action="store_true", help="also list the names that are placed wrongly or not at all")
    options = parser.parse_args()
    print("| set | names on a chain | chain right | link right | unplaced | wrong chain | wrong links | outside left alone | Brier |")
    print("|---|---|---|---|---|---|---|---|---|")
    sets = {name: judged(names) for name, names in labelled_sets().items()}
    for name, rows in sets.items():
        print(f"| {name} | {' | '.join(measures(rows))} |")
    seen = pd.concat([sets[name] for name in ("held out", "fresh", "public record, all")], ignore_index=True)
    linked = seen[seen["linked"]]
    table = reliability(linked["confidence"], linked["link_right"])
    print(f"\nBrier {table.attrs['brier']:.3f}, expected calibration error {table.attrs['error']:.3f}, {len(linked)} links\n")
    print("| confidence | links | mean | right |\n|---|---|---|---|")
    for row in table.itertuples():
        print(f"| {row.lower:.1f} to {row.upper:.1f} | {row.count} | {row.confidence:.2f} | {row.right:.2f} |")
    if options.wrong:
        print(seen.loc[~seen["link_right"], ["name", "company", "labels", "said", "confidence"]].to_string())
    if options.picture:
        from liantu.figures.placement_chart import reliability_chart

        for lang in ("zh", "en"):
            picture = reliability_chart(linked["confidence"], linked["link_right"], lang, dt.date(2026, 11, 23), "tests/chains")
            write_whole(options.picture / f"placement_{lang}.png", picture.png)


if __name__ == "__main__":
    main()

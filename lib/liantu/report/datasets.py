"""What a data set says of itself: `dataset.yml` beside its snapshots."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from liantu.reference.folders import processed_folder, raw_folder
from liantu.reference.loading import Named, load
from liantu.reference.opened import kept, note
from liantu.tables.vouched import CARD, vouched


class DatasetCard(Named):
    """dataset.yml: the name on the badge, the kind, and what not to conclude."""

    kind: Literal["simulated", "public", "ledgers"]
    caveat_zh: str
    caveat_en: str

    def caveat(self, lang: str) -> str:
        """What not to conclude, in `lang`."""
        return self.caveat_zh if lang == "zh" else self.caveat_en


def dataset_card(dataset: str) -> DatasetCard:
    """The card of a data set; ledgers without one are taken as real ledgers under the folder's name. It is noted as opened.

    Where the environment vouches for the tables, the card that lies beside them is read.
    """
    note("dataset", dataset)
    return _card(dataset, card_path(dataset))


def card_path(dataset: str) -> Path:
    """Where the card of a data set lies, if it has one."""
    return (raw_folder(dataset) if vouched(dataset) is None else processed_folder(dataset)) / CARD


@kept()
def _card(dataset: str, path: Path) -> DatasetCard:
    if path.exists():
        return load(DatasetCard, path)
    return DatasetCard(zh=dataset, en=dataset, kind="ledgers", caveat_zh="结论取决于各单位上报的台账。",
                       caveat_en="The conclusions are as good as the ledgers that were sent.")

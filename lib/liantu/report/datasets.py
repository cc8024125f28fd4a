"""What a data set says of itself: `dataset.yml` beside its snapshots."""

from __future__ import annotations

from typing import Literal

from liantu.reference.folders import raw_folder
from liantu.reference.loading import Named, load


class DatasetCard(Named):
    """dataset.yml: the name on the badge, the kind, and what not to conclude."""

    kind: Literal["simulated", "public", "ledgers"]
    caveat_zh: str
    caveat_en: str

    def caveat(self, lang: str) -> str:
        """What not to conclude, in `lang`."""
        return self.caveat_zh if lang == "zh" else self.caveat_en


def dataset_card(dataset: str) -> DatasetCard:
    """The card of a data set; ledgers without one are taken as real ledgers under the folder's name."""
    path = raw_folder(dataset) / "dataset.yml"
    if path.exists():
        return load(DatasetCard, path)
    return DatasetCard(zh=dataset, en=dataset, kind="ledgers", caveat_zh="结论取决于各单位上报的台账。",
                       caveat_en="The conclusions are as good as the ledgers that were sent.")

"""Which indicators the city knows: the ids listed in its indicators.yml."""

from __future__ import annotations

import yaml

from liantu.reference import City, city
from liantu.reference.loading import ReferenceFileError
from liantu.reference.opened import kept, note

FILE = "indicators.yml"


@kept()
def known_indicators(of: City | None = None) -> frozenset[str]:
    """The ids of all indicators of a city (by default the one that is shipped); none where it has no indicators.yml.

    Raises ReferenceFileError when the file is no list of entries with an id.
    """
    path = (of or city()).folder / FILE
    note("reference", FILE)
    if not path.exists():
        return frozenset()
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        return frozenset(str(entry["id"]) for entry in content["indicators"])
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise ReferenceFileError(f"{path}: indicators: not a list of entries with an id ({' '.join(str(error).split())})") from None

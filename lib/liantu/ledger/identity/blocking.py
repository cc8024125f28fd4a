"""Which mentions are worth holding against each other: those that share a rare key, within a budget of pairs for each.

Numbers of pairs, time and memory grow with the mentions. The keys are pairs of characters of the names and the companies, within a
county; national codes and whole names with their company also over counties. Budget and bounds: identity.yml, `blocking`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from liantu.ledger.identity.names import Names

_CHARACTER = 1 << 21
"""One more than any character's number."""
_MASK_BITS = 62


def standing(rows: pd.DataFrame, side_by_side: int) -> pd.DataFrame:
    """The mentions that may be one project with another mention, with `mask`: the large ledgers that hold them, as bits.

    Two mentions of one ledger and snapshot never are one project. In ledgers of more than `side_by_side` rows they are not even looked
    at; a mention that stands in a large ledger beside every other mention is left out.
    """
    held = rows[["mention", "ledger"]].drop_duplicates()
    sizes = rows.groupby("ledger").size().sort_values(ascending=False, kind="stable")
    large = sizes[sizes > side_by_side].index[:_MASK_BITS]
    bits = pd.Series(np.int64(1) << np.arange(len(large), dtype="int64"), index=large)
    mask = held["ledger"].map(bits).fillna(0).astype("int64").groupby(held["mention"]).sum()
    known = mask.unique()
    # A mention in no large ledger may meet any other; one in a large ledger needs somebody who is in none of its large ledgers.
    alone = [one for one in known if one and not any((one & other) == 0 for other in known)]
    return mask[~mask.isin(alone)].rename("mask").to_frame()


def candidate_pairs(mentions: pd.DataFrame, names: Names) -> Iterator[pd.DataFrame]:
    """Pairs of mentions worth a closer look, in chunks: columns `one` and `other` (one < other); a pair may come in two chunks.

    `mentions` (indexed by number) has county, whole, owner, core, code and mask. The pairs share a key that is not common; each mention
    takes its keys from the rarest on while its pairs stay within the budget.
    """
    blocking = names.rules.blocking
    keys = _keys(mentions, names)
    if keys.empty:
        return
    mask = mentions["mask"].to_numpy()
    keys = keys.assign(mask=mask[keys["at"]]).sort_values(["key", "mask", "at"], ignore_index=True)
    keys["first"] = _starts(keys["key"])
    keys["size"] = keys.groupby("key")["at"].transform("size")
    # Members of the same large ledgers stand next to each other within the block and are passed over together.
    own = keys["key"].ne(keys["key"].shift()) | keys["mask"].ne(keys["mask"].shift())
    keys["own_first"] = np.flatnonzero(own)[own.cumsum() - 1]
    keys["own_size"] = keys.groupby(own.cumsum())["at"].transform("size")
    open_one = keys["mask"].eq(0)
    keys["own_first"] = keys["own_first"].mask(open_one, keys.index)
    keys["own_size"] = keys["own_size"].mask(open_one, 1)
    keys["partners"] = keys["size"] - keys["own_size"]
    kept = keys[keys["partners"].gt(0)].sort_values(["at", "partners", "key"])
    kept = kept[kept.groupby("at")["partners"].cumsum() <= blocking.pairs_each]
    chunk = kept["partners"].cumsum() // blocking.chunk
    members = keys["at"].to_numpy()
    for _, part in kept.groupby(chunk.to_numpy()):
        pairs = _pairs(part, members)
        pairs = pairs[(mask[pairs[:, 0]] & mask[pairs[:, 1]]) == 0]
        yield pd.DataFrame(mentions.index.to_numpy()[pairs], columns=["one", "other"])


def _pairs(kept: pd.DataFrame, members: np.ndarray) -> np.ndarray:
    """Each kept key's mention with every other member of its block, as distinct pairs of places."""
    repeats = kept["partners"].to_numpy()
    step = np.arange(repeats.sum()) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    at = np.repeat(kept["first"].to_numpy(), repeats) + step
    own, size = (np.repeat(kept[name].to_numpy(), repeats) for name in ("own_first", "own_size"))
    at = at + np.where(at >= own, size, 0)
    one, other = np.repeat(kept["at"].to_numpy(), repeats), members[at]
    low, high = np.minimum(one, other), np.maximum(one, other)
    distinct = np.unique((low * (1 << 31) + high)[low < high])
    return np.column_stack([distinct >> 31, distinct & ((1 << 31) - 1)])


def _starts(sorted_keys: pd.Series) -> np.ndarray:
    new = sorted_keys.ne(sorted_keys.shift()).to_numpy()
    return np.flatnonzero(new)[new.cumsum() - 1]


def _keys(mentions: pd.DataFrame, names: Names) -> pd.DataFrame:
    """The keys of the mentions: `at` (place in `mentions`) and `key`, a number."""
    counties = pd.Index(names.divisions.codes)
    county = counties.get_indexer(mentions["county"])
    at = np.arange(len(mentions))
    # The city's own projects stand in every county.
    city = np.flatnonzero(mentions["county"].eq(names.divisions.city.code))
    at = np.concatenate([at, np.repeat(city, len(counties))])
    county = np.concatenate([county, np.tile(np.arange(len(counties)), len(city))])
    grams = _rare(_grams(mentions["whole"], at, county), county, names)
    owner = pd.factorize(mentions["owner"].where(mentions["owner"].ne("")))[0]
    owned = owner[at] >= 0
    owners = np.column_stack([at, -2 - (owner[at] * (len(counties) + 1) + county + 1) * 3])[owned]
    whole = mentions["owner"].where(mentions["owner"].ne("")) + "|" + mentions["core"]
    apart = [(pd.factorize(mentions["code"].where(mentions["code"].ne("")))[0], 3), (pd.factorize(whole)[0], 4)]
    over = [np.column_stack([np.arange(len(mentions)), -kind - numbers * 3])[numbers >= 0] for numbers, kind in apart]
    return pd.DataFrame(np.concatenate([grams, owners, *over]), columns=["at", "key"]).drop_duplicates(ignore_index=True)


def _grams(wholes: pd.Series, at: np.ndarray, county: np.ndarray) -> np.ndarray:
    """Every pair of neighbouring characters (or the one character) of each name in each of its counties: place, key, home."""
    texts = wholes.tolist()
    lengths = np.fromiter(map(len, texts), "int64", len(texts))
    letters = np.frombuffer("".join(texts).encode("utf-32-le"), dtype="uint32").astype("int64")
    starts = np.cumsum(lengths) - lengths
    counts = np.maximum(lengths - 1, np.minimum(lengths, 1))[at]
    home = np.repeat(np.arange(len(at)), counts)
    place = starts[at][home] + np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    second = np.where(lengths[at][home] > 1, letters[np.minimum(place + 1, max(len(letters) - 1, 0))], 0) if len(letters) else place
    first = letters[place] if len(letters) else place
    key = ((county[home] + 2) * _CHARACTER + first) * _CHARACTER + second
    return np.column_stack([at[home], key, home])


def _rare(grams: np.ndarray, county: np.ndarray, names: Names) -> np.ndarray:
    """Without the keys that are common in the county's names."""
    blocking = names.rules.blocking
    frame = pd.DataFrame(grams, columns=["at", "key", "home"]).drop_duplicates(["at", "key"])
    homes = pd.Series(county).value_counts()
    largest = np.maximum(pd.Series(county[frame["home"]]).map(homes).to_numpy() * blocking.common_share, blocking.common_count)
    counts = frame.groupby("key")["at"].transform("size").to_numpy()
    return frame.loc[counts <= largest, ["at", "key"]].to_numpy()

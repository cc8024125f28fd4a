"""The ledger rows that tell something of a project, held against the plain way to find them."""

import numpy as np
import pandas as pd
import pytest

from liantu.progress.told import WHERE, Told
from liantu.tables.contracts import OBSERVATIONS, SOURCES
from liantu.tables.fold import in_order
from liantu.tables.runs import among, texts_of


def observations(rows: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    days = pd.to_datetime(rng.choice(["2022-03-31", "2022-06-30", "2022-09-30"], rows))
    return OBSERVATIONS.conform(pd.DataFrame({
        "project_id": rng.choice(["P1", "P2", "P3", "P4"], rows), "snapshot": days, "source": rng.choice(SOURCES, rows),
        "source_file": rng.choice(["a.xlsx", "b.xlsx"], rows), "sheet": rng.choice(["表1", "表2"], rows), "row": np.arange(rows),
        "name": "某项目", "stage": rng.choice(["started", None], rows),
        "started_actual": pd.to_datetime(rng.choice(["2022-05-01", None], rows))}))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("column", [None, "stage", "started_actual"])
def test_the_row_that_tells_is_the_last_in_order_that_says_something(seed, column):
    rows = observations(12, seed)
    asked = pd.Series(["P3", "P9", "P1", "P3", "P4"], index=[7, 3, 5, 1, 0], dtype="str")
    known = in_order(rows) if column is None else in_order(rows).dropna(subset=[column])
    plain = known.drop_duplicates("project_id", keep="last").set_index("project_id")[list(WHERE)].reindex(asked)
    told = Told.of(rows)
    found = pd.DataFrame(told.rows(told.places(asked, column and pd.Series(column, index=asked.index))))
    pd.testing.assert_frame_equal(found, plain.reset_index(drop=True))


def test_of_no_observations_and_of_no_column_nothing_is_told():
    nothing = Told.of(observations(3, 0).iloc[:0])
    assert nothing.places(pd.Series(["P1"], dtype="str")).tolist() == [-1]
    told, asked = Told.of(observations(12, 0)), pd.Series(["P1", "P2"], dtype="str")
    assert told.places(asked, pd.Series([None, None], dtype="str")).tolist() == [-1, -1]


@pytest.mark.parametrize("wanted", [[], ["甲", None], {"乙"}, pd.Series(["甲", "丙"], dtype="str"), pd.Series([], dtype="object")])
def test_among_tells_what_isin_tells(wanted):
    for values in (pd.Series(["甲", None, "乙"], dtype="str"), pd.Index(["甲", "乙"], dtype="str"), pd.Series([], dtype="str")):
        assert among(values, wanted).tolist() == values.isin(wanted).tolist()


def test_texts_of_places():
    assert texts_of(np.array([1, -1, 0]), ["甲", "乙"]).equals(pd.Series(["乙", None, "甲"], dtype="str"))
    assert texts_of(np.array([], dtype=np.int64), ["甲"]).dtype == "str"

"""A table that takes long to make is made once of the same things, and anew of others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from liantu.reference import city
from liantu.tables.made_once import made_once


class Maker:
    def __init__(self):
        self.made = 0

    def __call__(self):
        self.made += 1
        return pd.DataFrame({"link": ["一", "二"], "unlock_wan": [1.5, float(self.made)]})


@pytest.fixture
def maker():
    return Maker()


@pytest.fixture
def code(tmp_path):
    home = tmp_path / "code"
    home.mkdir()
    (home / "a.py").write_text("x = 1\n")
    return home


def of(**changes):
    told = {"firms": pd.DataFrame({"link": ["a", "b"], "supply_wan": [1.0, 2.0]}), "edition": city().chains().edition, "seed": 0,
            "grid": np.arange(6.0).reshape(2, 3)} | changes
    return list(told.values())


def test_the_same_things_make_a_table_once(tmp_path, maker, code):
    first = made_once(tmp_path / "kept", "draws", of(), maker, code)
    again = made_once(tmp_path / "kept", "draws", of(), maker, code)
    assert maker.made == 1
    pd.testing.assert_frame_equal(first, again)


@pytest.mark.parametrize("changed", [
    {"seed": 1}, {"grid": np.arange(6.0).reshape(3, 2)}, {"firms": pd.DataFrame({"link": ["a", "b"], "supply_wan": [1.0, 2.1]})},
    {"firms": pd.DataFrame({"link": ["a", "b"], "supply": [1.0, 2.0]})},
    {"edition": city().chains().edition.model_copy(update={"plant_wan": 5.0})},
])
def test_other_things_make_it_anew(tmp_path, maker, code, changed):
    made_once(tmp_path / "kept", "draws", of(), maker, code)
    made_once(tmp_path / "kept", "draws", of(**changed), maker, code)
    assert maker.made == 2


def test_what_cannot_be_compared_is_refused(tmp_path, maker, code):
    with pytest.raises(TypeError, match="object"):
        made_once(tmp_path / "kept", "draws", [object()], maker, code)


def test_a_damaged_file_is_made_anew(tmp_path, maker, code):
    made_once(tmp_path / "kept", "draws", of(), maker, code)
    (file,) = (tmp_path / "kept").glob("*.parquet")
    file.write_bytes(b"PAR1")
    made_once(tmp_path / "kept", "draws", of(), maker, code)
    assert maker.made == 2


def test_old_tables_do_not_pile_up(tmp_path, maker, code):
    for seed in range(20):
        made_once(tmp_path / "kept", "draws", of(seed=seed), maker, code)
    assert len(list((tmp_path / "kept").glob("*.parquet"))) == 12
    made_once(tmp_path / "kept", "draws", of(seed=19), maker, code)
    assert maker.made == 20


def test_a_folder_that_cannot_be_made_costs_only_time(tmp_path, maker, code):
    (tmp_path / "kept").write_text("a file stands where the folder should be")
    made_once(tmp_path / "kept", "draws", of(), maker, code)
    assert maker.made == 1

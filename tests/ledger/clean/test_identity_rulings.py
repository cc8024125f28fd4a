"""A person's rulings on rows win over every score and veto."""

import pandas as pd
import pytest

from liantu.errors import LiantuError
from liantu.ledger.identity.matching import identify
from liantu.ledger.identity.names import Names
from liantu.reference import city
from liantu.reference.identity import IdentityRules
from liantu.reference.loading import load

Q1, Q2, Q3 = "2022-03-31", "2022-06-30", "2022-09-30"


@pytest.fixture(scope="module")
def names():
    home = city()
    return Names(load(IdentityRules, home.folder / "identity.yml"), home.divisions)


def rows(*told):
    """Rows of (snapshot, file, name, company, amount, county); the row number is the place in the list."""
    frame = pd.DataFrame(told, columns=["snapshot", "source_file", "name", "company", "total_investment_wan", "county"])
    return frame.assign(sheet="", source="county", row=range(1, len(frame) + 1), national_code=None).astype({
        "snapshot": "datetime64[ms]", "name": "str", "company": "str", "county": "str", "national_code": "str",
        "total_investment_wan": "float64"})


def ruling(frame, one, other, decision, reason="field visit"):
    sides = {f"{side}_{part}": frame.at[at, column] for side, at in (("one", one), ("other", other))
             for part, column in (("file", "source_file"), ("sheet", "sheet"), ("row", "row"))}
    return {**sides, "decision": decision, "reason": reason}


def ruled(frame, names, *told):
    return identify(frame, names, pd.DataFrame([ruling(frame, *one) for one in told]))


PHASES = [(Q1, "a", "甲矿改造一期", "甲矿", 100, "211302"), (Q1, "a", "甲矿改造二期", "甲矿", 200, "211302"),
          (Q2, "a2", "完全不同的名字", "乙公司", 9, "211381")]


def test_what_no_score_would_join_is_merged(names):
    frame = rows(*PHASES)
    assert identify(frame, names)[0].nunique() == 3
    ids, merges = ruled(frame, names, (0, 1, "merge"), (1, 2, "merge"))
    assert ids.nunique() == 1
    forced = merges[merges["evidence"].eq("ruled by a person 人工裁定: field visit")]
    assert forced["decision"].tolist() == ["merged", "merged"]
    assert ids.iloc[0] == identify(frame, names)[0].iloc[0], "the earliest mention names the project, as ever"


def test_what_every_score_would_join_stays_apart_also_by_way_of_a_third(names):
    frame = rows((Q1, "a", "镁合金精深加工项目", "金达新材料", 300, "211302"),
                 (Q2, "a2", "镁合金精深加工生产线", "金达新材料", 300, "211302"),
                 (Q3, "a3", "金达镁合金精深加工", "金达新材料", 300, "211302"))
    assert identify(frame, names)[0].nunique() == 1
    ids, merges = ruled(frame, names, (0, 1, "apart"))
    assert ids.iloc[0] != ids.iloc[1]
    assert merges["evidence"].str.contains("人工裁定: field visit").sum() == 1
    assert merges.loc[merges["evidence"].str.contains("人工裁定"), "decision"].tolist() == ["kept_apart"]
    ids, _ = ruled(frame, names, (0, 1, "apart"), (1, 2, "merge"))
    assert (ids.iloc[1] == ids.iloc[2]) and ids.iloc[0] != ids.iloc[1]


def test_rows_of_the_very_same_name_are_told_apart(names):
    frame = rows(*[(day, file, "光伏发电项目", "华能", 500, "211302") for day, file in ((Q1, "a"), (Q2, "a2"), (Q3, "a3"))])
    ids, _ = ruled(frame, names, (0, 1, "apart"))
    assert ids.iloc[0] == ids.iloc[2] != ids.iloc[1]
    ids, _ = ruled(frame, names, (0, 1, "apart"), (0, 2, "apart"), (1, 2, "merge"))
    assert ids.iloc[0] != ids.iloc[1] == ids.iloc[2]


def test_rulings_that_contradict_each_other_are_named(names):
    frame = rows(*PHASES)
    with pytest.raises(LiantuError, match=r"merge a2#!3 and a#!2, yet apart a#!1 and a2#!3"):
        ruled(frame, names, (0, 1, "merge"), (0, 2, "apart"), (2, 1, "merge"))
    with pytest.raises(LiantuError, match="one and the same row"):
        ruled(frame, names, (0, 0, "apart"))


@pytest.mark.parametrize(("change", "message"), [
    ({"one_row": 99}, "a#!99 is no accepted project row"), ({"decision": "perhaps"}, "Allowed: merge, apart")])
def test_a_ruling_that_cannot_be_used_fails_loudly(names, change, message):
    frame = rows(*PHASES)
    with pytest.raises(LiantuError, match=message):
        identify(frame, names, pd.DataFrame([ruling(frame, 0, 1, "merge") | change]))


def test_no_rulings_change_nothing(names):
    frame = rows(*PHASES)
    none = pd.DataFrame(columns=list(ruling(frame, 0, 1, "merge")))
    pd.testing.assert_frame_equal(identify(frame, names, none)[1], identify(frame, names)[1])

"""Scoring files: each wrong entry is told with its file and key; the same for rules that are passed in."""

import copy

import pandas as pd
import pytest
import yaml
from published_scoring import NAMES, published

from liantu.assess.scoring import apply_not_counted, grades, load_rules, score
from liantu.reference import ReferenceFileError

GOOD = {
    "id": "good", "zh": "好", "en": "Good", "group": "county", "period": "quarter", "ours": True, "source": "made",
    "missing": "spread", "total": 100,
    "indicators": [{"id": "a", "weight": 60, "normalise": {"kind": "target_ratio", "target": 5, "cap": 1, "floor": 0}},
                   {"id": "b", "weight": 40, "normalise": {
                       "kind": "steps", "steps": [{"at_least": 1, "points": 3}, {"at_least": 5, "points": 9}]}}],
    "bonuses": [{"id": "x", "normalise": {"kind": "per_unit", "each": 5}, "cap": 10}],
    "deductions": [{"id": "y", "normalise": {"kind": "per_unit", "each": 5}}],
    "not_counted": [{"id": "small", "zh": "小", "en": "Small", "column": "money", "below": 1}],
    "groups": [{"id": "g", "zh": "组", "en": "Group", "units": ["u"]}],
    "grades": [{"id": "A", "zh": "甲", "en": "A", "to": 0.5}, {"id": "B", "zh": "乙", "en": "B", "to": 1}]}
BAD = [
    (lambda told: told["indicators"][0].update(weight=50), "total", "add up to 90, not to the total 100"),
    (lambda told: told.update(total=99), "total", "add up to 100, not to the total 99"),
    (lambda told: told["indicators"][0].update(cap=float("nan")), "indicators.0.cap", "finite number"),
    (lambda told: told["indicators"][0].update(weight=-60), "indicators.0.weight", "greater than 0"),
    (lambda told: told["indicators"][0].update(cap=1, floor=2), "indicators.0", "cap: 1 is below the floor 2"),
    (lambda told: told["indicators"][0]["normalise"].update(cap=0.5, floor=0.6), "indicators.0.normalise", "0.5 is below the floor 0.6"),
    (lambda told: told["indicators"][1]["normalise"]["steps"].reverse(), "indicators.1.normalise", "at_least must rise, found [5.0, 1.0]"),
    (lambda told: told["indicators"][1]["normalise"]["steps"][1].update(points=2), "indicators.1", "points must go up with the value"),
    (lambda told: told["indicators"][0]["normalise"].update(kind="logistic"), "indicators.0.normalise", "logistic"),
    (lambda told: told["indicators"][0]["normalise"].update(target_of="b"), "indicators.0.normalise", "either target"),
    (lambda told: told["indicators"][0]["normalise"].pop("target"), "indicators.0.normalise", "either target"),
    (lambda told: told["indicators"][0].pop("normalise"), "indicators.0", "either normalise or parts"),
    (lambda told: told["indicators"][0].update(direction="sideways"), "indicators.0.direction", "'up' or 'down'"),
    (lambda told: (told["indicators"][0].update(direction="down"), told["indicators"][0]["normalise"].pop("cap")), "indicators.0",
     "needs one"),
    (lambda told: told["indicators"][1].update(normalise={"kind": "per_unit", "each": -1}), "indicators.1", "against the direction up"),
    (lambda told: told["indicators"][1].update(direction="down", normalise={"kind": "as_is"}), "indicators.1", "as_is counts up"),
    (lambda told: told["indicators"][1].update(normalise={"kind": "efficacy", "low": 3, "high": 3}), "indicators.1.normalise", "above low"),
    (lambda told: told["indicators"][1].update(normalise={"kind": "efficacy", "low": 3}), "indicators.1.normalise", "both low and high"),
    (lambda told: told["indicators"][1].update(normalise={"kind": "rank", "first": 0.2, "last": 0.6}), "indicators.1", "below first"),
    (lambda told: told["indicators"][1].update(normalise={"kind": "ratio_to_mean", "mean": 1, "weighted_by": "w"}), "indicators.1",
     "no weights"),
    (lambda told: told["indicators"][1].update(normalise={"kind": "z", "ddof": 2}), "indicators.1.normalise", "0 or 1"),
    (lambda told: told["indicators"][1].update(id="a"), "indicators", "stands twice: a"),
    (lambda told: told["bonuses"][0].update(id="a"), "bonuses", "stands twice: a"),
    (lambda told: told["deductions"][0].update(id="x"), "deductions", "stands twice: x"),
    (lambda told: told["bonuses"][0].update(normalise={"kind": "rank"}), "bonuses.0", "gives points"),
    (lambda told: told["deductions"][0]["normalise"].update(each=-5), "deductions.0", "runs against the direction"),
    (lambda told: told.update(missing="nil"), "missing", "'spread', 'zero', 'mean' or 'not_ranked'"),
    (lambda told: told.pop("missing"), "missing", "Field required"),
    (lambda told: told.update(group="village"), "group", "'county'"),
    (lambda told: told.update(period="decade"), "period", "'month'"),
    (lambda told: told.pop("source"), "source", "Field required"),
    (lambda told: told.update(wieghts=3), "wieghts", "Extra inputs are not permitted"),
    (lambda told: told["indicators"][0].update(wieght=3), "indicators.0.wieght", "Extra inputs are not permitted"),
    (lambda told: told["grades"][0].update(to=1), "grades", "must rise and end at 1, found [1.0, 1.0]"),
    (lambda told: told["grades"][1].update(to=0.9), "grades", "must rise and end at 1, found [0.5, 0.9]"),
    (lambda told: told["groups"].append(told["groups"][0]), "groups", "stands twice: u"),
    (lambda told: told["not_counted"][0].update(equals=["x"]), "not_counted.0", "exactly one of"),
    (lambda told: told["not_counted"][0].pop("column"), "not_counted.0", "column: goes with"),
    (lambda told: told["not_counted"][0].update(below=None, matches="(二期"), "not_counted.0.matches", "not a pattern"),
    (lambda told: told["not_counted"].append(told["not_counted"][0]), "not_counted", "stands twice: small"),
]


@pytest.mark.parametrize(("change", "key", "words"), BAD)
def test_a_wrong_entry_is_told_with_file_and_key(tmp_path, change, key, words):
    told = copy.deepcopy(GOOD)
    change(told)
    path = tmp_path / "wrong.yml"
    path.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    for rules, where in ((path, f"{path}: {key}"), (told, f"(mapping): {key}")):
        with pytest.raises(ReferenceFileError) as raised:
            load_rules(rules)
        assert str(raised.value).startswith(where) and words in str(raised.value), str(raised.value)


def test_the_good_rules_are_good_and_are_taken_in_every_form(tmp_path):
    path = tmp_path / "good.yml"
    path.write_text(yaml.safe_dump(GOOD, allow_unicode=True), encoding="utf-8")
    values = pd.DataFrame({"a": [4], "b": [3], "x": [1], "y": [0]}, index=["u"])
    totals = [score(values, rules)["total"].tolist() for rules in (GOOD, path, str(path), load_rules(path))]
    assert totals == [[48 + 3 + 5]] * 4


def test_a_missing_file_and_one_that_is_no_yaml_are_told(tmp_path):
    with pytest.raises(ReferenceFileError, match=r"scoring/nosuch\.yml: the file is missing"):
        load_rules("nosuch")
    (tmp_path / "broken.yml").write_text("id: [", encoding="utf-8")
    with pytest.raises(ReferenceFileError, match=r"broken\.yml: not readable as YAML"):
        load_rules(tmp_path / "broken.yml")


def test_an_unknown_indicator_is_told_with_file_and_key_and_a_known_one_is_not_reported(tmp_path):
    path = tmp_path / "good.yml"
    path.write_text(yaml.safe_dump(GOOD, allow_unicode=True), encoding="utf-8")
    with pytest.raises(ReferenceFileError, match=r"good\.yml: indicators\.1: unknown indicator 'b'"):
        score(pd.DataFrame({"a": [1.0]}), path)
    with pytest.raises(ReferenceFileError, match=r"good\.yml: bonuses\.0: unknown indicator 'x'"):
        score(pd.DataFrame({"a": [1.0], "b": [1]}), path)
    known = copy.deepcopy(GOOD)
    known["indicators"][1]["id"] = "new_starts"
    found = score(pd.DataFrame({"a": [5.0], "x": 0, "y": 0}, index=["u"]), known)
    assert found["new_starts"].isna().all() and found["total"].tolist() == [100]


def test_what_is_asked_of_rules_that_do_not_state_it_is_told():
    bare = {key: value for key, value in GOOD.items() if key != "grades"}
    with pytest.raises(ReferenceFileError, match=r"\(mapping\): grades: none are stated"):
        grades(pd.Series([1.0]), bare)
    with pytest.raises(ReferenceFileError, match=r"not_counted\.0: no column 'money' in the items"):
        apply_not_counted(pd.DataFrame({"name": ["x"]}), GOOD)


@pytest.mark.parametrize("name", NAMES)
def test_every_published_rule_is_typed_with_its_source(name):
    rules = published(name)
    assert rules.id == name and not rules.ours and rules.source and rules.weights.sum() == pytest.approx(rules.total)

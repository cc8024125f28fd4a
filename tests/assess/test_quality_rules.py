"""quality.yml: every rule has its place, standards are named, and a wrong entry is told."""

import pytest
import yaml

from liantu.assess import quality_rules
from liantu.assess.quality_rules import QualityRules
from liantu.reference import ReferenceFileError, city
from liantu.reference.loading import load

CITY = city()
RULES = quality_rules(CITY)
FILE = CITY.folder / "quality.yml"


@pytest.mark.parametrize(("rule", "dimension", "action", "kept"), [
    ("amount_range", "conformity", "rewrite", False), ("name_missing", "completeness", "fill", False),
    ("date_undecided", "completeness", "settle", False), ("unit_slip", "accuracy", "unit", True),
    ("amount_unit_assumed", "conformity", "unit", True), ("stage_back", "consistency", "explain", True),
    ("sources_differ", "consistency", "explain", True), ("amount_negative", "accuracy", "check", False),
    ("a_rule_of_tomorrow", "conformity", "rewrite", False)])
def test_rules_are_placed(rule, dimension, action, kept):
    assert (RULES.dimension_of(rule), RULES.action_of(rule), RULES.keeps(rule)) == (dimension, action, kept)


def test_every_rule_of_cleaning_has_a_short_name():
    assert [rule.id for rule in CITY.rules.rules if rule.id not in RULES.names] == []


def test_dimensions_bear_the_names_of_the_standard():
    named = {dimension.gbt for dimension in RULES.dimensions} - {None}
    assert named == {"规范性", "完整性", "准确性", "一致性", "时效性"}  # 可访问性 is shown, not scored
    assert "GB/T 36344-2018" in RULES.source and "ISO/IEC 25012" in RULES.source


@pytest.mark.parametrize(("change", "words"), [
    (lambda told: told["fields"][0].update(columns=["compny"]), "compny"),
    (lambda told: told["fields"][0].update({"from": "begun"}), "begun"),
    (lambda told: told["dimensions"][0].update(weight=0), "weight"),
    (lambda told: told["actions"].pop(), "must take all other rules"),
    (lambda told: told["actions"].append(told["actions"][0]), "twice")])
def test_a_wrong_entry_is_told_with_file_and_key(tmp_path, change, words):
    told = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    change(told)
    path = tmp_path / "quality.yml"
    path.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    with pytest.raises(ReferenceFileError, match=r"quality\.yml") as raised:
        load(QualityRules, path)
    assert words in str(raised.value)

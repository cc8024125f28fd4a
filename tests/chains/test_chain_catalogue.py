"""The rules of the catalogue, on the shipped edition and each one broken on purpose."""

from __future__ import annotations

import re

import pytest

from liantu.chains import catalogue_faults, checked
from liantu.reference import Chain, Chains, Link, ReferenceFileError, city
from liantu.reference.models import ChainEdition


def link(name, feeds=(), keywords=None, **more):
    return Link(id=name, zh=name, en=name, tier="midstream", keywords=tuple(keywords or (f"词{name}",)), feeds=tuple(feeds), **more)


def chain(name="one", order=1, aliases=(), links=None):
    links = links or (link("a", ["b"]), link("b", ["c"]), link("c", ["d"]), link("d"))
    return Chain(id=name, zh=f"链{name}", en=name, order=order, group="old", group_basis="test", aliases=aliases, links=links,
                 confidence="low", source="test")


def edition(*chains):
    return Chains(ChainEdition(edition="test", status_zh="x", status_en="x", groups=(), source="test"), chains)


@pytest.fixture(scope="module")
def shipped():
    return city().chains()


def test_shipped_edition_keeps_every_rule(shipped):
    assert checked(shipped) is shipped


def test_shipped_edition_is_the_working_list(shipped):
    assert [entry.zh for entry in shipped.chains] == [
        "钢铁冶金", "汽车及零部件", "橡胶轮胎", "有色金属新材料", "清洁能源", "电子信息", "冶金铸锻", "装备制造", "新材料", "农产品深加工",
        "膨润土", "环保设备", "新型建材", "家居", "新能源装备与储能", "玄武岩纤维", "钒钛"]
    assert {entry.group for entry in shipped.chains} == {"old", "raw", "new"}


def test_every_shipped_chain_can_be_worked_with(shipped):
    counties = set(city().divisions.codes)
    for entry in shipped.chains:
        assert 8 <= len(entry.links) <= 14, entry.id
        assert any(one.key for one in entry.links), entry.id
        assert {one.tier for one in entry.links} >= {"upstream", "midstream", "downstream"}, entry.id
        assert set(entry.counties) <= counties and entry.counties, entry.id
        assert "http" in entry.source, entry.id
        for one in entry.links:
            assert 4 <= len(one.keywords) <= 11, (entry.id, one.id)
            assert one.gb_codes and all(re.fullmatch(r"\d{3,4}", code) for code in one.gb_codes), (entry.id, one.id)


def test_good_catalogue_has_no_fault():
    assert catalogue_faults(edition(chain("one", 1), chain("two", 2))) == []


@pytest.mark.parametrize(("links", "message"), [
    ((link("a", ["b"]), link("b", ["c"]), link("c", ["a"]), link("d"), link("e", ["d"])), r"one\.yml: link \w+: cycle: "),
    ((link("a", ["a"]), link("b", ["c"]), link("c"), link("d", ["c"])), r"one\.yml: link a: cycle: a -> a"),
    ((link("a", ["b"]), link("b", ["c"]), link("c"), link("alone")), r"one\.yml: link alone: orphan"),
    ((link("a", ["b"], ["生铁"]), link("b", [], ["生 铁"]), link("c", ["d"]), link("d")), "one.yml: link b: repeated keyword: 生铁 .* a$"),
    ((link("a", ["b"], ["PVC", "ＰＶＣ"]), link("b", ["c"]), link("c", ["d"]), link("d")), r"one\.yml: link a: repeated keyword: PVC"),
])
def test_broken_links_are_named(links, message):
    with pytest.raises(ReferenceFileError, match=message):
        checked(edition(chain(links=links)))


def test_a_cycle_is_told_in_the_direction_of_its_flow():
    (fault,) = catalogue_faults(edition(chain(links=(link("a", ["b"]), link("b", ["c"]), link("c", ["a"]), link("d", ["a"])))))
    around = fault.split("cycle: ")[1].split(";")[0].split(" -> ")
    assert around[0] == around[-1] and len(around) == 4
    assert "".join(around) in {"abca", "bcab", "cabc"}


def test_one_alias_for_two_chains_is_refused():
    with pytest.raises(ReferenceFileError, match=r"two\.yml: aliases: alias of two chains: 轮胎 already means one"):
        checked(edition(chain("one", 1, ["轮胎"]), chain("two", 2, ["轮 胎"])))


def test_an_alias_may_not_be_another_chains_name():
    with pytest.raises(ReferenceFileError, match=r"two\.yml: aliases: alias of two chains: 链ONE"):
        checked(edition(chain("one", 1), chain("two", 2, ["链one"])))


def test_an_alias_stands_once():
    with pytest.raises(ReferenceFileError, match=r"one\.yml: aliases: repeated alias: 轮胎 stands 2 times"):
        checked(edition(chain("one", 1, ["轮胎", "轮胎"])))


def test_every_fault_is_told_at_once():
    faults = catalogue_faults(edition(chain("one", 1, links=(link("a", ["b"]), link("b"), link("x"), link("y")))))
    assert [fault.split(":")[1] for fault in faults] == [" link x", " link y"]

"""The rules of the catalogue, on the shipped edition and each one broken on purpose."""

from __future__ import annotations

import re
import shutil
import string
from graphlib import TopologicalSorter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liantu.chains.catalogue import catalogue_faults, checked, checked_chains
from liantu.reference import Chain, ChainEdition, Chains, Flow, Link, ReferenceFileError, Term, city
from liantu.reference.industry_codes import industry_codes

LINE = tuple(zip("abcdefg", "bcdefgh", strict=True))


def link(name, keywords=None, **more):
    words = (f"词{name}",) if keywords is None else tuple(keywords)
    return Link(**{"id": name, "zh": name, "en": name, "tier": "midstream", "keywords": words, "capital": 1.0} | more)


def flow(giver, taker, intensity=0.2, basis="assumption", note=""):
    return Flow(giver=giver, taker=taker, intensity=intensity, basis=basis, note=note)


def chain(name="one", order=1, aliases=(), links=(), flows=None):
    """Links a to h in a line, `links` in the place of those with their ids and any others behind, and flows on top or given whole."""
    given = {entry.id: entry for entry in links}
    members = {letter: given.pop(letter, link(letter)) for letter in "abcdefgh"} | given
    flows = [flow(*pair) for pair in LINE] if flows is None else flows
    return Chain(id=name, zh=f"链{name}", en=name, order=order, group="old", group_basis="test", aliases=aliases,
                 links=tuple(members.values()), flows=tuple(flows), confidence="low", source="test")


def on_top(*flows):
    return [flow(*pair) for pair in LINE] + list(flows)


def edition(*chains, shared=()):
    pools = tuple(Term(id=pool, zh=pool, en=pool) for pool in shared)
    return Chains(ChainEdition(edition="test", status_zh="x", status_en="x", groups=(), plant_wan=10000, shared=pools, source="test",
                               penalties={"hard": 0.3, "normal": 0.15, "easy": 0.08}), chains)


def inputs(one):
    """Yuan of local inputs for each yuan of every link that has any."""
    return {entry.id: sum(flow.intensity for flow in one.flows if flow.taker == entry.id) for entry in one.links}


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
        assert any(one.key for one in entry.links), entry.id
        assert {one.tier for one in entry.links} >= {"upstream", "midstream", "downstream"}, entry.id
        assert set(entry.counties) <= counties and entry.counties, entry.id
        assert "http" in entry.source, entry.id
        for one in entry.links:
            assert 4 <= len(one.keywords) <= 11, (entry.id, one.id)
            assert one.gb_codes and all(re.fullmatch(r"\d{3,4}", code) for code in one.gb_codes), (entry.id, one.id)


def test_shipped_inputs_leave_room_for_wages_and_margin(shipped):
    """Labour, tax, margin and what comes from other trades are never less than a twentieth of what a link sells for."""
    assert {(entry.id, taker): total for entry in shipped.chains for taker, total in inputs(entry).items() if total > 0.95 + 1e-9} == {}


def test_shipped_by_products_push_nobody(shipped):
    """Slag is cheap: what uses it up must not seem to be as large as the mill, as an input above the threshold of a push would make it."""
    steel = shipped.by_name("steel")
    assert all(one.intensity < 0.2 for one in steel.flows if one.taker == "slag_use")
    assert {steel.link(name).imports for name in ("ironmaking", "slag_use")} == {"none"}


def test_notes_of_ratios_end_in_the_number_they_give(shipped):
    """Where these nine chains rest a flow on a ratio, its note holds the sum and `= 0.50` is the intensity."""
    names = ["steel", "auto_parts", "tyres", "nonferrous", "clean_energy", "electronics", "foundry", "equipment", "new_materials"]
    ratios = [(name, one) for name in names for one in shipped.by_name(name).flows if one.basis == "engineering"]
    sums = [(name, one, re.search(r"= (0\.\d+)", one.note)) for name, one in ratios]
    assert len(sums) > 80 and all(found for *_, found in sums)
    assert [(name, one.giver, one.taker) for name, one, found in sums if abs(float(found[1]) - one.intensity) > 0.0051] == []


def test_good_catalogue_has_no_fault():
    assert catalogue_faults(edition(chain("one", 1), chain("two", 2))) == []


BROKEN = {
    "cycle": ({"flows": on_top(flow("c", "a"))}, r"one\.yml: link \w+: cycle: "),
    "cycle of one": ({"flows": on_top(flow("a", "a"))}, r"one\.yml: link a: cycle: a -> a"),
    "orphan": ({"links": [link("alone")]}, r"one\.yml: link alone: orphan"),
    "no keyword": ({"links": [link("b", keywords=[" "])]}, r"one\.yml: link b: no keyword"),
    "empty keywords": ({"links": [link("b", keywords=())]}, r"one\.yml: link b: no keyword"),
    "keyword twice": ({"links": [link("a", ["生铁"]), link("b", ["生 铁"])]}, r"one\.yml: link b: repeated keyword: 生铁 .* a$"),
    "keyword in two widths": ({"links": [link("a", ["PVC", "ＰＶＣ"])]}, r"one\.yml: link a: repeated keyword: PVC"),
    "shares": ({"flows": on_top(flow("a", "c", 0.9), flow("b", "d", 0.1))},
               r"one\.yml: link c: input shares over 1: its inputs add up to 1\.100 yuan"),
    "no note": ({"flows": on_top(flow("a", "c", basis="engineering"))}, r"one\.yml: link c: flow without a note: a -> c .* engineering"),
    "no note of a table": ({"flows": on_top(flow("a", "c", basis="input_output"))},
                           r"one\.yml: link c: flow without a note: a -> c .* input_"),
    "unknown code": ({"links": [link("d", gb_codes=("3110", "3999"))]}, r"one\.yml: link d: unknown code: 3999 "),
    "unknown code with its letter": ({"links": [link("d", gb_codes=("C3999",))]}, r"one\.yml: link d: unknown code: C3999 "),
    "nothing final": ({"links": [link(letter, final=False) for letter in "abcdefgh"]}, r"one\.yml: links: no final link"),
    "unknown pool": ({"links": [link("e", shared="power")]}, r"one\.yml: link e: unknown pool: power is not in edition\.yml \(no pools\)"),
    "too many links": ({"links": [link(f"x{n}") for n in range(13)], "flows": on_top(*(flow("h", f"x{n}") for n in range(13)))},
                       r"one\.yml: links: number of links: 21 stand here; a chain has 8 to 20"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_is_named_with_file_and_link(name):
    what, message = BROKEN[name]
    faults = catalogue_faults(edition(chain(**what)))
    assert len(faults) == 1 and re.match(message, faults[0]) and "\n" not in faults[0]
    with pytest.raises(ReferenceFileError, match=message):
        checked(edition(chain(**what)))


def test_too_few_links_are_refused():
    few = chain().model_copy(update={"links": chain().links[:7], "flows": chain().flows[:6]})
    assert catalogue_faults(edition(few)) == ["one.yml: links: number of links: 7 stand here; a chain has 8 to 20"]


def test_a_cycle_is_told_in_the_direction_of_its_flow():
    (fault,) = catalogue_faults(edition(chain(flows=on_top(flow("c", "a")))))
    around = fault.split("cycle: ")[1].split(";")[0].split(" -> ")
    assert around[0] == around[-1] and len(around) == 4
    assert "".join(around) in {"abca", "bcab", "cabc"}


def test_known_codes_pass_with_and_without_the_section():
    assert catalogue_faults(edition(chain(links=[link("a", gb_codes=("3110", "C3110", "311", "31"))]))) == []


def test_a_pool_needs_two_links():
    one = chain("one", 1, links=[link("e", shared="moulds")])
    assert catalogue_faults(edition(one, shared=["moulds"])) == [
        "edition.yml: shared: pool of fewer than two links: moulds is on 1; a pool serves two links at least"]
    assert catalogue_faults(edition(one, chain("two", 2, links=[link("f", shared="moulds")]), shared=["moulds"])) == []


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
    faults = catalogue_faults(edition(chain("one", 1, links=(link("x"), link("y", gb_codes=("3999",))))))
    assert [fault.split(": ")[1:3] for fault in faults] == [["link x", "orphan"], ["link y", "orphan"], ["link y", "unknown code"]]


@pytest.fixture
def edited(tmp_path):
    """A city of its own, and what edits a file of its chains."""
    shutil.copytree(city().folder / "chains", tmp_path / "chains")
    shutil.copy(city().folder / "divisions.yml", tmp_path)

    def edit(name, old, new):
        path = tmp_path / "chains" / "2022" / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) >= 1
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return city(str(tmp_path))

    return edit


@pytest.mark.parametrize(("name", "old", "new", "message"), [
    ("steel.yml", "{from: coking, to: ironmaking, intensity: 0.32", "{from: coking, to: ironmaking, intensity: 0.62",
     r"steel\.yml: link ironmaking: input shares over 1: its inputs add up to 1\.180"),
    ("tyres.yml", 'gb_codes: ["2911"], keywords: [全钢', 'gb_codes: ["2917"], keywords: [全钢',
     r"tyres\.yml: link truck_tyre: unknown code: 2917"),
    ("foundry.yml", "shared: moulds", "shared: tools", r"foundry\.yml: link patterns: unknown pool: tools"),
    ("steel.yml", "keywords: [焦化, 焦炭, 焦炉, 炼焦, 干熄焦, 焦炉煤气]", "keywords: []", r"steel\.yml: link coking: no keyword"),
])
@pytest.mark.parametrize("asked", ["2022", "2024"])
def test_an_edited_catalogue_is_refused_when_it_is_opened(edited, asked, name, old, new, message):
    with pytest.raises(ReferenceFileError, match=message):
        checked_chains(edited(name, old, new), asked)


def test_the_shipped_editions_open():
    assert [checked_chains(city(), edition).edition.edition for edition in city().editions] == city().editions


# Flows only from an earlier to a later letter: such a chain has no cycle, whatever is drawn.
FORWARD = st.dictionaries(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh")).filter(lambda pair: pair[0] < pair[1]),
                          st.floats(0.01, 1.0), max_size=28)


@given(FORWARD)
def test_shares_pass_only_up_to_one(drawn):
    flows = dict.fromkeys(LINE, 0.01) | drawn
    one = chain(flows=[flow(giver, taker, intensity) for (giver, taker), intensity in flows.items()])
    faults = catalogue_faults(edition(one))
    refused = {fault.split(": ")[1].removeprefix("link ") for fault in faults}
    assert all("input shares over 1" in fault for fault in faults)
    assert all((total > 1) == (taker in refused) for taker, total in inputs(one).items() if abs(total - 1) > 1e-6)


@given(st.sets(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh")).filter(lambda pair: pair[0] != pair[1]), max_size=8))
def test_what_passes_can_be_put_in_order(drawn):
    one = chain(flows=[flow(giver, taker, 0.01) for giver, taker in {*LINE, *drawn}])
    faults = catalogue_faults(edition(one))
    if not faults:
        order = list(TopologicalSorter({entry.id: one.givers(entry.id) for entry in one.links}).static_order())
        assert all(order.index(giver) < order.index(taker) for giver, taker in {*LINE, *drawn})
    else:
        assert any(order_breaker > later for order_breaker, later in drawn) and "cycle" in faults[0]


def test_the_list_of_codes_is_the_whole_standard():
    codes = industry_codes()
    groups, classes = ([code for code in codes if len(code) == digits] for digits in (3, 4))
    assert len(groups) == 473
    assert {code[:3] for code in classes} == set(groups)
    assert {code[:2] for code in groups} == {f"{n:02}" for n in range(1, 98)}
    assert codes["3110"] == "炼铁" and codes["4417"] == "生物质能发电" and codes["371"] == "铁路运输设备制造"
    assert not any(set(name) & set(string.ascii_letters + ",|") - {"D"} for name in codes.values())

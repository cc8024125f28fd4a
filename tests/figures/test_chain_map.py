"""The map of a chain: words stay in their nodes, flows off all words, columns and order, and what title, marks and data say."""

import datetime as dt
import itertools
from functools import cache

import numpy as np
import pandas as pd
import pytest

from liantu.figures import chain_layout
from liantu.figures.chain_layout import columns_of, lay_out
from liantu.figures.chain_map import chain_map
from liantu.figures.style import DPI, MARGIN, SMALLEST, WIDTH, figure_style
from liantu.reference import Chain, city

AS_OF = dt.date(2022, 6, 30)
CHAINS = {chain.id: chain for chain in city().chains("2022").chains}
STATES = ("broken_open", "broken_in_repair", "blocked", "weak", "held", "unasked", "unknown")
PLACE = {"zh": "朝阳市", "en": "Chaoyang City"}
FIRM = "喀喇沁左翼蒙古族自治县特种冶金铸造材料科技发展有限责任公司"


def long_chain():
    """20 links with long names: eleven in one tier, steps inside tiers, flows backwards, past tiers, and to and from support."""
    tiers = ["upstream"] * 4 + ["midstream"] * 11 + ["downstream"] * 3 + ["support"] * 2
    links = [{"id": f"l{n}", "zh": f"第{n}号高性能稀土钒钛复合合金材料及深加工制品", "tier": tier, "key": n % 3 == 0, "keywords": ["词"],
              "en": f"Electrometallurgical production of high-performance composites no. {n}", "capital": 1.0}
             for n, tier in enumerate(tiers)]
    pairs = [(0, n) for n in range(4, 10)] + [(1, 2), (2, 3), (3, 11), (1, 15), (3, 17), (4, 5), (5, 6), (6, 12), (12, 13), (13, 14)]
    pairs += [(n, 15) for n in range(7, 12)] + [(10, 16), (14, 16), (14, 17), (16, 17), (9, 2)]
    pairs += [(18, 0), (18, 13), (18, 17), (19, 18), (15, 19)]
    flows = [{"from": f"l{one}", "to": f"l{other}", "intensity": 0.02 + 0.03 * (one % 7), "basis": "assumption"} for one, other in pairs]
    return Chain.model_validate({
        "id": "long", "zh": "超长名称的稀土钒钛复合合金材料产业链", "en": "A chain of rare-earth, vanadium and titanium composites",
        "order": 99, "group": "new", "group_basis": "made up", "links": links, "flows": flows, "confidence": "low", "source": "made up"})


LONG = long_chain()


def rows(chain, states=("held",), **more):
    """Rows of a chain as `link_states` gives them; the states are dealt out in turn."""
    made = []
    for link, state in zip(chain.links, itertools.cycle(states)):
        here = state in ("blocked", "weak", "held")
        supply = {"blocked": 300.0, "weak": 900.0, "held": 150_000.0}.get(state, 0.0)
        demand = 0.0 if state == "unasked" else 1_000.0
        made.append({
            "chain": chain.zh, "link": link.id, "zh": link.zh, "en": link.en, "tier": link.tier, "key": link.key,
            "suppliers": (1 if state == "weak" else 12) if here else 0, "supply_wan": supply, "top_firm": FIRM if here else None,
            "top_share": 0.76 if here else np.nan, "preparing": 12, "building": 3, "completed": 1, "producing": 4, "demand_wan": demand,
            "coverage": supply / demand if demand else np.nan, "price": 0.5 if state == "blocked" else 0.0, "in_cut": state == "blocked",
            "state": state} | more)
    return pd.DataFrame(made).astype({"suppliers": "Int64", "in_cut": "boolean"})


def unknown(chain):
    return rows(chain, ["unknown"]).assign(
        suppliers=pd.array([pd.NA] * len(chain.links), dtype="Int64"), in_cut=pd.array([pd.NA] * len(chain.links), dtype="boolean"),
        supply_wan=np.nan, demand_wan=np.nan, coverage=np.nan, price=np.nan)


def draw(chain, lang="zh", states=("held",), **how):
    given = states if isinstance(states, pd.DataFrame) else rows(chain, states)
    return chain_map(given, chain, lang, AS_OF, True, PLACE[lang], **how)


def words(figure):
    return "\n".join(text.get_text() for text in figure.axes[0].texts)


class Seen:
    """What stands where on a drawn map, in inches of its axes (y downwards)."""

    def __init__(self, picture):
        figure = picture.figure
        with figure_style():
            figure.set_dpi(DPI)
            figure.draw_without_rendering()
        axes, self.figure = figure.axes[0], figure
        back = axes.transData.inverted()
        self.texts = []
        for text in axes.texts:
            (x0, y0), (x1, y1) = back.transform(text.get_window_extent().get_points())
            self.texts.append((text, x0, min(y0, y1), x1, max(y0, y1)))
        plates = [patch for patch in axes.get_children() if str(patch.get_gid()).startswith("plate:")]
        corners = ((patch.get_gid()[6:], *patch.get_xy(), patch.get_width(), patch.get_height()) for patch in plates)
        self.plates = {link: (x, y, x + wide, y + high) for link, x, y, wide, high in corners}
        by_gid = {artist.get_gid(): artist for artist in axes.collections}
        self.flows = [dense(path.vertices) for path in by_gid["flows"].get_paths()]
        self.heads = [path.vertices for path in by_gid["heads"].get_paths()]
        self.cuts = [line for line in axes.get_lines() + axes.artists if line.get_gid() == "cut"]


def dense(points):
    """Points on a line at most 0.02 inches apart."""
    steps = [np.linspace(one, other, max(int(np.hypot(*(other - one)) / 0.02), 1), endpoint=False)
             for one, other in itertools.pairwise(points)]
    return np.vstack([*steps, points[-1:]])


@cache
def seen(chain, lang):
    """The worst of a chain: all states by turns, every link moved since last quarter, firms and projects on all."""
    chain = LONG if chain == "long" else CHAINS[chain]
    before = {link.id: "broken_in_repair" if place % 7 != 1 else "unasked" for place, link in enumerate(chain.links)}
    return Seen(draw(chain, lang, STATES, before=before, final_wan=123_456_789.0, source_note="模拟台账"))


every_map = pytest.mark.parametrize(("chain", "lang"), [(name, lang) for name in [*CHAINS, "long"] for lang in ("zh", "en")])


@every_map
def test_words_stay_in_their_node_and_off_each_other(chain, lang):
    here = seen(chain, lang)
    assert len(here.plates) == len((LONG if chain == "long" else CHAINS[chain]).links)
    for text, x0, y0, x1, y1 in here.texts:
        assert text.get_fontsize() >= SMALLEST
        assert x0 >= MARGIN - 0.01 and x1 <= WIDTH - MARGIN + 0.01, text.get_text()
        if str(text.get_gid()).startswith("node:"):
            left, top, right, bottom = here.plates[text.get_gid()[5:]]
            assert x0 >= left + 0.19 and x1 <= right - 0.03 and y0 >= top and y1 <= bottom, text.get_text()
    for (one, *a), (other, *b) in itertools.combinations(here.texts, 2):
        apart = a[2] <= b[0] + 0.01 or b[2] <= a[0] + 0.01 or a[3] <= b[1] + 0.035 or b[3] <= a[1] + 0.035
        assert apart, (one.get_text(), other.get_text())


@every_map
def test_nodes_and_their_cuts_stay_apart(chain, lang):
    here = seen(chain, lang)
    for a, b in itertools.combinations(here.plates.values(), 2):
        assert a[2] + 0.1 <= b[0] or b[2] + 0.1 <= a[0] or a[3] + 0.1 <= b[1] or b[3] + 0.1 <= a[1]
    for _, top, right, bottom in here.plates.values():
        assert right + 0.12 <= WIDTH - MARGIN and top > 0.3 and bottom < here.figure.axes[0].get_ylim()[0]


@every_map
def test_flows_run_into_no_node_and_over_no_word(chain, lang):
    here = seen(chain, lang)
    assert len(here.heads) == len((LONG if chain == "long" else CHAINS[chain]).flows)
    points = np.vstack(here.flows + here.heads)
    for name, (left, top, right, bottom) in here.plates.items():
        inside = (points[:, 0] > left + 0.01) & (points[:, 0] < right - 0.01) & (points[:, 1] > top + 0.01) & (points[:, 1] < bottom - 0.01)
        assert not inside.any(), name
    for text, x0, y0, x1, y1 in here.texts:
        over = (points[:, 0] > x0) & (points[:, 0] < x1) & (points[:, 1] > y0) & (points[:, 1] < y1)
        assert not over.any(), text.get_text()


@every_map
def test_every_flow_ends_at_its_own_place_of_its_taker(chain, lang):
    here = seen(chain, lang)
    tips = [tuple(head[0]) for head in here.heads]
    assert all(np.hypot(one[0] - other[0], one[1] - other[1]) > 0.04 for one, other in itertools.combinations(tips, 2))
    for x, y in tips:
        assert any(top < y < bottom and min(abs(x - left), abs(x - right)) <= 0.05 for left, top, right, bottom in here.plates.values())


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_word_of_a_name_is_cut(lang):
    for chain in CHAINS.values():
        here = seen(chain.id, lang)
        for link in chain.links:
            lines = [text.get_text() for text, *_ in here.texts if text.get_gid() == f"node:{link.id}" and text.get_weight() == "bold"]
            joined = (" " if lang == "en" else "").join(lines)
            assert joined.replace(" ", "") == link.name(lang).replace(" ", "")
            assert lang == "zh" or joined.replace("- ", "-") == link.en


def test_columns_follow_tiers_and_steps():
    chain = CHAINS["steel"]
    columns = columns_of(chain, 0.0, 8.0)
    assert list(columns.tiers) == sorted(columns.tiers, key=chain_layout.TIERS.index) and len(columns.tiers) <= 5
    assert all(columns.tiers[columns.of[link.id]] == link.tier for link in chain.links if link.tier != "support")
    assert columns.of["ironmaking"] < columns.of["steelmaking"] < columns.of["long_products"]
    assert columns.lefts[-1] + columns.width <= 8.0
    assert len(columns_of(LONG, 0.0, 8.0, most=3).tiers) == 3 and len(columns_of(LONG, 0.0, 8.0).tiers) == 5


def test_order_has_the_fewest_crossings():
    """a1-b3, a2-b2, a3-b1: crossing three times as written, never when one side is turned round."""
    links = [{"id": f"{tier[0]}{n}", "zh": f"{tier}{n}", "en": "x", "tier": tier, "keywords": ["词"], "capital": 1.0}
             for tier in ("upstream", "downstream") for n in (1, 2, 3)]
    flows = [{"from": f"u{n}", "to": f"d{4 - n}", "intensity": 0.1, "basis": "assumption"} for n in (1, 2, 3)]
    chain = Chain.model_validate(LONG.model_dump(by_alias=True) | {"links": links, "flows": flows})
    layout = lay_out(chain, columns_of(chain, 0.0, 8.0), {link["id"]: 0.8 for link in links})
    up, down = ([layout.boxes[f"{side}{n}"].top for n in places] for side, places in (("u", (1, 2, 3)), ("d", (3, 2, 1))))
    assert up == pytest.approx(down) and len(set(up)) == 3
    assert all(len(np.unique(np.round(route.points[:, 1], 9))) == 1 for route in layout.routes)


def test_support_stands_in_a_band_of_its_own():
    chain = CHAINS["steel"]
    layout = lay_out(chain, columns_of(chain, 0.0, 8.0), {link.id: 0.8 for link in chain.links})
    tiers = {link.id: link.tier for link in chain.links}
    assert any(tier == "support" for tier in tiers.values())
    assert all((box.top > layout.band) == (tiers[link] == "support") for link, box in layout.boxes.items())


def test_isotonic_regression_by_hand():
    assert chain_layout._rising([1, 3, 2, 6, 0], [1, 1, 1, 1, 2]).tolist() == pytest.approx([1, 2.2, 2.2, 2.2, 2.2])
    assert chain_layout._rising([3, 1, 5, 4], [1, 3, 1, 1]).tolist() == pytest.approx([1.5, 1.5, 4.5, 4.5])


def test_the_title_names_what_is_broken_and_where_it_sticks():
    chain = CHAINS["steel"]
    states = rows(chain).set_index("link")
    states.loc["coking", ["state", "supply_wan"]] = ["broken_open", 0.0]
    states.loc["scrap", ["state", "supply_wan"]] = ["broken_in_repair", 0.0]
    blocked = {"steelmaking": (500.0, 900.0, 0.4), "ironmaking": (100.0, 200.0, 0.9)}  # 160 against 90
    for link, (supply, demand, price) in blocked.items():
        states.loc[link, ["state", "supply_wan", "demand_wan", "price", "in_cut"]] = ["blocked", supply, demand, price, True]
    states = states.reset_index()
    zh, en = draw(chain, "zh", states), draw(chain, "en", states)
    assert zh.title == f"钢铁冶金：{len(chain.links)}个环节断2个、堵2个，卡在2处，{chain.link('steelmaking').zh}最重"
    assert all(part in en.title for part in ("2 broken", "2 blocked", chain.link("steelmaking").en))
    alone = states.assign(in_cut=(states["link"] == "ironmaking").astype("boolean"))
    assert draw(chain, "zh", alone).title.endswith(f"堵2个，卡在{chain.link('ironmaking').zh}")
    assert len(Seen(zh).cuts) == 2 + 1 and "最小割" in words(zh.figure)  # two links and the legend
    assert zh.data.loc[zh.data["in_cut"], "link"].tolist() == [link.zh for link in chain.links if link.id in blocked]


def test_titles_where_nothing_is_broken_asked_or_known():
    chain = CHAINS["tyres"]
    assert "没有断点" in draw(chain).title and "卡在" not in draw(chain).title and "最小割" not in words(draw(chain).figure)
    assert "都没有企业" in draw(chain, states=["unasked"]).title
    without = draw(chain, states=unknown(chain))
    assert "没有企业名录" in without.title and "无企业名录" in words(without.figure) and "%" not in words(without.figure)
    assert without.data["suppliers"].isna().all() and without.data["supply"].isna().all()


def test_a_node_says_firms_projects_coverage_and_who_holds_it():
    chain = CHAINS["tyres"]
    said = words(draw(chain, states=["blocked"]).figure)
    assert said.count("企业12") == said.count("30%") == said.count("76%") == len(chain.links)
    assert "项目16" in said  # 12 + 3 + 1, without the producing ones
    assert "76%" not in words(draw(chain, states=rows(chain, ["held"], top_share=0.4)).figure)
    assert ">999%" in words(draw(chain).figure) and ">999%" not in said


def test_what_changed_says_what_it_was():
    chain = CHAINS["tyres"]
    before = {chain.links[0].id: "broken_open", chain.links[1].id: "held"}
    picture = draw(chain, before=before)
    assert words(picture.figure).count("上季") == 1
    assert picture.data["before"].tolist()[:3] == ["断点（未补）", "有企业承担", ""]


def test_a_county_fills_what_it_has():
    chain = CHAINS["tyres"]
    states = rows(chain, ["held", "broken_open"])
    mine = chain.links[0].id
    picture = draw(chain, "zh", states, county="211303", county_supply={mine: 12.0, chain.links[2].id: 0.0})
    grounds = {patch.get_gid()[6:]: patch.get_facecolor() for patch in picture.figure.axes[0].get_children()
               if str(patch.get_gid()).startswith("plate:")}
    assert grounds[mine] != grounds[chain.links[2].id] != grounds[chain.links[1].id]
    assert "朝阳市有1个" in picture.title and f"另有{(len(chain.links) + 1) // 2 - 1}个" in picture.title
    assert picture.data["own"].tolist() == [True] + [False] * (len(chain.links) - 1)
    assert "只在市内别处" in words(picture.figure) and "own" not in draw(chain).data


def test_two_drawings_are_the_same_bytes_and_tell_their_data():
    one, two = (draw(LONG, "en", STATES, final_wan=12_345.0) for _ in range(2))
    assert one.png == two.png
    assert set(one.labels) == set(one.data.columns) and len(one.data) == 20
    assert one.data.loc[18, "takers"].count("no. ") == 3
    assert all(link.en in one.alt for link in LONG.links)


def test_a_link_without_a_row_is_an_error():
    with pytest.raises(KeyError, match=CHAINS["tyres"].links[3].id):
        draw(CHAINS["tyres"], states=rows(CHAINS["tyres"]).drop(index=3))

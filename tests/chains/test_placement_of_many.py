"""Rows placed together are placed as each alone, whatever stands between, around and across the words."""

import random

import pandas as pd

from liantu.chains import place
from liantu.reference import city


def test_many_rows_are_placed_as_each_alone():
    chains = city().chains()
    draw = random.Random(4)
    words = sorted({word for chain in chains.chains for link in chain.links for word in link.keywords} | {
        name for chain in chains.chains for name in (chain.zh, *chain.aliases, *chain.masters)})
    between = ["", "鑫宏", "年产5万吨", "（一期）", "(", "）", " ", "【", "项目", "养老", "道路", "污水处理厂", "ａｂ", "、", "㎡"]

    def text():
        return "".join(draw.choice(words) if draw.random() < 0.4 else draw.choice(between) for _ in range(draw.randint(0, 6)))

    def cut(word):
        at = draw.randint(1, max(len(word) - 1, 1))
        return word[:at], word[at:]

    rows = [{"chain": draw.choice(["", "", chains.chains[0].zh, "轮胎/橡胶"]), "name": text(), "company": text(), "products": text(),
             "gb_code": draw.choice(["", "3670", "C36"]), "category": draw.choice(["", "基础设施", "工业"])} for _ in range(400)]
    # A firm's own name may reach from the name into the company.
    for row in rows[:100]:
        row["name"], row["company"] = (side + half for side, half in zip((row["name"], ""), cut(draw.choice(words)), strict=True))
    frame = pd.DataFrame(rows)
    alone = pd.concat([place(frame.iloc[[number]], chains) for number in range(len(frame))])
    pd.testing.assert_frame_equal(place(frame, chains), alone)

"""Ledgers for the tests: rows of every kind that a county writes into one csv."""

import csv
import io
import random

HEADER = ["序号", "项目名称", "建设单位", "县区", "所属产业链", "建设性质", "总投资（万元）", "本年计划投资（万元）",
          "开工时间", "竣工时间", "项目阶段", "联系电话", "备注"]
WHAT = ["汽车制动盘", "膨润土猫砂", "子午线轮胎", "玄武岩纤维", "杂粮加工", "道路改造", "光伏发电"]


def row(draw, number):
    brand = "".join(draw.choice("鑫宏达恒瑞泰昌盛丰隆") for _ in range(3))
    what = draw.choice(WHAT)
    name = draw.choice([f"{brand}年产{number}万件{what}项目", f"{brand}{what}（{draw.choice('一二')}期）", f" {brand}{what} 项目", what])
    return [
        number, name, draw.choice([f"{brand}有限公司", f"{brand}{what}有限公司", "", "县交通局"]),
        draw.choice(["北票市", "凌源", "建平县", "朝阳县", "喀左", "沈阳市", ""]), draw.choice(["", "膨润土", "橡胶轮胎产业链", "其他"]),
        draw.choice(["新建", "续建", "", "改建？"]),
        draw.choice(["5000", "1.2亿元", "约3亿元", "待定", "-5", "", "２０００", "5000（其中设备2000）"]),
        draw.choice(["", "300", "1,200"]), draw.choice(["2022-03-15", "2022年3月", "3月底", "2022.13.5", "", "二〇二二年五月"]),
        draw.choice(["2023年底", "2024.6", ""]), draw.choice(["在建", "已投产", "洽谈", "停工", ""]), "13912345678",
        draw.choice(["", "正常", "电话13912345678", "手续\n办理中", '引号"内"'])]


def odd(draw, number, headers):
    width = len(HEADER)
    return draw.choice([
        [""] * width, [], ["小计", "", "", "", "", "", "99999"], ["", "合计"], ["一、续建项目"], ["二", "新建项目"], ["北票市"],
        ["注：以上数据截至6月底"], ["填表人：张三", "", "审核人：李四"], ["", "", "", "", "", "", "5000"], [str(number)],
        [str(number), f"第{number}号工程"], ["单位：亿元"], row(draw, number)[:7], [*row(draw, number), "多一列"],
        *([HEADER, ["", "项目名称", "", "总投资"]] if headers else []),
        [number, "共12个", "", "", "", "", "800"],
        [number, "示例", "某某公司", "北票市", "", "新建", "1"],
        ['="007"', "编号引号项目建设", '="甲公司"']])


def rows(seed, number, share=0.06, copies=0.04, headers=False):
    draw = random.Random(seed)
    told = [["2022年全市重点项目台账"], ["填报单位：市发改委", "", "", "", "", "", "单位：万元"], HEADER]
    for place in range(1, number + 1):
        if place > 5 and draw.random() < share:
            told.append(odd(draw, place, headers))
        elif place > 5 and draw.random() < copies:
            told.append(draw.choice([line for line in told[3:] if len(line) == len(HEADER)] or [row(draw, place)]))
        else:
            told.append(row(draw, place))
    return [*told, [], ["制表人：王五", "13912345678"]]


def written(told, encoding="utf-8", delimiter=","):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(told)
    return text.getvalue().encode(encoding)

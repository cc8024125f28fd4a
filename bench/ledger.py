"""A large ledger for measuring: seven counties, mostly distinct projects, some exact copies, some cells that cannot be read.

The words stand here, apart from those of the simulation and of the reference data, so that nothing is measured on what it was made for.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
import pyarrow.parquet as parquet

COLUMNS = ("项目名称", "建设单位", "县区", "产业链", "建设性质", "总投资（万元）", "开工时间", "竣工时间", "项目阶段", "备注")
_BRAND = "鑫宏达恒瑞泰昌盛丰隆远航天宇中科金辉龙腾兴业华信德源嘉禾康润博众力诚永固安凯威佳美博雅卓越晨曦东升旭日凌云志翔百川汇海蓝博文景"
_PLACES = ("双塔区", "龙城区", "朝阳县", "建平县", "喀左县", "北票市", "凌源市")
_COUNTIES = (*_PLACES, "喀喇沁左翼蒙古族自治县", "建平", "北票", "凌源市 ", "211302", "朝阳县人民政府")
_WHAT = ("汽车制动盘", "膨润土猫砂", "子午线轮胎", "锆钛新材料", "高纯石英砂", "装配式建筑构件", "农产品冷链物流", "风电叶片", "光伏发电",
         "玄武岩纤维", "钒钛铸件",
         "环保除尘设备", "实木家具", "电子元器件", "肉鸡屠宰加工", "铁矿石选矿", "不锈钢管", "新能源储能电站", "生物质热电联产",
         "杂粮深加工", "道路改造", "污水处理厂扩容",
         "标准化厂房", "数据中心", "医用敷料", "锂电池负极材料")
_ENDS = ("建设项目", "生产线项目", "扩建项目", "技术改造项目", "一期工程", "二期工程", "产业园项目", "项目")
_CHAINS = ("汽车及零部件", "膨润土", "橡胶轮胎", "有色金属新材料", "新型建材", "农产品深加工", "清洁能源", "玄武岩纤维", "钒钛",
           "环保设备", "家居", "电子信息", "", "", "",
           "钢铁冶金产业链", "装备制造业", "其他")
_KINDS = ("新建", "续建", "扩建", "技改", "新建", "")
_STAGES = ("在建", "已开工", "已签约", "已竣工", "投产", "达产", "洽谈中", "停工", "核准", "")
_DATES = ("2022年3月", "2021年下半年", "2022.3.15", "3月底", "一季度", "2022年6月上旬", "二〇二二年五月", "待定", "见批复", "尽快", "")
_AMOUNTS = ("待定", "见附件", "约3亿元", "叁仟伍佰万元", "1.2亿元", "5000（其中设备2000）", "-300", "３５００", "三亿", "5,600万元", "")
_NOTES = ("", "", "", "", "手续办理中", "土地已摘牌", "主体施工", "设备安装调试", "正在办理环评，预计9月完成", "资金未到位")


def table(rows: int, seed: int) -> pa.Table:
    """`rows` rows of text, the same for the same seed."""
    draw = np.random.default_rng(seed)
    brand = _brands(draw, rows)
    what, place = _pick(draw, _WHAT, rows), _pick(draw, _PLACES, rows)
    firm = _joined(place, brand, what, "有限公司")
    number = _texts(draw.integers(1, 900, rows))
    name = _joined(brand, "年产", number, "万件", what, _pick(draw, _ENDS, rows))
    amount = _mixed(draw, _amounts(draw, rows), _AMOUNTS, 0.08)
    columns = (
        name, _mixed(draw, firm, ("",), 0.05), _pick(draw, _COUNTIES, rows), _pick(draw, _CHAINS, rows), _pick(draw, _KINDS, rows), amount,
        _mixed(draw, _days(draw, rows, 2019, 42), _DATES, 0.15), _mixed(draw, _days(draw, rows, 2022, 36), _DATES, 0.15),
        _pick(draw, _STAGES, rows), _pick(draw, _NOTES, rows))
    made = pa.table(dict(zip(COLUMNS, columns, strict=True)))
    # One row in fifty is sent twice, word for word.
    source = np.arange(rows)
    copies = np.flatnonzero(draw.random(rows) < 0.02)
    source[copies] = (copies * draw.random(len(copies))).astype(np.int64)
    return made.take(pa.array(source))


def write(path: Path, rows: int, seed: int = 7, piece: int = 500_000) -> None:
    """Write the ledger as csv (UTF-8) or parquet, by the ending of `path`, in pieces."""
    path.parent.mkdir(parents=True, exist_ok=True)
    schema = pa.schema([(name, pa.string()) for name in COLUMNS])
    opened = parquet.ParquetWriter if path.suffix == ".parquet" else csv.CSVWriter
    with opened(str(path), schema) as writer:
        for number, start in enumerate(range(0, rows, piece)):
            writer.write_table(table(min(piece, rows - start), seed + number))


def _brands(draw: np.random.Generator, rows: int) -> pa.Array:
    characters = [_pick(draw, _BRAND, rows) for _ in range(4)]
    fourth = pc.if_else(pa.array(draw.random(rows) < 0.5), characters[3], pa.scalar(""))
    return _joined(*characters[:3], fourth)


def _amounts(draw: np.random.Generator, rows: int) -> pa.Array:
    values = np.round(np.exp(draw.normal(8.5, 1.3, rows)))
    return _texts(np.maximum(values, 100).astype(np.int64))


def _days(draw: np.random.Generator, rows: int, year: int, months: int) -> pa.Array:
    first = np.datetime64(f"{year}-01-01") + draw.integers(0, months * 30, rows)
    days = pa.array(first.astype("datetime64[D]"))
    forms = [pc.strftime(days, format=form) for form in ("%Y-%m-%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y/%m/%d")]
    return pc.choose(pa.array(draw.integers(0, len(forms), rows)), *forms)


def _mixed(draw: np.random.Generator, values: pa.Array, others: tuple[str, ...], share: float) -> pa.Array:
    return pc.if_else(pa.array(draw.random(len(values)) < share), _pick(draw, others, len(values)), values)


def _pick(draw: np.random.Generator, words: tuple[str, ...] | str, rows: int) -> pa.Array:
    return pa.array(list(words)).take(pa.array(draw.integers(0, len(words), rows)))


def _texts(numbers: np.ndarray) -> pa.Array:
    return pc.cast(pa.array(numbers), pa.string())


def _joined(*parts: pa.Array | str) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))

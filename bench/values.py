"""Value parsing of a large table held against the same work in polars: amount, date, county, chain, trim, exact de-duplication.

Both sides read the same arrow table of texts, and must give the same values and keep the same rows before any time counts.
"""

from __future__ import annotations

import datetime as dt
import re
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from liantu.chains import chain_of
from liantu.ledger import values
from liantu.ledger.rows.readers import TEXT
from liantu.ledger.values import Reader, read_all
from liantu.ledger.values.repeats import first_times
from liantu.reference import Chains, City, city

SNAPSHOT = dt.date(2022, 6, 30)
COLUMNS = ("name", "county", "chain", "amount", "date")
_SYLLABLES = np.array(list("鑫宏达恒瑞泰昌盛丰隆远航宇中科金辉龙腾兴业华信德源嘉禾康润博众诚永固安凯威佳美雅卓越晨曦东升"))
_WHAT = (
    "汽车零部件生产线", "膨润土深加工", "子午线轮胎", "高纯石英砂", "风力发电", "光伏发电", "铸造产业园", "冷链物流", "锆钛新材料",
    "装配式构件")
_BLANKS = ("", "", "", "", "", "", "", " ", "\u3000", "  ")
_TOWNS = ("", "", "", "台吉镇", "经济开发区", "（在建）")
_WIDE = str.maketrans("0123456789.", "０１２３４５６７８９．")
_DIGITS = "零一二三四五六七八九"


def run(rows: int, repeats: int = 5, seed: int = 3) -> dict:
    """Seconds and ratio (median of paired runs, the order changing) for a table of so many rows; raises when the two sides differ."""
    place = city()
    chains = place.chains()
    table = made(rows, seed, place, chains)
    sides: dict[str, Callable[[], object]] = {
        "liantu": partial(by_liantu, table, place, chains), "polars": partial(by_polars, table, place, chains)}
    compare(*(side() for side in sides.values()))
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for turn in range(repeats):
        for name in sorted(sides, reverse=bool(turn % 2)):
            started = time.perf_counter()
            sides[name]()
            seconds[name].append(time.perf_counter() - started)
    ratios = [mine / theirs for mine, theirs in zip(seconds["liantu"], seconds["polars"], strict=True)]
    return {"rows": rows, **{f"{name}_seconds": statistics.median(taken) for name, taken in seconds.items()},
            "ratio": statistics.median(ratios), "ratios": ratios}


def made(rows: int, seed: int, place: City, chains: Chains) -> pa.Table:
    """Texts as ledgers have them, the same for the same seed; one row in twenty repeats an earlier one word for word."""
    draw = np.random.default_rng(seed)
    counties = [name + town for county in place.divisions.counties for name in (county.zh, county.short_zh) for town in _TOWNS]
    names = [spelling for chain in chains.chains for spelling in (chain.zh, f"{chain.zh}产业链")] + ["", "其他"]
    columns = {
        "name": _names(draw, rows), "county": _picked(draw, counties, rows), "chain": _picked(draw, names, rows),
        "amount": _amounts(draw, rows), "date": _dates(draw, rows)}
    source = np.arange(rows)
    copies = np.flatnonzero(draw.random(rows) < 0.05)
    source[copies] = (copies * draw.random(len(copies))).astype(np.int64)
    return pa.table(columns).take(pa.array(source)).combine_chunks()


def _picked(draw: np.random.Generator, words: list[str] | tuple[str, ...], rows: int) -> pa.Array:
    return pa.array(words, pa.string()).take(pa.array(draw.integers(0, len(words), rows)))


def _joined(*parts: pa.Array | str) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")


def _names(draw: np.random.Generator, rows: int) -> pa.Array:
    brand = [pa.array(_SYLLABLES[draw.integers(0, len(_SYLLABLES), rows)]) for _ in range(4)]
    size = pc.cast(pa.array(draw.integers(1, 500, rows)), pa.string())
    before, after = _picked(draw, _BLANKS, rows), _picked(draw, _BLANKS, rows)
    return _joined(before, *brand, "公司年产", size, "万吨", _picked(draw, _WHAT, rows), "项目", after)


def _amounts(draw: np.random.Generator, rows: int) -> pa.Array:
    """In 万元 unless the cell says otherwise: plain, separators, 万元, 亿元, 约, full width, and one in a hundred in Chinese numerals."""
    tenths = np.maximum(np.round(np.exp(draw.normal(8.5, 1.3, rows)) * 10), 10).astype(np.int64).tolist()
    kinds = draw.choice(7, rows, p=[0.5, 0.12, 0.12, 0.12, 0.08, 0.05, 0.01]).tolist()
    forms: tuple[Callable[[int], str], ...] = (
        lambda value: f"{value / 10:g}" if value < 10**6 else str(value // 10), lambda value: f"{value / 10:,.1f}",
        lambda value: f"{value // 10}万元", lambda value: f"{value / 100000:.2f}亿元", lambda value: f"约{value // 10}万元",
        lambda value: str(value // 10).translate(_WIDE), lambda value: f"{_chinese(value // 10 % 9999 + 1)}万元")
    return pa.array([forms[kind](value) for kind, value in zip(kinds, tenths, strict=True)])


def _chinese(number: int) -> str:
    text = "".join(_DIGITS[int(digit)] + scale for digit, scale in zip(f"{number:04}", ("千", "百", "十", ""), strict=True))
    return re.sub("零+$", "", re.sub("零+", "零", re.sub("零[千百十]", "零", text))).lstrip("零")


def _dates(draw: np.random.Generator, rows: int) -> pa.Array:
    """Eight forms of days, months and quarters from 2018 to 2024."""
    days = pa.array(np.datetime64("2018-01-01") + draw.integers(0, 2500, rows))
    year, month, day = (pc.cast(part(days), pa.string()) for part in (pc.year, pc.month, pc.day))
    forms = [pc.strftime(days, "%Y-%m-%d"), _joined(year, ".", month, ".", day), pc.strftime(days, "%Y/%m/%d"),
             _joined(year, "年", month, "月", day, "日"), _joined(year, "年", month, "月"), pc.strftime(days, "%Y%m%d"),
             _joined(year, "年", month, "月底"), _joined(year, "年", pc.cast(pc.quarter(days), pa.string()), "季度")]
    return pc.choose(pa.array(draw.integers(0, len(forms), rows)), *forms)


def by_liantu(table: pa.Table, place: City, chains: Chains) -> pa.Table:
    """The values by the readers of the library; the rows that repeat no row before them."""
    readers = {
        "name": TEXT, "county": Reader(partial(values.read_county, divisions=place.divisions), "text"), "chain": TEXT,
        "amount": Reader(partial(values.read_amount, unit="万元"), "number", partial(values.plain_amounts, unit="万元")),
        "date": Reader(partial(values.read_date, snapshot=SNAPSHOT), "date", values.plain_dates)}
    cells = {name: table[name] for name in COLUMNS}
    columns = {name: column for name, (_, column) in read_all(cells, readers).items()}
    columns["chain"] = columns["chain"].mapped(partial(chain_of, chains=chains))
    first = first_times(list(columns.values()))
    return pa.table({name: pa.array(column.only(first).taken()) for name, column in columns.items()})


def by_polars(table: pa.Table, place: City, chains: Chains) -> pa.Table:
    """The same values by polars' expressions.

    Dates and places, which repeat, are read from their different texts and joined; reading amounts so, everything so, nothing so, and the
    streaming engine were all slower when this was written.
    """
    frame = pl.from_arrow(table).lazy().with_columns(_amount(pl.col("amount")).alias("amount"))
    for name, expression in {"date": _date(pl.col("date")), "county": _county(pl.col("county"), place)}.items():
        read = frame.select(name).unique().with_columns(expression.alias("read"))
        frame = frame.join(read, on=name, how="left", maintain_order="left").drop(name).rename({"read": name})
    words = {chain.zh: chain_of(chain.zh, chains) for chain in chains.chains}
    told = frame.select(
        pl.col("name").str.strip_chars(" \u3000"), pl.col("county"),
        pl.col("chain").str.strip_suffix("产业链").replace_strict(words, default=None), pl.col("amount"), pl.col("date"))
    return told.unique(keep="first", maintain_order=True).collect().to_arrow()


def _county(text: pl.Expr, place: City) -> pl.Expr:
    names = {name: county.code for county in place.divisions.counties for name in (county.zh, county.short_zh)}
    longest = sorted(names, key=len, reverse=True)
    return text.str.extract(f"^({'|'.join(longest)})").replace_strict(names, default=None)


def _amount(text: pl.Expr) -> pl.Expr:
    plain = text.str.normalize("NFKC")
    digits = plain.str.replace_all(",", "").str.extract(r"([0-9.]+)")
    power = pl.when(plain.str.contains("亿", literal=True)).then(pl.lit("e4")).otherwise(pl.lit("e0"))
    return pl.when(digits.is_not_null()).then(pl.concat_str(digits, power).cast(pl.Float64)).otherwise(_of_numeral(plain))


def _of_numeral(text: pl.Expr) -> pl.Expr:
    """三千五百零二 as 3502."""
    values = {digit: value for value, digit in enumerate(_DIGITS)}
    parts = text.str.extract_groups("^(?:(?<k>.)千)?零?(?:(?<h>.)百)?零?(?:(?<t>.)十)?零?(?<u>[一二三四五六七八九])?万元$").struct
    ones = [parts.field(name).replace_strict(values, default=0, return_dtype=pl.Int64) * scale
            for name, scale in (("k", 1000), ("h", 100), ("t", 10), ("u", 1))]
    return pl.sum_horizontal(ones).cast(pl.Float64)


def _date(text: pl.Expr) -> pl.Expr:
    parts = text.str.extract_groups(r"^(?<y>\d{4})[-./年]?(?:(?<q>[1-4])季度|(?<m>\d{1,2})(?:月底?$|[-./月]?(?<d>\d{1,2})日?)?)$").struct
    year, quarter, month, day = (parts.field(name).cast(pl.Int32) for name in "yqmd")
    whole = pl.date(year, pl.coalesce(month, quarter * 3), 1).dt.month_end()
    return pl.when(day.is_not_null()).then(pl.date(year, month, day)).otherwise(whole)


def compare(mine: pa.Table, theirs: pa.Table) -> None:
    """Raises AssertionError when two sides give other values or keep other rows."""
    assert mine.num_rows == theirs.num_rows, f"{mine.num_rows} rows here, {theirs.num_rows} there"
    for name in COLUMNS:
        kind = {"amount": pa.float64(), "date": pa.date32()}.get(name, pa.string())
        one, other = (side[name].cast(kind) for side in (mine, theirs))
        if one.equals(other):
            continue
        missing = one.is_null().to_numpy() != other.is_null().to_numpy()
        differs = np.flatnonzero(~pc.fill_null(pc.equal(one, other), True).to_numpy() | missing)
        first = int(differs[0])
        raise AssertionError(f"{name}: {len(differs)} values differ, the first {one[first]} here and {other[first]} there")


if __name__ == "__main__":
    for name, told in run(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000).items():
        print(name, told)

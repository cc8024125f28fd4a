"""Whole columns are held against the contract at once, and pandera agrees with what is let through and what is not."""

import datetime as dt

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from pandera.errors import SchemaError

from liantu.tables import CONTRACTS
from liantu.tables.contracts import Column, Contract, nothing

VALUES = {
    "text": st.sampled_from(["a", "b", "c", "", None]), "number": st.sampled_from([0.0, -1.0, 0.5, 1.0, 2.0, None, float("inf")]),
    "count": st.sampled_from([0, 1, -1, 5, None]), "flag": st.sampled_from([True, False, None]),
    "date": st.sampled_from([dt.date(2022, 1, 1), dt.date(2022, 6, 30), None])}


@st.composite
def contracts(draw):
    kinds = draw(st.lists(st.sampled_from(list(VALUES)), min_size=1, max_size=4))
    columns = tuple(
        Column(f"c{place}", kind, "", "", draw(st.booleans()), ("a", "b") if kind == "text" and draw(st.booleans()) else (),
               *((draw(st.sampled_from([None, 0])), draw(st.sampled_from([None, 1]))) if kind in ("number", "count") else (None, None)))
        for place, kind in enumerate(kinds))
    key = tuple(column.name for column in columns if draw(st.booleans()))
    rows = draw(st.lists(st.tuples(*(VALUES[kind] for kind in kinds)), max_size=5))
    return Contract("drawn", "", "", key, columns), pd.DataFrame(rows, columns=[column.name for column in columns], dtype=object)


def typed(contract, rows):
    open_ = Contract("open", "", "", (), tuple(Column(column.name, column.kind, "", "") for column in contract.columns))
    return open_.conform(rows)


@settings(deadline=None, max_examples=300)
@given(contracts())
def test_pandera_agrees(drawn):
    contract, rows = drawn
    frame = typed(contract, rows)
    try:
        contract.schema().validate(frame)
    except SchemaError:
        with pytest.raises(SchemaError):
            contract.conform(rows)
    else:
        pd.testing.assert_frame_equal(contract.conform(rows), frame)


@settings(deadline=None, max_examples=100)
@given(contracts())
def test_a_part_has_the_columns_that_hold_something(drawn):
    contract, rows = drawn
    unkeyed = Contract("part", "", "", (), contract.columns)
    try:
        whole = unkeyed.conform(rows)
    except SchemaError:
        with pytest.raises(SchemaError):
            contract.conform_part(rows)
        return
    part = contract.conform_part(rows)
    for column in contract.columns:
        if column.name in part:
            pd.testing.assert_series_equal(part[column.name], whole[column.name])
        else:
            assert column.nullable
            assert whole[column.name].isna().all()


def test_a_column_that_must_be_there_is_missed():
    with pytest.raises(SchemaError):
        CONTRACTS["projects"].conform_part(pd.DataFrame({"name": ["x"]}))


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=lambda contract: contract.table)
def test_empty_tables_have_the_types_of_the_contract(contract):
    empty = contract.conform([])
    contract.schema().validate(empty)
    for column in contract.columns:
        assert nothing(column.kind, 3).dtype == empty[column.name].dtype
        assert np.asarray(nothing(column.kind, 3).isna()).all()

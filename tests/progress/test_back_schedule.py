"""Back-scheduling against published instances and examples, by hand, and with faults."""

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liantu.errors import LiantuError
from liantu.progress.scheduling.back_schedule import back_schedule
from liantu.progress.scheduling.working_days import city_calendar, works_days
from liantu.reference import city

# PSPLIB, set j30, instance j301_1 (Kolisch and Sprecher, European Journal of Operational Research 96 (1997) 205-216): durations of the jobs
# 1 to 32 and the successors of each. The file states MPM-Time (length of the critical path) 38 and the due date 38.
J301_1_DAYS = [0, 8, 4, 6, 3, 8, 5, 9, 2, 7, 9, 2, 6, 3, 9, 10, 6, 5, 3, 7, 2, 7, 2, 3, 3, 7, 8, 3, 7, 2, 2, 0]
J301_1_AFTER = {
    1: [2, 3, 4], 2: [6, 11, 15], 3: [7, 8, 13], 4: [5, 9, 10], 5: [20], 6: [30], 7: [27], 8: [12, 19, 27], 9: [14], 10: [16, 25],
    11: [20, 26], 12: [14], 13: [17, 18], 14: [17], 15: [25], 16: [21, 22], 17: [22], 18: [20, 22], 19: [24, 29], 20: [23, 25], 21: [28],
    22: [23], 23: [24], 24: [30], 25: [30], 26: [31], 27: [28], 28: [31], 29: [32], 30: [32], 31: [32], 32: []}
# Heizer and Render, Operations Management, project management: Milwaukee Paper. Weeks; ES, EF, LS, LF as printed there, and the slack.
MILWAUKEE = {
    "A": (2, [], 0, 2, 0, 2, 0), "B": (3, [], 0, 3, 1, 4, 1), "C": (2, ["A"], 2, 4, 2, 4, 0), "D": (4, ["A", "B"], 3, 7, 4, 8, 1),
    "E": (4, ["C"], 4, 8, 4, 8, 0), "F": (3, ["C"], 4, 7, 10, 13, 6), "G": (5, ["D", "E"], 8, 13, 8, 13, 0),
    "H": (2, ["F", "G"], 13, 15, 13, 15, 0)}
START = pd.Timestamp("2022-03-01")


def _psplib() -> pd.DataFrame:
    after = {job: [str(other) for other, later in J301_1_AFTER.items() if job in later] for job in J301_1_AFTER}
    return pd.DataFrame({"step": [str(job) for job in after], "duration_days": J301_1_DAYS, "after": list(after.values())})


def _milwaukee() -> pd.DataFrame:
    return pd.DataFrame([(name, row[0], row[1]) for name, row in MILWAUKEE.items()], columns=["step", "duration_days", "after"])


def test_the_critical_path_of_a_published_instance():
    due = START + pd.Timedelta(days=38)
    table = back_schedule(_psplib(), due)
    assert (due - table["latest_start"].min()).days == 38
    assert table["latest_finish"].max() == due
    assert table["slack_days"].min() == 0
    decides = table[table["critical"]]
    assert decides["duration_days"].sum() == 38
    assert {"1", "32"} <= set(decides["step"])


def test_a_textbook_example():
    table = back_schedule(_milwaukee(), START + pd.Timedelta(days=15)).set_index("step")
    for name, (_, _, *published) in MILWAUKEE.items():
        row = table.loc[name]
        dates = [row["earliest_start"], row["earliest_finish"], row["latest_start"], row["latest_finish"]]
        assert [*((date - START).days for date in dates), row["slack_days"]] == published, name
    assert "".join(table.index[table["critical"]]) == "ACEGH"


def test_order_of_the_rows_does_not_matter():
    straight, turned = back_schedule(_milwaukee(), "2022-06-30"), back_schedule(_milwaukee()[::-1], "2022-06-30")
    pd.testing.assert_frame_equal(straight, turned.sort_index())


def test_slack_given_what_is_done_and_today():
    steps = pd.DataFrame({"step": ["filing", "land", "permit"], "duration_days": [10, 20, 5], "after": [[], ["filing"], ["land"]],
                          "done": [pd.Timestamp("2022-03-08"), pd.NaT, pd.NaT]})
    table = back_schedule(steps, "2022-04-30", today="2022-03-20").set_index("step")
    # Back from 30 April: the permit takes 25 to 30 April, land 5 to 25 April, filing 26 March to 5 April.
    assert table["latest_start"].dt.strftime("%m-%d").tolist() == ["03-26", "04-05", "04-25"]
    assert table["latest_finish"].dt.strftime("%m-%d").tolist() == ["04-05", "04-25", "04-30"]
    # Filing ended 28 days early; land can begin on 20 March only and end on 9 April, 16 days before it must.
    assert table["slack_days"].tolist() == [28, 16, 16]
    assert table["critical"].tolist() == [False, True, True]
    # Without today it counts from the last day on which something was done.
    assert back_schedule(steps, "2022-04-30")["slack_days"].tolist() == [28, 28, 28]
    # Late: negative slack.
    assert back_schedule(steps, "2022-04-10", today="2022-03-20")["slack_days"].tolist() == [8, -4, -4]


def test_all_done_leaves_nothing_critical():
    table = back_schedule(_milwaukee().assign(done=pd.Timestamp("2022-03-05")), "2022-03-01")
    assert not table["critical"].any()
    assert table.loc[7, "slack_days"] == -4


def test_papers_take_working_days_and_works_rest_in_winter():
    steps = pd.DataFrame({"step": ["permit", "works", "acceptance"], "duration_days": [7, 30, 15], "kind": ["paper", "works", "days"],
                          "after": [[], ["permit"], ["works"]]})
    table = back_schedule(steps, "2022-10-31", calendar=city_calendar()).set_index("step")
    # Acceptance 16 to 31 October; works 16 September to 16 October; the permit ends on 16 September, a Friday, and was handed in seven
    # working days before: 6 September (10 to 12 September were the holiday of mid-autumn).
    assert table["latest_start"].dt.strftime("%m-%d").tolist() == ["09-06", "09-16", "10-16"]
    assert table["latest_finish"].dt.strftime("%m-%d").tolist() == ["09-16", "10-16", "10-31"]
    # In plain days without a calendar, whatever the kind.
    assert back_schedule(steps, "2022-10-31")["latest_start"].min() == pd.Timestamp("2022-10-31") - pd.Timedelta(days=52)
    # In the pause (15 November to 15 March) a day of works counts half: 30 days of works take 60.
    half = replace(city_calendar(), works=works_days(city().calendar.winter_pause, 0.5))
    winter = back_schedule(steps.iloc[[1]].assign(after=[[]]), "2022-03-01", calendar=half)
    assert winter["latest_start"].iloc[0] == pd.Timestamp("2021-12-31")


@settings(max_examples=60, deadline=None)
@given(data=st.data(), count=st.integers(1, 9), due=st.dates(dt.date(2010, 1, 1), dt.date(2030, 1, 1)))
def test_no_step_is_later_than_what_follows_it(data, count, due):
    names = [f"s{number}" for number in range(count)]
    after = [data.draw(st.lists(st.sampled_from(names[:number]), unique=True)) if number else [] for number in range(count)]
    kinds = data.draw(st.lists(st.sampled_from(["paper", "works", "days"]), min_size=count, max_size=count))
    days = data.draw(st.lists(st.integers(0, 90), min_size=count, max_size=count))
    steps = pd.DataFrame({"step": names, "duration_days": days, "after": after, "kind": kinds})
    for calendar in (None, city_calendar()):
        table = back_schedule(steps, due, calendar=calendar).set_index("step")
        assert (table["latest_finish"] <= pd.Timestamp(due)).all()
        assert table["critical"].any()
        for name, before in zip(names, after, strict=True):
            for earlier in before:
                assert table.loc[earlier, "latest_finish"] <= table.loc[name, "latest_start"]
                assert table.loc[earlier, "earliest_finish"] <= table.loc[name, "earliest_start"]
        if calendar is None:
            assert table["slack_days"].min() == 0
            assert ((table["slack_days"] == 0) == table["critical"]).all()
            assert ((table["latest_finish"] - table["latest_start"]).dt.days == table["duration_days"]).all()


def _steps(**changes: object) -> pd.DataFrame:
    return pd.DataFrame({"step": ["a", "b"], "duration_days": [1, 2], "after": [[], ["a"]]}).assign(**changes)


@pytest.mark.parametrize(("steps", "told"), [
    (_steps(after=[["b"], ["a"]]), r"wait for each other: (a -> b -> a|b -> a -> b)"),
    (_steps(after=[["a"], []]), "wait for each other: a -> a"),
    (_steps(after=[[], ["x"]]), "step 'b' comes after 'x'"), (_steps(duration_days=[1, -2]), "step 'b': duration_days -2"),
    (_steps(duration_days=[float("nan"), 2]), "step 'a': duration_days nan"),
    (_steps(duration_days=["long", 2]), "step 'a': duration_days 'long'"),
    (_steps(step=["a", "a"]), "step 'a' is given twice"), (_steps().iloc[:0], "no steps"),
    (_steps().drop(columns="after"), "'after' is missing"),
    (_steps(done=["soon", None]), "step 'a': done: 'soon' is not a date"), (_steps(after=[[], 3]), "step 'b': after 3")])
def test_faults_are_told_in_one_line_that_names_the_step(steps, told):
    with pytest.raises(LiantuError, match=told) as error:
        back_schedule(steps, "2022-12-31")
    assert "\n" not in str(error.value)


def test_due_must_be_a_date():
    with pytest.raises(LiantuError, match="due: 'soon' is not a date"):
        back_schedule(_steps(), "soon")
    with pytest.raises(LiantuError, match="due: None is not a date"):
        back_schedule(_steps(), None)


def test_a_part_of_a_day_counts_as_a_day_and_a_name_alone_is_a_list_of_one():
    table = back_schedule(_steps(duration_days=[0.2, 2], after=[None, "a"]), "2022-12-31")
    assert table["duration_days"].tolist() == [1, 2]
    assert table["latest_start"].dt.day.tolist() == [28, 29]

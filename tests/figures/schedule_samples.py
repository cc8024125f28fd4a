"""Made-up schedules for the tests of the schedule charts: projects and steps with the columns of `liantu.progress.project_schedules`."""

from __future__ import annotations

import datetime as dt
import random

import figure_samples
import pandas as pd

AS_OF = dt.date(2022, 6, 30)
ORDER = ("filing", "siting", "land", "energy", "environment", "safety", "permit", "start", "works", "completion")
PERMITS = ORDER[:6]
STEPS = {
    "zh": ("立项（核准或备案）", "规划选址", "用地预审", "节能审查（能评）", "环境影响评价（环评）", "安全审查（安评）", "施工许可", "开工",
           "主体施工", "竣工验收"),
    "en": ("Filing or approval", "Siting", "Land pre-review", "Energy review", "Environmental review", "Safety review",
           "Construction permit", "Start of works", "Main works", "Completion and acceptance")}
STAGES = {"zh": {"signed": "签约", "approved": "核准备案", "started": "开工"},
          "en": {"signed": "Signed", "approved": "Approved", "started": "Started"}}
NAMES = ("永翔宇车业年产30万套缸体节能改造项目", "腾美源化工硅藻矿物粉生产线建设项目", "建平县哈拉道口镇桥梁维修改造工程",
         "凌源特种化学品技术改造项目二期工程", "喀左钰尧发铸造宝珠砂扩能项目", "源创邦重工搬迁升级")
DAYS = (20, 20, 20, 15, 30, 20, 7, 30, 240, 15)
PAUSE = ((11, 15), (3, 15))


def names(lang):
    return dict(zip(ORDER, STEPS[lang], strict=True)) | STAGES[lang]


def counties(lang):
    return {county.code: figure_samples.short(county, lang) for county in figure_samples.COUNTIES}


def schedules(number=60, seed=4):
    """Projects and their steps: chained backwards from a due date; the first steps done."""
    draw, projects, rows = random.Random(seed), [], []
    for index in range(number):
        stage = draw.choice(("signed", "approved", "started"))
        behind = {"signed": 0, "approved": draw.randint(1, 6), "started": 8}[stage]
        due = pd.Timestamp(2022, 9, 30) + pd.Timedelta(days=draw.randint(0, 12) * 30)
        finish, steps = due, []
        for step, days in list(zip(ORDER, DAYS, strict=True))[::-1]:
            start = finish - pd.Timedelta(days=days)
            steps.append({"step": step, "duration_days": float(days), "latest_start": start, "latest_finish": finish})
            finish = start
        steps = steps[::-1]  # from the first to the last
        first = steps[behind]
        slack = float((first["latest_start"] - pd.Timestamp(AS_OF)).days)
        for place, entry in enumerate(steps):
            state = "done" if place < behind else "not_needed" if entry["step"] in ("energy", "safety") and index % 3 == 0 else "open"
            late = state == "open" and entry["latest_finish"] < pd.Timestamp(AS_OF)
            done = entry["latest_finish"] if state == "done" and index % 2 else pd.NaT
            rows.append({"project_id": f"P{index:03}"} | entry | {
                "done": done, "state": state, "slack_days": slack, "critical": place >= behind, "late": late})
        county = figure_samples.COUNTIES[index % 7].code
        projects.append({
            "project_id": f"P{index:03}", "name": NAMES[index % len(NAMES)] + ("" if index < 6 else f"（{index}期）"), "county": county,
            "department": ("市发展改革委", "市自然资源局", None)[index % 3], "due": due,
            "due_from": ("target", "original", "plan")[index % 3], "stage": stage, "next_step": first["step"], "slack_days": slack,
            "late_steps": ",".join(entry["step"] for entry in steps[behind:] if entry["latest_finish"] < pd.Timestamp(AS_OF)),
            "chance": min(max(0.5 + slack / 200, 0.0), 1.0),
            "verdict": "late" if slack < 0 else "tight" if slack < 30 else "on_track",
            "planned_date": due + pd.Timedelta(days=90 if index % 4 == 0 else 0)})
    return pd.DataFrame(projects).astype({"department": "str"}), pd.DataFrame(rows)


def undated(projects):
    """Projects without any date to keep."""
    return projects.assign(due=pd.NaT, due_from="", slack_days=float("nan"), chance=float("nan"), verdict="unknown", planned_date=pd.NaT)


TARGETS = {"zh": {"q1_started": "一季度开工", "q2_at_capacity": "二季度达产", "year_at_work": "全年开复工"},
           "en": {"q1_started": "Started in Q1", "q2_at_capacity": "At capacity by Q2", "year_at_work": "Started or resumed in the year"}}


def pace():
    """Completion against time at mid-year as `liantu.progress.county_pace` has it; the second target only one county plans."""
    draw, rows = random.Random(9), []
    for target, elapsed, months in (("q1_started", 1.0, 0), ("q2_at_capacity", 1.0, 0), ("year_at_work", 0.5, 6)):
        for county in (*(county.code for county in figure_samples.COUNTIES), "211300", ""):
            planned = 0.0 if county == "211300" or (target == "q2_at_capacity" and county not in ("211382", "")) else draw.randint(8, 90)
            done = draw.randint(3, 70) if county != "211300" else 0
            share = done / planned if planned else float("nan")
            rows.append({
                "county": county, "target": target, "planned": planned, "due_by_now": planned * elapsed, "done": done, "share_done": share,
                "share_elapsed": elapsed, "points": round(round(share * 100, 2) - elapsed * 100, 2),
                "per_month_needed": max(planned - done, 0) / months if months else float("nan"),
                "note": "no_plan" if not planned else "beyond_plan" if done > planned else "few" if planned < 12 else ""})
    return pd.DataFrame(rows)


def curve(known=2):
    """A year's investment by month, done at the end of the first `known` quarters, as of `liantu.progress.investment_curve`."""
    dates = pd.date_range("2022-01-31", periods=12, freq="ME")
    table = pd.DataFrame({"date": dates, "plan_wan": [100_000.0 * (month + 1) for month in range(12)]})
    done = {3 * quarter: 70_000.0 * 3 * quarter for quarter in range(1, known + 1)}
    table["done_wan"] = [done.get(month + 1, float("nan")) for month in range(12)]
    ahead = pd.Series([float("nan") if month + 1 < 3 * known else 70_000.0 * (month + 1) for month in range(12)])
    spread = pd.Series([max(month + 1 - 3 * known, 0) * 12_000.0 for month in range(12)])
    return table.assign(forecast_wan=ahead, low_wan=ahead - spread, high_wan=ahead + spread, low50_wan=ahead - spread / 3,
                        high50_wan=ahead + spread / 3)


def performance():
    """Earned schedule of counties and the city at two ledgers, as of `liantu.progress.schedule_performance`."""
    draw, rows = random.Random(2), []
    for county in (*(county.code for county in figure_samples.COUNTIES), ""):
        for month in (3, 6):
            spi = 1.08 if county == "211302" else round(draw.uniform(0.4, 0.95), 3)
            rows.append({"county": county, "date": pd.Timestamp(2022, month, 31 if month == 3 else 30), "planned_wan": 1e5 * month,
                         "done_wan": 1e5 * month * spi, "earned_wan": 9e4 * month * spi, "es_months": month * spi,
                         "at_months": float(month), "sv_months": month * (spi - 1), "spi_t": spi, "spi": spi, "ieac_months": 12 / spi,
                         "tspi": (12 - month * spi) / (12 - month), "note": ""})
    return pd.DataFrame(rows)

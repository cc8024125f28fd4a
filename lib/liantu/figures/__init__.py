"""Figures and what else a notebook shows: one style and font, and each figure with its alt text and tidy data, in zh or en."""

from liantu.figures.chain_charts import gap_chart, heat_map
from liantu.figures.curve_charts import curves_chart
from liantu.figures.delay_chart import delay_chart
from liantu.figures.display import (
    Answer,
    Behind,
    BookColumn,
    BookSheet,
    Headline,
    Outlook,
    PageTable,
    Picture,
    TrendPoint,
    WatchItem,
    WatchList,
    Workbook,
)
from liantu.figures.empty import empty_picture
from liantu.figures.forecast_charts import county_forecast_chart, methods_chart
from liantu.figures.funnel_charts import funnel_chart, rates_by_group_chart, waterfall_chart
from liantu.figures.gap_charts import burden_map, coverage_chart, targets_chart
from liantu.figures.gap_history_charts import gaps_over_time, labels_chart, promises_chart
from liantu.figures.ledger_charts import accounting_chart, reporting_delay_chart
from liantu.figures.milestone_charts import county_chart, pace_chart, target_chart
from liantu.figures.nearness_charts import nearness_chart
from liantu.figures.pace_charts import county_pace_chart, earned_schedule_chart, investment_chart
from liantu.figures.quality_charts import filled_chart, late_chart, rules_chart, score_chart
from liantu.figures.schedule_charts import late_steps_chart, slack_chart
from liantu.figures.score_charts import chances_chart, past_forecasts_chart, scores_chart
from liantu.figures.since_charts import bridge_chart, facts_chart, restated_chart
from liantu.figures.slip_charts import plan_versions_chart, slip_chart, uplift_chart
from liantu.figures.stage_time_charts import permit_chart, time_in_stage_chart
from liantu.figures.style import figure_style, new_figure, stamp
from liantu.figures.wall_chart import wall_chart

__all__ = [
    "Answer", "Behind", "BookColumn", "BookSheet", "Headline", "Outlook", "PageTable", "Picture", "TrendPoint", "WatchItem",
    "WatchList", "Workbook", "accounting_chart", "bridge_chart", "burden_map", "chances_chart", "county_chart", "county_forecast_chart",
    "county_pace_chart", "coverage_chart", "curves_chart", "delay_chart", "earned_schedule_chart", "empty_picture", "facts_chart",
    "figure_style", "filled_chart", "funnel_chart", "gap_chart", "gaps_over_time", "heat_map", "investment_chart", "labels_chart",
    "late_chart", "late_steps_chart", "methods_chart", "nearness_chart", "new_figure", "pace_chart", "past_forecasts_chart",
    "permit_chart", "plan_versions_chart", "promises_chart", "rates_by_group_chart", "reporting_delay_chart", "restated_chart",
    "rules_chart", "score_chart", "scores_chart", "slack_chart", "slip_chart", "stamp", "target_chart", "targets_chart",
    "time_in_stage_chart", "uplift_chart", "wall_chart", "waterfall_chart",
]

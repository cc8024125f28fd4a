"""Figures and what else a notebook shows: one style and font, and each figure with its alt text and tidy data, in zh or en."""

from liantu.figures.chain_charts import gap_chart, heat_map
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
from liantu.figures.gap_charts import burden_map, coverage_chart, targets_chart
from liantu.figures.gap_history_charts import gaps_over_time, labels_chart, promises_chart
from liantu.figures.ledger_charts import accounting_chart, reporting_delay_chart
from liantu.figures.milestone_charts import county_chart, pace_chart, target_chart
from liantu.figures.nearness_charts import nearness_chart
from liantu.figures.quality_charts import filled_chart, late_chart, rules_chart, score_chart
from liantu.figures.since_charts import bridge_chart, facts_chart, restated_chart
from liantu.figures.style import figure_style, new_figure, stamp

__all__ = [
    "Answer", "Behind", "BookColumn", "BookSheet", "Headline", "Outlook", "PageTable", "Picture", "TrendPoint", "WatchItem",
    "WatchList", "Workbook", "accounting_chart", "bridge_chart", "burden_map", "county_chart", "coverage_chart", "empty_picture",
    "facts_chart", "figure_style", "filled_chart", "gap_chart", "gaps_over_time", "heat_map", "labels_chart", "late_chart",
    "nearness_chart", "new_figure", "pace_chart", "promises_chart", "reporting_delay_chart", "restated_chart", "rules_chart",
    "score_chart", "stamp", "target_chart", "targets_chart",
]

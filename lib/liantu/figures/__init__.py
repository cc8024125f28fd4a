"""Figures and what else a notebook shows: one style and font, and each figure with its alt text and tidy data, in zh or en."""

from liantu.figures.chain_charts import gap_chart, heat_map
from liantu.figures.display import Answer, BookColumn, BookSheet, Headline, PageTable, Picture, Workbook
from liantu.figures.empty import empty_picture
from liantu.figures.ledger_charts import accounting_chart, reporting_delay_chart
from liantu.figures.milestone_charts import county_chart, pace_chart, target_chart
from liantu.figures.quality_charts import filled_chart, late_chart, rules_chart, score_chart
from liantu.figures.style import figure_style, new_figure, stamp

__all__ = [
    "Answer", "BookColumn", "BookSheet", "Headline", "PageTable", "Picture", "Workbook", "accounting_chart", "county_chart",
    "empty_picture", "figure_style", "filled_chart", "gap_chart", "heat_map", "late_chart", "new_figure", "pace_chart",
    "reporting_delay_chart", "rules_chart", "score_chart", "stamp", "target_chart",
]

"""What a notebook opens: the checked parameters and the tables as known at a date."""

from liantu.report.datasets import DatasetCard, dataset_card
from liantu.report.report import Report

__all__ = ["DatasetCard", "Report", "dataset_card"]

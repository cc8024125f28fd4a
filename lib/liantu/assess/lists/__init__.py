"""The four lists of a city or a county as known at a date: tasks, progress, problems, and who answers for them."""

from liantu.assess.lists.gathered import FourLists, four_lists
from liantu.assess.lists.rules import ListRules, list_rules
from liantu.assess.lists.tasks import key_tasks

__all__ = ["FourLists", "ListRules", "four_lists", "key_tasks", "list_rules"]

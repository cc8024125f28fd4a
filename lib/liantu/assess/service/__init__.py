"""Service to projects: key tasks done in time, problems solved and how fast, stewards' load, and the projects that wait behind problems."""

from liantu.assess.service.of_report import Service, county_service, department_measures, service_of
from liantu.assess.service.problems import problem_lives, steward_load, times_by, times_differ
from liantu.assess.service.rules import ServiceRules, service_rules
from liantu.assess.service.tasks import task_counts, task_faults, task_states

__all__ = [
    "Service", "ServiceRules", "county_service", "department_measures", "problem_lives", "service_of", "service_rules", "steward_load",
    "task_counts", "task_faults", "task_states", "times_by", "times_differ",
]

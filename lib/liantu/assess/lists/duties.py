"""The responsibility list: which office answers for which open task, project and problem."""

from __future__ import annotations

import pandas as pd

DUTIES = ["department", "county", "kind", "item_id", "item", "stage", "due", "state", "days"]


def duty_list(tasks: pd.DataFrame, progress: pd.DataFrame, problems: pd.DataFrame) -> pd.DataFrame:
    """One row for each unfinished item, each once: a project's next step stands under its project, not under its task too.

    Columns DUTIES: `kind` is task, project or problem, `stage` a project's next step. By office (none stated last), the most overdue first.
    """
    open_tasks = tasks[(tasks["state"] != "done") & (tasks["origin"] != "step")]
    parts = [
        open_tasks.rename(columns={"task_id": "item_id", "name": "item"}).assign(kind="task"),
        progress.drop(columns="stage").rename(columns={"project_id": "item_id", "name": "item", "next": "stage"}).assign(kind="project"),
        problems[problems["state"] != "done"].rename(columns={"problem_id": "item_id", "description": "item"}).assign(kind="problem")]
    parts = [part.reindex(columns=DUTIES) for part in parts if len(part)]
    if not parts:
        return pd.DataFrame(columns=DUTIES)
    table = pd.concat([part.astype({"stage": "str"}) for part in parts], ignore_index=True)
    return table.sort_values(["department", "county", "due", "item_id"], na_position="last", kind="stable", ignore_index=True)

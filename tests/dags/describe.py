"""Load the DAG folder as Airflow does and print what is in it as JSON.

Run by conftest.py in a process of its own: importing Airflow changes logging and leaves files.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

from airflow.dag_processing.dagbag import DagBag

DAGS = Path(__file__).resolve().parents[2] / "dags"


def describe(dag) -> dict:
    timetable = dag.timetable
    return {
        "upstream": {task.task_id: sorted(task.upstream_task_ids) for task in dag.tasks},
        "groups": sorted(name for name in dag.task_group.children),
        "steps": {task.task_id: task.op_args[0] for task in dag.tasks},
        "retries": {task.task_id: task.retries for task in dag.tasks},
        "retry_delay_seconds": sorted({task.retry_delay.total_seconds() for task in dag.tasks}),
        "outlets": {task.task_id: [asset.name for asset in task.outlets] for task in dag.tasks},
        "owners": sorted({task.owner for task in dag.tasks}),
        "documentation": {task.task_id: task.doc_md for task in dag.tasks},
        "description": dag.description,
        "tells_of_success": [t.task_id for t in dag.tasks if t.on_success_callback],
        "without_failure_callback": [t.task_id for t in dag.tasks if not t.on_failure_callback],
        "cron": timetable.expression,
        "timezone": timetable.timezone,
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
    }


def dates(module) -> dict:
    late = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)
    noon = datetime(2026, 10, 30, 12, 0, tzinfo=UTC)
    try:
        none = str(module.business_date({"as_of": None}, None))
    except ValueError as error:
        none = f"refused: {error}"
    return {
        "late_evening_utc": str(module.business_date({"as_of": None}, late)),
        "parameter_wins": str(module.business_date({"as_of": "2026-02-28"}, noon)),
        "neither": none,
    }


def failure(dag, module) -> str:
    context = {
        "ti": SimpleNamespace(task=dag.get_task("gate_raw.check")),
        "params": {"as_of": "2026-10-31"},
        "exception": RuntimeError("ada@example.org"),
    }
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        module.announce_failure(context)
    return said.getvalue()


def start(dag, module) -> str:
    """What a step that begins writes to stderr, which Airflow shows in red."""
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        module.announce_start({"ti": SimpleNamespace(task=dag.get_task("score.fit"))})
    return said.getvalue()


def failure_of_delivery() -> str:
    module = importlib.import_module("deliver")
    context = {
        "ti": SimpleNamespace(task_id="send", map_index=1),
        "exception": RuntimeError("ada@example.org"),
    }
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        module.announce_failure(context)
    return said.getvalue()


bag = DagBag(dag_folder=str(DAGS))
nightly = bag.dags.get("nightly")
facts = {"dags": sorted(bag.dags), "import_errors": bag.import_errors}
if nightly:
    sys.path.insert(0, str(DAGS))
    module = importlib.import_module("nightly")
    facts |= describe(nightly) | {"dates": dates(module), "failure": failure(nightly, module)}
    facts["start"] = start(nightly, module)
deliver = bag.dags.get("deliver")
if deliver:
    facts["deliver"] = {
        "upstream": {task.task_id: sorted(task.upstream_task_ids) for task in deliver.tasks},
        "mapped": [task.task_id for task in deliver.tasks if task.is_mapped],
        "retries": {task.task_id: task.retries for task in deliver.tasks},
        "waits_for": repr(deliver.timetable.asset_condition),
        "max_active_runs": deliver.max_active_runs,
        "owners": sorted({task.owner for task in deliver.tasks}),
        "documentation": [task.doc_md for task in deliver.tasks],
        "without_failure_callback": [
            task.task_id for task in deliver.tasks if not task.on_failure_callback
        ],
        "failure": failure_of_delivery(),
    }
approve = bag.dags.get("approve")
if approve:
    facts["approve"] = {
        "upstream": {task.task_id: sorted(task.upstream_task_ids) for task in approve.tasks},
        "waits_for": repr(approve.timetable.asset_condition),
        "max_active_runs": approve.max_active_runs,
        "defaults": approve.get_task("ask").defaults,
        "again": approve.get_task("run_the_night_again").trigger_dag_id,
        "documentation": [task.doc_md for task in approve.tasks],
        "without_failure_callback": [
            task.task_id for task in approve.tasks if not task.on_failure_callback
        ],
    }
print(json.dumps(facts))

"""What a night does, in order: a row a step. The DAG, the commands and the messages read it.

A step imports what it calls when it runs, so that reading the table costs a DAG file nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from regulars.night import Night
from regulars.settings import Settings


@dataclass(frozen=True)
class Step:
    """One row of the table of steps.

    run           what is called; its name is the step's, its docstring says what for
    task stage and task of the DAG: "score.fit" is the task `fit` in the group `score`
    runbook       heading in docs/runbook.md for when it stops, as an anchor
    is_rebuilt    a rebuild of a past night repeats it
    needs_tables  it reads what `transform` has built, so that must be this night's
    """

    run: Callable[[Settings, Night], dict[str, Any]]
    task: str
    runbook: str
    is_rebuilt: bool = False
    needs_tables: bool = False

    @property
    def name(self) -> str:
        return self.run.__name__

    @property
    def purpose(self) -> str:
        return (self.run.__doc__ or "").partition("\n")[0]

    @property
    def stage(self) -> str:
        return self.task.partition(".")[0]

    @property
    def task_name(self) -> str:
        return self.task.partition(".")[2]

    @property
    def is_gate(self) -> bool:
        return self.name.startswith("gate_")


def ingest_sales(settings: Settings, night: Night) -> dict[str, Any]:
    """Load the sales deliveries up to the night's date."""
    from regulars.feeds.load import ingest

    return ingest(settings, "sales", night.as_of)


def ingest_service(settings: Settings, night: Night) -> dict[str, Any]:
    """Load the service and care deliveries up to the night's date."""
    from regulars.feeds.load import ingest

    return ingest(settings, "service", night.as_of)


def gate_raw(settings: Settings, night: Night) -> dict[str, Any]:
    """Stop the night when what was delivered cannot be right."""
    from regulars.gates.check import check

    return check(settings, night, "raw")


def normalise_contacts(settings: Settings, night: Night) -> dict[str, Any]:
    """Bring new addresses and numbers, also of unreadable lines, into their normal form."""
    from regulars.lists.contacts import normalise_contacts as normalise

    return normalise(settings)


def transform(settings: Settings, night: Night) -> dict[str, Any]:
    """Build staging, intermediate and the marts that need no scores."""
    from regulars.nights.duplicates import duplicate_keys
    from regulars.transform import TransformError, build

    try:
        return build(settings, night, "before_scores")
    except TransformError as error:
        twice = duplicate_keys(settings, night)
        raise TransformError("\n  ".join([str(error), *twice])) from None


def score(settings: Settings, night: Night) -> dict[str, Any]:
    """Fit the lifetime-value models, score every distinct purchase history, measure the lists."""
    from regulars.scores.list_results import measure
    from regulars.scores.score import score as score_histories

    return {**score_histories(settings, night), **measure(settings, night)}


def value(settings: Settings, night: Night) -> dict[str, Any]:
    """Build the marts that need scores."""
    from regulars.transform import build

    return build(settings, night, "after_scores")


def gate_scores(settings: Settings, night: Night) -> dict[str, Any]:
    """Stop the night when scores or values cannot be right."""
    from regulars.gates.check import check

    return check(settings, night, "scores")


def lists(settings: Settings, night: Night) -> dict[str, Any]:
    """Decide who is on which list, and why others are not."""
    from regulars.transform import build

    return build(settings, night, "lists")


def gate_lists(settings: Settings, night: Night) -> dict[str, Any]:
    """Withhold lists that nobody may send."""
    from regulars.gates.check import check

    return check(settings, night, "lists")


def publish(settings: Settings, night: Night) -> dict[str, Any]:
    """Write the files, then let readers see this generation."""
    from regulars.publication.publish import publish as publish_generation

    return publish_generation(settings, night)


def erase(settings: Settings, night: Night) -> dict[str, Any]:
    """Erase people whose days of grace are over, and what is kept no longer."""
    from regulars.erasure.nightly import erase_and_sweep

    return erase_and_sweep(settings, night.as_of)


_ROWS = (
    Step(ingest_sales, "ingest.sales", "a-delivery-was-refused"),
    Step(ingest_service, "ingest.service", "a-delivery-was-refused"),
    Step(gate_raw, "gate_raw.check", "a-gate-failed"),
    Step(normalise_contacts, "transform.contacts", "a-step-failed"),
    Step(transform, "transform.marts", "a-model-or-dbt-test-failed", is_rebuilt=True),
    Step(score, "score.fit", "the-fit-failed", is_rebuilt=True, needs_tables=True),
    Step(value, "score.value", "a-model-or-dbt-test-failed", is_rebuilt=True, needs_tables=True),
    Step(gate_scores, "gate_scores.check", "a-gate-failed", needs_tables=True),
    Step(lists, "lists.build", "a-model-or-dbt-test-failed", is_rebuilt=True, needs_tables=True),
    Step(gate_lists, "gate_lists.check", "a-gate-failed", needs_tables=True),
    Step(publish, "publish.generation", "publishing-failed", needs_tables=True),
    Step(erase, "erase.people", "somebody-is-to-be-erased"),
)
STEPS: Mapping[str, Step] = MappingProxyType({step.name: step for step in _ROWS})

"""Run a gate: measure in the warehouse, let Great Expectations judge, stop the night or not.

What is expected stands in expectations/<gate>.py, one module a gate. A module gives suites: a
query and the expectations on it. Expectations come in three strengths:

  truth      false means a fault: the night stops, and nobody can wave it through
  judgement  unusual, maybe right: the night stops until a person approves it (decisions.approvals)
  warning    worth a look: the night goes on, the data docs show it
"""

from __future__ import annotations

import importlib.util
import logging
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg

from regulars import approvals, gate_pages
from regulars.night import Night
from regulars.settings import Settings
from regulars.warehouse import connect, url

GATES = ("raw", "scores", "lists")
STRENGTHS = ("truth", "judgement", "warning")
ALL_COLUMNS = ("SELECT * from (\n", "\n) as measured")  # around a suite's query
RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
COULD_NOT = "could not be measured: a table or column is missing, or holds another type"
NEXT_STEP = {
    "raw": "Look at `regulars quarantine list` and `regulars status`; have the sender correct the "
    "delivery (a corrected file supersedes it)",
    "scores": "Look at `regulars status` and at the model check of the last report; "
    "a delivery that moved the scores is corrected at its source",
    "lists": "Look at `regulars status` and at list_movements; a list that must not be sent is "
    "corrected in its model",
}


class GateFailed(RuntimeError):
    """A gate stopped the night. Names every failed expectation; holds no values of rows."""


@dataclass(frozen=True)
class Suite:
    """A measurement and what is expected of it.

    name          what is measured, as the data docs and messages call it
    query         a SELECT; its rows stay in the warehouse
    expectations  Great Expectations, each with meta from `meaning`
    is_small      a few rows that are dear to compute: kept in a temporary table while judged
    """

    name: str
    query: str
    expectations: list[Any]
    is_small: bool = False


@dataclass(frozen=True)
class Publication:
    """The last published night before this one."""

    as_of: date
    generation: int
    last_delivery_id: int


@dataclass(frozen=True)
class GateContext:
    """What a module of expectations/ is given."""

    settings: Settings
    night: Night
    connection: psycopg.Connection
    previous: Publication | None

    def table(self, schema: str, name: str) -> str:
        """Qualified, quoted name of a table of this night."""
        return f'"{self.night.schema(schema)}"."{name}"'


@dataclass(frozen=True)
class Failure:
    """One expectation that did not hold, without values."""

    strength: str
    claim: str
    text: str


@dataclass
class Verdict:
    """What came out of all suites of a gate."""

    expectations: int = 0
    failures: list[Failure] = field(default_factory=list)
    could_not_run: bool = False

    def of(self, *strengths: str) -> list[Failure]:
        return [failure for failure in self.failures if failure.strength in strengths]


def meaning(strength: str, claim: str, table: str, column: str, what: str) -> dict[str, str]:
    """meta of an expectation: how hard it is, its line in docs/gates.md, and words for people."""
    if strength not in STRENGTHS:
        raise ValueError(f"strength is one of {', '.join(STRENGTHS)}, not '{strength}'")
    return {"strength": strength, "claim": claim, "table": table, "column": column, "what": what}


def check(settings: Settings, night: Night, gate: str) -> dict:
    """Judge a gate of this night: "raw", "scores" or "lists".

    Returns counts and the claims that warned. Raises GateFailed when a truth does not hold, or a
    judgement that nobody has approved. Data docs go to home/data_docs/<night>/<gate>.
    """
    module = _module(settings, gate)
    with connect(settings, "transformer") as connection:
        context = GateContext(settings, night, connection, _previous(connection, night))
        suites = [suite for suite in module.suites(context) if suite.expectations]
        is_approved = gate in approvals.approved_gates(connection, night)
    verdict = _judge(settings, night, gate, suites)
    stopping = verdict.of("truth") if is_approved else verdict.of("truth", "judgement")
    _note(settings, night, gate, stopping)
    if stopping:
        raise GateFailed(_message(night, gate, stopping, verdict))
    return {
        "gate": gate,
        "suites": len(suites),
        "expectations": verdict.expectations,
        "approved": is_approved and bool(verdict.of("judgement")),
        "warnings": sorted({f"{f.claim}: {f.text}" for f in verdict.of("warning")}),
    }


def docs_folder(settings: Settings, night: Night) -> Path:
    """Where the gates of a night leave their data docs."""
    return settings.home / "data_docs" / f"{night.prefix}{night.as_of}"


def _module(settings: Settings, gate: str) -> ModuleType:
    if gate not in GATES:
        raise ValueError(f"there is no gate '{gate}': {', '.join(GATES)}")
    path = settings.project / "expectations" / f"{gate}.py"
    spec = importlib.util.spec_from_file_location(f"expectations_{gate}", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _previous(connection: psycopg.Connection, night: Night) -> Publication | None:
    row = connection.execute(
        """
        select as_of, generation, last_delivery_id from decisions.effective_publications
        where as_of < %s order by as_of desc limit 1
        """,
        [night.as_of],
    ).fetchone()
    return Publication(*row) if row else None


def _note(settings: Settings, night: Night, gate: str, stopping: list[Failure]) -> None:
    """Leave word of a stop for whoever may approve it, or take it back; truths come first."""
    faults = {failure.claim for failure in stopping if failure.strength == "truth"}
    claims = sorted(faults) + sorted({failure.claim for failure in stopping} - faults)
    with connect(settings, "transformer") as connection:
        if stopping:
            approvals.note_stop(connection, night, gate, claims, len(faults))
        else:
            approvals.forget_stop(connection, night, gate)


# ---------- Great Expectations


def _judge(settings: Settings, night: Night, gate: str, suites: Iterable[Suite]) -> Verdict:
    import great_expectations as gx

    folder = docs_folder(settings, night) / gate
    verdict = Verdict()
    with _quiet(), _sources(context := _context(gx, folder), settings) as sources:
        for suite in suites:
            try:
                result = _run(gx, context, sources[suite.is_small], suite, night)
            except Exception as error:
                _could_not_run(verdict, suite, error)
                continue
            _collect(verdict, result)
        # A result that raised carries the database's own words, which can quote a row.
        if not verdict.could_not_run:
            _write_docs(context, folder)
    return verdict


@contextmanager
def _quiet() -> Iterator[None]:
    """Great Expectations logs what its queries raise; those words can hold values."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)  # its modules set levels of their own
    try:
        yield
    finally:
        logging.disable(before)


def _context(gx: ModuleType, folder: Path) -> Any:
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    shutil.rmtree(folder, ignore_errors=True)  # of an earlier run of the same night
    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(),
        progress_bars=ProgressBarsConfig(globally=False),
        analytics_enabled=False,
    )
    context = gx.get_context(mode="ephemeral", project_config=config)
    context.add_data_docs_site(
        "night",
        {
            "class_name": "SiteBuilder",
            "show_how_to_buttons": False,
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            "store_backend": {
                "class_name": "TupleFilesystemStoreBackend",
                "base_directory": str(folder),
            },
        },
    )
    return context


@contextmanager
def _sources(context: Any, settings: Settings) -> Iterator[dict[bool, Any]]:
    """Data sources by Suite.is_small: with a temporary table, or as a subquery.

    A source pools connections in two engines, one to test itself and one to measure, and closes
    neither: they would stay open as long as the process.
    """
    address = url(settings, "transformer").replace("postgresql://", "postgresql+psycopg2://", 1)
    sources = {
        is_small: context.data_sources.add_postgres(
            name, connection_string=address, create_temp_table=is_small
        )
        for is_small, name in ((True, "measures"), (False, "rows"))
    }
    _fetch_no_rows(sources[False].get_execution_engine().engine)
    try:
        yield sources
    finally:
        for source in sources.values():
            source.get_engine().dispose()
            source.get_execution_engine().engine.dispose()


def _run(gx: ModuleType, context: Any, source: Any, suite: Suite, night: Night) -> Any:
    batch = source.add_query_asset(suite.name, _select(suite.query))
    definition = context.validation_definitions.add(
        gx.ValidationDefinition(
            name=suite.name,
            data=batch.add_batch_definition_whole_table("all"),
            suite=context.suites.add(
                gx.ExpectationSuite(name=suite.name, expectations=suite.expectations)
            ),
        )
    )
    midnight = datetime.combine(night.as_of, time(), tzinfo=UTC)  # docs of a night look alike
    run = gx.RunIdentifier(run_name=night.as_of.isoformat(), run_time=midnight)
    return definition.run(result_format=RESULT_FORMAT, run_id=run)


def _select(query: str) -> str:
    """Great Expectations takes queries that begin with SELECT only."""
    return f"{ALL_COLUMNS[0]}{query}{ALL_COLUMNS[1]}"


def _fetch_no_rows(engine: Any) -> None:
    """To learn a query's columns Great Expectations runs it bare: its rows would fill memory."""
    from sqlalchemy import event

    start, end = ALL_COLUMNS

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def limit(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> Any:
        is_bare = statement.startswith(start) and statement.endswith(end)
        return (f"{statement} limit 0" if is_bare else statement), parameters


def _write_docs(context: Any, folder: Path) -> None:
    context.build_data_docs(site_names=["night"])
    gate_pages.stand_alone(folder)


# ---------- the verdict in words


def _could_not_run(verdict: Verdict, suite: Suite, error: Exception) -> None:
    """A suite that could not be measured stops the night; the error's own words can hold values."""
    verdict.could_not_run = True
    text = f"{suite.name}: could not be measured ({type(error).__name__})"
    verdict.failures.append(Failure("truth", "every check can run", text))


def _collect(verdict: Verdict, result: Any) -> None:
    for outcome in result.results:
        verdict.expectations += 1
        if outcome.success:
            continue
        meta = outcome.expectation_config.meta or {}
        has_raised = _has_raised(outcome.exception_info)
        verdict.could_not_run = verdict.could_not_run or has_raised
        verdict.failures.append(
            Failure(
                strength="truth" if has_raised else meta["strength"],
                claim="every check can run" if has_raised else meta["claim"],
                text=f"{meta['table']}: {COULD_NOT}"
                if has_raised
                else f"{meta['table']}.{meta['column']}: {meta['what']} "
                f"({_observed(outcome.result)})",
            )
        )


def _has_raised(exception_info: Any) -> bool:
    """Whether a check ran into an error; its message may quote a row and is never repeated."""
    infos = [exception_info] if "raised_exception" in exception_info else exception_info.values()
    return any(info.get("raised_exception") for info in infos if info)


def _observed(result: dict[str, Any]) -> str:
    if "unexpected_count" in result:
        share = result.get("unexpected_percent")
        percent = f", {share:.2f}%" if share is not None else ""
        return f"{result['unexpected_count']} of {result['element_count']} rows{percent}"
    value = result.get("observed_value")
    return f"observed {value:.4g}" if isinstance(value, float) else f"observed {value}"


def _message(night: Night, gate: str, stopping: list[Failure], verdict: Verdict) -> str:
    lines = [f"The {gate} gate stopped the night of {night.as_of}. Nothing new is published."]
    lines += dict.fromkeys(f"  {failure.claim}: {failure.text}" for failure in stopping)
    if gate in NEXT_STEP:
        lines.append(f"{NEXT_STEP[gate]}; docs/runbook.md says more.")
    if all(failure.strength == "judgement" for failure in stopping):
        lines.append(
            "If this is right as it is, a person may say so: "
            f"regulars approve --gate {gate} --as-of {night.as_of} --by NAME --reason TEXT"
        )
    if not verdict.could_not_run:
        lines.append(f"Data docs: data_docs/{night.prefix}{night.as_of}/{gate}/index.html")
    return "\n".join(lines)

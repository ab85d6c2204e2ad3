"""Let Great Expectations validate the suites of a gate, without a value of a row leaving it."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from pathlib import Path
from types import ModuleType
from typing import Any

from regulars.gates import data_docs
from regulars.gates.suites import Suite, meaning
from regulars.night import Night
from regulars.settings import Settings
from regulars.warehouse import url

ALL_COLUMNS = ("SELECT * from (\n", "\n) as measured")  # around a suite's query
RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
NOT_EMPTY = "there is something to judge"
ROWS_JUDGED = "rows_judged"  # column of a suite of measures
COULD_NOT = "could not be measured: a table or column is missing, or holds another type"


@dataclass(frozen=True)
class Failure:
    """One expectation that did not hold, without values."""

    strength: str
    claim: str
    text: str


@dataclass
class Verdict:
    """What came out of all suites of a gate; rows_judged by suite."""

    expectations: int = 0
    failures: list[Failure] = field(default_factory=list)
    could_not_run: bool = False
    rows_judged: dict[str, int] = field(default_factory=dict)

    def of(self, *strengths: str) -> list[Failure]:
        return [failure for failure in self.failures if failure.strength in strengths]


def validate(settings: Settings, night: Night, gate: str, suites: Iterable[Suite]) -> Verdict:
    import great_expectations as gx

    folder = data_docs.docs_folder(settings, night) / gate
    verdict = Verdict()
    with _quiet(), _sources(context := _context(gx, folder), settings) as sources:
        for suite in suites:
            try:
                result = _run(gx, context, sources[suite.is_small], suite, night)
            except Exception as error:
                _could_not_run(verdict, suite, error)
                continue
            _collect(verdict, suite, result)
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
    for source in sources.values():
        _fetch_floats(source.get_execution_engine().engine)
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
                gx.ExpectationSuite(
                    name=suite.name, expectations=[*suite.expectations, _some_rows(gx, suite)]
                )
            ),
        )
    )
    midnight = datetime.combine(night.as_of, time(), tzinfo=UTC)  # docs of a night look alike
    run = gx.RunIdentifier(run_name=night.as_of.isoformat(), run_time=midnight)
    return definition.run(result_format=RESULT_FORMAT, run_id=run)


def _some_rows(gx: ModuleType, suite: Suite) -> Any:
    """Counts the rows that a suite judged, and expects some unless there may be none."""
    least = 0 if suite.may_be_empty else 1
    what = meaning("truth", NOT_EMPTY, suite.name, "(rows)", "nothing to judge")
    if suite.is_small:
        return gx.expectations.ExpectColumnMaxToBeBetween(
            column=ROWS_JUDGED, min_value=least, meta=what
        )
    return gx.expectations.ExpectTableRowCountToBeBetween(min_value=least, meta=what)


def _select(query: str) -> str:
    """Great Expectations takes queries that begin with SELECT only."""
    return f"{ALL_COLUMNS[0]}{query}{ALL_COLUMNS[1]}"


def _fetch_floats(engine: Any) -> None:
    """Great Expectations walks the whole call stack for each Decimal that it makes a float of: a
    third of a gate's time. Thresholds and results are floats anyway."""
    from psycopg2 import extensions
    from sqlalchemy import event

    def parse(text: str | None, _cursor: Any) -> float | None:
        return None if text is None else float(text)

    numeric = extensions.new_type(extensions.DECIMAL.values, "numeric as float", parse)

    @event.listens_for(engine, "connect")
    def register(connection: Any, _record: Any) -> None:
        extensions.register_type(numeric, connection)


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
    data_docs.stand_alone(folder)


def _could_not_run(verdict: Verdict, suite: Suite, error: Exception) -> None:
    """A suite that could not be measured stops the night; the error's own words can hold values."""
    verdict.could_not_run = True
    text = f"{suite.name}: could not be measured ({type(error).__name__})"
    verdict.failures.append(Failure("truth", "every check can run", text))


def _collect(verdict: Verdict, suite: Suite, result: Any) -> None:
    for outcome in result.results:
        verdict.expectations += 1
        if (outcome.expectation_config.meta or {}).get("claim") == NOT_EMPTY:
            verdict.rows_judged[suite.name] = int(outcome.result.get("observed_value") or 0)
        if outcome.success:
            continue
        meta = outcome.expectation_config.meta or {}
        has_raised = _has_raised(outcome.exception_info)
        if has_raised and verdict.could_not_run and meta["claim"] == NOT_EMPTY:
            continue  # what kept the rows from being counted is told already
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

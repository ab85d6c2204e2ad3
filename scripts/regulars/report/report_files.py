"""All that a night's report is: its page, and a page a list."""

from __future__ import annotations

from pathlib import Path

from regulars.night import Night
from regulars.phrases import speaking
from regulars.project import list_definitions, variables
from regulars.report.list_pages import write_list_pages
from regulars.report.queries import read_report
from regulars.report.report_page import write_page
from regulars.settings import Settings
from regulars.targets import destinations
from regulars.warehouse import connect


def write_report(settings: Settings, night: Night, folder: Path) -> Path:
    """Write folder/report.html and folder/pages about a night whose marts are built, published or
    not, in the company's language; returns the former."""
    with speaking(variables.language(settings.dbt_project)):
        with connect(settings, "transformer") as connection:
            report = read_report(connection, settings, night)
        definitions = list_definitions.load(settings.dbt_project)
        write_list_pages(report, folder, destinations.load(settings.dbt_project, definitions))
        return write_page(report, folder)

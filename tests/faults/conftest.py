"""What tests of faults share: a quiet night to compare with, on a server that keeps its word."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from regulars.settings import Settings
from tests.company import files_of, fingerprint
from tests.faults.harness import Nights
from tests.faults.quiet import Quiet
from tests.server import durable


@pytest.fixture(scope="module")
def quiet(company: Settings, company_before: Settings) -> Iterator[Quiet]:
    nights = Nights()
    with durable(company):
        yield Quiet(
            nights, company_before, fingerprint(company), files_of(company.home / "current")
        )
    nights.close()

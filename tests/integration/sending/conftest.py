"""One generation for all deliveries; each test begins as if nothing had been delivered."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.conftest import drop_database
from tests.integration.sending.world import Published, publish


@pytest.fixture(scope="module")
def generation(make_settings: Callable) -> Iterator[Published]:
    published = publish(make_settings("delivery"))
    yield published
    drop_database(published.settings)


@pytest.fixture
def published(generation: Published) -> Iterator[Published]:
    before = generation.untouched()
    generation.fresh()
    yield generation
    assert generation.untouched() == before, "a published generation never changes"

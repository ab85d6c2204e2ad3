from __future__ import annotations

from collections.abc import Iterator

import pytest
from dbt.adapters.events.types import SQLQuery
from dbt_common.events import base_types
from dbt_common.events.base_types import BaseEvent
from dbt_common.events.event_manager import EventManager
from dbt_common.events.functions import fire_event

from regulars.engines import unread_events


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """What was made a message of protobuf, once events are left out."""
    made: list[object] = []

    def noted(content: object, message: object) -> object:
        made.append(content)
        return message

    kept = BaseEvent.__init__, EventManager.fire_event
    monkeypatch.setattr(base_types, "ParseDict", noted)
    yield made
    BaseEvent.__init__, EventManager.fire_event = kept  # type: ignore[method-assign]


def test_a_statement_is_told_to_nobody_at_no_cost(messages: list[object]) -> None:
    unread_events.leave_out()
    fire_event(SQLQuery(conn_name="master", sql="select 1", node_info={}))
    assert not messages


def test_an_event_can_be_asked_what_it_says(messages: list[object]) -> None:
    unread_events.leave_out()
    assert isinstance(SQLQuery(conn_name="master", sql="select 1", node_info={}).message(), str)

"""dbt's events, left empty where nobody reads them. Imports dbt: import it late.

Each node tells some thirty, and each becomes a message of protobuf twice before dbt asks whether
any log wants it. `dbt_command.QUIETLY` has none.
"""

from __future__ import annotations

from dbt_common.events.base_types import BaseEvent
from dbt_common.events.event_manager import EventManager


def leave_out() -> None:
    """From now on in this process, an event says nothing and goes nowhere."""
    BaseEvent.__init__ = _say_nothing  # type: ignore[method-assign,assignment]
    EventManager.fire_event = _go_nowhere  # type: ignore[method-assign,assignment]


def _say_nothing(event: BaseEvent, *_: object, **__: object) -> None:
    """Its message is there and empty: dbt may ask for it."""
    event.pb_msg = getattr(event.PROTO_TYPES_MODULE, type(event).__name__)()


def _go_nowhere(*_: object, **__: object) -> None:
    pass

"""The warehouse: a PostgreSQL server, its roles, and the tables that outlive a night."""

from regulars.warehouse.connect import WarehouseError, connect, refusal, url
from regulars.warehouse.embedded import start, stop
from regulars.warehouse.live_generation import LiveGeneration, live_generation, live_night
from regulars.warehouse.migration import migrate

__all__ = [
    "LiveGeneration",
    "WarehouseError",
    "connect",
    "live_generation",
    "live_night",
    "migrate",
    "refusal",
    "start",
    "stop",
    "url",
]

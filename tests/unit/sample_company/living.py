"""Companies in memory, without files, for tests of what came out of a world."""

from __future__ import annotations

from regulars.sample_company import FIRST_NIGHT, LAST_NIGHT, World, company, world_named
from regulars.sample_company.company import Company
from regulars.sample_company.localtime import day_number

FIRST_DAY = day_number(FIRST_NIGHT)
NIGHTS = day_number(LAST_NIGHT) - FIRST_DAY + 1


def live(
    world: str | World, customers: int = 8_000, seed: int = 5, nights: int = NIGHTS
) -> Company:
    """The company of that world over the demo's nights."""
    chosen = world if isinstance(world, World) else world_named(world)
    return company.live(seed, chosen, customers, FIRST_DAY, nights)

"""The companies that are asked, each for a night: what it has that the first one has not."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.sample_company import WORLDS, World

USUAL = WORLDS["kettle_and_crane"]
# What was mended badly breaks again within weeks.
FAULTS = USUAL.variant(
    name="faults_again",
    service={
        "case_share": 0.4,
        "unit_trouble": 8.0,
        "bad_repair_share": 0.4,
        "repeated_share": 0.9,
    },
)


@dataclass(frozen=True)
class Asked:
    world: World
    seed: int = 7


# With seed 11 an event takes place two weeks and a half after the night.
COMPANIES = {
    asked.world.name: asked
    for asked in (
        Asked(USUAL),
        Asked(WORLDS["shared_wallets"]),
        Asked(WORLDS["weary_inboxes"]),
        Asked(WORLDS["word_of_mouth"]),
        Asked(FAULTS, seed=11),
    )
}

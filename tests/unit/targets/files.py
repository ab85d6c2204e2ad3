"""Files of every target for made-up people, written and read back as the night does."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from regulars.lists.lists_manifest import TargetEntry
from regulars.lists.target_files import TargetFiles
from regulars.settings import PROJECT
from regulars.targets import declaration
from regulars.targets.declaration import Target
from regulars.targets.destinations import Destination

DBT = PROJECT / "dbt_project"
TARGETS = declaration.load(DBT)
ALL_CONSENTS = "ads:advertising google_ads:ad_personalization google_ads:ad_user_data"
ALL_CONSENTS += " meta_ads:advertising"


def person(rank: int, **facts: Any) -> dict[str, Any]:
    """What the export knows of somebody; nobody real."""
    return {
        "list_code": "second_purchase",
        "list_version": 1,
        "as_of": date(2026, 3, 15),
        "run_id": "run-1",
        "customer_id": f"c{rank}",
        "email": f"c{rank}@example.com",
        "phone_e164": f"+3161234{rank:04d}",
        "first_name": "Zoë",
        "last_name": "de Wit",
        "language": "nl",
        "timezone": "Europe/Amsterdam",
        "country": "NL",
        "postcode": "1017 AB",
        "city": "Amsterdam",
        "birth_date": date(1992, 6, 21),
        "email_consent": "granted",
        "email_consent_at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "granted": ALL_CONSENTS,
        "value_tier": "gold",
        "net_clv_12m": Decimal("-4.20"),
        "value_p10": Decimal("1.10"),
        "value_p90": Decimal("99.90"),
        "churn_probability_12m": Decimal("0.4321"),
        "value_at_risk": Decimal("77.77"),
        "offer_ceiling": Decimal("5.55"),
        "audience": "seed",
        "reason_1": "the complaint of 3 March took 5 days to answer",
        "rank": rank,
        "arm": "treat",
        "valid_until": date(2026, 3, 18),
        "email_place": 1,
        "phone_e164_place": 1,
        **facts,
    }


def write(
    folder: Path,
    target: Target | str,
    people: Iterable[Mapping[str, Any]],
    asked: tuple[str, ...] = (),
) -> TargetEntry:
    """The list second_purchase for a target; `asked` are columns it has and shows only so."""
    target = TARGETS[target] if isinstance(target, str) else target
    columns = tuple(c for c in target.columns if not c.is_asked or c.source in asked)
    one = Destination("second_purchase", 1, target, columns, "second_purchase", asked)
    with TargetFiles(folder, one) as files:
        for facts in people:
            files.add(facts)
    assert files.entry is not None
    return files.entry


def read(folder: Path, name: str, target: Target | str) -> list[dict[str, str]]:
    """A file of a target as a program reads it."""
    rules = (TARGETS[target] if isinstance(target, str) else target).file
    with (folder / name).open(encoding=rules.encoding, newline="") as stream:
        return list(csv.DictReader(stream, delimiter=rules.delimiter, strict=True))

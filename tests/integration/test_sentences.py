"""No sentence on a list says a false number: each is told a second time, from the marts."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby
from typing import Any

import pytest

from regulars import warehouse
from regulars.project import list_definitions
from regulars.project.list_words import shared_words
from regulars.settings import PROJECT, Settings
from tests.company import LAST_NIGHT
from tests.integration.sentences import facts, purchases, relations, service
from tests.integration.sentences.facts import Asked
from tests.integration.sentences.marts import Marts, Row
from tests.telling import Telling

MODULES = (purchases, relations, service)  # each tells facts of some lists
PRODUCT = PROJECT / "dbt_project"
DEFINITIONS = {
    code: entry["definition"] for code, entry in list_definitions.for_dbt(PRODUCT).items()
}
FEWEST_TO_JUDGE = 5  # fewer may all be alike by chance
TELLING = {
    language: Telling(shared_words(PRODUCT, language), LAST_NIGHT) for language in ("en", "de")
}


@pytest.fixture(scope="module")
def marts(company: Settings) -> Iterator[Marts]:
    with warehouse.connect(company, "admin") as connection:
        yield Marts(connection, LAST_NIGHT)


def test_every_list_is_told_a_second_time() -> None:
    assert facts.LISTS.keys() == DEFINITIONS.keys()


@pytest.mark.parametrize("code", sorted(DEFINITIONS))
def test_every_number_on_a_list_is_what_the_marts_say(marts: Marts, code: str) -> None:
    assert false_sentences(marts, code) == []


def false_sentences(marts: Marts, code: str, language: str = "en") -> list[tuple]:
    """(customer, what is wrong) of everybody on the list of whom something is."""
    members = [row for row in marts.rows("lists.list_members") if row["list_code"] == code]
    known = _known(marts, code)
    return [
        (row["customer_id"], fault)
        for row in members
        if (fault := _fault(code, row, known.get(row["customer_id"], []), language))
    ]


@pytest.mark.parametrize("code", sorted(DEFINITIONS))
def test_every_number_of_why_somebody_does_not_qualify_is_what_the_marts_say(
    marts: Marts, code: str
) -> None:
    rows = [row for row in marts.rows("lists.list_ineligible") if row["list_code"] == code]
    known = _known(marts, code)
    templates = _templates(code, "ineligible")
    false = [
        (row["customer_id"], row["reason"])
        for row in rows
        if row["reason_code"] in templates
        and not any(
            _told(templates, row["reason_code"], one) == row["reason"]
            for one in known.get(row["customer_id"], [])
        )
    ]
    assert not false, f"{len(false)} of {len(rows)}"


def test_most_lists_have_somebody_whose_sentences_can_be_false(marts: Marts) -> None:
    on_a_list = {row["list_code"] for row in marts.rows("lists.list_members")}
    assert len(on_a_list) >= 15, sorted(DEFINITIONS.keys() - on_a_list)


def test_no_reason_is_the_same_for_everybody_on_a_list(marts: Marts) -> None:
    said: dict[str, Counter[str]] = defaultdict(Counter)
    people: Counter[str] = Counter()
    for row in marts.rows("lists.list_members"):
        people[row["list_code"]] += 1
        said[row["list_code"]].update(filter(None, (row[f"reason_{n}"] for n in (1, 2, 3))))
    judged = {code: number for code, number in people.items() if number >= FEWEST_TO_JUDGE}
    assert len(judged) >= 6
    same = {code: text for code in judged for text, n in said[code].items() if n == judged[code]}
    assert same == {}


def test_a_number_that_is_off_by_one_is_found(marts: Marts) -> None:
    changed = 0
    for code in sorted(DEFINITIONS):
        known = _known(marts, code)
        for row in marts.rows("lists.list_members"):
            numbered = re.search(r"\b\d+\b", row["reason_1"]) if row["list_code"] == code else None
            if numbered:
                off = str(int(numbered[0]) + 1)
                false = (
                    row["reason_1"][: numbered.start()] + off + row["reason_1"][numbered.end() :]
                )
                assert _fault(code, {**row, "reason_1": false}, known[row["customer_id"]]), false
                changed += 1
    assert changed > 100


# ---------- a sentence told again


def _known(marts: Marts, code: str) -> dict[str, list[Row]]:
    """Customer → what is known of them for a list: several of several machines or cases."""
    thresholds = {
        name: threshold["value"]
        for name, threshold in DEFINITIONS[code].get("thresholds", {}).items()
    }
    told = sorted(facts.LISTS[code](Asked(code, marts, thresholds)), key=lambda told: str(told[0]))
    return {who: [one for _, one in ones] for who, ones in groupby(told, key=lambda t: t[0])}


def _templates(code: str, kind: str, language: str = "en") -> dict[str, str]:
    templates: dict[str, str] = DEFINITIONS[code]["words"][language].get(kind, {})
    return templates


def _told(templates: dict[str, str], name: str, known: Row, language: str = "en") -> str | None:
    return None if known.get(name) is False else TELLING[language].told(templates[name], known)


def _fault(code: str, member: Row, known: list[Row], language: str = "en") -> Any:
    """What somebody's sentences say that nothing known of them tells, or None."""
    about = [
        _as_stored(one, member["details"]) for one in known if _is_about(one, member["details"])
    ]
    reasons = _templates(code, "reasons", language)
    actions = _templates(code, "actions", language)
    said = [member[f"reason_{place}"] for place in (1, 2, 3) if member[f"reason_{place}"]]
    for one in about:
        tellable = {_told(reasons, name, one, language) for name in reasons}
        tellable |= {_told(actions, name, one, language) for name in actions}
        if {*said, member["suggested_action"]} <= tellable:
            return None
    return {
        "said": said,
        "known": [
            sorted(filter(None, {_told(reasons, n, o, language) for n in reasons}))
            for o in about[:3]
        ],
    }


def _as_stored(known: Row, details: Row) -> Row:
    """With six places, as the tables have shares, where that is what the list's own column says:
    at a half the last of them decides which hundredth is told."""
    near = {
        name: Decimal(str(details[name]))
        for name in ("p_second", "chance_of_gap")
        if name in details and abs(known[name] - Decimal(str(details[name]))) <= Decimal("0.000001")
    }
    return {**known, **near}


def _is_about(known: Row, details: Row) -> bool:
    """Whether it is the machine, case or category that the list's own columns name."""
    named = ("unit_id", "case_id", "due_category", "suggested_category", "event_id", "occasion")
    return all(known[name] == details[name] for name in named if name in known and name in details)

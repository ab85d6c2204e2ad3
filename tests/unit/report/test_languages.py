"""Pages speak the company's language, and nothing of another."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from regulars import phrases
from regulars.erasure.state_files import ABOUT_ANOTHER
from regulars.gates.hold import Hold
from regulars.lists.export import _why_rejected
from regulars.phrases import speaking
from regulars.project import list_definitions
from regulars.report import words
from regulars.report.html import say
from regulars.report.list_pages import render_list
from regulars.report.report_page import cards, first_files, render
from regulars.report.sections import TonightsList
from regulars.settings import PROJECT
from tests.page_texts import Texts
from tests.phrases_said import phrases_said
from tests.unit.report import made_up_nights as made_up

PLACE = re.compile(r"{[a-z_]+}|</?code>|`[^`]*`")
# Names of models, feeds, columns, gates and the company, and words that German has as well.
SAME = {
    *("MBG/NBD", "MBG/CNBD-k", "Pareto/NBD", "Gamma-Gamma", "CRPS", "alpha", ", scipy 1.17.1"),
    *("Kettle & Crane", "coupon_code", "raw", "scores", "lists"),
    *("Generation", "Feed", "Gold", "Bronze", "Standard", "all of it", "Mar 2026"),
    *(feed.feed for feed in made_up.deliveries().feeds),
}
SHORT_MONTH = re.compile("(Jan|Feb|Apr|Jun|Jul|Aug|Sep|Nov) [0-9]{4}")


def test_every_phrase_is_known_in_every_language() -> None:
    languages = phrases.languages()
    assert {"en", "de"} <= languages
    lacking = [one for one in phrases.catalogue() if set(one) != languages or not all(one.values())]
    assert lacking == []


def test_the_catalogue_has_what_is_said_and_nothing_else() -> None:
    known = [one["en"] for one in phrases.catalogue()]
    assert len(known) == len(set(known))
    assert set(known) == phrases_said()


def test_a_phrase_has_the_same_places_in_every_language() -> None:
    odd = [
        one
        for one in phrases.catalogue()
        if len({tuple(sorted(PLACE.findall(text))) for text in one.values()}) != 1
    ]
    assert odd == []


def test_a_language_that_the_catalogue_has_not_got_is_english() -> None:
    with speaking("fr"):
        assert phrases.spoken() == "en"
        assert words.money(Decimal("-1234.5"), "EUR") == "−€1,235"
    assert phrases.spoken() == "en"


def test_german_writes_numbers_money_and_days_as_germans_do() -> None:
    with speaking("de"):
        assert phrases.count(1234567) == "1.234.567"
        assert words.cents(Decimal("-1234.5"), "EUR") == "−1.234,50\u00a0€"
        assert words.money(Decimal("1234.5"), "SEK") == "1.235\u00a0SEK"
        assert words.short_money(Decimal(1250), "EUR") == "1,2\u00a0Tsd.\u00a0€"
        assert words.percent(0.1234, 1) == "12,3\u00a0%"
        assert words.long_day(date(2026, 3, 1)) == "Sonntag, 1. März 2026"
        assert phrases.plural(2, "row") == "2 Zeilen"


def test_days_in_reasons_are_told_from_numbers_in_either_language() -> None:
    """A reason that names a day is said of many without it."""
    for language, reason in (("en", "in touch on 3 March 2026"), ("de", "Kontakt am 3. März 2026")):
        with speaking(language):
            assert re.sub(words.day_of_year(), "…", reason).endswith(" …")


def test_what_fills_a_phrase_of_a_template_is_text() -> None:
    with speaking("de"):
        told = say("Generation {generation}, run <code>{run}</code>.", generation=1, run="<b>")
    assert told == "Generation 1, Lauf <code>&lt;b&gt;</code>."


# ---------- whole pages


def pages(language: str) -> dict[str, str]:
    """The report and each list's page of a night with something in every section."""
    with speaking(language):
        report = made_up.report(
            lists=tuple(map(in_no_language, made_up.lists())),
            exclusions=(),
            model=made_up.model(verdict=None, ranges=None, totals=None, service=None),
        )
        return {
            "report": render(report),
            **{
                card.tonight.code: render_list(report, card, (), None)
                for card in cards(report, {}).all
            },
        }


def in_no_language(tonight: TonightsList) -> TonightsList:
    """A list whose own words, which come from its declaration, are digits."""
    told = ("name", "purpose", "who", "success", "owner", "verb", "money", "say", "do_not_say")
    return replace(tonight, reasons=(), **dict.fromkeys(told, "1"))


def test_a_german_page_says_so_and_has_nothing_left_in_english() -> None:
    english, german = pages("en"), pages("de")
    for name, page in german.items():
        assert '<html lang="de">' in page
        left = Texts(page).said & Texts(english[name]).said
        assert {text for text in left - SAME if not SHORT_MONTH.fullmatch(text)} == set(), name


def test_a_companys_own_target_may_be_called_anything(tmp_path: Path) -> None:
    """A name is no phrase with places."""
    target = {"target_name": "The {odd} tool", "files": [{"name": "odd/a.csv"}]}
    manifest = {"lists": [{"list_code": "a", "targets": [target]}]}
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with speaking("de"):
        assert first_files(tmp_path)["a"] == ("lists/odd/a.csv", "The {odd} tool")


@pytest.mark.parametrize("language", sorted(phrases.languages()))
def test_one_no_is_told_as_one(language: str) -> None:
    with speaking(language):
        one, two = (Hold("no_unread", "consent", count).sentence for count in (1, 2))
    assert one.split()[:2] == ["1", {"en": "no", "de": "Widerspruch"}[language]]
    assert two.split()[:2] == ["2", {"en": "no's", "de": "Widersprüche"}[language]]


def test_whose_address_somebody_shares_is_said_as_erasures_read_it_in_every_language() -> None:
    """Else who is erased would stay in the rejected rows of others."""
    row = {"customer_id": "c2", "first_at_address": "c1", "email": "a@example.com"}
    definitions = list_definitions.load(PROJECT / "dbt_project")
    (nudge,) = (one for one in definitions if one.list_code == "second_purchase")
    for language in phrases.languages():
        with speaking(language):
            told = ABOUT_ANOTHER.fullmatch(str(_why_rejected({**row, "phone_e164": None}, nudge)))
        assert told
        assert told[1] == "c1"

"""Every list speaks every language of the product, with the same sentences and the same facts."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from regulars.project import list_definitions
from regulars.project.list_words import SENTENCES, WORDS, fault_of, forms_of, shared_words
from regulars.settings import PROJECT
from tests.telling import Telling, every_sentence, example, facts_in

PRODUCT = PROJECT / "dbt_project"
LANGUAGES = sorted(
    path.stem.removeprefix("words_") for path in (PRODUCT / WORDS).glob("words_*.sql")
)
LISTS = list_definitions.for_dbt(PRODUCT)
NIGHT = date(2026, 3, 15)


def facts(sentence: str) -> set[str]:
    return {fact.partition(":")[0] for fact in re.findall(r"{(.*?)}", sentence)}


def words(code: str, language: str) -> dict:
    return LISTS[code]["definition"]["words"][language]


def test_there_are_english_and_german() -> None:
    assert {"en", "de"} <= set(LANGUAGES)


@pytest.mark.parametrize("code", sorted(LISTS))
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_list_says_the_same_in_every_language(code: str, language: str) -> None:
    english, other = words(code, "en"), words(code, language)
    assert other.keys() == english.keys()
    for kind in set(SENTENCES) & english.keys():
        assert other[kind].keys() == english[kind].keys()
        for name in english[kind]:
            assert facts(other[kind][name]) == facts(english[kind][name]), (kind, name)


@pytest.mark.parametrize("code", sorted(LISTS))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_can_be_filled_in(code: str, language: str) -> None:
    forms = forms_of(shared_words(PRODUCT, language))
    for kind in set(SENTENCES) & words(code, language).keys():
        for sentence in words(code, language)[kind].values():
            assert fault_of(sentence, forms) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shared_words_have_the_same_names_and_facts(language: str) -> None:
    english, other = shared_words(PRODUCT, "en"), shared_words(PRODUCT, language)
    assert other.keys() == english.keys()
    assert english["forms"].keys() <= other["forms"].keys()
    for kind in ("exclusions", "movements", "value_reasons"):
        assert other[kind].keys() == english[kind].keys()
        for name, said in english[kind].items():
            one = said["sentence"] if isinstance(said, dict) else said
            two = other[kind][name]
            assert facts(two["sentence"] if isinstance(two, dict) else two) == facts(one), name


def test_a_company_chooses_the_language(tmp_path: Path) -> None:
    project = tmp_path / "ours"
    (project / "dbt_packages").mkdir(parents=True)
    (project / "dbt_packages/regulars").symlink_to(PRODUCT)
    (project / "dbt_project.yml").write_text("name: ours\nvars: {language: de}\n")
    spoken = {one.list_code: one.words.name for one in list_definitions.load(project)}
    assert spoken["save_our_best"] == "Die Besten halten"


# A noun after a number of one: a plural there, or the other way round, is a fault.
SINGULAR = re.compile(
    r"(?<![\d.,])1 (Tage|Tagen|Punkte|Kategorien|Nachrichten|days|points|people)\b"
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_is_said_in_the_singular_and_many_in_the_plural(language: str) -> None:
    for name, form in shared_words(PRODUCT, language)["forms"].items():
        assert not SINGULAR.search(form["one"]), name
        assert "#" not in form["one"], name
        assert "#" in form["many"], name
        assert "#" not in form.get("none", ""), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_number_of_one_has_a_noun_in_the_singular_and_no_verb_in_the_plural(
    language: str,
) -> None:
    """A plural of `forms` after a one is a fault, and so is a share that begins a sentence: its
    verb would have to follow the number."""
    words = shared_words(PRODUCT, language)
    telling = Telling(words, NIGHT)
    plurals = set.union(*(_after_number(form["many"]) for form in words["forms"].values()))
    plurals -= set.union(*(_after_number(f"# {form['one']}") for form in words["forms"].values()))
    plural = re.compile(rf"(?<![\d.,])1 ({'|'.join(sorted(plurals))})\b")
    assert {"days", "points"} <= plurals or {"Tage", "Tagen"} <= plurals
    subject = re.compile(r"(^|; ){\w+:in_100} ")
    told = {
        name: telling.told(
            template, {fact: example(telling, fact, form, 1) for fact, form in facts_in(template)}
        )
        for name, template in every_sentence(language).items()
        if not subject.search(template)
    }
    assert told.keys() == every_sentence(language).keys()
    assert {name: said for name, said in told.items() if plural.search(str(said))} == {}


# What a company may set otherwise, said in words; a scale of five or ten points is none.
SAID_NUMBER = re.compile(r"\d|(once|twice) a year|within a week|(ein|zwei)mal im Jahr|einer Woche")
SCALE = re.compile(r"(out of|von|in) \d+|{.*?}")


@pytest.mark.parametrize("code", sorted(LISTS))
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_list_says_of_itself_repeats_no_threshold(code: str, language: str) -> None:
    said = words(code, language)
    texts = [said[name] for name in ("who", "purpose", "left")] + list(said["ineligible"].values())
    assert [text for text in texts if SAID_NUMBER.search(SCALE.sub("", text))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_waits_for_an_answer_has_cases_of_whatever_kind(language: str) -> None:
    shared = shared_words(PRODUCT, language)
    waits = words("service_call", language)["reasons"]["waits"]
    facts = {"unanswered": 2, "waiting_since": date(2026, 3, 3)}
    said = Telling(shared, NIGHT).told(waits, facts)
    assert not [kind for kind in shared["codes"]["case_kind"].values() if kind in str(said)]


def _after_number(form: str) -> set[str]:
    """The word after the number, if one follows."""
    return set(re.findall(r"(?:#|\b1) ([^\W\d]+)", form))

"""Which list goes where: the company says so, and is told what cannot be."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from regulars.project import list_definitions
from regulars.project.list_definitions import ListDefinition
from regulars.project.located import DeclarationError
from regulars.targets import declaration, destinations
from tests.unit.targets.files import DBT, TARGETS, person, write

LISTS = list_definitions.load(DBT)
BY_CODE = {one.list_code: one for one in LISTS}
ADS = replace(
    BY_CODE["ad_audiences"], channel="email"
)  # so that a mailing tool is refused for its purpose


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what is declared, which a test may change."""
    copy = tmp_path / "dbt_project"
    shutil.copytree(DBT / "targets", copy / "targets")
    shutil.copytree(DBT / "models/marts/campaigns", copy / "models/marts/campaigns")
    shutil.copy(DBT / "destinations.yml", copy)
    return copy


def sends(project: Path, code: str, *entries: dict) -> None:
    content = {"lists": {code: list(entries)}, "otherwise": {}}
    (project / "destinations.yml").write_text(yaml.safe_dump(content))


def test_every_list_goes_somewhere_and_what_people_download_first_is_a_tools_file() -> None:
    found = destinations.load(DBT, LISTS)
    assert all(found[one.list_code] for one in LISTS)
    assert found["second_purchase"][0].target.code == "klaviyo"
    assert found["make_it_right"][0].target.code == "spreadsheet"
    assert destinations.check(DBT, LISTS) == sum(map(len, found.values()))


@pytest.mark.parametrize(
    ("one", "entry", "message"),
    [
        (BY_CODE["second_purchase"], {"target": "fax"}, "'fax' is no target; there are braze"),
        (
            BY_CODE["second_purchase"],
            {"target": "google_customer_match"},
            "nobody on it agreed to that",
        ),
        (ADS, {"target": "klaviyo"}, "nobody on it agreed to that"),
        (
            replace(ADS, columns=()),
            {"target": "google_seed"},
            "takes some rows by audience, which ad_audiences has not",
        ),
        (
            BY_CODE["second_purchase"],
            {"target": "salesforce_mobile"},
            "reaches people by email, Salesforce MobileConnect by phone",
        ),
        (
            BY_CODE["second_purchase"],
            {"target": "machine", "also": ["case_id"]},
            "second_purchase has no column case_id",
        ),
        (ADS, {"target": "meta_custom_audience", "name": "RICH-LOST"}, "is no neutral name"),
        (BY_CODE["second_purchase"], {"target": "machine", "to": "x"}, "and nothing else"),
    ],
)
def test_what_cannot_be_is_refused_with_file_and_line(
    project: Path, one: ListDefinition, entry: dict, message: str
) -> None:
    sends(project, one.list_code, entry)
    with pytest.raises(DeclarationError, match=message) as told:
        destinations.load(project, [one])
    assert str(told.value).startswith("dbt_project/destinations.yml, line ")


def test_a_list_that_does_not_exist_goes_nowhere(project: Path) -> None:
    sends(project, "no_such_list", {"target": "machine"})
    with pytest.raises(DeclarationError, match="no list is called no_such"):
        destinations.load(project, LISTS)


def test_advertising_lists_go_under_neutral_names(project: Path) -> None:
    sends(project, "ad_audiences", {"target": "meta_custom_audience", "name": "R2-07"})
    (named,) = destinations.load(project, [ADS])["ad_audiences"]
    (project / "destinations.yml").write_text((DBT / "destinations.yml").read_text())
    unnamed = destinations.load(project, [*LISTS, ADS])["ad_audiences"]
    assert named.file_name == "R2-07"
    names = {one.target.code: one.file_name for one in unnamed}
    assert set(names) == {
        "google_customer_match",
        "google_seed",
        "meta_custom_audience",
        "meta_value_seed",
    }
    assert len(set(names.values())) == 3  # the exclusion of both platforms has one name
    assert all("audience" not in one.file_name and one.file_name[0] == "R" for one in unnamed)


def test_two_lists_under_one_name_would_write_one_file(project: Path) -> None:
    other = replace(ADS, list_code="ad_exclusion")
    entry = [{"target": "meta_custom_audience", "name": "R2-07"}]
    content = {"lists": {"ad_audiences": entry, "ad_exclusion": entry}}
    (project / "destinations.yml").write_text(yaml.safe_dump(content))
    with pytest.raises(DeclarationError, match="would write the same file R2-07"):
        destinations.check(project, [ADS, other])


def test_what_was_asked_for_by_name_is_in_the_file_and_nothing_else(
    project: Path, tmp_path: Path
) -> None:
    asked = {"target": "salesforce_email", "also": ["value_tier"]}
    sends(project, "second_purchase", asked)
    (one,) = destinations.load(project, LISTS)["second_purchase"]
    assert [c.heading for c in one.columns][-3:] == [
        "Subscriber Status",
        "value_tier",
        "Email Address",
    ]


def test_a_target_is_one_declaration(project: Path, tmp_path: Path) -> None:
    (project / "targets/letter_shop.yml").write_text(
        "name: the letter shop\n"
        "use: messages\n"
        "key: customer_id\n"
        "file: {encoding: utf-8, delimiter: ';', line_end: crlf, max_rows: 2}\n"
        "columns:\n"
        "  - {heading: Nr, from: customer_id, is_required: true}\n"
        "  - {heading: Ort, from: city}\n"
    )
    sends(project, "second_purchase", {"target": "letter_shop"})
    (one,) = destinations.load(project, LISTS)["second_purchase"]
    entry = write(tmp_path, one.target, [person(rank) for rank in (1, 2, 3)])
    assert (tmp_path / entry.files[0].name).read_bytes() == (
        b"Nr;Ort\r\nc1;Amsterdam\r\nc2;Amsterdam\r\n"
    )
    assert (tmp_path / entry.files[1].name).read_bytes() == b"Nr;Ort\r\nc3;Amsterdam\r\n"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("use: messages", "use: anything", "use is 'anything'; use one of"),
        ("form: instant", "form: sundial", "'sundial' is no form"),
        ("from: language", "from: value_tier", "value_tier is for us alone"),
        ("from: language", "from: reason_1", "reason_1 is for us alone"),
        ("heading: Language", "heading: Country", "Country is there twice"),
        ("key: email", "key: phone_e164", "no column that is required is made of phone_e164"),
        ("max_bytes: 50000000", "max_bytes: a lot", "which is no number"),
        ("channels: [email]", "chanels: [email]", "'chanels' is none of"),
    ],
)
def test_a_target_that_makes_no_sense_is_refused_with_file_and_line(
    project: Path, old: str, new: str, message: str
) -> None:
    path = project / "targets/klaviyo.yml"
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))
    with pytest.raises(DeclarationError, match=message) as told:
        declaration.load(project)
    assert str(told.value).startswith("dbt_project/targets/klaviyo.yml, line ")


def test_an_ad_platform_without_consents_is_refused(project: Path) -> None:
    path = project / "targets/meta_custom_audience.yml"
    path.write_text(path.read_text().replace("consents: [[meta_ads, advertising]]\n", ""))
    with pytest.raises(DeclarationError, match="needs the consents"):
        declaration.load(project)


def test_google_asks_for_both_consents_of_the_european_rules() -> None:
    assert TARGETS["google_customer_match"].consents == (
        ("google_ads", "ad_user_data"),
        ("google_ads", "ad_personalization"),
    )

"""Each target's file: what its tool takes, and nothing that it or the person may not know."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from regulars.phrases import speaking
from regulars.targets.forms import TURNING
from regulars.targets.validator import faults_of
from tests.unit.targets.files import TARGETS, person, read, write

NAMES = sorted(TARGETS)
HEADERS = {
    "braze": "external_id first_name last_name email phone dob language time_zone country"
    " email_subscribe",
    "google_customer_match": "Email Phone First·Name Last·Name Country Zip",
    "google_seed": "Email Phone First·Name Last·Name Country Zip",
    "hubspot": "Email First·Name Last·Name Phone·Number Country/Region Preferred·language",
    "klaviyo": "Email Phone·Number First·Name Last·Name Country Email·Marketing·Consent"
    " Email·Marketing·Consent·Timestamp Language",
    "machine": "customer_id email phone_e164 first_name last_name language timezone list_code"
    " list_version as_of run_id valid_until",
    "mailchimp": "Email·Address First·Name Last·Name Phone·Number Birthday Country Language",
    "message": "email first_name language timezone",
    "meta_custom_audience": "email phone fn ln ct zip country dob",
    "meta_value_seed": "email phone fn ln ct zip country dob",
    "salesforce_email": "Subscriber·Key First·Name Last·Name Locale Subscriber·Status"
    " Email·Address",
    "salesforce_mobile": "_MobileNumber _Locale _ContactKey",
    "spreadsheet": "customer_id first_name last_name phone email language timezone list_code as_of"
    " valid_until",
}
ODD_NAMES = {
    "formula": '=HYPERLINK("http://x";"y")',
    "line break": "Anna\r\nMaria",
    "right to left": "\u202eمريم\u202c",
    "emoji": "Zoë \U0001f469\u200d\U0001f52c",
    "semicolon": "Jan;=1+1",
    "quote": 'Jan "the man", de',
    "longer than 255 bytes": "ü" * 200,
}


def people(count: int, **facts: Any) -> list[dict[str, Any]]:
    return [person(rank, **facts) for rank in range(1, count + 1)]


def sha(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


def test_the_targets_are_those_that_are_documented() -> None:
    assert sorted(HEADERS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_file_has_the_columns_that_the_tool_knows_in_order(name: str, tmp_path: Path) -> None:
    entry = write(tmp_path, name, people(100))
    assert entry.withheld is None
    assert list(entry.columns) == [h.replace("·", " ") for h in HEADERS[name].split()]
    assert [row for file in entry.files for row in read(tmp_path, file.name, name)][99]
    assert [(file.name, file.rows) for file in entry.files] == [
        (f"{name}/second_purchase.csv", 100)
    ]


@pytest.mark.parametrize("name", NAMES)
def test_value_tier_and_complaints_are_in_no_file_unless_asked_for(
    name: str, tmp_path: Path
) -> None:
    entry = write(tmp_path, name, people(100))
    content = (tmp_path / entry.files[0].name).read_text(encoding=TARGETS[name].file.encoding)
    for secret in ("gold", "4.20", "1.10", "99.90", "0.4321", "77.77", "5.55", "complaint"):
        assert secret not in content.replace("c4.20", "")


@pytest.mark.parametrize("odd", ODD_NAMES)
@pytest.mark.parametrize("name", NAMES)
def test_odd_names_leave_every_file_whole(name: str, odd: str, tmp_path: Path) -> None:
    some = people(100)
    some[3]["first_name"] = some[3]["last_name"] = ODD_NAMES[odd]
    entry = write(tmp_path, name, some)
    rows = read(tmp_path, entry.files[0].name, name)
    assert entry.withheld is None
    assert len(rows) == 100
    for cell in rows[3].values():
        assert None not in rows[3]
        assert name == "machine" or not TURNING.search(cell)
        assert name == "machine" or len(cell.splitlines()) <= 1
        assert name != "spreadsheet" or cell[:1] not in ("=", "+", "-", "@", "\t", "\r")


def test_the_spreadsheet_opens_by_double_click_and_the_machine_reads_what_is_there(
    tmp_path: Path,
) -> None:
    some = [person(1, first_name="=1+1")]
    shown = read(tmp_path, write(tmp_path, "spreadsheet", some).files[0].name, "spreadsheet")[0]
    told = read(tmp_path, write(tmp_path, "machine", some).files[0].name, "machine")[0]
    assert (tmp_path / "spreadsheet/second_purchase.csv").read_bytes()[:3] == b"\xef\xbb\xbf"
    assert (tmp_path / "machine/second_purchase.csv").read_bytes()[:3] == b"cus"
    assert (shown["first_name"], shown["phone"]) == ("'=1+1", "(+31) 6 12340001")
    assert (told["first_name"], told["phone_e164"]) == ("=1+1", "+31612340001")


def test_google_and_meta_hash_the_same_person_each_in_its_own_way(tmp_path: Path) -> None:
    some = people(100, first_name=" Zoë", email="Dana@Example.com")
    for rank, one in enumerate(some):
        one["email"] = one["email"] if rank == 0 else f"d{rank}@example.com"
    google = read(
        tmp_path,
        write(tmp_path, "google_customer_match", some).files[0].name,
        "google_customer_match",
    )[0]
    meta = read(
        tmp_path,
        write(tmp_path, "meta_custom_audience", some).files[0].name,
        "meta_custom_audience",
    )[0]
    assert google["Email"] == meta["email"] == sha("dana@example.com")
    assert google["Phone"] == sha("+31612340001")
    assert meta["phone"] == sha("31612340001")
    assert (google["First Name"], meta["fn"]) == (sha("zoë"), sha("zoe"))
    assert (google["Last Name"], meta["ln"]) == (sha("de wit"), sha("dewit"))
    assert (google["Country"], google["Zip"]) == ("NL", "1017 AB")
    assert (meta["country"], meta["zip"]) == (sha("nl"), sha("1017ab"))
    assert meta["dob"] == sha("19920621")


def test_a_postal_match_needs_all_four(tmp_path: Path) -> None:
    entry = write(tmp_path, "google_customer_match", [person(1, postcode=None)])
    row = read(tmp_path, entry.files[0].name, "google_customer_match")[0]
    assert [row[h] for h in ("First Name", "Last Name", "Country", "Zip")] == [""] * 4
    assert row["Email"]


@pytest.mark.parametrize("name", ["google_customer_match", "meta_custom_audience"])
@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"birth_date": date(2013, 3, 16)}, "not known to be 13 or older"),
        ({"birth_date": None}, "not known to be 13 or older"),
        ({"granted": "ads:advertising google_ads:ad_user_data"}, "no consent to"),
        ({"granted": None}, "no consent to"),
        ({"email": None}, "no usable e-mail address"),
    ],
)
def test_nobody_goes_to_an_ad_platform_who_is_a_child_or_did_not_agree_to_that_platform(
    name: str, facts: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    entry = write(tmp_path, name, [*people(100), person(101, **facts)])
    rejected = read(tmp_path, entry.rejected.name, "machine")
    assert entry.files[0].rows == 100
    assert [row["customer_id"] for row in rejected] == ["c101"]
    assert rejected[0]["reason"].startswith(reason)


def test_thirteen_is_old_enough_on_the_day(tmp_path: Path) -> None:
    entry = write(tmp_path, "google_customer_match", [person(1, birth_date=date(2013, 3, 15))])
    assert entry.files[0].rows == 1


def test_meta_gets_no_audience_of_fewer_than_a_hundred(tmp_path: Path) -> None:
    entry = write(tmp_path, "meta_custom_audience", people(99))
    assert entry.withheld == "Meta takes no fewer than 100 people; 99 were left"
    assert [f.name for f in (tmp_path / "meta_custom_audience").iterdir()] == [
        "second_purchase.rejected.csv"
    ]


def test_a_value_for_a_look_alike_goes_only_where_asked_and_never_below_zero(
    tmp_path: Path,
) -> None:
    entry = write(tmp_path, "meta_custom_audience", people(100), ("net_clv_12m",))
    assert read(tmp_path, entry.files[0].name, "meta_custom_audience")[0]["value"] == "0"


@pytest.mark.parametrize(
    ("said", "written"),
    [("granted", "Subscribed"), ("withdrawn", "Unsubscribed"), ("none", "Never subscribed")],
)
def test_klaviyo_is_told_what_was_said(said: str, written: str, tmp_path: Path) -> None:
    entry = write(tmp_path, "klaviyo", [person(1, email_consent=said)])
    row = read(tmp_path, entry.files[0].name, "klaviyo")[0]
    assert row["Email Marketing Consent"] == written
    assert row["Email Marketing Consent Timestamp"] == "2026-01-02T03:04:05+00:00"
    assert row["Phone Number"] == "+31612340001"


def test_mailchimp_reads_birthdays_and_countries_its_way(tmp_path: Path) -> None:
    entry = write(tmp_path, "mailchimp", [person(1, country="UK"), person(2, country="Holland")])
    one, two = read(tmp_path, entry.files[0].name, "mailchimp")
    assert (one["Birthday"], one["Country"], two["Country"]) == ("06/21", "GB", "")
    assert entry.blanked == {"Country": 1}


def test_mobile_numbers_for_salesforce_are_digits(tmp_path: Path) -> None:
    entry = write(tmp_path, "salesforce_mobile", [person(1), person(2, phone_e164=None)])
    assert read(tmp_path, entry.files[0].name, "salesforce_mobile") == [
        {"_MobileNumber": "31612340001", "_Locale": "NL", "_ContactKey": "c1"}
    ]
    (row,) = read(tmp_path, entry.rejected.name, "machine")
    assert (row["customer_id"], row["reason"]) == ("c2", "no usable phone number")


def test_a_rejection_names_no_personal_data(tmp_path: Path) -> None:
    some = [
        person(1, email="not an address"),
        person(2, email=None),
        person(3, email_place=2),
        person(4, email_consent="perhaps"),
    ]
    entry = write(tmp_path, "klaviyo", some)
    content = (tmp_path / entry.rejected.name).read_text()
    assert [row["reason"] for row in read(tmp_path, entry.rejected.name, "machine")] == [
        "Email is not as Klaviyo takes it",
        "no usable e-mail address",
        "same e-mail address as somebody who ranks higher",
        "no Email Marketing Consent",
    ]
    assert not [cell for cell in ("not an", "@", "Zo", "Wit", "+31") if cell in content]


@pytest.mark.parametrize("limit", ["rows", "bytes"])
def test_a_file_is_split_where_the_tool_stops_and_loses_nobody(limit: str, tmp_path: Path) -> None:
    rules = TARGETS["klaviyo"].file
    small = replace(
        TARGETS["klaviyo"],
        file=replace(rules, max_rows=40)
        if limit == "rows"
        else replace(rules, max_bytes=5_000, max_rows=None),
    )
    entry = write(tmp_path, small, people(100))
    names = [file.name for file in entry.files]
    assert names[:2] == ["klaviyo/second_purchase.csv", "klaviyo/second_purchase.2.csv"]
    assert [row["Email"] for name in names for row in read(tmp_path, name, small)] == [
        f"c{rank}@example.com" for rank in range(1, 101)
    ]
    if limit == "rows":
        assert [file.rows for file in entry.files] == [40, 40, 20]
    else:
        assert all(4_000 < file.bytes <= 5_000 for file in entry.files[:-1])
    assert faults_of(small, [tmp_path / name for name in names]) == []


def test_a_file_that_failed_half_way_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        write(tmp_path, "klaviyo", [person(1), {"nobody": 1, "email": "a@example.com"}])
    assert list((tmp_path / "klaviyo").glob("*.csv")) == []


def test_one_and_the_same_list_gives_the_same_bytes(tmp_path: Path) -> None:
    one, two = (write(tmp_path / name, "klaviyo", people(10)) for name in ("one", "two"))
    assert one == two


def test_a_seed_has_the_best_alone_and_their_value_and_the_exclusion_everybody(
    tmp_path: Path,
) -> None:
    best = [person(n, audience="seed", net_clv_12m=Decimal(n)) for n in range(1, 121)]
    others = [person(n, audience="exclusion") for n in range(121, 301)]
    seed = write(tmp_path, "meta_value_seed", [*best, *others], ("net_clv_12m",))
    everybody = write(tmp_path, "meta_custom_audience", [*best, *others])
    assert (seed.files[0].rows, seed.rejected.rows) == (120, 0)
    assert everybody.files[0].rows == 300
    assert [row["value"] for row in read(tmp_path, seed.files[0].name, "meta_value_seed")][:2] == [
        "1",
        "2",
    ]
    assert "value" not in read(tmp_path, everybody.files[0].name, "meta_custom_audience")[0]


def test_who_agreed_to_one_platform_is_shown_to_no_other_not_even_to_be_excluded(
    tmp_path: Path,
) -> None:
    google = "ads:advertising google_ads:ad_personalization google_ads:ad_user_data"
    people = [person(n, granted=google) for n in range(1, 121)]
    for target, rows in (("google_customer_match", 120), ("google_seed", 120)):
        assert write(tmp_path, target, people).files[0].rows == rows
    refused = write(tmp_path, "meta_custom_audience", people)
    assert (refused.files, refused.rejected.rows) == ((), 120)


def test_the_manifest_says_when_a_platform_forgets_who_was_on_a_list(tmp_path: Path) -> None:
    assert write(tmp_path, "google_customer_match", [person(1)]).membership_days == 540
    assert write(tmp_path, "klaviyo", [person(1)]).membership_days == 0


def test_a_german_company_reads_in_german_why_somebody_has_no_row(tmp_path: Path) -> None:
    with speaking("de"):
        entry = write(tmp_path, "klaviyo", [person(1), person(2, email=None)])
    (row,) = read(tmp_path, entry.rejected.name, "machine")
    assert row["reason"] == "keine brauchbare E-Mail-Adresse"

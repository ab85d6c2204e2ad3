"""The validator knows each tool's rules: a file that breaks one is not let through."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from regulars.targets.validator import faults_of
from tests.unit.targets.files import TARGETS, person, write

HASH = "07e2f139" * 8


def faults(folder: Path, name: str, content: bytes, *, asked: tuple[str, ...] = ()) -> list[str]:
    path = folder / "list.csv"
    path.write_bytes(content)
    return faults_of(TARGETS[name], [path], asked)


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_what_the_night_writes_passes(name: str, tmp_path: Path) -> None:
    entry = write(tmp_path, name, [person(rank) for rank in range(1, 121)])
    paths = [tmp_path / file.name for file in entry.files]
    assert paths
    assert faults_of(TARGETS[name], paths) == []


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("klaviyo", b"customer_id,Email\nc1,a@example.com\n", "the first column is none of Email"),
        ("klaviyo", b"Email\na@example.com\n", "no column Email Marketing Consent"),
        (
            "klaviyo",
            b"Email,Email Marketing Consent\na@example.com,yes\n",
            "line 2: Email Marketing Consent is not as Klaviyo takes it",
        ),
        (
            "klaviyo",
            b"Email,Email Marketing Consent,Phone Number\na@example.com,Subscribed,'+31612345678\n",
            "line 2: Phone Number is not as",
        ),
        (
            "klaviyo",
            b"Email,Email Marketing Consent\na@b.nl,Subscribed\na@b.nl,Subscribed\n",
            "line 3: the same Email once more",
        ),
        ("klaviyo", b"Email,Email Marketing Consent\n,Subscribed\n", "line 2: no Email"),
        ("klaviyo", b"\xef\xbb\xbfEmail,Email Marketing Consent\n", "a byte-order mark"),
        ("klaviyo", b"Email,Email Marketing Consent\na@b.nl\n", "1 cells under 2 headings"),
        ("klaviyo", b"Email,Email Marketing Consent\n\xff,Subscribed\n", "cannot be read as CSV"),
        ("mailchimp", b"Email Address,Birthday\na@b.nl,21/06\n", "Birthday is not as"),
        ("mailchimp", b"Email Address,Country\na@b.nl,UK\n", "Country is not as"),
        ("mailchimp", b"Email Address,First Name\na@b.nl," + b"x" * 256, "First Name is not as"),
        ("braze", b"external_id,First_Name\nc1,Anna\n", "Braze knows no column First_Name"),
        (
            "braze",
            b"external_id,user_alias_name,user_alias_label\nc1,a,b\n",
            "external_id and user_alias_name stand side by side",
        ),
        ("hubspot", b"First Name\nAnna\n", "no column Email"),
        ("google_customer_match", b"Email\na@example.com\n", "Email is not as"),
        (
            "google_customer_match",
            f"Email,Zip\n{HASH},{HASH}\n".encode(),
            "Zip is not as Google Customer Match takes it",
        ),
        (
            "google_customer_match",
            f"Email,Country\n{HASH},{HASH}\n".encode(),
            "Country is not as Google Customer Match takes it",
        ),
        ("google_customer_match", f"E-mail\n{HASH}\n".encode(), "knows no column E-mail"),
        ("meta_custom_audience", f"email,value\n{HASH},-1\n".encode(), "value is not as"),
        ("meta_custom_audience", b"email\nA@EXAMPLE.COM\n", "email is not as"),
        ("salesforce_mobile", b"_MobileNumber,_ContactKey\n+316123456,c1\n", "_MobileNumber is"),
        (
            "salesforce_email",
            b"Subscriber Key,Email Address,Subscriber Status\nc1,a@b.nl,Active\n",
            "the last column is none of Email Address",
        ),
        ("spreadsheet", b"\xef\xbb\xbfcustomer_id,phone\nc1,+31612345678\n", "would run phone"),
        ("spreadsheet", b"customer_id\nc1\n", "no byte-order mark"),
        ("message", b"email,value_tier\na@b.nl,gold\n", "knows no column value_tier"),
        ("message", b'email,first_name\na@b.nl,"Anna\nMaria"\n', "first_name breaks the line"),
        ("message", "email,first_name\na@b.nl,\u202eAnna\n".encode(), "turns the reading order"),
        ("machine", b"customer_id,customer_id\nc1,c1\n", "a heading stands twice"),
    ],
)
def test_a_file_that_the_tool_would_stumble_over_is_found(
    name: str, content: bytes, fault: str, tmp_path: Path
) -> None:
    found = faults(tmp_path, name, content)
    assert [one for one in found if fault in one], found


def test_a_key_that_stands_in_two_parts_of_a_list_is_found_beside_a_row_that_is_broken(
    tmp_path: Path,
) -> None:
    parts = {"a.csv": b"email\na@b.nl\nc@b.nl\n", "b.csv": b"email\na@b.nl\nx@b.nl,1\n"}
    for name, content in parts.items():
        (tmp_path / name).write_bytes(content)
    found = faults_of(TARGETS["message"], [tmp_path / name for name in parts])
    assert "b.csv, line 2: the same email once more" in found
    assert any("2 cells under 1 headings" in one for one in found)


def test_limits_of_bytes_and_rows_are_known(tmp_path: Path) -> None:
    tight = replace(TARGETS["message"], file=replace(TARGETS["message"].file, max_rows=1))
    path = tmp_path / "list.csv"
    path.write_bytes(b"email\na@b.nl\nc@d.nl\n")
    assert faults_of(tight, [path]) == ["list.csv: 2 rows; a message takes 1"]
    tight = replace(tight, file=replace(tight.file, max_rows=None, max_bytes=10))
    assert faults_of(tight, [path]) == ["list.csv: 20 bytes; a message takes 10"]


def test_columns_that_were_asked_for_by_name_pass(tmp_path: Path) -> None:
    content = b"email,value_tier\na@b.nl,gold\n"
    assert faults(tmp_path, "message", content, asked=("value_tier",)) == []


def test_a_fault_names_no_cell(tmp_path: Path) -> None:
    content = b"Email,Email Marketing Consent\nsecret name,perhaps\n"
    assert not [f for f in faults(tmp_path, "klaviyo", content) if "secret" in f or "perhaps" in f]


@pytest.mark.parametrize(
    ("name", "limit", "what"),
    [
        ("klaviyo", 50_000_000, "max_bytes"),
        ("braze", 500_000_000, "max_bytes"),
        ("hubspot", 512_000_000, "max_bytes"),
        ("hubspot", 1_048_575, "max_rows"),
        ("salesforce_mobile", 20_000_000, "max_bytes"),
        ("meta_custom_audience", 100, "at_least"),
    ],
)
def test_the_limits_are_the_vendors(name: str, limit: int, what: str) -> None:
    assert getattr(TARGETS[name].file, what) == limit

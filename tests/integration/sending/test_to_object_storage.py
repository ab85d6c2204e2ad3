"""Deliveries to S3-compatible storage over HTTP: moto's server, a process of its own."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from regulars.lists.lists_manifest import FileEntry
from regulars.sending.connection import open_place
from regulars.sending.generation_to_send import SendingRefused
from regulars.sending.target_folder import SendingFailed, TargetFolder
from regulars.targets.places import Place
from tests.integration.sending.servers import (
    BUCKET,
    ERROR,
    HANGS_UP,
    LONGER,
    NONSENSE,
    OTHER,
    SHORT,
    Storage,
    storage,
)
from tests.integration.sending.world import GENERATION, SENT, Published, bytes_of

PLACE = {"connection": "drop", "folder": f"{BUCKET}/incoming"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    with storage(tmp_path_factory.mktemp("moto")) as running:
        yield running


@pytest.fixture
def there(
    published: Published, server: Storage, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Published]:
    """A company that delivers to the storage, which is empty."""
    monkeypatch.setenv("AIRFLOW_CONN_DROP", server.connection)
    server.puts.clear()
    server.falsified.clear()
    server.denied_after = None
    yield published.to(message=PLACE, machine=PLACE)
    system, _ = open_place(Place("message", "drop", BUCKET))
    if system.exists(f"{BUCKET}/incoming"):
        system.rm(f"{BUCKET}/incoming", recursive=True)


def arrived() -> dict[str, bytes]:
    system, folder = open_place(Place("message", **PLACE))
    return {path.removeprefix(f"{folder}/"): system.cat_file(path) for path in system.find(folder)}


def path_of(name: str) -> str:
    return f"/{BUCKET}/incoming/{GENERATION}/{name}"


def test_a_delivery_arrives_byte_for_byte_each_object_put_once(
    there: Published, server: Storage
) -> None:
    assert there.deliver("message")["delivered"] == {SENT: 4, "save_our_best": 2}
    assert bytes_of(there.files_of("message")).items() <= arrived().items()
    assert set(server.puts.values()) == {1}
    assert set(server.puts) == {
        path_of(f"{code}{end}")
        for code in (SENT, "save_our_best")
        for end in (".csv", ".manifest.json")
    }


@pytest.mark.parametrize(
    ("name", "lie"),
    [
        (f"{SENT}.csv", ERROR),
        (f"{SENT}.csv", HANGS_UP),
        (f"{SENT}.manifest.json", ERROR),
        (f"{SENT}.manifest.json", NONSENSE),
    ],
)
def test_a_target_that_accepts_and_answers_badly_gets_nothing_twice(
    there: Published, server: Storage, name: str, lie: str
) -> None:
    server.lies[path_of(name)] = lie
    assert there.deliver("message")["delivered"][SENT] == 4
    assert not server.lies, "the server never answered so"
    assert set(server.puts.values()) == {1}
    assert sorted(there.deliver("message")["before"]) == ["save_our_best", SENT]
    assert set(server.puts.values()) == {1}


@pytest.mark.slow
@pytest.mark.parametrize("lie", [None, ERROR, NONSENSE, HANGS_UP])
def test_a_file_that_is_sent_in_parts_arrives_whole_and_once(
    there: Published, server: Storage, tmp_path: Path, lie: str | None
) -> None:
    """The client sends parts of 50 MB; the lie is told when it has them put together."""
    content = random.Random(1).randbytes(101 * 1024 * 1024)
    (tmp_path / "large.csv").write_bytes(content)
    large = FileEntry("large.csv", 1, len(content), hashlib.sha256(content).hexdigest())
    folder = TargetFolder(*open_place(Place("message", **PLACE)))
    if lie:
        server.lies[f"/{BUCKET}/incoming/large.csv"] = lie
    assert folder.bring(tmp_path / "large.csv", large)
    sent = dict(server.puts)
    assert not folder.bring(tmp_path / "large.csv", large)
    assert server.puts == sent == {"/drop/incoming/large.csv": 3}


@pytest.mark.nights
def test_a_delivery_that_was_killed_goes_on_without_a_second_put(
    there: Published, server: Storage
) -> None:
    there.says_no("c2")
    there.killed_at("deliver:file_sent", "message")
    assert sum(server.puts.values()) > 0
    there.deliver("message")
    assert set(server.puts.values()) == {1}
    assert b"c2@" not in arrived()[f"{GENERATION}/{SENT}.csv"]
    assert there.query("select count(*) from decisions.deliveries") == [(2,)]


@pytest.mark.nights
def test_a_delivery_that_was_killed_before_its_log_is_logged_as_it_went_out(
    there: Published,
) -> None:
    there.killed_at("deliver:before_commit", "message")
    there.says_no("s1", list_code="save_our_best")  # the first list that is sent
    there.deliver("message")
    assert there.query(
        "select rows, left_out from decisions.deliveries where list_code = 'save_our_best'"
    ) == [(2, 0)]


def test_what_cannot_be_written_to_is_said_without_what_was_sent(
    published: Published, server: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_DROP", server.connection)
    nowhere = published.to(message={"connection": "drop", "folder": "no-such-bucket/x"})
    with pytest.raises(SendingFailed) as failed:
        nowhere.deliver("message")
    assert "save_our_best.csv was not taken" in str(failed.value)
    assert "@" not in str(failed.value)
    assert published.query("select count(*) from decisions.deliveries") == [(0,)]


@pytest.mark.slow  # five seconds each, of waiting
def test_a_target_that_denies_half_way_has_no_manifest_and_is_given_the_rest_later(
    there: Published, server: Storage
) -> None:
    server.denied_after = 3  # save_our_best with its manifest, then one file
    with pytest.raises(SendingFailed, match=rf"{SENT}.manifest.json was not taken") as failed:
        there.deliver("message")
    assert "@" not in str(failed.value)
    assert f"{GENERATION}/{SENT}.manifest.json" not in arrived()
    server.denied_after = None
    outcome = there.deliver("message")
    assert (outcome["before"], outcome["delivered"]) == (["save_our_best"], {SENT: 4})
    assert set(server.puts.values()) == {1}


@pytest.mark.slow
@pytest.mark.parametrize("falsified", [SHORT, LONGER, OTHER])
def test_a_target_that_has_it_otherwise_than_it_was_sent_has_not_got_it(
    there: Published, server: Storage, falsified: str
) -> None:
    server.falsified[path_of("save_our_best.csv")] = falsified
    with pytest.raises(SendingFailed, match=r"save_our_best.csv (arrived otherwise|could not be)"):
        there.deliver("message")
    server.falsified.clear()
    assert set(arrived()) == {f"{GENERATION}/save_our_best.csv"}
    assert there.query("select count(*) from decisions.deliveries") == [(0,)]
    assert there.deliver("message")["delivered"] == {"save_our_best": 2, SENT: 4}
    assert server.puts[path_of("save_our_best.csv")] == 1


def test_a_connection_that_airflow_does_not_know_is_named(published: Published) -> None:
    unknown = published.to(message={"connection": "nobody_set_this", "folder": "x"})
    with pytest.raises(SendingRefused, match="AIRFLOW_CONN_NOBODY_SET_THIS"):
        unknown.deliver("message")

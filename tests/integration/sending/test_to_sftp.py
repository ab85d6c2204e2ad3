"""Deliveries by SFTP to OpenSSH on the loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from regulars.sending.target_folder import SendingFailed
from tests.integration.sending.servers import Sftp, sftp, sshd
from tests.integration.sending.world import GENERATION, SENT, Published, all_files, bytes_of

PROGRAM = sshd()
pytestmark = pytest.mark.skipif(
    PROGRAM is None, reason="needs OpenSSH's server: apt-get install openssh-server"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sftp]:
    with sftp(tmp_path_factory.mktemp("sshd"), PROGRAM or "") as running:
        yield running


@pytest.fixture
def there(
    published: Published, server: Sftp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Published:
    monkeypatch.setenv("AIRFLOW_CONN_DROP", server.connection())
    return published.to(message={"connection": "drop", "folder": str(tmp_path / "incoming")})


def test_a_delivery_arrives_byte_for_byte_and_under_no_temporary_name(
    there: Published, tmp_path: Path
) -> None:
    assert there.deliver("message")["delivered"][SENT] == 4
    arrived = all_files(tmp_path / "incoming")
    assert bytes_of(there.files_of("message")).items() <= arrived.items()
    assert not [name for name in arrived if ".tmp" in name]


def test_a_delivery_killed_before_the_rename_leaves_nothing_under_its_name_and_goes_on(
    there: Published, tmp_path: Path
) -> None:
    there.says_no("c2")
    there.killed_at("deliver:temporary_sent", "message")
    folder = tmp_path / "incoming" / str(GENERATION)
    assert [file.name[0] for file in folder.iterdir()] == ["."]
    there.deliver("message")
    arrived = all_files(tmp_path / "incoming")
    assert len(arrived) == 4
    assert b"c2@" not in arrived[f"{GENERATION}/{SENT}.csv"]


def test_a_full_disk_there_leaves_nothing_under_its_name_and_is_said_without_an_address(
    there: Published, tmp_path: Path
) -> None:
    folder = tmp_path / "incoming" / str(GENERATION)
    folder.mkdir(parents=True)
    full = folder / f".{SENT}.csv.tmp"
    full.symlink_to("/dev/full")  # whatever is written there finds no space
    with pytest.raises(SendingFailed, match=rf"{SENT}.csv was not taken") as failed:
        there.deliver("message")
    assert "@" not in str(failed.value)
    assert not [file for file in folder.iterdir() if file.name.startswith(SENT)]
    full.unlink()
    outcome = there.deliver("message")
    assert (outcome["before"], outcome["delivered"]) == (["save_our_best"], {SENT: 4})


def test_a_server_that_is_another_than_the_connection_names_is_sent_nothing(
    there: Published, server: Sftp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = (server.key_file.with_suffix(".pub")).read_text().split()[:2]
    monkeypatch.setenv("AIRFLOW_CONN_DROP", server.connection(" ".join(other)))
    with pytest.raises(SendingFailed, match=r"drop cannot be reached \(HostKeyNotVerifiable\)"):
        there.deliver("message")
    assert not (tmp_path / "incoming").exists()

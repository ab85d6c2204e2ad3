"""An Airflow connection as a file system (fsspec): S3-compatible storage, SFTP, a folder.

Fields are those of Airflow's own providers, so that a connection serves both. What a server is
told twice could arrive twice, so no client repeats a request by itself: whoever calls asks first.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from regulars.sending.generation_to_send import SendingRefused
from regulars.sending.target_folder import SendingFailed
from regulars.targets.places import Place

SECONDS = 60  # that a server may be silent


def open_place(place: Place) -> tuple[Any, str]:
    """(file system, folder in it) of a place. Raises SendingRefused where the connection is not
    known or of another kind, SendingFailed where it leads nowhere."""
    if place.connection is None:
        return _folder(), place.folder
    connection = _look_up(place.connection)
    extra = connection.extra_dejson
    if connection.conn_type in ("fs", "file"):
        return _folder(), str(Path(extra.get("path") or "/") / place.folder)
    if connection.conn_type not in KINDS:
        raise SendingRefused(
            f"The connection {place.connection} is of type {connection.conn_type}; files go by"
            f" {', '.join(KINDS)} or fs."
        )
    try:
        return KINDS[connection.conn_type](connection, extra), place.folder
    except Exception as error:  # a server's own words may quote what it was told
        raise SendingFailed(
            f"{place.connection} cannot be reached ({type(error).__name__}). See its connection in"
            " Airflow, then deliver again."
        ) from None


def _look_up(name: str) -> Any:
    from airflow.sdk import BaseHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        return BaseHook.get_connection(name)
    except AirflowNotFoundException:
        raise SendingRefused(
            f"Airflow knows no connection {name}. Set AIRFLOW_CONN_{name.upper()}, which the"
            " command line reads too, or add it in Airflow; docs/delivery.md has examples."
        ) from None


def _folder() -> Any:
    from fsspec.implementations.local import LocalFileSystem

    return LocalFileSystem()


def _s3(connection: Any, extra: dict[str, Any]) -> Any:
    from s3fs import S3FileSystem

    from regulars.sending.s3_session import SentOnce

    system = S3FileSystem(
        key=connection.login or None,
        secret=connection.password or None,
        token=extra.get("aws_session_token"),
        endpoint_url=extra.get("endpoint_url"),
        client_kwargs={"region_name": extra["region_name"]} if extra.get("region_name") else {},
        config_kwargs={
            "retries": {"total_max_attempts": 1},
            "connect_timeout": SECONDS,
            "read_timeout": SECONDS,
            "http_session_cls": SentOnce,
        },
        use_listings_cache=False,
        skip_instance_cache=True,
    )
    system.retries = 1
    return system


def _sftp(connection: Any, extra: dict[str, Any]) -> Any:
    """The server proves who it is by `host_key`, or by the known hosts of whoever runs this."""
    import asyncssh
    from sshfs import SSHFileSystem

    asyncssh.set_log_level("WARNING")  # else every packet has a line in the task's log
    port = connection.port or 22
    keys: list[Any] = [extra["key_file"]] if extra.get("key_file") else []
    if extra.get("private_key"):
        keys = [
            asyncssh.import_private_key(
                extra["private_key"], extra.get("private_key_passphrase") or None
            )
        ]
    known: Any = ()
    if extra.get("host_key"):
        host_key = str(extra["host_key"])
        kind = "" if " " in host_key else "ssh-rsa "  # as Airflow's provider reads it
        name = connection.host if port == 22 else f"[{connection.host}]:{port}"
        known = asyncssh.import_known_hosts(f"{name} {kind}{host_key}\n")
    return SSHFileSystem(
        connection.host,
        port=port,
        username=connection.login or None,
        password=connection.password or None,
        client_keys=keys or None if connection.password else keys or (),
        known_hosts=known,
        agent_path=None,
        timeout=SECONDS,
        skip_instance_cache=True,
    )


KINDS = {"aws": _s3, "sftp": _sftp, "ssh": _sftp}

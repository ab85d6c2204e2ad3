"""Airflow on this machine: its environment, one night in the foreground, its web page.

A server runs Airflow's services itself (docker-compose.yml); this is for a laptop.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TextIO
from urllib.request import urlopen

from regulars.private_files import make_folder
from regulars.settings import Settings

HOST = "127.0.0.1"
START_SECONDS = 180
STOP_SECONDS = 60
# Logs are read from the files: nobody needs a log server, which would listen on every address.
SERVICES = {
    "api-server": ("api-server",),
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "dag-processor": ("dag-processor",),
    "triggerer": ("triggerer", "--skip-serve-logs"),
}


class OrchestrationError(RuntimeError):
    """Airflow cannot be started or stopped; the message says what to do."""


def airflow_environment(settings: Settings, port: int = 8080) -> dict[str, str]:
    """This process's environment and what Airflow needs: state in home/airflow, our DAGs only."""
    home = airflow_home(settings)
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        **settings.to_env(),
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(settings.project / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DEFAULT_TIMEZONE": settings.company_timezone,
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "2",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://{HOST}:{port}/execution/",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "INFO",
        "AIRFLOW__API__HOST": HOST,
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://{HOST}:{port}",
    }


def airflow_home(settings: Settings) -> Path:
    """Airflow's own state; private, for it holds the key of its web sessions."""
    return make_folder(settings.home / "airflow")


def run_nightly(settings: Settings, as_of: date) -> None:
    """Run the DAG `nightly` for one date, in the foreground.

    The date is given as the parameter: a run's logical date would also be written down as the time
    at which it started. Progress and failures go to the terminal; what Airflow and dbt say besides
    goes to a log. Raises OrchestrationError when the night fails.
    """
    log = airflow_home(settings) / "nightly.log"
    with log.open("w") as output:
        _airflow(settings, output, "db", "migrate")
        night = json.dumps({"as_of": as_of.isoformat()})
        _airflow(settings, output, "dags", "test", "nightly", "--conf", night)


def _airflow(settings: Settings, output: TextIO, *arguments: str) -> None:
    # Airflow logs to stdout; stderr carries the DAG's own messages.
    quiet = {"PYTHONWARNINGS": "ignore", "REGULARS_PROGRESS": "terminal"}
    code = subprocess.run(
        [sys.executable, "-m", "airflow", *arguments],
        env=airflow_environment(settings) | quiet,
        stdout=output,
        stderr=output if arguments[0] == "db" else None,
        stdin=subprocess.DEVNULL,
    ).returncode
    if code:
        raise OrchestrationError(
            f"`airflow {' '.join(arguments)}` ended with exit code {code}. "
            f"Everything it said: {output.name}"
        )


def start_web(settings: Settings, port: int = 8080) -> str:
    """Start Airflow's services in the background; return what to tell the user."""
    if not _running(settings):
        _refuse_taken_port(port)
        with (airflow_home(settings) / "migrate.log").open("w") as output:
            _airflow(settings, output, "db", "migrate")
        for service in SERVICES:
            _launch(settings, service, port)
        _port_file(settings).write_text(str(port))
    port = int(_port_file(settings).read_text())
    _wait_until_healthy(settings, port)
    return (
        f"Airflow runs at http://{HOST}:{port} with the DAG `nightly` scheduled.\n"
        f"  user      admin\n"
        f"  password  {_admin_password(settings)}\n"
        f"  logs      {airflow_home(settings)}\n"
        "Stop it with `make down`."
    )


def stop_web(settings: Settings) -> str:
    """Stop what start_web started; return what to tell the user."""
    running = _running(settings)
    for pid in running.values():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while left := _running(settings):
        if time.monotonic() > deadline:
            for pid in left.values():
                with suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)
        time.sleep(0.2)
    return "Airflow is stopped." if running else "Airflow does not run."


def _launch(settings: Settings, service: str, port: int) -> None:
    """Start one service; it holds a lock on its own file for as long as it lives."""
    home = airflow_home(settings)
    with (
        (home / f"{service}.log").open("w") as log,
        _lock_file(settings, service).open("w") as lock,
    ):
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = subprocess.Popen(
            [sys.executable, "-m", "airflow", *SERVICES[service]],
            env=airflow_environment(settings, port),
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=(lock.fileno(),),
        )
        lock.write(f"{process.pid}\n")


def _running(settings: Settings) -> dict[str, int]:
    """Service → process, for those that live."""
    processes = {}
    for service in SERVICES:
        path = _lock_file(settings, service)
        if path.exists():
            with path.open() as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    processes[service] = int(file.read())
    return processes


def _wait_until_healthy(settings: Settings, port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _is_healthy(port):
        dead = SERVICES.keys() - _running(settings).keys()
        if dead or time.monotonic() > deadline:
            log = airflow_home(settings) / f"{min(dead, default='api-server')}.log"
            raise OrchestrationError(
                f"Airflow did not come up; see {log}. Then `make down` and `make up` again."
            )
        time.sleep(1)


def _is_healthy(port: int) -> bool:
    try:
        with urlopen(f"http://{HOST}:{port}/api/v2/monitor/health", timeout=5) as answer:
            health = json.load(answer)
    except (OSError, ValueError):  # not listening yet, or not answering in full
        return False
    parts = ("metadatabase", "scheduler", "dag_processor", "triggerer")
    return all(health[part]["status"] == "healthy" for part in parts)


def _refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise OrchestrationError(
                f"Port {port} is taken by another program: `make up PORT=8090` uses another one."
            ) from error


def _admin_password(settings: Settings) -> str:
    path = airflow_home(settings) / "simple_auth_manager_passwords.json.generated"
    path.chmod(0o600)
    return str(json.loads(path.read_text())["admin"])


def _lock_file(settings: Settings, service: str) -> Path:
    return airflow_home(settings) / f"{service}.pid"


def _port_file(settings: Settings) -> Path:
    return airflow_home(settings) / "port"

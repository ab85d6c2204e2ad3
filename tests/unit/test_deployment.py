"""docker-compose.yml, Dockerfile and .env.example: safe by default, and every command exists."""

from __future__ import annotations

import ast
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from regulars.cli import cli
from regulars.nights.orchestration import airflow_environment
from regulars.settings import PROJECT, Settings

COMPOSE_TEXT = (PROJECT / "docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(COMPOSE_TEXT)
SERVICES = COMPOSE["services"]
ONE_SHOT = {"init", "backup"}
LONG_RUNNING = sorted(SERVICES.keys() - ONE_SHOT)
DOCKERFILE = (PROJECT / "Dockerfile").read_text()
EXAMPLE = (PROJECT / ".env.example").read_text()
SECRET = re.compile(r"PASSWORD|SECRET|KEY")
# Programs of images that are not ours.
FOREIGN = {"postgres": {"postgres", "pg_isready"}, "report": {"wget"}}


def variables() -> dict[str, set[str]]:
    """Variable -> the ways Compose falls back for it: ':?…' required, ':-x' a default."""
    found: dict[str, set[str]] = {}
    for name, fallback in re.findall(r"(?<!\$)\$\{(\w+)([^}]*)\}", COMPOSE_TEXT):
        found.setdefault(name, set()).add(fallback)
    return found


def example() -> dict[str, str]:
    return dict(re.findall(r"^([A-Z_]+)=(.*)$", EXAMPLE, flags=re.MULTILINE))


def commands(service: str) -> list[list[str]]:
    """Every command of a service as words: what it runs and how its health is checked."""
    given = SERVICES[service].get("command", [])
    words = [shlex.split(given) if isinstance(given, str) else list(given)]
    check = SERVICES[service].get("healthcheck", {}).get("test", [])
    assert check[:1] in ([], ["CMD"])
    words.append(check[1:])
    split = []
    for command in filter(None, words):
        if command[0] == "bash":
            split += [shlex.split(part) for part in command[-1].split("&&")]
        else:
            split.append(command)
    return split


def ours(program: str) -> list[list[str]]:
    found = [c[1:] for service in SERVICES for c in commands(service) if c[0] == program]
    assert found, f"no service runs {program}"
    return found


def test_it_follows_the_compose_schema() -> None:
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("check-jsonschema")),
            "--builtin-schema",
            "vendor.compose-spec",
            str(PROJECT / "docker-compose.yml"),
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_runs_the_warehouse_airflow_and_the_report() -> None:
    assert set(LONG_RUNNING) == {
        "postgres",
        "api-server",
        "scheduler",
        "dag-processor",
        "triggerer",
        "report",
    }


def test_every_program_is_known() -> None:
    for service in SERVICES:
        known = FOREIGN.get(service, {"airflow", "regulars", "python"})
        assert {command[0] for command in commands(service)} <= known


def test_every_airflow_command_exists_with_its_options(tmp_path: Path) -> None:
    settings = Settings(project=PROJECT, home=tmp_path, landing=tmp_path)
    code = (
        "import json, sys; from airflow.cli.cli_parser import get_parser; parser = get_parser()\n"
        "for command in json.load(sys.stdin): parser.parse_args(command)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps(ours("airflow")),
        env=airflow_environment(settings),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", ours("regulars"), ids=" ".join)
def test_every_regulars_command_exists(command: list[str]) -> None:
    assert CliRunner().invoke(cli, [*command, "--help"]).exit_code == 0


def test_every_python_health_check_parses_and_asks_for_its_own_service() -> None:
    checks = {s: c for s in SERVICES for c in commands(s) if c[0] == "python"}
    assert set(checks) == {"api-server", "scheduler", "dag-processor", "triggerer"}
    for service, (_, flag, code) in checks.items():
        assert flag == "-c"
        ast.parse(code)
        if service != "api-server":
            assert service.replace("-", "_") in code


@pytest.mark.parametrize("service", LONG_RUNNING)
def test_every_service_is_watched_restarted_and_not_root(service: str) -> None:
    facts = SERVICES[service]
    assert facts["healthcheck"]["test"]
    assert facts["restart"] == "unless-stopped"
    assert int(facts["user"].split(":")[0]) > 0
    assert facts["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in facts["security_opt"]


def test_the_one_shot_is_not_root_and_everything_waits_for_it() -> None:
    assert int(SERVICES["init"]["user"].split(":")[0]) > 0
    for service in set(LONG_RUNNING) - {"postgres"}:
        waits = SERVICES[service]["depends_on"]["init"]["condition"]
        assert waits == "service_completed_successfully"


def test_no_service_can_eat_the_machines_memory() -> None:
    assert [name for name, facts in SERVICES.items() if not facts.get("mem_limit")] == []


def test_a_backup_can_be_run_beside_the_services_and_lands_on_a_volume_of_its_own() -> None:
    assert SERVICES["backup"]["command"] == ["regulars", "warehouse", "backup"]
    assert "backups:/state/backups" in COMPOSE["x-regulars"]["volumes"]


def test_ports_are_bound_to_the_loopback() -> None:
    ports = [port for facts in SERVICES.values() for port in facts.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_images_are_pinned_to_a_version() -> None:
    images = [facts["image"] for facts in SERVICES.values()]
    images += re.findall(r"^FROM (\S+)", DOCKERFILE, flags=re.MULTILINE)
    assert len(images) > 5
    assert all(re.search(r":\d+\.\d+(\.\d+)?(-[\w.-]+)?$", image) for image in images)


def test_the_superusers_url_is_in_no_service_but_the_migration() -> None:
    def is_superusers(value: object) -> bool:
        return "POSTGRES_PASSWORD" in str(value) or "://postgres:" in str(value)

    holders = {
        name
        for name, facts in SERVICES.items()
        if any(is_superusers(value) for value in facts.get("environment", {}).values())
    }
    assert holders == {"init", "postgres"}
    assert SERVICES["init"]["restart"] == "no"


def test_no_secret_has_a_default() -> None:
    secrets = {name: ways for name, ways in variables().items() if SECRET.search(name)}
    assert {"POSTGRES_PASSWORD", "AIRFLOW_DATABASE_PASSWORD", "AIRFLOW_JWT_SECRET"} <= set(secrets)
    for name, ways in secrets.items():
        # An empty role password means: generate one.
        optional = name.startswith("REGULARS_") and name != "REGULARS_ADMIN_PASSWORD"
        assert all(way.startswith(":?") or (optional and way == ":-") for way in ways), name
        assert example()[name] == ""


def test_no_secret_is_written_out() -> None:
    for facts in SERVICES.values():
        for name, value in facts.get("environment", {}).items():
            if SECRET.search(name):
                assert re.fullmatch(r"\$\{\w+:[?-][^}]*\}", str(value)), name
            assert not re.search(r"://\w+:(?!\$\{)", str(value)), name


def test_the_report_and_the_gates_pages_are_served_and_no_list_is() -> None:
    assert SERVICES["report"]["volumes"] == ["site:/site:ro"]
    assert "site:/state/site" in COMPOSE["x-regulars"]["volumes"]
    site = COMPOSE["configs"]["report_site"]["content"]
    assert re.findall(r"root (\S+);", site) == ["/site/current"]
    locations = dict(re.findall(r"location (.+?) \{(.*?)\}", site))
    served = {where for where, what in locations.items() if "return" not in what}
    assert served == {"= /", "= /report.html", "/pages/", "/data_docs/", "= /dbt_docs.html"}
    assert locations["/lists/"].strip().startswith("return 403")
    assert 'sub_filter "<body>" "<body class=served>";' in site
    for page in ("report", "list"):
        template = PROJECT / f"scripts/regulars/report/templates/{page}.html.j2"
        assert "\n<body>\n" in template.read_text()
    assert locations["/"].strip() == "return 404;"


def test_the_example_explains_every_variable_of_compose_and_settings() -> None:
    settings = set(re.findall(r"REGULARS_[A-Z_]+[A-Z]", (_settings_source())))
    roles = {name for name in example() if name.endswith("_PASSWORD") and "REGULARS" in name}
    assert set(example()) == set(variables()) | settings | roles
    blocks = re.split(r"\n(?=#)", EXAMPLE)
    for name in example():
        block = next(b for b in blocks if re.search(rf"^{name}=", b, flags=re.MULTILINE))
        assert "#" in block, name


def test_every_role_password_of_the_example_reaches_the_settings() -> None:
    given = {name: "x" for name in example() if re.fullmatch(r"REGULARS_\w+_PASSWORD", name)}
    settings = Settings.from_env(given)
    assert settings.administrator_password == "x"
    assert len(given) == len(settings.role_passwords) + 1 == 6


def test_the_image_is_not_root_and_installs_by_hash() -> None:
    final = DOCKERFILE.split("\nFROM ")[-1]
    assert re.search(r"^USER regulars$", final, flags=re.MULTILINE)
    assert re.search(r"--uid (\d+)", final).group(1) == SERVICES["scheduler"]["user"].split(":")[0]
    assert DOCKERFILE.count("--require-hashes") == 2
    assert "://" not in DOCKERFILE


def test_everything_the_image_copies_exists_and_is_not_ignored() -> None:
    allowed = set(re.findall(r"^!(\S+)$", (PROJECT / ".dockerignore").read_text(), re.MULTILINE))
    copied = []
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, flags=re.MULTILINE):
        copied += line.split()[:-1]
    assert {"dags", "scripts", "dbt_project", "expectations"} <= set(copied)
    for source in copied:
        assert (PROJECT / source).exists()
        assert source in allowed or any(Path(source).match(pattern) for pattern in allowed)


def _settings_source() -> str:
    source = (PROJECT / "scripts/regulars/settings.py").read_text()
    return source[source.index("def from_env") :].split("def to_env")[0].replace("{role", "")

"""One frozen settings object; of the environment nothing else is read but a failpoint's name."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from regulars import own_project
from regulars.private_files import make_missing

PROJECT = Path(__file__).resolve().parents[2]
UNNAMED = "Your company"
NAME_FILE = "company_name"  # in the state folder
ENGINES = ("postgres", "spark", "duckdb")  # where dbt can build, the default first

IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,62}")
MOST_DAYS = 36_500  # a century: more is a slip of the hand, and leaves the calendar
LONGEST_CLEANING_DAYS = 30  # who asked to be forgotten is not kept in a file for longer
ROLES = ("loader", "transformer", "analyst", "marketing", "eraser")

# Kind -> days after its business date. None is for good.
RETENTION_DAYS: Mapping[str, int | None] = {
    "generations": 400,
    "list_files": 30,
    "quarantine": 400,
    "landing": None,
}


class SettingsError(ValueError):
    """A setting has a value that cannot be used; the message says which and what to do."""


@dataclass(frozen=True)
class Settings:
    """Where things are and what the company is called to the warehouse.

    project            repository root (dbt_project/, expectations/, dags/)
    company_project    the company's own dbt project, of which the product's is a package; None
                       runs the product's alone
    home               state folder: embedded warehouse, generations, landing
    landing            deliveries, one folder per system
    warehouse_url      PostgreSQL 16+ to use; None starts the embedded server
    database           database name on the embedded server
    systems            source systems of this company, by dbt source name
    feeds_off          feeds of theirs that this company does not deliver, by raw table
    company_timezone   business dates are local dates here
    reporting_currency every money column is in this currency
    company_name       what the report calls the company
    engine             where dbt builds, one of ENGINES
    lake_folder        Parquet files in which other engines build; None is home/"lake"
    spark_master       Spark's master URL
    email_connection, email_to, slack_connection, webhook_connection
                       ids of Airflow's connections by which people are told, and who gets e-mail
    progress           where a step says that it begins: its log, or the terminal
    lock_timeout_seconds  how long a step waits for another night's step to end
    erasure_grace_days days after which a request to be erased that stands is carried out
    erasure_deadline_days  days within which the database's files lose whom an erasure removed
    retention_days     kind -> days that it is kept; None is for good
    settle_seconds     a file without a manifest is read once nobody wrote to it for so long
    server             folder of the embedded server and its credentials; None is home/"server"
    role_passwords     passwords of roles, where somebody else keeps them; else they are generated
    administrator_password  of the role that a superuser's migration hands the database over to
    """

    project: Path
    home: Path
    landing: Path
    warehouse_url: str | None = None
    database: str = "regulars"
    systems: tuple[str, ...] = ("house",)
    feeds_off: tuple[str, ...] = ()
    company_timezone: str = "Europe/Amsterdam"
    reporting_currency: str = "EUR"
    company_name: str = UNNAMED
    engine: str = ENGINES[0]
    lake_folder: Path | None = None
    spark_master: str = "local[2]"
    email_connection: str | None = None
    email_to: tuple[str, ...] = ()
    slack_connection: str | None = None
    webhook_connection: str | None = None
    progress: str = "log"
    dbt_threads: int = 4
    lock_timeout_seconds: int = 60
    settle_seconds: int = 5
    erasure_grace_days: int = 14
    erasure_deadline_days: int = 7
    retention_days: Mapping[str, int | None] = field(default_factory=lambda: dict(RETENTION_DAYS))
    server: Path | None = None
    company_project: Path | None = None
    role_passwords: Mapping[str, str] = field(default_factory=dict, repr=False)
    administrator_password: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not self.systems:
            raise SettingsError("REGULARS_SYSTEMS is empty: name at least one system, e.g. house.")
        for name in (*self.systems, *self.feeds_off, self.database):
            if not IDENTIFIER.fullmatch(name):
                raise SettingsError(
                    f"'{name}' is no name of a system, feed or database: use a-z, 0-9 and _, a "
                    "letter first (REGULARS_SYSTEMS, REGULARS_FEEDS_OFF, REGULARS_DATABASE)."
                )
        if self.company_timezone not in available_timezones() - {"localtime"}:
            raise SettingsError(
                f"REGULARS_TIMEZONE is '{self.company_timezone}', which is no IANA time zone: "
                "use a name such as Europe/Amsterdam."
            )
        if not (len(self.reporting_currency) == 3 and self.reporting_currency.isupper()):
            raise SettingsError(
                f"REGULARS_CURRENCY is '{self.reporting_currency}': "
                "use a three-letter ISO 4217 code."
            )
        if self.engine not in ENGINES:
            raise SettingsError(
                f"REGULARS_ENGINE is '{self.engine}': use one of {', '.join(ENGINES)}."
            )
        if self.company_project and self.engine != ENGINES[0]:
            raise SettingsError(
                f"REGULARS_ENGINE is '{self.engine}': a company's own project is built in "
                f"{ENGINES[0]} only."
            )

    def with_remembered_name(self, name: str) -> Settings:
        """These settings under a name that later commands with this home find without being told.

        REGULARS_COMPANY goes before it.
        """
        make_missing(self.home)
        (self.home / NAME_FILE).write_text(f"{name}\n", encoding="utf-8")
        return replace(self, company_name=name)

    @property
    def product(self) -> Path:
        """The product's own dbt project."""
        return self.project / "dbt_project"

    @property
    def dbt_project(self) -> Path:
        """The dbt project that is run: the company's own, or the product's."""
        return self.company_project or self.product

    @property
    def lake(self) -> Path:
        return self.lake_folder or self.home / "lake"

    @property
    def server_folder(self) -> Path:
        return self.server or self.home / "server"

    @property
    def generations(self) -> Path:
        return self.home / "generations"

    @classmethod
    def from_env(cls, environ: dict[str, str] | None = None) -> Settings:
        """Read REGULARS_* once. Raises SettingsError on a value that cannot be used."""
        env = dict(os.environ if environ is None else environ)
        company = _company_project(env.get("REGULARS_PROJECT") or "")
        own = _own_variables(company) if company else {}
        home = Path(env.get("REGULARS_HOME") or (company or PROJECT) / "var").absolute()
        return cls(
            project=PROJECT,
            home=home,
            landing=Path(env.get("REGULARS_LANDING") or home / "landing").absolute(),
            warehouse_url=env.get("REGULARS_WAREHOUSE_URL") or None,
            database=env.get("REGULARS_DATABASE") or "regulars",
            company_project=company,
            systems=_names(env.get("REGULARS_SYSTEMS") or own.get("systems") or "house,desk"),
            feeds_off=_names(env.get("REGULARS_FEEDS_OFF") or own.get("feeds_off") or ""),
            company_timezone=(
                env.get("REGULARS_TIMEZONE") or own.get("company_timezone") or "Europe/Amsterdam"
            ),
            reporting_currency=(
                env.get("REGULARS_CURRENCY") or own.get("reporting_currency") or "EUR"
            ),
            company_name=env.get("REGULARS_COMPANY") or _remembered_name(home) or UNNAMED,
            engine=env.get("REGULARS_ENGINE") or ENGINES[0],
            lake_folder=Path(env["REGULARS_LAKE"]).absolute() if env.get("REGULARS_LAKE") else None,
            spark_master=env.get("REGULARS_SPARK_MASTER") or "local[2]",
            progress=env.get("REGULARS_PROGRESS") or "log",
            retention_days=_retention(env.get("REGULARS_RETENTION") or ""),
            server=Path(env["REGULARS_SERVER"]).absolute() if env.get("REGULARS_SERVER") else None,
            **_who_is_told(env),
            **_numbers(env),
            **_passwords(env),
        )

    def to_env(self) -> dict[str, str]:
        """The REGULARS_* variables that make from_env give these settings in another process."""
        values = {
            "REGULARS_PROJECT": str(self.company_project or ""),
            "REGULARS_HOME": str(self.home),
            "REGULARS_LANDING": str(self.landing),
            "REGULARS_SERVER": str(self.server_folder),
            "REGULARS_WAREHOUSE_URL": self.warehouse_url or "",
            "REGULARS_DATABASE": self.database,
            "REGULARS_SYSTEMS": ",".join(self.systems),
            "REGULARS_FEEDS_OFF": ",".join(self.feeds_off),
            "REGULARS_TIMEZONE": self.company_timezone,
            "REGULARS_CURRENCY": self.reporting_currency,
            # without one, whoever is started finds the name that is remembered by then
            "REGULARS_COMPANY": "" if self.company_name == UNNAMED else self.company_name,
            "REGULARS_ENGINE": self.engine,
            "REGULARS_LAKE": str(self.lake),
            "REGULARS_SPARK_MASTER": self.spark_master,
            "REGULARS_PROGRESS": self.progress,
            "REGULARS_RETENTION": ",".join(
                f"{kind}={'never' if days is None else days}"
                for kind, days in self.retention_days.items()
            ),
        }
        return values | self._who_is_told() | self._numbers() | self._passwords()

    def _who_is_told(self) -> dict[str, str]:
        return {
            "REGULARS_EMAIL_CONNECTION": self.email_connection or "",
            "REGULARS_EMAIL_TO": ",".join(self.email_to),
            "REGULARS_SLACK_CONNECTION": self.slack_connection or "",
            "REGULARS_WEBHOOK_CONNECTION": self.webhook_connection or "",
        }

    def _numbers(self) -> dict[str, str]:
        return {
            "REGULARS_DBT_THREADS": str(self.dbt_threads),
            "REGULARS_LOCK_TIMEOUT_SECONDS": str(self.lock_timeout_seconds),
            "REGULARS_SETTLE_SECONDS": str(self.settle_seconds),
            "REGULARS_ERASURE_GRACE_DAYS": str(self.erasure_grace_days),
            "REGULARS_ERASURE_DEADLINE_DAYS": str(self.erasure_deadline_days),
        }

    def _passwords(self) -> dict[str, str]:
        of_roles = {
            f"REGULARS_{role.upper()}_PASSWORD": password
            for role, password in self.role_passwords.items()
        }
        return of_roles | {"REGULARS_ADMIN_PASSWORD": self.administrator_password or ""}


def _who_is_told(env: Mapping[str, str]) -> dict[str, Any]:
    return {
        "email_connection": env.get("REGULARS_EMAIL_CONNECTION") or None,
        "email_to": _names(env.get("REGULARS_EMAIL_TO") or ""),
        "slack_connection": env.get("REGULARS_SLACK_CONNECTION") or None,
        "webhook_connection": env.get("REGULARS_WEBHOOK_CONNECTION") or None,
    }


def _numbers(env: Mapping[str, str]) -> dict[str, Any]:
    return {
        "dbt_threads": _whole_number(env, "REGULARS_DBT_THREADS", 4),
        "lock_timeout_seconds": _whole_number(env, "REGULARS_LOCK_TIMEOUT_SECONDS", 60),
        "erasure_grace_days": _whole_number(
            env, "REGULARS_ERASURE_GRACE_DAYS", 14, least=0, most=MOST_DAYS
        ),
        "erasure_deadline_days": _whole_number(
            env, "REGULARS_ERASURE_DEADLINE_DAYS", 7, least=0, most=LONGEST_CLEANING_DAYS
        ),
        "settle_seconds": _whole_number(env, "REGULARS_SETTLE_SECONDS", 5, least=0),
    }


def _passwords(env: Mapping[str, str]) -> dict[str, Any]:
    of_roles = {role: env.get(f"REGULARS_{role.upper()}_PASSWORD") for role in ROLES}
    return {
        "role_passwords": {role: password for role, password in of_roles.items() if password},
        "administrator_password": env.get("REGULARS_ADMIN_PASSWORD") or None,
    }


def _remembered_name(home: Path) -> str:
    """The company's name as `with_remembered_name` left it; empty without one."""
    path = home / NAME_FILE
    return path.read_text(encoding="utf-8").strip() if path.is_file() else ""


def _company_project(folder: str) -> Path | None:
    """The company's own project with the product among its packages; None if there is none."""
    if not folder:
        return None
    company = Path(folder).absolute()
    if not (company / own_project.PROJECT_FILE).is_file():
        raise SettingsError(
            f"REGULARS_PROJECT is '{folder}', where no {own_project.PROJECT_FILE} is: "
            f"`regulars init {folder}` makes one."
        )
    own_project.link_product(company, PROJECT / "dbt_project")
    return company


def _own_variables(company: Path) -> dict[str, Any]:
    """What the company's dbt_project.yml sets of these settings, each as it must be written."""
    file = f"{company.name}/{own_project.PROJECT_FILE}"
    content = own_project.declared(company)
    if not (isinstance(content, Mapping) and isinstance(content.get("vars") or {}, Mapping)):
        raise SettingsError(f"{file}: vars must be names with values (name: value).")
    own = own_project.variables(company)
    for name in ("company_timezone", "reporting_currency"):
        if not isinstance(own.get(name, ""), str):
            raise SettingsError(f"{file}: {name} is {own[name]}; it must be a text.")
    for name in ("systems", "feeds_off"):
        names = own.get(name) or []
        if not isinstance(names, str | list) or any(not isinstance(one, str) for one in names):
            raise SettingsError(f"{file}: {name} is {names}; it must be a list of names ([house]).")
    return own


def _names(text: str | Iterable[str]) -> tuple[str, ...]:
    """Names between commas, or a list of them."""
    names = text.split(",") if isinstance(text, str) else text
    return tuple(name.strip() for name in names if name.strip())


def _retention(text: str) -> dict[str, int | None]:
    """`list_files=30,landing=never` over the defaults."""
    kept = dict(RETENTION_DAYS)
    for part in _names(text):
        kind, _, days = part.partition("=")
        if kind not in kept or not (days == "never" or _is_within(days, 0, MOST_DAYS)):
            raise SettingsError(
                f"REGULARS_RETENTION has '{part}': write kind=days (at most {MOST_DAYS}) or "
                f"kind=never, of {', '.join(kept)}."
            )
        kept[kind] = None if days == "never" else int(days)
    return kept


def _whole_number(
    env: Mapping[str, str], name: str, default: int, least: int = 1, most: int = 10**9
) -> int:
    text = env.get(name) or str(default)
    if not _is_within(text, least, most):
        raise SettingsError(f"{name} is '{text}': use a whole number from {least} to {most}.")
    return int(text)


def _is_within(text: str, least: int, most: int) -> bool:
    return text.isdecimal() and len(text) <= len(str(10**9)) and least <= int(text) <= most

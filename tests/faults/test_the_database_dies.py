"""The database goes away in the middle of a night, or is full: run again, nothing differs.

One night is disturbed by one fault after another, each in another step; each ends with a sentence
that says what to do and quotes no row, and leaves readers the generation before.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from regulars import warehouse
from regulars.nights.steps import STEPS
from regulars.settings import Settings
from regulars.warehouse import embedded
from tests import parsed, server
from tests.company import LAST_NIGHT, clone, files_of, fingerprint
from tests.faults.proxy import line
from tests.faults.quiet import Quiet
from tests.server import drop_database

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]
LOADED, PUBLISHED = b"insert into raw.deliveries", b"insert into published.generation"
BUILDING = "query ilike '%%create table%%'"
PUBLISHING = "query ilike '%%insert into \"published\"%%'"
UP_TO_BUILD = tuple(STEPS)[: tuple(STEPS).index("transform") + 1]


@dataclass
class Disturbed:
    """A company whose night is disturbed, and what each disturbance ended with."""

    quiet: Quiet
    settings: Settings
    log: Path
    seen: dict[str, str] = field(default_factory=dict)
    live: dict[str, tuple[dict[str, str], dict[str, str]]] = field(default_factory=dict)

    def fails(self, what: str, settings: Settings, steps: Sequence[str] = tuple(STEPS)) -> None:
        """Run, expect it to end with an error, and note its words."""
        already = len(self.log.read_text()) if self.log.exists() else 0
        ended = self.quiet.nights.run(settings, LAST_NIGHT, self.log, steps=steps)
        self.seen[what] = self.log.read_text()[already:]
        assert ended == 1, f"{what}: {ended}\n{self.seen[what]}"

    def note_what_readers_have(self) -> None:
        """After the last disturbance, once the server answers again."""
        self.live[list(self.seen)[-1]] = what_readers_have(self.settings)


def what_readers_have(settings: Settings) -> tuple[dict[str, str], dict[str, str]]:
    """Published tables, and files."""
    return fingerprint(settings, ["published"]), files_of(settings.home / "current")


@pytest.fixture(scope="module")
def disturbed(quiet: Quiet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disturbed]:
    folder = tmp_path_factory.mktemp("disturbed")
    settings = clone(quiet.before, parsed.COPY, folder / "home")
    made = Disturbed(quiet, settings, folder / "night.log")
    with _line(settings, LOADED) as through:
        made.fails("the answer of a load is lost", through, UP_TO_BUILD[:1])
    made.note_what_readers_have()
    with _little_room(settings):
        made.fails("there is no room for temporary files", settings, UP_TO_BUILD)
    made.note_what_readers_have()
    with _killed_server(settings, BUILDING):
        made.fails("the server is killed during the build", settings)
    made.note_what_readers_have()
    with _killed_server(settings, PUBLISHING):
        made.fails("the server is killed during publication", settings)
    made.note_what_readers_have()
    with _line(settings, PUBLISHED) as through:
        made.fails("the answer of a publication is lost", through, ("publish",))
    assert quiet.nights.run(settings, LAST_NIGHT, made.log) == 0, made.log.read_text()
    yield made
    drop_database(settings)


@contextmanager
def _line(settings: Settings, spoken: bytes) -> Iterator[Settings]:
    """These settings over a line that loses the answer to what is `spoken`."""
    address = warehouse.url(settings, "admin")
    port = embedded.port(settings)
    with line(port, spoken) as made:
        through = address.replace(f":{port}/", f":{made.port}/")
        yield replace(settings, warehouse_url=through, server=settings.server_folder)
        assert made.lost == 1, "no answer was lost"


@contextmanager
def _little_room(settings: Settings) -> Iterator[None]:
    limits = {"temp_file_limit": "8kB", "work_mem": "64kB"}
    role = f"role regulars_transformer in database {settings.database}"
    _administer(settings, *(f"alter {role} set {k} = '{v}'" for k, v in limits.items()))
    try:
        yield
    finally:
        _administer(settings, *(f"alter {role} reset {name}" for name in limits))


def _administer(settings: Settings, *statements: str) -> None:
    with warehouse.connect(settings, "admin", autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


@contextmanager
def _killed_server(settings: Settings, when: str) -> Iterator[None]:
    """Stop the server at once, without a checkpoint, when such a statement runs; start it after."""
    killed = threading.Event()
    is_over = threading.Event()
    watcher = threading.Thread(target=_kill, args=(settings, when, killed, is_over))
    watcher.start()
    try:
        yield
    finally:
        is_over.set()
        watcher.join()
        server.start(settings.server_folder)
        _make_durable(settings)
    assert killed.is_set(), "the server was never killed"


def _make_durable(settings: Settings) -> None:
    """`server.start` lets a crash break it; these tests are about crashes."""
    for name in server.DURABILITY:
        _administer(settings, f"alter system reset {name}")
    _administer(settings, "select pg_reload_conf()")


def _kill(settings: Settings, when: str, killed: threading.Event, is_over: threading.Event) -> None:
    data = settings.server_folder / "data"
    asked = (
        f"select 1 from pg_stat_activity where state = 'active' and {when}"
        " and usename = 'regulars_transformer' and datname = %s"
    ).encode()
    with warehouse.connect(replace(settings, database="postgres"), "admin", autocommit=True) as c:
        while not is_over.is_set():
            if c.execute(asked, [settings.database]).fetchone():
                embedded._run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
                killed.set()
                return
            time.sleep(0.002)


WORDS: dict[str, Callable[[str], bool]] = {
    "the answer of a load is lost": lambda said: "the connection to the warehouse was lost" in said,
    "there is no room for temporary files": lambda said: "53400" in said,
    "the server is killed during the build": lambda said: "TransformError" in said,
    "the server is killed during publication": lambda said: "lost" in said or "57P0" in said,
    "the answer of a publication is lost": lambda said: (
        "the connection to the warehouse was lost" in said
    ),
}


@pytest.mark.parametrize("what", WORDS)
def test_it_ends_with_a_sentence_and_not_with_a_row(disturbed: Disturbed, what: str) -> None:
    said = disturbed.seen[what]
    assert WORDS[what](said), said
    assert "@mail.example" not in said


@pytest.mark.parametrize("what", list(WORDS)[:-1])
def test_until_it_is_published_readers_have_the_night_before(
    disturbed: Disturbed, what: str
) -> None:
    assert disturbed.live[what] == what_readers_have(disturbed.quiet.before)


def test_run_again_it_equals_a_quiet_night(disturbed: Disturbed) -> None:
    disturbed.quiet.assert_equals(disturbed.settings)

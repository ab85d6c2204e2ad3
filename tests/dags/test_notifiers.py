"""People are told by e-mail, Slack and webhook: each against a real server on the loopback."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.dags.servers import mail_server, web_server

TELL = """
import json
from datetime import date
from regulars.nights import alerts, notifiers
from regulars.nights.outcome import Outcome
from regulars.settings import Settings

outcome = Outcome(
    date(2026, 10, 31), 7, {"make_it_right": 12}, {"save_our_best": "orders is missing since"
    " 2026-10-31"}, ("not in: orders is missing since 2026-10-31", "<{{ ti }}> has 1 refused file"),
)
said = notifiers.tell(
    Settings.from_env(), alerts.published_subject(outcome), alerts.published_message(outcome)
)
as_of = date(2026, 10, 31)
failed = notifiers.tell(
    Settings.from_env(),
    alerts.subject(as_of, "stopped at transform"),
    alerts.failure_message("transform", as_of, ValueError("Failing row contains (ada@example.org")),
)
print(json.dumps([said, failed]))
"""


def tell(airflow_env: dict[str, str], **environ: str) -> tuple[dict[str, str], str]:
    """(channel -> outcome, everything that was logged) of a process told what to use, which tells
    of a published night and then of one that failed."""
    process = subprocess.run(
        [sys.executable, "-c", TELL],
        env=airflow_env | environ,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert process.returncode == 0, process.stderr
    published, failed = json.loads(process.stdout.splitlines()[-1])
    assert published == failed
    return published, process.stdout + process.stderr


def webhook(port: int, **login: str) -> str:
    return json.dumps({"conn_type": "http", "host": f"http://127.0.0.1:{port}/hook", **login})


def test_each_channel_is_told_what_is_published_and_what_is_withheld(
    airflow_env: dict[str, str],
) -> None:
    with mail_server() as (smtp, mails), web_server() as (http, requests):
        said, _ = tell(
            airflow_env,
            REGULARS_EMAIL_CONNECTION="mail",
            REGULARS_EMAIL_TO="night@example.org, data@example.org",
            REGULARS_SLACK_CONNECTION="chat",
            REGULARS_WEBHOOK_CONNECTION="hook",
            AIRFLOW_CONN_MAIL=f"smtp://127.0.0.1:{smtp}?disable_ssl=true&disable_tls=true"
            "&from_email=regulars%40example.org",
            AIRFLOW_CONN_CHAT=json.dumps(
                {
                    "conn_type": "slackwebhook",
                    "host": f"http://127.0.0.1:{http}/slack",
                    "password": "token",
                }
            ),
            AIRFLOW_CONN_HOOK=webhook(http),
        )
    assert said == {"e-mail": "sent", "Slack": "sent", "webhook": "sent"}
    (subject, text), (failed, why) = mails
    assert failed == "Regulars: the night 2026-10-31 stopped at transform"
    assert "nothing of this night is published" in why
    assert "ada@" not in why
    assert subject == "Regulars: the night 2026-10-31 is published, 1 list withheld"
    assert "save_our_best: orders is missing since 2026-10-31" in text
    assert "&lt;{{ ti }}&gt; has 1 refused file" in text  # neither a tag nor a template
    bodies = [json.loads(body)["text"] for _, body in requests]
    assert len(bodies) == 4
    assert sum("stopped at transform" in body for body in bodies) == 2
    assert [body for body in bodies if "ada@" in body] == []
    for body in bodies[:2]:
        assert "make_it_right: 12 people" in body
        assert "held      not in: orders is missing since 2026-10-31" in body
        assert "regulars approve --gate guards --as-of 2026-10-31" in body


def test_nobody_is_told_without_a_connection(airflow_env: dict[str, str]) -> None:
    assert tell(airflow_env)[0] == {}


def test_a_server_that_refuses_stops_nothing_and_its_words_are_not_repeated(
    airflow_env: dict[str, str],
) -> None:
    with web_server(status=500) as (http, requests):
        said, log = tell(
            airflow_env,
            REGULARS_WEBHOOK_CONNECTION="hook",
            AIRFLOW_CONN_HOOK=webhook(http, login="ada@example.org", password="secret"),
        )
    assert said["webhook"] != "sent"
    assert len(requests) == 2
    assert "secret" not in log

"""Tell people by Airflow's own notifiers: e-mail, Slack, a plain webhook.

Each is switched on by the id of an Airflow connection in the settings. A message is text that this
package made; it is sent as it is, never rendered as a template.
"""

from __future__ import annotations

import html
import logging
from collections.abc import Iterator
from typing import Any

from regulars.settings import Settings

log = logging.getLogger(__name__)


def tell(settings: Settings, subject: str, text: str) -> dict[str, str]:
    """Send a message by every channel that is switched on. Returns channel -> sent or the error.

    A channel that fails is told in the log by the name of its error and stops nothing: the words
    of a server may quote what was sent, or an address.
    """
    outcomes = {}
    for channel, notifier in _notifiers(settings, subject, text):
        try:
            notifier.notify({})
            outcomes[channel] = "sent"
        except Exception as error:
            outcomes[channel] = type(error).__name__
            log.warning("%s: nobody was told (%s)", channel, type(error).__name__)
    return outcomes


def _notifiers(settings: Settings, subject: str, text: str) -> Iterator[tuple[str, Any]]:
    """Those that are switched on; each is imported only then."""
    if settings.email_connection and settings.email_to:
        from airflow.providers.smtp.notifications.smtp import SmtpNotifier

        yield (
            "e-mail",
            SmtpNotifier(
                smtp_conn_id=settings.email_connection,
                to=list(settings.email_to),
                subject=subject,
                html_content=f"<pre>{html.escape(text)}</pre>",
            ),
        )
    if settings.slack_connection:
        from airflow.providers.slack.notifications.slack_webhook import SlackWebhookNotifier

        yield (
            "Slack",
            SlackWebhookNotifier(slack_webhook_conn_id=settings.slack_connection, text=text),
        )
    if settings.webhook_connection:
        from airflow.providers.http.notifications.http import HttpNotifier

        yield (
            "webhook",
            HttpNotifier(
                http_conn_id=settings.webhook_connection, json={"subject": subject, "text": text}
            ),
        )

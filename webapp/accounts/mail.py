"""Mail that people get, where a server is set for it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from annotation.errors import ConnoisseurError
from annotation.phrases import phrase as _

logger = logging.getLogger(__name__)
# Few, as many at once are no mail that people asked for.
senders = ThreadPoolExecutor(max_workers=2, thread_name_prefix="mail")


class MailFailed(ConnoisseurError):
    """The mail server did not take a message."""


def sends_mail() -> bool:
    """Tell whether a mail server is set."""
    return bool(settings.SMTP_URL)


def send_messages(messages: Sequence[EmailMessage]) -> None:
    """Send messages one after another. Raise MailFailed at the first that the server does not take in time."""
    try:
        with get_connection() as connection:
            connection.send_messages(messages)
    # What a server says may hold an address or more, and helps only whoever runs this installation.
    except (OSError, ValueError) as error:
        logger.warning("mail could not be sent: %s", type(error).__name__)
        raise MailFailed(_("the mail server did not take the message")) from error


def send_in_background(message: EmailMessage) -> None:
    """Send a message after the answer: how long that takes tells nobody whether there was one to send."""
    senders.submit(_send_or_log, message)


def _send_or_log(message: EmailMessage) -> None:
    # Logged already; nobody waits for it any more.
    with suppress(MailFailed):
        send_messages([message])

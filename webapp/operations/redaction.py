"""Keep out of the log what whoever reads it could sign in with."""

from __future__ import annotations

import logging
import re

# Addresses that hold a token: of an invitation, to reset a password, to prove an address.
TOKEN = re.compile(r"(/(?:invitations|password|account/e-mail)/)[^/\s'\"]*[^/\s'\"]{8}")


class HideTokens(logging.Filter):
    """Write the address without its token, whatever the line is about."""

    def filter(self, record: logging.LogRecord) -> bool:
        words = record.getMessage()
        hidden = TOKEN.sub(r"\1…", words)
        if hidden != words:
            record.msg, record.args = hidden, ()
        return True

#!/usr/bin/env python
"""Run Django's commands."""

import os
import sys

from django.core.management import execute_from_command_line
from django.db import OperationalError


def main() -> None:
    """Run the command named on the command line; say in one line when the database cannot be reached."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
    try:
        execute_from_command_line(sys.argv)
    except OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        advice = "Check DATABASE_URL, and that the server runs."
        if "no such" in reason:
            advice = "The tables do not match this version of the program: run manage.py migrate."
        sys.exit(f"The database cannot be used: {reason}. {advice}")


if __name__ == "__main__":
    main()

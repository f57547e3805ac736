"""Serve the product from one command: the web by gunicorn, and a worker where the queue is a folder."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from annotation.tasks.embedded import embedded_worker
from webapp.operations.health import is_prepared
from webapp.operations.server import THREADS, processes_for, server_command


class Command(BaseCommand):
    help = "Serve the web application, with a worker of its own unless REDIS_URL is set."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
        parser.add_argument("--port", type=int, default=8000, help="the port to listen on")
        parser.add_argument("--threads", type=int, default=THREADS, help="how many requests a process answers at once")
        processes = processes_for(settings.DATABASES["default"]["ENGINE"])
        parser.add_argument("--processes", type=int, default=processes, help="how many processes answer requests")

    def handle(self, *args: Any, **options: Any) -> None:
        address = f"{options['host']}:{options['port']}"
        command = server_command(
            "webapp.wsgi:application", address, threads=options["threads"], processes=options["processes"]
        )
        # Asked beforehand: gunicorn would try for five seconds, after we had said that we serve.
        self.refuse_taken(options["host"], options["port"])
        self.refuse_unprepared()
        for number in (signal.SIGTERM, signal.SIGHUP):
            # An exit runs through the blocks below and stops worker and server; the signal alone would leave both.
            signal.signal(number, lambda *_: sys.exit(0))
        with embedded_worker():
            self.stdout.write(f"Serving at http://{address}/ (stop with Ctrl+C)")
            self.offer_set_up(f"http://{address}")
            server = subprocess.Popen(command, cwd=settings.BASE_DIR)
            try:
                status = server.wait()
            except KeyboardInterrupt:
                status = 0
            finally:
                server.terminate()
                server.wait()
        # Below 0 a signal ended it: somebody stopped it, and nothing is wrong.
        if status > 0:
            raise CommandError(f"the web server stopped with status {status}")

    def refuse_unprepared(self) -> None:
        """Say what to do first when the database has no tables; one that is away may come yet."""
        with suppress(DatabaseError):
            if not is_prepared():
                raise CommandError("the database has no tables yet; run `manage.py migrate` first")

    def offer_set_up(self, base: str) -> None:
        """Print how the first administrator comes in, where there is none."""
        # A database that is away may come yet, and with it an administrator.
        with suppress(DatabaseError):
            call_command("set_up_link", base=base, stdout=self.stdout)
            self.stdout.flush()

    def refuse_taken(self, host: str, port: int) -> None:
        """Say in one line when the address cannot be listened on."""
        try:
            with socket.create_server((host, port)):
                pass
        except (OSError, OverflowError) as error:
            raise CommandError(f"{host}:{port} cannot be listened on: {error}; choose another --port") from error

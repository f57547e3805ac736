"""Write the types of the browser's code from the models of the API."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from webapp.api.v1 import typescript


class Command(BaseCommand):
    help = "Write webapp/api/v1/types.d.ts, which tsc checks the browser's code against, from the models of the API."

    def handle(self, *args: Any, **options: Any) -> None:
        typescript.FILE.write_text(typescript.types(), encoding="utf-8")
        self.stderr.write(f"wrote {typescript.FILE.name}")

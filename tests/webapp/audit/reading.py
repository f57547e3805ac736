"""What the tests of the audit read pages and tables with."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotation.actions.agreement.measure_agreement import measure_agreement
from annotation.models import Campaign, Report
from tests.harness.factories import judge
from webapp.accounts.models import User


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def judged(campaign: Campaign, *people: User) -> Report:
    """Let people judge all three images, and compute a report."""
    for number, person in enumerate(people):
        for score in (2, 5, 9):
            judge(campaign, person, score, technical_execution=5, theme_communication=score - 0.5 * number)
    return measure_agreement(campaign, by=None, replicates=20)


def figures(**changes: Any) -> dict[str, Any]:
    values = {"level": "interval", "alpha": 0.5, "interval": [0.25, 0.75], "note": ""}
    return values | {"n_images": 9, "n_annotations": 27, "n_raters": 3} | changes


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    return len(captured)


def csv_of(client: Client, report: Report, table: str) -> list[str]:
    answer = client.get(f"/audit/reports/{report.pk}/{table}.csv")
    assert answer.status_code == 200
    return answer.content.decode().splitlines()

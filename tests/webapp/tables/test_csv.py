"""No cell of a CSV that the web application sends is a formula to a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from annotation.actions.agreement.measure_agreement import measure_agreement
from annotation.dataset.format.spreadsheet import FORMULA_SIGNS, guard_cell
from annotation.models import Report
from tests.harness.factories import judge, make_campaign, make_user
from webapp.accounts.models import User
from webapp.audit.reports.report_tables import TABLES

pytestmark = pytest.mark.django_db

HOSTILE = '=HYPERLINK("http://evil.example","x")'


def csv_routes(patterns: list[Any], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from csv_routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern) and ".csv" in route:
            yield route


def cells(client: Client, address: str) -> list[list[str]]:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def is_formula(cell: str) -> bool:
    if not cell.startswith(FORMULA_SIGNS):
        return False
    try:
        float(cell)
    except ValueError:
        return True
    return False


def test_every_csv_is_tested_here():
    assert set(csv_routes(get_resolver().url_patterns)) == {
        "organiser/<slug:slug>/hours.csv",
        "audit/reports/<int:pk>/<slug:table>.csv",
    }


@pytest.mark.parametrize("sign", FORMULA_SIGNS)
def test_text_that_begins_like_a_formula_gets_an_apostrophe(sign: str):
    assert guard_cell(f"{sign}1+1") == f"'{sign}1+1"


@pytest.mark.parametrize("value", [-0.25, 3, 0, None, "", "a = b", "风景"])
def test_numbers_and_other_texts_stay_as_they_are(value: Any):
    assert guard_cell(value) == value


def test_the_hours_run_no_formula(organiser: Client):
    judge(make_campaign(people=(person := make_user("@SUM(1+1)"),)), person)
    rows = cells(organiser, "/organiser/portraits/hours.csv")
    assert rows[1][0] == "'@SUM(1+1)"
    assert not any(map(is_formula, (cell for row in rows for cell in row)))


def make_hostile_report() -> None:
    alice, bob, carol = map(make_user, ("alice", "bob", "carol"))
    panel = make_campaign("panel", people=(alice, bob, carol), images=4, annotations_per_image=3)
    for number, person in enumerate((alice, bob, carol)):
        for image in range(4):
            judge(panel, person, 2 + image + number / 2)
    report = measure_agreement(panel, by=None, replicates=20)
    texts = json.dumps(report.figures)
    for name in (alice.pseudonym, panel.images.all()[0].sha256, panel.entries.all()[0].subcategory):
        texts = texts.replace(json.dumps(name), json.dumps(HOSTILE))
    Report.objects.create(
        campaign=panel, query=report.query, engine_version="1", seed=1, input_hash="", figures=json.loads(texts)
    )


@pytest.fixture
def hostile_report(recall: Callable[[Callable[[], object]], None]) -> Report:
    """A report in which a rater, an image and every part are called like formulas."""
    recall(make_hostile_report)
    return Report.objects.latest("pk")


@pytest.mark.parametrize("table", TABLES)
def test_the_tables_of_a_report_run_no_formula(client: Client, arthur: User, hostile_report: Report, table: str):
    client.force_login(arthur)
    rows = cells(client, f"/audit/reports/{hostile_report.pk}/{table}.csv")
    assert table not in ("pairs", "raters", "widest") or f"'{HOSTILE}" in {cell for row in rows for cell in row}
    assert not any(map(is_formula, (cell for row in rows for cell in row)))

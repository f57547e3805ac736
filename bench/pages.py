"""Time every page and list of organisers, auditors, adjudicators and annotators in a large campaign on PostgreSQL.

`DATABASE_URL` names a server on which this role may make databases; one of its own is made and dropped. How large the
campaign is says `BENCH_PAGES_IMAGES`: it has three answers an image, and two small campaigns beside it. A database that
is kept (`BENCH_PAGES_KEEP=1`) is used again.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from .__main__ import Figure

IMAGES = int(os.environ.get("BENCH_PAGES_IMAGES") or 100_000)
KEPT = bool(os.environ.get("BENCH_PAGES_KEEP"))
ONLY = os.environ.get("BENCH_PAGES_ONLY", "")
ROUNDS = 20
# A page this slow is not asked twenty times.
PATIENCE = 20.0
TARGET = 200
FAR = 400  # Pages into a list.
ANNOTATORS = 20
SMALL = 30

PAGES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "olga",
        (
            "/organiser/",
            "/organiser/large/",
            "/organiser/large/analysis-plan/",
            "/organiser/large/cases/",
            "/organiser/large/cases/{far}",
            "/organiser/large/consent/",
            "/organiser/large/hours/",
            "/organiser/large/hours.csv",
            "/organiser/large/questions/",
            "/organiser/large/questions/{far}",
            "/organiser/large/skips/",
            "/organiser/large/skips/{far}",
            "/organiser/large/rubric/",
            "/organiser/large/runs/{run}/",
            "/organiser/large/calibration/",
            "/organiser/large/near-duplicates/",
            "/organiser/large/near-duplicates/{far}",
            "/organiser/large/images/{image}/",
            "/organiser/large/sent-back/",
            "/organiser/rubrics/",
            "/organiser/rubrics/artimuse/1/",
            "/api/v1/campaigns/large/runs/",
        ),
    ),
    ("root", ("/organiser/", "/organiser/large/", "/organiser/large/near-duplicates/", "/audit/")),
    (
        "arthur",
        (
            "/audit/",
            "/audit/large/agreement/",
            "/audit/reports/{report}/",
            "/audit/reports/{report}/agreement.csv",
            "/audit/large/analysis-plan/",
            "/audit/large/retest/",
            "/audit/large/images/{image}/",
            "/audit/large/events/",
            "/audit/large/events/{far}",
            "/audit/large/releases/",
            "/images/{image}/thumbnail/",
        ),
    ),
    ("rita", ("/workspace/cases/", "/workspace/cases/{case}/", "/images/{image_of_case}/display/")),
    (
        "expert-0",
        (
            "/workspace/",
            "/workspace/large/",
            "/workspace/large/recent/",
            "/workspace/questions/",
            "/api/v1/campaigns/large/ahead/",
            "/api/v1/campaigns/large/anchors/",
            "/api/v1/sent-back/",
            "/api/v1/assignments/{own}/",
            "/images/{own_image}/display/",
        ),
    ),
    # By far the slowest.
    ("olga", ("/organiser/large/releases/new/",)),
)


@dataclass(frozen=True)
class PageFigure(Figure):
    """How long a page takes: the median and the 95th percentile."""

    HEAD = f"{'':48}{'p50':>10}{'p95':>10}{'target':>8}  outcome, unit, statements"


@dataclass(frozen=True)
class Answer:
    """One answer to a request: its status, how long it took, and the statements with their seconds."""

    status: int
    seconds: float
    statements: list[tuple[float, str]]


def run() -> list[PageFigure]:
    """Return a figure for each page."""
    url = urlsplit(os.environ.get("DATABASE_URL", ""))
    if not url.scheme.startswith("postgres"):
        print("pages: DATABASE_URL names no PostgreSQL server, so no page is timed", file=sys.stderr)
        return []
    name = f"connoisseur_pages_{IMAGES}"
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"VAR_DIR": folder, "DJANGO_SETTINGS_MODULE": "webapp.settings"}
        is_new = create_database(url.geturl(), name)
        os.environ["DATABASE_URL"] = url._replace(path=f"/{name}").geturl()
        import django  # noqa: PLC0415  its settings are read from the environment set above

        django.setup()
        if is_new:
            make_installation()
        figures = time_pages()
        if not KEPT:
            from django.db import connection  # noqa: PLC0415

            connection.close()
            drop_database(url.geturl(), name)
    return figures


def create_database(url: str, name: str) -> bool:
    """Make the database, and tell whether it was not there yet."""
    import psycopg  # noqa: PLC0415

    with psycopg.connect(url, autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return False
        connection.execute(f'CREATE DATABASE "{name}"')
    return True


def drop_database(url: str, name: str) -> None:
    import psycopg  # noqa: PLC0415

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}"')


def make_installation() -> None:
    """Make people, two small campaigns with all that actions make of them, and the large one."""
    from django.core.management import call_command  # noqa: PLC0415

    from annotation.actions.agreement.measure_agreement import measure_agreement  # noqa: PLC0415
    from annotation.actions.campaigns.open_campaign import show_model  # noqa: PLC0415
    from annotation.models import (  # noqa: PLC0415
        Campaign,
        EventChain,
        Image,
        ModelVersion,
        Run,
    )
    from tests.harness.factories import (  # noqa: PLC0415
        judge,
        make_campaign,
        make_prefill,
        make_user,
    )

    from .large_campaign import fill  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    people = [make_user(f"expert-{number}") for number in range(ANNOTATORS)]
    olga, rita, _arthur = (make_user(name) for name in ("olga", "rita", "arthur"))
    make_user("root", is_superuser=True, is_staff=True)
    for slug in ("small", "other"):
        campaign = make_campaign(slug, people=tuple(people[:3]), images=SMALL, case_spread=20)
        for number in range(3 * SMALL - 5):
            judge(campaign, people[number % 3], number % 7 + 2)
        measure_agreement(campaign, by=olga)
    large = make_campaign("large", people=tuple(people), images=0, opened=False, preset="commit-then-review")
    model = ModelVersion.objects.create(name="fake", version="1")
    show_model(large, model, by=None)
    image = Campaign.objects.get(slug="small").images.earliest("pk")
    attributes = make_prefill(image, model).attributes
    run = Run.objects.create(kind="prefill", campaign=large, model_version=model)
    base = Image.objects.latest("pk").pk + 100
    values = {
        "campaign": large.pk,
        "base": base,
        "rubric": large.rubric_version_id,
        "subcategories": list(large.rubric.subcategories),
        "strata": len(large.rubric.subcategories),
        "attributes": list(large.rubric.by_key),
        "people": [person.pk for person in people],
        "organiser": olga.pk,
        "adjudicator": rita.pk,
        "model": model.pk,
        "run": run.pk,
        "prefill": json.dumps(attributes),
        "chain": EventChain.objects.get(campaign=large).pk,
        "length": EventChain.objects.get(campaign=large).length,
    }
    fill(values, IMAGES)
    finish(large.pk)


def finish(large_pk: int) -> None:
    """Open the large campaign, with reports and releases, and count all that is there."""
    from django.db import connection  # noqa: PLC0415

    from annotation.actions.figures.keep_figures import work_out_figures  # noqa: PLC0415
    from annotation.models import Campaign, Release, Report  # noqa: PLC0415
    from annotation.models.tally_triggers import install_triggers  # noqa: PLC0415
    from tests.harness.factories import make_release  # noqa: PLC0415

    large = Campaign.objects.get(pk=large_pk)
    Campaign.objects.filter(pk=large.pk).update(state="open", opened_at=large.created_at)
    strata = dict(large.strata.values_list("subcategory", "size"))
    walked = {name: size * 95 // 100 for name, size in strata.items()}
    large.memberships.filter(annotator=True).update(walked=walked, assigned=IMAGES * 3 // ANNOTATORS)
    report = Report.objects.filter(campaign__slug="small").latest("pk")
    for number in range(30):
        Report.objects.create(
            campaign=large,
            query=report.query,
            engine_version=report.engine_version,
            seed=number,
            input_hash=report.input_hash,
            figures=report.figures,
        )
    small_release = make_release(Campaign.objects.get(slug="small"), "0.1.0")
    excluded = [{"sha256": f"{n:064x}", "kind": "excluded", "why": "adjudicated"} for n in range(IMAGES // 1000)]
    for number in range(12):
        Release.objects.create(
            campaign=large,
            version=f"1.{number}.0",
            state="done",
            record=small_release.record | {"excluded": excluded},
            report=report,
            folder=f"large-1.{number}.0",
        )
    install_triggers(connection)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    for kind in ("hours", "retest", f"uncertainty-{large.runs.get().pk}"):
        start = time.perf_counter()
        work_out_figures(large, kind)
        print(f"{kind} in the background: {time.perf_counter() - start:.1f} s", file=sys.stderr)


def time_pages() -> list[PageFigure]:
    """Ask for each page as whoever may see it."""
    from django.core.files.base import ContentFile  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.test.utils import setup_test_environment  # noqa: PLC0415

    from annotation.models import Assignment, Campaign, Case, Image, Report, Run  # noqa: PLC0415
    from webapp.accounts.models import User  # noqa: PLC0415

    setup_test_environment()
    logging.disable(logging.CRITICAL)
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = '{PATIENCE * 3:.0f}s'")
    large = Campaign.objects.get(slug="large")
    case = Case.objects.filter(campaign=large, state="open", rule="spread").earliest("pk")
    expert = User.objects.get(username="expert-0")
    own = Assignment.objects.filter(annotator=expert, campaign=large, state="done").latest("finished_at")
    for image in Image.objects.filter(pk__in=[case.image_id, own.image_id]):
        for file in (image.display, image.thumbnail):
            file.storage.save(file.name, ContentFile(b"an image"))
    words = {
        "run": Run.objects.filter(campaign=large).latest("pk").pk,
        "report": Report.objects.filter(campaign=large).latest("pk").pk,
        "image": case.image_id,
        "case": case.pk,
        "image_of_case": case.image_id,
        "own": own.pk,
        "own_image": own.image_id,
        "far": "?page=100",
    }
    figures = []
    for name, paths in PAGES:
        client = Client(HTTP_HOST="127.0.0.1", raise_request_exception=False)
        client.force_login(User.objects.get(username=name))
        for pattern in paths:
            path = pattern.format(**words)
            if ONLY and ONLY not in f"{name} {path}":
                continue
            figure = time_page(client, path)
            figure = replace(figure, name=f"{name} {figure.name}"[:48])
            print(figure.line, file=sys.stderr)
            figures.append(figure)
    return figures


def time_page(client: Any, path: str) -> PageFigure:
    """Ask for a page twenty times, once it was asked for twice."""
    answers = [ask(client, path)]
    if answers[-1].seconds < PATIENCE:
        answers = [ask(client, path) for _ in range(ROUNDS if answers[-1].seconds < 1 else 3)]
    times = sorted(answer.seconds * 1000 for answer in answers)
    p95 = times[min(len(times) - 1, round(0.95 * len(times)))]
    last = answers[-1]
    slow = sorted(last.statements, reverse=True)[:1]
    status = "" if last.status == 200 else f"STATUS {last.status}, "
    notes = f"{status}{len(last.statements)} statements"
    if slow:
        notes += f", the slowest {slow[0][0] * 1000:.0f} ms: {shorten(slow[0][1])}"
    return PageFigure(path, median(times), p95, "ms", TARGET, notes)


def ask(client: Any, path: str) -> Answer:
    """Ask for a page once."""
    from django.db import connection  # noqa: PLC0415

    statements: list[tuple[float, str]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        start = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            statements.append((time.perf_counter() - start, sql))

    with connection.execute_wrapper(note):
        start = time.perf_counter()
        response = client.get(path)
        if response.streaming:
            b"".join(response.streaming_content)
        seconds = time.perf_counter() - start
    return Answer(response.status_code, seconds, statements)


def shorten(sql: str) -> str:
    """Return a statement without its list of columns, as far as a line holds it."""
    sql = re.sub(r"SELECT (?:(?!SELECT).){60,}? FROM", "SELECT … FROM", sql.replace('"', ""), count=1)
    return re.sub(r"annotation_", "", sql)[: int(os.environ.get("BENCH_PAGES_WIDTH") or 160)]

"""The auditor's pages: reports, events, releases."""

from __future__ import annotations

import csv
import io
import tempfile
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotation.actions.agreement import measure_agreement
from annotation.actions.answers import annotate
from annotation.actions.events.record import record
from annotation.actions.reviews import review
from annotation.models import Campaign, Case, Release, Report, Withdrawal
from tests.harness.factories import force_arm, judge, make_answer, make_campaign, make_user, prefill_all
from webapp.accounts.models import User
from webapp.audit.reports.report_tables import TABLES

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(client: Client, arthur: User) -> Client:
    client.force_login(arthur)
    return client


@pytest.fixture
def release(campaign: Campaign, olga: User, tmp_path: Path) -> Release:
    """Be a release of three files beside a file that is not part of it."""
    folder = tmp_path / "0.1.0"
    (folder / "data").mkdir(parents=True)
    (folder / "README.md").write_text("card")
    (folder / "data" / "train.parquet").write_bytes(b"PAR1" * 100)
    (folder / "MANIFEST.sha256").write_text("hashes")
    (tmp_path / "secret").write_text("a secret")
    (folder / "link").symlink_to(tmp_path / "secret")
    return Release.objects.create(
        campaign=campaign, version="0.1.0", state="done", folder=str(folder), requested_by=olga
    )


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def judged(campaign: Campaign, *people: User) -> Report:
    """Let people judge all three images, and compute a report."""
    for number, person in enumerate(people):
        for score in (2, 5, 9):
            judge(campaign, person, score, technical_execution=5, theme_communication=score - 0.5 * number)
    return measure_agreement.measure(campaign, by=None, replicates=20)


def figures(**changes: Any) -> dict[str, Any]:
    values = {"level": "interval", "alpha": 0.5, "interval": [0.25, 0.75], "note": ""}
    return values | {"n_images": 9, "n_answers": 27, "n_raters": 3} | changes


# Agreement.


def test_a_campaign_without_report_says_what_to_do(auditor: Client, campaign: Campaign):
    assert "No report has been computed yet" in read(auditor, "/audit/portraits/agreement/")


def test_a_report_states_every_figure_with_its_counts_and_the_method(auditor: Client, campaign: Campaign):
    Report.objects.create(
        campaign=campaign,
        query={},
        engine_version="engine 7",
        seed=42,
        input_hash="ab" * 32,
        figures={
            "method": "Percentile bootstrap over images",
            "seed": 42,
            "replicates": 1000,
            "confidence": 0.95,
            "n_images": 10,
            "n_answers": 28,
            "n_raters": 3,
            "simulated_raters": 0,
            "attributes": {"composition_design": figures(alpha=0.6123, interval=[0.5011, 0.7])},
            "holistic": figures(),
            "subcategory": figures(level="nominal", alpha=None, interval=None, note="all answers are the same"),
        },
    )
    page = read(auditor, "/audit/portraits/agreement/")
    assert 'class="number">0.612</td><td class="number">0.501 to 0.700</td>' in page
    assert "<td>nominal</td>" in page
    assert "<td>all answers are the same</td>" in page
    for words in ("Percentile bootstrap over images.", "engine 7", "42", "ab" * 32):
        assert words in page
    assert "Simulated experts" not in page


def test_the_agreement_page_shows_the_newest_report_and_the_old_one_keeps_its_address(
    auditor: Client, campaign: Campaign, alice: User, bob: User
):
    old = judged(campaign, alice)
    new = judged(campaign, bob)
    assert f"Report {new.pk} on Portraits" in read(auditor, "/audit/portraits/agreement/")
    assert f"Report {old.pk} on Portraits" in read(auditor, f"/audit/reports/{old.pk}/")


def test_what_cannot_be_computed_says_why(auditor: Client, campaign: Campaign, alice: User, bob: User):
    judged(campaign, alice, bob)
    page = read(auditor, "/audit/portraits/agreement/")
    assert "all answers are the same" in page
    assert "too few images" in page


def test_simulated_raters_are_warned_about(auditor: Client, campaign: Campaign, alice: User):
    campaign.is_demo = True
    campaign.save()
    User.objects.filter(pk=alice.pk).update(simulated=True)
    alice.refresh_from_db()
    judged(campaign, alice)
    assert "Simulated experts." in read(auditor, "/audit/portraits/agreement/")


# Events.


def test_events_show_pseudonyms_to_the_auditor_and_names_to_the_organiser(
    auditor: Client, campaign: Campaign, alice: User, olga: User
):
    judge(campaign, alice)
    seen = read(auditor, "/audit/portraits/events/")
    assert alice.pseudonym in seen
    assert "alice" not in seen
    auditor.force_login(olga)
    assert "alice" in read(auditor, "/audit/portraits/events/")


def test_reports_and_releases_hide_names_from_the_auditor(auditor: Client, release: Release, olga: User):
    measure_agreement.measure(release.campaign, by=olga, replicates=10)
    for page in ("agreement/", "releases/"):
        seen = read(auditor, f"/audit/portraits/{page}")
        assert olga.pseudonym in seen
        assert "olga" not in seen


def test_the_newest_events_come_first_fifty_a_page(auditor: Client, campaign: Campaign):
    for number in range(60):
        record(campaign, f"thing.happened-{number}", campaign, by=None, content=number)
    first, second = (read(auditor, f"/audit/portraits/events/?page={page}") for page in (1, 2))
    assert "thing.happened-59" in first
    assert "thing.happened-9<" not in first
    assert "thing.happened-9<" in second
    assert "Page 1 of 2" in first


def test_the_number_of_queries_does_not_grow_with_the_events(auditor: Client, campaign: Campaign):
    read(auditor, "/audit/portraits/events/")
    before = queries(auditor, "/audit/portraits/events/")
    for number in range(20):
        record(campaign, "thing.happened", campaign, by=make_user(f"person-{number}"), content=number)
    assert queries(auditor, "/audit/portraits/events/") == before


# Releases.


def test_a_release_lists_its_files_with_their_sizes(auditor: Client, release: Release):
    page = read(auditor, "/releases/portraits/0.1.0/")
    assert 'data/train.parquet</a></th><td class="number">400 bytes</td>' in page
    assert "3 files" in page
    assert "link" not in page.partition("<table")[2]


def test_the_zip_holds_all_files_as_they_are(auditor: Client, release: Release):
    answer = auditor.get("/releases/portraits/0.1.0/download/")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="portraits-0.1.0.zip"'
    content = b"".join(answer)
    assert int(answer.headers["Content-Length"]) == len(content)
    with zipfile.ZipFile(io.BytesIO(content)) as bundle:
        assert bundle.testzip() is None
        assert bundle.read("portraits-0.1.0/data/train.parquet") == b"PAR1" * 100
        assert len(bundle.namelist()) == 3
        assert {entry.compress_type for entry in bundle.infolist()} == {zipfile.ZIP_STORED}


def test_the_zip_is_sent_while_it_is_read(auditor: Client, release: Release, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    mebibyte = 1 << 20
    with (Path(release.folder) / "data" / "test.parquet").open("wb") as file:
        file.truncate(64 * mebibyte)
    answer = auditor.get("/releases/portraits/0.1.0/download/")
    tracemalloc.start()
    try:
        length = sum(map(len, answer))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert 64 * mebibyte < length == int(answer.headers["Content-Length"])
    assert peak < 2 * mebibyte


def test_one_file_can_be_downloaded(auditor: Client, release: Release):
    answer = auditor.get("/releases/portraits/0.1.0/files/data/train.parquet")
    assert b"".join(answer) == b"PAR1" * 100


@pytest.mark.parametrize("path", ["../secret", "data/../../secret", "%2e%2e/secret", "/etc/passwd", "link", "data", ""])
def test_nothing_beside_the_release_can_be_reached(auditor: Client, release: Release, path: str):
    assert auditor.get(f"/releases/portraits/0.1.0/files/{path}").status_code == 404


@pytest.mark.parametrize("state", ["building", "failed"])
def test_a_release_that_is_not_finished_has_no_files(auditor: Client, release: Release, state: str):
    Release.objects.update(state=state)
    assert auditor.get("/releases/portraits/0.1.0/").status_code == 404
    assert "0.1.0" in read(auditor, "/audit/portraits/releases/")


def test_a_release_without_folder_shows_nothing_of_the_server(auditor: Client, release: Release):
    Release.objects.update(folder="")
    assert "0 files" in read(auditor, "/releases/portraits/0.1.0/")


def test_an_auditor_is_offered_no_change(auditor: Client, release: Release):
    for page in ("/audit/", "/audit/portraits/agreement/", "/audit/portraits/releases/", "/releases/portraits/0.1.0/"):
        assert "/organiser/" not in read(auditor, page)


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    return len(captured)


def test_a_report_shows_design_raters_arms_and_both_intervals(auditor: Client, alice: User, bob: User, carol: User):
    panel = make_campaign("panel", people=(alice, bob, carol, make_user("dora")), images=6, answers_per_image=4)
    prefill_all(panel)
    for number, membership in enumerate(panel.memberships.annotators().select_related("user")):
        for image in range(6):
            force_arm(panel, **({"blind": 100} if image % 2 else {"reveal": 100}))
            done = judge(panel, membership.user, 2 + image + number / 2)
            if done.state == "committed":
                annotate.revise(done, make_answer(5), by=membership.user)
    report = measure_agreement.measure(panel, by=None, replicates=100)
    assert report.figures["attributes"]["overall_gestalt"]["interval_raters_like_these"] is not None
    assert report.figures["arms"]["overall_gestalt"]["reveal"]["n_shown"] > 0
    page = auditor.get(f"/audit/reports/{report.pk}/").content.decode()
    for words in (
        "Raters like these",
        "Images in common",
        "Decision study",
        "Alpha without",
        "Anchoring: how far the model moves people",
        "Scores by subcategory",
        "The model against the experts",
    ):
        assert words in page, words
    table = csv_of(auditor, report, "agreement")
    assert table[0].startswith("name,level,alpha,low,high,wide_low,wide_high")
    assert len(table) == 11


def csv_of(client: Client, report: Report, table: str) -> list[str]:
    answer = client.get(f"/audit/reports/{report.pk}/{table}.csv")
    assert answer.status_code == 200
    return answer.content.decode().splitlines()


@pytest.fixture
def report(alice: User, bob: User, carol: User) -> Report:
    """Be a report on four images that three people judged differently, twice in one part of the scale."""
    # Any difference opens a case, whoever was handed which image first.
    panel = make_campaign("panel", people=(alice, bob, carol), images=4, answers_per_image=3, case_spread=1)
    for number, person in enumerate((alice, bob, carol)):
        for image in range(4):
            judge(panel, person, 2 + image + number / 2)
    return measure_agreement.measure(panel, by=None, replicates=20)


def test_each_table_can_be_downloaded_with_the_heads_of_its_columns(auditor: Client, report: Report):
    for table in TABLES:
        head, *rows = list(csv.reader(csv_of(auditor, report, table)))
        assert all(len(row) == len(head) for row in rows)
        # Nobody was shown a model, nobody is left out, and four images are too few for shifts between categories.
        assert rows or table in ("model", "arms", "without", "meaning"), table


def test_a_table_that_does_not_exist_is_not_found(auditor: Client, report: Report):
    assert auditor.get(f"/audit/reports/{report.pk}/passwords.csv").status_code == 404
    assert auditor.get(f"/audit/reports/{report.pk}/methods-tlh.txt").status_code == 404


def test_the_methods_paragraph_is_sent_in_both_languages_whatever_the_reader_speaks(auditor: Client, report: Report):
    english = auditor.get(f"/audit/reports/{report.pk}/methods-en.txt", headers={"Accept-Language": "zh-hans"})
    chinese = auditor.get(f"/audit/reports/{report.pk}/methods-zh-hans.txt")
    assert english.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert english.content.decode().startswith("3 raters gave 12 answers on 4 images in the campaign “Panel”")
    assert "3 位评分者" in chinese.content.decode()
    assert "alpha is" not in chinese.content.decode()


def test_a_field_and_a_way_to_split_can_be_chosen_by_address(auditor: Client, report: Report):
    page = read(auditor, f"/audit/reports/{report.pk}/?field=overall_gestalt&by=period")
    assert '<option value="overall_gestalt" selected>Overall Gestalt</option>' in page
    assert 'by=period#parts" aria-current="true"' in page
    assert "selected>Holistic score" in read(auditor, f"/audit/reports/{report.pk}/?field=nonsense&by=nonsense")


def test_the_widest_disagreement_leads_to_the_image_with_its_answers(auditor: Client, report: Report):
    page = read(auditor, f"/audit/reports/{report.pk}/")
    image = report.campaign.images.get(sha256=report.figures["widest"][0]["image"])
    assert f'href="/audit/panel/images/{image.pk}/"' in page
    assert auditor.get(f"/audit/panel/images/{image.pk}/").status_code == 200


def test_an_old_report_shows_what_it_has_and_says_what_it_lacks(auditor: Client, report: Report):
    kept = ("method", "seed", "replicates", "confidence", "n_images", "n_answers", "n_raters", "simulated_raters")
    fields = ("attributes", "holistic", "subcategory")
    slim = {key: report.figures[key] for key in (*kept, *fields)}
    slim["holistic"] = {key: value for key, value in slim["holistic"].items() if key != "details"}
    old = Report.objects.create(
        campaign=report.campaign, query={}, engine_version="old", seed=1, input_hash="", figures=slim
    )
    page = read(auditor, f"/audit/reports/{old.pk}/")
    for words in ("before its design was kept", "before parts of the campaign were measured", "before distributions"):
        assert words in page


def test_the_number_of_queries_does_not_grow_with_the_answers(auditor: Client, report: Report, alice: User):
    first = report.campaign.images.get(sha256=report.figures["widest"][0]["image"])
    address, image = f"/audit/reports/{report.pk}/", f"/audit/panel/images/{first.pk}/"
    read(auditor, address)
    before = [queries(auditor, each) for each in (address, image)]
    larger = make_campaign(
        "larger",
        people=(alice, *(make_user(f"p{n}") for n in range(4))),
        images=2,
        answers_per_image=5,
        case_spread=1,
    )
    for number, membership in enumerate(larger.memberships.annotators().select_related("user")):
        for score in (2, 8):
            judge(larger, membership.user, score + number % 3 / 2)
    new = measure_agreement.measure(larger, by=None, replicates=20)
    images = [f"/audit/larger/images/{larger.images.all()[0].pk}/"]
    assert [queries(auditor, each) for each in (f"/audit/reports/{new.pk}/", *images)] == before


# One image.


def test_an_image_shows_first_and_final_answers_under_pseudonyms(auditor: Client, alice: User, bob: User):
    panel = make_campaign("panel", people=(alice, bob), images=1, answers_per_image=2)
    prefill_all(panel)
    force_arm(panel, reveal=100)
    done = judge(panel, alice, 4)
    annotate.revise(done, make_answer(6), by=alice)
    force_arm(panel, blind=100)
    judge(panel, bob, 8.5)
    page = read(auditor, f"/audit/panel/images/{done.image_id}/")
    assert "<td>reveal</td><td>blind</td>" in page
    assert "4.0 <span" in page
    assert "<strong>6.0</strong>" in page
    assert "8.5 </td>" in page
    assert "My own words on overall_gestalt." in page
    assert "the model proposes a heron" in page
    assert alice.pseudonym in page
    assert "alice" not in page.partition("<main")[2]


def test_an_image_shows_what_was_adjudicated_and_what_stays_out_of_the_figures(
    auditor: Client, campaign: Campaign, alice: User, rita: User
):
    done = judge(campaign, alice, 7)
    case = Case.objects.create(campaign=campaign, image=done.image, rule="spread", disputed=["overall_gestalt"])
    review.adjudicate_case(case, by=rita, cause="taste", reason="Seen anew.", scores={"overall_gestalt": 3.5})
    Withdrawal.objects.create(campaign=campaign, person=alice, reason="consent")
    page = read(auditor, f"/audit/portraits/images/{done.image_id}/")
    assert "Seen anew." in page
    assert '<dd class="big">3.5</dd>' in page
    assert rita.pseudonym in page
    assert "withdrawn" in page


def test_an_image_of_another_campaign_is_not_found(auditor: Client, campaign: Campaign):
    other = make_campaign("other", images=1).images.get()
    assert auditor.get(f"/audit/portraits/images/{other.pk}/").status_code == 404

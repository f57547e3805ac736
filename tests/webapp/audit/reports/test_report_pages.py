"""Reports of agreement: pages, tables, the methods paragraph."""

from __future__ import annotations

import csv

import pytest
from django.test import Client

from annotation.actions.agreement.inputs import take_cut_off
from annotation.actions.agreement.measure_agreement import measure_agreement
from annotation.actions.answers import annotate
from annotation.models import Campaign, Release, Report
from tests.harness.factories import force_arm, judge, make_campaign, make_content, make_user, prefill_all
from tests.webapp.audit.reading import csv_of, figures, judged, queries, read
from webapp.accounts.models import User
from webapp.audit.reports.report_tables import TABLES

pytestmark = pytest.mark.django_db


def test_a_campaign_without_report_says_what_to_do(auditor: Client, campaign: Campaign):
    assert "No report has been computed yet" in read(auditor, "/audit/portraits/agreement/")


def test_a_report_states_every_figure_with_its_counts_and_the_method(auditor: Client, campaign: Campaign):
    Report.objects.create(
        campaign=campaign,
        query={"as_of": take_cut_off(campaign), "scope": {}},
        engine_version="engine 7",
        seed=42,
        input_hash="ab" * 32,
        figures={
            "method": "Percentile bootstrap over images",
            "seed": 42,
            "replicates": 1000,
            "confidence": 0.95,
            "n_images": 10,
            "n_annotations": 28,
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


def test_reports_and_releases_hide_names_from_the_auditor(auditor: Client, release: Release, olga: User):
    measure_agreement(release.campaign, by=olga, replicates=10)
    for page in ("agreement/", "releases/"):
        text = read(auditor, f"/audit/portraits/{page}")
        assert olga.pseudonym in text
        assert "olga" not in text


def test_a_report_shows_design_raters_arms_and_both_intervals(auditor: Client, alice: User, bob: User, carol: User):
    panel = make_campaign("panel", people=(alice, bob, carol, make_user("dora")), images=6, annotations_per_image=4)
    prefill_all(panel)
    for number, membership in enumerate(panel.memberships.annotators().select_related("user")):
        for image in range(6):
            force_arm(panel, **({"blind": 100} if image % 2 else {"reveal": 100}))
            annotation = judge(panel, membership.user, 2 + image + number / 2)
            if annotation.state == "committed":
                annotate.revise_annotation(annotation, make_content(5), by=membership.user)
    report = measure_agreement(panel, by=None, replicates=100)
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
    keys = ("method", "seed", "replicates", "confidence", "n_images", "n_annotations", "n_raters", "simulated_raters")
    fields = ("attributes", "holistic", "subcategory")
    slim = {key: report.figures[key] for key in (*keys, *fields)}
    slim["holistic"] = {key: value for key, value in slim["holistic"].items() if key != "details"}
    old = Report.objects.create(
        campaign=report.campaign,
        query={"as_of": take_cut_off(report.campaign), "scope": {}},
        engine_version="old",
        seed=1,
        input_hash="",
        figures=slim,
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
        annotations_per_image=5,
        case_spread=1,
    )
    for number, membership in enumerate(larger.memberships.annotators().select_related("user")):
        for score in (2, 8):
            judge(larger, membership.user, score + number % 3 / 2)
    new = measure_agreement(larger, by=None, replicates=20)
    images = [f"/audit/larger/images/{larger.images.all()[0].pk}/"]
    assert [queries(auditor, each) for each in (f"/audit/reports/{new.pk}/", *images)] == before
